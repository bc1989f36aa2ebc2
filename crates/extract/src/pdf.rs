//! PDF: the text that pages draw (ISO 32000-1 §9).
//!
//! Characters are those that a font's table says (`ToUnicode`, else its encoding). A font that says nothing of the kind
//! makes its text unknown, and a file of which a tenth is unknown is garbled: half-read text would hide what it says.

use lopdf::{Document, LoadOptions, Object};

use crate::limits::{Budget, Unreadable};
use crate::place::{Place, TextPart};

mod page;

use page::Page;

/// The text of each page.
pub(crate) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Vec<TextPart>, Unreadable> {
    let document = load(bytes, budget)?;
    let mut parts = Vec::new();
    let (mut known, mut unknown) = (0, 0);
    for (number, page) in (1..).zip(document.page_iter()) {
        budget.take_entry()?;
        let page = Page::draw(&document, page, budget)?;
        known += page.known;
        unknown += page.unknown;
        budget.take_text(page.text.len())?;
        parts.push(TextPart { place: Place::Page(number), text: page.text });
    }
    if unknown * 10 > known + unknown { Err(Unreadable::Garbled) } else { Ok(parts) }
}

fn load(bytes: &[u8], budget: &mut Budget) -> Result<Document, Unreadable> {
    // Streams of objects are unpacked while the file is loaded, each within this share.
    let streams = object_streams(bytes);
    for _ in 0..streams {
        budget.take_entry()?;
    }
    let most = budget.unpacked_max(bytes.len()) / streams.max(1);
    let options = LoadOptions { max_decompressed_size: Some(most), ..LoadOptions::default() };
    let document = Document::load_mem_with_options(bytes, options);
    let document = document.map_err(|error| match error {
        lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) | lopdf::Error::Unimplemented(_) => {
            Unreadable::Encrypted
        }
        lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. }) => Unreadable::TooLarge,
        _ => Unreadable::Damaged,
    })?;
    budget.take_unpacked(document.objects.len() * size_of::<Object>())?;
    // One that opens without a password was decrypted while it was loaded. The key stands in the clear in any trailer;
    // a file that only speaks of it is refused too, which is the safe side.
    let locked = names(bytes).any(|name| name == b"Encrypt") && !document.was_encrypted();
    if locked || document.trailer.has(b"Encrypt") { Err(Unreadable::Encrypted) } else { Ok(document) }
}

/// How many streams may hold objects or their places, by the names that say so.
fn object_streams(bytes: &[u8]) -> usize {
    names(bytes).filter(|name| matches!(&name[..], b"ObjStm" | b"XRef")).count()
}

/// The beginnings of all names in the file's bytes.
fn names(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    let slashes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    slashes.map(|(at, _)| name(&bytes[at + 1..]))
}

/// The first bytes of a name with `#4f` read as the character.
fn name(bytes: &[u8]) -> Vec<u8> {
    const LENGTH_MAX: usize = 8;
    let mut out = Vec::with_capacity(LENGTH_MAX);
    let mut rest = bytes;
    while out.len() < LENGTH_MAX {
        match rest {
            [b'#', a, b, after @ ..] => {
                let hex = |digit: &u8| char::from(*digit).to_digit(16);
                let Some((a, b)) = hex(a).zip(hex(b)) else { return out };
                out.push((a * 16 + b) as u8);
                rest = after;
            }
            [byte, after @ ..] if byte.is_ascii_alphanumeric() => {
                out.push(*byte);
                rest = after;
            }
            _ => return out,
        }
    }
    out
}
