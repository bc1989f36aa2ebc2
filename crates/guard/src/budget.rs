//! How many times one asker may learn, from a stop, that a value belongs to someone else.
//!
//! A guard that acts only on values it knows answers a question: type a value, have the model repeat it, see whether
//! it is stopped. (A value in the asker's own messages is never stopped, so the question must be put in a roundabout
//! way; but it can be.) Each asker therefore has a budget of answers. When it is spent the guard acts on *every*
//! guarded identifier that is neither the asker's own nor public, so that an action says nothing any more.
//!
//! Then numbers of as many digits as a phone has are masked too, whatever they are: an answer that told them apart
//! would still be an answer.
//!
//! What remains: an asker learns up to `stops_max` bits in each window, and one who speaks as many people has as many
//! budgets. The gateway's rate limits, and keys that name a person, bound the latter.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use candor_conversation::SubjectId;

/// The most askers whose budgets are remembered; beyond it those that have most left are forgotten first.
pub const ASKERS_MAX: usize = 100_000;

/// How much an asker may learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetSettings {
    /// Stops in a window after which the guard no longer distinguishes.
    pub stops_max: u32,
    /// The window in milliseconds: the time in which a spent budget is whole again. It refills evenly.
    pub window_ms: u64,
}

impl BudgetSettings {
    /// Five stops in a day: an honest asker meets another's identifier next to never.
    pub fn standard() -> Self {
        Self { stops_max: 5, window_ms: 24 * 60 * 60 * 1000 }
    }
}

/// One asker's budget, shared by all their streams: a token bucket over counts.
#[derive(Debug)]
pub struct Budget {
    settings: BudgetSettings,
    level: Mutex<Level>,
}

/// Stops left, in `window_ms`ths of a stop, so that a refill is whole numbers.
#[derive(Clone, Copy, Debug)]
struct Level {
    left: u128,
    at_ms: u64,
}

impl Budget {
    /// A whole budget.
    pub fn new(settings: BudgetSettings, now_ms: u64) -> Self {
        Self { settings, level: Mutex::new(Level { left: whole(settings), at_ms: now_ms }) }
    }

    /// Takes one stop; false when none is left. A `now_ms` before an earlier one refills nothing.
    pub fn take(&self, now_ms: u64) -> bool {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        refill(self.settings, &mut level, now_ms);
        let stop = u128::from(self.settings.window_ms.max(1));
        let enough = level.left >= stop;
        if enough {
            level.left -= stop;
        }
        enough
    }

    /// Whether a stop could be taken.
    pub fn is_spent(&self, now_ms: u64) -> bool {
        self.left(now_ms) < u128::from(self.settings.window_ms.max(1))
    }

    fn left(&self, now_ms: u64) -> u128 {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        refill(self.settings, &mut level, now_ms);
        level.left
    }
}

fn whole(settings: BudgetSettings) -> u128 {
    u128::from(settings.stops_max) * u128::from(settings.window_ms.max(1))
}

fn refill(settings: BudgetSettings, level: &mut Level, now_ms: u64) {
    let passed = now_ms.saturating_sub(level.at_ms);
    level.left = whole(settings).min(level.left + u128::from(passed) * u128::from(settings.stops_max));
    level.at_ms = level.at_ms.max(now_ms);
}

/// The budgets of a tenant's askers.
#[derive(Debug)]
pub struct Budgets {
    settings: BudgetSettings,
    /// Nobody known by name shares one budget.
    askers: Mutex<HashMap<Option<SubjectId>, Arc<Budget>>>,
}

impl Budgets {
    /// None asked yet.
    pub fn new(settings: BudgetSettings) -> Self {
        Self { settings, askers: Mutex::default() }
    }

    /// An asker's budget. All whose name is not known (`None`) share one.
    pub fn of(&self, asker: Option<SubjectId>, now_ms: u64) -> Arc<Budget> {
        let mut askers = self.askers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(budget) = askers.get(&asker) {
            return Arc::clone(budget);
        }
        if askers.len() >= ASKERS_MAX {
            forget_the_fullest(&mut askers, now_ms);
        }
        let budget = Arc::new(Budget::new(self.settings, now_ms));
        askers.insert(asker, Arc::clone(&budget));
        budget
    }
}

/// Keeps the half that has least left: whoever is forgotten starts again with a whole budget.
fn forget_the_fullest(askers: &mut HashMap<Option<SubjectId>, Arc<Budget>>, now_ms: u64) {
    let mut by_left: Vec<_> = askers.iter().map(|(asker, budget)| (budget.left(now_ms), *asker)).collect();
    by_left.sort_unstable();
    for (_, asker) in by_left.split_off(by_left.len() / 2) {
        askers.remove(&asker);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn asker(number: usize) -> Option<SubjectId> {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
        Some(SubjectId::from_bytes(bytes))
    }

    #[test]
    fn a_spent_budget_refills_evenly() {
        let budget = Budget::new(BudgetSettings { stops_max: 2, window_ms: 1000 }, 0);
        assert!(budget.take(0) && budget.take(0) && !budget.take(0));
        assert!(!budget.take(499) && budget.take(500) && !budget.take(500));
        assert!(!budget.is_spent(5_000) && budget.take(0));
    }

    #[test]
    fn one_who_spent_theirs_is_remembered_among_a_crowd() {
        let budgets = Budgets::new(BudgetSettings { stops_max: 1, window_ms: u64::MAX });
        assert!(budgets.of(asker(0), 0).take(0));
        (1..=ASKERS_MAX + 10).for_each(|number| drop(budgets.of(asker(number), 0)));
        assert!(budgets.askers.lock().unwrap().len() <= ASKERS_MAX);
        assert!(budgets.of(asker(0), 1).is_spent(1));
    }

    proptest! {
        #[test]
        fn no_window_gives_more_than_twice_its_stops(
            steps in proptest::collection::vec(0..300_u64, 0..60),
            stops_max in 0..6_u32,
        ) {
            let budget = Budget::new(BudgetSettings { stops_max, window_ms: 1000 }, 0);
            let mut now = 0;
            let mut taken = Vec::new();
            for step in steps {
                now += step;
                if budget.take(now) {
                    taken.push(now);
                }
            }
            for start in &taken {
                let within = taken.iter().filter(|at| (*start..start + 1000).contains(at)).count();
                prop_assert!(within <= 2 * stops_max as usize);
            }
        }
    }
}
