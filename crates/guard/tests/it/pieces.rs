//! Texts glued from what matters, and ways to cut them.

use proptest::prelude::*;

/// Prose, code and marks in which nothing belongs to anyone.
pub(crate) const PLAIN: [&str; 30] = [
    "The lichen grows slowly. ",
    "In 2024 we met 12 of them, ",
    "password is ",
    "call ",
    "(see 10:30) ",
    "let x = a[0] + b[1]; // 3.14\n",
    "1,299.99 ",
    "Brücke – “ja” ",
    "請聯繫",
    "\u{200b}",
    "\u{a0}",
    " ",
    "\n",
    "-",
    ".",
    ",",
    "\"",
    "<b>",
    "\\n",
    "[",
    "]",
    "[EMAIL_1]",
    "@",
    "+",
    " x1",
    "GB82 WEST 1234 5698 7654 32 ",
    "4111 1111 1111 1111 ",
    "jane@example.com ",
    "10.0.0.7 ",
    "AT20 ",
];

/// A text of pieces.
pub(crate) fn glued(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(pieces), 0..16).prop_map(|pieces| pieces.concat())
}

/// The text cut at the given places, taken in turn and again.
pub(crate) fn cut<'t>(text: &'t str, lengths: &[usize]) -> Vec<&'t str> {
    let mut chunks = Vec::new();
    let mut at = 0;
    for length in lengths.iter().cycle() {
        if at >= text.len() {
            break;
        }
        let end = text.ceil_char_boundary(at + length);
        chunks.push(&text[at..end]);
        at = end;
    }
    chunks
}
