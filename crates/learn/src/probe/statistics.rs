//! Figures with intervals.

use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF as _, StudentsT};

/// The 0.975 quantile of the normal distribution.
const NORMAL_QUANTILE: f64 = 1.959_963_985;
/// Halvings of a range while a bound is looked for: far below what is printed.
const HALVINGS: usize = 60;

/// A figure with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// The figure.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Cases that it stands on.
    pub cases: usize,
}

impl Figure {
    /// Whether the interval lies wholly below a value.
    pub fn is_below(&self, value: f64) -> bool {
        self.high < value
    }

    /// Whether the interval lies wholly above a value.
    pub fn is_above(&self, value: f64) -> bool {
        self.low > value
    }
}

/// Sum of the first numbers over the sum of the second, each pair from an independent case.
///
/// The interval is Student's, with the standard error of the delete-one jackknife (Efron and Stein 1981). None with
/// fewer than two cases or nothing to divide by.
pub fn ratio(cases: &[(f64, f64)]) -> Option<Figure> {
    let (top, bottom) = cases.iter().fold((0.0, 0.0), |sum, case| (sum.0 + case.0, sum.1 + case.1));
    let count = cases.len() as f64;
    let without: Vec<f64> = cases.iter().map(|case| (top - case.0) / (bottom - case.1)).collect();
    if cases.len() < 2 || without.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mean = without.iter().sum::<f64>() / count;
    let squares: f64 = without.iter().map(|value| (value - mean).powi(2)).sum();
    let error = (squares * (count - 1.0) / count).sqrt();
    let quantile = StudentsT::new(0.0, 1.0, count - 1.0).map_or(f64::INFINITY, |t| t.inverse_cdf(0.975));
    let value = top / bottom;
    let reach = quantile * error;
    Some(Figure { value, low: value - reach, high: value + reach, cases: cases.len() })
}

/// A share of cases, with Wilson's interval (1927), which holds for few cases and for none found. None without cases.
pub fn share(found: usize, cases: usize) -> Option<Figure> {
    if cases == 0 {
        return None;
    }
    let (count, share) = (cases as f64, found as f64 / cases as f64);
    let square = NORMAL_QUANTILE.powi(2) / count;
    let middle = (share + square / 2.0) / (1.0 + square);
    let reach =
        (share * (1.0 - share) / count + square / count / 4.0).sqrt() * NORMAL_QUANTILE / (1.0 + square);
    let (low, high) = ((middle - reach).max(0.0), (middle + reach).min(1.0));
    Some(Figure { value: share, low: low.min(share), high: high.max(share), cases })
}

/// The chance that a score drawn from the first lies above one drawn from the second; ties count half. This is the
/// area under the receiver operating characteristic: 0.5 means that they cannot be told apart.
///
/// The interval is Newcombe's (Statistics in Medicine 25, 2006, method 5), which holds near 0 and 1. None if either is
/// empty.
pub(super) fn area(above: &[f64], below: &[f64]) -> Option<Figure> {
    if above.is_empty() || below.is_empty() {
        return None;
    }
    let mut sorted = below.to_vec();
    sorted.sort_by(f64::total_cmp);
    let beaten = |score: &f64| {
        let lower = sorted.partition_point(|other| other.total_cmp(score).is_lt());
        let not_higher = sorted.partition_point(|other| other.total_cmp(score).is_le());
        (lower + not_higher) as f64 / 2.0
    };
    let pairs = (above.len() * below.len()) as f64;
    let value = above.iter().map(beaten).sum::<f64>() / pairs;
    let cases = (above.len(), below.len());
    let (low, high) = (area_bound(value, cases, 0.0), area_bound(value, cases, 1.0));
    Some(Figure { value, low, high, cases: cases.0 + cases.1 })
}

/// The area between `value` and `end` from which `value` is as far as the interval reaches.
fn area_bound(value: f64, (above, below): (usize, usize), end: f64) -> f64 {
    let (above, below) = (above as f64, below as f64);
    let others = f64::midpoint(above, below) - 1.0;
    let reach = |area: f64| {
        let spread = 1.0 + others * ((1.0 - area) / (2.0 - area) + area / (1.0 + area));
        NORMAL_QUANTILE * (area * (1.0 - area) * spread / (above * below)).sqrt()
    };
    let (mut near, mut far) = (value, end);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(near, far);
        if (middle - value).abs() <= reach(middle) { near = middle } else { far = middle }
    }
    near
}

/// The chance that as much or more would be seen together if each of these, each a chance by itself, were an accident:
/// Fisher's method (1932). 1 without any.
pub(super) fn combined_chance(chances: &[f64]) -> f64 {
    let sum: f64 = chances.iter().map(|chance| -2.0 * chance.max(f64::MIN_POSITIVE).ln()).sum();
    ChiSquared::new(2.0 * chances.len() as f64).map_or(1.0, |distribution| distribution.sf(sum))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;
    use proptest::prelude::*;

    #[test]
    fn a_ratio_of_equal_cases_is_certain() {
        let figure = ratio(&[(2.0, 4.0), (2.0, 4.0), (2.0, 4.0)]).unwrap();
        assert_eq!((figure.value, figure.low, figure.high, figure.cases), (0.5, 0.5, 0.5, 3));
        assert!(ratio(&[(1.0, 2.0)]).is_none() && ratio(&[(1.0, 0.0), (1.0, 0.0)]).is_none());
    }

    #[test]
    fn the_mean_of_numbers_has_students_interval() {
        // Mean 3, standard error of the mean sqrt(2.5 / 5), quantile 2.776 with four degrees of freedom.
        let figure = ratio(&[1.0, 2.0, 3.0, 4.0, 5.0].map(|value| (value, 1.0))).unwrap();
        let reach = 2.776_445 * (2.5_f64 / 5.0).sqrt();
        assert!((figure.high - 3.0 - reach).abs() < 1e-4 && (3.0 - figure.low - reach).abs() < 1e-4);
    }

    #[test]
    fn a_share_of_none_still_has_an_interval() {
        let figure = share(0, 10).unwrap();
        // Wilson: z²/(n + z²).
        assert!((figure.high - 3.8415 / 13.8415).abs() < 1e-3 && figure.low == 0.0);
        assert!(share(0, 0).is_none());
    }

    #[test]
    fn areas_are_those_counted_by_hand() {
        assert_eq!(area(&[3.0, 4.0], &[1.0, 2.0]).unwrap().value, 1.0);
        assert_eq!(area(&[1.0, 1.0], &[1.0]).unwrap().value, 0.5);
        assert_eq!(area(&[1.0, 3.0], &[2.0]).unwrap().value, 0.5);
        assert!(area(&[], &[1.0]).is_none());
        let certain = area(&[1.0; 20], &[0.0; 20]).unwrap();
        assert!(certain.low < 0.95 && certain.low > 0.75 && certain.high == 1.0, "{certain:?}");
    }

    #[test]
    fn intervals_of_areas_hold_their_word() {
        let mut chance = Chance::new(1, "areas", 0);
        // Both from the same distribution, so that the area is 0.5.
        let mut draw = |count: usize| (0..count).map(|_| f64::from(chance.normal())).collect::<Vec<_>>();
        let covers = (0..400).filter(|_| {
            let figure = area(&draw(40), &draw(15)).unwrap();
            figure.low <= 0.5 && 0.5 <= figure.high
        });
        let covers = covers.count();
        assert!((368..=398).contains(&covers), "{covers} of 400");
    }

    #[test]
    fn accidents_combine_to_an_accident_and_a_rare_thing_stands_out() {
        assert!((combined_chance(&[0.5]) - 0.5).abs() < 1e-9);
        assert!(combined_chance(&[0.4, 0.6, 0.5, 0.7]) > 0.5);
        assert!(combined_chance(&[0.001, 0.6, 0.002, 0.7]) < 0.001);
        assert_eq!(combined_chance(&[]), 1.0);
    }

    proptest! {
        #[test]
        fn a_figure_lies_in_its_interval(found in 0..50_usize, more in 1..50_usize) {
            let figure = share(found, found + more).unwrap();
            prop_assert!(figure.low <= figure.value && figure.value <= figure.high);
            let scores = |count: usize, step: usize| (0..count).map(|at| (at * step % 17) as f64).collect::<Vec<_>>();
            let figure = area(&scores(found + 1, 5), &scores(more, 3)).unwrap();
            prop_assert!(figure.low <= figure.value && figure.value <= figure.high, "{figure:?}");
        }
    }
}
