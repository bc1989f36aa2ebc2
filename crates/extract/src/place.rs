//! Where in a file a text stands.

use std::fmt;

/// A text and where it stands.
#[derive(Clone, PartialEq, Eq)]
pub struct TextPart {
    /// Where.
    pub place: Place,
    /// What.
    pub text: String,
}

impl TextPart {
    /// Whether there is a letter or a digit in it.
    pub(crate) fn says_something(&self) -> bool {
        self.text.chars().any(char::is_alphanumeric)
    }
}

/// Shows where and how much, not what.
impl fmt::Debug for TextPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TextPart({}, {} bytes)", self.place, self.text.len())
    }
}

/// A place in a file. Numbers count from 1. It names nothing that the file's author wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// All of it.
    Whole,
    /// A page of a PDF.
    Page(u32),
    /// A paragraph, and in which part of a document: its text, a header, a footer, notes, comments.
    Paragraph {
        /// The part.
        part: &'static str,
        /// Its number in all parts of this name together.
        number: u32,
    },
    /// Cells of one row of a workbook: sheet by number, columns by letters.
    Cells {
        /// The sheet.
        sheet: u32,
        /// The first cell, such as `A1`.
        first: String,
        /// The last cell.
        last: String,
    },
    /// Lines of a table.
    Lines {
        /// The first.
        first: u64,
        /// The last.
        last: u64,
    },
    /// A header of a message.
    Header(&'static str),
    /// The body of a message.
    Body,
    /// A place in a file inside the file.
    Inside {
        /// Which file.
        number: u32,
        /// Where in it.
        place: Box<Place>,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Whole => f.write_str("whole file"),
            Place::Page(page) => write!(f, "page {page}"),
            Place::Paragraph { part, number } => write!(f, "{part}, paragraph {number}"),
            Place::Cells { sheet, first, last } => write!(f, "sheet {sheet}, {first}:{last}"),
            Place::Lines { first, last } => write!(f, "lines {first} to {last}"),
            Place::Header(name) => write!(f, "header {name}"),
            Place::Body => f.write_str("body"),
            Place::Inside { number, place } => write!(f, "file {number}, {place}"),
        }
    }
}
