//! Where an exchange stands in its conversation.
//!
//! Clients send the whole conversation with every request, so a turn's name is a hash of all that was said up to
//! it: the same history gives the same names, in this process or another, today or after a restart. The system
//! prompt is left out of the chain, because many clients write the time into it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use candor_conversation::{CanonicalBytes, Part, Role, Timestamp, Turn};
use candor_wire::reply::Reply;
use candor_wire::thread_name::{begun, hex_of, named};

use crate::exchange::Exchange;

/// A path through a conversation, and where on it what was said now begins.
pub(crate) struct Thread {
    /// The conversation's name, apart for each person.
    pub(crate) conversation: String,
    pub(crate) path: Vec<Turn>,
    pub(crate) fresh_from: usize,
    /// Whether turns came before that are not on the path.
    pub(crate) is_cut: bool,
}

impl Thread {
    /// Drops the bytes of files that are larger than this; their digests stay.
    pub(crate) fn drop_files_beyond(&mut self, file_bytes_max: usize) {
        drop_files_beyond(&mut self.path, file_bytes_max);
    }
}

fn drop_files_beyond(path: &mut [Turn], file_bytes_max: usize) {
    for file in path.iter_mut().flat_map(|turn| &mut turn.parts).filter_map(Part::file_mut) {
        if file.bytes().is_some_and(|bytes| bytes.len() > file_bytes_max) {
            file.drop_bytes();
        }
    }
}

/// Lays out an exchange, the answers at the end.
pub(crate) fn lay_out(
    exchange: &Exchange,
    before: Option<&Remembered>,
    reply: Option<&Reply>,
    answered_at: Timestamp,
) -> Thread {
    let request = &exchange.request;
    let mut path: Vec<Turn> = before.map(|before| before.path.to_vec()).unwrap_or_default();
    let fresh_from = path.len() + request.fresh_from();
    let mut link =
        path.iter().rev().find(|turn| turn.role != Role::System).map(|turn| turn.source_id.clone());
    let author = &exchange.author.subject.profile.name;
    let author_id = exchange.author.subject.id;
    for (index, said) in request.said.iter().enumerate() {
        let mut turn = turn_after(&mut link, said.role, &said.parts);
        turn.parent = path.len().checked_sub(1);
        turn.author = (said.role == Role::User).then(|| author.clone());
        turn.at = (index >= request.fresh_from()).then_some(exchange.at());
        path.push(turn);
    }
    let first = path.iter().find(|turn| turn.role != Role::System).map(|turn| turn.source_id.clone());
    let conversation = match (before, &exchange.conversation) {
        (Some(before), _) => before.conversation.clone(),
        (None, Some(name)) => named(author_id, name),
        (None, None) => begun(author_id, &first.unwrap_or_default()),
    };
    // Several answers side by side have the same parent. Two that say the same are one.
    let answered = path.len();
    for choice in reply.iter().flat_map(|reply| &reply.choices).filter(|choice| !choice.is_empty()) {
        let mut turn = turn_after(&mut link.clone(), Role::Assistant, choice);
        turn.parent = answered.checked_sub(1);
        turn.at = Some(answered_at);
        if path[answered..].iter().all(|other| other.source_id != turn.source_id) {
            path.push(turn);
        }
    }
    let is_cut = before.is_none() && request.continues_elsewhere;
    Thread { conversation, path, fresh_from, is_cut }
}

fn turn_after(link: &mut Option<String>, role: Role, parts: &[Part]) -> Turn {
    let mut bytes = CanonicalBytes::new("candor-gateway-turn-1");
    if role != Role::System {
        bytes.field(link.as_deref().unwrap_or_default().as_bytes());
    }
    bytes.field(role.as_str().as_bytes()).parts(parts);
    let name = hex_of(&bytes.into_bytes());
    if role != Role::System {
        *link = Some(name.clone());
    }
    Turn::new(name, None, role, parts.to_vec())
}

/// A path that a later request may go on from by the id of its answer (OpenAI's `previous_response_id`).
pub(crate) struct Remembered {
    pub(crate) conversation: String,
    pub(crate) path: Vec<Turn>,
}

/// Paths by person and answer id, as many as fit.
#[derive(Default)]
pub(crate) struct Answers {
    paths: HashMap<Key, Arc<Remembered>>,
    order: VecDeque<(Key, usize)>,
    bytes: usize,
}

/// Whose answer, and its id: nobody goes on from another's.
type Key = ([u8; 16], String);

/// Text that is held for continued answers, in bytes.
const ANSWERS_BYTES_MAX: usize = 16 << 20;

impl Answers {
    pub(crate) fn find(&self, exchange: &Exchange) -> Option<Arc<Remembered>> {
        let id = exchange.request.hints.previous_response_id.clone()?;
        self.paths.get(&(*exchange.author.subject.id.as_bytes(), id)).cloned()
    }

    pub(crate) fn remember(&mut self, exchange: &Exchange, id: String, thread: &Thread) {
        let key = (*exchange.author.subject.id.as_bytes(), id);
        let text = |turn: &Turn| turn.parts.iter().map(Part::text_bytes).sum::<usize>() + size_of::<Turn>();
        let bytes = thread.path.iter().map(text).sum();
        let mut path = thread.path.clone();
        drop_files_beyond(&mut path, 0);
        let remembered = Remembered { conversation: thread.conversation.clone(), path };
        self.bytes += bytes;
        self.order.push_back((key.clone(), bytes));
        self.paths.insert(key, Arc::new(remembered));
        while self.bytes > ANSWERS_BYTES_MAX {
            let Some((key, bytes)) = self.order.pop_front() else { return };
            self.bytes -= bytes;
            self.paths.remove(&key);
        }
    }
}
