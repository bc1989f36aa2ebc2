//! Surrogates: what stands for an identifier and reads as one, decided by a key.
//!
//! A surrogate is drawn by HMAC-SHA256 under the key of a release from the entity that it stands for, so that one
//! entity has one surrogate wherever and however it is written: in a conversation, or all over the release. Case,
//! spaces, separators and the number of words stay as they were written. Numbers come from ranges set aside for
//! fiction or documentation, or fail every check digit that they could be read by, so that they are nobody's.
//!
//! Within one conversation no two entities share a surrogate, and no surrogate is a value that was told to
//! [`Surrogates::know`]; where that is impossible, or a kind has none, the answer is `None` and a placeholder
//! ([`crate::placeholder`]) has to stand there. Names of months, ages and generalisations are outside that rule:
//! all dates of a conversation move by one number of weeks.
//!
//! Whoever has neither the key nor a table of [`Places`](crate::Places) cannot find the way back by trying names,
//! as they could with a plain hash.

mod check;
mod date;
mod draw;
mod general;
mod mail;
mod network;
mod number;
pub(crate) mod people;
mod person;
mod phone;
mod place;
mod shape;
mod words;

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::identifier::IdentifierKind;
use crate::surrogate::date::Shift;
use crate::surrogate::draw::Draws;
use crate::surrogate::mail::Account;
use crate::surrogate::person::People;
use crate::surrogate::shape::{essence, words as words_of};

/// Draws for one entity before a placeholder has to stand for it.
const ATTEMPTS_MAX: u32 = 64;
/// Digits at the end of a phone number that make it the same number, with its country code or without.
const PHONE_TAIL: usize = 9;

/// Where an entity keeps its surrogate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consistency {
    /// In one conversation: rows cannot be linked by their surrogates.
    Conversation,
    /// In all conversations of a release, unless two entities of one conversation drew the same.
    Release,
}

/// The surrogates of one conversation.
///
/// Holds the conversation's identifiers in memory; drop it with the conversation.
pub struct Surrogates {
    draws: Draws,
    shift: Shift,
    people: People,
    /// Which attempt an entity's surrogate comes from.
    attempts: HashMap<(IdentifierKind, String), u32>,
    /// Whose a surrogate is.
    owners: HashMap<String, (IdentifierKind, String)>,
    /// Values that stand in the conversation.
    real: HashSet<String>,
}

impl Surrogates {
    /// Those of a conversation, by its id, under the key of a release.
    pub fn new(key: &[u8; 32], consistency: Consistency, conversation: &str) -> Self {
        let scope = match consistency {
            Consistency::Conversation => format!("conversation {conversation}"),
            Consistency::Release => "release".to_owned(),
        };
        let mut calendar = Draws::new(key, &format!("calendar {conversation}")).stream("shift", "", 0);
        Self {
            draws: Draws::new(key, &scope),
            shift: Shift::of(calendar.below(Shift::COUNT)),
            people: People::default(),
            attempts: HashMap::new(),
            owners: HashMap::new(),
            real: HashSet::new(),
        }
    }

    /// Keeps a value of the conversation from being a surrogate in it.
    ///
    /// Call it for every span of every turn before the first [`Self::give`].
    pub fn know(&mut self, kind: IdentifierKind, covered: &str) {
        self.real.insert(value(kind, covered));
        if matches!(kind, IdentifierKind::Person | IdentifierKind::Email | IdentifierKind::Handle) {
            let parts = words_of(covered).into_iter().map(essence).filter(|part| part.chars().count() > 1);
            self.real.extend(parts);
        }
    }

    /// What is written in place of a covered text; `None` where a placeholder has to stand.
    ///
    /// `entity` is the one spelling of what the text stands for: [`crate::Engine::canonical`], or for a person the
    /// fullest name that the conversation has. Secrets, keys and URLs with credentials have no surrogate.
    pub fn give(&mut self, kind: IdentifierKind, entity: &str, covered: &str) -> Option<String> {
        self.know(kind, covered);
        match kind {
            IdentifierKind::PrivateKey | IdentifierKind::Url | IdentifierKind::Secret => None,
            IdentifierKind::Person => self.person(entity, covered),
            IdentifierKind::Date | IdentifierKind::BirthDate => self.shift.apply(covered),
            IdentifierKind::Age | IdentifierKind::Title | IdentifierKind::Group => {
                let mut stream = self.draws.stream(kind.placeholder_label(), entity, 0);
                general::write(kind, covered, &mut stream)
            }
            _ => self.unshared(kind, entity, covered),
        }
    }

    fn person(&mut self, entity: &str, covered: &str) -> Option<String> {
        let surrogate = self.people.name(&self.draws, &self.real, entity, covered)?;
        // A name of titles and particles alone would come back as it is.
        (essence(&surrogate) != essence(covered)).then_some(surrogate)
    }

    fn unshared(&mut self, kind: IdentifierKind, entity: &str, covered: &str) -> Option<String> {
        let owner = (kind, entity.to_owned());
        let first = self.attempts.get(&owner).copied().unwrap_or(0);
        for attempt in first..ATTEMPTS_MAX {
            let candidate = self.draw(kind, entity, covered, attempt)?;
            let value = value(kind, &candidate);
            let is_free = self.owners.get(&value).is_none_or(|of| *of == owner);
            if !value.is_empty() && is_free && !self.real.contains(&value) {
                self.owners.insert(value, owner.clone());
                self.attempts.insert(owner, attempt);
                return Some(candidate);
            }
        }
        None
    }

    fn draw(&mut self, kind: IdentifierKind, entity: &str, covered: &str, attempt: u32) -> Option<String> {
        let mut stream = self.draws.stream(kind.placeholder_label(), entity, attempt);
        match kind {
            IdentifierKind::Email | IdentifierKind::Handle => {
                let Self { people, draws, real, .. } = self;
                let mut account = Account { people, draws, real, attempt };
                Some(match kind {
                    IdentifierKind::Email => account.address(covered, &mut stream),
                    _ => account.handle(covered, &mut stream),
                })
            }
            IdentifierKind::Phone => Some(phone::write(entity, covered, &mut stream)),
            IdentifierKind::Ip | IdentifierKind::Mac | IdentifierKind::Website => {
                network::write(kind, covered, &mut stream)
            }
            IdentifierKind::Address | IdentifierKind::Organisation | IdentifierKind::Location => {
                place::write(kind, covered, &mut stream)
            }
            IdentifierKind::Coordinates => number::coordinates(covered, &mut stream),
            _ => number::write(kind, covered, &mut stream),
        }
    }
}

/// What makes two spellings the same value.
fn value(kind: IdentifierKind, text: &str) -> String {
    let essence = essence(text);
    if kind != IdentifierKind::Phone {
        return essence;
    }
    let digits: Vec<char> = essence.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(PHONE_TAIL)..].iter().collect()
}

/// Shows how many entities have a surrogate, never which.
impl fmt::Debug for Surrogates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Surrogates({} given)", self.attempts.len())
    }
}
