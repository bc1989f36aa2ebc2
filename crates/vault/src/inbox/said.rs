//! What people said lately through this process: how their turns stand for the answers that follow them.

use std::collections::HashMap;

use candor_consent::{Binding, Moment};
use candor_conversation::{Age, Region, Tier, Timestamp};

use crate::Profile;
use crate::asking::{Circumstances, Lowered, youngest};
use crate::piece::TurnReference;
use crate::profile::is_organisation;

/// Turns that are remembered for certain; up to twice as many are held, of some 300 bytes each.
const REMEMBERED_TURNS: usize = 8_192;

/// A human turn that was captured, without what was said.
#[derive(Clone)]
pub(super) struct Said {
    /// Keyed reference of its author.
    pub(super) author: [u8; 16],
    pub(super) at: Timestamp,
    pub(super) tier: Tier,
    pub(super) region: Option<Region>,
    pub(super) age: Option<Age>,
    pub(super) bindings: Vec<Binding>,
}

impl Said {
    /// How it is asked about again.
    pub(super) fn by<'a>(&'a self, profile: &Profile, now: Timestamp) -> Circumstances<'a> {
        Circumstances {
            moment: Moment::Use(&self.bindings),
            said_at: Some(self.at),
            now,
            tier: if is_organisation(profile.tier) { profile.tier } else { self.tier },
            region: self.region.as_ref(),
            age: youngest([self.age, profile.age]),
            lowered: Lowered::Nothing,
        }
    }
}

/// The turns remembered, in two generations: when the younger is full, the older one goes.
#[derive(Default)]
pub(super) struct Recent {
    younger: HashMap<TurnReference, Said>,
    older: HashMap<TurnReference, Said>,
}

impl Recent {
    pub(super) fn find(&self, turn: TurnReference) -> Option<&Said> {
        self.younger.get(&turn).or_else(|| self.older.get(&turn))
    }

    pub(super) fn remember(&mut self, turn: TurnReference, said: Said) {
        if self.younger.len() >= REMEMBERED_TURNS {
            self.older = std::mem::take(&mut self.younger);
        }
        self.younger.insert(turn, said);
    }

    pub(super) fn forget(&mut self, turn: TurnReference) {
        self.younger.remove(&turn);
        self.older.remove(&turn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_turns_are_remembered_and_no_more_than_twice_as_many_held() {
        let mut recent = Recent::default();
        let said = Said {
            author: [0; 16],
            at: Timestamp::MIN,
            tier: Tier::Consumer,
            region: None,
            age: None,
            bindings: Vec::new(),
        };
        let all = 5 * REMEMBERED_TURNS as u64 + 3;
        for number in 0..all {
            recent.remember(TurnReference(number), said.clone());
            assert!(recent.younger.len() + recent.older.len() <= 2 * REMEMBERED_TURNS);
        }
        for number in all - REMEMBERED_TURNS as u64..all {
            assert!(recent.find(TurnReference(number)).is_some(), "{number}");
        }
        assert!(recent.find(TurnReference(0)).is_none());
        recent.forget(TurnReference(all - 1));
        assert!(recent.find(TurnReference(all - 1)).is_none());
    }
}
