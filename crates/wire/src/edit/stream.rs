//! A stream of events, rewritten as it passes.

use super::delta::{self, Delta, Ends, Key};
use super::frame::{Frame, Search};
use super::literal::quote;
use super::nested::JsonText;
use super::tape::{Document, Tape};
use super::{Edit, SlotKind, TextFilter, Unreadable, edits, places, write_with};
use crate::surface::Surface;

/// Longest event that is read, in bytes.
pub const EVENT_BYTES_MAX: usize = 32 << 20;
/// Most texts that grow side by side in one answer.
pub const SLOTS_MAX: usize = 4096;

/// Rewrites the text in a stream of events: bytes in, bytes out, cut anywhere.
///
/// An event goes out as soon as its blank line has come. If its text stays it is byte for byte what came; if a filter
/// holds the text back it goes out with an empty delta, so that what else it carries is never late. What was held
/// back goes out in an event of the same shape before the one that ends its text. (In the Responses interface that
/// event has the sequence number of the one before it: numbering the rest anew would break resuming.)
///
/// Of a tool's arguments, an escape or a number that has not ended waits for its end. In all other text, a filter that
/// holds nothing back and changes nothing leaves every byte where it was.
///
/// Where an answer is said twice, in pieces and whole, each whole text gets a filter of its own. An event
/// that is no JSON is passed on as it is; text that is not UTF-8 is read as a browser would read it.
pub struct StreamEditor<T> {
    held: Vec<u8>,
    search: Search,
    awaits_line_feed: bool,
    flow: Flow<T>,
    stopped: Option<Unreadable>,
}

impl<T: TextFilter> StreamEditor<T> {
    /// An editor for the answer to a request to that surface; `make` makes a filter for each text in it.
    pub fn new(surface: Surface, make: impl FnMut(SlotKind) -> T + Send + 'static) -> Self {
        Self {
            held: Vec::new(),
            search: Search::default(),
            awaits_line_feed: false,
            flow: Flow { surface, make: Box::new(make), growing: Vec::new(), tape: Tape::default() },
            stopped: None,
        }
    }

    /// Takes the next bytes and gives those that may go out.
    pub fn push(&mut self, chunk: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(chunk.len() + self.held.len());
        if self.stopped.is_some() {
            return out;
        }
        if !self.flow.reads() {
            out.extend_from_slice(chunk);
            return out;
        }
        if self.held.is_empty() {
            let rest = self.events(chunk, &mut out);
            self.held.extend_from_slice(&chunk[rest..]);
        } else {
            let mut held = std::mem::take(&mut self.held);
            held.extend_from_slice(chunk);
            let rest = self.events(&held, &mut out);
            held.drain(..rest);
            self.held = held;
        }
        if self.held.len() > EVENT_BYTES_MAX {
            self.stopped.get_or_insert(Unreadable::TooLong { bytes_max: EVENT_BYTES_MAX });
        }
        out
    }

    /// Gives what is left when no more bytes will come, be it after the last event or within one.
    ///
    /// An event without its blank line gets one. If it broke off within its data it is withheld: no filter has seen
    /// its text, and no client could read it.
    pub fn finish(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut last = std::mem::take(&mut self.held);
        if self.stopped.is_none() && !last.is_empty() {
            if !last.ends_with(b"\n") && !last.ends_with(b"\r") {
                last.push(b'\n');
            }
            last.push(b'\n');
            if !self.flow.breaks_off(&last) {
                self.event(&last, &mut out);
            }
        }
        self.flow.end(&[Ends::All], &mut out);
        out
    }

    /// Why nothing goes out any more, if so: an event that cannot be read cannot be judged either, so the stream
    /// ends before it. The caller tells the client, in its own way, that the answer broke off.
    pub fn stopped(&self) -> Option<Unreadable> {
        self.stopped
    }

    /// Passes on every whole event; gives where the rest begins.
    fn events(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> usize {
        let mut start = 0;
        if self.awaits_line_feed && !bytes.is_empty() {
            self.awaits_line_feed = false;
            if bytes[0] == b'\n' {
                out.push(b'\n');
                start = 1;
                self.search = Search::from(1);
            }
        }
        while let Some(end) = self.search.end(bytes) {
            self.event(&bytes[start..end.at], out);
            start = end.at;
            self.awaits_line_feed = end.awaits_line_feed;
            if self.stopped.is_some() {
                return bytes.len();
            }
        }
        self.search = self.search.shifted(start);
        start
    }

    fn event(&mut self, raw: &[u8], out: &mut Vec<u8>) {
        if let Err(why) = self.flow.event(raw, out) {
            self.stopped = Some(why);
        }
    }
}

/// The texts of an answer as they grow.
struct Flow<T> {
    surface: Surface,
    make: Box<dyn FnMut(SlotKind) -> T + Send>,
    growing: Vec<Growing<T>>,
    tape: Tape,
}

/// A text that grows.
struct Growing<T> {
    key: Key<'static>,
    filter: Filter<T>,
    /// The event that added to it last, or one that could have.
    last: Vec<u8>,
}

enum Filter<T> {
    Text(T),
    Json(JsonText<T>),
}

impl<T: TextFilter> Filter<T> {
    fn push(&mut self, text: &str, make: &mut dyn FnMut() -> T) -> String {
        match self {
            Filter::Text(filter) => filter.push(text),
            Filter::Json(json) => json.push(text, make),
        }
    }

    fn finish(&mut self, make: &mut dyn FnMut() -> T) -> String {
        match self {
            Filter::Text(filter) => filter.finish(),
            Filter::Json(json) => json.finish(make),
        }
    }
}

impl<T: TextFilter> Flow<T> {
    fn event(&mut self, raw: &[u8], out: &mut Vec<u8>) -> Result<(), Unreadable> {
        let frame = Frame::read(raw);
        let Some(said) = frame.said() else {
            out.extend_from_slice(raw);
            return Ok(());
        };
        if said.trim() == "[DONE]" {
            self.end(&[Ends::All], out);
            out.extend_from_slice(raw);
            return Ok(());
        }
        // The tape is lent to the document, and the rest of the flow is needed beside it.
        let mut tape = std::mem::take(&mut self.tape);
        let edits = match tape.read(&said) {
            Ok(document) => self.document(raw, document, out),
            Err(Unreadable::Json { .. }) => Ok(Vec::new()),
            Err(limit) => Err(limit),
        };
        self.tape = tape;
        let mut edits = edits?;
        if edits.is_empty() {
            out.extend_from_slice(raw);
        } else {
            let mut new = Vec::with_capacity(said.len());
            write_with(said.as_bytes(), &mut edits, &mut new);
            frame.write_with(&String::from_utf8_lossy(&new), out);
        }
        Ok(())
    }

    /// What changes in an event; events to be put before it are written.
    fn document(
        &mut self,
        raw: &[u8],
        document: Document<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Vec<Edit>, Unreadable> {
        let reading = delta::read(self.surface, document);
        let mut changes: Vec<Edit> = Vec::new();
        for (place, delta) in reading.deltas.iter().enumerate() {
            let is_last = !reading.deltas[place + 1..].iter().any(|later| later.key == delta.key);
            let ends = reading.ends.iter().any(|ends| ends.includes(delta.key.outer, delta.key.inner));
            let text = document.string(delta.value).unwrap_or_default();
            let said = self.grow(delta, &text, raw, is_last && ends)?;
            if said != text {
                changes.push((document.span(delta.value), quote(&said)));
                changes.extend(delta.echo.map(|(echo, instead)| (document.span(echo), instead.to_owned())));
            }
        }
        self.end(&reading.ends, out);
        let whole = places::find(document, places::of_event(self.surface));
        if !whole.is_empty() {
            let make = &mut self.make;
            let mut replace = |_: &super::Slot, text: &str| {
                let mut filter = make(SlotKind::Repeat);
                Some(filter.push(text) + &filter.finish())
            };
            let said = |range| document.text_at(range);
            changes.extend(edits(&whole, said, &mut replace));
        }
        Ok(changes)
    }

    /// Adds a piece to its text; gives what goes out in its place.
    fn grow(
        &mut self,
        delta: &Delta<'_>,
        text: &str,
        raw: &[u8],
        is_end: bool,
    ) -> Result<String, Unreadable> {
        let kind = if delta.is_json { SlotKind::Arguments } else { SlotKind::Text };
        let make = &mut self.make;
        let mut make = || make(kind);
        let place = match self.growing.iter().position(|growing| growing.key == delta.key) {
            Some(place) => place,
            None if text.is_empty() => return Ok(String::new()),
            None if self.growing.len() == SLOTS_MAX => return Err(Unreadable::TooManyOpen),
            None => {
                let filter = if delta.is_json { Filter::Json(JsonText::new()) } else { Filter::Text(make()) };
                self.growing.push(Growing { key: delta.key.clone().into_owned(), filter, last: Vec::new() });
                self.growing.len() - 1
            }
        };
        let growing = &mut self.growing[place];
        let mut said = growing.filter.push(text, &mut make);
        if is_end {
            said.push_str(&growing.filter.finish(&mut make));
            self.growing.remove(place);
            return Ok(said);
        }
        growing.last.clear();
        match &delta.carrier {
            Some(data) => {
                growing.last.extend_from_slice(b"event: content_block_delta\ndata: ");
                growing.last.extend_from_slice(data.as_bytes());
                growing.last.extend_from_slice(b"\n\n");
            }
            None => growing.last.extend_from_slice(raw),
        }
        // The LF of the last CR may come later, after the event has gone out; what is made from it must not differ.
        if growing.last.ends_with(b"\n\r") {
            growing.last.push(b'\n');
        } else if growing.last.ends_with(b"\r\r\n") {
            growing.last.pop();
        }
        Ok(said)
    }

    /// Ends texts; what they held back is written.
    fn end(&mut self, ends: &[Ends], out: &mut Vec<u8>) {
        let make = &mut self.make;
        let surface = self.surface;
        self.growing.retain_mut(|growing| {
            let key = &growing.key;
            let is_ended = ends.iter().any(|ends| ends.includes(key.outer, key.inner));
            if !is_ended {
                return true;
            }
            let kind =
                if matches!(growing.filter, Filter::Json(_)) { SlotKind::Arguments } else { SlotKind::Text };
            let rest = growing.filter.finish(&mut || make(kind));
            if !rest.is_empty() {
                write_further(surface, growing, &rest, out);
            }
            false
        });
    }

    /// Whether these are the bytes of an event whose data is cut off.
    fn breaks_off(&mut self, raw: &[u8]) -> bool {
        let said = Frame::read(raw).said();
        said.is_some_and(|said| said.trim() != "[DONE]" && self.tape.read(&said).is_err())
    }

    fn reads(&self) -> bool {
        matches!(self.surface, Surface::Chat | Surface::Completions | Surface::Responses | Surface::Messages)
    }
}

/// Writes an event that adds this text to one that grows.
fn write_further<T>(surface: Surface, growing: &Growing<T>, text: &str, out: &mut Vec<u8>) {
    let frame = Frame::read(&growing.last);
    let Some(said) = frame.said() else { return };
    let mut tape = Tape::default();
    let Ok(like) = tape.read(&said) else { return };
    if let Some(data) = delta::further(surface, like, &growing.key, text) {
        frame.write_with(&data, out);
    }
}
