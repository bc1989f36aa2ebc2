//! Reading what people said, as it comes in, for what must know it: the guard's index.
//!
//! Like [`crate::Live`] it takes no lock and only reads. What is read is what some purpose permits at that moment.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use candor_consent::{Permit, Permits};
use candor_conversation::{Part, Timestamp};
use rusqlite::Connection;

use crate::capture::SegmentRow;
use crate::catalogue;
use crate::piece::{AuthorTag, SealedPiece};
use crate::segments::{read_segment, segment_rows};
use crate::standing::Asking;
use crate::{Decompressor, Objects, Person, Policy, VaultError};

/// A reader of segments, each of them once.
pub struct Reading {
    db: Connection,
    objects: Objects,
    read: HashSet<String>,
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
        let file = root.join("catalogue.sqlite");
        if !file.is_file() {
            return Err(VaultError::NotThere(root.to_owned()));
        }
        Ok(Self {
            db: catalogue::open_to_read(&file)?,
            objects: Objects::in_folder(&root.join("objects"))?,
            read: HashSet::new(),
            decompressor: Decompressor::new()?,
        })
    }

    /// Calls `visit` with every human turn of single people in segments that came since the last time.
    pub fn read_new(
        &mut self,
        policy: &Policy,
        now: Timestamp,
        mut visit: impl FnMut(Said<'_>),
    ) -> Result<(), VaultError> {
        let rows = segment_rows(&self.db)?;
        let listed: HashSet<&String> = rows.iter().map(|row| &row.path).collect();
        self.read.retain(|path| listed.contains(path));
        let new: Vec<&SegmentRow> = rows.iter().filter(|row| !self.read.contains(&row.path)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let people: HashMap<AuthorTag, &Arc<Person>> =
            policy.people().map(|person| (person.subject.tag, person)).collect();
        for row in new {
            match read_segment(&self.objects, row) {
                Ok(pieces) => {
                    for piece in &pieces {
                        if let [author] = piece.authors[..]
                            && let Some(person) = people.get(&author)
                        {
                            self.piece(piece, (person, policy, now), &mut visit)?;
                        }
                    }
                }
                // Purged since it was listed.
                Err(VaultError::Object(error)) if error.is_absence() => {}
                Err(error) => return Err(error),
            }
            self.read.insert(row.path.clone());
        }
        Ok(())
    }

    fn piece(
        &mut self,
        sealed: &SealedPiece,
        (person, policy, now): (&Person, &Policy, Timestamp),
        visit: &mut impl FnMut(Said<'_>),
    ) -> Result<(), VaultError> {
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
            visit(Said { person, permits, parts });
        }
        Ok(())
    }
}
