//! Text out of files: PDF, DOCX, XLSX, CSV, e-mail, HTML, JSON and plain text, from bytes in memory.
//!
//! What a file is, its bytes say; its name is never asked. The result is the text with its places, or [`Unreadable`]
//! with the reason: whoever handles people's files then knows that nothing of it was looked at. Work is bounded by
//! [`Limits`] however hostile the file, nothing is fetched, no entity is expanded but those that stand for characters,
//! and a reader that panics makes the file unreadable and nothing more: each file is read on a thread of its own.
//!
//! This crate is not for finding identifiers, and opens no image: text in pictures is not seen.
//!
//! ```
//! let file = b"From: Ada <ada@lovelace.org>\r\nSubject: Tea\r\n\r\nAt five?\r\n";
//! let read = candor_extract::read(file).unwrap();
//! assert_eq!(read.kind, candor_extract::FileKind::Mail);
//! assert!(read.text().contains("Ada <ada@lovelace.org>") && read.text().contains("At five?"));
//! assert_eq!(candor_extract::read(b"\x89PNG\r\n\x1a\n...").unwrap_err().name(), "image");
//! ```

mod kind;
mod limits;
mod place;

mod apart;

mod mail;
mod markup;
mod package;
mod paragraphs;
mod pdf;
mod plain;
mod sheet;
mod xml;

use std::fmt;

pub use kind::FileKind;
pub use limits::{Limits, Unreadable};
pub use place::{Place, TextPart};

use limits::Budget;

/// The text of a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Extracted {
    /// What the file is.
    pub kind: FileKind,
    /// Its text, in order. Never without a letter or digit.
    pub parts: Vec<TextPart>,
    /// Files inside it that hold something else than readable text, each with the reason. Nothing of them is in
    /// `parts`.
    pub left_out: Vec<Unreadable>,
}

impl Extracted {
    /// All of it, a line break between parts.
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n")
    }
}

/// Shows sizes only: text never reaches a log through `{:?}`.
impl fmt::Debug for Extracted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Extracted({:?}, {} parts, {} left out)", self.kind, self.parts.len(), self.left_out.len())
    }
}

/// The text of a file, within [`Limits::standard`].
pub fn read(bytes: &[u8]) -> Result<Extracted, Unreadable> {
    read_within(bytes, &Limits::standard())
}

/// The text of a file, within these limits.
pub fn read_within(bytes: &[u8], limits: &Limits) -> Result<Extracted, Unreadable> {
    apart::run(|| read_nested(bytes, &mut Budget::new(limits)))
}

/// The text of a file, or of one inside another: one budget holds for all of it.
fn read_nested(bytes: &[u8], budget: &mut Budget) -> Result<Extracted, Unreadable> {
    budget.take_file(bytes.len())?;
    let kind = kind::of(bytes, budget)?;
    let mut left_out = Vec::new();
    let parts = match kind {
        FileKind::Pdf => pdf::read(bytes, budget)?,
        FileKind::Document => paragraphs::read(bytes, budget)?,
        FileKind::Workbook => sheet::read(bytes, budget)?,
        FileKind::Mail => mail::read(bytes, budget, &mut left_out)?,
        FileKind::Markup => markup::read(plain::decoded(bytes)?, budget)?,
        FileKind::Json => plain::json(plain::decoded(bytes)?, budget)?,
        FileKind::Table => plain::table(plain::decoded(bytes)?, budget)?,
        FileKind::Text => plain::text(plain::decoded(bytes)?, budget)?,
    };
    let parts: Vec<TextPart> = parts.into_iter().filter(TextPart::says_something).collect();
    if parts.is_empty() { Err(Unreadable::WithoutText) } else { Ok(Extracted { kind, parts, left_out }) }
}
