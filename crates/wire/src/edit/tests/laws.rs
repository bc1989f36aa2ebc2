//! What holds for every stream, cut anywhere.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Needle;
use crate::edit::*;

/// Looked for: with a quote, a backslash, and characters of two and four bytes.
const NEEDLE: &str = "a\"\\\u{e9}\u{1f600}a";
/// Put in its place; shares no character with it, so that replacing piece by piece is replacing at once.
const INSTEAD: &str = "<\n'>";

/// A filter that besides holds back a number of characters, whatever they are.
struct Late {
    inner: Needle,
    held: String,
    chars: usize,
}

impl TextFilter for Late {
    fn push(&mut self, text: &str) -> String {
        self.held.push_str(&self.inner.push(text));
        let keep =
            self.held.char_indices().rev().take(self.chars).last().map_or(self.held.len(), |(at, _)| at);
        let held = self.held.split_off(keep);
        std::mem::replace(&mut self.held, held)
    }

    fn finish(&mut self) -> String {
        std::mem::take(&mut self.held) + &self.inner.finish()
    }
}

/// Changes nothing and holds nothing back.
struct Still;

impl TextFilter for Still {
    fn push(&mut self, text: &str) -> String {
        text.to_owned()
    }

    fn finish(&mut self) -> String {
        String::new()
    }
}

/// Feeds the stream in chunks of the sizes given, over and over.
fn run<T: TextFilter>(mut editor: StreamEditor<T>, stream: &[u8], sizes: &[usize]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = stream;
    for size in sizes.iter().cycle() {
        let (chunk, after) = rest.split_at((*size).min(rest.len()));
        out.extend(editor.push(chunk));
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    out.extend(editor.finish());
    out
}

fn late(surface: Surface, chars: usize) -> StreamEditor<Late> {
    StreamEditor::new(surface, move |_| Late {
        inner: Needle::new(NEEDLE, INSTEAD),
        held: String::new(),
        chars,
    })
}

/// Text in which the needle, and what nearly is one, are frequent.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => Just(NEEDLE.to_owned()),
        4 => prop::sample::select(vec!["a", "a\"", "a\"\\", "\u{e9}", "\u{1f600}", "\\", "\"", "\n", "\u{1}", "x "])
            .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(word, 0..12).prop_map(|words| words.concat())
}

/// The text cut into pieces: after each character for which the list, over and over, says so.
fn pieces(text: &str, cuts: &[bool]) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for (letter, cut) in text.chars().zip(cuts.iter().cycle()) {
        pieces.last_mut().unwrap().push(letter);
        if *cut {
            pieces.push(String::new());
        }
    }
    pieces
}

/// JSON of the same value with some characters written as escapes that need not be.
fn spelled(json: &str, escapes: &[bool]) -> String {
    let mut out = String::new();
    let mut after_backslash = false;
    for (letter, escape) in json.chars().zip(escapes.iter().cycle()) {
        let is_plain = (letter.is_alphabetic() || !letter.is_ascii()) && !after_backslash;
        if is_plain && *escape && !letter.is_ascii() {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(letter);
        }
        after_backslash = letter == '\\' && !after_backslash;
    }
    out
}

/// How a dialect carries a text: the event of a piece, the events that end it, and where a piece is found again.
struct Dialect {
    surface: Surface,
    piece: fn(&str) -> Value,
    end: fn(&str) -> Vec<Value>,
    pointer: &'static str,
    /// Where events that end it say it again, whole.
    repeat: Option<&'static str>,
    is_json: bool,
}

const DIALECTS: [Dialect; 8] = [
    Dialect {
        surface: Surface::Chat,
        piece: |text| json!({"id": "c", "choices": [{"index": 0, "delta": {"content": text}}]}),
        end: |_| vec![json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})],
        pointer: "/choices/0/delta/content",
        repeat: None,
        is_json: false,
    },
    Dialect {
        surface: Surface::Chat,
        piece: |text| {
            let call = json!({"index": 2, "function": {"arguments": text}});
            json!({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]})
        },
        end: |_| vec![json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})],
        pointer: "/choices/0/delta/tool_calls/0/function/arguments",
        repeat: None,
        is_json: true,
    },
    Dialect {
        surface: Surface::Completions,
        piece: |text| json!({"choices": [{"index": 0, "text": text, "finish_reason": null}]}),
        end: |_| vec![],
        pointer: "/choices/0/text",
        repeat: None,
        is_json: false,
    },
    Dialect {
        surface: Surface::Messages,
        piece: |text| {
            let delta = json!({"type": "text_delta", "text": text});
            json!({"type": "content_block_delta", "index": 1, "delta": delta})
        },
        end: |_| vec![json!({"type": "content_block_stop", "index": 1})],
        pointer: "/delta/text",
        repeat: None,
        is_json: false,
    },
    Dialect {
        surface: Surface::Messages,
        piece: |text| {
            let delta = json!({"type": "input_json_delta", "partial_json": text});
            json!({"type": "content_block_delta", "index": 1, "delta": delta})
        },
        end: |_| vec![json!({"type": "content_block_stop", "index": 1})],
        pointer: "/delta/partial_json",
        repeat: None,
        is_json: true,
    },
    Dialect {
        surface: Surface::Responses,
        piece: |text| json!({"type": "response.output_text.delta", "output_index": 0, "delta": text}),
        end: |text| vec![json!({"type": "response.output_text.done", "output_index": 0, "text": text})],
        pointer: "/delta",
        repeat: Some("/text"),
        is_json: false,
    },
    Dialect {
        surface: Surface::Responses,
        piece: |text| json!({"type": "response.function_call_arguments.delta", "output_index": 0, "delta": text}),
        end: |text| {
            vec![
                json!({"type": "response.function_call_arguments.done", "output_index": 0, "arguments": text}),
            ]
        },
        pointer: "/delta",
        repeat: Some("/arguments"),
        is_json: true,
    },
    Dialect {
        surface: Surface::Responses,
        piece: |text| json!({"type": "response.reasoning_summary_text.delta", "summary_index": 3, "delta": text}),
        end: |text| vec![json!({"type": "response.completed", "response": {"output_text": text}})],
        pointer: "/delta",
        repeat: Some("/response/output_text"),
        is_json: false,
    },
];

/// Places in [`DIALECTS`].
const ALL: &[usize] = &[0, 1, 2, 3, 4, 5, 6, 7];
/// Those whose text is no JSON.
const PLAIN: &[usize] = &[0, 2, 3, 5, 7];
/// Those whose text is.
const NESTED: &[usize] = &[1, 4, 6];

/// Choices that shape a stream without changing what it says.
#[derive(Clone, Debug)]
struct Form {
    cuts: Vec<bool>,
    escapes: Vec<bool>,
    sizes: Vec<usize>,
    ending: &'static str,
    held_chars: usize,
}

fn form() -> impl Strategy<Value = Form> {
    let flags = || prop::collection::vec(any::<bool>(), 1..20);
    let sizes = prop_oneof![Just(vec![1]), Just(vec![100_000]), prop::collection::vec(1..60usize, 1..6)];
    let ending = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    (flags(), flags(), sizes, ending, 0..6usize).prop_map(|(cuts, escapes, sizes, ending, held_chars)| Form {
        cuts,
        escapes,
        sizes,
        ending,
        held_chars,
    })
}

fn stream(dialect: &Dialect, text: &str, form: &Form) -> Vec<u8> {
    let mut events: Vec<Value> =
        pieces(text, &form.cuts).iter().map(|piece| (dialect.piece)(piece)).collect();
    events.extend((dialect.end)(text));
    let end = form.ending;
    let lines = events.iter().map(|event| spelled(&event.to_string(), &form.escapes));
    lines.map(|line| format!("data: {line}{end}{end}")).collect::<String>().into_bytes()
}

/// What the events of a stream say at a place, one after the other.
fn said(stream: &[u8], pointer: &str) -> String {
    let text = std::str::from_utf8(stream).unwrap();
    let datas = text.split(['\n', '\r']).filter_map(|line| line.strip_prefix("data: "));
    let events = datas.map(|data| serde_json::from_str::<Value>(data).unwrap());
    events.filter_map(|event| Some(event.pointer(pointer)?.as_str()?.to_owned())).collect()
}

/// The value with the needle replaced in every string and key.
fn replaced(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace(NEEDLE, INSTEAD)),
        Value::Array(items) => items.iter().map(replaced).collect(),
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.replace(NEEDLE, INSTEAD), replaced(value))).collect()
        }
        other => other.clone(),
    }
}

fn arguments() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => text().prop_map(Value::String),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => Just(Value::Null),
    ];
    let value = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map(text(), inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    prop::collection::btree_map(text(), value, 0..3)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// Events of every kind, whole and broken, of one surface or another, and of the dialects at these places.
fn any_stream(dialects: &'static [usize]) -> impl Strategy<Value = Vec<u8>> {
    let noise = prop::sample::select(vec![
        ": comment",
        "event: ping\ndata: {\"type\":\"ping\"}",
        "data: [DONE]",
        "data: {\"choices\":[],\"usage\":{\"n\": 1e3}}",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\ud83d x\"},\"finish_reason\":\"stop\"}]}",
        "data: {\"type\":\"message_stop\"}",
        "data: {\"type\":\"content_block_start\",\"content_block\":{\"text\":\"hi\",\"input\":{\"a\":[12345678]}}}",
        "data: {\"type\":\"response.completed\",\"response\":{\"output\":[{\"content\":[{\"text\":\"x\"}]}]}}",
        "data: {\ndata: \"choices\" : [{\"text\":\"x\\u0041\"}]}",
        "data: {\"type\":\"error\",\"error\":{}}",
        "data: not json",
        "data",
        "",
    ]);
    let event = prop_oneof![
        2 => (noise, "(\n|\r\n|\r)").prop_map(|(event, end)| (event.replace('\n', &end) + &end + &end).into_bytes()),
        3 => (prop::sample::select(dialects), text(), form())
            .prop_map(|(dialect, text, form)| stream(&DIALECTS[dialect], &text, &form)),
        1 => prop::collection::vec(any::<u8>(), 0..20).prop_map(|mut bytes| {
            bytes.extend_from_slice(b"\n\n");
            bytes
        }),
    ];
    prop::collection::vec(event, 0..6).prop_map(|events| events.concat())
}

/// Bodies with text at every depth; HERE is where text goes that need not be JSON.
const BODIES: [(Surface, &str); 3] = [
    (
        Surface::Chat,
        r#"{"messages":[{"role":"tool","content":"[\"HERE\"]"},{"tool_calls":[{"function":{"arguments":"{\"a\":HERE"}}]}],
        "choices":[{"message":{"content":"HERE\ud83d"},"logprobs":{"content":[]}}]}"#,
    ),
    (
        Surface::Messages,
        r#"{"system":"HERE","messages":[{"content":[{"type":"tool_result","content":"{HERE}"},
        {"source":{"type":"text","data":"HERE"}}]}],"content":[{"input":{"HERE":[12345678,null]}}]}"#,
    ),
    (
        Surface::Responses,
        r#"{"input":[{"content":[{"text":"HERE"}],"output":"[1,\"HERE\"]"}],"instructions":"\u00e9",
        "output":[{"arguments":"\"HERE\"","content":[{"text":"x","logprobs":[{}]}]}]}"#,
    ),
];

/// Whatever the bytes are: what is not changed stays, and what is changed is still JSON.
fn read_both_ways(surface: Surface, bytes: &[u8]) {
    for direction in [Direction::Request, Direction::Answer] {
        let Ok(found) = slots(surface, direction, bytes) else { continue };
        assert_eq!(rewrite(bytes, &found, |_, _| None), bytes);
        let new = rewrite(bytes, &found, |_, text| Some(format!("{text}\"\\")));
        assert!(slots(surface, direction, &new).is_ok());
    }
}

fn surface() -> impl Strategy<Value = Surface> {
    prop::sample::select(vec![Surface::Chat, Surface::Completions, Surface::Responses, Surface::Messages])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_filter_that_changes_nothing_changes_no_byte(
        stream in any_stream(PLAIN), surface in surface(), form in form()
    ) {
        let out = run(StreamEditor::new(surface, |_| Still), &stream, &form.sizes);
        prop_assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&stream));
    }

    #[test]
    fn how_a_stream_is_cut_changes_no_byte(stream in any_stream(ALL), surface in surface(), form in form()) {
        let whole = run(late(surface, form.held_chars), &stream, &[usize::MAX]);
        let cut = run(late(surface, form.held_chars), &stream, &form.sizes);
        prop_assert_eq!(String::from_utf8_lossy(&cut), String::from_utf8_lossy(&whole));
    }

    #[test]
    fn text_in_pieces_is_replaced_as_in_one(dialect in 0..DIALECTS.len(), text in text(), form in form()) {
        let dialect = &DIALECTS[dialect];
        prop_assume!(!dialect.is_json || !text.trim_start().starts_with(['{', '[', '"']));
        let expected = text.replace(NEEDLE, INSTEAD);
        let out = run(late(dialect.surface, form.held_chars), &stream(dialect, &text, &form), &form.sizes);
        prop_assert_eq!(&said(&out, dialect.pointer), &expected);
        if let Some(repeat) = dialect.repeat {
            prop_assert_eq!(said(&out, repeat), expected);
        }
    }

    #[test]
    fn a_stream_that_breaks_off_shows_no_needle(
        dialect in prop::sample::select(PLAIN), text in text(), form in form(), at in any::<prop::sample::Index>()
    ) {
        let dialect = &DIALECTS[dialect];
        let stream = stream(dialect, &text, &form);
        let out = run(late(dialect.surface, form.held_chars), &stream[..at.index(stream.len())], &form.sizes);
        let said = said(&out, dialect.pointer);
        prop_assert!(!said.contains(NEEDLE));
        // Nothing is lost but the event that broke off: what is said is a start of what would have been.
        let unfinished = said.trim_end_matches(|letter| NEEDLE.contains(letter));
        prop_assert!(text.replace(NEEDLE, INSTEAD).starts_with(unfinished));
    }

    #[test]
    fn bodies_of_any_bytes_are_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..60), surface in surface()
    ) {
        read_both_ways(surface, &bytes);
    }

    #[test]
    fn bodies_with_a_byte_wrong_are_read_or_refused(
        place in 0..BODIES.len(), at in any::<prop::sample::Index>(), byte in any::<u8>(), escape in text()
    ) {
        let (surface, body) = BODIES[place];
        let mut bytes = body.replace("HERE", &escape).into_bytes();
        read_both_ways(surface, &bytes);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        read_both_ways(surface, &bytes);
    }

    #[test]
    fn a_body_with_text_replaced_means_the_same_with_text_replaced(
        texts in prop::collection::vec(text(), 1..4), arguments in arguments(), escapes in form()
    ) {
        let body = |change: &dyn Fn(&Value) -> Value| {
            let call = json!({"id": NEEDLE, "function": {"name": NEEDLE, "arguments": change(&arguments).to_string()}});
            let messages: Vec<Value> =
                texts.iter().map(|text| json!({"role": "user", "content": change(&json!(text))})).collect();
            let called = json!({"role": "assistant", "content": null, "tool_calls": [call]});
            let messages: Vec<Value> = std::iter::once(called).chain(messages).collect();
            json!({"model": NEEDLE, "messages": messages}).to_string()
        };
        let old = spelled(&body(&Value::clone), &escapes.escapes);
        let found = slots(Surface::Chat, Direction::Request, old.as_bytes()).unwrap();
        let new = rewrite(old.as_bytes(), &found, |_, text| Some(text.replace(NEEDLE, INSTEAD)));
        let kept = rewrite(old.as_bytes(), &found, |_, text| Some(text.to_owned()));
        prop_assert_eq!(String::from_utf8(kept).unwrap(), old);
        let without_arguments = |body: &[u8]| {
            let mut value: Value = serde_json::from_slice(body).unwrap();
            let place = value.pointer_mut("/messages/0/tool_calls/0/function/arguments").unwrap();
            let arguments: Value = serde_json::from_str(place.take().as_str().unwrap()).unwrap();
            (value, arguments)
        };
        prop_assert_eq!(without_arguments(&new), without_arguments(body(&replaced).as_bytes()));
    }

    #[test]
    fn slots_of_another_body_do_no_harm(a in "[a-z\"{}:,\u{e9}]{0,30}", b in text()) {
        let body = json!({"prompt": b}).to_string();
        let found = slots(Surface::Completions, Direction::Request, body.as_bytes()).unwrap();
        rewrite(a.as_bytes(), &found, |_, text| Some(format!("{text}!")));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn arguments_in_pieces_are_replaced_as_in_one(
        dialect in prop::sample::select(NESTED), arguments in arguments(), form in form()
    ) {
        let dialect = &DIALECTS[dialect];
        // Escaped within and without, so that cuts fall within escapes of both layers.
        let text = spelled(&arguments.to_string(), &form.cuts);
        let out = run(late(dialect.surface, form.held_chars), &stream(dialect, &text, &form), &form.sizes);
        for pointer in [Some(dialect.pointer), dialect.repeat].into_iter().flatten() {
            let value: Value = serde_json::from_str(&said(&out, pointer)).unwrap();
            prop_assert_eq!(value, replaced(&arguments));
        }
    }

    #[test]
    fn arguments_that_nothing_changes_keep_their_bytes(
        dialect in prop::sample::select(NESTED), arguments in arguments(), broken in text(), form in form()
    ) {
        let dialect = &DIALECTS[dialect];
        for text in [spelled(&arguments.to_string(), &form.cuts), arguments.to_string() + &broken, broken] {
            let stream = stream(dialect, &text, &form);
            let out = run(StreamEditor::new(dialect.surface, |_| Still), &stream, &form.sizes);
            prop_assert_eq!(said(&out, dialect.pointer), text.clone());
            let slow = late(dialect.surface, form.held_chars);
            let out = run(slow, &stream, &form.sizes);
            let has_needle = serde_json::from_str(&text).map_or(true, |value| replaced(&value) != value);
            prop_assert!(has_needle || said(&out, dialect.pointer) == text);
        }
    }
}
