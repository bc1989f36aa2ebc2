//! The order in which text is learned: each epoch draws rows, puts them in another order, one after the other, and cuts
//! them into windows of the model's length. Which windows a step has follows from its number alone.

use candor_release::origin::SAMPLING_FULL;

use crate::chance::Chance;
use crate::load::Row;
use crate::model::ModelError;
use crate::vocabulary::Vocabulary;

/// The rows as tokens.
pub(super) struct Windows {
    rows: Vec<Drawn>,
    context: usize,
    seed: u64,
    /// The epoch that was asked for last: steps come one after the other.
    epoch: Epoch,
}

/// A row, and when it is drawn.
struct Drawn {
    tokens: Vec<u32>,
    sampling_permille: u64,
    /// Where its count begins, below [`SAMPLING_FULL`].
    phase: u64,
}

/// Which rows an epoch has, in which order.
struct Epoch {
    number: u64,
    /// The number of its first window, through all epochs.
    begins: usize,
    order: Vec<usize>,
    tokens: usize,
}

impl Windows {
    /// The windows of rows of which one at least is drawn in some epoch.
    pub(super) fn new(
        rows: &[&Row],
        vocabulary: &Vocabulary,
        context: usize,
        seed: u64,
    ) -> Result<Self, ModelError> {
        let drawn = |row: &&Row| {
            let phase = Chance::new(seed, "phase", row.number).below(SAMPLING_FULL as usize) as u64;
            let sampling_permille = u64::from(row.sampling_permille.min(SAMPLING_FULL));
            Ok(Drawn { tokens: vocabulary.encode(&row.messages)?.tokens, sampling_permille, phase })
        };
        let rows = rows.iter().map(drawn).collect::<Result<Vec<_>, ModelError>>()?;
        let epoch = epoch(&rows, seed, 0, 0);
        Ok(Self { rows, context, seed, epoch })
    }

    /// Tokens of an epoch, on average.
    pub(super) fn tokens(&self) -> u64 {
        let weighted = |row: &Drawn| row.tokens.len() as u64 * row.sampling_permille;
        self.rows.iter().map(weighted).sum::<u64>() / u64::from(SAMPLING_FULL)
    }

    /// The windows of a step; each has one token more than the context, since each token but the first is to be
    /// foreseen.
    pub(super) fn batch(&mut self, step: u32, size: usize) -> Vec<Vec<u32>> {
        let first = step as usize * size;
        (first..first + size).map(|at| self.window(at)).collect()
    }

    /// A window by its number through all epochs.
    fn window(&mut self, at: usize) -> Vec<u32> {
        if at < self.epoch.begins {
            self.epoch = epoch(&self.rows, self.seed, 0, 0);
        }
        // Some epoch has a row, and all a thousand later epochs together have each of them.
        while at >= self.epoch.begins + self.epoch.tokens.div_ceil(self.context) {
            let begins = self.epoch.begins + self.epoch.tokens.div_ceil(self.context);
            self.epoch = epoch(&self.rows, self.seed, self.epoch.number + 1, begins);
        }
        let start = (at - self.epoch.begins) * self.context;
        self.text(start)
    }

    /// Tokens from a place of the epoch on; after its last row comes its first again.
    fn text(&self, start: usize) -> Vec<u32> {
        let mut skip = start;
        let mut window = Vec::with_capacity(self.context + 1);
        for row in self.epoch.order.iter().cycle().map(|row| &self.rows[*row].tokens) {
            if window.len() > self.context {
                break;
            }
            let from = skip.min(row.len());
            skip -= from;
            let wanted = self.context + 1 - window.len();
            window.extend(row[from..].iter().take(wanted));
        }
        window
    }
}

fn epoch(rows: &[Drawn], seed: u64, number: u64, begins: usize) -> Epoch {
    let mut order: Vec<usize> = (0..rows.len()).filter(|row| rows[*row].is_in(number)).collect();
    Chance::new(seed, "order", number).shuffle(&mut order);
    let tokens = order.iter().map(|row| rows[*row].tokens.len()).sum();
    Epoch { number, begins, order, tokens }
}

impl Drawn {
    /// Whether the row is in an epoch. Its sampling adds up from epoch to epoch, and it is drawn whenever the sum passes
    /// a whole: after any number of epochs it was drawn as often as it should, rounded up or down. The phase, by
    /// chance, keeps rows of one sampling from being drawn in the same epochs.
    fn is_in(&self, epoch: u64) -> bool {
        let wholes = |epochs: u64| (epochs * self.sampling_permille + self.phase) / u64::from(SAMPLING_FULL);
        wholes(epoch + 1) > wholes(epoch)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn windows(samplings: &[u32], seed: u64) -> Windows {
        let row = |(number, permille): (usize, &u32)| {
            let phase = Chance::new(seed, "phase", number as u64).below(1_000) as u64;
            Drawn { tokens: vec![number as u32; 5], sampling_permille: u64::from(*permille), phase }
        };
        let rows: Vec<Drawn> = samplings.iter().enumerate().map(row).collect();
        let epoch = epoch(&rows, seed, 0, 0);
        Windows { rows, context: 5, seed, epoch }
    }

    proptest! {
        #[test]
        fn after_any_number_of_epochs_a_row_was_drawn_as_often_as_its_sampling_says_to_within_one(
            permille in 0_u64..=1_000, phase in 0_u64..1_000, epochs in 0_u64..5_000,
        ) {
            let row = Drawn { tokens: Vec::new(), sampling_permille: permille, phase };
            let drawn = (0..epochs).filter(|epoch| row.is_in(*epoch)).count() as u64;
            let thousandths = epochs * permille;
            prop_assert!((thousandths / 1_000..=thousandths.div_ceil(1_000)).contains(&drawn), "{drawn}");
        }

        #[test]
        fn the_windows_of_a_step_are_the_same_from_wherever_a_run_goes_on(
            samplings in prop::collection::vec(0_u32..=1_000, 1..20),
            steps in prop::collection::vec(0_u32..40, 1..8),
            seed in any::<u64>(),
        ) {
            prop_assume!(samplings.iter().any(|permille| *permille > 0));
            let mut in_order = windows(&samplings, seed);
            let whole: Vec<_> = (0..40).map(|step| in_order.batch(step, 3)).collect();
            let mut jumping = windows(&samplings, seed);
            for step in steps {
                prop_assert_eq!(&jumping.batch(step, 3), &whole[step as usize]);
                prop_assert_eq!(&windows(&samplings, seed).batch(step, 3), &whole[step as usize]);
            }
        }
    }

    #[test]
    fn over_the_seeds_each_epoch_draws_a_row_with_the_chance_that_its_sampling_says() {
        let samplings: Vec<u32> = (0..4_000).map(|row| [0, 250, 500, 1_000][row % 4]).collect();
        for number in [0, 1, 7] {
            let drawn = epoch(&windows(&samplings, 3).rows, 3, number, 0).order;
            let count = |kind: usize| drawn.iter().filter(|row| **row % 4 == kind).count() as f64;
            assert_eq!((count(0), count(3)), (0.0, 1_000.0), "epoch {number}");
            // Five standard deviations of a binomial count.
            for (kind, chance) in [(1, 0.25), (2, 0.5)] {
                let deviation = (1_000.0_f64 * chance * (1.0 - chance)).sqrt();
                assert!(
                    (count(kind) - 1_000.0 * chance).abs() < 5.0 * deviation,
                    "epoch {number}: {}",
                    count(kind)
                );
            }
        }
    }

    #[test]
    fn a_row_that_is_never_drawn_is_in_no_window_and_an_epoch_has_every_token_of_the_others_once() {
        let mut windows = windows(&[1_000, 0, 1_000, 1_000], 9);
        for epoch in 0..30 {
            let mut tokens: Vec<u32> =
                (epoch * 3..epoch * 3 + 3).flat_map(|at| windows.window(at)[..5].to_vec()).collect();
            tokens.sort_unstable();
            assert_eq!(tokens, [[0; 5], [2; 5], [3; 5]].concat(), "epoch {epoch}");
        }
    }
}
