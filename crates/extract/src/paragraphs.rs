//! Text documents: the paragraphs of DOCX, as ECMA-376 part 1 §17 writes them.

use std::io::Cursor;

use crate::limits::{Budget, Unreadable};
use crate::package::{DOCUMENT, Package};
use crate::place::{Place, TextPart};
use crate::xml::{Met, walk};

/// The parts that hold text, by how their names begin, with what we call them.
const PARTS: [(&str, &str); 6] = [
    ("word/header", "header"),
    (DOCUMENT, "text"),
    ("word/footer", "footer"),
    ("word/footnotes", "notes"),
    ("word/endnotes", "notes"),
    ("word/comments", "comments"),
];

/// The paragraphs, headers first. What was deleted with changes tracked, and code of fields, is left out.
pub(crate) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Vec<TextPart>, Unreadable> {
    let mut package = Package::open(Cursor::new(bytes), budget)?;
    let mut parts = Vec::new();
    for (start, part) in PARTS {
        let from = parts.len();
        for name in package.names(start, ".xml") {
            if let Some(source) = package.part(&name, budget)? {
                paragraphs(&source, (part, from), &mut parts, budget)?;
            }
        }
    }
    Ok(parts)
}

fn paragraphs(
    source: &str,
    (part, from): (&'static str, usize),
    parts: &mut Vec<TextPart>,
    budget: &mut Budget,
) -> Result<(), Unreadable> {
    // A paragraph may hold a text box with paragraphs; each has its own text.
    let mut open: Vec<String> = Vec::new();
    let mut in_text = false;
    walk(source, budget, |met, budget| {
        match (met, open.last_mut()) {
            (Met::Open("p", _), _) => open.push(String::new()),
            (Met::Close("p"), Some(_)) => {
                let text = open.pop().unwrap_or_default();
                budget.take_text(text.len())?;
                if !text.trim().is_empty() {
                    let number = (parts.len() - from) as u32 + 1;
                    parts.push(TextPart { place: Place::Paragraph { part, number }, text });
                }
            }
            (Met::Open("t", _), _) => in_text = true,
            (Met::Close("t"), _) => in_text = false,
            (Met::Open("tab", _), Some(text)) => text.push('\t'),
            (Met::Open("br" | "cr", _), Some(text)) => text.push('\n'),
            (Met::Open("noBreakHyphen", _), Some(text)) => text.push('-'),
            (Met::Text(found), Some(text)) if in_text => text.push_str(&found),
            _ => {}
        }
        Ok(())
    })
}
