//! Reading what people said, as it comes in, for what must know it: the guard's index.
//!
//! Like [`crate::Live`] it takes no lock and only reads. What is read is what some purpose permits at that moment.

use std::collections::HashSet;
use std::path::Path;

use candor_consent::{Permit, Permits};
use candor_conversation::{Part, Timestamp};

use crate::capture::SegmentRow;
use crate::catalogue::{self, Db};
use crate::piece::SealedPiece;
use crate::segments::{read_segment, segment_rows};
use crate::standing::Asking;
use crate::{Decompressor, Objects, Person, Policy, Vault, VaultError};

/// A reader of segments, each of them once.
pub struct Reading {
    db: Db,
    objects: Objects,
    read: HashSet<String>,
    /// Segments with somebody in them whom the policy of the time did not know.
    tried: HashSet<String>,
    decompressor: Decompressor,
}

/// What one person said in one turn, and under which permits it is read.
pub struct Said<'a> {
    /// Who.
    pub person: &'a Person,
    /// Why it may be read.
    pub permits: &'a Permits,
    /// What.
    pub parts: &'a [Part],
}

impl Reading {
    /// Opens a data directory to read.
    pub fn open(root: &Path) -> Result<Self, VaultError> {
        if !Vault::is_at(root) {
            return Err(VaultError::NotThere(root.to_owned()));
        }
        Ok(Self {
            db: catalogue::open_to_read(root)?,
            objects: Objects::in_folder(&root.join("objects"))?,
            read: HashSet::new(),
            tried: HashSet::new(),
            decompressor: Decompressor::new()?,
        })
    }

    /// The next reading begins with the first segment again.
    pub fn begin_again(&mut self) {
        self.read.clear();
        self.tried.clear();
    }

    /// Calls `visit` with every human turn of single people in segments that came since the last time, until it
    /// gives `false`. A segment that cannot be read keeps none of the others from being read; the first error is
    /// given at the end, and the segment is tried again the next time.
    pub fn read_new(
        &mut self,
        policy: &Policy,
        now: Timestamp,
        mut visit: impl FnMut(Said<'_>) -> bool,
    ) -> Result<(), VaultError> {
        let rows = segment_rows(&self.db)?;
        let listed: HashSet<&String> = rows.iter().map(|row| &row.path).collect();
        self.read.retain(|path| listed.contains(path));
        self.tried.retain(|path| listed.contains(path));
        let new: Vec<&SegmentRow> = rows.iter().filter(|row| !self.read.contains(&row.path)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let mut failure = None;
        for row in new {
            match self.segment(row, (policy, now), &mut visit) {
                Ok(Visited::All) => {
                    self.read.insert(row.path.clone());
                }
                // Erased, or enrolled since the policy was read: the next one may know them.
                Ok(Visited::ButUnknown) => {
                    if !self.tried.insert(row.path.clone()) {
                        self.read.insert(row.path.clone());
                    }
                }
                Ok(Visited::Enough) => return Ok(()),
                Err(error) => {
                    failure.get_or_insert(error);
                }
            }
        }
        failure.map_or(Ok(()), Err)
    }

    fn segment(
        &mut self,
        row: &SegmentRow,
        (policy, now): (&Policy, Timestamp),
        visit: &mut impl FnMut(Said<'_>) -> bool,
    ) -> Result<Visited, VaultError> {
        let pieces = match read_segment(&self.objects, row) {
            Ok(pieces) => pieces,
            // Purged since it was listed.
            Err(VaultError::Object(error)) if error.is_absence() => return Ok(Visited::All),
            Err(error) => return Err(error),
        };
        let mut is_known = true;
        for piece in &pieces {
            let [author] = piece.authors[..] else { continue };
            match policy.by_tag(&author) {
                Some(person) if !self.piece(piece, (person, policy, now), visit)? => {
                    return Ok(Visited::Enough);
                }
                Some(_) => {}
                None => is_known = false,
            }
        }
        Ok(if is_known { Visited::All } else { Visited::ButUnknown })
    }

    fn piece(
        &mut self,
        sealed: &SealedPiece,
        (person, policy, now): (&Person, &Policy, Timestamp),
        visit: &mut impl FnMut(Said<'_>) -> bool,
    ) -> Result<bool, VaultError> {
        let open = sealed.open(&[&person.subject.key], &mut self.decompressor)?;
        let asking = Asking { notices: policy.notices(), now };
        let mut permitted: Vec<(usize, Permits)> = Vec::new();
        for (index, turn) in open.turns.iter().enumerate().filter(|(_, turn)| turn.author.is_some()) {
            let ask = |purpose| asking.ask(purpose, turn, &open.turns, &[person]).ok();
            let permits = turn.bindings.iter().filter_map(|binding| ask(binding.purpose)).collect();
            permitted.extend(Permits::new(permits).map(|permits| (index, permits)));
        }
        let asked: Vec<(usize, &Permit)> = permitted
            .iter()
            .filter_map(|(index, permits)| permits.all().first().map(|permit| (*index, permit)))
            .collect();
        let parts = open.text(&asked, &mut self.decompressor)?;
        for ((_, permits), parts) in permitted.iter().zip(&parts) {
            if !visit(Said { person, permits, parts }) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// How much of a segment was visited.
enum Visited {
    All,
    /// All but what somebody wrote who is not known.
    ButUnknown,
    /// The visitor wants no more.
    Enough,
}
