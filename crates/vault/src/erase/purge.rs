//! What of a piece must go, and what stays of it.

use std::collections::{BTreeMap, HashSet};

use candor_consent::{NoticeBook, Permit, Permits, stays_after};
use candor_conversation::Timestamp;

use crate::capture::{SegmentRow, bucket_of, expiry_day};
use crate::compress::{Compressor, Decompressor};
use crate::piece::{self, AuthorTag, CapturedTurn, OpenPiece, Place, SealedPiece, StoredTurn};
use crate::standing::Asking;
use crate::{Entropy, Person, Vault, VaultError};

/// Whose turns may have to go.
pub(super) struct Gone {
    pub(super) erased: HashSet<AuthorTag>,
    /// People who took something back, or of whom something else is known now.
    pub(super) changed: HashSet<AuthorTag>,
}

impl Gone {
    pub(super) fn is_nobody(&self) -> bool {
        self.erased.is_empty() && self.changed.is_empty()
    }

    pub(super) fn may_concern(&self, row: &SegmentRow) -> bool {
        let in_bucket = |tag: &AuthorTag| bucket_of(*tag, row.bucket_bits) == row.bucket;
        row.joint_pieces > 0 || self.erased.iter().chain(&self.changed).any(in_bucket)
    }
}

pub(super) struct Purge<'a> {
    pub(super) gone: &'a Gone,
    pub(super) notices: &'a NoticeBook,
    pub(super) now: Timestamp,
    pub(super) entropy: &'a mut Entropy,
    pub(super) compressor: Compressor,
    pub(super) decompressor: Decompressor,
}

/// What becomes of a piece.
pub(super) enum Purged {
    /// It stays as it is.
    Untouched(SealedPiece),
    /// What stays of it, sealed again: a piece for each day on which something of it is dropped.
    Resealed(Vec<SealedPiece>),
}

impl Purge<'_> {
    /// The piece without what must go.
    pub(super) fn piece(&mut self, vault: &Vault, sealed: SealedPiece) -> Result<Purged, VaultError> {
        if sealed.authors.iter().any(|tag| self.gone.erased.contains(tag)) {
            return Ok(Purged::Resealed(Vec::new()));
        }
        if !sealed.authors.iter().any(|tag| self.gone.changed.contains(tag)) {
            return Ok(Purged::Untouched(sealed));
        }
        let mut people = Vec::with_capacity(sealed.authors.len());
        for tag in &sealed.authors {
            // An author erased in an earlier run leaves a piece that no longer opens for anyone.
            let Some(subject) = vault.subject_by_tag(*tag)? else { return Ok(Purged::Resealed(Vec::new())) };
            people.push(vault.person(subject)?);
        }
        let behind: Vec<&Person> = people.iter().collect();
        let keys: Vec<&crate::Key> = people.iter().map(|person| &person.subject.key).collect();
        let open = sealed.open(&keys, &mut self.decompressor)?;
        let standing: Vec<Standing> =
            open.turns.iter().map(|turn| self.standing(turn, &open.turns, &behind)).collect();
        let mut by_day: BTreeMap<i64, Vec<Staying>> = BTreeMap::new();
        let mut as_it_is = true;
        for (index, standing) in standing.into_iter().enumerate() {
            match standing {
                // Nothing may read it, so it cannot be sealed again without the rest: it stays until it expires.
                Standing::Kept => {
                    drop(open);
                    return Ok(Purged::Untouched(sealed));
                }
                Standing::Goes => as_it_is = false,
                Standing::Stays(permits) => {
                    let promised = expiry_day(open.turns[index].said_at, permits.keep_until());
                    let day = promised.min(sealed.expires_day);
                    as_it_is &= day == sealed.expires_day;
                    by_day.entry(day).or_default().push((index, permits));
                }
            }
        }
        if as_it_is {
            drop(open);
            return Ok(Purged::Untouched(sealed));
        }
        by_day.retain(|day, _| *day > self.now.day());
        let place = |(day, staying)| self.reseal((&open, &sealed), staying, &people, day);
        by_day.into_iter().map(place).collect::<Result<_, _>>().map(Purged::Resealed)
    }

    fn reseal(
        &mut self,
        (open, sealed): (&OpenPiece<'_>, &SealedPiece),
        staying: Vec<Staying>,
        people: &[Person],
        expires_day: i64,
    ) -> Result<SealedPiece, VaultError> {
        let permitted: Vec<(usize, &Permit)> = staying
            .iter()
            .filter_map(|(index, permits)| permits.all().first().map(|permit| (*index, permit)))
            .collect();
        let parts = open.text_with_files(&permitted, &mut self.decompressor)?;
        let turns: Vec<CapturedTurn> = staying
            .into_iter()
            .zip(parts)
            .map(|((index, permits), parts)| CapturedTurn { turn: open.turns[index].clone(), parts, permits })
            .collect();
        let authors: Vec<(AuthorTag, crate::Key)> =
            people.iter().map(|person| (person.subject.tag, person.subject.key.clone())).collect();
        let place = Place {
            conversation: open.conversation,
            reference: sealed.conversation,
            authors: &authors,
            expires_day,
        };
        Ok(piece::seal(&place, &turns, &mut self.compressor, self.entropy)?)
    }

    fn standing(&self, turn: &StoredTurn, all: &[StoredTurn], people: &[&Person]) -> Standing {
        let asking = Asking { notices: self.notices, now: self.now };
        let mut permits = Vec::new();
        let mut kept = false;
        for binding in &turn.bindings {
            match asking.ask(binding.purpose, turn, all, people) {
                Ok(permit) => permits.push(permit),
                Err(reason) => {
                    let notice = self.notices.by_id(binding.notice);
                    kept |= notice.is_some_and(|notice| stays_after(reason, notice));
                }
            }
        }
        match (Permits::new(permits), kept) {
            (Some(permits), _) => Standing::Stays(permits),
            (None, true) => Standing::Kept,
            (None, false) => Standing::Goes,
        }
    }
}

/// A turn's index in its piece, with what still permits it.
type Staying = (usize, Permits);

/// What becomes of a stored turn in a purge.
enum Standing {
    /// Some purpose still permits it.
    Stays(Permits),
    /// Nothing permits it, but the notice keeps it for its term.
    Kept,
    /// It goes.
    Goes,
}
