//! Events of a stream as bytes: where one ends, and where its data lies.

use std::borrow::Cow;
use std::ops::Range;

/// How far a stream has been searched for the end of an event; offsets into what is held.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Search {
    line_start: usize,
    searched: usize,
}

/// Where an event ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Offset of the first byte after its blank line.
    pub(super) at: usize,
    /// The blank line ended with a CR and no byte has come after it: a LF may, and belongs to it.
    pub(super) awaits_line_feed: bool,
}

impl Search {
    /// Goes on to search from `start`, where an event begins.
    pub(super) fn from(start: usize) -> Self {
        Self { line_start: start, searched: start }
    }

    /// The same search after the first `count` bytes are gone.
    pub(super) fn shifted(self, count: usize) -> Self {
        Self {
            line_start: self.line_start.saturating_sub(count),
            searched: self.searched.saturating_sub(count),
        }
    }

    /// Finds the end of the event; what has been searched is not searched again when more has come.
    pub(super) fn end(&mut self, bytes: &[u8]) -> Option<End> {
        loop {
            let rest = bytes.get(self.searched..).unwrap_or_default();
            let Some(found) = memchr::memchr2(b'\n', b'\r', rest) else {
                self.searched = bytes.len();
                return None;
            };
            let break_at = self.searched + found;
            let is_blank = break_at == self.line_start;
            let mut next = break_at + 1;
            let mut awaits_line_feed = false;
            if bytes[break_at] == b'\r' {
                match bytes.get(next) {
                    Some(b'\n') => next += 1,
                    Some(_) => {}
                    None if is_blank => awaits_line_feed = true,
                    None => {
                        self.searched = break_at;
                        return None;
                    }
                }
            }
            *self = Self::from(next);
            if is_blank {
                return Some(End { at: next, awaits_line_feed });
            }
        }
    }
}

/// An event: its bytes and where the values of its `data` lines lie in them.
pub(super) struct Frame<'a> {
    raw: &'a [u8],
    values: Vec<Range<usize>>,
}

impl<'a> Frame<'a> {
    /// Finds the data lines of an event.
    pub(super) fn read(raw: &'a [u8]) -> Self {
        let mut values = Vec::with_capacity(1);
        let mut start = if raw.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        while start < raw.len() {
            let rest = &raw[start..];
            let end = start + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            if let Some(value) = data_value(&raw[start..end]) {
                values.push(end - value.len()..end);
            }
            start = end + 1;
        }
        Self { raw, values }
    }

    /// What the data lines say together, if there is one; bytes that are no UTF-8 become U+FFFD, as in browsers.
    pub(super) fn said(&self) -> Option<Cow<'a, str>> {
        if let [value] = self.values.as_slice() {
            return Some(text_of(&self.raw[value.clone()]));
        }
        let lines: Vec<_> = self.values.iter().map(|value| text_of(&self.raw[value.clone()])).collect();
        (!lines.is_empty()).then(|| Cow::Owned(lines.join("\n")))
    }

    /// Appends the event with other data: a line of it for each data line that was there, all else as it was. Lines
    /// that are too many follow the last one; data lines that are too many are empty.
    pub(super) fn write_with(&self, said: &str, out: &mut Vec<u8>) {
        let mut lines = said.split('\n');
        let mut written = 0;
        for (place, value) in self.values.iter().enumerate() {
            out.extend_from_slice(&self.raw[written..value.start]);
            out.extend_from_slice(lines.next().unwrap_or_default().as_bytes());
            if place + 1 == self.values.len() {
                for line in lines.by_ref() {
                    out.extend_from_slice(b"\ndata: ");
                    out.extend_from_slice(line.as_bytes());
                }
            }
            written = value.end;
        }
        out.extend_from_slice(&self.raw[written..]);
    }
}

/// Checking that bytes are UTF-8 is many times faster than reading them so that it does not matter.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// The value of a line, if it is one of data.
fn data_value(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"data")?;
    if rest.is_empty() {
        return Some(rest);
    }
    let value = rest.strip_prefix(b":")?;
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(raw: &str) -> Option<String> {
        Frame::read(raw.as_bytes()).said().map(Cow::into_owned)
    }

    #[test]
    fn data_is_read_as_the_standard_has_it() {
        assert_eq!(said("event: a\ndata: {}\n\n").unwrap(), "{}");
        assert_eq!(said("data:{\r\ndata: }\r\n\r\n").unwrap(), "{\n}");
        assert_eq!(said("data:  x\rdata\r\r").unwrap(), " x\n");
        assert_eq!(said("\u{feff}data: x\n\n").unwrap(), "x");
        assert_eq!(said(": data: x\ndatas: y\n\n"), None);
    }

    #[test]
    fn other_data_leaves_all_else_as_it_was() {
        let write = |raw: &str, said: &str| {
            let mut out = Vec::new();
            Frame::read(raw.as_bytes()).write_with(said, &mut out);
            String::from_utf8(out).unwrap()
        };
        let raw = ": hi\r\nevent: a\r\ndata:{\r\nid: 7\r\ndata: }\r\n\r\n";
        assert_eq!(write(raw, "{\n}"), raw);
        assert_eq!(write("data: x\n\n", "y\nz"), "data: y\ndata: z\n\n");
        assert_eq!(write("data: x\ndata: y\n\n", "z"), "data: z\ndata: \n\n");
    }

    #[test]
    fn an_event_ends_with_its_blank_line_however_lines_end() {
        for (raw, ends, awaits) in [
            ("data: x\n\nd", Some(9), false),
            ("data: x\r\n\r\nd", Some(11), false),
            ("data: x\r\rd", Some(9), false),
            ("data: x\r\r", Some(9), true),
            ("data: x\r\n\r", Some(10), true),
            ("data: x\r", None, false),
            ("data: x\n", None, false),
            ("\n", Some(1), false),
        ] {
            let end = ends.map(|at| End { at, awaits_line_feed: awaits });
            assert_eq!(Search::default().end(raw.as_bytes()), end, "{raw:?}");
            let mut search = Search::default();
            let grown = (1..=raw.len()).find_map(|length| search.end(&raw.as_bytes()[..length]));
            assert_eq!(grown.is_some(), end.is_some(), "{raw:?}");
        }
    }
}
