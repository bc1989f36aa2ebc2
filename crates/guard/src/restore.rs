//! Putting hidden values back into an answer as it streams.
//!
//! Models repeat a placeholder faithfully, but not always to the byte. Recognised are `[EMAIL_1]`, any case of its
//! letters, and the escapes of Markdown: `[EMAIL\_1]`, `\[EMAIL\_1\]`. Not recognised: a placeholder with its brackets
//! left away, with a space or a line break in it, or with a number that was never given. Those pass as they are.

use std::fmt;
use std::sync::Arc;

use candor_deid::IdentifierKind;
use candor_deid::placeholder::NUMBER_DIGITS_MAX;

use crate::mask::Originals;

/// The filter over one text. The output is the same however the text is cut into pieces.
pub struct Restorer {
    originals: Arc<Originals>,
    syntax: Syntax,
    held: String,
}

/// What surrounds the text.
#[derive(Clone, Copy, PartialEq)]
enum Syntax {
    /// It is shown as it is.
    Plain,
    /// It is JSON whose strings hold the placeholders.
    Json,
}

impl Syntax {
    /// How a backslash is written.
    fn backslash(self) -> &'static str {
        match self {
            Syntax::Plain => r"\",
            Syntax::Json => r"\\",
        }
    }
}

/// What stands at the beginning of a text.
enum Reading {
    Placeholder {
        bytes: usize,
        kind: IdentifierKind,
        number: u32,
    },
    /// It is none, whatever follows.
    Other,
    /// More text is needed.
    Unfinished,
}

impl Restorer {
    pub(crate) fn new(originals: Arc<Originals>) -> Self {
        Self { originals, syntax: Syntax::Plain, held: String::new() }
    }

    /// The same filter for text that is JSON, such as the arguments of a tool call: values are put back escaped.
    pub fn for_json(self) -> Self {
        Self { syntax: Syntax::Json, ..self }
    }

    /// Takes the next piece of the answer; gives what can be passed on.
    ///
    /// At most the beginning of one placeholder is held back, some 30 bytes.
    pub fn push(&mut self, text: &str) -> String {
        self.held.push_str(text);
        let (out, used) = self.restore(false);
        self.held.drain(..used);
        out
    }

    /// The rest, once the answer is over.
    pub fn finish(&mut self) -> String {
        let (out, _) = self.restore(true);
        self.held.clear();
        out
    }

    /// The bytes held back now.
    pub fn held_bytes(&self) -> usize {
        self.held.len()
    }

    fn restore(&self, is_whole: bool) -> (String, usize) {
        let mut out = String::with_capacity(self.held.len());
        let mut at = 0;
        while let Some(start) = self.held[at..].find(['[', '\\']).map(|found| at + found) {
            out.push_str(&self.held[at..start]);
            match read(&self.held[start..], self.syntax) {
                Reading::Unfinished if !is_whole => return (out, start),
                Reading::Placeholder { bytes, kind, number } => {
                    match self.originals.get(&(kind, number)) {
                        Some(original) if self.syntax == Syntax::Json => push_escaped(&mut out, original),
                        Some(original) => out.push_str(original),
                        None => out.push_str(&self.held[start..start + bytes]),
                    }
                    at = start + bytes;
                }
                Reading::Other | Reading::Unfinished => {
                    // In JSON an escape is one thing: its second half begins no placeholder.
                    let escape = self.syntax == Syntax::Json && self.held[start..].starts_with('\\');
                    let step = if escape { second_of_escape(&self.held[start..]) } else { 1 };
                    match step {
                        0 if !is_whole => return (out, start),
                        _ => {
                            out.push_str(&self.held[start..start + step.max(1)]);
                            at = start + step.max(1);
                        }
                    }
                }
            }
        }
        out.push_str(&self.held[at..]);
        (out, self.held.len())
    }
}

/// Shows sizes only.
impl fmt::Debug for Restorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Restorer({} known, {} bytes held)", self.originals.len(), self.held.len())
    }
}

/// The bytes of a backslash and the character after it; 0 when that is not there yet.
fn second_of_escape(text: &str) -> usize {
    text.chars().nth(1).map_or(0, |second| 1 + second.len_utf8())
}

fn read(text: &str, syntax: Syntax) -> Reading {
    let escape = syntax.backslash();
    let mut reader = Reader { rest: text, ended: false };
    let escaped = reader.skip(escape);
    if !reader.skip("[") {
        return reader.failed();
    }
    let Some(kind) = reader.label(escape) else { return reader.failed() };
    let digits = reader.rest.bytes().take(NUMBER_DIGITS_MAX).take_while(u8::is_ascii_digit).count();
    let number = reader.rest[..digits].parse();
    reader.rest = &reader.rest[digits..];
    reader.ended |= reader.rest.is_empty();
    let Ok(number) = number else { return reader.failed() };
    // The end is escaped only where the beginning was: a backslash before it alone is the writer's.
    if escaped && !reader.skip(escape) || !reader.skip("]") {
        return reader.failed();
    }
    Reading::Placeholder { bytes: text.len() - reader.rest.len(), kind, number }
}

struct Reader<'t> {
    rest: &'t str,
    /// The text ended where it could have gone on as a placeholder.
    ended: bool,
}

impl Reader<'_> {
    fn skip(&mut self, wanted: &str) -> bool {
        let there = self.rest.strip_prefix(wanted);
        self.ended |= there.is_none() && wanted.starts_with(self.rest);
        self.rest = there.unwrap_or(self.rest);
        there.is_some()
    }

    /// Reads `EMAIL_` or, in any case, `EMAIL\_`.
    fn label(&mut self, escape: &str) -> Option<IdentifierKind> {
        for kind in IdentifierKind::ALL {
            let words: Vec<&str> = kind.placeholder_label().split('_').collect();
            let mut reader = Reader { rest: self.rest, ended: false };
            let read = words.iter().all(|word| reader.word(word) && reader.underscore(escape));
            self.ended |= reader.ended && !read;
            if read {
                self.rest = reader.rest;
                return Some(kind);
            }
        }
        None
    }

    fn word(&mut self, word: &str) -> bool {
        let there = self.rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        let short = self.rest.len() < word.len()
            && self.rest.as_bytes().eq_ignore_ascii_case(&word.as_bytes()[..self.rest.len()]);
        self.ended |= short;
        if there {
            self.rest = &self.rest[word.len()..];
        }
        there
    }

    fn underscore(&mut self, escape: &str) -> bool {
        self.skip(escape);
        self.skip("_")
    }

    fn failed(&self) -> Reading {
        if self.ended { Reading::Unfinished } else { Reading::Other }
    }
}

/// Writes a value as it stands inside a JSON string (RFC 8259, section 7).
fn push_escaped(out: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
}
