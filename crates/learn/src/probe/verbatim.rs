//! Verbatim extraction: does the model, given the beginning of what somebody said, go on word for word?
//!
//! After Carlini et al., "Quantifying Memorization Across Neural Language Models" (2023), which gives 50 tokens and asks
//! for the next 50. Turns of a chat are shorter, so it is 16 and 16 here, about 50 bytes each.

use rayon::prelude::*;
use serde::Serialize;

use super::statistics::{Figure, share};
use crate::load::Row;
use crate::model::{Model, ModelError};
use crate::transformer::Cache;

/// Tokens of a turn that are given.
pub const PREFIX_TOKENS: usize = 16;
/// Tokens that must follow exactly.
pub const SUFFIX_TOKENS: usize = 16;
/// Most turns that are tried on either side, spread evenly.
const TURNS_MAX: usize = 400;

/// How often turns came back word for word. What everybody says comes back of conversations that were never learned,
/// too: only the difference is memory.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verbatim {
    /// Share of turns that the model learned from.
    pub learned: Figure,
    /// Share of turns that it did not learn from.
    pub not_learned: Figure,
    /// Turns that it learned from and gave back.
    pub given_back: usize,
}

/// Tries turns of people and models that are long enough; `None` where either side has none. The likeliest token is
/// taken each time.
///
/// # Errors
/// When the arithmetic fails.
pub fn verbatim(
    model: &Model,
    learned: &[&Row],
    not_learned: &[&Row],
) -> Result<Option<Verbatim>, ModelError> {
    let (found, tried) = count(model, learned)?;
    let (found_others, tried_others) = count(model, not_learned)?;
    let shares = share(found, tried).zip(share(found_others, tried_others));
    Ok(shares.map(|(learned, not_learned)| Verbatim { learned, not_learned, given_back: found }))
}

fn count(model: &Model, rows: &[&Row]) -> Result<(usize, usize), ModelError> {
    let mut turns = Vec::new();
    for row in rows {
        turns.extend(long_turns(model, row)?);
    }
    let step = turns.len().div_ceil(TURNS_MAX).max(1);
    let tried: Vec<Turn> = turns.into_iter().step_by(step).collect();
    let came_back = |turn: &Turn| gives_back(model, turn);
    let found: Vec<bool> = tried.par_iter().map(came_back).collect::<Result<_, _>>()?;
    Ok((found.iter().filter(|found| **found).count(), found.len()))
}

/// The tokens up to somewhere in a turn, and those that follow in it.
struct Turn {
    given: Vec<u32>,
    follows: Vec<u32>,
}

fn long_turns(model: &Model, row: &Row) -> Result<Vec<Turn>, ModelError> {
    let encoded = model.vocabulary().encode(&row.messages)?;
    let context = model.transformer().shape().context;
    let mut turns = Vec::new();
    for number in 0..row.messages.len() {
        let of_it = |of: &Option<u32>| *of == Some(number as u32);
        let Some(start) = encoded.messages.iter().position(of_it) else { continue };
        let length = encoded.messages[start..].iter().take_while(|of| of_it(of)).count();
        // The last token ends the turn.
        if length <= PREFIX_TOKENS + SUFFIX_TOKENS {
            continue;
        }
        let cut = start + PREFIX_TOKENS;
        let from = cut.saturating_sub(context.saturating_sub(SUFFIX_TOKENS));
        let follows = encoded.tokens[cut..cut + SUFFIX_TOKENS].to_vec();
        turns.push(Turn { given: encoded.tokens[from..cut].to_vec(), follows });
    }
    Ok(turns)
}

fn gives_back(model: &Model, turn: &Turn) -> Result<bool, ModelError> {
    let mut cache = Cache::default();
    let mut logits = model.transformer().next_logits(&turn.given, &mut cache)?;
    for wanted in &turn.follows {
        let likeliest = logits.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
        if likeliest.map(|(token, _)| token) != Some(*wanted as usize) {
            return Ok(false);
        }
        logits = model.transformer().next_logits(&[*wanted], &mut cache)?;
    }
    Ok(true)
}
