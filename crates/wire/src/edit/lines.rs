//! A file of answers, one in a line, rewritten as it passes.

use super::{Direction, SlotKind, TextFilter, Unreadable, rewrite, slots};
use crate::surface::Surface;

/// Longest line that is read as JSON, in bytes.
pub const LINE_BYTES_MAX: usize = 32 << 20;
/// How much of a line that is no JSON is read as one text, in bytes.
const TEXT_BYTES_MAX: usize = 1 << 20;

/// Rewrites the text in a file that passes, cut anywhere.
///
/// A line that holds a JSON object or list is an answer: its texts are filtered, and every other byte stays. Any other
/// line is text itself, and each line a text of its own, since nobody knows what kind of file it is. Bytes that are no
/// UTF-8 are filtered as a reader would see them, and stay as they are unless the filter changes their line. Lines that
/// nothing changes are byte for byte what came.
pub struct LineEditor<T> {
    held: Vec<u8>,
    make: Box<dyn FnMut(SlotKind) -> T + Send>,
    stopped: Option<Unreadable>,
}

impl<T: TextFilter> LineEditor<T> {
    /// An editor that makes a filter for each text with `make`.
    pub fn new(make: impl FnMut(SlotKind) -> T + Send + 'static) -> Self {
        Self { held: Vec::new(), make: Box::new(make), stopped: None }
    }

    /// Takes the next bytes and gives those that may go out: whole lines.
    pub fn push(&mut self, chunk: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut rest = chunk;
        while let (Some(end), None) = (memchr::memchr(b'\n', rest), self.stopped) {
            let (line, after) = rest.split_at(end + 1);
            rest = after;
            self.held.extend_from_slice(line);
            self.line(&mut out);
        }
        if self.stopped.is_none() {
            self.held.extend_from_slice(rest);
            let is_json = begins_as_json(&self.held);
            if is_json && self.held.len() > LINE_BYTES_MAX {
                self.stopped = Some(Unreadable::TooLong { bytes_max: LINE_BYTES_MAX });
            } else if !is_json && self.held.len() > TEXT_BYTES_MAX {
                self.line(&mut out);
            }
        }
        out
    }

    /// Gives what is left when no more bytes will come.
    pub fn finish(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        if self.stopped.is_none() {
            self.line(&mut out);
        }
        out
    }

    /// Why nothing goes out any more, if so: a line that cannot be read cannot be judged.
    pub fn stopped(&self) -> Option<Unreadable> {
        self.stopped
    }

    fn line(&mut self, out: &mut Vec<u8>) {
        let line = std::mem::take(&mut self.held);
        let make = &mut self.make;
        let mut filtered = |kind, text: &str| {
            let mut filter = make(kind);
            let new = filter.push(text) + &filter.finish();
            (new != text).then_some(new)
        };
        if begins_as_json(&line) {
            match slots(Surface::StoredFile, Direction::Answer, &line) {
                Ok(found) => {
                    return out.extend(rewrite(&line, &found, |slot, text| filtered(slot.kind(), text)));
                }
                Err(Unreadable::Utf8 { .. } | Unreadable::Json { .. }) => {}
                Err(limit) => {
                    self.stopped = Some(limit);
                    return;
                }
            }
        }
        match filtered(SlotKind::Text, &String::from_utf8_lossy(&line)) {
            Some(new) => out.extend_from_slice(new.as_bytes()),
            None => out.extend_from_slice(&line),
        }
    }
}

fn begins_as_json(line: &[u8]) -> bool {
    matches!(line.trim_ascii_start().first(), Some(b'{' | b'['))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Says `*` for every `x`, when a text has ended.
    #[derive(Default)]
    struct Star(String);

    impl TextFilter for Star {
        fn push(&mut self, text: &str) -> String {
            self.0.push_str(text);
            String::new()
        }

        fn finish(&mut self) -> String {
            self.0.replace('x', "*")
        }
    }

    fn edited(bytes: &[u8], size: usize) -> Vec<u8> {
        let mut editor = LineEditor::new(|_| Star::default());
        let mut out: Vec<u8> = bytes.chunks(size.max(1)).flat_map(|piece| editor.push(piece)).collect();
        out.extend(editor.finish());
        assert_eq!(editor.stopped(), None);
        out
    }

    const FILE: &str = concat!(
        r#"{ "id":"x", "custom_id":"x", "response":{"body":{"choices":[{"message":{"content":"a x"}}]}}}"#,
        "\r\n",
        r#"{"custom_id":"x","result":{"message":{"content":[{"type":"thinking","thinking":"x","signature":"x"},"#,
        r#"{"type":"text","text":"x"},{"type":"tool_use","input":{"k":"x"}}]}}}"#,
        "\n\nplain x\n{x\n",
        r#"{"a":"{\"b\":\"x\"}"}"#,
    );

    #[test]
    fn the_texts_of_answers_change_and_names_and_signed_thinking_stay() {
        let expected = concat!(
            r#"{ "id":"x", "custom_id":"x", "response":{"body":{"choices":[{"message":{"content":"a *"}}]}}}"#,
            "\r\n",
            r#"{"custom_id":"x","result":{"message":{"content":[{"type":"thinking","thinking":"x","signature":"x"},"#,
            r#"{"type":"text","text":"*"},{"type":"tool_use","input":{"k":"*"}}]}}}"#,
            "\n\nplain *\n{*\n",
            r#"{"a":"{\"b\":\"*\"}"}"#,
        );
        for size in 1..=FILE.len() {
            assert_eq!(
                String::from_utf8(edited(FILE.as_bytes(), size)).unwrap(),
                expected,
                "pieces of {size}"
            );
        }
    }

    #[test]
    fn a_line_without_end_is_no_way_around_and_none_to_fill_memory() {
        let mut editor = LineEditor::new(|_| Star::default());
        let out = editor.push(&[b"x".repeat(TEXT_BYTES_MAX), b"x".to_vec()].concat());
        assert!(out.len() > TEXT_BYTES_MAX && out.iter().all(|byte| *byte == b'*'));
        editor.push(b"\n[");
        for _ in 0..=LINE_BYTES_MAX >> 20 {
            assert!(editor.push(&[b' '; 1 << 20]).is_empty());
        }
        assert!(editor.stopped().is_some() && editor.finish().is_empty());
    }

    proptest! {
        #[test]
        fn a_file_that_says_nothing_to_change_stays_as_it_is(
            bytes in prop::collection::vec(any::<u8>().prop_filter("", |byte| *byte != b'x'), 0..200),
            size in 1_usize..50,
        ) {
            prop_assert_eq!(edited(&bytes, size), bytes);
        }
    }
}
