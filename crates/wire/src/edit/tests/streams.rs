//! Each interface's streams, by example.

use super::Needle;
use crate::edit::*;

/// What comes out when `jane` becomes `[N]`, checked to be the same for chunks of every size.
fn masked(surface: Surface, stream: &str) -> String {
    let run = |size: usize| {
        let mut editor = StreamEditor::new(surface, |_| Needle::new("jane", "[N]"));
        let mut out = Vec::new();
        for chunk in stream.as_bytes().chunks(size) {
            out.extend(editor.push(chunk));
        }
        out.extend(editor.finish());
        assert_eq!(editor.stopped(), None);
        String::from_utf8(out).unwrap()
    };
    let whole = run(stream.len().max(1));
    for size in 1..stream.len().min(200) {
        assert_eq!(run(size), whole, "in chunks of {size}");
    }
    whole
}

/// A stream of one data line an event.
fn events(datas: &[&str]) -> String {
    datas.iter().map(|data| format!("data: {data}\n\n")).collect()
}

#[test]
fn chat_text_held_back_comes_before_the_chunk_that_ends_it() {
    let stream = events(&[
        r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
        r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"I am ja"},"finish_reason":null}]}"#,
        r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"ne, ja"},"finish_reason":null}],"usage":{"x":1}}"#,
        r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        "[DONE]",
    ]);
    let expected = events(&[
        r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
        r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"I am "},"finish_reason":null}]}"#,
        r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"[N], "},"finish_reason":null}],"usage":{"x":1}}"#,
        r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"ja"},"logprobs":null,"finish_reason":null}]}"#,
        r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        "[DONE]",
    ]);
    assert_eq!(masked(Surface::Chat, &stream), expected);
}

#[test]
fn a_chunk_that_adds_and_ends_needs_no_other() {
    let stream = events(&[
        r#"{"choices":[{"index":0,"delta":{"content":"ja"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"ne ja"},"finish_reason":"length"}]}"#,
    ]);
    let expected = events(&[
        r#"{"choices":[{"index":0,"delta":{"content":""}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"[N] ja"},"finish_reason":"length"}]}"#,
    ]);
    assert_eq!(masked(Surface::Chat, &stream), expected);
}

#[test]
fn choices_and_tool_calls_grow_side_by_side() {
    let stream = events(&[
        r#"{"choices":[{"index":1,"delta":{"content":"ja"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"ne ja"}}]}"#,
        r#"{"choices":[{"index":1,"delta":{"content":"ne"}},{"index":0,"delta":{"tool_calls":[{"index":0,"id":"i","function":{"name":"jane","arguments":"{\"j\\u0061"}},{"index":1,"function":{"arguments":"{\"x\":\"ja"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"ne\":1}"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
        "[DONE]",
    ]);
    let expected = events(&[
        r#"{"choices":[{"index":1,"delta":{"content":""}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"ne "}}]}"#,
        r#"{"choices":[{"index":1,"delta":{"content":"[N]"}},{"index":0,"delta":{"tool_calls":[{"index":0,"id":"i","function":{"name":"jane","arguments":"{\""}},{"index":1,"function":{"arguments":"{\"x\":\""}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"[N]\":1}"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"ja"},"logprobs":null,"finish_reason":null}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"ja"}}]},"logprobs":null,"finish_reason":null}]}"#,
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
        "[DONE]",
    ]);
    assert_eq!(masked(Surface::Chat, &stream), expected);
}

#[test]
fn token_probabilities_of_a_changed_piece_go_with_it() {
    let stream = events(&[
        r#"{"choices":[{"delta":{"content":"ok"},"logprobs":{"content":[{"token":"ok"}]}}]}"#,
        r#"{"choices":[{"delta":{"content":"jane"},"logprobs":{"content":[{"token":"jane"}]}}]}"#,
    ]);
    let expected = events(&[
        r#"{"choices":[{"delta":{"content":"ok"},"logprobs":{"content":[{"token":"ok"}]}}]}"#,
        r#"{"choices":[{"delta":{"content":"[N]"},"logprobs":null}]}"#,
    ]);
    assert_eq!(masked(Surface::Chat, &stream), expected);
}

#[test]
fn messages_keep_thinking_and_flush_before_a_block_stops() {
    let stream = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"jane\",\"content\":[]}}\n\n\
        event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}\n\n\
        event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"jane\"}}\n\n\
        event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"jane\"}}\n\n\
        event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n\
        event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"ja\"}}\n\n\
        event: ping\ndata: {\"type\":\"ping\"}\n\n\
        event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"ne ja\"}}\n\n\
        event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\n\
        event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"tool_use\",\"id\":\"i\",\"name\":\"jane\",\"input\":{}}}\n\n\
        event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"to\\\": \\\"ja\"}}\n\n\
        event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"ne\\\"}\"}}\n\n\
        event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":2}\n\n\
        event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    let expected = stream
        .replace("\"text\":\"ja\"", "\"text\":\"\"")
        .replace("\"text\":\"ne ja\"", "\"text\":\"[N] \"")
        .replace("{\\\"to\\\": \\\"ja\"", "{\\\"to\\\": \\\"\"")
        .replace("ne\\\"}\"", "[N]\\\"}\"")
        .replace(
            "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}",
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"ja\"}}\n\n\
             event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}",
        );
    assert_eq!(masked(Surface::Messages, stream), expected);
}

#[test]
fn text_that_a_block_starts_with_can_be_held_to_its_end() {
    let stream = events(&[
        r#"{"type":"content_block_start","index":3,"content_block":{"type":"text","text":"ja"}}"#,
        r#"{"type":"content_block_stop","index":3}"#,
    ]);
    let expected = "data: {\"type\":\"content_block_start\",\"index\":3,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n\
        event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":3,\"delta\":{\"type\":\"text_delta\",\"text\":\"ja\"}}\n\n\
        data: {\"type\":\"content_block_stop\",\"index\":3}\n\n";
    assert_eq!(masked(Surface::Messages, &stream), expected);
}

#[test]
fn responses_say_the_same_in_pieces_and_whole() {
    let stream = events(&[
        r#"{"type":"response.created","sequence_number":0,"response":{"id":"jane","instructions":"be jane","output":[]}}"#,
        r#"{"type":"response.output_text.delta","sequence_number":1,"item_id":"jane","output_index":0,"content_index":0,"delta":"ja","logprobs":[{"token":"ja"}]}"#,
        r#"{"type":"response.output_text.annotation.added","sequence_number":2,"output_index":0,"content_index":0,"annotation":{}}"#,
        r#"{"type":"response.output_text.delta","sequence_number":3,"item_id":"jane","output_index":0,"content_index":0,"delta":"ne ja","logprobs":[]}"#,
        r#"{"type":"response.output_text.done","sequence_number":4,"output_index":0,"content_index":0,"text":"jane ja","logprobs":[{"token":"jane"}]}"#,
        r#"{"type":"response.output_item.done","sequence_number":5,"output_index":0,"item":{"content":[{"type":"output_text","text":"jane ja","logprobs":[]}]}}"#,
        r#"{"type":"response.function_call_arguments.delta","output_index":1,"delta":"{\"a\":\"jane\"}"}"#,
        r#"{"type":"response.function_call_arguments.done","output_index":1,"arguments":"{\"a\":\"jane\"}"}"#,
        r#"{"type":"response.audio.delta","delta":"jane"}"#,
        r#"{"type":"response.completed","response":{"output":[{"type":"function_call","name":"jane","arguments":"{\"a\":\"jane\"}"}]}}"#,
    ]);
    let expected = events(&[
        r#"{"type":"response.created","sequence_number":0,"response":{"id":"jane","instructions":"be [N]","output":[]}}"#,
        r#"{"type":"response.output_text.delta","sequence_number":1,"item_id":"jane","output_index":0,"content_index":0,"delta":"","logprobs":[]}"#,
        r#"{"type":"response.output_text.annotation.added","sequence_number":2,"output_index":0,"content_index":0,"annotation":{}}"#,
        r#"{"type":"response.output_text.delta","sequence_number":3,"item_id":"jane","output_index":0,"content_index":0,"delta":"[N] ","logprobs":[]}"#,
        r#"{"type":"response.output_text.delta","sequence_number":3,"item_id":"jane","output_index":0,"content_index":0,"delta":"ja","logprobs":[]}"#,
        r#"{"type":"response.output_text.done","sequence_number":4,"output_index":0,"content_index":0,"text":"[N] ja","logprobs":[]}"#,
        r#"{"type":"response.output_item.done","sequence_number":5,"output_index":0,"item":{"content":[{"type":"output_text","text":"[N] ja","logprobs":[]}]}}"#,
        r#"{"type":"response.function_call_arguments.delta","output_index":1,"delta":"{\"a\":\"[N]\"}"}"#,
        r#"{"type":"response.function_call_arguments.done","output_index":1,"arguments":"{\"a\":\"[N]\"}"}"#,
        r#"{"type":"response.audio.delta","delta":"jane"}"#,
        r#"{"type":"response.completed","response":{"output":[{"type":"function_call","name":"jane","arguments":"{\"a\":\"[N]\"}"}]}}"#,
    ]);
    assert_eq!(masked(Surface::Responses, &stream), expected);
}

#[test]
fn lines_and_data_keep_their_form() {
    let stream = ": hello\r\nid: 7\r\ndata:{\"choices\":[{\"text\":\"jane\",\r\ndata:  \"index\":0}]}\r\n\r\n\
        data: {\"choices\":[{\"text\":\"no change\"}]}\r\rdata: jane\n\ndata: [1,\n\n";
    let expected = stream.replacen("\"jane\"", "\"[N]\"", 1);
    assert_eq!(masked(Surface::Completions, stream), expected);
}

#[test]
fn bytes_that_are_no_text_are_read_as_a_browser_reads_them() {
    let mut editor = StreamEditor::new(Surface::Completions, |_| Needle::new("jane", "[N]"));
    let kept = b"data: {\"choices\":[{\"text\":\"\xff\"}]}\n\n";
    assert_eq!(editor.push(kept), kept);
    let changed = editor.push(b"data: {\"choices\":[{\"text\":\"\xffjane\"}]}\n\n");
    assert_eq!(changed, "data: {\"choices\":[{\"text\":\"\u{fffd}[N]\"}]}\n\n".as_bytes());
}

#[test]
fn an_event_goes_out_with_its_blank_line() {
    let mut editor = StreamEditor::new(Surface::Completions, |_| Needle::new("jane", "[N]"));
    for ending in ["\n\n", "\r\n\r\n", "\r\r"] {
        let event = format!("data: {{\"choices\":[{{\"text\":\"x\"}}]}}{ending}");
        assert_eq!(editor.push(event.as_bytes()), event.as_bytes());
    }
    // The last blank line was a CR; a LF that comes after it belongs to it, and is not kept waiting either.
    assert_eq!(editor.push(b"\n"), b"\n");
    assert_eq!(editor.push(b"\n"), b"\n");
}

#[test]
fn an_upstream_that_dies_within_an_event_shows_no_text_unread() {
    let mut editor = StreamEditor::new(Surface::Completions, |_| Needle::new("jane", "[N]"));
    let first = "data: {\"choices\":[{\"text\":\"hi ja\"}]}\n\n";
    assert_eq!(editor.push(first.as_bytes()), first.replace("ja", "").as_bytes());
    assert!(editor.push(b"data: {\"choices\":[{\"text\":\"jane").is_empty());
    let rest = String::from_utf8(editor.finish()).unwrap();
    let expected =
        "data: {\"choices\":[{\"index\":0,\"text\":\"ja\",\"logprobs\":null,\"finish_reason\":null}]}\n\n";
    assert_eq!(rest, expected);
}

#[test]
fn a_last_event_without_its_blank_line_gets_one() {
    let stream = "data: {\"choices\":[{\"text\":\"jane\"}]}\n\ndata: [DONE]";
    assert_eq!(masked(Surface::Completions, stream), stream.replace("jane", "[N]") + "\n\n");
    assert_eq!(masked(Surface::Completions, ": comment\n"), ": comment\n\n");
}

#[test]
fn an_event_beyond_what_can_be_judged_stops_the_stream() {
    let deep = format!("data: {}\n\ndata: x\n\n", "[".repeat(1_000));
    let mut editor = StreamEditor::new(Surface::Chat, |_| Needle::new("jane", "[N]"));
    assert!(editor.push(deep.as_bytes()).is_empty());
    assert_eq!(editor.stopped(), Some(Unreadable::TooDeep));
    assert!(editor.push(b"data: x\n\n").is_empty());

    let mut editor = StreamEditor::new(Surface::Chat, |_| Needle::new("jane", "[N]"));
    let piece = vec![b'x'; EVENT_BYTES_MAX / 4 + 1];
    for _ in 0..4 {
        assert!(editor.push(&piece).is_empty());
    }
    assert_eq!(editor.stopped(), Some(Unreadable::TooLong { bytes_max: EVENT_BYTES_MAX }));

    let mut editor = StreamEditor::new(Surface::Completions, |_| Needle::new("jane", "[N]"));
    for index in 0..=SLOTS_MAX {
        editor.push(format!("data: {{\"choices\":[{{\"index\":{index},\"text\":\"x\"}}]}}\n\n").as_bytes());
    }
    assert_eq!(editor.stopped(), Some(Unreadable::TooManyOpen));
}

#[test]
fn a_surface_without_text_is_passed_on_at_once() {
    let mut editor = StreamEditor::new(Surface::Other, |_| Needle::new("jane", "[N]"));
    assert_eq!(editor.push(b"data: jane"), b"data: jane");
    assert!(editor.finish().is_empty());
}
