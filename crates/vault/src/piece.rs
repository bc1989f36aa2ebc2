//! Pieces: the turns of one conversation whose fate hangs together, sealed.
//!
//! A piece holds what the same people stand behind and what expires together. A human turn goes into a piece
//! of its author alone; a reply goes into a piece of everyone who wrote before it on its path. The piece's key is
//! wrapped by one key made from all of theirs, so that erasing any one of them closes it at once.
//!
//! Meta (times, bindings), text and each file are sealed apart: the decision about each turn is made from the meta,
//! only turns with a [`Permit`] come out of the text, and only their files are opened.

use candor_consent::{AccessPermit, Binding, EventId, NoticeId, Permit, Permits, Purpose};
use candor_conversation::{
    Age, CanonicalBytes, ConversationId, FileDigest, Kind, Part, Region, Role, Tier, Timestamp,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Entropy;
use crate::cipher::{DoesNotOpen, Key};
use crate::compress::{CompressError, Compressor, Decompressor};

mod files;

/// How segments name an author: a keyed hash of the subject's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthorTag(pub [u8; 16]);

/// A turn within its conversation: the first 8 bytes of a keyed hash of its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TurnReference(pub u64);

/// What is known about a stored turn, apart from its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTurn {
    /// Its place in the conversation.
    pub reference: TurnReference,
    /// The turn it answers.
    pub parent: Option<TurnReference>,
    /// Its index in the source, which orders siblings.
    pub order: u32,
    /// Who it speaks as.
    pub role: Role,
    /// The person who wrote it; `None` for the model, a tool or the operator.
    pub author: Option<AuthorTag>,
    /// When it was said.
    pub said_at: Option<Timestamp>,
    /// The author's account when it was captured.
    pub tier: Tier,
    /// Where the author was.
    pub region: Option<Region>,
    /// The author's age.
    pub age: Option<Age>,
    /// What it was bound to at capture.
    pub bindings: Vec<Binding>,
    /// Whether it is all that was said: not so for an answer that broke off.
    pub complete: bool,
}

/// A turn on its way into the vault: it carries the permits without which it must not be written.
pub struct CapturedTurn {
    /// What is known about it; `bindings` are taken from the permits.
    pub turn: StoredTurn,
    /// What was said.
    pub parts: Vec<Part>,
    /// Why it may be kept.
    pub permits: Permits,
}

/// A piece as it rests in a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedPiece {
    /// Keyed hash of the conversation's id.
    pub conversation: [u8; 16],
    /// Who must all still have a key for it to open; sorted.
    pub authors: Vec<AuthorTag>,
    /// Day since the epoch on which it is dropped.
    pub expires_day: i64,
    /// Turns in it.
    pub turns: u32,
    /// Bytes of text in it.
    pub text_bytes: u32,
    /// Its key, wrapped by the key that all authors' keys make together.
    pub wrapped_key: Vec<u8>,
    /// Sealed meta.
    pub meta: Vec<u8>,
    /// Sealed text.
    pub text: Vec<u8>,
    /// Its sealed files; `None` where only the text was read. Such a piece cannot be written again.
    pub files: Option<Vec<Vec<u8>>>,
}

/// A piece whose meta is open and whose text is not.
pub struct OpenPiece<'a> {
    sealed: &'a SealedPiece,
    key: Key,
    bound: Bound,
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// Its turns, in order of capture.
    pub turns: Vec<StoredTurn>,
}

/// Why a piece does not open.
#[derive(Debug, thiserror::Error)]
pub enum PieceError {
    /// A key is another one, or bytes changed.
    #[error("a sealed piece does not open: its bytes or keys are not those it was written with")]
    Sealed(#[from] DoesNotOpen),
    /// It opened, but holds something else.
    #[error("a sealed piece holds something else than a piece")]
    Shape,
    /// Its files are asked for, and were not read.
    #[error("the files of a sealed piece were not read with it")]
    WithoutFiles,
    /// Its text does not decompress.
    #[error("compress piece")]
    Compress(#[from] CompressError),
}

impl PieceError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            PieceError::WithoutFiles => Kind::Internal,
            PieceError::Sealed(_) | PieceError::Shape | PieceError::Compress(_) => Kind::Corrupt,
        }
    }
}

const META: &str = "candor-piece-meta-1";
const TEXT: &str = "candor-piece-text-2";
const KEY: &str = "candor-piece-key-1";
const PLACE: &str = "candor-piece-place-1";
const TOGETHER: &str = "candor-piece-authors-1";

/// Where a piece belongs; it opens nowhere else.
pub(crate) struct Place<'a> {
    /// The conversation.
    pub conversation: ConversationId,
    /// Its keyed hash.
    pub reference: [u8; 16],
    /// Everyone who must have a key, in order of their tags, with the keys.
    pub authors: &'a [(AuthorTag, Key)],
    /// Day on which it is dropped.
    pub expires_day: i64,
}

/// Seals turns that share authors and expiry, with the files that their parts hold.
pub(crate) fn seal(
    place: &Place<'_>,
    turns: &[CapturedTurn],
    compressor: &mut Compressor,
    entropy: &mut Entropy,
) -> Result<SealedPiece, PieceError> {
    let authors: Vec<AuthorTag> = place.authors.iter().map(|(tag, _)| *tag).collect();
    let wire = WireMeta::of(place.conversation, &authors, turns);
    let meta = serde_json::to_vec(&wire).map_err(|_| PieceError::Shape)?;
    let held = files::of(turns);
    let turns_parts = turns.iter().map(|turn| turn.parts.as_slice()).collect();
    let text = WireText { turns: turns_parts, files: held.iter().map(|(digest, _)| *digest).collect() };
    let text = serde_json::to_vec(&text).map_err(|_| PieceError::Shape)?;
    let text_bytes: usize = turns.iter().flat_map(|turn| &turn.parts).map(Part::text_bytes).sum();

    let key = Key::random(entropy);
    let bound = Bound::to(&place.reference, &authors);
    let together = together(place.authors.iter().map(|(_, key)| key));
    Ok(SealedPiece {
        conversation: place.reference,
        expires_day: place.expires_day,
        turns: turns.len() as u32,
        text_bytes: u32::try_from(text_bytes).unwrap_or(u32::MAX),
        wrapped_key: together.wrap(&bound.place(KEY), &key, entropy),
        meta: key.seal(&bound.place(META), &compressor.compress(&meta)?, entropy),
        text: key.seal(&bound.place(TEXT), &compressor.compress(&text)?, entropy),
        files: Some(held.into_iter().map(|file| files::seal((&key, &bound), file, entropy)).collect()),
        authors,
    })
}

impl SealedPiece {
    /// About how much room it takes.
    pub(crate) fn stored_bytes(&self) -> usize {
        let files: usize = self.files.iter().flatten().map(Vec::len).sum();
        size_of_val(&self.authors[..]) + self.wrapped_key.len() + self.meta.len() + self.text.len() + files
    }

    /// Opens the meta, given the keys of all its authors in the order of `self.authors`.
    pub fn open(
        &self,
        author_keys: &[&Key],
        decompressor: &mut Decompressor,
    ) -> Result<OpenPiece<'_>, PieceError> {
        if author_keys.len() != self.authors.len() || author_keys.is_empty() {
            return Err(PieceError::Shape);
        }
        let bound = Bound::to(&self.conversation, &self.authors);
        let key = together(author_keys.iter().copied()).unwrap(&bound.place(KEY), &self.wrapped_key)?;
        let meta = decompressor.decompress(&key.open(&bound.place(META), &self.meta)?)?;
        let wire: WireMeta = serde_json::from_slice(&meta).map_err(|_| PieceError::Shape)?;
        let (conversation, turns) = wire.read(&self.authors)?;
        Ok(OpenPiece { sealed: self, key, bound, conversation, turns })
    }
}

impl OpenPiece<'_> {
    /// The parts of the permitted turns, in the order given; each turn by its index with its permit. Files are named by
    /// their digests, and not opened.
    pub fn text(
        &self,
        permitted: &[(usize, &Permit)],
        decompressor: &mut Decompressor,
    ) -> Result<Vec<Vec<Part>>, PieceError> {
        if permitted.is_empty() {
            return Ok(Vec::new());
        }
        self.all_text(decompressor)?.take(permitted)
    }

    /// The same with the files of these turns, as far as they were kept.
    pub fn text_with_files(
        &self,
        permitted: &[(usize, &Permit)],
        decompressor: &mut Decompressor,
    ) -> Result<Vec<Vec<Part>>, PieceError> {
        if permitted.is_empty() {
            return Ok(Vec::new());
        }
        let mut all = self.all_text(decompressor)?;
        let digests = std::mem::take(&mut all.files);
        let mut turns = all.take(permitted)?;
        self.fill_in(&mut turns, &digests)?;
        Ok(turns)
    }

    /// Whether the text is the one that was sealed; nothing of it is given.
    pub(crate) fn text_opens(&self) -> bool {
        self.key.open(&self.bound.place(TEXT), &self.sealed.text).is_ok()
    }

    /// The whole piece for its own author, under the right of access; `None` unless they alone stand behind it.
    pub fn text_for_author(
        &self,
        author: AuthorTag,
        _permit: &AccessPermit,
        decompressor: &mut Decompressor,
    ) -> Result<Option<Vec<Vec<Part>>>, PieceError> {
        Ok(self.text_of(author, decompressor)?.map(|text| text.turns))
    }

    /// The same with the files, as far as they were kept.
    pub fn text_with_files_for_author(
        &self,
        author: AuthorTag,
        _permit: &AccessPermit,
        decompressor: &mut Decompressor,
    ) -> Result<Option<Vec<Vec<Part>>>, PieceError> {
        let Some(WireText { mut turns, files }) = self.text_of(author, decompressor)? else {
            return Ok(None);
        };
        self.fill_in(&mut turns, &files)?;
        Ok(Some(turns))
    }

    fn text_of(
        &self,
        author: AuthorTag,
        decompressor: &mut Decompressor,
    ) -> Result<Option<WireText<Vec<Part>>>, PieceError> {
        if self.sealed.authors != [author] {
            return Ok(None);
        }
        self.all_text(decompressor).map(Some)
    }

    fn fill_in(&self, turns: &mut [Vec<Part>], digests: &[FileDigest]) -> Result<(), PieceError> {
        let sealed = self.sealed.files.as_ref().ok_or(PieceError::WithoutFiles)?;
        files::fill_in(turns, (&self.key, &self.bound), (digests, sealed))
    }

    fn all_text(&self, decompressor: &mut Decompressor) -> Result<WireText<Vec<Part>>, PieceError> {
        let text = decompressor.decompress(&self.key.open(&self.bound.place(TEXT), &self.sealed.text)?)?;
        let text: WireText<Vec<Part>> = serde_json::from_slice(&text).map_err(|_| PieceError::Shape)?;
        if text.turns.len() == self.turns.len() { Ok(text) } else { Err(PieceError::Shape) }
    }
}

/// The text as it is written: the parts of each turn, and the digests of the files that are kept beside it.
#[derive(Serialize, Deserialize)]
struct WireText<P> {
    turns: Vec<P>,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    files: Vec<FileDigest>,
}

impl WireText<Vec<Part>> {
    fn take(mut self, permitted: &[(usize, &Permit)]) -> Result<Vec<Vec<Part>>, PieceError> {
        let turns = permitted.iter().map(|(index, _)| self.turns.get_mut(*index).map(std::mem::take));
        turns.map(|turn| turn.ok_or(PieceError::Shape)).collect()
    }
}

/// What the sealed parts of a piece are bound to: its conversation and authors, hashed once however many they are.
struct Bound([u8; 32]);

impl Bound {
    fn to(conversation: &[u8; 16], authors: &[AuthorTag]) -> Self {
        let mut bytes = CanonicalBytes::new(PLACE);
        bytes.field(conversation).number(authors.len() as u64);
        for author in authors {
            bytes.field(&author.0);
        }
        Self(Sha256::digest(bytes.into_bytes()).into())
    }

    /// The associated data of a sealed part.
    fn place(&self, kind: &str) -> Vec<u8> {
        let mut bytes = CanonicalBytes::new(kind);
        bytes.field(&self.0);
        bytes.into_bytes()
    }
}

/// The key that authors' keys make together: who lacks one of them knows nothing of it.
fn together<'k>(keys: impl Iterator<Item = &'k Key>) -> Key {
    // Fed one by one, because a buffer of them would be a copy that nothing wipes. Each is 32 bytes long, so no
    // two lists run together into the same bytes.
    let mut hash = Sha256::new_with_prefix(CanonicalBytes::new(TOGETHER).into_bytes());
    for key in keys {
        hash.update(key.as_bytes());
    }
    Key::from_bytes(hash.finalize().into())
}

/// The meta as it is written: version 1.
#[derive(Serialize, Deserialize)]
struct WireMeta {
    conversation: ConversationId,
    bindings: Vec<WireBinding>,
    turns: Vec<WireTurn>,
}

#[derive(Serialize, Deserialize, PartialEq)]
struct WireBinding {
    purpose: Purpose,
    event: Option<EventId>,
    notice: String,
}

#[derive(Serialize, Deserialize)]
struct WireTurn {
    reference: TurnReference,
    parent: Option<TurnReference>,
    order: u32,
    role: Role,
    author: Option<u16>,
    said_at: Option<i64>,
    tier: Tier,
    region: Option<Region>,
    age: Option<Age>,
    bindings: Vec<u16>,
    #[serde(default, skip_serializing_if = "is_complete")]
    broken_off: bool,
}

/// Nothing is written about a whole turn, as of old.
fn is_complete(broken_off: &bool) -> bool {
    !broken_off
}

impl WireMeta {
    fn of(conversation: ConversationId, authors: &[AuthorTag], turns: &[CapturedTurn]) -> Self {
        let mut bindings: Vec<Binding> = Vec::new();
        let mut wire_turns = Vec::with_capacity(turns.len());
        for captured in turns {
            let numbers = captured.permits.all().iter().map(|permit| {
                let binding = permit.binding();
                let known = bindings.iter().position(|other| *other == binding);
                known.unwrap_or_else(|| {
                    bindings.push(binding);
                    bindings.len() - 1
                }) as u16
            });
            let numbers = numbers.collect();
            let turn = &captured.turn;
            let author = turn.author.and_then(|tag| authors.iter().position(|other| *other == tag));
            wire_turns.push(WireTurn {
                reference: turn.reference,
                parent: turn.parent,
                order: turn.order,
                role: turn.role,
                author: author.map(|index| index as u16),
                said_at: turn.said_at.map(Timestamp::millis),
                tier: turn.tier,
                region: turn.region.clone(),
                age: turn.age,
                bindings: numbers,
                broken_off: !turn.complete,
            });
        }
        let wire_binding = |binding: &Binding| WireBinding {
            purpose: binding.purpose,
            event: binding.event,
            notice: binding.notice.to_string(),
        };
        Self { conversation, bindings: bindings.iter().map(wire_binding).collect(), turns: wire_turns }
    }

    fn read(self, authors: &[AuthorTag]) -> Result<(ConversationId, Vec<StoredTurn>), PieceError> {
        let mut bindings = Vec::with_capacity(self.bindings.len());
        for wire in self.bindings {
            let notice: NoticeId = wire.notice.parse().map_err(|_| PieceError::Shape)?;
            bindings.push(Binding { purpose: wire.purpose, event: wire.event, notice });
        }
        let mut turns = Vec::with_capacity(self.turns.len());
        for wire in self.turns {
            let author = match wire.author {
                Some(index) => Some(*authors.get(usize::from(index)).ok_or(PieceError::Shape)?),
                None => None,
            };
            let bound = wire.bindings.iter().map(|index| bindings.get(usize::from(*index)).copied());
            turns.push(StoredTurn {
                reference: wire.reference,
                parent: wire.parent,
                order: wire.order,
                role: wire.role,
                author,
                said_at: wire.said_at.map(Timestamp::from_millis),
                tier: wire.tier,
                region: wire.region,
                age: wire.age,
                bindings: bound.collect::<Option<_>>().ok_or(PieceError::Shape)?,
                complete: !wire.broken_off,
            });
        }
        Ok((self.conversation, turns))
    }
}
