//! A record that holds a whole conversation as a list of messages, in whatever dialect.

use std::collections::HashSet;

use candor_conversation::{Part, Role, Turn};
use serde_json::{Map, Value};

use super::{Parsed, conversation, digest};
use crate::Reason;
use crate::fields::{self, Person};

/// Shortest text taken as a conversation's id. Shorter ones, and numbers, are mostly row numbers of one file,
/// which another file uses again.
const ID_BYTES_MIN: usize = 8;
const CONVERSATION_ID: [&str; 3] = ["conversation_id", "thread_id", "id"];

/// A message before it has its place.
pub(super) struct Spoken {
    pub(super) role: Role,
    pub(super) parts: Vec<Part>,
    /// The participant's name, which tells people of one role apart.
    pub(super) name: Option<String>,
    pub(super) person: Person,
    pub(super) id: Option<String>,
}

/// Who wrote the `user` turns of a record when its messages carry names.
enum Speakers {
    /// One person: the record's author, or the name when it has none.
    One(Option<String>),
    /// The names differ: each name is a person, and the record's author is none of them for sure.
    Several,
}

/// The conversation of a record; `dialect` prefixes its id.
pub(super) fn read(
    dialect: &str,
    record: &Map<String, Value>,
    messages: Vec<Spoken>,
) -> Result<Parsed, Reason> {
    let owner = Person::read(record)?;
    let source_id = source_id(dialect, record);
    let speakers = speakers(&messages);
    let own_ids = ids_are_unique(&messages);
    let mut turns = Vec::with_capacity(messages.len());
    for (index, spoken) in messages.into_iter().enumerate() {
        let id = spoken.id.filter(|_| own_ids).unwrap_or_else(|| index.to_string());
        let mut turn = Turn::new(id, index.checked_sub(1), spoken.role, spoken.parts);
        turn.at = spoken.person.at.or(owner.at);
        if turn.role == Role::User {
            spoken.person.fill(&mut turn);
            match (&speakers, spoken.name) {
                (Speakers::Several, Some(name)) if turn.author.is_none() => turn.author = Some(name),
                (Speakers::One(name), _) if turn.author.is_none() && owner.author.is_none() => {
                    turn.author.clone_from(name);
                }
                _ => {}
            }
            owner.fill(&mut turn);
        } else {
            turn.author = spoken.person.author;
        }
        turns.push(turn);
    }
    let mut conversation = conversation(source_id, turns)?;
    conversation.tenant = owner.tenant;
    Ok(Parsed::Conversation(Box::new(conversation)))
}

fn source_id(dialect: &str, record: &Map<String, Value>) -> String {
    let named = CONVERSATION_ID.iter().filter_map(|field| record.get(*field).and_then(Value::as_str));
    let long_enough = |id: &&str| (ID_BYTES_MIN..=256).contains(&id.len());
    match named.into_iter().find(long_enough) {
        Some(id) => format!("{dialect}:{id}"),
        None => format!("{dialect}:sha256:{}", digest::of_object(record)),
    }
}

fn speakers(messages: &[Spoken]) -> Speakers {
    let mut names = messages.iter().filter(|spoken| spoken.role == Role::User).map(|spoken| &spoken.name);
    let first = names.next().cloned().flatten();
    if names.all(|name| *name == first) { Speakers::One(first) } else { Speakers::Several }
}

/// Whether each message has an id and no two the same; else their order names them.
fn ids_are_unique(messages: &[Spoken]) -> bool {
    let ids: HashSet<&str> = messages.iter().filter_map(|spoken| spoken.id.as_deref()).collect();
    ids.len() == messages.len()
}

/// The first of the fields that is a list whose first item is an object with a text field `marker`.
pub(super) fn list<'a>(
    record: &Map<String, Value>,
    names: &[&'a str],
    is_message: fn(&Map<String, Value>) -> bool,
) -> Option<&'a str> {
    let holds_messages = |name: &&&str| {
        let items = record.get(**name).and_then(Value::as_array);
        items.and_then(|items| items.first()).and_then(Value::as_object).is_some_and(is_message)
    };
    names.iter().find(holds_messages).copied()
}

/// The messages of a list, each read as one, or the reason why one cannot be.
pub(super) fn messages(
    record: &Map<String, Value>,
    list: &'static str,
    read: fn(&Map<String, Value>) -> Result<Spoken, Reason>,
) -> Result<Vec<Spoken>, Reason> {
    let items = record.get(list).and_then(Value::as_array).ok_or(Reason::MissingField { field: list })?;
    let read_item =
        |item: &Value| item.as_object().ok_or(Reason::InvalidField { field: list }).and_then(read);
    items.iter().map(read_item).collect()
}

/// The id of a message.
pub(super) fn message_id(message: &Map<String, Value>) -> Option<String> {
    message.get("id").and_then(fields::id)
}
