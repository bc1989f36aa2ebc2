//! Capture and recapture: how many identifiers neither of two detectors found.
//!
//! If two detectors miss independently, the share of the second's finds that the first found too is the share of all
//! that the first finds. Chapman's estimator (1951) is nearly unbiased for small counts; its interval is the log-normal
//! one of Chao (1987), which never goes below what was seen. Where detectors miss the same things, which they do, the
//! estimate is too small; where the second is wrong, it is too large.

use serde::{Deserialize, Serialize};

use super::interval;
use crate::manifest::Interval;
use crate::origin::{NORMAL_QUANTILE, wilson};

/// Identifiers of one kind in the text before it was de-identified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caught {
    /// Found by the engine, and so replaced.
    pub engine: u64,
    /// Found by the second detector.
    pub second: u64,
    /// Found by both.
    pub both: u64,
    /// Estimate of how many the engine missed.
    pub missed: Interval,
}

/// Counts of finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Finds {
    /// By the engine.
    pub engine: u64,
    /// By both.
    pub both: u64,
    /// By the second detector alone.
    pub second_alone: u64,
}

/// An estimate with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Finds {
    /// Adds other counts.
    pub fn add(&mut self, other: &Finds) {
        self.engine += other.engine;
        self.both += other.both;
        self.second_alone += other.second_alone;
    }

    /// How many the engine missed: those that the second found alone, and about as many as neither found.
    ///
    /// The upper end is no lower than what Wilson's interval of the share found by both allows: an estimate from few
    /// finds must not look sure because they all agree. Without a find of the engine there is nothing to compare, and
    /// the finds of the second are the least that was missed.
    pub fn missed(&self) -> Estimate {
        let (engine, both, alone) = (self.engine as f64, self.both as f64, self.second_alone as f64);
        let second = both + alone;
        let total = (engine + 1.0) * (second + 1.0) / (both + 1.0) - 1.0;
        let unseen = (total - (engine + alone)).max(0.0);
        let variance = (engine + 1.0) * (second + 1.0) * (engine - both) * alone
            / ((both + 1.0) * (both + 1.0) * (both + 2.0));
        let factor = if unseen > 0.0 {
            (NORMAL_QUANTILE * (1.0 + variance / (unseen * unseen)).ln().sqrt()).exp()
        } else {
            1.0
        };
        let mut high = alone + unseen * factor;
        if second > 0.0 && engine > 0.0 {
            let found_least = wilson(both / second, second).low;
            // With nothing found by both the share may be nothing, and there is no upper end to give.
            if found_least > 0.0 {
                high = high.max(engine * (1.0 / found_least - 1.0));
            }
        }
        Estimate { value: alone + unseen, low: alone + unseen / factor, high }
    }

    pub(crate) fn caught(&self) -> Caught {
        let missed = self.missed();
        Caught {
            engine: self.engine,
            second: self.both + self.second_alone,
            both: self.both,
            missed: interval(missed.value, missed.low, missed.high),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn missed(engine: u64, both: u64, second_alone: u64) -> Estimate {
        Finds { engine, both, second_alone }.missed()
    }

    #[test]
    fn the_estimate_is_chapmans() {
        // 50 marked, 40 caught again, 20 of them marked: (51 · 41 / 21) − 1 = 98.571 in all.
        let estimate = missed(50, 20, 20);
        assert!((estimate.value - (98.571 - 50.0)).abs() < 0.001, "{estimate:?}");
        // Chapman's variance is 51 · 41 · 30 · 20 / (21² · 22) = 129.31, which around 28.571 unseen is a factor of 2.120.
        assert!((estimate.low - (20.0 + 28.571 / 2.120)).abs() < 0.01, "{estimate:?}");
        // Wilson's interval of 20 of 40 begins at 0.3520: 50 / 0.3520 − 50 is more than 20 + 28.571 · 2.120.
        assert!((estimate.high - 92.05).abs() < 0.1, "{estimate:?}");
    }

    #[test]
    fn agreement_on_few_finds_is_not_certainty() {
        let estimate = missed(100, 10, 0);
        assert!(estimate.value == 0.0 && estimate.low == 0.0 && estimate.high > 30.0, "{estimate:?}");
        let more = missed(1000, 500, 0);
        assert!(more.high < 10.0, "{more:?}");
    }

    #[test]
    fn without_the_engine_the_finds_of_the_second_are_the_least() {
        assert_eq!(missed(0, 0, 7), Estimate { value: 7.0, low: 7.0, high: 7.0 });
        assert_eq!(missed(0, 0, 0), Estimate { value: 0.0, low: 0.0, high: 0.0 });
    }

    /// A detector that finds 80 % and one that finds 50 %, of 2,000: about 400 are missed.
    #[test]
    fn what_two_known_detectors_miss_is_estimated() {
        let (mut finds, mut state) = (Finds::default(), 1_u64);
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1_u32 << 31)
        };
        let mut truth = 0;
        for _ in 0..2_000 {
            let (first, second) = (draw() < 0.8, draw() < 0.5);
            finds.add(&Finds {
                engine: first.into(),
                both: (first && second).into(),
                second_alone: (!first && second).into(),
            });
            truth += u64::from(!first);
        }
        let estimate = finds.missed();
        assert!((estimate.low..estimate.high).contains(&(truth as f64)), "{truth} {estimate:?}");
        assert!(estimate.high - estimate.low < 150.0, "{estimate:?}");
    }

    proptest! {
        #[test]
        fn the_estimate_lies_in_its_interval_and_counts_what_was_seen(
            engine in 0..500_u64, share in 0.0..1.0_f64, alone in 0..500_u64,
        ) {
            let estimate = missed(engine, (engine as f64 * share) as u64, alone);
            prop_assert!(estimate.low <= estimate.value + 1e-9 && estimate.value <= estimate.high + 1e-9);
            prop_assert!(estimate.low >= alone as f64 - 1e-9 && estimate.high.is_finite());
        }
    }
}
