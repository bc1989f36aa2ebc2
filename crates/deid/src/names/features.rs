//! What the model sees of a token: hashes of it, its neighbours and what is known of them.
//!
//! Features are hashed into a table of fixed size (Weinberger et al. 2009), so no strings are built and none stored.

use super::lexicon::{Known, Lexicon, word_hash};
use super::tokens::{Class, Token};

/// How many features a token has.
pub const FEATURES: usize = 38;
/// The table of weights has this many rows, a power of two.
pub const ROWS: usize = 1 << 18;

/// The rows of the weight table that bear on one token.
pub type Rows = [u32; FEATURES];

/// What is known of a token by itself.
#[derive(Clone, Copy, Default)]
struct Piece {
    word: u64,
    shape: u64,
    /// The shape without lengths: at most a few dozen values.
    coarse: u64,
    known: u64,
    prefixes: [u64; 3],
    suffixes: [u64; 3],
}

/// Mixes a value into a hash.
pub fn mix(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(0xff51_afd7_ed55_8ccd).rotate_left(29)
}

/// Which tokens are shown to the model without their own letters: training hides some words, so that the model learns
/// to tell names that it never saw.
pub type Hidden<'h> = &'h [bool];

/// The features of each token of a sentence; `out` is cleared first.
pub fn features(text: &str, tokens: &[Token], lexicon: &Lexicon, hidden: Hidden<'_>, out: &mut Vec<Rows>) {
    const EDGE: usize = 2;
    let mut pieces = vec![Piece::default(); tokens.len() + 2 * EDGE];
    for (index, token) in tokens.iter().enumerate() {
        pieces[index + EDGE] = piece(text, token, lexicon, hidden.get(index).copied().unwrap_or(false));
    }
    for (index, piece) in pieces[..EDGE].iter_mut().enumerate() {
        *piece = Piece { word: 11 + index as u64, shape: 11, coarse: 11, ..Piece::default() };
    }
    for (index, piece) in pieces[EDGE + tokens.len()..].iter_mut().enumerate() {
        *piece = Piece { word: 21 + index as u64, shape: 21, coarse: 21, ..Piece::default() };
    }
    let style = style(tokens, &pieces[EDGE..EDGE + tokens.len()]);
    out.clear();
    out.extend((0..tokens.len()).map(|index| {
        let place = place(tokens, index);
        rows(&pieces[index..index + 2 * EDGE + 1], place, style)
    }));
}

/// Where a token stands: first of the sentence, first of a line, glued to the token before.
fn place(tokens: &[Token], index: usize) -> u64 {
    let token = &tokens[index];
    let last_of_line = tokens.get(index + 1).is_none_or(|next| next.lines_before > 0);
    u64::from(index == 0)
        | u64::from(token.lines_before > 0) << 1
        | u64::from(token.space_before) << 2
        | u64::from(last_of_line) << 3
}

/// How the sentence is written: in lower case, in capitals, with every word capitalised, or as usual.
fn style(tokens: &[Token], pieces: &[Piece]) -> u64 {
    let words = || tokens.iter().zip(pieces).filter(|(token, _)| token.class == Class::Word);
    let total = words().count();
    let of = |wanted: u64| words().filter(|(_, piece)| piece.coarse == wanted).count();
    match () {
        () if total == 0 => 0,
        () if of(COARSE_LOWER) == total => 1,
        () if total > 2 && of(COARSE_UPPER) * 2 > total => 2,
        () if total > 3 && (of(COARSE_CAPITAL) + of(COARSE_UPPER)) * 4 > total * 3 => 3,
        () => 4,
    }
}

const COARSE_LOWER: u64 = 1;
const COARSE_CAPITAL: u64 = 2;
const COARSE_UPPER: u64 = 3;
const COARSE_MIXED: u64 = 4;
const COARSE_LETTER: u64 = 5;
const COARSE_FOREIGN: u64 = 6;

fn piece(text: &str, token: &Token, lexicon: &Lexicon, hidden: bool) -> Piece {
    let covered = &text[token.range.clone()];
    match token.class {
        Class::Taken => Piece { word: 31, shape: 31, coarse: 31, known: 31, ..Piece::default() },
        Class::Mark => {
            let word = covered.bytes().fold(41, |hash, byte| mix(hash, u64::from(byte)));
            Piece { word, shape: word, coarse: word, ..Piece::default() }
        }
        Class::Number => number(covered),
        Class::Word => word(covered, lexicon, hidden),
    }
}

fn number(covered: &str) -> Piece {
    let length = covered.len().min(8) as u64;
    let value: u64 = covered.parse().unwrap_or(u64::MAX);
    let range = match value {
        0 => 1,
        1..=12 => 2,
        13..=31 => 3,
        32..=99 => 4,
        1000..=1899 => 5,
        1900..=2100 => 6,
        _ => 7,
    };
    let shape = 51 + length;
    Piece { word: mix(shape, range), shape, coarse: 7, ..Piece::default() }
}

fn word(covered: &str, lexicon: &Lexicon, hidden: bool) -> Piece {
    let word = word_hash(covered);
    let known = lexicon.look_up(word);
    let length = covered.len().min(12) as u64;
    let coarse = coarse(covered);
    let shape = mix(coarse + 100, length.min(6));
    let known_hash = known_class(known);
    if hidden {
        return Piece { word: 61, shape, coarse, known: known_hash, ..Piece::default() };
    }
    let mut piece = Piece { word, shape, coarse, known: known_hash, ..Piece::default() };
    let bytes = covered.as_bytes();
    for (slot, length) in piece.prefixes.iter_mut().zip([2, 3, 4]) {
        *slot = affix(bytes.get(..length), length);
    }
    for (slot, length) in piece.suffixes.iter_mut().zip([2, 3, 4]) {
        *slot = affix(bytes.len().checked_sub(length).map(|from| &bytes[from..]), length);
    }
    piece
}

fn affix(bytes: Option<&[u8]>, length: usize) -> u64 {
    bytes
        .unwrap_or_default()
        .iter()
        .fold(71 + length as u64, |hash, byte| mix(hash, u64::from(byte.to_ascii_lowercase())))
}

fn coarse(word: &str) -> u64 {
    let mut chars = word.chars();
    let Some(first) = chars.next() else { return 0 };
    if word.len() == first.len_utf8() {
        return if first.is_uppercase() { COARSE_LETTER } else { COARSE_LOWER };
    }
    let (mut upper, mut lower) = (0, 0);
    for c in chars {
        upper += usize::from(c.is_uppercase());
        lower += usize::from(c.is_lowercase());
    }
    match (first.is_uppercase(), upper, lower) {
        (false, 0, 0) => COARSE_FOREIGN,
        (false, 0, _) => COARSE_LOWER,
        (true, 0, _) => COARSE_CAPITAL,
        (true, _, 0) => COARSE_UPPER,
        _ => COARSE_MIXED,
    }
}

/// What is known of a word, as one value: name bits, how it is written, how frequent it is.
fn known_class(known: Known) -> u64 {
    u64::from(known.0) + 1
}

fn rows(window: &[Piece], place: u64, style: u64) -> Rows {
    let [before2, before, this, after, after2] = window else { return [0; FEATURES] };
    let (w, s, k) = (this.word, this.shape, this.known);
    let sk = mix(this.coarse, k);
    let sk_before = mix(before.coarse, before.known);
    let sk_after = mix(after.coarse, after.known);
    let ps = mix(place + 200, style);
    let hashes = [
        0,
        w,
        before.word,
        after.word,
        before2.word,
        after2.word,
        mix(before.word, w),
        mix(w, after.word),
        mix(before2.word, before.word),
        mix(after.word, after2.word),
        s,
        mix(before.coarse, s),
        mix(s, after.coarse),
        mix(mix(before.coarse, this.coarse), after.coarse),
        this.prefixes[0],
        this.prefixes[1],
        this.prefixes[2],
        this.suffixes[0],
        this.suffixes[1],
        this.suffixes[2],
        k,
        sk,
        mix(sk_before, sk),
        mix(sk, sk_after),
        mix(mix(sk_before, sk), sk_after),
        before.known,
        after.known,
        mix(before.word, sk),
        mix(after.word, sk),
        mix(before.word, this.coarse),
        mix(after.word, this.coarse),
        mix(ps, sk),
        mix(mix(ps, this.coarse), before.coarse),
        mix(mix(before2.word, before.word), this.coarse),
        mix(mix(after.word, after2.word), this.coarse),
        mix(mix(before2.coarse, before.coarse), mix(this.coarse, after.coarse)),
        mix(mix(before.suffixes[1], this.coarse), 5),
        mix(mix(before.word, after.word), this.coarse),
    ];
    let mut rows = [0; FEATURES];
    for (feature, (row, hash)) in rows.iter_mut().zip(hashes).enumerate() {
        let mixed = mix(mix(hash, feature as u64 + 1), 0x2545_f491_4f6c_dd1d);
        *row = (mixed >> 40) as u32 & (ROWS as u32 - 1);
    }
    rows
}
