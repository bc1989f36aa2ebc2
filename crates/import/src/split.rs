//! Cuts a stream of bytes into its top-level JSON values, in bounded memory.
//!
//! Yields the values of JSON lines or of values in a row, the elements of a top-level array, and the elements
//! of a list called `conversations` in a top-level object. A broken value costs itself only: after it, reading
//! goes on at the next line, or at the next element of the array as well as it can be found.

use std::io::{self, Read};

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::Reason;
use crate::scan::{Care, Scan, Step};

/// Bytes asked of the stream at once.
const CHUNK_BYTES: usize = 256 << 10;
/// How far back a reader goes to find the line after a cut value; bounds the work that hostile input can ask for.
const REWIND_BYTES_MAX: usize = 1 << 20;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What surrounds the next value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Within {
    /// Nothing: values follow each other, usually one a line.
    Lines,
    /// A top-level array.
    Array,
    /// The `conversations` list of a top-level object.
    List,
}

/// A place between two values of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) within: Within,
    /// Bytes before it, after decompression.
    pub(crate) offset: u64,
    /// Values before it, broken ones included.
    pub(crate) number: u64,
}

impl Place {
    pub(crate) const START: Place = Place { within: Within::Lines, offset: 0, number: 0 };
}

/// One top-level value, or the place where one should have been.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    /// The place before it: a splitter resumed there yields it again.
    pub(crate) place: Place,
    /// Its bytes, or why there are none.
    pub(crate) value: Result<&'a [u8], Reason>,
}

/// The splitter of one stream.
pub(crate) struct Splitter<R> {
    input: R,
    value_bytes_max: usize,
    /// Room for bytes; those before `filled` are read.
    buffer: Vec<u8>,
    filled: usize,
    /// Index in `buffer` of the first byte not yet consumed.
    start: usize,
    ended: bool,
    place: Place,
}

/// How a value ended.
enum End {
    Whole(usize),
    Broken(Reason),
}

impl<R: Read> Splitter<R> {
    /// Reads from a stream's first byte, or from `place` if the stream was moved there already.
    pub(crate) fn new(input: R, value_bytes_max: usize, place: Place) -> Self {
        Self { input, value_bytes_max, buffer: Vec::new(), filled: 0, start: 0, ended: false, place }
    }

    /// The place after the last piece.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// The next value; `None` at the end of the stream.
    pub(crate) fn next_piece(&mut self) -> io::Result<Option<Piece<'_>>> {
        let Some((place, first)) = self.find_start()? else { return Ok(None) };
        let end = match (self.place.within, first) {
            (Within::Lines, b'{') => self.object()?,
            (Within::Lines, _) => self.line()?,
            _ => self.element()?,
        };
        // An object that turned out to wrap a list has moved on to the list's first element.
        let before = Place { number: place.number, ..self.place };
        self.place.number += 1;
        Ok(Some(match end {
            End::Whole(length) => {
                let from = self.start;
                self.consume(length);
                Piece { place: before, value: Ok(&self.buffer[from..from + length]) }
            }
            End::Broken(reason) => Piece { place, value: Err(reason) },
        }))
    }

    /// Moves to the next value's first byte; enters and leaves arrays on the way.
    fn find_start(&mut self) -> io::Result<Option<(Place, u8)>> {
        loop {
            let Some(byte) = self.peek(0)? else {
                if self.place.within == Within::Lines {
                    return Ok(None);
                }
                // The array never closed: say so once.
                self.place.within = Within::Lines;
                return Ok(Some((self.place, 0)));
            };
            match (self.place.within, byte) {
                (_, b' ' | b'\t' | b'\n' | b'\r') => self.consume(1),
                (Within::Lines, 0xef) if self.at_byte_order_mark()? => self.consume(BYTE_ORDER_MARK.len()),
                (Within::Lines, b'[') => {
                    self.consume(1);
                    self.place.within = Within::Array;
                }
                (Within::Array | Within::List, b',') => self.consume(1),
                (Within::Array, b']') => {
                    self.consume(1);
                    self.place.within = Within::Lines;
                }
                (Within::List, b']') => {
                    self.consume(1);
                    self.place.within = Within::Lines;
                    self.skip_rest_of_object()?;
                }
                _ => return Ok(Some((self.place, byte))),
            }
        }
    }

    /// A value that starts with `{` among lines.
    fn object(&mut self) -> io::Result<End> {
        let mut scan = Scan::watching();
        let mut at = 0;
        loop {
            match scan.advance(&self.buffer[self.start..self.filled], at) {
                Step::Done(length) if length <= self.value_bytes_max => return Ok(End::Whole(length)),
                Step::Done(length) => return Ok(self.too_large(length)),
                Step::FirstListed(end) => {
                    if let Some(first) = self.listed_conversation(&scan, end) {
                        self.consume(first);
                        self.place.within = Within::List;
                        return self.element();
                    }
                    scan.forget_list();
                    at = end;
                }
                Step::Wrong(index) => return self.resume_lines(index, Reason::InvalidJson),
                Step::TooDeep(index) => return self.resume_lines(index, Reason::TooDeep),
                Step::More => {
                    at = self.filled - self.start;
                    if at > self.value_bytes_max {
                        // A list whose first element alone is over the limit still has others.
                        if let Some(first) = scan.listed.and_then(|listed| listed.first) {
                            self.consume(first);
                            self.place.within = Within::List;
                            return self.element();
                        }
                        scan.unwatch();
                        return self.skip_large(scan, at);
                    }
                    if !self.fill()? {
                        return self.resume_lines(at, Reason::Truncated);
                    }
                }
            }
        }
    }

    /// Index of the first element of a `conversations` list that holds conversations. In a ShareGPT record
    /// the list holds the turns of one: then there is none.
    fn listed_conversation(&self, scan: &Scan, end: usize) -> Option<usize> {
        #[derive(Deserialize)]
        struct Turn {
            from: Option<IgnoredAny>,
            role: Option<IgnoredAny>,
        }
        let first = scan.listed?.first?;
        let element = self.buffer.get(self.start + first..self.start + end)?;
        let turn = serde_json::from_slice::<Turn>(element).ok()?;
        (turn.from.is_none() && turn.role.is_none()).then_some(first)
    }

    /// An element of an array.
    fn element(&mut self) -> io::Result<End> {
        let mut scan = Scan::new(Care::Strict);
        let mut at = 0;
        let mut broken = None;
        loop {
            match scan.advance(&self.buffer[self.start..self.filled], at) {
                Step::Done(length) => {
                    let large = (length > self.value_bytes_max).then(|| self.limit());
                    return Ok(match broken.or(large) {
                        None => End::Whole(length),
                        Some(reason) => {
                            self.consume(length);
                            End::Broken(reason)
                        }
                    });
                }
                Step::FirstListed(end) => at = end,
                Step::Wrong(_) | Step::TooDeep(_) if broken.is_some() => at += 1,
                step @ (Step::Wrong(_) | Step::TooDeep(_)) => {
                    let deep = matches!(step, Step::TooDeep(_));
                    broken = Some(if deep { Reason::TooDeep } else { Reason::InvalidJson });
                    scan = Scan::new(Care::Lenient);
                    at = 0;
                }
                Step::More => {
                    at = self.filled - self.start;
                    if at > self.value_bytes_max {
                        scan.relax();
                        return self.skip_large(scan, at);
                    }
                    if !self.fill()? {
                        self.consume(at);
                        // One failure tells that the array was cut; its missing end is not another.
                        self.place.within = Within::Lines;
                        return Ok(End::Broken(broken.unwrap_or(Reason::Truncated)));
                    }
                }
            }
        }
    }

    /// Something among lines that is neither an object nor an array: all of its line.
    fn line(&mut self) -> io::Result<End> {
        let mut searched = 0;
        loop {
            let rest = &self.buffer[self.start..self.filled];
            if rest.is_empty() {
                return Ok(End::Broken(Reason::Truncated));
            }
            if let Some(found) = memchr::memchr(b'\n', &rest[searched..]) {
                let length = searched + found;
                return Ok(if length > self.value_bytes_max {
                    self.too_large(length)
                } else {
                    End::Whole(length)
                });
            }
            searched = rest.len();
            if searched > self.value_bytes_max {
                self.consume(searched);
                self.skip_to_line(false)?;
                return Ok(End::Broken(self.limit()));
            }
            if !self.fill()? {
                return Ok(End::Whole(searched));
            }
        }
    }

    /// Goes to where lines can be read again after a broken value; `index` is the first byte that is wrong.
    fn resume_lines(&mut self, index: usize, reason: Reason) -> io::Result<End> {
        let value = &self.buffer[self.start..self.start + index];
        let line_break = memchr::memchr(b'\n', value);
        let within_reach = &self.buffer[self.start..(self.start + index + 1).min(self.filled)];
        let next_object = memchr::memmem::find(within_reach, b"\n{");
        match next_object {
            Some(found) if index - found <= REWIND_BYTES_MAX => self.consume(found + 1),
            _ => {
                self.consume(index);
                self.skip_to_line(line_break.is_some())?;
            }
        }
        Ok(End::Broken(reason))
    }

    /// Discards up to the next line; when `object`, up to the next line that begins with a brace.
    fn skip_to_line(&mut self, object: bool) -> io::Result<()> {
        loop {
            match memchr::memchr(b'\n', &self.buffer[self.start..self.filled]) {
                Some(found) => {
                    self.consume(found + 1);
                    if !object || matches!(self.peek(0)?, None | Some(b'{')) {
                        return Ok(());
                    }
                }
                None => {
                    self.consume(self.filled - self.start);
                    if !self.fill()? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Discards the rest of a value that is over the limit, without holding it.
    fn skip_large(&mut self, mut scan: Scan, seen: usize) -> io::Result<End> {
        self.consume(seen);
        loop {
            match scan.advance(&self.buffer[self.start..self.filled], 0) {
                Step::Done(length) => {
                    self.consume(length);
                    return Ok(End::Broken(self.limit()));
                }
                Step::Wrong(index) | Step::TooDeep(index) => {
                    self.consume(index);
                    self.skip_to_line(false)?;
                    return Ok(End::Broken(self.limit()));
                }
                Step::FirstListed(end) => self.consume(end),
                Step::More => {
                    self.consume(self.filled - self.start);
                    if !self.fill()? {
                        self.place.within = Within::Lines;
                        return Ok(End::Broken(self.limit()));
                    }
                }
            }
        }
    }

    /// Discards what follows the `conversations` list in its object.
    fn skip_rest_of_object(&mut self) -> io::Result<()> {
        let mut scan = Scan::inside_object();
        loop {
            match scan.advance(&self.buffer[self.start..self.filled], 0) {
                Step::Done(length) => {
                    self.consume(length);
                    return Ok(());
                }
                Step::Wrong(index) | Step::TooDeep(index) => {
                    self.consume(index);
                    return self.skip_to_line(true);
                }
                Step::FirstListed(end) => self.consume(end),
                Step::More => {
                    self.consume(self.filled - self.start);
                    if !self.fill()? {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn too_large(&mut self, length: usize) -> End {
        self.consume(length);
        End::Broken(self.limit())
    }

    fn limit(&self) -> Reason {
        Reason::TooLarge { bytes_max: self.value_bytes_max as u64 }
    }

    fn at_byte_order_mark(&mut self) -> io::Result<bool> {
        self.peek(BYTE_ORDER_MARK.len() - 1)?;
        Ok(self.buffer[self.start..self.filled].starts_with(BYTE_ORDER_MARK))
    }

    fn consume(&mut self, length: usize) {
        self.start += length;
        self.place.offset += length as u64;
    }

    fn peek(&mut self, ahead: usize) -> io::Result<Option<u8>> {
        while self.filled <= self.start + ahead {
            if !self.fill()? {
                return Ok(None);
            }
        }
        Ok(Some(self.buffer[self.start + ahead]))
    }

    /// Reads more; `false` at the end of the stream. Indices from `start` stay what they are.
    fn fill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
        }
        if self.buffer.len() - self.filled < CHUNK_BYTES / 2 {
            // Growing by half keeps the number of moves of a large value low.
            self.buffer.resize(self.filled + CHUNK_BYTES.max(self.filled / 2), 0);
        }
        let read = loop {
            match self.input.read(&mut self.buffer[self.filled..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.filled += read;
        self.ended = read == 0;
        Ok(!self.ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    /// A stream that gives its bytes in pieces of the given lengths, over and over.
    struct Pieces<'a> {
        bytes: &'a [u8],
        lengths: Vec<usize>,
        turn: usize,
    }

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let wanted = self.lengths[self.turn % self.lengths.len()].min(buffer.len()).min(self.bytes.len());
            self.turn += 1;
            buffer[..wanted].copy_from_slice(&self.bytes[..wanted]);
            self.bytes = &self.bytes[wanted..];
            Ok(wanted)
        }
    }

    type Pulled = (Place, Result<Vec<u8>, Reason>);

    fn pull<R: Read>(mut splitter: Splitter<R>) -> Vec<Pulled> {
        let mut pulled = Vec::new();
        while let Some(piece) = splitter.next_piece().unwrap() {
            pulled.push((piece.place, piece.value.map(<[u8]>::to_vec)));
        }
        pulled
    }

    fn split(bytes: &[u8], lengths: &[usize], max: usize) -> Vec<Pulled> {
        pull(Splitter::new(Pieces { bytes, lengths: lengths.to_vec(), turn: 0 }, max, Place::START))
    }

    fn values(pulled: Vec<Pulled>) -> Vec<Value> {
        pulled.into_iter().map(|(_, value)| serde_json::from_slice(&value.unwrap()).unwrap()).collect()
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z\"\\\\\n{}\\[\\]:, é\u{2028}]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-z\"{\\\\]{0,5}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn object() -> impl Strategy<Value = Value> {
        proptest::collection::btree_map("[a-z\"{\\\\]{0,5}", json(), 0..4)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
    }

    fn written(value: &Value, pretty: bool) -> String {
        if pretty { serde_json::to_string_pretty(value).unwrap() } else { value.to_string() }
    }

    proptest! {
        #[test]
        fn any_objects_in_a_row_come_out_as_they_went_in(
            objects in proptest::collection::vec((object(), any::<bool>(), "[ \t\r\n]{0,3}"), 0..6),
            lengths in proptest::collection::vec(1..9usize, 1..4),
            mark in any::<bool>(),
        ) {
            let mut text = if mark { "\u{feff}".to_owned() } else { String::new() };
            for (object, pretty, space) in &objects {
                text += &written(object, *pretty);
                text += space;
            }
            let expected: Vec<Value> = objects.into_iter().map(|(object, _, _)| object).collect();
            prop_assert_eq!(values(split(text.as_bytes(), &lengths, 1 << 20)), expected);
        }

        #[test]
        fn any_values_in_an_array_or_a_list_come_out_as_they_went_in(
            items in proptest::collection::vec((json(), any::<bool>(), "[ \t\r\n]{0,3}"), 0..6),
            lengths in proptest::collection::vec(1..9usize, 1..4),
            list in any::<bool>(),
        ) {
            let spaced: Vec<String> =
                items.iter().map(|(item, pretty, space)| format!("{space}{}{space}", written(item, *pretty))).collect();
            let mut expected: Vec<Value> = items.into_iter().map(|(item, _, _)| item).collect();
            let mut text = format!("[{}]", spaced.join(","));
            if list {
                let head = r#"{"a":{"conversations":[1]},"conversations":[{"mapping":{}},"#;
                let body = if spaced.is_empty() { "2".to_owned() } else { spaced.join(",") };
                text = format!("{head}{body}],\"b\":[1,{{}}]}}\n{{\"c\":1}}");
                expected.insert(0, serde_json::json!({"mapping": {}}));
                if spaced.is_empty() {
                    expected.push(Value::from(2));
                }
                expected.push(serde_json::json!({"c": 1}));
            }
            prop_assert_eq!(values(split(text.as_bytes(), &lengths, 1 << 20)), expected);
        }

        #[test]
        fn any_bytes_are_split_the_same_whatever_the_cuts_and_from_any_place(
            bytes in proptest::collection::vec(
                prop_oneof![
                    4 => proptest::sample::select(b"{}[]\",:\\ \n1a".to_vec()), 1 => any::<u8>()
                ], 0..200),
            lengths in proptest::collection::vec(1..9usize, 1..4),
            max in 1..64usize,
        ) {
            let whole = split(&bytes, &[1 << 16], max);
            for (index, (place, value)) in whole.iter().enumerate() {
                prop_assert_eq!(place.number, index as u64);
                let Ok(value) = value else { continue };
                prop_assert!(value.len() <= max);
                let from = usize::try_from(place.offset).unwrap();
                prop_assert_eq!(&bytes[from..from + value.len()], &value[..]);
                let resumed = pull(Splitter::new(&bytes[from..], max, *place));
                prop_assert_eq!(&resumed[..], &whole[index..]);
            }
            let cut = split(&bytes, &lengths, 1 << 16);
            prop_assert_eq!(cut, split(&bytes, &[1 << 16], 1 << 16));
        }
    }

    #[test]
    fn a_record_whose_list_holds_turns_is_one_value() {
        let record =
            r#"{"id":1,"conversations":[{"from":"human","value":"x"},{"from":"gpt","value":"y"}],"z":[{}]}"#;
        let pulled = split(format!("{record}\n{record}").as_bytes(), &[3], 1 << 10);
        assert_eq!(pulled.len(), 2);
        assert!(pulled.iter().all(|(_, value)| value.as_deref() == Ok(record.as_bytes())));
    }

    /// A stream of one line of `left` bytes, made as it is read, with a short line after it.
    struct LongLine {
        left: usize,
        tail: &'static [u8],
    }

    impl Read for LongLine {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.left == 0 {
                return self.tail.read(buffer);
            }
            let count = self.left.min(buffer.len());
            buffer[..count].fill(b'x');
            self.left -= count;
            Ok(count)
        }
    }

    #[test]
    fn a_line_of_100_mb_is_passed_over_without_holding_it() {
        let max = 1 << 20;
        let line = b"{\"a\":\"".chain(LongLine { left: 100_000_000, tail: b"\"}\n{\"b\":1}\n" });
        let mut splitter = Splitter::new(line, max, Place::START);
        let first = splitter.next_piece().unwrap().unwrap();
        assert_eq!(first.value, Err(Reason::TooLarge { bytes_max: max as u64 }));
        let second = splitter.next_piece().unwrap().unwrap();
        assert_eq!(second.value, Ok(&b"{\"b\":1}"[..]));
        assert!(splitter.buffer.capacity() < 4 * max, "held {} bytes", splitter.buffer.capacity());
    }

    #[test]
    fn many_lines_that_open_brackets_are_read_in_reasonable_work() {
        let line = format!("{{\"a\":[{}\n", "1,".repeat(100));
        let text = line.repeat(2_000);
        let pulled = split(text.as_bytes(), &[1 << 20], 1 << 26);
        assert_eq!(pulled.len(), 2_000);
    }
}
