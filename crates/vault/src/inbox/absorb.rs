//! Taking the inbox into the vault.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candor_consent::{Permit, Permits, Reason};
use candor_conversation::{ConversationId, Timestamp};

use super::record::{self, Next};
use super::{FOLDER, file_error, journal};
use crate::capture::{
    Authors, Batch, GroupedConversation, KnownTurn, KnownTurns, PlannedTurn, SegmentRow, expiry_day,
    into_pieces, into_segments,
};
use crate::compress::{Compressor, Decompressor};
use crate::erase::ForgottenBy;
use crate::piece::{AuthorTag, CapturedTurn, SealedPiece, StoredTurn, TurnReference};
use crate::records::{NEWEST_RECORD, setting};
use crate::standing::Asking;
use crate::{Entropy, Key, PeopleMet, Person, Policy, Vault, VaultError, change, durable};

/// Sealed bytes that are held before they are written as segments.
const BATCH_BYTES_MAX: usize = 1 << 20;
/// Files that are read before they are removed.
const BATCH_FILES_MAX: usize = 64;
/// Extension of a file that was ended and yet does not read to its end: kept to be looked at until the next
/// retention run.
const DAMAGED: &str = "damaged";

/// What was taken in.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Absorbed {
    /// Files of the inbox that were done with.
    pub files: u64,
    /// Turns that are in segments now.
    pub turns: u64,
    /// Turns that were in the vault already.
    pub duplicates: u64,
    /// Turns that nothing permits to keep any more, by reason.
    pub withheld: BTreeMap<Reason, u64>,
    /// Turns that open no more because an author of them was erased.
    pub erased: u64,
    /// Records that are not what was written. None comes of a crash; where a record's check tells, its file is set
    /// aside until the next retention run.
    pub damaged: u64,
}

impl Vault {
    /// Takes what serving processes captured into segments: every file that is not being written any more. Each turn
    /// is asked about again; what was taken back, erased or is in the vault is left out.
    ///
    /// A crash in between leaves files whose turns count as duplicates the next time.
    pub fn absorb_inbox(&mut self, now: Timestamp, entropy: &mut Entropy) -> Result<Absorbed, VaultError> {
        self.absorb(People::Met(PeopleMet::default()), now, entropy)
    }

    /// The same for a process that serves and holds everybody in memory: they are not read again, if the policy is
    /// still the newest. Nobody changes it meanwhile, because this process has the vault. Its memory is bounded.
    pub fn absorb_inbox_of(
        &mut self,
        policy: &Policy,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Absorbed, VaultError> {
        self.db.hold_little()?;
        let is_newest = change::newest(&self.db)? == policy.sequence;
        let people = if is_newest { People::Held(policy) } else { People::Met(PeopleMet::default()) };
        self.absorb(people, now, entropy)
    }

    fn absorb(
        &mut self,
        mut people: People<'_>,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Absorbed, VaultError> {
        let mut absorbed = Absorbed::default();
        let waiting = waiting(&self.root().join(FOLDER))?;
        if waiting.is_empty() {
            return Ok(absorbed);
        }
        // A command that is given an earlier time must not take what was said since for turns from the future.
        let newest = setting(&self.db, NEWEST_RECORD)?.map_or(now, Timestamp::from_millis);
        let mut absorb = Absorb {
            now: now.max(newest),
            notices: self.notices()?,
            entropy,
            compressor: Compressor::new()?,
            decompressor: Decompressor::new()?,
            absorbed: &mut absorbed,
        };
        let mut batch = Batched::default();
        for path in waiting {
            let Some(file) = Waiting::take(path)? else { continue };
            let mut reader = BufReader::new(&file.held);
            let mut damaged = 0;
            loop {
                match record::next(&mut reader).map_err(file_error("read", &file.path))? {
                    Next::Piece(piece) => batch.add(piece),
                    Next::Damaged => damaged += 1,
                    Next::Torn => {
                        damaged += 1;
                        break;
                    }
                    Next::End => break,
                }
                if batch.bytes >= BATCH_BYTES_MAX {
                    absorb.write(self, batch.take_pieces(), &mut people)?;
                }
            }
            // What a crashed writer had not acknowledged is no damage.
            let damaged = if file.was_left { 0 } else { damaged };
            absorb.absorbed.damaged += damaged;
            batch.read.push((file, damaged > 0));
            if batch.read.len() >= BATCH_FILES_MAX {
                absorb.finish(self, &mut batch, &mut people)?;
            }
        }
        absorb.finish(self, &mut batch, &mut people)?;
        Ok(absorbed)
    }

    /// Part of a retention run: files that were kept to be looked at.
    pub(crate) fn remove_damaged_inbox_files(&self) -> Result<(), VaultError> {
        for path in listed(&self.root().join(FOLDER))? {
            if path.extension() == Some(OsStr::new(DAMAGED)) {
                durable::remove_file(&path).map_err(file_error("remove", &path))?;
            }
        }
        Ok(())
    }
}

/// What was read and is not in the vault yet.
#[derive(Default)]
struct Batched {
    pieces: Vec<SealedPiece>,
    bytes: usize,
    /// Files that were read to their end, and whether something in them is damaged.
    read: Vec<(Waiting, bool)>,
}

impl Batched {
    fn add(&mut self, piece: SealedPiece) {
        self.bytes += piece.stored_bytes();
        self.pieces.push(piece);
    }

    fn take_pieces(&mut self) -> Vec<SealedPiece> {
        self.bytes = 0;
        std::mem::take(&mut self.pieces)
    }
}

/// A file to take in, which nobody writes to.
struct Waiting {
    path: PathBuf,
    held: File,
    /// Whether its writer ended without ending the file.
    was_left: bool,
}

impl Waiting {
    /// The file, unless it is still written to. What its writer left before it began is removed.
    fn take(path: PathBuf) -> Result<Option<Self>, VaultError> {
        let held = match File::open(&path) {
            // Its writer gave it another name just now.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(file_error("open", &path))?,
        };
        let is = |extension: &str| path.extension() == Some(OsStr::new(extension));
        let was_left = !is(journal::FULL);
        if was_left && held.try_lock().is_err() {
            return Ok(None);
        }
        if is(journal::NEW) {
            durable::remove_file(&path).map_err(file_error("remove", &path))?;
            return Ok(None);
        }
        Ok(Some(Self { path, held, was_left }))
    }

    fn remove(self, is_damaged: bool) -> Result<(), VaultError> {
        if is_damaged {
            let aside = self.path.with_extension(DAMAGED);
            let moved = fs::rename(&self.path, &aside).and_then(|()| durable::sync_directory_of(&aside));
            return moved.map_err(file_error("set aside", &self.path));
        }
        durable::remove_file(&self.path).map_err(file_error("remove", &self.path))
    }
}

/// Files of serving processes, in order of their names.
fn waiting(folder: &Path) -> Result<Vec<PathBuf>, VaultError> {
    let mut waiting = listed(folder)?;
    let extensions = [journal::NEW, journal::OPEN, journal::FULL].map(OsStr::new);
    waiting.retain(|path| path.extension().is_some_and(|extension| extensions.contains(&extension)));
    Ok(waiting)
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>, VaultError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(file_error("list", folder))?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(file_error("list", folder))?.path());
    }
    paths.sort();
    Ok(paths)
}

/// Adds the pieces of segments that are not full yet, one for each day on which a piece goes: an inbox is taken in
/// every few seconds, and each time would leave small files. Those segments are replaced.
fn top_up(vault: &Vault, pieces: &mut Vec<SealedPiece>) -> Result<Vec<SegmentRow>, VaultError> {
    let days: BTreeSet<i64> = pieces.iter().map(|piece| piece.expires_day).collect();
    let mut replaced = Vec::new();
    for day in days {
        if let Some(row) = vault.unfilled_segment(day)? {
            pieces.extend(vault.read_segment_with_files(&row)?);
            replaced.push(row);
        }
    }
    Ok(replaced)
}

/// Who wrote what is taken in.
enum People<'p> {
    /// In the memory of a process that serves.
    Held(&'p Policy),
    /// Read one by one.
    Met(PeopleMet),
}

impl People<'_> {
    fn meet(&mut self, vault: &Vault, pieces: &[SealedPiece]) -> Result<(), VaultError> {
        match self {
            People::Held(_) => Ok(()),
            People::Met(met) => {
                met.meet(vault, pieces.iter().flat_map(|piece| piece.authors.iter().copied()))
            }
        }
    }

    /// `None` for whoever was erased.
    fn find(&self, tag: &AuthorTag) -> Option<&Person> {
        match self {
            People::Held(policy) => policy.by_tag(tag),
            People::Met(met) => met.people().get(tag),
        }
        .map(Arc::as_ref)
    }
}

/// What of one conversation goes into the vault.
struct Taken<'p> {
    /// Turns that are in the vault, or will be.
    known: HashSet<TurnReference>,
    forgotten: ForgottenBy,
    fresh: Vec<KnownTurn>,
    /// Pieces of which every turn may still be kept as it was: they go on as they are.
    unchanged: Vec<SealedPiece>,
    /// What is left of the others, to be sealed again.
    left: Vec<PlannedTurn<'p>>,
    /// The conversation, where something is left.
    id: Option<ConversationId>,
}

struct Absorb<'a> {
    now: Timestamp,
    notices: candor_consent::NoticeBook,
    entropy: &'a mut Entropy,
    compressor: Compressor,
    decompressor: Decompressor,
    absorbed: &'a mut Absorbed,
}

impl Absorb<'_> {
    /// Writes what was read, and removes the files.
    fn finish(
        &mut self,
        vault: &mut Vault,
        batch: &mut Batched,
        people: &mut People<'_>,
    ) -> Result<(), VaultError> {
        self.write(vault, batch.take_pieces(), people)?;
        durable::step("inbox-absorbed");
        for (file, is_damaged) in batch.read.drain(..) {
            file.remove(is_damaged)?;
            self.absorbed.files += 1;
        }
        Ok(())
    }

    /// Writes a batch of pieces as segments: all of it is in the vault when this returns.
    fn write(
        &mut self,
        vault: &mut Vault,
        batch: Vec<SealedPiece>,
        people: &mut People<'_>,
    ) -> Result<(), VaultError> {
        if batch.is_empty() {
            return Ok(());
        }
        people.meet(vault, &batch)?;
        let mut by_conversation: BTreeMap<[u8; 16], Vec<SealedPiece>> = BTreeMap::new();
        for piece in batch {
            by_conversation.entry(piece.conversation).or_default().push(piece);
        }
        let mut pieces = Vec::new();
        let mut fresh: HashMap<[u8; 16], KnownTurns> = HashMap::new();
        for (reference, sealed) in by_conversation {
            let mut taken = Taken {
                known: KnownTurns::read(&vault.db, &reference)?.references().collect(),
                forgotten: ForgottenBy::read(&vault.db, &reference)?,
                fresh: Vec::new(),
                unchanged: Vec::new(),
                left: Vec::new(),
                id: None,
            };
            for piece in sealed {
                self.take(piece, people, &mut taken);
            }
            let mut sealed = taken.unchanged;
            if let Some(id) = taken.id {
                let place = GroupedConversation { id, reference, notices: &self.notices };
                sealed.extend(into_pieces(taken.left, &place, &mut self.compressor, self.entropy)?);
            }
            if !sealed.is_empty() {
                fresh.entry(reference).or_default().add(taken.fresh, &sealed);
                pieces.extend(sealed);
            }
        }
        let turns: usize = fresh.values().map(|fresh| fresh.turns.len()).sum();
        let replaced = top_up(vault, &mut pieces)?;
        let segments = into_segments(pieces);
        let batch = Batch { segments: &segments, replaced: &replaced, fresh: &fresh, job: None };
        vault.write_batch(&batch, self.entropy)?;
        self.absorbed.turns += turns as u64;
        Ok(())
    }

    /// Adds what of a piece may still be kept. What does not open, though all its authors have keys, is counted and
    /// keeps nothing else out.
    fn take<'p>(&mut self, sealed: SealedPiece, people: &'p People<'_>, taken: &mut Taken<'p>) {
        let authors: Option<Vec<&Person>> = sealed.authors.iter().map(|tag| people.find(tag)).collect();
        let Some(authors) = authors else {
            self.absorbed.erased += u64::from(sealed.turns);
            return;
        };
        let keys: Vec<&Key> = authors.iter().map(|person| &person.subject.key).collect();
        let Ok(open) = sealed.open(&keys, &mut self.decompressor) else {
            self.absorbed.damaged += 1;
            return;
        };
        let mut standing: Vec<(usize, Permits)> = Vec::with_capacity(open.turns.len());
        for (index, turn) in open.turns.iter().enumerate() {
            if taken.forgotten.reaches(sealed.authors.iter(), turn.said_at) {
                *self.absorbed.withheld.entry(Reason::Erased).or_default() += 1;
                continue;
            }
            if taken.known.contains(&turn.reference) {
                self.absorbed.duplicates += 1;
                continue;
            }
            match self.standing(turn, &open.turns, &authors) {
                Ok(permits) => standing.push((index, permits)),
                Err(reason) => *self.absorbed.withheld.entry(reason).or_default() += 1,
            }
        }
        let turns = standing.iter().filter_map(|(index, permits)| Some((open.turns.get(*index)?, permits)));
        let fresh: Vec<KnownTurn> =
            turns.map(|(turn, permits)| KnownTurn::new(turn.reference, permits)).collect();
        if is_unchanged(&sealed, &open.turns, &standing) {
            if open.text_opens() {
                taken.known.extend(fresh.iter().map(|turn| turn.reference));
                taken.fresh.extend(fresh);
                taken.unchanged.push(sealed);
            } else {
                self.absorbed.damaged += 1;
            }
            return;
        }
        let permitted: Vec<(usize, &Permit)> = standing
            .iter()
            .filter_map(|(index, permits)| permits.all().first().map(|permit| (*index, permit)))
            .collect();
        let Ok(parts) = open.text_with_files(&permitted, &mut self.decompressor) else {
            self.absorbed.damaged += 1;
            return;
        };
        let authors: Authors<'p> = authors.into();
        for ((index, permits), parts) in standing.into_iter().zip(parts) {
            taken.left.push(PlannedTurn {
                captured: CapturedTurn { turn: open.turns[index].clone(), parts, permits },
                authors: authors.clone(),
                expires_by: Some(sealed.expires_day),
            });
        }
        taken.known.extend(fresh.iter().map(|turn| turn.reference));
        taken.fresh.extend(fresh);
        taken.id = Some(open.conversation).filter(|_| !taken.left.is_empty()).or(taken.id);
    }

    fn standing(&self, turn: &StoredTurn, all: &[StoredTurn], people: &[&Person]) -> Result<Permits, Reason> {
        // The clock of whoever takes it in may be behind that of whoever wrote it.
        let now = turn.said_at.map_or(self.now, |said_at| self.now.max(said_at));
        let asking = Asking { notices: &self.notices, now };
        let mut permits = Vec::new();
        let mut last = Reason::NotBound;
        for binding in &turn.bindings {
            match asking.ask(binding.purpose, turn, all, people) {
                Ok(permit) => permits.push(permit),
                Err(reason) => last = reason,
            }
        }
        Permits::new(permits).ok_or(last)
    }
}

/// Whether a piece is what sealing it again would come to: every turn is kept, under what it was bound to, and as
/// long.
fn is_unchanged(sealed: &SealedPiece, turns: &[StoredTurn], standing: &[(usize, Permits)]) -> bool {
    let stays = |turn: &StoredTurn, permits: &Permits| {
        permits.all().iter().map(Permit::binding).eq(turn.bindings.iter().copied())
            && expiry_day(turn.said_at, permits.keep_until()) >= sealed.expires_day
    };
    let all_stand = !turns.is_empty() && standing.len() == turns.len();
    all_stand && turns.iter().zip(standing).all(|(turn, (_, permits))| stays(turn, permits))
}
