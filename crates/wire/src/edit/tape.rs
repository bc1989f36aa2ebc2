//! A JSON scanner that says where each value lies, which `serde_json` cannot.
//!
//! One pass writes a flat list of nodes, parents before children; each node knows its bytes and where its subtree
//! ends. Nothing is decoded and nothing is copied. The grammar is that of RFC 8259 but for what some reader out there
//! takes beyond it: any run of number characters is a number, `NaN` and `Infinity` are (Python writes them), and
//! control characters may stand in strings. Duplicate keys are kept, all of them, in order.

use std::borrow::Cow;
use std::ops::Range;

use super::Unreadable;
use super::literal::decode;

/// Deepest nesting that is read; serde_json stops at 128.
pub(super) const DEPTH_MAX: usize = 256;
/// Most values of one document, so that its list of nodes stays under 32 MiB.
pub(super) const NODES_MAX: usize = 2 << 20;
/// Longest document, in bytes; nodes hold offsets of 32 bits.
pub(super) const DOCUMENT_BYTES_MAX: usize = 1 << 30;
/// Numbers in arrays are kept only when they could identify someone: all digits, and at least so many. Vectors and
/// lists of tokens would otherwise fill the list of nodes.
const ARRAY_DIGITS_MIN: usize = 7;

const WORDS: [&[u8]; 6] = [b"true", b"false", b"null", b"NaN", b"Infinity", b"-Infinity"];

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Object,
    Array,
    /// A string, quotes included; members of objects are a string node and then the value's node.
    String,
    Number,
    /// One of [`WORDS`].
    Word,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    shape: Shape,
    /// A string with a backslash in it.
    is_escaped: bool,
    start: u32,
    end: u32,
    /// Index of the first node after this one's subtree.
    next: u32,
}

/// The nodes of one document; kept from one document to the next for its memory.
#[derive(Debug, Default)]
pub(super) struct Tape {
    nodes: Vec<Node>,
    open: Vec<u32>,
    /// Whether the innermost that is open is an object.
    inside_object: bool,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    CommaOrEnd,
}

impl Tape {
    /// Scans a document; what the tape held before is gone.
    pub(super) fn read<'a>(&'a mut self, text: &'a str) -> Result<Document<'a>, Unreadable> {
        self.nodes.clear();
        self.open.clear();
        self.inside_object = false;
        if text.len() > DOCUMENT_BYTES_MAX {
            return Err(Unreadable::TooLong { bytes_max: DOCUMENT_BYTES_MAX });
        }
        let bytes = text.as_bytes();
        let mut expect = Expect::Value;
        let mut at = space(bytes, 0);
        loop {
            (at, expect) = self.step(bytes, at, expect)?;
            at = space(bytes, at);
            if self.open.is_empty() {
                break;
            }
        }
        if at < bytes.len() {
            return Err(Unreadable::Json { at });
        }
        Ok(Document { text, nodes: &self.nodes })
    }

    /// Reads one value, bracket or comma; gives where it ends and what may follow.
    fn step(&mut self, bytes: &[u8], at: usize, expect: Expect) -> Result<(usize, Expect), Unreadable> {
        let wrong = Unreadable::Json { at };
        let Some(&byte) = bytes.get(at) else { return Err(wrong) };
        match (expect, byte) {
            (Expect::CommaOrEnd, b',') => {
                Ok((at + 1, if self.inside_object { Expect::Key } else { Expect::Value }))
            }
            (Expect::CommaOrEnd | Expect::KeyOrEnd, b'}') if self.inside_object => self.close(at),
            (Expect::CommaOrEnd | Expect::ValueOrEnd, b']') if !self.inside_object => self.close(at),
            (Expect::Key | Expect::KeyOrEnd, b'"') => {
                let end = self.string(bytes, at)?;
                let colon = space(bytes, end);
                if bytes.get(colon) != Some(&b':') {
                    return Err(Unreadable::Json { at: colon });
                }
                Ok((colon + 1, Expect::Value))
            }
            (Expect::Value | Expect::ValueOrEnd, _) => self.value(bytes, at, byte),
            _ => Err(wrong),
        }
    }

    fn value(&mut self, bytes: &[u8], at: usize, byte: u8) -> Result<(usize, Expect), Unreadable> {
        match byte {
            b'{' => {
                self.begin(Shape::Object, at)?;
                Ok((at + 1, Expect::KeyOrEnd))
            }
            b'[' => {
                self.begin(Shape::Array, at)?;
                Ok((at + 1, Expect::ValueOrEnd))
            }
            b'"' => Ok((self.string(bytes, at)?, Expect::CommaOrEnd)),
            b'-' | b'0'..=b'9' if !bytes[at..].starts_with(b"-I") => {
                let end = at + bytes[at..].iter().take_while(|byte| is_of_number(**byte)).count();
                let digits = &bytes[at..end];
                let matters = digits.len() >= ARRAY_DIGITS_MIN && digits.iter().all(u8::is_ascii_digit);
                if self.inside_object || matters {
                    self.add(Shape::Number, at, end)?;
                }
                Ok((end, Expect::CommaOrEnd))
            }
            _ => {
                let word = WORDS.into_iter().find(|word| bytes[at..].starts_with(word));
                let end = at + word.ok_or(Unreadable::Json { at })?.len();
                self.add(Shape::Word, at, end)?;
                Ok((end, Expect::CommaOrEnd))
            }
        }
    }

    /// Adds a string; gives where it ends, after its closing quote.
    fn string(&mut self, bytes: &[u8], start: usize) -> Result<usize, Unreadable> {
        let mut at = start + 1;
        let mut is_escaped = false;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            at += plain_length(rest).ok_or(Unreadable::Json { at: bytes.len() })?;
            if bytes[at] == b'"' {
                break;
            }
            is_escaped = true;
            at += escape_length(&bytes[at..]).ok_or(Unreadable::Json { at })?;
        }
        self.add(Shape::String, start, at + 1)?;
        if let Some(node) = self.nodes.last_mut() {
            node.is_escaped = is_escaped;
        }
        Ok(at + 1)
    }

    fn begin(&mut self, shape: Shape, at: usize) -> Result<(), Unreadable> {
        if self.open.len() == DEPTH_MAX {
            return Err(Unreadable::TooDeep);
        }
        self.open.push(self.nodes.len() as u32);
        self.inside_object = shape == Shape::Object;
        self.add(shape, at, at)
    }

    fn add(&mut self, shape: Shape, start: usize, end: usize) -> Result<(), Unreadable> {
        if self.nodes.len() == NODES_MAX {
            return Err(Unreadable::TooMany);
        }
        let next = self.nodes.len() as u32 + 1;
        self.nodes.push(Node { shape, is_escaped: false, start: start as u32, end: end as u32, next });
        Ok(())
    }

    fn close(&mut self, at: usize) -> Result<(usize, Expect), Unreadable> {
        let next = self.nodes.len() as u32;
        if let Some(open) = self.open.pop() {
            let node = &mut self.nodes[open as usize];
            (node.end, node.next) = (at as u32 + 1, next);
        }
        let outer = self.open.last();
        self.inside_object = outer.is_some_and(|open| self.nodes[*open as usize].shape == Shape::Object);
        Ok((at + 1, Expect::CommaOrEnd))
    }
}

/// Bytes before the first quote or backslash. Most strings are short names, for which a search that takes many bytes
/// at once takes longer to start than to find.
fn plain_length(bytes: &[u8]) -> Option<usize> {
    const SHORT_BYTES: usize = 16;
    let short = &bytes[..bytes.len().min(SHORT_BYTES)];
    short.iter().position(|byte| matches!(byte, b'"' | b'\\')).or_else(|| {
        let found = memchr::memchr2(b'"', b'\\', bytes.get(SHORT_BYTES..)?)?;
        Some(found + SHORT_BYTES)
    })
}

/// Length of the escape at the start of the bytes, if it is one of JSON's.
fn escape_length(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => bytes.get(2..6)?.iter().all(u8::is_ascii_hexdigit).then_some(6),
        _ => None,
    }
}

fn space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count()
}

fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E')
}

/// A document that was scanned.
#[derive(Clone, Copy)]
pub(super) struct Document<'a> {
    text: &'a str,
    nodes: &'a [Node],
}

/// A value of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value(u32);

impl<'a> Document<'a> {
    /// The outermost value; `None` when it is a number alone, which is of no use to anyone here.
    pub(super) fn root(self) -> Option<Value> {
        (!self.nodes.is_empty()).then_some(Value(0))
    }

    pub(super) fn shape(self, value: Value) -> Shape {
        self.nodes[value.0 as usize].shape
    }

    /// Bytes of the value, quotes or brackets included.
    pub(super) fn span(self, value: Value) -> Range<usize> {
        let node = self.nodes[value.0 as usize];
        node.start as usize..node.end as usize
    }

    /// The value as it is written.
    pub(super) fn raw(self, value: Value) -> &'a str {
        &self.text[self.span(value)]
    }

    /// What stands at these bytes.
    pub(super) fn text_at(self, span: Range<usize>) -> Option<&'a str> {
        self.text.get(span)
    }

    /// Key and value of each member, in order; nothing for what is no object.
    pub(super) fn members(self, object: Value) -> impl Iterator<Item = (Value, Value)> + use<'a> {
        let mut values = self.inside(object, Shape::Object);
        std::iter::from_fn(move || Some((values.next()?, values.next()?)))
    }

    /// The values of an array, in order, without numbers that cannot matter; nothing for what is no array.
    pub(super) fn items(self, array: Value) -> impl Iterator<Item = Value> + use<'a> {
        self.inside(array, Shape::Array)
    }

    fn inside(self, value: Value, shape: Shape) -> impl Iterator<Item = Value> + use<'a> {
        let node = self.nodes[value.0 as usize];
        let end = if node.shape == shape { node.next } else { 0 };
        let mut at = value.0 + 1;
        std::iter::from_fn(move || {
            let found = (at < end).then_some(Value(at))?;
            at = self.nodes[at as usize].next;
            Some(found)
        })
    }

    /// The value and all that is in it, keys included, in order.
    pub(super) fn subtree(self, value: Value) -> impl Iterator<Item = Value> + use<> {
        (value.0..self.nodes[value.0 as usize].next).map(Value)
    }

    /// The first member of that name.
    pub(super) fn member(self, object: Value, name: &str) -> Option<Value> {
        self.members(object)
            .find(|(key, _)| self.string(*key).as_deref() == Some(name))
            .map(|(_, value)| value)
    }

    /// Text of a string, with U+FFFD for surrogates that have lost their other half.
    pub(super) fn string(self, value: Value) -> Option<Cow<'a, str>> {
        let node = self.nodes[value.0 as usize];
        let inner = self.inner(value);
        let decoded = || if node.is_escaped { decode(inner) } else { Cow::Borrowed(inner) };
        (node.shape == Shape::String).then(decoded)
    }

    /// The member's text.
    pub(super) fn text(self, object: Value, name: &str) -> Option<Cow<'a, str>> {
        self.string(self.member(object, name)?)
    }

    /// The member's whole number.
    pub(super) fn number(self, object: Value, name: &str) -> Option<u64> {
        self.raw(self.member(object, name)?).parse().ok()
    }

    /// What stands between the quotes.
    fn inner(self, value: Value) -> &'a str {
        let span = self.span(value);
        self.text.get(span.start + 1..span.end - 1).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn outline(text: &str) -> Result<String, Unreadable> {
        fn write(document: Document<'_>, value: Value, out: &mut String) {
            match document.shape(value) {
                Shape::Object => {
                    for (key, value) in document.members(value) {
                        out.push_str(document.raw(key));
                        out.push('=');
                        write(document, value, out);
                    }
                    out.push(';');
                }
                Shape::Array => {
                    for value in document.items(value) {
                        write(document, value, out);
                    }
                    out.push('.');
                }
                _ => out.push_str(document.raw(value)),
            }
        }
        let mut tape = Tape::default();
        let document = tape.read(text)?;
        let mut out = String::new();
        if let Some(root) = document.root() {
            write(document, root, &mut out);
        }
        Ok(out)
    }

    #[test]
    fn every_value_is_where_it_is_written() {
        let text = " { \"a\" : [1, 12345678, \"x\\\"y\", {}], \"b\":{\"c\":null}, \"a\":-1e3 } ";
        assert_eq!(outline(text).unwrap(), "\"a\"=12345678\"x\\\"y\";.\"b\"=\"c\"=null;\"a\"=-1e3;");
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place() {
        for (text, place) in [
            ("", 0),
            ("{", 1),
            ("{\"a\"}", 4),
            ("[1,]", 3),
            ("{\"a\":1,}", 7),
            ("[1 2]", 3),
            ("[}", 1),
            ("{]", 1),
            ("\"\\x\"", 1),
            ("\"\\u12g4\"", 1),
            ("\"abc", 4),
            ("nul", 0),
            ("-Inf", 0),
            ("{} {}", 3),
        ] {
            assert_eq!(outline(text).unwrap_err(), Unreadable::Json { at: place }, "{text}");
        }
    }

    #[test]
    fn numbers_that_only_python_writes_are_read() {
        assert_eq!(outline("[NaN, -Infinity, Infinity, -1.5e+3]").unwrap(), "NaN-InfinityInfinity.");
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(outline(&nested(DEPTH_MAX)).is_ok());
        assert_eq!(outline(&nested(DEPTH_MAX + 1)).unwrap_err(), Unreadable::TooDeep);
    }

    #[test]
    fn values_have_a_limit() {
        let many = format!("[{}null]", "null,".repeat(NODES_MAX));
        assert_eq!(outline(&many).unwrap_err(), Unreadable::TooMany);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn anything_is_read_or_refused(text in "[\\[\\]{}:,\"\\\\u0-9a-f .tn]{0,40}") {
            let mut tape = Tape::default();
            let ours = tape.read(&text).is_ok();
            let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
            // Whatever a strict reader takes, ours takes.
            prop_assert!(ours || !theirs, "{text}");
        }
    }
}
