//! The reader's own file: real conversations, choices invented for the demonstration.

use std::collections::BTreeMap;
use std::path::Path;

use candor_consent::{Notice, Purpose, State, examples};
use candor_conversation::{Region, TenantId, Tier, Timestamp};
use candor_import::{Item, Limits, Reader};
use candor_vault::Profile;

use super::story::{Choice, Person, Story};
use crate::context::Context;
use crate::failure::WrongInput;

/// What the only person of an export without authors is called.
const READER: &str = "you";

/// What was found in a file before anything is kept of it.
#[derive(Default)]
struct Found {
    conversations: u64,
    turns: u64,
    without_author: bool,
    /// Times of each author's turns.
    authors: BTreeMap<(Option<TenantId>, String), Vec<Timestamp>>,
}

pub(super) fn story(context: &Context, path: &Path, region: &Region) -> anyhow::Result<Story> {
    let found = look(path)?;
    if found.turns == 0 {
        return Err(WrongInput(format!("{} holds no conversation in a known format", path.display())).into());
    }
    let mut notice = Notice::parse(examples::OURS)?;
    notice.effective_at = found.authors.values().flatten().min().copied().unwrap_or(Timestamp::MIN);
    let default_tenant = context.tenant(None)?;
    let (mut people, mut choices) = (Vec::new(), Vec::new());
    for (index, ((tenant, name), times)) in found.authors.iter().enumerate() {
        people.push(Person {
            tenant: tenant.clone().unwrap_or_else(|| default_tenant.clone()),
            profile: Profile {
                name: name.clone(),
                tier: Tier::Consumer,
                region: Some(region.clone()),
                age: None,
                called: Vec::new(),
            },
        });
        choices.extend(invent(index, times, found.authors.len()));
    }
    choices.sort_by_key(|choice: &Choice| choice.at);
    let with = |state| choices.iter().find(|choice| choice.state == state).map(|choice| choice.person);
    let about = format!(
        "  {} conversations, {} turns of {} people in {}\n  choices are invented for this demonstration: {}",
        found.conversations,
        found.turns,
        people.len(),
        path.display(),
        if people.len() == 1 {
            "you said yes in the middle of the file's time"
        } else {
            "of every four people, two say yes after a quarter of their time, one says no, one is never asked"
        }
    );
    let remark = format!(
        "The people of your file are taken to be in {region} (--region changes it). Turns older than 365 days are \
         out under our notice; the other one keeps them for five years."
    );
    Ok(Story {
        about,
        remark,
        conversations: path.to_owned(),
        author: found.without_author.then(|| READER.to_owned()),
        refuser: with(State::Refused),
        giver: with(State::Given),
        leaver: with(State::Given),
        people,
        choices,
        contracts: Vec::new(),
        notices: vec![notice],
        attested_by: Some("candor quickstart (invented)".into()),
        now: context.now,
    })
}

/// Reads the file once, keeping names and times only.
fn look(path: &Path) -> anyhow::Result<Found> {
    let mut reader = Reader::open(&[path.to_owned()], Limits::default())?;
    let mut found = Found::default();
    while let Some(batch) = reader.next_batch()? {
        for item in batch.items {
            let Item::Conversation(conversation) = item else { continue };
            found.conversations += 1;
            for turn in conversation.turns() {
                found.turns += 1;
                if !turn.is_human() {
                    continue;
                }
                found.without_author |= turn.author.is_none();
                let name = turn.author.clone().unwrap_or_else(|| READER.to_owned());
                let times = found.authors.entry((conversation.tenant.clone(), name)).or_default();
                times.extend(turn.at);
            }
        }
    }
    found.authors.values_mut().for_each(|times| times.sort_unstable());
    Ok(found)
}

/// A choice by rule: alone, yes in the middle; among many, two yes, one no, one never asked of every four.
fn invent(index: usize, times: &[Timestamp], people: usize) -> Option<Choice> {
    let choice = |state, at: Option<&Timestamp>| {
        let at = at.copied().unwrap_or(Timestamp::MIN);
        Some(Choice { person: index, purpose: Purpose::Train, state, at, notice: 1 })
    };
    match index % 4 {
        _ if people == 1 => choice(State::Given, times.get(times.len() / 2)),
        0 | 1 => choice(State::Given, times.get(times.len() / 4)),
        2 => choice(State::Refused, times.first()),
        _ => None,
    }
}
