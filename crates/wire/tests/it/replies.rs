use candor_wire::reply::{Reply, ReplyReader, Usage};
use candor_wire::surface::Surface;
use proptest::prelude::*;

use crate::support::{LIMIT_BYTES, cuts, parts, reply, reply_in_pieces};

fn stream(events: &[&str]) -> String {
    events.iter().map(|event| format!("data: {event}\n\n")).collect()
}

/// Typed events: the name of each is its `type`.
fn typed(events: &[&str]) -> String {
    let name = |event: &str| event.split('"').nth(3).unwrap_or_default().to_owned();
    events.iter().map(|event| format!("event: {}\ndata: {event}\n\n", name(event))).collect()
}

fn told(reply: &Reply) -> Vec<String> {
    reply.choices.iter().map(|choice| parts(choice)).collect()
}

fn chat_stream() -> String {
    stream(&[
        r#"{"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null}}]}"#,
        r#"{"id":"c1","model":"m","choices":[{"index":1,"delta":{"content":"Zwei"}}],"obfuscation":"abc"}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"On"},"logprobs":null,"finish_reason":null}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"e \u00e9"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"look","arguments":""}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"at\""}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"run","arguments":"[]"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":": 1}"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
        r#"{"choices":[{"index":1,"delta":{"refusal":"No."},"finish_reason":"stop"}]}"#,
        r#"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":1}}}"#,
        "[DONE]",
    ])
}

fn messages_stream() -> String {
    typed(&[
        r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":25,"cache_read_input_tokens":3,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"I lo"}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"ok."}}"#,
        r#"{"type":"content_block_stop","index":1}"#,
        r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"look","input":{}}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"b\": 1"}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":", \"a\": 2}"}}"#,
        r#"{"type":"content_block_stop","index":2}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":89}}"#,
        r#"{"type":"message_stop"}"#,
    ])
}

fn responses_stream(end: &str) -> String {
    let start = [
        r#"{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","model":"m","status":"in_progress","output":[],"error":null}}"#,
        r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"r","summary":[]}}"#,
        r#"{"type":"response.output_item.added","output_index":1,"item":{"type":"message","id":"i","role":"assistant","content":[]}}"#,
        r#"{"type":"response.content_part.added","output_index":1,"content_index":0,"part":{"type":"output_text","text":""}}"#,
        r#"{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"I lo"}"#,
        r#"{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"ok."}"#,
        r#"{"type":"response.output_text.done","output_index":1,"content_index":0,"text":"I look."}"#,
        r#"{"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","name":"look","arguments":""}}"#,
        r#"{"type":"response.function_call_arguments.delta","output_index":2,"delta":"{\"at\""}"#,
        r#"{"type":"response.function_call_arguments.delta","output_index":2,"delta":": 1}"}"#,
    ];
    typed(&start) + end
}

const RESPONSE: &str = r#"{"id":"resp_1","object":"response","model":"m","status":"completed","error":null,"incomplete_details":null,
  "output":[{"type":"reasoning","summary":[]},
    {"type":"message","role":"assistant","content":[{"type":"output_text","text":"I look.","annotations":[]}]},
    {"type":"function_call","call_id":"c","name":"look","arguments":"{\"at\": 1}"}],
  "usage":{"input_tokens":5,"output_tokens":7,"input_tokens_details":{"cached_tokens":1},"output_tokens_details":{"reasoning_tokens":3}}}"#;

#[test]
fn a_chat_stream_is_put_together_by_choice_and_call() {
    let read = reply(Surface::Chat, true, &chat_stream());
    assert_eq!(told(&read), [r#""One é" look("{\"at\": 1}") run("[]")"#, r#""ZweiNo.""#]);
    assert_eq!(read.finish_reasons, ["tool_calls", "stop"]);
    assert_eq!((read.id.as_deref(), read.model.as_deref()), (Some("c1"), Some("m")));
    assert_eq!(
        read.usage,
        Usage {
            input: Some(9),
            output: Some(4),
            cache_read: Some(2),
            cache_creation: None,
            reasoning: Some(1)
        }
    );
    assert!(read.complete && !read.failed);
}

#[test]
fn a_chat_answer_is_read_whole() {
    let read = reply(
        Surface::Chat,
        false,
        r#" {"id":"c1","model":"m","choices":[
              {"index":1,"message":{"role":"assistant","content":"B","audio":{"id":"x"}},"finish_reason":"stop"},
              {"index":0,"message":{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
               "finish_reason":"function_call"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
    );
    assert_eq!(told(&read), [r#"f("{}")"#, r#""B" audio"#]);
    assert_eq!(read.finish_reasons, ["function_call", "stop"]);
    assert!(read.complete && !read.failed);
}

#[test]
fn calls_stay_apart_where_a_server_numbers_them_badly() {
    let same_index = stream(&[
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"1"}}]}}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":"2"}}]}}]}"#,
        "[DONE]",
    ]);
    let no_index = stream(&[
        r#"{"choices":[{"delta":{"tool_calls":[{"function":{"name":"f","arguments":"1"}},{"function":{"name":"f"}}]}}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"2"}}]}}]}"#,
        "[DONE]",
    ]);
    for body in [same_index, no_index] {
        assert_eq!(told(&reply(Surface::Chat, true, &body)), [r#"f("1") f("2")"#]);
    }
}

#[test]
fn old_completions_are_read_both_ways() {
    let whole = r#"{"id":"x","choices":[{"index":0,"text":" upon","finish_reason":"length"}]}"#;
    let read = reply(Surface::Completions, false, whole);
    assert_eq!(told(&read), [r#"" upon""#]);
    let body = stream(&[r#"{"choices":[{"text":" up"}]}"#, r#"{"choices":[{"text":"on"}]}"#, "[DONE]"]);
    assert_eq!(told(&reply(Surface::Completions, true, &body)), [r#"" upon""#]);
}

#[test]
fn a_messages_stream_leaves_thinking_out() {
    let read = reply(Surface::Messages, true, &messages_stream());
    assert_eq!(told(&read), [r#""I look." look("{\"a\":2,\"b\":1}")"#]);
    assert_eq!(read.finish_reasons, ["tool_use"]);
    assert_eq!(read.id.as_deref(), Some("msg_1"));
    assert_eq!((read.usage.input, read.usage.output, read.usage.cache_read), (Some(25), Some(89), Some(3)));
    assert!(read.complete && !read.failed);
}

#[test]
fn a_messages_answer_is_read_whole() {
    let read = reply(
        Surface::Messages,
        false,
        r#"{"id":"msg_1","type":"message","model":"m","role":"assistant","stop_reason":"end_turn","content":[
             {"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},
             {"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","title":"t"}]},
             {"type":"text","text":"It is "},{"type":"text","text":"so.","citations":[{"url":"x"}]}],
            "usage":{"input_tokens":3,"output_tokens":4,"cache_creation_input_tokens":2}}"#,
    );
    assert_eq!(told(&read), [r#"web_search("{\"query\":\"q\"}") tool_result "It is so.""#]);
    assert_eq!(read.usage.cache_creation, Some(2));
    assert!(read.complete);
}

#[test]
fn a_responses_stream_is_the_output_of_its_last_event() {
    let completed = RESPONSE.replace('\n', "");
    let end = typed(&[&format!(r#"{{"type":"response.completed","response":{completed}}}"#)]);
    let read = reply(Surface::Responses, true, &responses_stream(&end));
    assert_eq!(told(&read), [r#""I look." look("{\"at\": 1}")"#]);
    assert_eq!(read.finish_reasons, ["completed"]);
    assert_eq!((read.usage.input, read.usage.reasoning), (Some(5), Some(3)));
    assert!(read.complete && !read.failed);
    assert_eq!(reply(Surface::Responses, false, RESPONSE), read);
    // Some servers give no output at the end; then the deltas count.
    let end = typed(&[r#"{"type":"response.completed","response":{"status":"completed","output":[]}}"#]);
    assert_eq!(told(&reply(Surface::Responses, true, &responses_stream(&end))), told(&read));
}

#[test]
fn an_answer_is_complete_only_when_the_provider_says_so() {
    let interrupted = |surface, body: &str| {
        let mut reader = ReplyReader::new(surface, true, LIMIT_BYTES);
        reader.push(body.as_bytes());
        reader.finish(true)
    };
    for (surface, body, end) in [
        (Surface::Chat, chat_stream(), "data: [DONE]"),
        (Surface::Messages, messages_stream(), "event: message_stop"),
        (Surface::Responses, responses_stream(""), ""),
    ] {
        if !end.is_empty() {
            // The client hung up after the end.
            assert!(interrupted(surface, &body).complete, "{surface:?}");
        }
        let cut = &body[..body.rfind(end).unwrap()];
        let read = interrupted(surface, cut);
        assert!(!read.complete && !read.failed && !read.choices.is_empty(), "{surface:?}");
        assert!(told(&read)[0].contains("look"), "{surface:?}");
    }
    // Every choice has ended and so has the body: only the last line is missing.
    let body = chat_stream().replace("data: [DONE]\n\n", "");
    assert!(reply(Surface::Chat, true, &body).complete);
    let json = r#"{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}"#;
    assert!(!reply(Surface::Chat, false, &json[..json.len() - 1]).complete);
}

#[test]
fn endings_that_are_no_success_are_told() {
    let end = typed(&[
        r#"{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}}"#,
    ]);
    let read = reply(Surface::Responses, true, &responses_stream(&end));
    assert!(!read.complete && !read.failed);
    assert_eq!(read.finish_reasons, ["max_output_tokens"]);
    assert_eq!(told(&read), [r#""I look." look("{\"at\": 1}")"#]);

    let end = typed(&[
        r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error"}}}"#,
    ]);
    let read = reply(Surface::Responses, true, &responses_stream(&end));
    assert!(!read.complete && read.failed);

    let queued = r#"{"id":"resp_1","status":"queued","output":[],"error":null}"#;
    let read = reply(Surface::Responses, false, queued);
    assert!(!read.complete && !read.failed && read.finish_reasons.is_empty());
}

#[test]
fn errors_are_failures_whole_or_midway() {
    let body = r#"{"error":{"message":"no","type":"invalid_request_error","param":null,"code":null}}"#;
    for surface in [Surface::Chat, Surface::Responses, Surface::Embeddings] {
        let read = reply(surface, false, body);
        assert!(read.failed && !read.complete && read.choices.is_empty(), "{surface:?}");
    }
    let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"},"request_id":null}"#;
    let read = reply(Surface::Messages, false, error);
    assert!(read.failed && !read.complete);

    let half = messages_stream().split_inclusive("\n\n").take(8).collect::<String>();
    let read = reply(Surface::Messages, true, &(half + &typed(&[error])));
    assert!(read.failed && !read.complete);
    assert_eq!(told(&read), [r#""I lo""#]);

    let half = chat_stream().split_inclusive("\n\n").take(3).collect::<String>();
    let read = reply(Surface::Chat, true, &(half + &stream(&[body, "[DONE]"])));
    assert!(read.failed && !read.complete);
}

#[test]
fn beyond_the_limit_there_is_no_content() {
    for (surface, body) in [(Surface::Chat, chat_stream()), (Surface::Messages, messages_stream())] {
        let mut reader = ReplyReader::new(surface, true, 300);
        reader.push(body.as_bytes());
        let read = reader.finish(false);
        assert!(read.over_limit && !read.complete && read.choices.is_empty(), "{surface:?}");
    }
    let mut reader = ReplyReader::new(Surface::Responses, false, 300);
    RESPONSE.as_bytes().chunks(10).for_each(|chunk| reader.push(chunk));
    let read = reader.finish(false);
    assert!(read.over_limit && !read.complete && read.choices.is_empty());
}

#[test]
fn a_stream_with_an_unreadable_event_has_no_content() {
    let body = stream(&[r#"{"choices":[{"delta":{"content":"a"}}]}"#, "{oops", "[DONE]"]);
    let read = reply(Surface::Chat, true, &body);
    assert!(!read.complete && read.choices.is_empty());
}

#[test]
fn an_event_cut_in_half_loses_nothing_before_it() {
    let body = stream(&[r#"{"choices":[{"delta":{"content":"whole"}}]}"#])
        + r#"data: {"choices":[{"delta":{"content":"ha"#;
    let mut reader = ReplyReader::new(Surface::Chat, true, LIMIT_BYTES);
    reader.push(body.as_bytes());
    let read = reader.finish(true);
    assert_eq!(told(&read), [r#""whole""#]);
    assert!(!read.complete);
}

#[test]
fn debug_output_shows_no_text() {
    let body = chat_stream();
    let read = reply(Surface::Chat, true, &body);
    let shown = format!("{read:?}");
    assert!(!shown.contains("One") && !shown.contains("look"), "{shown}");
}

#[test]
fn surfaces_that_hold_no_conversation_tell_whether_they_ended() {
    for surface in [Surface::Models, Surface::CountTokens, Surface::Other] {
        assert!(reply(surface, false, "anything").complete);
        assert!(!ReplyReader::new(surface, false, 10).finish(true).complete);
    }
    let body = r#"{"object":"list","model":"e","data":[{"embedding":[0.1]}],"usage":{"prompt_tokens":8}}"#;
    let read = reply(Surface::Embeddings, false, body);
    assert_eq!((read.complete, read.usage.input, read.choices.len()), (true, Some(8), 0));
}

/// One event of a stream: whether it is a text or a piece of a call, where it belongs, and what it says.
fn said() -> impl Strategy<Value = Vec<(bool, u8, String)>> {
    let text = prop_oneof![4 => "[a-zé ]{0,6}", 1 => "[\"\\\\\n\u{1}a]{0,3}"];
    proptest::collection::vec((prop::bool::weighted(0.8), 0..2_u8, text), 0..20)
}

/// The streams that say it, on both surfaces. A number in each event keeps any two of them from being alike.
fn saying(said: &[(bool, u8, String)], is_numbered: bool) -> [(Surface, String); 2] {
    let numbered = |number: usize, mut event: serde_json::Value| {
        event["number"] = if is_numbered { number.into() } else { serde_json::Value::Null };
        event.to_string()
    };
    let chat = said.iter().enumerate().map(|(number, (is_text, index, text))| {
        let call = serde_json::json!([{ "index": 0, "function": { "arguments": text } }]);
        let delta = if *is_text {
            serde_json::json!({ "content": text })
        } else {
            serde_json::json!({ "content": text, "tool_calls": call })
        };
        let choice = serde_json::json!({ "index": index, "delta": delta });
        numbered(
            number,
            serde_json::json!({ "id": "c", "choices": [choice], "usage": { "prompt_tokens": index } }),
        )
    });
    let blocks = ["text", "tool_use"].into_iter().enumerate().map(|(index, kind)| {
        let block = serde_json::json!({ "type": kind, "text": "", "name": "run", "input": {} });
        serde_json::json!({ "type": "content_block_start", "index": index, "content_block": block })
            .to_string()
    });
    let deltas = said.iter().enumerate().map(|(number, (is_text, index, text))| {
        let more = if *is_text { serde_json::Value::Null } else { text.as_str().into() };
        let delta = serde_json::json!({ "text": text, "partial_json": more });
        let event = serde_json::json!({ "type": "content_block_delta", "index": index, "delta": delta });
        numbered(number, event)
    });
    let chat: Vec<String> = chat.collect();
    let messages: Vec<String> = blocks.chain(deltas).collect();
    let whole = |events: &[String]| stream(&events.iter().map(String::as_str).collect::<Vec<_>>());
    [(Surface::Chat, whole(&chat)), (Surface::Messages, whole(&messages))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn events_that_are_alike_but_for_a_text_say_what_they_would_each_on_its_own(said in said()) {
        for ((surface, alike), (_, apart)) in saying(&said, false).into_iter().zip(saying(&said, true)) {
            prop_assert_eq!(reply(surface, true, &alike), reply(surface, true, &apart));
        }
    }

    #[test]
    fn any_chunking_gives_the_reply_of_the_whole(cuts in cuts()) {
        let completed = RESPONSE.replace('\n', "");
        let end = typed(&[&format!(r#"{{"type":"response.completed","response":{completed}}}"#)]);
        for (surface, body) in [
            (Surface::Chat, chat_stream()),
            (Surface::Chat, chat_stream().replace('\n', "\r\n")),
            (Surface::Messages, messages_stream()),
            (Surface::Responses, responses_stream(&end)),
        ] {
            let whole = reply(surface, true, &body);
            prop_assert!(whole.complete);
            prop_assert_eq!(reply_in_pieces(surface, body.as_bytes(), &cuts), whole);
        }
    }
}

#[test]
fn every_single_cut_gives_the_reply_of_the_whole() {
    let body = messages_stream();
    let whole = reply(Surface::Messages, true, &body);
    for cut in 0..=body.len() {
        assert_eq!(reply_in_pieces(Surface::Messages, body.as_bytes(), &[cut]), whole, "cut at {cut}");
    }
}
