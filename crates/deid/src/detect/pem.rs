//! Private keys in PEM armour (RFC 7468), also inside string literals, also cut off.

use std::ops::Range;

use crate::candidate::Evidence;
use crate::identifier::IdentifierKind;
use crate::scan::Scan;

pub(super) const BEGIN: &str = "-----BEGIN";
/// `-----BEGIN` as base64 text begins.
pub(super) const BEGIN_IN_BASE64: &str = "LS0tLS1CRUdJTi";
const END: &str = "-----END";
/// The label `PRIVATE KEY` in each of the three alignments that base64 can give it.
const LABELS_IN_BASE64: [&str; 3] = ["UFJJVkFURSBLRV", "BSSVZBVEUgS0VZ", "QUklWQVRFIEtF"];
/// How much of a base64 text is read in search of the label.
const BASE64_HEAD_BYTES: usize = 96;
/// The longest label between `BEGIN` and the dashes, in bytes.
const LABEL_BYTES_MAX: usize = 48;
/// The longest key block, in bytes; a longer one is cut there and what follows is judged anew.
const BLOCK_BYTES_MAX: usize = 64 * 1024;
/// The least length of a word of base64 that continues a block by itself.
const BODY_WORD_BYTES_MIN: usize = 20;
/// The most short words or header words in a row that a block may hold.
const SHORT_WORDS_MAX: usize = 12;

/// How far key blocks have been read, so that no byte of one is read twice.
#[derive(Default)]
pub(super) struct Progress {
    read_to: usize,
}

impl Progress {
    pub(super) fn detect(&mut self, scan: &mut Scan<'_>, begin: usize) {
        if begin < self.read_to {
            return;
        }
        let label = begin + BEGIN.len();
        let label_end = scan.run_end(label, LABEL_BYTES_MAX, |byte| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' '
        });
        let is_private = scan.text[label..label_end].contains("PRIVATE KEY");
        if !is_private || !scan.text[label_end..].starts_with("-----") {
            return;
        }
        let end = block_end(scan, label_end + 5);
        self.read_to = end;
        scan.claim(begin..end, IdentifierKind::PrivateKey, Evidence::shape("pem-private-key"), 0.99);
    }

    pub(super) fn detect_in_base64(&mut self, scan: &mut Scan<'_>, start: usize) {
        if start < self.read_to || !scan.text[start..].starts_with(BEGIN_IN_BASE64) {
            return;
        }
        let head_end = scan.run_end(start, BASE64_HEAD_BYTES, is_base64);
        if LABELS_IN_BASE64.iter().any(|label| scan.text[start..head_end].contains(label)) {
            let end = scan.run_end(head_end, BLOCK_BYTES_MAX, is_base64);
            self.read_to = end;
            scan.claim(start..end, IdentifierKind::PrivateKey, Evidence::shape("pem-in-base64"), 0.95);
        }
    }
}

/// The end of the block whose header ends at `from`: behind its END line, or behind the last word of its body.
fn block_end(scan: &mut Scan<'_>, from: usize) -> usize {
    let limit = scan.text.floor_char_boundary(from + BLOCK_BYTES_MAX);
    let mut end = from;
    let mut short_words = 0;
    let mut at = from;
    while let Some(word) = next_word(scan, at, limit) {
        if scan.text[word.clone()].starts_with(END) {
            return end_line_end(scan, word.start);
        }
        let text = &scan.bytes[word.clone()];
        if text.starts_with(b"-----") {
            break;
        }
        if text.len() >= BODY_WORD_BYTES_MIN && text.iter().copied().all(is_base64) {
            end = word.end;
            short_words = 0;
        } else {
            short_words += 1;
        }
        if short_words > SHORT_WORDS_MAX {
            break;
        }
        at = word.end;
    }
    end
}

/// The next stretch between white space, quotes, commas and written-out `\n`.
fn next_word(scan: &mut Scan<'_>, from: usize, limit: usize) -> Option<Range<usize>> {
    let mut start = from;
    loop {
        start = scan.run_end(start, limit.saturating_sub(start), is_between_words);
        let escaped = scan.at(start) == b'\\' && matches!(scan.at(start + 1), b'n' | b'r' | b't' | b'\\');
        if !escaped {
            break;
        }
        start += 2;
    }
    let end = scan.run_end(start, limit.saturating_sub(start), |byte| {
        !is_between_words(byte) && byte != b'\\' && byte < 0x80
    });
    let end = scan.text[start..end].find(END).filter(|at| *at > 0).map_or(end, |at| start + at);
    (end > start).then_some(start..end)
}

fn end_line_end(scan: &mut Scan<'_>, end_line: usize) -> usize {
    let label_end = scan
        .run_end(end_line + END.len(), LABEL_BYTES_MAX, |byte| byte.is_ascii_alphanumeric() || byte == b' ');
    scan.run_end(label_end, 5, |byte| byte == b'-')
}

fn is_between_words(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b',' | b'`' | b'>' | b'|')
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}
