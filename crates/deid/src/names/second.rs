//! The optional second reader: an encoder reads the sentences of which the model is not sure.

use std::ops::Range;

use super::crf::{KINDS, Lane, first_of, further_of};
use super::tokens::{Class, Token};
use crate::encoder::{self, Encoder, Sentence};
use crate::identifier::IdentifierKind;

/// A word is in doubt while the model takes it for a name with a probability between these two.
const DOUBT: Range<f32> = 0.01..0.95;
/// What stands in a sentence for an identifier that was found before.
const TAKEN: &str = "X";

/// Lets the encoder have a say in who is a person, where a word of the sentence is in doubt: the mean of both.
///
/// Other kinds are left as they are: for places and organisations the encoder is the worse of the two. A sentence that
/// the encoder cannot read is left as it is, too.
pub(super) fn read_again(encoder: &Encoder, text: &str, tokens: &[Token], lanes: &mut [Lane]) {
    let in_doubt =
        |(token, lane): (&Token, &Lane)| token.class == Class::Word && DOUBT.contains(&(1.0 - lane[0]));
    if !tokens.iter().zip(lanes.iter()).any(in_doubt) {
        return;
    }
    let (sentence, words) = written(text, tokens);
    let Ok(mut marked) = encoder.mark(&[Sentence { text: &sentence, words: &words }]) else { return };
    let person = |kinds: &[IdentifierKind]| kinds.iter().position(|kind| *kind == IdentifierKind::Person);
    let (Some(ours), Some(theirs)) = (person(&KINDS), person(&encoder::KINDS)) else { return };
    for (lane, read) in lanes.iter_mut().zip(marked.pop().unwrap_or_default()) {
        let labels = [(first_of(ours), first_of(theirs)), (further_of(ours), further_of(theirs))];
        for (own, other) in labels {
            let mean = (lane[own] + read[other]) / 2.0;
            lane[0] = (lane[0] + lane[own] - mean).max(0.0);
            lane[own] = mean;
        }
    }
}

/// The sentence as it reads once what was found is replaced, and its tokens in it.
fn written(text: &str, tokens: &[Token]) -> (String, Vec<Range<usize>>) {
    let mut sentence = String::new();
    let words = tokens
        .iter()
        .map(|token| {
            if token.space_before && !sentence.is_empty() {
                sentence.push(' ');
            }
            let start = sentence.len();
            sentence.push_str(match token.class {
                Class::Taken => TAKEN,
                _ => &text[token.range.clone()],
            });
            start..sentence.len()
        })
        .collect();
    (sentence, words)
}
