//! A share of bytes with an interval that says how much of it is chance.

/// The 0.975 quantile of the normal distribution.
pub(crate) const NORMAL_QUANTILE: f64 = 1.959_964;

/// Sums over conversations, from which a share is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShareSum {
    conversations: u64,
    part: u128,
    whole: u128,
    whole_squares: u128,
}

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

impl ShareSum {
    /// Adds a conversation of which `part` of `whole` bytes count; one without bytes says nothing.
    pub fn add(&mut self, part: u64, whole: u64) {
        if whole > 0 {
            self.conversations += 1;
            self.part += u128::from(part.min(whole));
            self.whole += u128::from(whole);
            self.whole_squares += u128::from(whole) * u128::from(whole);
        }
    }

    /// Conversations with bytes.
    pub fn conversations(&self) -> u64 {
        self.conversations
    }

    /// The share, or `None` if there is nothing to share.
    ///
    /// The interval is Wilson's (1927) with as many observations as the conversations are worth by their lengths
    /// (Kish's effective sample size). Taking each conversation as wholly one or the other is the most that shares
    /// inside conversations can vary, so the interval is rather too wide; and it stays honest at 0 and 1, where a
    /// bootstrap has no width.
    pub fn share(&self) -> Option<Share> {
        if self.whole == 0 {
            return None;
        }
        let (part, whole, squares) = (self.part as f64, self.whole as f64, self.whole_squares as f64);
        Some(wilson(part / whole, whole * whole / squares))
    }
}

/// Wilson's interval of a share of `count` observations, which are more than none.
pub(crate) fn wilson(value: f64, count: f64) -> Share {
    let square = NORMAL_QUANTILE * NORMAL_QUANTILE / count;
    let middle = (value + square / 2.0) / (1.0 + square);
    let spread = (value * (1.0 - value) * square + square * square / 4.0).sqrt() / (1.0 + square);
    Share { value, low: (middle - spread).max(0.0), high: (middle + spread).min(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn share(parts: &[(u64, u64)]) -> Share {
        let mut sum = ShareSum::default();
        parts.iter().for_each(|(part, whole)| sum.add(*part, *whole));
        sum.share().unwrap()
    }

    #[test]
    fn the_interval_is_wilsons_for_conversations_of_equal_length() {
        // 8 of 10: the textbook's 0.490 to 0.943.
        let parts: Vec<_> = (0..10).map(|n| (if n < 8 { 7 } else { 0 }, 7)).collect();
        let share = share(&parts);
        assert_eq!(format!("{:.3} {:.3} {:.3}", share.value, share.low, share.high), "0.800 0.490 0.943");
    }

    #[test]
    fn one_long_conversation_says_little() {
        let long = share(&[(1_000_000, 1_000_000), (1, 1), (1, 1)]);
        assert!(long.low < 0.3 && long.high == 1.0, "{long:?}");
        assert!(ShareSum::default().share().is_none());
    }

    proptest! {
        #[test]
        fn the_share_is_in_its_interval(parts in proptest::collection::vec((0..90_u64, 1..90_u64), 1..40)) {
            let share = share(&parts);
            prop_assert!(0.0 <= share.low && share.low <= share.value + 1e-12);
            prop_assert!(share.value <= share.high + 1e-12 && share.high <= 1.0);
        }
    }
}
