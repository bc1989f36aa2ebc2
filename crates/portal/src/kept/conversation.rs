//! One conversation, turned into what its page shows.

use std::collections::HashSet;
use std::ops::Range;

use candor_conversation::Role;
use candor_release::{Making, Seen};
use candor_vault::{ConversationKey, OwnOpened, OwnTurn, StoredTurn};

use super::file::{self, ShownFile};
use super::side_by_side::{self, Stretch};
use crate::refusal::Refusal;
use crate::standing::{Stand, minute};

/// About what the texts of a page may weigh, both sides together, in bytes.
const PAGE_BYTES_MAX: usize = 36_000;
/// Of that for one message; of a longer one the page shows the beginning.
const MESSAGE_BYTES_MAX: usize = 24_000;
/// About what a message weighs beside its texts.
const AROUND_BYTES: usize = 1_800;

/// What the page shows.
pub(super) struct Shown {
    pub(super) key: ConversationKey,
    pub(super) messages: Vec<ShownMessage>,
    pub(super) joint_turns: u32,
    pub(super) page: usize,
    pub(super) has_more: bool,
}

pub(super) struct ShownMessage {
    /// Its name within the conversation: a keyed hash.
    pub(super) name: String,
    pub(super) is_own: bool,
    pub(super) role: Role,
    pub(super) said_at: Option<String>,
    pub(super) is_broken_off: bool,
    pub(super) stretches: Vec<Stretch>,
    pub(super) is_cut: bool,
    /// Whether no release has it, because of something sensitive in it or before it.
    pub(super) is_left_out: bool,
    pub(super) files: Vec<ShownFile>,
    pub(super) standing: Vec<Stand>,
}

impl ShownMessage {
    pub(super) fn has_identifiers(&self) -> bool {
        self.stretches.iter().any(|stretch| stretch.placeholder.is_some())
    }
}

/// The name of a turn in addresses.
pub(super) fn name(turn: &StoredTurn) -> String {
    format!("{:016x}", turn.reference.0)
}

/// Which turns are left out with a turn that is withheld: itself, and what follows it.
fn left_out(turns: &[OwnTurn], seen: &[Seen]) -> Vec<bool> {
    let mut out = HashSet::new();
    let one = |(turn, seen): (&OwnTurn, &Seen)| {
        let follows = turn.turn.parent.is_some_and(|parent| out.contains(&parent));
        let is_out = follows || seen.is_withheld();
        if is_out {
            out.insert(turn.turn.reference);
        }
        is_out
    };
    turns.iter().zip(seen).map(one).collect()
}

/// One page of a conversation.
pub(super) fn shown(
    opened: OwnOpened,
    (making, known): (&Making, &[&str]),
    page: usize,
) -> Result<Shown, Refusal> {
    let turns = opened.turns.iter().map(|turn| (turn.turn.role.as_str(), turn.parts.as_slice()));
    let seen = making.see(turns, known);
    let left_out = left_out(&opened.turns, &seen);
    let stretches: Vec<Vec<Stretch>> = seen
        .iter()
        .map(|seen| side_by_side::stretches(&seen.said, seen.judged.as_ref(), &seen.redacted))
        .collect();
    let pages = pages(stretches.iter().map(|one| side_by_side::weight(one)));
    let wanted = pages.get(page).cloned().ok_or(Refusal::NotFound)?;
    let turns = opened
        .turns
        .into_iter()
        .zip(stretches.into_iter().zip(left_out))
        .skip(wanted.start)
        .take(wanted.len());
    Ok(Shown {
        key: opened.key,
        messages: turns.map(|(turn, stretches)| shown_message(turn, stretches)).collect(),
        joint_turns: opened.joint_turns,
        page,
        has_more: page + 1 < pages.len(),
    })
}

fn shown_message(turn: OwnTurn, (mut stretches, is_left_out): (Vec<Stretch>, bool)) -> ShownMessage {
    ShownMessage {
        name: name(&turn.turn),
        is_own: turn.turn.author.is_some(),
        role: turn.turn.role,
        said_at: turn.turn.said_at.map(minute),
        is_broken_off: !turn.turn.complete,
        is_cut: side_by_side::cut(&mut stretches, MESSAGE_BYTES_MAX),
        stretches,
        is_left_out,
        files: file::shown(turn.parts),
        standing: turn.standing.iter().map(|(purpose, ruled)| Stand::of(*purpose, ruled)).collect(),
    }
}

/// Which messages are on which page: as many as its weight allows, and one at least.
fn pages(weights: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let mut pages: Vec<Range<usize>> = Vec::new();
    let mut taken = 0;
    for (at, weight) in weights.enumerate() {
        let weight = weight.min(MESSAGE_BYTES_MAX) + AROUND_BYTES;
        taken += weight;
        match pages.last_mut() {
            Some(last) if taken <= PAGE_BYTES_MAX => last.end = at + 1,
            _ => {
                taken = weight;
                pages.push(at..at + 1);
            }
        }
    }
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_on_one_page_and_no_page_is_heavier_than_it_may_be() {
        let weights = [10, 50_000, 0, 9_000, 9_000, 9_000, 9_000, 1_000_000];
        let pages = pages(weights.into_iter());
        let all: Vec<usize> = pages.iter().cloned().flatten().collect();
        assert_eq!(all, (0..weights.len()).collect::<Vec<_>>());
        for page in pages {
            let weight: usize =
                weights[page].iter().map(|one| one.min(&MESSAGE_BYTES_MAX) + AROUND_BYTES).sum();
            assert!(weight <= PAGE_BYTES_MAX, "{weight}");
        }
        assert!(super::pages(std::iter::empty()).is_empty());
    }
}
