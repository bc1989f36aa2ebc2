//! Chance that a key decides: the same key, scope and entity give the same draws.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The key of a release and, where names change from conversation to conversation, the conversation.
#[derive(Clone)]
pub(super) struct Draws {
    keyed: Hmac<Sha256>,
}

/// A stream of numbers for one entity and attempt.
pub(super) struct Stream {
    keyed: Hmac<Sha256>,
    block: [u8; 32],
    used: usize,
    blocks: u32,
}

impl Draws {
    pub(super) fn new(key: &[u8; 32], scope: &str) -> Self {
        // A key of 32 bytes is shorter than the block of the hash, so it is padded with zeros (RFC 2104).
        let mut block = [0; 64];
        block[..key.len()].copy_from_slice(key);
        let mut keyed = <Hmac<Sha256> as KeyInit>::new(&block.into());
        keyed.update(b"candor surrogate v1\0");
        absorb(&mut keyed, scope);
        Self { keyed }
    }

    /// The numbers for an entity of a label, other ones for each attempt.
    pub(super) fn stream(&self, label: &str, entity: &str, attempt: u32) -> Stream {
        let mut keyed = self.keyed.clone();
        absorb(&mut keyed, label);
        absorb(&mut keyed, entity);
        keyed.update(&attempt.to_be_bytes());
        Stream { keyed, block: [0; 32], used: 32, blocks: 0 }
    }
}

/// Length first, so that no two lists of fields are the same bytes.
fn absorb(keyed: &mut Hmac<Sha256>, field: &str) {
    keyed.update(&(field.len() as u64).to_be_bytes());
    keyed.update(field.as_bytes());
}

impl Stream {
    fn byte(&mut self) -> u8 {
        if self.used == self.block.len() {
            let mut next = self.keyed.clone();
            next.update(&self.blocks.to_be_bytes());
            self.block.copy_from_slice(&next.finalize().into_bytes());
            self.blocks += 1;
            self.used = 0;
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    /// A number below `bound`, which is at least 1; the bias is below 2^-32 for bounds of 32 bits.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let word = (0..8).fold(0_u64, |word, _| word << 8 | u64::from(self.byte()));
        (word % bound.max(1) as u64) as usize
    }

    /// One of a list, none of an empty one.
    pub(super) fn pick<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        if list.is_empty() { None } else { list.get(self.below(list.len())) }
    }

    /// A decimal digit.
    pub(super) fn digit(&mut self) -> char {
        char::from(b'0' + self.below(10) as u8)
    }

    /// An upper-case letter of ASCII.
    pub(super) fn letter(&mut self) -> char {
        char::from(b'A' + self.below(26) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_scope_and_entity_draw_the_same_and_any_other_differ() {
        let draw = |key: u8, scope: &str, label: &str, entity: &str, attempt| {
            let mut stream = Draws::new(&[key; 32], scope).stream(label, entity, attempt);
            (0..40).map(|_| stream.digit()).collect::<String>()
        };
        let first = draw(1, "a", "PERSON", "ada", 0);
        assert_eq!(first, draw(1, "a", "PERSON", "ada", 0));
        for other in [
            draw(2, "a", "PERSON", "ada", 0),
            draw(1, "b", "PERSON", "ada", 0),
            draw(1, "a", "PERSONA", "da", 0),
            draw(1, "a", "PERSON", "ada", 1),
        ] {
            assert_ne!(first, other);
        }
    }
}
