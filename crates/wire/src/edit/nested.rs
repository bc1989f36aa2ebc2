//! JSON inside a string: arguments of tool calls, as they arrive.
//!
//! Text filters never see JSON. This one walks through the pieces of a JSON document, in any chunking, and hands what
//! each string in it says to a filter of its own; keys too, since models put values there. A number that a filter
//! would change becomes a string. What a filter leaves as it is keeps its spelling, down to the escapes; from the
//! first change to the end of that string, only the escapes that JSON demands are written.
//!
//! It does not ask whether the document is well formed, since a model need not finish it. What does not begin as
//! JSON does is text, and goes to one filter as a whole.

use std::cell::RefCell;

use super::TextFilter;
use super::literal::{Escape, escape_into, quote, read_escape};

/// Longest run of number characters that is kept together, in bytes.
const BARE_BYTES_MAX: usize = 256;

/// Walks through JSON text in pieces.
pub(super) struct JsonText<T> {
    state: State<T>,
    /// The start of an escape whose end has not come yet.
    carry: String,
}

enum State<T> {
    /// Nothing but space has come.
    Start,
    /// It did not begin as JSON does.
    Plain(T),
    /// Between brackets, commas and colons.
    Outside,
    /// In a number or a word.
    Bare(String),
    Inside(Inside<T>),
}

impl<T: TextFilter> JsonText<T> {
    pub(super) fn new() -> Self {
        Self { state: State::Start, carry: String::new() }
    }

    /// Takes the next piece and gives what may go out; `make` makes a filter for each string in it.
    pub(super) fn push(&mut self, text: &str, make: &mut dyn FnMut() -> T) -> String {
        let mut out = String::with_capacity(text.len());
        let joined;
        let mut rest = text;
        if !self.carry.is_empty() {
            joined = std::mem::take(&mut self.carry) + text;
            rest = &joined;
        }
        while !rest.is_empty() {
            rest = match &mut self.state {
                State::Start => self.start(rest, &mut out, make),
                State::Plain(filter) => {
                    out.push_str(&filter.push(rest));
                    ""
                }
                State::Outside => self.outside(rest, &mut out, make),
                State::Bare(_) => self.bare(rest, &mut out, make),
                State::Inside(inside) => match inside.take(rest, &mut out) {
                    Taken::Closed(rest) => {
                        self.state = State::Outside;
                        rest
                    }
                    Taken::All { carry } => {
                        self.carry.push_str(carry);
                        ""
                    }
                },
            };
        }
        out
    }

    /// Gives what was held back.
    pub(super) fn finish(&mut self, make: &mut dyn FnMut() -> T) -> String {
        let mut out = String::new();
        match &mut self.state {
            State::Start | State::Outside => {}
            State::Plain(filter) => out = filter.finish(),
            State::Bare(bare) => settle(bare, &mut out, make),
            State::Inside(inside) => inside.finish(&mut out),
        }
        out.push_str(&self.carry);
        *self = Self::new();
        out
    }

    fn start<'a>(&mut self, text: &'a str, out: &mut String, make: &mut dyn FnMut() -> T) -> &'a str {
        let rest = text.trim_start_matches([' ', '\t', '\r', '\n']);
        out.push_str(&text[..text.len() - rest.len()]);
        self.state = match rest.as_bytes().first() {
            None => State::Start,
            Some(b'{' | b'[' | b'"') => State::Outside,
            Some(_) => State::Plain(make()),
        };
        rest
    }

    fn outside<'a>(&mut self, text: &'a str, out: &mut String, make: &mut dyn FnMut() -> T) -> &'a str {
        let rest = text.trim_start_matches(is_structure);
        out.push_str(&text[..text.len() - rest.len()]);
        match rest.strip_prefix('"') {
            Some(inside) => {
                out.push('"');
                self.state = State::Inside(Inside::new(make()));
                inside
            }
            None => {
                if !rest.is_empty() {
                    self.state = State::Bare(String::new());
                }
                rest
            }
        }
    }

    fn bare<'a>(&mut self, text: &'a str, out: &mut String, make: &mut dyn FnMut() -> T) -> &'a str {
        let State::Bare(bare) = &mut self.state else { return text };
        let end = text.find(|letter| letter == '"' || is_structure(letter)).unwrap_or(text.len());
        bare.push_str(&text[..end]);
        if end < text.len() || bare.len() > BARE_BYTES_MAX {
            settle(bare, out, make);
            self.state = State::Outside;
        }
        &text[end..]
    }
}

fn is_structure(letter: char) -> bool {
    matches!(letter, '{' | '}' | '[' | ']' | ':' | ',' | ' ' | '\t' | '\r' | '\n')
}

/// Writes a number or a word; as a string when its filter changed it, since no other value can hold the new text.
fn settle<T: TextFilter>(bare: &str, out: &mut String, make: &mut dyn FnMut() -> T) {
    if matches!(bare, "true" | "false" | "null") {
        return out.push_str(bare);
    }
    let mut filter = make();
    let said = filter.push(bare) + &filter.finish();
    if said == bare { out.push_str(bare) } else { out.push_str(&quote(&said)) }
}

/// A string of the document: what its filter has not released yet, and how that was spelled.
struct Inside<T> {
    filter: T,
    /// What was pushed and not released, as long as nothing was changed.
    waiting: String,
    /// How characters of `waiting` were spelled where it was with an escape: offset in `waiting`, and spelling.
    escapes: Vec<(usize, String)>,
    changed: bool,
}

enum Taken<'a> {
    /// The string ended; the rest of the text is after it.
    Closed(&'a str),
    All {
        carry: &'a str,
    },
}

impl<T: TextFilter> Inside<T> {
    fn new(filter: T) -> Self {
        Self { filter, waiting: String::new(), escapes: Vec::new(), changed: false }
    }

    fn take<'a>(&mut self, text: &'a str, out: &mut String) -> Taken<'a> {
        let mut said = String::with_capacity(text.len());
        let before = self.waiting.len();
        let mut rest = text;
        let taken = loop {
            let plain = memchr::memchr2(b'"', b'\\', rest.as_bytes()).unwrap_or(rest.len());
            said.push_str(&rest[..plain]);
            rest = &rest[plain..];
            if rest.is_empty() {
                break Taken::All { carry: "" };
            }
            if let Some(after) = rest.strip_prefix('"') {
                break Taken::Closed(after);
            }
            match read_escape(rest) {
                Escape::Char(letter, length) => {
                    self.escapes.push((before + said.len(), rest[..length].to_owned()));
                    said.push(letter);
                    rest = &rest[length..];
                }
                Escape::Unfinished => break Taken::All { carry: rest },
            }
        };
        self.waiting.push_str(&said);
        let released = self.filter.push(&said);
        self.release(&released, out);
        if matches!(taken, Taken::Closed(_)) {
            self.finish(out);
            out.push('"');
        }
        taken
    }

    fn finish(&mut self, out: &mut String) {
        let released = self.filter.finish();
        self.release(&released, out);
    }

    /// Writes what the filter released: in its own spelling up to the first change.
    fn release(&mut self, released: &str, out: &mut String) {
        let same = if self.changed { 0 } else { common_length(released, &self.waiting) };
        let mut at = 0;
        let spelled = self.escapes.iter().take_while(|(place, _)| *place < same).count();
        for (place, spelling) in self.escapes.drain(..spelled) {
            out.push_str(&self.waiting[at..place]);
            out.push_str(&spelling);
            at = place + self.waiting[place..].chars().next().map_or(0, char::len_utf8);
        }
        out.push_str(&self.waiting[at..same]);
        if same < released.len() {
            self.changed = true;
            escape_into(&released[same..], out);
        }
        if self.changed {
            self.waiting.clear();
            self.escapes.clear();
            return;
        }
        self.waiting.drain(..same);
        for (place, _) in &mut self.escapes {
            *place -= same;
        }
    }
}

/// Bytes of the characters with which both begin.
fn common_length(a: &str, b: &str) -> usize {
    let bytes = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    a.floor_char_boundary(bytes)
}

/// Gives what to write instead of a text, or `None` to leave it.
type Replace<'a> = dyn FnMut(&str) -> Option<String> + 'a;

/// Rewrites a whole document of JSON inside a string; `None` when nothing changes.
pub(super) fn rewrite_nested(text: &str, replace: &mut Replace<'_>) -> Option<String> {
    let replace = RefCell::new(replace);
    let mut make = || Whole { text: String::new(), replace: &replace };
    let mut json = JsonText::new();
    let said = json.push(text, &mut make) + &json.finish(&mut make);
    (said != text).then_some(said)
}

/// A filter that waits for the whole text.
struct Whole<'a, 'b, 'c> {
    text: String,
    replace: &'a RefCell<&'b mut Replace<'c>>,
}

impl TextFilter for Whole<'_, '_, '_> {
    fn push(&mut self, text: &str) -> String {
        self.text.push_str(text);
        String::new()
    }

    fn finish(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        let mut replace = self.replace.borrow_mut();
        (*replace)(&text).unwrap_or(text)
    }
}
