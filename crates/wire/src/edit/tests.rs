//! Tests of whole bodies, and what those of streams share.

mod laws;
mod streams;

use super::*;

/// Replaces a needle, and holds back what could still become one.
pub(super) struct Needle {
    needle: &'static str,
    instead: &'static str,
    held: String,
}

impl Needle {
    pub(super) fn new(needle: &'static str, instead: &'static str) -> Self {
        Self { needle, instead, held: String::new() }
    }
}

impl TextFilter for Needle {
    fn push(&mut self, text: &str) -> String {
        self.held.push_str(text);
        self.held = self.held.replace(self.needle, self.instead);
        let starts = (1..self.needle.len()).rev().filter(|length| self.needle.is_char_boundary(*length));
        let kept =
            starts.into_iter().find(|length| self.held.ends_with(&self.needle[..*length])).unwrap_or(0);
        let held = self.held.split_off(self.held.len() - kept);
        std::mem::replace(&mut self.held, held)
    }

    fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

/// The body with each text marked, to see which there are.
fn marked(surface: Surface, direction: Direction, body: &str) -> String {
    let slots = slots(surface, direction, body.as_bytes()).unwrap();
    assert_eq!(rewrite(body.as_bytes(), &slots, |_, _| None), body.as_bytes());
    let new = rewrite(body.as_bytes(), &slots, |slot, text| {
        Some(match slot.kind() {
            SlotKind::Text => format!("<{text}>"),
            _ => format!("({text})"),
        })
    });
    String::from_utf8(new).unwrap()
}

/// Asserts that exactly the strings that say `T..` are text and those that say `A..` are arguments.
fn assert_found(surface: Surface, direction: Direction, body: &str) {
    let expected = mark_strings(body);
    assert_eq!(marked(surface, direction, body), expected);
}

/// Marks each string of JSON that begins with a capital T or A and a digit.
fn mark_strings(body: &str) -> String {
    let mut out = String::new();
    for (place, piece) in body.split('"').enumerate() {
        if place > 0 {
            out.push('"');
        }
        let is_marked =
            |letter| piece.strip_prefix(letter).is_some_and(|rest: &str| rest.parse::<u8>().is_ok());
        match piece {
            _ if is_marked('T') => out.push_str(&format!("<{piece}>")),
            _ if is_marked('A') => out.push_str(&format!("({piece})")),
            _ => out.push_str(piece),
        }
    }
    out
}

#[test]
fn a_chat_request_has_text_in_messages_parts_and_arguments() {
    assert_found(
        Surface::Chat,
        Direction::Request,
        r#"{"model":"m","user":"u","store":false,"metadata":{"k":"v"},"messages":[
            {"role":"system","content":"T1","name":"n"},
            {"role":"user","content":[{"type":"text","text":"T2"},
              {"type":"image_url","image_url":{"url":"https://x/y"}},{"type":"file","file":{"file_data":"d"}}]},
            {"role":"assistant","content":null,"refusal":"T3","reasoning_content":"T4","tool_calls":[
              {"id":"c","type":"function","function":{"name":"f","arguments":"{}"}},
              {"id":"d","type":"custom","custom":{"name":"f","input":"T5"}}]},
            {"content":"T6","role":"tool","tool_call_id":"c"}],
            "tools":[{"type":"function","function":{"name":"f","description":"d"}}],
            "prediction":{"type":"content","content":"T7"}}"#,
    );
}

#[test]
fn arguments_are_read_through_both_layers_of_json() {
    let body = r#"{"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f",
        "arguments":"{\"to\": \"J\\u0061ne \\\"J\\\"\",\"n\":[1,true, null,\"x\\/y\"]}"}}]}]}"#;
    let found = slots(Surface::Chat, Direction::Request, body.as_bytes()).unwrap();
    let mut seen = Vec::new();
    let new = rewrite(body.as_bytes(), &found, |slot, text| {
        assert_eq!(slot.kind(), SlotKind::Arguments);
        seen.push(text.to_owned());
        (text == "Jane \"J\"").then(|| "[\"N\"]\n".to_owned())
    });
    assert_eq!(seen, ["to", "Jane \"J\"", "n", "1", "x/y"]);
    let expected = body.replace(r#"J\\u0061ne \\\"J\\\""#, r#"[\\\"N\\\"]\\n"#);
    assert_eq!(String::from_utf8(new).unwrap(), expected);
}

#[test]
fn a_number_that_changes_becomes_a_string() {
    let body = r#"{"content":[{"type":"tool_use","id":"i","input":{"phone":4155550123,"n":7,"many":[4155550123]}}],
        "usage":{"input_tokens":4155550123}}"#;
    let found = slots(Surface::Messages, Direction::Answer, body.as_bytes()).unwrap();
    let new = rewrite(body.as_bytes(), &found, |_, text| (text == "4155550123").then(|| "[PHONE]".into()));
    let expected = body.replacen("4155550123", "\"[PHONE]\"", 2);
    assert_eq!(String::from_utf8(new).unwrap(), expected);
    let nested =
        r#"{"choices":[{"message":{"tool_calls":[{"function":{"arguments":"{\"phone\":4155550123}"}}]}}]}"#;
    let found = slots(Surface::Chat, Direction::Answer, nested.as_bytes()).unwrap();
    let new = rewrite(nested.as_bytes(), &found, |_, text| (text == "4155550123").then(|| "[PHONE]".into()));
    let expected = nested.replace("4155550123", "\\\"[PHONE]\\\"");
    assert_eq!(String::from_utf8(new).unwrap(), expected);
}

#[test]
fn a_result_of_a_tool_is_read_as_json_only_if_it_is() {
    let body = r#"{"messages":[{"role":"tool","content":"{\"a\":\"\\njane\"}"},
        {"role":"tool","content":"{ jane"},{"role":"user","content":"{\"a\":\"jane\"}"}]}"#;
    let found = slots(Surface::Chat, Direction::Request, body.as_bytes()).unwrap();
    let mut seen = Vec::new();
    rewrite(body.as_bytes(), &found, |_, text| {
        seen.push(text.to_owned());
        None
    });
    assert_eq!(seen, ["a", "\njane", "{ jane", "{\"a\":\"jane\"}"]);
}

#[test]
fn a_messages_request_has_text_in_blocks_but_never_in_signed_ones() {
    let body = r#"{"model":"m","system":[{"type":"text","text":"T1","cache_control":{"type":"ephemeral"}}],
        "metadata":{"user_id":"u"},"messages":[
        {"role":"user","content":"T2"},
        {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},
          {"type":"redacted_thinking","data":"d"},{"type":"text","text":"T3","citations":[
            {"type":"char_location","cited_text":"T4","document_title":"T5","document_index":0}]},
          {"type":"tool_use","id":"i","name":"n","input":{"A1":["A2",{"A3":"A4"}]}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"i","content":"T6"},
          {"type":"tool_result","tool_use_id":"j","content":[{"type":"text","text":"T7"},
            {"type":"image","source":{"type":"base64","media_type":"m","data":"b"}}]},
          {"type":"document","source":{"data":"T8","type":"text","media_type":"text/plain"},"title":"T9"},
          {"type":"document","source":{"type":"base64","media_type":"m","data":"b"},"context":"T10"},
          {"type":"search_result","source":"https://x","title":"T11","content":[{"type":"text","text":"T12"}]}]}]}"#;
    for surface in [Surface::Messages, Surface::CountTokens] {
        assert_found(surface, Direction::Request, body);
    }
}

#[test]
fn a_responses_request_has_text_in_instructions_items_and_outputs() {
    assert_found(
        Surface::Responses,
        Direction::Request,
        r#"{"model":"m","instructions":"T1","previous_response_id":"p","input":[
          {"role":"user","content":"T2"},
          {"type":"message","role":"user","content":[{"type":"input_text","text":"T3"},
            {"type":"input_image","image_url":"data:x"},{"type":"input_file","file_data":"f","filename":"n"}]},
          {"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"T4"}],"encrypted_content":"e"},
          {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
          {"type":"function_call_output","call_id":"c","output":"T5"},
          {"type":"function_call_output","call_id":"d","output":[{"type":"input_text","text":"T6"}]},
          {"type":"custom_tool_call","call_id":"c","name":"f","input":"T7"}],
          "prompt":{"id":"p","variables":{"x":"T8","y":{"type":"input_text","text":"T9"}}},
          "text":{"format":{"type":"text"}},"reasoning":{"effort":"low"}}"#,
    );
    assert_found(Surface::Responses, Direction::Request, r#"{"input":"T1"}"#);
}

#[test]
fn answers_have_text_where_models_speak() {
    assert_found(
        Surface::Chat,
        Direction::Answer,
        r#"{"id":"i","choices":[{"index":0,"message":{"role":"assistant","content":"T1","refusal":"T2"},
          "finish_reason":"stop","logprobs":null}],"system_fingerprint":"f"}"#,
    );
    assert_found(Surface::Completions, Direction::Answer, r#"{"choices":[{"text":"T1","index":0}]}"#);
    assert_found(
        Surface::Responses,
        Direction::Answer,
        r#"{"id":"r","status":"completed","instructions":"T1","text":{"format":{"type":"text"}},"output":[
          {"type":"message","id":"m","role":"assistant","content":[
            {"type":"output_text","text":"T2","annotations":[]},{"type":"refusal","refusal":"T3"}]}],"user":"u"}"#,
    );
    assert_found(
        Surface::Messages,
        Direction::Answer,
        r#"{"id":"m","type":"message","role":"assistant","content":[{"type":"thinking","thinking":"t",
          "signature":"s"},{"type":"text","text":"T1"},{"type":"tool_use","id":"i","name":"n",
          "input":{"A1":"A2"}}],"stop_reason":"tool_use"}"#,
    );
}

#[test]
fn the_old_interfaces_have_text_too() {
    assert_found(Surface::Completions, Direction::Request, r#"{"prompt":["T1","T2"],"suffix":"T3"}"#);
    assert_found(Surface::Embeddings, Direction::Request, r#"{"input":["T1"],"model":"m","user":"u"}"#);
    assert_found(Surface::Embeddings, Direction::Request, r#"{"input":[[1,2,12345678]]}"#);
    assert_found(Surface::Other, Direction::Request, r#"{"input":"x","messages":[{"content":"x"}]}"#);
}

#[test]
fn token_probabilities_go_with_the_text_that_they_repeat() {
    let body = r#"{"choices":[{"logprobs":{"content":[{"token":"jane"}]},"message":{"content":"jane"}},
        {"message":{"content":"x"},"logprobs":{"content":[{"token":"x"}]}}]}"#;
    let found = slots(Surface::Chat, Direction::Answer, body.as_bytes()).unwrap();
    let new = rewrite(body.as_bytes(), &found, |_, text| (text == "jane").then(|| "[NAME]".into()));
    let expected = r#"{"choices":[{"logprobs":null,"message":{"content":"[NAME]"}},
        {"message":{"content":"x"},"logprobs":{"content":[{"token":"x"}]}}]}"#;
    assert_eq!(String::from_utf8(new).unwrap(), expected);
}

#[test]
fn keys_written_with_escapes_or_twice_are_found() {
    let body = r#"{"mess\u0061ges":[{"content":"T1","content":"T2"}],"messages":[{"content":"T3"}]}"#;
    assert_found(Surface::Chat, Direction::Request, body);
}

#[test]
fn half_a_surrogate_pair_stays_unless_its_literal_changes() {
    let body = r#"{"prompt":["a\ud83d b","\ud83d\ude00 jane","\ude00 jane"]}"#;
    let found = slots(Surface::Completions, Direction::Request, body.as_bytes()).unwrap();
    let new = rewrite(body.as_bytes(), &found, |_, text| Some(text.replace("jane", "[N]")));
    let expected = "{\"prompt\":[\"a\\ud83d b\",\"\u{1f600} [N]\",\"\u{fffd} [N]\"]}";
    assert_eq!(String::from_utf8(new).unwrap(), expected);
}

#[test]
fn what_cannot_be_read_says_why() {
    let error = |body: &[u8]| slots(Surface::Chat, Direction::Request, body).unwrap_err().to_string();
    assert_eq!(error(b"{\"a\":\xff}"), "the body is not UTF-8 at byte 5");
    assert_eq!(error(b"{\"a\":jane@example.com}"), "the body is not JSON at byte 5");
    assert_eq!(error("[".repeat(300).as_bytes()), "the body nests more than 256 levels deep");
}
