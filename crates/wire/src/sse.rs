//! Server-sent events, read piece by piece.
//!
//! Follows the event stream format of the WHATWG HTML standard (section 9.2.6): lines end in LF, CR or CRLF,
//! a byte order mark may come first, lines that begin with a colon are comments, and several `data` lines make
//! one value joined with LF. Two things differ: fields other than `event` and `data` are skipped, and
//! [`SseParser::finish`] gives an event that no blank line ended, because some servers end their last event with
//! the end of the stream.

use std::ops::Range;

use memchr::memchr2;

/// The longest event that we read, in bytes, unless told otherwise.
pub const EVENT_BYTES_MAX: usize = 16 << 20;

/// An event that is longer than the parser may hold; nothing is read after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is longer than {limit_bytes} bytes")]
pub struct TooLong {
    /// The limit it passed.
    pub limit_bytes: usize,
}

impl TooLong {
    /// What the caller does next.
    pub fn kind(&self) -> candor_conversation::Kind {
        candor_conversation::Kind::Invalid
    }
}

/// One event. Both slices lie in the chunk where the event came whole, else in the parser.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// Value of its `event` field; empty where it had none.
    pub name: &'a [u8],
    /// Its `data` lines, joined with LF.
    pub data: &'a [u8],
}

/// Shows sizes only.
impl std::fmt::Debug for SseEvent<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SseEvent({} bytes)", self.data.len())
    }
}

/// Reads events from chunks that are split anywhere.
///
/// ```
/// use candor_wire::sse::SseParser;
///
/// let mut seen = Vec::new();
/// let mut parser = SseParser::new(1024);
/// parser.push(b"data: on", |event| seen.push(event.data.to_vec())).unwrap();
/// parser.push(b"e\r\n\r\ndata: two\n\n", |event| seen.push(event.data.to_vec())).unwrap();
/// assert_eq!(seen, [b"one", b"two"]);
/// ```
pub struct SseParser {
    limit_bytes: usize,
    /// The line that the last chunk left unfinished.
    line: Vec<u8>,
    name: Field,
    data: Field,
    /// The last chunk ended in CR: an LF at the start of the next one belongs to it.
    after_carriage_return: bool,
    first_line: bool,
    too_long: bool,
}

impl SseParser {
    /// A parser that holds no event longer than `limit_bytes`.
    pub fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            line: Vec::new(),
            name: Field::default(),
            data: Field::default(),
            after_carriage_return: false,
            first_line: true,
            too_long: false,
        }
    }

    /// Takes the next bytes and hands over each event that they complete.
    ///
    /// # Errors
    /// [`TooLong`] once an event passes the limit, and at every call after that.
    pub fn push(&mut self, chunk: &[u8], mut on_event: impl FnMut(SseEvent<'_>)) -> Result<(), TooLong> {
        let mut at = 0;
        if self.after_carriage_return && !chunk.is_empty() {
            self.after_carriage_return = false;
            at = usize::from(chunk[0] == b'\n');
        }
        while !self.too_long {
            let Some(length) = memchr2(b'\n', b'\r', &chunk[at..]) else { break };
            let line = at..at + length;
            at = line.end + 1;
            if chunk[line.end] == b'\r' {
                self.after_carriage_return = at == chunk.len();
                at += usize::from(chunk.get(at) == Some(&b'\n'));
            }
            self.end_line(chunk, line, &mut on_event);
        }
        if !self.too_long {
            self.keep(chunk, at);
        }
        self.state()
    }

    /// Hands over the event that the end of the stream cut off before its blank line, if it has any data.
    ///
    /// # Errors
    /// [`TooLong`] where an event passed the limit.
    pub fn finish(mut self, mut on_event: impl FnMut(SseEvent<'_>)) -> Result<(), TooLong> {
        if !self.line.is_empty() {
            self.end_line(&[], 0..0, &mut on_event);
        }
        if !self.too_long {
            self.dispatch(&[], &mut on_event);
        }
        self.state()
    }

    fn state(&self) -> Result<(), TooLong> {
        if self.too_long { Err(TooLong { limit_bytes: self.limit_bytes }) } else { Ok(()) }
    }

    /// Keeps what the chunk leaves unfinished.
    fn keep(&mut self, chunk: &[u8], at: usize) {
        if self.line.len() + (chunk.len() - at) > self.limit_bytes {
            return self.give_up();
        }
        self.line.extend_from_slice(&chunk[at..]);
        self.name.hold(chunk);
        self.data.hold(chunk);
    }

    fn give_up(&mut self) {
        self.too_long = true;
        self.line = Vec::new();
        self.name = Field::default();
        self.data = Field::default();
    }

    /// A line ended: it is what was left unfinished, then `rest` of the chunk.
    fn end_line(&mut self, chunk: &[u8], rest: Range<usize>, on_event: &mut impl FnMut(SseEvent<'_>)) {
        if self.line.len() + rest.len() > self.limit_bytes {
            return self.give_up();
        }
        if self.line.is_empty() {
            return self.take_line(chunk, rest, on_event);
        }
        let mut line = std::mem::take(&mut self.line);
        line.extend_from_slice(&chunk[rest]);
        // This is the first line to end in this chunk, so no field lies in the chunk yet: those of earlier lines
        // were held when the chunk before ended. What this line gives is held before the next one is read.
        let length = line.len();
        self.take_line(&line, 0..length, on_event);
        self.name.hold(&line);
        self.data.hold(&line);
        line.clear();
        self.line = line;
    }

    /// Reads one whole line, which lies in `source`.
    fn take_line(&mut self, source: &[u8], mut line: Range<usize>, on_event: &mut impl FnMut(SseEvent<'_>)) {
        if std::mem::take(&mut self.first_line) && source[line.clone()].starts_with(b"\xEF\xBB\xBF") {
            line.start += 3;
        }
        let text = &source[line.clone()];
        if text.is_empty() {
            return self.dispatch(source, on_event);
        }
        let colon = memchr::memchr(b':', text).unwrap_or(text.len());
        let mut value = line.start + (colon + 1).min(text.len())..line.end;
        if source[value.clone()].first() == Some(&b' ') {
            value.start += 1;
        }
        match &text[..colon] {
            b"data" => {
                if self.data.len() + value.len() >= self.limit_bytes {
                    return self.give_up();
                }
                self.data.append(source, value);
            }
            b"event" => self.name.set(value),
            _ => {}
        }
    }

    fn dispatch(&mut self, source: &[u8], on_event: &mut impl FnMut(SseEvent<'_>)) {
        if self.data.any {
            on_event(SseEvent { name: self.name.bytes(source), data: self.data.bytes(source) });
        }
        self.name.clear();
        self.data.clear();
    }
}

/// The value of a field: in the source at hand as long as it can be, else held.
#[derive(Default)]
struct Field {
    any: bool,
    here: Option<Range<usize>>,
    held: Vec<u8>,
}

impl Field {
    fn len(&self) -> usize {
        self.here.as_ref().map_or(self.held.len(), ExactSizeIterator::len)
    }

    fn bytes<'a>(&'a self, source: &'a [u8]) -> &'a [u8] {
        match &self.here {
            Some(range) => &source[range.clone()],
            None => &self.held,
        }
    }

    fn set(&mut self, value: Range<usize>) {
        self.any = true;
        self.here = Some(value);
    }

    fn append(&mut self, source: &[u8], value: Range<usize>) {
        if !self.any {
            return self.set(value);
        }
        self.hold(source);
        self.held.push(b'\n');
        self.held.extend_from_slice(&source[value]);
    }

    fn hold(&mut self, source: &[u8]) {
        if let Some(range) = self.here.take() {
            self.held.clear();
            self.held.extend_from_slice(&source[range]);
        }
    }

    fn clear(&mut self) {
        self.any = false;
        self.here = None;
        self.held.clear();
    }
}
