//! Reading what people said for one purpose, turn by turn, as far as it permits that now.

use candor_consent::{Permit, Purpose};
use candor_conversation::{Part, Timestamp};

use crate::piece::StoredTurn;
use crate::standing::Asking;
use crate::{Decompressor, PeopleMet, Person, Vault, VaultError};

/// What is read, and why it may be.
#[derive(Clone, Copy, Debug)]
pub struct ReadFor {
    /// The purpose that must permit it.
    pub purpose: Purpose,
    /// As of when it must.
    pub now: Timestamp,
    /// What was said later is left out.
    pub said_until: Timestamp,
}

impl Vault {
    /// Calls `visit` with every turn of a person that a purpose permits to read. Nothing else is opened.
    pub fn each_said(
        &self,
        read: ReadFor,
        mut visit: impl FnMut(&Person, &[Part]),
    ) -> Result<(), VaultError> {
        let notices = self.notices()?;
        let asking = Asking { notices: &notices, now: read.now };
        let mut met = PeopleMet::default();
        let mut decompressor = Decompressor::new()?;
        self.each_segment(|pieces| {
            met.meet(self, pieces.iter().flat_map(|piece| piece.authors.iter().copied()))?;
            for sealed in &pieces {
                // What several people stand behind are answers to them.
                let [author] = sealed.authors[..] else { continue };
                let Some(person) = met.people().get(&author) else { continue };
                let open = sealed.open(&[&person.subject.key], &mut decompressor)?;
                let is_asked_for = |turn: &StoredTurn| {
                    turn.author.is_some() && turn.said_at.is_none_or(|said| said <= read.said_until)
                };
                let ask = |(index, turn): (usize, &StoredTurn)| {
                    let permit = asking.ask(read.purpose, turn, &open.turns, &[person]).ok()?;
                    is_asked_for(turn).then_some((index, permit))
                };
                let permits: Vec<(usize, Permit)> = open.turns.iter().enumerate().filter_map(ask).collect();
                let permitted: Vec<(usize, &Permit)> =
                    permits.iter().map(|(index, permit)| (*index, permit)).collect();
                for parts in open.text(&permitted, &mut decompressor)? {
                    visit(person, &parts);
                }
            }
            Ok::<_, VaultError>(())
        })
    }
}
