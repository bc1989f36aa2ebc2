//! What a gateway hands over: exchanges of a person with a model, and what came of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use candor_consent::Reason;
use candor_conversation::{Conversation, Part, Timestamp, Turn};
use candor_vault::{
    Author, AuthorTag, Decompressor, Entropy, Fresh, Inbox, Key, Live, Lowered, Policy, Spoken, StoredTurn,
    TurnReference, Vault,
};

use super::place::{tenant, thread, time};

/// When things are said here, after everybody's choices.
pub(crate) const SAID: &str = "2026-01-04T00:00:00Z";

pub(crate) fn spoken(at: Timestamp) -> Spoken {
    Spoken { at, now: at, lowered: Lowered::Nothing, tier: None, region: None, age: None }
}

pub(crate) fn entropy(number: u8) -> Entropy {
    Entropy::from_seed([number; 32])
}

pub(crate) fn inbox(root: &Path, number: u8) -> Inbox {
    Inbox::open(root, entropy(number)).unwrap()
}

/// The turns of a path of which those from `fresh_from` on are new, or why nothing of it may be kept.
pub(crate) fn said(
    policy: &Policy,
    name: &str,
    (path, fresh_from): (&[Turn], usize),
    spoken: &Spoken,
) -> Result<Fresh, Reason> {
    let author = policy.author(&tenant(), name);
    let ruling = policy.rule(&author, spoken)?;
    let Author::Person(author) = author else { panic!("ruled about nobody") };
    Ok(Fresh {
        tenant: tenant(),
        conversation: "thread".into(),
        path: path.to_vec(),
        fresh_from,
        author,
        spoken: spoken.clone(),
        ruling,
        reply_may_be_kept: true,
        complete: true,
    })
}

/// A person's `number`th exchange, from 0 on, in a thread of their own.
pub(crate) fn exchange(policy: &Policy, name: &str, id: &str, number: usize) -> Fresh {
    let talk = thread(id, &vec![name; number + 1]);
    let fresh = said(policy, name, (talk.turns(), 2 * number), &spoken(time(SAID))).unwrap();
    Fresh { conversation: talk.source_id, ..fresh }
}

pub(crate) fn take_in(vault: &mut Vault, now: Timestamp) -> candor_vault::Absorbed {
    static SEEDS: AtomicU64 = AtomicU64::new(0);
    let mut seed = [77; 32];
    seed[..8].copy_from_slice(&SEEDS.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    let mut entropy = Entropy::from_seed(seed);
    vault.absorb_inbox(now, &mut entropy).unwrap()
}

/// All that is known of a stored turn, with its text and its piece.
#[derive(Debug, PartialEq)]
pub(crate) struct Kept {
    pub(crate) turn: StoredTurn,
    pub(crate) parts: Vec<Part>,
    pub(crate) authors: Vec<AuthorTag>,
    pub(crate) expires_day: i64,
}

/// Everything in a vault, by turn. Ada's yes opens it.
pub(crate) fn everything(vault: &Vault) -> BTreeMap<TurnReference, Kept> {
    let policy = Live::open(vault.root()).unwrap().policy().unwrap();
    let permits = policy.rule(&policy.author(&tenant(), "ada"), &spoken(time(SAID))).unwrap();
    let permit = &permits.all()[0];
    let mut decompressor = Decompressor::new().unwrap();
    let mut all = BTreeMap::new();
    for piece in super::place::pieces(vault).unwrap() {
        let keys: Vec<Key> =
            piece.authors.iter().map(|tag| vault.subject_by_tag(*tag).unwrap().unwrap().key).collect();
        let open = piece.open(&keys.iter().collect::<Vec<_>>(), &mut decompressor).unwrap();
        let each: Vec<_> = (0..open.turns.len()).map(|index| (index, permit)).collect();
        for (turn, parts) in open.turns.iter().zip(open.text(&each, &mut decompressor).unwrap()) {
            let kept = Kept {
                turn: turn.clone(),
                parts,
                authors: piece.authors.clone(),
                expires_day: piece.expires_day,
            };
            assert!(all.insert(turn.reference, kept).is_none(), "a turn is there twice");
        }
    }
    all
}

/// The texts in a vault, in the order of the conversation.
pub(crate) fn texts(vault: &Vault) -> Vec<String> {
    let mut all: Vec<(u32, String)> = everything(vault)
        .into_values()
        .map(|kept| {
            let Part::Text(text) = &kept.parts[0] else { panic!("not a text") };
            (kept.turn.order, text.clone())
        })
        .collect();
    all.sort();
    all.into_iter().map(|(_, text)| text).collect()
}

/// The files of the inbox, by extension.
pub(crate) fn files(root: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(root.join("inbox"))
        .unwrap()
        .map(|entry| entry.unwrap().path().extension().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// A path of turns, each a role letter with a text: `u` a person, `a` the model, `t` a tool, `s` the operator.
pub(crate) fn path(turns: &[(char, &str)]) -> Vec<Turn> {
    let turn = |(index, (role, text)): (usize, &(char, &str))| {
        let role = match role {
            'u' => candor_conversation::Role::User,
            'a' => candor_conversation::Role::Assistant,
            't' => candor_conversation::Role::Tool,
            _ => candor_conversation::Role::System,
        };
        let parts = vec![Part::Text((*text).to_owned())];
        Turn::new(format!("{index}-{text}"), index.checked_sub(1), role, parts)
    };
    turns.iter().enumerate().map(turn).collect()
}

/// The same as one conversation of a person.
pub(crate) fn conversation(turns: Vec<Turn>) -> Conversation {
    Conversation::new("thread", turns).unwrap()
}
