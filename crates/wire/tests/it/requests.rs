use candor_wire::opt_out::{Dialect, OptOut};
use candor_wire::request::{Unreadable, read_request};
use candor_wire::surface::Surface;

use crate::support::{request, told};

#[test]
fn a_chat_request_is_read_in_order() {
    let read = request(
        Surface::Chat,
        r#" {"model": "m-1", "stream": true, "temperature": 0.7, "top_p": 1, "max_completion_tokens": 64,
             "n": 2, "seed": 12345678901234567890, "user": "u1", "safety_identifier": "s1",
             "metadata": {"user_id": "mu", "chat_id": "c9", "other": [1]}, "unknown": {"a": [1e3, null]},
             "messages": [
               {"role": "developer", "content": "Be brief."},
               {"role": "user", "content": [{"type": "text", "text": "What"}, {"type": "text", "text": "is it?"},
                 {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                 {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}},
                 {"type": "file", "file": {"file_id": "f"}}, {"type": "hologram"}]},
               {"role": "assistant", "content": null, "refusal": null, "tool_calls": [
                 {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{\"at\": 1}"}},
                 {"id": "c2", "type": "custom", "custom": {"name": "run", "input": "ls"}}]},
               {"role": "tool", "tool_call_id": "c1", "content": "A cat"},
               {"role": "user", "content": "Th\u0061nks"}]}"#,
    );
    assert_eq!(
        told(&read.said),
        r#"system: "Be brief."; user: "What" "is it?" image audio file other; "#.to_owned()
            + r#"assistant: look("{\"at\": 1}") run("ls"); tool: "A cat"; user: "Thanks""#
    );
    assert_eq!(read.fresh_from(), 3);
    assert_eq!(read.model.as_deref(), Some("m-1"));
    assert!(read.stream);
    assert_eq!(read.sampling.temperature, Some(0.7));
    assert_eq!(read.sampling.max_tokens, Some(64));
    assert_eq!(read.sampling.choices, Some(2));
    assert_eq!(read.hints.user.as_deref(), Some("u1"));
    assert_eq!(read.hints.safety_identifier.as_deref(), Some("s1"));
    assert_eq!(read.hints.metadata_user_id.as_deref(), Some("mu"));
    assert_eq!(read.hints.conversation.as_deref(), Some("c9"));
    assert_eq!((read.opt_out, read.dialect), (OptOut::None, None));
}

#[test]
fn a_messages_request_splits_results_from_what_the_person_says() {
    let read = request(
        Surface::Messages,
        r#"{"model": "m-2", "max_tokens": 100, "top_k": 5, "metadata": {"user_id": "u-7"},
            "system": [{"type": "text", "text": "You are kind.", "cache_control": {"type": "ephemeral"}}],
            "messages": [
              {"role": "user", "content": "Weather?"},
              {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "xx"},
                {"type": "text", "text": "I look."},
                {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Bern", "days": 1.0}}]},
              {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "Sun"},
                  {"type": "image", "source": {"type": "base64", "data": "AA"}}]},
                {"type": "tool_result", "tool_use_id": "t2", "content": "Rain"},
                {"type": "document", "source": {"type": "text", "data": "secret"}},
                {"type": "text", "text": "And tomorrow?"}]}]}"#,
    );
    assert_eq!(
        told(&read.said),
        r#"system: "You are kind."; user: "Weather?"; "#.to_owned()
            + r#"assistant: "I look." weather("{\"city\":\"Bern\",\"days\":1}"); "#
            + r#"tool: "Sun" image; tool: "Rain"; user: file "And tomorrow?""#
    );
    assert_eq!(read.fresh_from(), 3);
    assert_eq!(read.hints.metadata_user_id.as_deref(), Some("u-7"));
    assert_eq!(read.sampling.max_tokens, Some(100));
    let only_results = r#"{"messages":[{"role":"user","content":[{"type":"tool_result","content":"x"}]}]}"#;
    assert_eq!(told(&request(Surface::Messages, only_results).said), r#"tool: "x""#);
}

#[test]
fn a_responses_request_is_text_or_items() {
    let read = request(
        Surface::Responses,
        r#"{"model": "m", "instructions": "Short.", "input": "Hi", "previous_response_id": "resp_1",
            "conversation": {"id": "conv_1"}, "max_output_tokens": 9}"#,
    );
    assert_eq!(told(&read.said), r#"system: "Short."; user: "Hi""#);
    assert_eq!(read.hints.previous_response_id.as_deref(), Some("resp_1"));
    assert_eq!(read.hints.conversation.as_deref(), Some("conv_1"));
    assert_eq!(read.sampling.max_tokens, Some(9));

    let read = request(
        Surface::Responses,
        r#"{"conversation": "conv_2", "input": [
             {"role": "user", "content": "One"},
             {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Two"},
               {"type": "input_image", "image_url": "x"}]},
             {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
             {"type": "message", "role": "assistant", "id": "m1", "status": "completed",
               "content": [{"type": "output_text", "text": "I look", "annotations": []}]},
             {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"},
             {"type": "web_search_call", "id": "w", "action": {"type": "search", "query": "q", "x": null}},
             {"type": "function_call_output", "call_id": "c1", "output": "done"},
             {"type": "item_reference", "id": "m0"},
             {"role": "developer", "content": "Now stop."}]}"#,
    );
    assert_eq!(
        told(&read.said),
        r#"user: "One"; user: "Two" image; "#.to_owned()
            + r#"assistant: "I look" look("{}") web_search("{\"query\":\"q\",\"type\":\"search\"}"); "#
            + r#"tool: "done"; system: "Now stop.""#
    );
    assert_eq!(read.fresh_from(), 3);
    assert_eq!(read.hints.conversation.as_deref(), Some("conv_2"));
}

#[test]
fn a_prompt_is_one_text_or_no_conversation() {
    for (body, said) in [
        (r#"{"prompt":"Once"}"#, r#"user: "Once""#),
        (r#"{"prompt":["Once"]}"#, r#"user: "Once""#),
        (r#"{"prompt":["a","b"]}"#, ""),
        (r#"{"prompt":[1,2,3]}"#, ""),
        (r#"{"prompt":[[1,2]]}"#, ""),
    ] {
        assert_eq!(told(&request(Surface::Completions, body).said), said, "{body}");
    }
}

#[test]
fn surfaces_without_a_conversation_give_no_messages() {
    let read = request(Surface::Embeddings, r#"{"model":"e","input":["a",[1,2]],"user":"u","store":false}"#);
    assert!(read.said.is_empty());
    assert_eq!(read.hints.user.as_deref(), Some("u"));
    assert_eq!(read.opt_out, OptOut::Everything);
    let read = request(Surface::CountTokens, r#"{"messages":[{"role":"user","content":"a"}]}"#);
    assert!(read.said.is_empty());
}

#[test]
fn nothing_is_said_now_when_the_model_spoke_last() {
    let body = r#"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}"#;
    assert_eq!(request(Surface::Messages, body).fresh_from(), 2);
    let body = r#"{"messages":[{"role":"system","content":"s"},{"role":"user","content":"a"}]}"#;
    assert_eq!(request(Surface::Chat, body).fresh_from(), 0);
}

#[test]
fn what_could_mean_two_things_is_unreadable() {
    let deep = r#"{"messages":[{"role":"user""#.to_owned() + &r#","content":[{"type":"x""#.repeat(9999);
    for body in [
        "",
        "[]",
        r#"[[{"role":"user","content":"a"}]]"#,
        r#"{"messages":[]"#,
        r#"{"store":false,"store":true}"#,
        r#"{"store":true,"st\u006fre":false}"#,
        r#"{"provider":{"zdr":true},"provider":{}}"#,
        r#"{"provider":{"zdr":true,"zdr":false}}"#,
        r#"{"messages":[],"messages":[]}"#,
        r#"{"messages":[{"role":"user","content":"a","content":"b"}]}"#,
        r#"{"messages":[{"role":"user","content":"\ud800"}]}"#,
        r#"{"messages":[{"content":"a"}]}"#,
        r#"{"messages":[{"role":"oracle","content":"a"}]}"#,
        r#"{"temperature":1e999}"#,
        deep.as_str(),
    ] {
        assert!(read_request(Surface::Chat, body.as_bytes()).is_err(), "{body:.60}");
    }
    let invalid_text = b"{\"messages\":[{\"role\":\"user\",\"content\":\"\xff\"}]}";
    assert!(read_request(Surface::Chat, invalid_text).is_err());
}

#[test]
fn an_error_does_not_quote_the_text() {
    let body = br#"{"messages":[{"role":"user","content":"a canary"},"another canary"]}"#;
    let error = read_request(Surface::Chat, body).unwrap_err();
    assert!(matches!(error, Unreadable::Body { surface: "chat", line: 1, .. }));
    assert!(!format!("{error} {error:?}").contains("canary"));
    let body = br#"{"messages":[{"role":"canary","content":"a"}]}"#;
    let error = read_request(Surface::Chat, body).unwrap_err();
    assert_eq!(error, Unreadable::Role { index: 0 });
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[test]
fn debug_output_shows_no_text() {
    let read = request(
        Surface::Chat,
        r#"{"model":"canary","user":"canary","messages":[{"role":"user","content":"canary"}]}"#,
    );
    assert!(!format!("{read:?} {:?} {:?}", read.said, read.hints).contains("canary"));
}

#[test]
fn fields_of_the_wrong_type_do_not_hide_the_rest() {
    let read = request(
        Surface::Chat,
        r#"{"model":{},"stream":"yes","temperature":"hot","user":7,"metadata":[1],"conversation":{"id":[]},
            "messages":[{"role":"user","content":7}],"no-log":true}"#,
    );
    assert_eq!(told(&read.said), "user: ");
    assert_eq!((read.opt_out, read.dialect), (OptOut::Everything, Some(Dialect::LiteLlmNoLog)));
}
