//! What an outsider finds out from a copy of a log's files, and from what they kept of an earlier one.

use candor_conversation::Kind;
use candor_tlog::checkpoint::Checkpoint;
use candor_tlog::hash::{Hash, leaf_hash};
use candor_tlog::note::VerifierKey;
use candor_tlog::policy::{Policy, PolicyError};
use candor_tlog::tile::{TILE_WIDTH, TileAddress};
use candor_tlog::tree::{LeafIndex, ProofError, TreeSize, verify_consistency, verify_inclusion};

use super::error::LogError;
use super::files::LogFiles;
use super::walk::walk;

/// What the log is not what it should be in. Each message says which.
#[derive(Debug, thiserror::Error)]
pub enum LogFault {
    /// An entry is another than the one that the tree holds, or than the one in the earlier copy.
    #[error("rewritten record: entry {position} is not the one that the log had")]
    Rewritten {
        /// Which.
        position: LeafIndex,
    },
    /// An entry is gone.
    #[error("dropped entry: the log had an entry {position} that it has not any more")]
    Dropped {
        /// Where it was.
        position: LeafIndex,
    },
    /// Two checkpoints of one log cannot both be true.
    #[error(
        "forked log: of its first {size} entries the log signed the root {held}, and now another, {found}\nhint: keep \
         both checkpoints, they prove it"
    )]
    Forked {
        /// How many entries.
        size: TreeSize,
        /// The root that is held.
        held: Hash,
        /// The root that was found.
        found: Hash,
    },
    /// The log is smaller than it was.
    #[error(
        "rolled-back checkpoint: the log had {held} entries, and has {found} now\nhint: an older copy of the log shows \
         this too; fetch a newer one before you accuse anybody"
    )]
    RolledBack {
        /// Entries of the checkpoint that is held.
        held: TreeSize,
        /// Entries of the one found.
        found: TreeSize,
    },
    /// A tile does not follow from the entries.
    #[error("wrong tile: {path} does not follow from the log's entries")]
    Tile {
        /// Its path in the log.
        path: String,
    },
    /// The entries are not those that were signed over.
    #[error(
        "rewritten record: the log's first {size} entries and tiles fit together, but are not what its checkpoint was \
         signed over"
    )]
    Root {
        /// How many entries.
        size: TreeSize,
    },
    /// The catalogue has another entry than the files.
    #[error(
        "rewritten record: entry {position} in the catalogue is not the one in the log's files\nhint: restore both from \
         the same moment"
    )]
    Catalogue {
        /// Which.
        position: LeafIndex,
    },
    /// A proof is not one from the older to the newer tree.
    #[error(
        "the log is not shown to have only appended from {old} to {new} entries\nhint: `candor log consistency --from \
         {old}` at the operator's writes the proof, or give a copy of the log"
    )]
    NotShown {
        /// Entries of the older tree.
        old: TreeSize,
        /// Entries of the newer one.
        new: TreeSize,
    },
    /// Too few witnesses signed, or a line of one is not its signature.
    #[error(transparent)]
    Witness(#[from] PolicyError),
    /// The files could not be read, or the checkpoint is not of this log.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl LogFault {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            LogFault::Log(error) => error.kind(),
            LogFault::Witness(_) | LogFault::NotShown { .. } => Kind::Invalid,
            _ => Kind::Corrupt,
        }
    }
}

/// What somebody kept of an earlier state of a log.
#[derive(Clone, Debug)]
pub struct Held {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The files of then, if they were kept too: they tell what exactly was changed.
    pub files: Option<LogFiles>,
}

/// What a copy of a log is held against.
pub struct Audit<'a> {
    /// The copy.
    pub files: &'a LogFiles,
    /// The log's key.
    pub key: &'a VerifierKey,
    /// An earlier state.
    pub held: Option<&'a Held>,
    /// Whose word is asked for.
    pub policy: Option<&'a Policy>,
}

/// What an audit found in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// How many entries.
    pub size: TreeSize,
    /// The root over them.
    pub root: Hash,
    /// Witnesses that signed the checkpoint, by their names in the policy.
    pub witnesses: Vec<String>,
}

impl Audit<'_> {
    /// Checks the checkpoint alone: signature, witnesses, and that it is not smaller than or in contradiction to the
    /// one held.
    pub fn checkpoint(&self) -> Result<(Checkpoint, Vec<String>), LogFault> {
        let note = self.files.published()?;
        let checkpoint = Checkpoint::open(&note, self.key).map_err(LogError::from)?;
        let witnesses = match self.policy {
            Some(policy) => policy.check(&note)?.into_iter().map(str::to_owned).collect(),
            None => Vec::new(),
        };
        if let Some(held) = self.held {
            compare(&held.checkpoint, &checkpoint)?;
        }
        Ok((checkpoint, witnesses))
    }

    /// Checks everything: reads every entry and every tile. `progress` hears how many entries were read.
    pub fn run(&self, progress: &mut dyn FnMut(u64)) -> Result<Audited, LogFault> {
        if let Some((held, files)) = self.held.and_then(|held| Some((held, held.files.as_ref()?))) {
            self.compare_entries(held.checkpoint.size(), files)?;
        }
        let (checkpoint, witnesses) = self.checkpoint()?;
        let mark = self.held.map_or(TreeSize(0), |held| held.checkpoint.size());
        let walked = walk(self.files, checkpoint.size(), mark, &mut |first, entries| {
            progress(first + entries.len() as u64);
            Ok(())
        })?;
        if walked.root != checkpoint.root() {
            return Err(LogFault::Root { size: checkpoint.size() });
        }
        if let Some(held) = self.held
            && walked.root_at_mark != held.checkpoint.root()
        {
            let (held, found) = (held.checkpoint.root(), walked.root_at_mark);
            return Err(LogFault::Forked { size: mark, held, found });
        }
        Ok(Audited { size: checkpoint.size(), root: checkpoint.root(), witnesses })
    }

    /// Checks that the copy still has, at its place, an entry that a receipt shows, and that it only appended since the
    /// receipt's checkpoint, which is the one held. Reads a few tiles and one bundle.
    pub fn entry(&self, position: LeafIndex, leaf: &Hash) -> Result<Checkpoint, LogFault> {
        let (found, _) = self.checkpoint()?;
        self.find(position, leaf, found.size())?;
        if let Some(held) = self.held {
            let note = self.files.published()?;
            let proof = self.files.consistency(held.checkpoint.size(), note)?.proof;
            only_appended(&held.checkpoint, &found, &proof)?;
        }
        let tree = self.files.tree(found.size());
        let path = tree.inclusion_proof(position, found.size()).map_err(LogError::from)?;
        let shown = verify_inclusion(leaf, position, found.size(), &path, &found.root());
        shown.map_err(|_| LogFault::Rewritten { position })?;
        Ok(found)
    }

    /// Looks an entry up in its bundle.
    fn find(&self, position: LeafIndex, leaf: &Hash, size: TreeSize) -> Result<(), LogFault> {
        let Some(bundle) = TileAddress::in_tree(size, 0, position.0 / TILE_WIDTH) else {
            return Err(LogFault::Dropped { position });
        };
        let leaves: Vec<Hash> = self.files.entries(bundle)?.iter().map(|entry| leaf_hash(entry)).collect();
        let at = (position.0 % TILE_WIDTH) as usize;
        match leaves.get(at) {
            Some(found) if found == leaf => Ok(()),
            None => Err(LogFault::Dropped { position }),
            // It moved up: one before it was taken out.
            Some(_) if leaves[..at].contains(leaf) => {
                Err(LogFault::Dropped { position: LeafIndex(position.0.saturating_sub(1)) })
            }
            Some(_) => Err(LogFault::Rewritten { position }),
        }
    }

    /// Finds the first entry in which the copy differs from an earlier one, as far as both reach.
    fn compare_entries(&self, held: TreeSize, files: &LogFiles) -> Result<(), LogFault> {
        let note = self.files.published()?;
        let found = Checkpoint::open(&note, self.key).map_err(LogError::from)?.size();
        let common = TreeSize(held.0.min(found.0));
        for index in 0..common.0.div_ceil(TILE_WIDTH) {
            let (Some(then), Some(now)) =
                (TileAddress::in_tree(held, 0, index), TileAddress::in_tree(found, 0, index))
            else {
                break;
            };
            let (then, now) = (files.entries(then)?, self.files.entries(now)?);
            let reach = then.len().min(now.len());
            let Some(at) = (0..reach).find(|at| then[*at] != now[*at]) else { continue };
            let position = LeafIndex(index * TILE_WIDTH + at as u64);
            let is_shifted = then.get(at + 1).is_some_and(|next| *next == now[at]);
            return Err(match is_shifted {
                true => LogFault::Dropped { position },
                false => LogFault::Rewritten { position },
            });
        }
        Ok(())
    }
}

/// Checks that the tree of a newer checkpoint only appended to that of an older one of the same log.
pub fn only_appended(held: &Checkpoint, found: &Checkpoint, proof: &[Hash]) -> Result<(), LogFault> {
    compare(held, found)?;
    verify_consistency(held.head(), found.head(), proof).map_err(|error| match error {
        ProofError::OldRootMismatch { expected, computed } => {
            LogFault::Forked { size: held.size(), held: expected, found: computed }
        }
        ProofError::RootMismatch { .. } => LogFault::Root { size: found.size() },
        _ => LogFault::NotShown { old: held.size(), new: found.size() },
    })
}

/// Holds two checkpoints of one log against each other, without its entries.
fn compare(held: &Checkpoint, found: &Checkpoint) -> Result<(), LogFault> {
    if found.size() < held.size() {
        return Err(LogFault::RolledBack { held: held.size(), found: found.size() });
    }
    if found.size() == held.size() && found.root() != held.root() {
        return Err(LogFault::Forked { size: held.size(), held: held.root(), found: found.root() });
    }
    Ok(())
}
