//! The optional second reader: an encoder reads the sentences of which the model is not sure.

use std::ops::Range;

use super::crf::{KINDS, Lane, first_of, further_of};
use super::mark::Read;
use super::tokens::{Class, Token};
use crate::encoder::{self, Encoder, Probabilities, Sentence};
use crate::identifier::IdentifierKind;

/// A word is in doubt while the model takes it for a name with a probability between these two.
const DOUBT: Range<f32> = 0.01..0.95;
/// What stands in a sentence for an identifier that was found before.
const TAKEN: &str = "X";

/// Lets the encoder have a say in who is a person, in sentences in which a word is in doubt: the mean of both.
///
/// Other kinds are left as they are: for places and organisations the encoder is the worse of the two. So are handles,
/// of which it was taught that they name nobody, and sentences that it cannot read.
pub(super) fn read_again(encoder: &Encoder, text: &str, read: &mut [Read<'_>]) {
    let mut in_doubt: Vec<&mut Read<'_>> = read.iter_mut().filter(|read| is_in_doubt(read)).collect();
    let written: Vec<_> = in_doubt.iter().map(|read| written(text, read.tokens)).collect();
    let sentences: Vec<Sentence<'_>> = written.iter().map(|(text, words)| Sentence { text, words }).collect();
    let Ok(marked) = encoder.mark(&sentences) else { return };
    for (read, marked) in in_doubt.iter_mut().zip(&marked) {
        for ((token, lane), theirs) in read.tokens.iter().zip(&mut read.lanes).zip(marked) {
            if !text[..token.range.start].ends_with('@') {
                mix(lane, theirs);
            }
        }
    }
}

fn is_in_doubt(read: &Read<'_>) -> bool {
    let in_doubt =
        |(token, lane): (&Token, &Lane)| token.class == Class::Word && DOUBT.contains(&(1.0 - lane[0]));
    read.tokens.iter().zip(&read.lanes).any(in_doubt)
}

fn mix(lane: &mut Lane, theirs: &Probabilities) {
    let person = |kinds: &[IdentifierKind]| kinds.iter().position(|kind| *kind == IdentifierKind::Person);
    let (Some(own), Some(other)) = (person(&KINDS), person(&encoder::KINDS)) else { return };
    for (own, other) in [(first_of(own), first_of(other)), (further_of(own), further_of(other))] {
        let mean = (lane[own] + theirs[other]) / 2.0;
        lane[0] = (lane[0] + lane[own] - mean).max(0.0);
        lane[own] = mean;
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
