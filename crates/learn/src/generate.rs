//! Letting a model speak, token by token.

use std::ops::ControlFlow;

use candor_conversation::{Message, Role};

use crate::chance::Chance;
use crate::model::{Model, ModelError};
use crate::transformer::{Cache, Transformer};
use crate::vocabulary::Vocabulary;

/// How the next token is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// The same seed gives the same reply.
    pub seed: u64,
    /// 0 takes the likeliest token; 1 draws as the model believes.
    pub temperature: f32,
    /// Only this many of the likeliest tokens are drawn from; 0 for all.
    pub top_k: usize,
    /// Most tokens of a reply. Never more than half of what the model sees at once.
    pub tokens_max: usize,
}

/// Why a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model ended its turn.
    EndOfTurn,
    /// The most tokens were said.
    Length,
    /// The callback asked to stop.
    Stopped,
}

/// What the model said.
#[derive(Clone, PartialEq)]
pub struct Reply {
    /// The text.
    pub text: String,
    /// Tokens of the prompt that were read, after the cut to what the model sees at once.
    pub prompt_tokens: usize,
    /// Tokens said.
    pub reply_tokens: usize,
    /// Why it ended.
    pub finish: Finish,
}

/// Goes on from `prompt` until the end of the turn.
pub(crate) fn generate(
    (transformer, vocabulary): (&Transformer, &Vocabulary),
    prompt: &[u32],
    sampling: &Sampling,
    on_text: &mut dyn FnMut(&str) -> ControlFlow<()>,
) -> Result<Reply, ModelError> {
    let context = transformer.shape().context;
    let tokens_max = sampling.tokens_max.clamp(1, context / 2);
    let prompt = &prompt[prompt.len().saturating_sub(context - tokens_max)..];
    let mut chance = Chance::new(sampling.seed, "reply", 0);
    let mut cache = Cache::default();
    let mut next = transformer.next_logits(prompt, &mut cache)?;
    let (mut said, mut text) = (Vec::new(), String::new());
    let mut finish = Finish::Length;
    while said.len() < tokens_max {
        let token = choose(&mut next, sampling, &mut chance, |token| vocabulary.may_be_said(token));
        if token == vocabulary.end {
            finish = Finish::EndOfTurn;
            break;
        }
        said.push(token);
        let whole = vocabulary.decode(&said)?;
        // A character of several tokens is told when it is whole.
        if !whole.ends_with(char::REPLACEMENT_CHARACTER) && whole.len() > text.len() {
            let told = on_text(&whole[text.len()..]);
            text = whole;
            if told.is_break() {
                finish = Finish::Stopped;
                break;
            }
        }
        if said.len() < tokens_max {
            next = transformer.next_logits(&[token], &mut cache)?;
        }
    }
    Ok(Reply { text, prompt_tokens: prompt.len(), reply_tokens: said.len(), finish })
}

/// Whole conversations as the model believes they go, people's turns too, drawn at temperature 1, one for each source of
/// chance. None is longer than the model sees at once; a turn that it does not end there is left out.
pub(crate) fn dialogues(model: &Model, chances: Vec<Chance>) -> Result<Vec<Vec<Message>>, ModelError> {
    let (transformer, vocabulary) = (model.transformer(), model.vocabulary());
    let size = transformer.shape().vocabulary;
    let mut done = vec![Vec::new(); chances.len()];
    let mut caches: Vec<Cache> = chances.iter().map(|_| Cache::default()).collect();
    let mut growing: Vec<Growing> = chances
        .into_iter()
        .enumerate()
        .map(|(number, chance)| Growing::new(number, chance, vocabulary))
        .collect();
    for _ in 0..transformer.shape().context {
        if growing.is_empty() {
            break;
        }
        let tokens: Vec<u32> = growing.iter().map(|one| one.token).collect();
        let mut next = transformer.next_logits_of_each(&tokens, &mut caches)?;
        let mut on = Vec::new();
        for (one, next) in growing.iter_mut().zip(next.chunks_exact_mut(size)) {
            on.push(one.goes_on(next, vocabulary)?);
        }
        let (mut keeps, mut keeps_cache) = (on.iter(), on.iter());
        caches.retain(|_| *keeps_cache.next().unwrap_or(&false));
        for one in growing.extract_if(.., |_| !*keeps.next().unwrap_or(&false)) {
            done[one.number] = one.messages;
        }
    }
    growing.into_iter().for_each(|one| done[one.number] = one.messages);
    Ok(done)
}

/// A conversation that is being made up.
struct Growing {
    number: usize,
    chance: Chance,
    /// The last token.
    token: u32,
    messages: Vec<Message>,
    /// The turn that is being said: whose it is, and its tokens.
    turn: Option<(Role, Vec<u32>)>,
}

impl Growing {
    fn new(number: usize, chance: Chance, vocabulary: &Vocabulary) -> Self {
        Self { number, chance, token: vocabulary.begin, messages: Vec::new(), turn: None }
    }

    /// Takes the next token; false where the conversation is over.
    fn goes_on(&mut self, next: &mut [f32], vocabulary: &Vocabulary) -> Result<bool, ModelError> {
        let in_turn = self.turn.is_some();
        let sampling = Sampling { seed: 0, temperature: 1.0, top_k: 0, tokens_max: 0 };
        // In a turn comes text or its end; after one comes another, or the next conversation.
        self.token = choose(next, &sampling, &mut self.chance, |token| match in_turn {
            true => vocabulary.may_be_said(token),
            false => token == vocabulary.begin || vocabulary.role_of(token).is_some(),
        });
        match (vocabulary.role_of(self.token), &mut self.turn) {
            (Some(role), _) => self.turn = Some((role, Vec::new())),
            (None, Some((role, tokens))) if self.token == vocabulary.end => {
                let content = vocabulary.decode(tokens)?;
                self.messages.push(Message { role: role.as_str().into(), content });
                self.turn = None;
            }
            (None, Some((_, tokens))) => tokens.push(self.token),
            (None, None) => return Ok(false),
        }
        Ok(true)
    }
}

/// Draws a token among the `top_k` likeliest that may be said.
fn choose(
    logits: &mut [f32],
    sampling: &Sampling,
    chance: &mut Chance,
    allowed: impl Fn(u32) -> bool,
) -> u32 {
    let mut tokens: Vec<u32> = (0..logits.len() as u32).filter(|token| allowed(*token)).collect();
    // Equal logits are told apart by their number, so that the order is one.
    let likelier = |a: &u32, b: &u32| logits[*b as usize].total_cmp(&logits[*a as usize]).then(a.cmp(b));
    let kept = match sampling.top_k {
        0 => tokens.len(),
        top_k => top_k.min(tokens.len()),
    };
    if sampling.temperature <= 0.0 || kept <= 1 {
        return tokens.iter().copied().min_by(likelier).unwrap_or_default();
    }
    if kept < tokens.len() {
        tokens.select_nth_unstable_by(kept - 1, likelier);
        tokens.truncate(kept);
    }
    tokens.sort_unstable_by(likelier);
    let highest = tokens.first().map_or(0.0, |token| logits[*token as usize]);
    let weight = |token: &u32| f64::from((logits[*token as usize] - highest) / sampling.temperature).exp();
    let mut left = chance.share() * tokens.iter().map(weight).sum::<f64>();
    for token in &tokens {
        left -= weight(token);
        if left < 0.0 {
            return *token;
        }
    }
    tokens.last().copied().unwrap_or_default()
}
