//! Shares with intervals that say how much of them is chance.

/// The 0.975 quantile of the normal distribution.
const NORMAL_QUANTILE: f64 = 1.959_964;

/// A share, 0 to 1, with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The share.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Share {
    /// The share of `part` in `whole` cases, with Wilson's interval (1927), which holds at 0 and 1 and for few cases.
    ///
    /// `None` without cases.
    pub fn of(part: u64, whole: u64) -> Option<Self> {
        (whole > 0).then(|| Self::wilson(part as f64 / whole as f64, whole as f64))
    }

    /// The F measure of a precision and a recall, which `beta` weighs: 2 counts recall four times.
    ///
    /// Its ends are the measures of both lower and of both upper ends. F grows with both, so the interval holds both
    /// where they hold at once and is rather too wide.
    pub fn f_measure(precision: Option<Self>, recall: Option<Self>, beta: f64) -> Option<Self> {
        let (precision, recall) = (precision?, recall?);
        let measure = |precision: f64, recall: f64| {
            let below = beta * beta * precision + recall;
            if below > 0.0 { (1.0 + beta * beta) * precision * recall / below } else { 0.0 }
        };
        Some(Self {
            value: measure(precision.value, recall.value),
            low: measure(precision.low, recall.low),
            high: measure(precision.high, recall.high),
        })
    }

    fn wilson(value: f64, count: f64) -> Self {
        let square = NORMAL_QUANTILE * NORMAL_QUANTILE / count;
        let middle = (value + square / 2.0) / (1.0 + square);
        let spread = (value * (1.0 - value) * square + square * square / 4.0).sqrt() / (1.0 + square);
        Self { value, low: (middle - spread).clamp(0.0, value), high: (middle + spread).clamp(value, 1.0) }
    }
}

/// Sums over stretches of text, of which a part each counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Characters that count.
    pub part: u64,
    /// Characters.
    pub whole: u64,
    squares: u128,
}

impl Sum {
    /// Adds a stretch.
    pub(super) fn add(&mut self, part: u64, whole: u64) {
        self.part += part;
        self.whole += whole;
        self.squares += u128::from(whole) * u128::from(whole);
    }

    /// The share of characters that count; `None` without characters.
    ///
    /// Characters of one stretch stand or fall together, so the interval is Wilson's for as many observations as the
    /// stretches are worth by their lengths (Kish's effective sample size).
    pub fn share(&self) -> Option<Share> {
        if self.whole == 0 {
            return None;
        }
        let whole = self.whole as f64;
        Some(Share::wilson(self.part as f64 / whole, whole * whole / self.squares as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(share: Option<Share>, wanted: [f64; 3]) {
        let share = share.unwrap();
        for (found, wanted) in [share.value, share.low, share.high].into_iter().zip(wanted) {
            assert!((found - wanted).abs() < 5e-5, "{share:?}, not {wanted}");
        }
    }

    #[test]
    fn intervals_are_wilsons() {
        // Computed by hand: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).
        near(Share::of(8, 10), [0.8, 0.4902, 0.9433]);
        near(Share::of(0, 10), [0.0, 0.0, 0.2775]);
        near(Share::of(10, 10), [1.0, 0.7225, 1.0]);
        assert_eq!(Share::of(0, 0), None);
    }

    #[test]
    fn stretches_of_equal_length_count_as_one_case_each() {
        let mut sum = Sum::default();
        (0..8).for_each(|_| sum.add(5, 5));
        (0..2).for_each(|_| sum.add(0, 5));
        assert_eq!(sum.share(), Share::of(8, 10));
    }

    #[test]
    fn f_measures_weigh_recall_as_asked() {
        let fixed = |value| Some(Share { value, low: value, high: value });
        let f = |beta| Share::f_measure(fixed(0.5), fixed(0.8), beta).unwrap().value;
        assert!((f(1.0) - 0.8 / 1.3).abs() < 1e-12);
        assert!((f(2.0) - 5.0 * 0.4 / 2.8).abs() < 1e-12);
        assert_eq!(Share::f_measure(fixed(0.0), fixed(0.0), 1.0).unwrap().value, 0.0);
    }
}
