//! `candor import --preview`: what a release would make of the first conversations; nothing is written.

use std::collections::BTreeMap;

use candor_conversation::Conversation;
use candor_deid::Counts;
use candor_import::{Item, Limits, Reader};
use candor_release::Making;
use serde_json::{Value, json};

use super::Arguments;
use crate::context::Context;

/// Reads until so many conversations are seen, and prints them as a release with these settings would have them.
pub(super) fn run(context: &Context, arguments: &Arguments, conversations: usize) -> anyhow::Result<()> {
    let making = context.config.making(&context.data)?;
    let mut reader = Reader::open(&arguments.paths, Limits::default())?;
    let mut seen = Vec::with_capacity(conversations.min(CONVERSATIONS_MAX));
    let mut failed = 0;
    'reading: while let Some(batch) = reader.next_batch()? {
        for item in batch.items {
            match item {
                Item::Conversation(conversation) => seen.push(Previewed::of(&conversation, &making)),
                Item::Failure(_) => failed += 1,
            }
            if seen.len() == conversations {
                break 'reading;
            }
        }
    }
    let text: Vec<String> = seen.iter().map(Previewed::text).collect();
    context.answer(
        &text.join("\n"),
        &json!({ "conversations": seen.iter().map(Previewed::value).collect::<Vec<_>>(), "failed": failed }),
    )?;
    context.tell(
        "this is what a release would hold if everyone agreed; nothing was written, and nobody's choice was looked at",
    );
    Ok(())
}

/// The most conversations of which room is made beforehand.
const CONVERSATIONS_MAX: usize = 1_000;

/// A conversation as a release would have it.
struct Previewed {
    id: String,
    turns: Vec<PreviewedTurn>,
}

struct PreviewedTurn {
    role: &'static str,
    /// Nothing where the turn, or one that it answers, is withheld for what it tells.
    text: Option<String>,
    counts: Counts,
}

impl Previewed {
    fn of(conversation: &Conversation, making: &Making) -> Self {
        let turns = conversation.turns();
        let seen = making.see(turns.iter().map(|turn| (turn.role.as_str(), turn.parts.as_slice())), &[]);
        let mut shown: Vec<PreviewedTurn> = Vec::with_capacity(turns.len());
        for (turn, seen) in turns.iter().zip(seen) {
            let follows = turn.parent.is_some_and(|parent| shown[parent].text.is_none());
            let text = (!follows && !seen.is_withheld()).then_some(seen.redacted.text);
            shown.push(PreviewedTurn { role: turn.role.as_str(), text, counts: seen.redacted.counts });
        }
        Self { id: conversation.source_id.clone(), turns: shown }
    }

    fn text(&self) -> String {
        let turn = |turn: &PreviewedTurn| {
            let text =
                turn.text.as_deref().unwrap_or("(left out: it, or one before it, tells something sensitive)");
            format!("{}: {text}\n", turn.role)
        };
        format!("conversation {}\n{}", self.id, self.turns.iter().map(turn).collect::<String>())
    }

    fn value(&self) -> Value {
        let turn = |turn: &PreviewedTurn| {
            let counts = turn.counts.iter().filter(|(_, count)| *count > 0);
            let counts: BTreeMap<&str, u64> =
                counts.map(|(kind, count)| (kind.placeholder_label(), count)).collect();
            json!({ "role": turn.role, "text": turn.text, "identifiers": counts })
        };
        json!({ "id": self.id, "turns": self.turns.iter().map(turn).collect::<Vec<_>>() })
    }
}
