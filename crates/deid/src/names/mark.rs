//! From a text to the names in it.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use super::crf::{Crf, KINDS, Lane, Room, first_of, further_of};
use super::features::features;
use super::lexicon::{Known, Lexicon, word_hash};
use super::tokens::{Class, SENTENCE_TOKENS_MAX, Token, sentences, tokens};
use super::{ends, forms, second, weights};
use crate::encoder::Encoder;
use crate::identifier::IdentifierKind;

/// What the model must be to call a term a name.
const SURE: f32 = 0.97;
/// Sentences are read together until they have this many tokens: what bounds the memory.
const TOGETHER_TOKENS: usize = 4096;

/// The trained model with its list of words.
pub struct Names {
    crf: Crf,
    lexicon: Lexicon,
}

/// A name that the model found.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// Where, in bytes.
    pub range: Range<usize>,
    /// What it names.
    pub kind: IdentifierKind,
    /// How probable it is that this is a name of any kind: the highest of its tokens.
    pub probability: f32,
}

/// How to read.
#[derive(Clone, Copy)]
pub struct Reader<'r> {
    /// How probable each token of a name must be, 0 to 1.
    pub threshold: f32,
    /// A second reader for what the model is not sure of.
    pub encoder: Option<&'r Encoder>,
}

/// A sentence that the model has read, if it may hold a name.
pub(super) struct Read<'t> {
    /// Its tokens.
    pub(super) tokens: &'t [Token],
    /// What the model says of each; empty where none may be a name.
    pub(super) lanes: Vec<Lane>,
}

impl Names {
    /// A model and its list of words.
    pub fn new((crf, lexicon): (Crf, Lexicon)) -> Self {
        Self { crf, lexicon }
    }

    /// The model that is shipped; read once.
    pub fn built_in() -> Option<&'static Self> {
        static BUILT_IN: LazyLock<Option<Names>> =
            LazyLock::new(|| weights::read(include_bytes!("../../weights/names.bin")).map(Names::new));
        BUILT_IN.as_ref()
    }

    /// The names in a text outside `taken`.
    ///
    /// Where `fresh` is given, only in sentences that hold or touch one of its ranges, which are among `taken`.
    pub fn mark(
        &self,
        text: &str,
        taken: &[Range<usize>],
        fresh: Option<&[Range<usize>]>,
        reader: Reader<'_>,
    ) -> Vec<Mention> {
        let tokens = tokens(text, taken);
        let fresh: Option<HashSet<usize>> =
            fresh.map(|fresh| fresh.iter().map(|range| range.start).collect());
        let is_fresh = |range: &Range<usize>| match &fresh {
            None => true,
            Some(fresh) => {
                // A token two back can make the mark before this sentence end the one before it.
                let beside = range.start.saturating_sub(2)..(range.end + 1).min(tokens.len());
                tokens[beside]
                    .iter()
                    .any(|token| token.class == Class::Taken && fresh.contains(&token.range.start))
            }
        };
        let mut found = Vec::new();
        let (mut rows, mut room, mut read, mut size) = (Vec::new(), Room::default(), Vec::new(), 0);
        let sentences = sentences(text, &tokens);
        // Where a long sentence is cut depends on how many tokens come before, and fewer do once some are taken.
        let any_is_cut = sentences.iter().any(|sentence| sentence.len() >= SENTENCE_TOKENS_MAX);
        for range in sentences {
            if !any_is_cut && !is_fresh(&range) {
                continue;
            }
            let mut sentence = Read { tokens: &tokens[range], lanes: Vec::new() };
            if self.may_name(text, sentence.tokens) {
                features(text, sentence.tokens, &self.lexicon, &[], &mut rows);
                self.crf.marginals(&rows, &mut room, &mut sentence.lanes);
            }
            size += sentence.tokens.len();
            read.push(sentence);
            if size >= TOGETHER_TOKENS {
                self.name_in(text, &mut read, reader, &mut found);
                read.clear();
                size = 0;
            }
        }
        self.name_in(text, &mut read, reader, &mut found);
        found.sort_by_key(|mention| mention.range.start);
        found.extend(forms::speakers(self, text, &tokens, &found));
        found.sort_by_key(|mention| mention.range.start);
        ends::drop_bare_numbers(text, &mut found);
        ends::settle(self, text, taken, &mut found);
        found
    }

    /// Adds the names in sentences that the model has read.
    fn name_in(&self, text: &str, read: &mut [Read<'_>], reader: Reader<'_>, found: &mut Vec<Mention>) {
        if let Some(encoder) = reader.encoder {
            second::read_again(encoder, text, read);
        }
        for Read { tokens, lanes } in read {
            let before = found.len();
            if !lanes.is_empty() {
                collect(text, tokens, lanes, reader.threshold, found);
                found.retain(|mention| {
                    mention.probability >= SURE || !self.is_word(&text[mention.range.clone()])
                });
            }
            forms::add_addressed(self, (text, tokens), before, found);
            forms::add_signed(text, tokens, before, found);
            self.add_groups(text, tokens, before, found);
        }
    }

    /// What is known of a word.
    pub fn known(&self, word: &str) -> Known {
        self.lexicon.look_up(word_hash(word))
    }

    /// Whether a single word is a term that names nobody, as `Java` and `May` mostly do, or an everyday word.
    fn is_word(&self, covered: &str) -> bool {
        if !covered.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return false;
        }
        let known = self.known(covered);
        known.is(Known::TERM)
            || known.is_plain_word()
                && known.is(Known::FREQUENT)
                && covered.bytes().all(|byte| byte.is_ascii_lowercase())
    }

    /// What is known of a word that may be a nationality: where it is not, what is known of it without its `s`.
    fn demonym(&self, word: &str) -> Known {
        let known = self.known(word);
        match word.strip_suffix('s') {
            Some(one) if known.0 == 0 => self.known(one),
            _ => known,
        }
    }

    /// Nationalities are a list: those that the model passed over.
    fn add_groups(&self, text: &str, tokens: &[Token], from: usize, found: &mut Vec<Mention>) {
        for token in tokens.iter().filter(|token| token.class == Class::Word) {
            let word = &text[token.range.clone()];
            let known = self.demonym(word);
            let is_written_as_one =
                word.chars().next().is_some_and(char::is_uppercase) || !known.is_plain_word();
            if known.is(Known::DEMONYM) && !known.is(Known::TERM) && is_written_as_one {
                forms::claim(token.range.clone(), IdentifierKind::Group, from, found);
            }
        }
    }

    /// Whether a sentence has a word that may be a name: one that is written as a name is, or is known as one and not
    /// as a plain word.
    fn may_name(&self, text: &str, tokens: &[Token]) -> bool {
        tokens.iter().enumerate().any(|(index, token)| match token.class {
            Class::Mark | Class::Taken | Class::Number => false,
            Class::Word => {
                let word = &text[token.range.clone()];
                let lower = word.bytes().all(|byte| byte.is_ascii_lowercase());
                if word.len() < 2 || lower && word.len() < 3 {
                    return false;
                }
                let known = self.known(word);
                if lower || index == 0 { !known.is_plain_word() && (!lower || known.0 != 0) } else { true }
            }
        })
    }
}

fn collect(text: &str, tokens: &[Token], lanes: &[Lane], threshold: f32, found: &mut Vec<Mention>) {
    let mut open: Option<Mention> = None;
    for (token, lane) in tokens.iter().zip(lanes) {
        let probability = 1.0 - lane[0];
        if probability < threshold || token.class == Class::Taken {
            found.extend(open.take().and_then(|mention| trimmed(text, mention)));
            continue;
        }
        let share = |kind: usize| lane[first_of(kind)] + lane[further_of(kind)];
        let kind = (0..KINDS.len()).max_by(|a, b| share(*a).total_cmp(&share(*b))).unwrap_or(0);
        let begins = lane[first_of(kind)] > lane[further_of(kind)];
        match &mut open {
            Some(mention)
                if mention.kind == KINDS[kind]
                    && !begins
                    && (token.lines_before == 0 || mention.kind == IdentifierKind::Address) =>
            {
                mention.range.end = token.range.end;
                mention.probability = mention.probability.max(probability);
            }
            _ => {
                found.extend(open.take().and_then(|mention| trimmed(text, mention)));
                open = Some(Mention { range: token.range.clone(), kind: KINDS[kind], probability });
            }
        }
    }
    found.extend(open.and_then(|mention| trimmed(text, mention)));
}

/// A name without the marks at its ends; none where nothing is left.
fn trimmed(text: &str, mut mention: Mention) -> Option<Mention> {
    let covered = &text[mention.range.clone()];
    let kept = covered.trim_matches(|c: char| !c.is_alphanumeric());
    if kept.is_empty() {
        return None;
    }
    let start = mention.range.start + (kept.as_ptr() as usize - covered.as_ptr() as usize);
    mention.range = start..start + kept.len();
    Some(mention)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Names of people where they first stand in a text, as the model would find them.
    pub(in crate::names) fn people_in(text: &str, people: &[&str]) -> Vec<Mention> {
        let mention = |name: &&str| {
            let start = text.find(*name).unwrap();
            let range = start..start + name.len();
            Mention { range, kind: IdentifierKind::Person, probability: 0.9 }
        };
        people.iter().map(mention).collect()
    }
}
