//! Events of a stream that differ from the one before in a text alone: they are most of an answer, and reading each of
//! them whole most of the work.

/// An event with a text in it, as the bytes before and after the text.
#[derive(Default)]
pub(super) struct Repeated {
    before: Vec<u8>,
    after: Vec<u8>,
    is_known: bool,
}

impl Repeated {
    /// Remembers an event that was read, and where in it `text` lies, which must borrow from it.
    pub(super) fn learn(&mut self, event: &[u8], text: &str) {
        let from = text.as_ptr().addr().checked_sub(event.as_ptr().addr());
        let Some((before, rest)) = from.and_then(|from| event.split_at_checked(from)) else {
            return self.forget();
        };
        let Some(after) = rest.strip_prefix(text.as_bytes()) else { return self.forget() };
        self.is_known = before.ends_with(b"\"") && after.starts_with(b"\"");
        before.clone_into(&mut self.before);
        after.clone_into(&mut self.after);
    }

    pub(super) fn forget(&mut self) {
        self.is_known = false;
    }

    /// The text of an event that is the one remembered but for its text: it has the same structure, because a text
    /// without quotes, escapes and control characters ends nowhere else.
    pub(super) fn text<'e>(&self, event: &'e [u8]) -> Option<&'e str> {
        let rest = event.strip_prefix(self.before.as_slice()).filter(|_| self.is_known)?;
        let text = rest.strip_suffix(self.after.as_slice())?;
        let is_plain = text.iter().all(|byte| *byte >= b' ' && !matches!(byte, b'"' | b'\\'));
        str::from_utf8(text).ok().filter(|_| is_plain)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn learnt(event: &str, text: &str) -> Repeated {
        let mut repeated = Repeated::default();
        let at = event.find(text).unwrap();
        repeated.learn(event.as_bytes(), &event[at..at + text.len()]);
        repeated
    }

    #[test]
    fn only_the_text_may_differ() {
        let repeated = learnt(r#"{"id":1,"text":"Hello","more":null}"#, "Hello");
        for (event, text) in [
            (r#"{"id":1,"text":"there","more":null}"#, Some("there")),
            (r#"{"id":1,"text":"","more":null}"#, Some("")),
            (r#"{"id":2,"text":"there","more":null}"#, None),
            (r#"{"id":1,"text":"there","more":true}"#, None),
            (r#"{"id":1,"text":"a","text":"b","more":null}"#, None),
            (r#"{"id":1,"text":"a\nb","more":null}"#, None),
            ("{\"id\":1,\"text\":\"a\nb\",\"more\":null}", None),
            (r#"{"id":1,"text":","more":null}"#, None),
        ] {
            assert_eq!(repeated.text(event.as_bytes()), text, "{event}");
        }
        assert_eq!(Repeated::default().text(b""), None);
    }

    #[test]
    fn a_text_that_is_not_part_of_the_event_is_not_learnt() {
        let mut repeated = Repeated::default();
        repeated.learn(br#"{"text":"Hello"}"#, "Hello");
        assert_eq!(repeated.text(br#"{"text":"Hello"}"#), None);
    }

    proptest! {
        #[test]
        fn what_is_taken_for_the_text_is_what_a_parser_finds(said in ".*", junk in any::<Vec<u8>>()) {
            let repeated = learnt(r#"{"a":[1],"text":"Hello","b":{}}"#, "Hello");
            let event = json!({ "a": [1], "text": said, "b": {} }).to_string();
            if let Some(text) = repeated.text(event.as_bytes()) {
                prop_assert_eq!(text, said.as_str());
            }
            let raw = [br#"{"a":[1],"text":""#, junk.as_slice(), br#"","b":{}}"#].concat();
            let parsed: Option<Value> = serde_json::from_slice(&raw).ok();
            if let Some(text) = repeated.text(&raw) {
                let expected = json!({ "a": [1], "text": text, "b": {} });
                prop_assert_eq!(parsed, Some(expected));
            }
        }
    }
}
