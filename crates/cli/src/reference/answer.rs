//! Computing an answer, piece by piece.

use std::ops::ControlFlow;

use candor_learn::{Answer, Finish, Sampling};
use serde_json::{Value, json};

use crate::reference::lessons::{NOTHING, SOURCE};
use crate::reference::request::Ask;
use crate::reference::shelf::Learned;
use crate::reference::stops::Stops;

/// How many of the likeliest tokens are drawn from.
const TOP_K: usize = 40;
/// Bytes of a leaf that are shown to people.
const LEAF_SHOWN: usize = 6;

/// How an answer ended.
pub(crate) struct Ended {
    /// As OpenAI names it.
    pub(crate) finish: &'static str,
    pub(crate) prompt_tokens: usize,
    pub(crate) reply_tokens: usize,
    /// What Candor adds: which model, which row.
    pub(crate) evidence: Value,
}

/// The nearest answer of the release, word by word.
pub(crate) fn retrieve(
    learned: &Learned,
    ask: &Ask,
    tell: &mut dyn FnMut(String) -> ControlFlow<()>,
) -> Ended {
    let (text, evidence) = match learned.retriever.answer(&ask.messages) {
        Answer::Learned { text, evidence } => {
            let leaf: String = evidence.leaf.iter().map(|byte| format!("{byte:02x}")).collect();
            let (row, release) = (evidence.row, &learned.release);
            let text = format!("{text}{SOURCE}{row} of release {release} ({}).", &leaf[..2 * LEAF_SHOWN]);
            let value = json!({
                "release": release, "row": row, "leaf": leaf, "turn": evidence.turn,
                "near": evidence.near, "score": evidence.score,
            });
            (text, value)
        }
        Answer::Nothing { near } => {
            (NOTHING.to_owned(), json!({ "release": learned.release, "row": null, "near": near }))
        }
    };
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    let shown = &words[..words.len().min(ask.words_max)];
    let mut stops = Stops::new(ask.stops.clone());
    let finish = if shown.len() < words.len() { "length" } else { "stop" };
    let mut told = 0;
    for word in shown {
        let (piece, is_over) = stops.take(word);
        told += 1;
        if (!piece.is_empty() && tell(piece).is_break()) || is_over {
            return ended("stop", ask, told, evidence);
        }
    }
    let rest = stops.rest();
    if !rest.is_empty() {
        let _ = tell(rest);
    }
    ended(finish, ask, told, evidence)
}

fn ended(finish: &'static str, ask: &Ask, reply_tokens: usize, evidence: Value) -> Ended {
    let words = ask.messages.iter().map(|message| message.content.split_whitespace().count());
    Ended { finish, prompt_tokens: words.sum(), reply_tokens, evidence }
}

/// What is said before anything was learned.
pub(crate) fn untaught(tell: &mut dyn FnMut(String) -> ControlFlow<()>) -> Ended {
    let _ = tell(NOTHING.to_owned());
    Ended { finish: "stop", prompt_tokens: 0, reply_tokens: 1, evidence: json!({ "release": null }) }
}

/// What the transformer says.
pub(crate) fn speak(
    learned: &Learned,
    ask: &Ask,
    tell: &mut dyn FnMut(String) -> ControlFlow<()>,
) -> Result<Ended, candor_learn::ModelError> {
    let sampling =
        Sampling { seed: ask.seed, temperature: ask.temperature, top_k: TOP_K, tokens_max: ask.tokens_max };
    let mut stops = Stops::new(ask.stops.clone());
    let reply = learned.model.reply(&ask.messages, &sampling, &mut |piece| {
        let (piece, is_over) = stops.take(piece);
        match !piece.is_empty() && tell(piece).is_break() || is_over {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })?;
    if reply.finish != Finish::Stopped {
        let rest = stops.rest();
        if !rest.is_empty() {
            let _ = tell(rest);
        }
    }
    let finish = if reply.finish == Finish::Length { "length" } else { "stop" };
    let evidence = json!({ "release": learned.release, "parameters": learned.model.card().parameters });
    Ok(Ended { finish, prompt_tokens: reply.prompt_tokens, reply_tokens: reply.reply_tokens, evidence })
}
