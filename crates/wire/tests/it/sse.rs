use candor_wire::sse::{SseParser, TooLong};
use proptest::prelude::*;

use crate::support::{cuts, pieces};

type Events = Vec<(String, String)>;

fn events(bytes: &[u8], cuts: &[usize], limit_bytes: usize) -> (Events, Result<(), TooLong>) {
    let mut seen = Vec::new();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut parser = SseParser::new(limit_bytes);
    for piece in pieces(bytes, cuts) {
        let _ = parser.push(piece, |event| seen.push((text(event.name), text(event.data))));
    }
    let ended = parser.finish(|event| seen.push((text(event.name), text(event.data))));
    (seen, ended)
}

fn whole(bytes: &[u8]) -> Events {
    let (seen, ended) = events(bytes, &[], 1000);
    ended.unwrap();
    seen
}

fn event(name: &str, data: &str) -> (String, String) {
    (name.to_owned(), data.to_owned())
}

#[test]
fn every_line_ending_ends_a_line() {
    for end in ["\n", "\r", "\r\n"] {
        let body = ["event: a", "data: 1", "", "data: 2", "", ""].join(end);
        assert_eq!(whole(body.as_bytes()), [event("a", "1"), event("", "2")], "{end:?}");
    }
}

#[test]
fn fields_are_read_as_the_standard_has_them() {
    assert_eq!(whole(b"\xEF\xBB\xBFdata: bom\n\n"), [event("", "bom")]);
    assert_eq!(whole(b": a comment\ndata: x\n: another\n\n"), [event("", "x")]);
    assert_eq!(whole(b"data: one\ndata:\ndata:  two\n\n"), [event("", "one\n\n two")]);
    assert_eq!(whole(b"data\n\n"), [event("", "")]);
    assert_eq!(whole(b"event: gone\n\nid: 3\nretry: 1\ndata: x\n\n"), [event("", "x")]);
    assert_eq!(whole(b"event: a\nevent: b\ndata: x\n\n"), [event("b", "x")]);
    assert_eq!(whole(b"Data: x\ndatax: y\n\n"), []);
}

#[test]
fn an_event_that_the_end_of_the_stream_ends_is_given() {
    for body in ["data: [DONE]", "data: [DONE]\n", "data: [DONE]\r"] {
        assert_eq!(whole(body.as_bytes()), [event("", "[DONE]")], "{body:?}");
    }
}

#[test]
fn an_event_in_one_chunk_is_not_copied() {
    let chunk = b"event: delta\ndata: hello\n\n";
    let mut seen = 0;
    let mut parser = SseParser::new(1000);
    parser
        .push(chunk, |event| {
            assert!(chunk.as_ptr_range().contains(&event.data.as_ptr()));
            assert!(chunk.as_ptr_range().contains(&event.name.as_ptr()));
            seen += 1;
        })
        .unwrap();
    assert_eq!(seen, 1);
}

#[test]
fn an_event_over_the_limit_ends_the_reading() {
    let long = "data: ".to_owned() + &"x".repeat(200) + "\n\n";
    let many = "data: 0123456789\n".repeat(20) + "\n";
    for body in [long, many] {
        let body = "data: ok\n\n".to_owned() + &body + "data: never\n\n";
        let (seen, ended) = events(body.as_bytes(), &[], 100);
        assert_eq!(seen, [event("", "ok")]);
        assert_eq!(ended, Err(TooLong { limit_bytes: 100 }));
    }
}

/// Streams made of the bytes that matter to the parser.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("data:"),
        Just("data: "),
        Just("event: "),
        Just("\n"),
        Just("\r"),
        Just("\r\n"),
        Just("\n\n"),
        Just(":"),
        Just("x"),
        Just("\u{feff}"),
        Just("id: 1"),
        Just("long long long text"),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
}

/// The standard's rules over the whole text, line by line.
fn by_the_book(text: &str) -> Events {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let (mut seen, mut name, mut data) = (Vec::new(), String::new(), None::<String>);
    // A line more, so that the last event ends with the stream.
    for line in text.split('\n').chain([""]) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        if line.is_empty() {
            seen.extend(data.take().map(|data| (std::mem::take(&mut name), data)));
            name.clear();
        } else if field == "data" {
            data = Some(data.map_or(value.to_owned(), |data| data + "\n" + value));
        } else if field == "event" {
            value.clone_into(&mut name);
        }
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn any_chunking_gives_the_events_of_the_whole(bytes in stream(), cuts in cuts(), limit_bytes in 1..60usize) {
        prop_assert_eq!(events(&bytes, &cuts, limit_bytes), events(&bytes, &[], limit_bytes));
    }

    #[test]
    fn events_are_those_of_the_standard(bytes in stream(), cuts in cuts()) {
        let (seen, ended) = events(&bytes, &cuts, 10_000);
        prop_assert!(ended.is_ok());
        prop_assert_eq!(seen, by_the_book(std::str::from_utf8(&bytes).unwrap()));
    }

    #[test]
    fn any_bytes_are_taken(bytes in proptest::collection::vec(any::<u8>(), 0..300), cuts in cuts()) {
        prop_assert_eq!(events(&bytes, &cuts, 64), events(&bytes, &[], 64));
    }
}
