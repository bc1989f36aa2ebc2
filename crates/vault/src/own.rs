//! What a person alone stands behind, for their own pages: listed and opened beside the process that has the vault.
//!
//! Like [`crate::Live`] it takes no lock and only reads. What was found of a person is remembered for a while, without
//! their key and with no more of what was said than how each conversation begins: the next look reads only the
//! segments that came since. A segment is read only if it is the one that was written; each piece of it opens with the
//! person's key or is not theirs.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candor_consent::{AccessPermit, Purpose, Reason};
use candor_conversation::{Part, SubjectId, Timestamp};
use zeroize::Zeroizing;

use crate::capture::SegmentRow;
use crate::catalogue::{self, Db};
use crate::segments::segment_rows;
use crate::{AuthorTag, Objects, Person, Policy, StoredTurn, Vault, VaultError};

mod shelf;

use shelf::Shelf;

/// People whose conversations are remembered at once.
const PEOPLE_MAX: usize = 200;
/// Memory for what is remembered of all people together, in bytes. Of one person it may be more while they look.
const BYTES_MAX: usize = 256 << 20;
/// What nobody looked at for so long is dropped.
const IDLE_MS_MAX: i64 = 15 * 60_000;
/// How often a look begins again because segments were replaced in between.
const ATTEMPTS_MAX: u32 = 5;

/// A conversation's name in its author's lists: a keyed hash, which says nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConversationKey(pub(crate) [u8; 16]);

/// Who looks at their own, and as of when.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// Who.
    pub person: &'a Person,
    /// Their right to read what they wrote.
    pub permit: &'a AccessPermit,
    /// What decides.
    pub policy: &'a Policy,
    /// Now.
    pub now: Timestamp,
}

/// What is asked of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Only conversations of which something may be used for this purpose now.
    pub purpose: Option<Purpose>,
    /// How many to skip, the newest first.
    pub skip: usize,
    /// How many to list at most.
    pub limit: usize,
}

/// A part of a person's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnList {
    /// The newest first.
    pub conversations: Vec<OwnSummary>,
    /// Conversations that are held of the person, whatever was asked for.
    pub total: usize,
    /// Whether older ones follow.
    pub has_older: bool,
}

/// A conversation in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSummary {
    /// Its name.
    pub key: ConversationKey,
    /// The first words of its author.
    pub begins: Option<Beginning>,
    /// When its first turn was said, where that is known.
    pub first_at: Option<Timestamp>,
    /// When its last turn was said, where that is known.
    pub last_at: Option<Timestamp>,
    /// Turns that the person alone stands behind.
    pub turns: u32,
    /// Those of them that the person wrote.
    pub own_turns: u32,
    /// Replies that others wrote before, too. They cannot be shown, because others' words may be in them.
    pub joint_turns: u32,
    /// What holds now, in the order of [`Purpose::ALL`].
    pub standing: Vec<PurposeSummary>,
}

/// The first words of a conversation, to recognise it by: at most [`Beginning::CHARACTERS_MAX`] characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Beginning(Arc<Zeroizing<String>>);

/// For how many turns of a conversation a purpose is allowed now, and why not for the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeSummary {
    /// The purpose.
    pub purpose: Purpose,
    /// Turns that were bound to it when they were captured.
    pub bound: u32,
    /// Turns for which it is allowed.
    pub allowed: u32,
    /// Why it is withheld for the others: each reason once, in the order in which they come.
    pub reasons: Vec<Reason>,
}

/// A conversation, opened by its author.
#[derive(Debug)]
pub struct OwnOpened {
    /// Its name.
    pub key: ConversationKey,
    /// Its turns, in order.
    pub turns: Vec<OwnTurn>,
    /// Replies that others wrote before, too.
    pub joint_turns: u32,
}

/// A turn that the person alone stands behind.
#[derive(Debug)]
pub struct OwnTurn {
    /// What is known of it.
    pub turn: StoredTurn,
    /// What was said.
    pub parts: Vec<Part>,
    /// What holds now for each purpose, in the order of [`Purpose::ALL`]: until when it is kept for it, or why it is
    /// withheld.
    pub standing: Vec<(Purpose, Result<Timestamp, Reason>)>,
}

/// A reader of what single people stand behind. It may be shared by threads; a look at one person keeps nobody else
/// waiting.
pub struct Own {
    listing: Mutex<Listing>,
    objects: Objects,
    shelves: Mutex<HashMap<SubjectId, Arc<Remembered>>>,
}

/// The segments as they were last listed.
struct Listing {
    db: Db,
    version: Option<i64>,
    rows: Arc<Listed>,
}

/// What is made of the files of a conversation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Files {
    /// They are told by their digests.
    Named,
    /// Their bytes are there.
    Opened,
}

/// Segments, with a number that is another one whenever they may be others.
struct Listed {
    number: u64,
    rows: Vec<Arc<SegmentRow>>,
}

/// What is remembered of a person.
struct Remembered {
    tag: AuthorTag,
    used_ms: AtomicI64,
    shelf: Mutex<Shelf>,
}

impl Own {
    /// Opens a data directory to read.
    pub fn open(root: &Path) -> Result<Self, VaultError> {
        if !Vault::is_at(root) {
            return Err(VaultError::NotThere(root.to_owned()));
        }
        let listed = Arc::new(Listed { number: 0, rows: Vec::new() });
        let listing = Listing { db: catalogue::open_to_read(root)?, version: None, rows: listed };
        Ok(Self {
            listing: Mutex::new(listing),
            objects: Objects::in_folder(&root.join("objects"))?,
            shelves: Mutex::default(),
        })
    }

    /// A person's conversations, as of the segments that are there now.
    ///
    /// The first look at a person reads all segments of their bucket; another one only those that came since.
    pub fn list(&self, look: Look<'_>, wanted: Wanted) -> Result<OwnList, VaultError> {
        let remembered = self.remembered(look)?;
        let list = {
            let mut shelf = locked(&remembered.shelf);
            self.bring_up_to_date(&mut shelf, look)?;
            shelf.list(look, wanted)
        };
        self.make_room(look.person.subject.id);
        Ok(list)
    }

    /// Opens a conversation of a person; `None` if nothing of theirs has that name. Its files are named by their digests,
    /// and not opened.
    pub fn open_conversation(
        &self,
        look: Look<'_>,
        key: ConversationKey,
    ) -> Result<Option<OwnOpened>, VaultError> {
        self.open_with(look, key, Files::Named)
    }

    /// The same with its files, as far as they were kept.
    pub fn open_conversation_with_files(
        &self,
        look: Look<'_>,
        key: ConversationKey,
    ) -> Result<Option<OwnOpened>, VaultError> {
        self.open_with(look, key, Files::Opened)
    }

    fn open_with(
        &self,
        look: Look<'_>,
        key: ConversationKey,
        files: Files,
    ) -> Result<Option<OwnOpened>, VaultError> {
        let remembered = self.remembered(look)?;
        let mut attempt = 1;
        let opened = loop {
            let mut shelf = locked(&remembered.shelf);
            self.bring_up_to_date(&mut shelf, look)?;
            match shelf.open(look, key, (&self.objects, files)) {
                Err(VaultError::Object(error)) if error.is_absence() && attempt < ATTEMPTS_MAX => {
                    attempt += 1
                }
                opened => break opened?,
            }
        };
        self.make_room(look.person.subject.id);
        Ok(opened)
    }

    /// Forgets what is remembered of whoever is not enrolled any more, and of those who did not look for a while. To
    /// be called every few seconds.
    pub fn tidy(&self, policy: &Policy, now: Timestamp) {
        let is_current = |remembered: &Remembered| {
            let idle_ms = now.millis() - remembered.used_ms.load(Ordering::Relaxed);
            idle_ms <= IDLE_MS_MAX && policy.by_tag(&remembered.tag).is_some()
        };
        locked(&self.shelves).retain(|_, remembered| is_current(remembered));
    }

    /// How many people are remembered, and about how many bytes that takes.
    pub fn memory(&self) -> (usize, usize) {
        let shelves = locked(&self.shelves);
        (shelves.len(), shelves.values().map(|remembered| remembered.bytes()).sum())
    }

    fn remembered(&self, look: Look<'_>) -> Result<Arc<Remembered>, VaultError> {
        let subject = &look.person.subject;
        if look.permit.subject() != subject.id {
            return Err(VaultError::NotTheirs);
        }
        let mut shelves = locked(&self.shelves);
        let remembered = shelves.entry(subject.id).or_insert_with(|| {
            let (tag, used_ms) = (subject.tag, AtomicI64::default());
            Arc::new(Remembered { tag, used_ms, shelf: Mutex::default() })
        });
        remembered.used_ms.store(look.now.millis(), Ordering::Relaxed);
        Ok(Arc::clone(remembered))
    }

    fn bring_up_to_date(&self, shelf: &mut Shelf, look: Look<'_>) -> Result<(), VaultError> {
        let mut attempt = 1;
        loop {
            let listed = locked(&self.listing).now()?;
            if shelf.seen == Some(listed.number) {
                return Ok(());
            }
            match shelf.read_new(&listed.rows, look, &self.objects) {
                Ok(()) => {
                    shelf.seen = Some(listed.number);
                    return Ok(());
                }
                // Replaced since it was listed; what it held is in another one by now.
                Err(VaultError::Object(error)) if error.is_absence() && attempt < ATTEMPTS_MAX => {
                    attempt += 1
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Forgets whoever looked longest ago while there is too much, but not who looks now.
    fn make_room(&self, looking: SubjectId) {
        let mut shelves = locked(&self.shelves);
        let mut bytes: usize = shelves.values().map(|remembered| remembered.bytes()).sum();
        while shelves.len() > PEOPLE_MAX || bytes > BYTES_MAX {
            let others = shelves.iter().filter(|(id, _)| **id != looking);
            let oldest = others.min_by_key(|(_, remembered)| remembered.used_ms.load(Ordering::Relaxed));
            let Some(oldest) = oldest.map(|(id, _)| *id) else { return };
            bytes -= shelves.remove(&oldest).map_or(0, |remembered| remembered.bytes());
        }
    }
}

impl Remembered {
    /// Nothing for one that is being read at this moment.
    fn bytes(&self) -> usize {
        self.shelf.try_lock().map_or(0, |shelf| shelf.bytes())
    }
}

impl Listing {
    fn now(&mut self) -> Result<Arc<Listed>, VaultError> {
        let version = self.db.version()?;
        if self.version != Some(version) {
            let rows = segment_rows(&self.db)?.into_iter().map(Arc::new).collect();
            self.rows = Arc::new(Listed { number: self.rows.number + 1, rows });
            self.version = Some(version);
        }
        Ok(Arc::clone(&self.rows))
    }
}

impl Beginning {
    /// Most characters of one.
    pub const CHARACTERS_MAX: usize = 80;

    /// Of a turn's parts; `None` if there is no text in them.
    fn of(parts: &[Part]) -> Option<Self> {
        let text = parts.iter().find_map(|part| match part {
            Part::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        })?;
        // A word at a time, so that line breaks and long runs of blanks take no room.
        let mut begins = Zeroizing::new(String::new());
        for word in text.split_whitespace() {
            let room = Self::CHARACTERS_MAX.saturating_sub(begins.chars().count() + 1);
            if room == 0 {
                break;
            }
            if !begins.is_empty() {
                begins.push(' ');
            }
            begins.extend(word.chars().take(room));
        }
        Some(Self(Arc::new(begins)))
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows its size only.
impl fmt::Debug for Beginning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Beginning({} bytes)", self.0.len())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A string that is not the name of a conversation.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not the name of a conversation; expected 32 hexadecimal digits")]
pub struct InvalidConversationKey;

impl fmt::Display for ConversationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for ConversationKey {
    type Err = InvalidConversationKey;

    fn from_str(text: &str) -> Result<Self, InvalidConversationKey> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u128::from_str_radix(text, 16).ok().filter(|_| is_hex);
        number.map(|number| Self(number.to_be_bytes())).ok_or(InvalidConversationKey)
    }
}
