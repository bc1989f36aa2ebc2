//! The build: decide again → de-identify → human origin → de-duplicate → write → commit → sign → log, in process.
//!
//! A short list of map stages (see [`crate::stage`]) and one exchange of (band, row) pairs. Pieces are first
//! brought together by conversation, still sealed; text is opened conversation by conversation and never leaves
//! memory unencrypted before it is de-identified and written to the release.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candor_consent::Purpose;
use candor_conversation::{Kind, Timestamp};
use candor_deid::encoder::Encoder;
use candor_deid::sensitive::Policy;
use candor_deid::{Engine, IdentifierKind, Settings};
use candor_vault::{
    AuthorTag, CompressError, Entropy, Key, PieceError, SealedPiece, Vault, VaultError, keyed_hash,
};

use crate::assemble::{Attachments, TurnCounts};
use crate::data::DataError;
use crate::dedup::{BANDS, ExchangeError, Sketcher, WordCounts, keyed};
use crate::indicators::Reference;
use crate::origin::{Answers, SAMPLING_FULL, Winnower};
use crate::residual::evidence::Evidence;
use crate::residual::{Look, Over, again};
use crate::spill::{Partitions, Rows, SpillError};
use crate::stage::StageError;
use crate::subjects::SubjectsError;
use crate::surrogates::Replacement;

mod dedupe;
mod language;
mod map;
mod origin;
mod publish;
mod residual;
pub(crate) mod staging;

pub use staging::remove_interrupted_builds;
use staging::{Staged, Work};

/// What is to be built.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the release: 1 to 64 of `a-z 0-9 . _ -`, not starting with a dot nor ending in `.partial`.
    pub name: String,
    /// What it may be used for.
    pub purpose: Purpose,
    /// The time of the decision about every turn.
    pub as_of: Timestamp,
    /// The real time: what was promised to be gone by now is not used, whenever the decision is.
    pub now: Timestamp,
    /// The folder to make.
    pub output: PathBuf,
    /// What is an identifier.
    pub identifiers: Settings,
    /// What reads the sentences again in which the model of names is in doubt, where it is installed.
    pub second_reader: Option<SecondReader>,
    /// What stands for one.
    pub replacement: Replacement,
    /// Whether near copies are merged, or exact ones only.
    pub near_duplicates: bool,
    /// How much a pasted byte of a person's turn counts when a row is drawn for training, in thousandths, at most
    /// [`SAMPLING_FULL`]. Nothing is left out: it only sets the column `sampling_permille`.
    pub pasted_permille: u32,
    /// What the language is held against; without one, the first release for the same purpose.
    pub reference: Option<Reference>,
    /// What becomes of files.
    pub attachments: Attachments,
    /// What becomes of sentences that tell something sensitive.
    pub sensitive: Policy,
    /// How closely the release is looked at once it is written, and what it may show.
    pub look: Look,
    /// Memory that the build may use for batches and exchange, in bytes, beside up to 144 MiB for word counts. It
    /// changes nothing in the release.
    pub memory_bytes: usize,
    /// Version of the program, for the manifest.
    pub tool: String,
}

/// An installed encoder.
#[derive(Clone)]
pub struct SecondReader {
    /// Ready to read.
    pub encoder: Arc<Encoder>,
    /// SHA-256 of its file, hexadecimal.
    pub sha256: String,
}

impl fmt::Debug for SecondReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecondReader({})", self.sha256)
    }
}

impl SecondReader {
    /// The engine with these settings, and with a second reader if there is one.
    pub fn engine(settings: Settings, reader: Option<&Self>) -> Engine {
        match reader {
            Some(reader) => Engine::with_encoder(settings, Arc::clone(&reader.encoder)),
            None => Engine::new(settings),
        }
    }
}

/// Memory that a build uses unless told otherwise, in bytes.
pub const MEMORY_BYTES: usize = 512 << 20;
/// The least memory with which a build can go on, in bytes.
pub const MEMORY_BYTES_MIN: usize = 4 << 20;

/// How far a build is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: &'static str,
    /// How much of it is done.
    pub done: u64,
    /// How much there is.
    pub total: u64,
}

/// A build that was not finished; nothing of it is left but its working files, which the next one removes.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Not a name.
    #[error(
        "`{0}` cannot name a release\nhint: use 1 to 64 of a-z, 0-9, `.`, `_`, `-`, not starting with a dot nor \
         ending in .partial"
    )]
    Name(String),
    /// Not a folder that can be made.
    #[error("{0} does not name a new folder\nhint: end it in a name, in UTF-8, that nothing has")]
    Output(PathBuf),
    /// The release was entered in the log, and the build is run again as another.
    #[error(
        "release `{name}` is in the log and half made: it is for {purpose}, as of {as_of}, in {output}\nhint: \
         build it with just these to complete it, or choose another name"
    )]
    Interrupted {
        /// The name.
        name: String,
        /// What it is for.
        purpose: String,
        /// When it was decided.
        as_of: Timestamp,
        /// The folder it was to have.
        output: PathBuf,
    },
    /// The release was entered in the log, and someone left before its folder was in its place.
    #[error(
        "release `{0}` is void: its build was interrupted, and rows of it were recalled since\nhint: choose \
         another name"
    )]
    Void(String),
    /// The folder exists.
    #[error("{0} exists\nhint: releases never change; choose another name or folder")]
    OutputExists(PathBuf),
    /// A folder or file of the build could not be made, moved or removed.
    #[error("{doing} {path}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// The path.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Sealed pieces.
    #[error(transparent)]
    Piece(#[from] PieceError),
    /// Working files.
    #[error(transparent)]
    Spill(#[from] SpillError),
    /// Exchange.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// Stages.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// More than pasted text can count.
    #[error("pasted text cannot count {0} thousandths\nhint: 1000 is all of it")]
    PastedPermille(u32),
    /// Data files.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Subject tree.
    #[error(transparent)]
    Subjects(#[from] SubjectsError),
    /// A figure of the second look is over what the settings let through.
    #[error(
        "the release is not published: {} is {} and may be {}\nhint: its rows hold more than the settings let through; \
         find more with [identifiers], or raise the figure under [release.residual]", .0.gate, .0.figure, .0.most
    )]
    Residual(Over),
    /// Something that cannot be.
    #[error("the build contradicts itself: {0}")]
    Contradiction(String),
}

impl From<CompressError> for BuildError {
    fn from(error: CompressError) -> Self {
        BuildError::Piece(error.into())
    }
}

impl BuildError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            BuildError::Name(_) | BuildError::Output(_) | BuildError::PastedPermille(_) => Kind::Invalid,
            BuildError::OutputExists(_) | BuildError::Interrupted { .. } | BuildError::Void(_) => {
                Kind::Conflict
            }
            BuildError::File { .. } => Kind::Unavailable,
            BuildError::Residual(_) => Kind::Denied,
            BuildError::Vault(error) => error.kind(),
            BuildError::Piece(error) => error.kind(),
            BuildError::Spill(error) => error.kind(),
            BuildError::Exchange(error) => error.kind(),
            BuildError::Stage(error) => error.kind(),
            BuildError::Data(error) => error.kind(),
            BuildError::Subjects(error) => error.kind(),
            BuildError::Contradiction(_) => Kind::Internal,
        }
    }
}

/// A finished release.
#[derive(Clone, Debug)]
pub struct Built {
    /// Its folder.
    pub folder: PathBuf,
    /// Its manifest.
    pub manifest: crate::Manifest,
}

/// Builds a release, or finishes one whose build was interrupted after it was entered in the log.
pub fn build(
    vault: &mut Vault,
    plan: &Plan,
    entropy: &mut Entropy,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Built, BuildError> {
    check_name(&plan.name)?;
    if plan.pasted_permille > SAMPLING_FULL {
        return Err(BuildError::PastedPermille(plan.pasted_permille));
    }
    let output = staging::place(&plan.output)?;
    if let Some(row) = vault.release(&plan.name)? {
        return publish::finish_interrupted(vault, plan, &output, &row);
    }
    if staging::is_taken(&output) {
        return Err(BuildError::OutputExists(plan.output.clone()));
    }
    let built = make(vault, (plan, &output), entropy, progress);
    if built.is_err() {
        // What made the build fail is what to tell; the next build or retention run tries again to clean up.
        let _ = remove_interrupted_builds(vault);
    }
    built
}

fn make(
    vault: &mut Vault,
    (plan, output): (&Plan, &Path),
    entropy: &mut Entropy,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Built, BuildError> {
    let work = Work::start(vault, &plan.name, output, entropy)?;
    let secret = vault.release_secret(&plan.name);
    let mut run = Run::new(vault, plan, &work, secret, entropy)?;
    run.gather(vault, progress)?;
    run.map(vault, entropy, progress)?;
    let clusters = run.dedupe(progress)?;
    let built = run.publish(vault, &clusters, entropy, progress)?;
    work.remove()?;
    Ok(built)
}

/// Everything a build knows between its stages.
struct Run<'p> {
    plan: &'p Plan,
    folder: PathBuf,
    staged: Staged,
    secret: [u8; 32],
    release_id: String,
    checkpoint: String,
    engine: Engine,
    sketcher: Sketcher,
    word_counts: WordCounts,
    /// Keyed digests of the rows so far, by which exact copies are known.
    digests: HashSet<[u8; 16]>,
    partitions: Vec<PathBuf>,
    rows: Rows,
    /// Authors of all rows, one after the other; `author_ends[row]` is where a row's end.
    authors: Vec<u32>,
    author_ends: Vec<usize>,
    people: People,
    turns: TurnCounts,
    /// Identifiers replaced in each row that has any, by row.
    identifiers: Vec<(u32, IdentifierKind, u32)>,
    exchange: Option<crate::dedup::Exchange>,
    winnower: Winnower,
    answers: Option<Answers>,
    /// The conversation of each row, by number.
    conversations: Vec<u32>,
    /// Whether a person's turn of a row may hold a part of an answer before it.
    quotes: Vec<bool>,
    /// What is known of the rows in the sample of the second look, by row.
    evidence: BTreeMap<u32, Evidence>,
    /// Rows whose digest begins with at most this number are in that sample.
    sample_below: Option<u64>,
    /// What that look is keyed with.
    look_key: [u64; 2],
    /// The engine that finds every kind.
    wide: Engine,
    /// The key of surrogates, where they are written.
    surrogate_key: Option<Key>,
    /// How many surrogates the rows that have any have, by row.
    swaps: Vec<(u32, u64)>,
}

/// The people who wrote rows, by number.
#[derive(Default)]
struct People {
    numbers: HashMap<AuthorTag, u32>,
    nonces: Vec<[u8; 32]>,
}

impl People {
    fn number(&mut self, tag: AuthorTag, nonce: &[u8; 32]) -> u32 {
        *self.numbers.entry(tag).or_insert_with(|| {
            self.nonces.push(*nonce);
            self.nonces.len() as u32 - 1
        })
    }
}

/// Memory for each sketch of how common words are, in bytes. Fixed: collisions in it decide pairs, and the same
/// vault must give the same bytes whatever memory there is.
const WORD_COUNT_BYTES: usize = 16 << 20;
/// Most sketches that are filled at a time.
const WORD_COUNT_SHARDS_MAX: usize = 8;

impl<'p> Run<'p> {
    fn new(
        vault: &Vault,
        plan: &'p Plan,
        work: &Work,
        secret: [u8; 32],
        entropy: &mut Entropy,
    ) -> Result<Self, BuildError> {
        let checkpoint = vault.checkpoint().to_string();
        let as_of = plan.as_of.to_string();
        let id = derived(&secret, "candor-release-id-1", &[as_of.as_bytes(), checkpoint.as_bytes()]);
        let dedup_key = derived(&secret, "candor-release-dedup-1", &[]);
        let memory = plan.memory_bytes.max(MEMORY_BYTES_MIN);
        let origin_key = derived(&secret, "candor-release-origin-1", &[]);
        let origin_words = |label| keyed::words(&origin_key, label);
        Ok(Self {
            plan,
            folder: work.folder.clone(),
            staged: work.staged.clone(),
            secret,
            release_id: candor_tlog::hash::Hash(id).to_string(),
            checkpoint,
            engine: SecondReader::engine(plan.identifiers.clone(), plan.second_reader.as_ref()),
            sketcher: Sketcher::new(&dedup_key),
            word_counts: WordCounts::new(&dedup_key, WORD_COUNT_BYTES),
            digests: HashSet::new(),
            partitions: Vec::new(),
            rows: Rows::create(&work.folder, entropy)?,
            authors: Vec::new(),
            author_ends: Vec::new(),
            people: People::default(),
            turns: TurnCounts::default(),
            identifiers: Vec::new(),
            exchange: Some(crate::dedup::Exchange::new(&work.folder, memory / 2)),
            winnower: Winnower::new(origin_words("candor-origin-winnow-1")),
            answers: Some(Answers::new(origin_words("candor-origin-join-1"), &work.folder, memory / 8)),
            conversations: Vec::new(),
            quotes: Vec::new(),
            evidence: BTreeMap::new(),
            sample_below: residual::sample_below(plan.look.sample_turns, vault.holdings()?.turns),
            look_key: keyed::words(&derived(&secret, "candor-release-look-1", &[]), "candor-look-1"),
            wide: Engine::new(again::of_every_kind(&plan.identifiers)),
            // Not derived from anything that stays: what is destroyed is to be gone.
            surrogate_key: matches!(plan.replacement, Replacement::Surrogates(_))
                .then(|| Key::random(entropy)),
            swaps: Vec::new(),
        })
    }

    /// Brings the sealed pieces of each conversation together.
    fn gather(&mut self, vault: &Vault, progress: &(dyn Fn(Progress) + Sync)) -> Result<(), BuildError> {
        self.partitions = gather(vault, (&self.folder, &self.secret), self.plan, progress)?;
        Ok(())
    }

    /// The authors of a row, by number.
    fn authors_of(&self, row: usize) -> &[u32] {
        let start = row.checked_sub(1).map_or(0, |before| self.author_ends[before]);
        &self.authors[start..self.author_ends[row]]
    }
}

/// Brings the sealed pieces of each conversation together in files of a folder, in an order that only the release's
/// secret tells.
pub(crate) fn gather(
    vault: &Vault,
    (folder, secret): (&Path, &[u8; 32]),
    plan: &Plan,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<PathBuf>, BuildError> {
    let holdings = vault.holdings()?;
    let partition_bytes = (plan.memory_bytes.max(MEMORY_BYTES_MIN) / 32).max(1 << 18) as u64;
    let with_files = plan.attachments == Attachments::Text;
    let bytes = holdings.bytes + if with_files { holdings.files_bytes } else { 0 };
    let count = bytes.div_ceil(partition_bytes).clamp(1, PARTITIONS_MAX) as usize;
    let mut partitions = Partitions::create(folder, count)?;
    let mut done = 0;
    let visit = |pieces: Vec<SealedPiece>| -> Result<(), BuildError> {
        for piece in &pieces {
            let order = derived(secret, "candor-release-order-1", &[&piece.conversation]);
            partitions.push(&order, piece)?;
        }
        done += 1;
        progress(Progress { stage: "gather", done, total: holdings.segments });
        Ok(())
    };
    if with_files { vault.each_segment_with_files(visit) } else { vault.each_segment(visit) }?;
    Ok(partitions.finish()?)
}

/// Most files that pieces are spread over.
const PARTITIONS_MAX: u64 = 512;

fn derived(secret: &[u8; 32], kind: &str, fields: &[&[u8]]) -> [u8; 32] {
    keyed_hash(&Key::from_bytes(*secret), kind, fields)
}

fn check_name(name: &str) -> Result<(), BuildError> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    let fits = (1..=64).contains(&name.len())
        && name.chars().all(allowed)
        && !name.starts_with('.')
        && !name.ends_with(".partial");
    if fits { Ok(()) } else { Err(BuildError::Name(name.to_owned())) }
}

/// Bands of one row, on their way into the exchange.
type Bands = [u64; BANDS];
/// A person by number, shared between threads.
type SharedPerson = Arc<candor_vault::Person>;
