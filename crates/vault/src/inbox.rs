//! The inbox: what a serving process captured, durable before it is acknowledged, and taken into the vault later.
//!
//! A serving process does not have the vault. It appends sealed pieces to a file of its own in `inbox/`, a group at
//! a time, with one write and one wait for the disk; [`crate::Vault::absorb_inbox`] moves them into segments. A
//! record opens with its authors' keys and no other: an erasure closes it at once.
//!
//! Nothing is written without [`Permits`] (N3), which are asked for again just before: what was taken back or erased
//! before [`Inbox::append`] began is not written. What is taken back while a group is on its way to the disk is
//! dropped when the inbox is taken in.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candor_consent::{Permits, Reason};
use candor_conversation::{Part, TenantId, Timestamp, Turn};

use crate::asking::Spoken;
use crate::capture::{GroupedConversation, PlannedTurn, into_pieces};
use crate::compress::Compressor;
use crate::live::{Live, Policy};
use crate::piece::TurnReference;
use crate::{Entropy, Person, VaultError};

mod absorb;
mod exchange;
mod journal;
mod record;
mod said;

pub use absorb::Absorbed;

use journal::Journal;
use said::Recent;

/// Size at which a file of the inbox is ended, in bytes.
const FILE_BYTES_MAX: u64 = 16 << 20;
const FOLDER: &str = "inbox";

/// One request with its answer: a path of turns, of which the last ones are new.
pub struct Fresh {
    /// The author's tenant.
    pub tenant: TenantId,
    /// The conversation's id, as its source calls it. No two people's conversations have the same one: of a turn
    /// that is in the vault already it is not known whose it is.
    pub conversation: String,
    /// The whole path, root first: what the request held, and the answer. Each turn's `parent` is the index of the
    /// one before it; several answers to one request stand at the end with the same parent. A turn has the same
    /// `source_id` each time it is sent. Of new turns of people, `author` is this author's name or nothing; their
    /// time, tier, region and age are those of `spoken`.
    pub path: Vec<Turn>,
    /// How many turns of the path were there before; from this index on they are new.
    pub fresh_from: usize,
    /// Who speaks.
    pub author: Arc<Person>,
    /// What was asked about them, and when.
    pub spoken: Spoken,
    /// What was answered: by [`Policy::rule`] for this author and `spoken`. Nothing is kept for other purposes.
    pub ruling: Permits,
    /// Whether the rights of the model's author let its turns, and those of tools and operators, be kept.
    pub reply_may_be_kept: bool,
    /// Whether the answer came to its end.
    pub complete: bool,
}

/// What became of a group. All in it that is counted as a turn is durable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Exchanges of which something was written.
    pub exchanges: u64,
    /// Turns written.
    pub turns: u64,
    /// Turns that this process wrote before, such as those of a request that was sent again.
    pub duplicates: u64,
    /// Turns of models, tools and operators that are not kept for the rights of the model's author.
    pub left_out: u64,
    /// Turns not written, by reason.
    pub withheld: BTreeMap<Reason, u64>,
    /// Turns not written because they are too long for a record.
    pub too_long: u64,
    /// Files that are kept with the turns written.
    pub files: u64,
    /// Files of turns written of which only the digest is kept: their bytes were not given.
    pub files_left_out: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Whether the policy is another one than before: [`Inbox::policy`] has it.
    pub policy_changed: bool,
}

impl Appended {
    fn count_files(&mut self, kept: &[PlannedTurn<'_>]) {
        let parts = kept.iter().flat_map(|turn| &turn.captured.parts);
        for file in parts.filter_map(Part::file) {
            let counted = if file.bytes().is_some() { &mut self.files } else { &mut self.files_left_out };
            *counted += 1;
        }
    }
}

/// The writing end of an inbox, for one thread of a serving process. Several processes may have one each.
pub struct Inbox {
    folder: PathBuf,
    live: Live,
    policy: Policy,
    recent: Recent,
    compressor: Compressor,
    entropy: Entropy,
    journal: Option<Journal<File>>,
}

impl Inbox {
    /// Opens the inbox of a data directory. A file is made with the first group.
    pub fn open(root: &Path, entropy: Entropy) -> Result<Self, VaultError> {
        let mut live = Live::open(root)?;
        let policy = live.policy()?;
        let folder = root.join(FOLDER);
        fs::create_dir_all(&folder)
            .and_then(|()| crate::durable::sync_directory_of(&folder))
            .map_err(file_error("make", &folder))?;
        Ok(Self {
            folder,
            live,
            policy,
            recent: Recent::default(),
            compressor: Compressor::new()?,
            entropy,
            journal: None,
        })
    }

    /// The policy as of the last refresh or append.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Brings the policy up to date; whether it changed. To be called about every second, also when there is nothing
    /// to append: a policy holds people's keys.
    pub fn refresh(&mut self) -> Result<bool, VaultError> {
        self.live.refresh(&mut self.policy)
    }

    /// Decides about a group of exchanges again, as of now, and writes what may be kept: durable when this returns.
    ///
    /// After an error nothing of the group is acknowledged, all groups before it are safe, and the same group may be
    /// given again. An error that lasts (a full disk) is no reason to hold up what is being served.
    pub fn append(&mut self, fresh: &[Fresh], now: Timestamp) -> Result<Appended, VaultError> {
        let policy_changed = self.live.refresh(&mut self.policy)?;
        let mut appended = Appended { policy_changed, ..Appended::default() };
        let mut group = Vec::new();
        let mut said = Vec::new();
        let sealed = self.seal(fresh, now, (&mut group, &mut said, &mut appended));
        let written = sealed.and_then(|()| self.write(&group));
        if let Err(error) = written {
            said.into_iter().for_each(|turn| self.recent.forget(turn));
            return Err(error);
        }
        appended.bytes = group.len() as u64;
        Ok(appended)
    }

    /// Ends the file that is written, so that it can be taken in; whether there was one. To be called every few
    /// seconds.
    pub fn roll(&mut self) -> Result<bool, VaultError> {
        match self.journal.take() {
            Some(journal) => journal.roll().map(|_| true).map_err(file_error("end a file of", &self.folder)),
            None => Ok(false),
        }
    }

    /// Adds what may be kept to the group, as records, and the human turns of it to those remembered.
    fn seal(
        &mut self,
        fresh: &[Fresh],
        now: Timestamp,
        (group, said, appended): (&mut Vec<u8>, &mut Vec<TurnReference>, &mut Appended),
    ) -> Result<(), VaultError> {
        for one in fresh {
            let asked = exchange::Asked { policy: &self.policy, recent: &self.recent, live: &self.live, now };
            let exchange = exchange::decide(one, &asked)?;
            appended.duplicates += exchange.duplicates;
            appended.left_out += exchange.left_out;
            for (reason, count) in exchange.withheld {
                *appended.withheld.entry(reason).or_default() += count;
            }
            let place = GroupedConversation {
                id: exchange.id,
                reference: exchange.reference,
                notices: self.policy.notices(),
            };
            let turns_before = appended.turns;
            appended.count_files(&exchange.kept);
            for piece in into_pieces(exchange.kept, &place, &mut self.compressor, &mut self.entropy)? {
                let turns = u64::from(piece.turns);
                let counted =
                    if record::append(&piece, group) { &mut appended.turns } else { &mut appended.too_long };
                *counted += turns;
            }
            appended.exchanges += u64::from(appended.turns > turns_before);
            for (turn, how) in exchange.said {
                said.push(turn);
                self.recent.remember(turn, how);
            }
        }
        Ok(())
    }

    fn write(&mut self, group: &[u8]) -> Result<(), VaultError> {
        if group.is_empty() {
            return Ok(());
        }
        let error = file_error("write to", &self.folder);
        let mut journal = match self.journal.take() {
            Some(journal) => journal,
            None => Journal::create(&self.folder, &mut self.entropy).map_err(&error)?,
        };
        if let Err(source) = journal.append(group) {
            // The next group goes to another file; this one is taken in as it is. The first error is the one to tell.
            let _ = journal.discard();
            return Err(error(source));
        }
        if journal.bytes() >= FILE_BYTES_MAX {
            // The group is durable and is acknowledged whatever becomes of the name: a file that is not ended is
            // taken in as one that a crash left.
            let _ = journal.roll();
        } else {
            self.journal = Some(journal);
        }
        Ok(())
    }
}

fn file_error(doing: &'static str, path: &Path) -> impl Fn(std::io::Error) -> VaultError {
    let path = path.to_owned();
    move |source| VaultError::File { doing, path: path.clone(), source }
}
