//! Sentences cut into what the network reads at once.

use std::ops::Range;

use super::pieces::{BEGIN, END, Shape, Token};

/// The most pieces of a window, with the two that frame it: the longest sentence that training saw.
pub(super) const WINDOW_PIECES: usize = 128;
/// Windows of one sentence share about this many pieces, so that every token has words on both sides. With them the
/// longest token still fits, so that each window goes further than the one before.
const SHARED_PIECES: usize = 24;

/// Pieces of a sentence, framed, and which tokens are read from them.
pub(super) struct Window {
    /// Ids and shapes of the pieces.
    pub(super) pieces: Vec<(u16, Shape)>,
    /// The first piece of each token that is read from this window.
    pub(super) read: Vec<usize>,
}

impl Window {
    /// How many pieces there are.
    pub(super) fn len(&self) -> usize {
        self.pieces.len()
    }
}

/// The windows of a sentence: every token is read from exactly one, in order.
pub(super) fn windows(tokens: &[Token]) -> Vec<Window> {
    let mut made = Vec::new();
    let (mut start, mut unread) = (0, 0);
    while unread < tokens.len() {
        let end = start + fitting(tokens[start..].iter());
        let next = end - fitting_shared(&tokens[start..end]);
        // What two windows share is read half from the one and half from the other.
        let read_to = if end == tokens.len() { end } else { next + (end - next) / 2 };
        made.push(window(tokens, start..end, unread..read_to));
        (start, unread) = (next, read_to);
    }
    made
}

/// How many tokens fit into a window, at least one.
fn fitting<'a>(tokens: impl Iterator<Item = &'a Token>) -> usize {
    let mut size = 2;
    let fits = |token: &&Token| {
        size += token.pieces.len();
        size <= WINDOW_PIECES
    };
    tokens.take_while(fits).count().max(1)
}

/// How many tokens at the end of a window the next one has too: never all of them, nor half.
fn fitting_shared(tokens: &[Token]) -> usize {
    let mut size = 0;
    let fits = |token: &&Token| {
        size += token.pieces.len();
        size <= SHARED_PIECES
    };
    tokens.iter().rev().take_while(fits).count().min(tokens.len().saturating_sub(1) / 2)
}

fn window(tokens: &[Token], within: Range<usize>, read: Range<usize>) -> Window {
    let mut made = Window { pieces: vec![(BEGIN, Shape::None)], read: Vec::with_capacity(read.len()) };
    for at in within {
        if read.contains(&at) {
            made.read.push(made.pieces.len());
        }
        made.pieces.extend(tokens[at].pieces.iter().map(|piece| (*piece, tokens[at].shape)));
    }
    made.pieces.push((END, Shape::None));
    made
}
