//! The law that capture rests on: an answer reads the same when the model gives it, whole or as a stream, and when
//! a client sends it back. Else a conversation would lose its thread.

use candor_conversation::Part;
use candor_wire::surface::Surface;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{answers, reply, reply_in_pieces, request};

/// A piece of an answer, before it takes a provider's shape.
#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Thought(String),
    Call(String, Value),
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[ -~éß日😀\n\"\\\\]{1,20}", 1 => Just(String::new())]
}

fn arguments() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e12..1e12f64).prop_map(Value::from),
        (-99..99i32).prop_map(|whole| Value::from(f64::from(whole))),
        text().prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 12, 4, |inner| {
        let members = proptest::collection::btree_map("[a-d]", inner.clone(), 0..4);
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Value::from),
            members.prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    proptest::collection::btree_map("[a-z]{1,3}", value, 0..4)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn pieces() -> impl Strategy<Value = Vec<Piece>> {
    let piece = prop_oneof![
        3 => text().prop_map(Piece::Text),
        1 => text().prop_map(Piece::Thought),
        2 => ("[a-z_]{1,8}", arguments()).prop_map(|(name, input)| Piece::Call(name, input)),
    ];
    proptest::collection::vec(piece, 0..6)
}

/// The text cut into deltas of a few characters.
fn deltas(text: &str, size: usize) -> Vec<String> {
    text.chars().collect::<Vec<_>>().chunks(size).map(|piece| piece.iter().collect()).collect()
}

fn stream(events: &[Value]) -> String {
    events.iter().map(|event| format!("data: {event}\n\n")).collect()
}

/// What a client makes of JSON on the way back: members in another order and numbers in another spelling, as
/// JavaScript would write them.
fn respelled(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<_> = members
                .iter()
                .rev()
                .map(|(name, value)| format!("{} : {}", json!(name), respelled(value)))
                .collect();
            format!("{{ {} }}", members.join(" , "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(respelled).collect::<Vec<_>>().join(", "))
        }
        Value::Number(number) => match number.as_f64() {
            Some(whole) if number.is_f64() && whole.fract() == 0.0 => format!("{}", whole as i64),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

mod chat {
    use super::*;

    fn content(pieces: &[Piece]) -> String {
        let texts = pieces.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    fn calls(pieces: &[Piece]) -> Vec<Value> {
        let calls = pieces.iter().filter_map(|piece| match piece {
            Piece::Call(name, input) => Some((name, input.to_string())),
            _ => None,
        });
        let call = |(at, (name, arguments)): (usize, (&String, String))| json!({"id": format!("c{at}"), "type": "function", "function": {"name": name, "arguments": arguments}});
        calls.enumerate().map(call).collect()
    }

    fn message(pieces: &[Piece], refusal: &str) -> Value {
        json!({"role": "assistant", "content": content(pieces), "refusal": refusal, "tool_calls": calls(pieces)})
    }

    fn streamed(pieces: &[Piece], refusal: &str, size: usize) -> String {
        let mut chunks = vec![json!({"role": "assistant", "content": ""})];
        chunks.extend(deltas(&content(pieces), size).into_iter().map(|text| json!({"content": text})));
        chunks.extend(deltas(refusal, size).into_iter().map(|text| json!({"refusal": text})));
        for (index, mut call) in calls(pieces).into_iter().enumerate() {
            let arguments = call["function"]["arguments"].take();
            call["function"]["arguments"] = json!("");
            call["index"] = json!(index);
            chunks.push(json!({"tool_calls": [call]}));
            let pieces = deltas(arguments.as_str().unwrap_or_default(), size);
            chunks.extend(
                pieces
                    .into_iter()
                    .map(|piece| json!({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})),
            );
        }
        let events: Vec<_> =
            chunks.into_iter().map(|delta| json!({"choices": [{"index": 0, "delta": delta}]})).collect();
        stream(&events) + "data: [DONE]\n\n"
    }

    fn sent_back(message: Value) -> Vec<Vec<Part>> {
        let body = json!({"messages": [{"role": "user", "content": "?"}, message]});
        answers(&request(Surface::Chat, &body.to_string()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn an_answer_sent_back_is_the_answer(pieces in pieces(), refusal in text(), size in 1..6usize) {
            let message = message(&pieces, &refusal);
            let answer = json!({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]});
            let whole = reply(Surface::Chat, false, &answer.to_string());
            prop_assert!(whole.complete);
            let body = streamed(&pieces, &refusal, size);
            let in_stream = reply(Surface::Chat, true, &body);
            prop_assert_eq!(&in_stream.choices, &whole.choices);
            prop_assert_eq!(&sent_back(message.clone()), &whole.choices);
            // As a list of text parts, in as many as the client likes.
            let mut listed = message;
            let texts: Vec<_> = deltas(&content(&pieces), size)
                .into_iter()
                .map(|text| json!({"type": "text", "text": text}))
                .collect();
            listed["content"] = Value::from(texts);
            prop_assert_eq!(&sent_back(listed), &whole.choices);
        }
    }
}

mod messages {
    use super::*;

    fn block(piece: &Piece) -> Value {
        match piece {
            Piece::Text(text) => json!({"type": "text", "text": text}),
            Piece::Thought(text) => json!({"type": "thinking", "thinking": text, "signature": "c2ln"}),
            Piece::Call(name, input) => json!({"type": "tool_use", "id": "t", "name": name, "input": input}),
        }
    }

    fn streamed(pieces: &[Piece], size: usize) -> String {
        let mut events = vec![json!({"type": "message_start", "message": {"id": "m", "content": []}})];
        for (index, piece) in pieces.iter().enumerate() {
            let (start, kind, field, text) = match piece {
                Piece::Text(text) => {
                    (json!({"type": "text", "text": ""}), "text_delta", "text", text.clone())
                }
                Piece::Thought(text) => {
                    (json!({"type": "thinking", "thinking": ""}), "thinking_delta", "thinking", text.clone())
                }
                Piece::Call(name, input) => {
                    let start = json!({"type": "tool_use", "id": "t", "name": name, "input": {}});
                    // A call without arguments may come with no delta at all.
                    let text = if input == &json!({}) { String::new() } else { input.to_string() };
                    (start, "input_json_delta", "partial_json", text)
                }
            };
            events.push(json!({"type": "content_block_start", "index": index, "content_block": start}));
            for delta in deltas(&text, size) {
                let delta = json!({"type": kind, field: delta});
                events.push(json!({"type": "content_block_delta", "index": index, "delta": delta}));
            }
            events.push(json!({"type": "content_block_stop", "index": index}));
        }
        events.push(json!({"type": "message_stop"}));
        stream(&events)
    }

    fn sent_back(content: &str) -> Vec<Vec<Part>> {
        let body = format!(
            r#"{{"messages":[{{"role":"user","content":"?"}},{{"role":"assistant","content":{content}}}]}}"#
        );
        answers(&request(Surface::Messages, &body))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn an_answer_sent_back_is_the_answer(pieces in pieces(), size in 1..6usize, cuts in crate::support::cuts()) {
            let content = Value::from(pieces.iter().map(block).collect::<Vec<_>>());
            let answer = json!({"type": "message", "content": content, "stop_reason": "end_turn"});
            let whole = reply(Surface::Messages, false, &answer.to_string());
            prop_assert!(whole.complete);
            let body = streamed(&pieces, size);
            prop_assert_eq!(&reply(Surface::Messages, true, &body).choices, &whole.choices);
            prop_assert_eq!(&reply_in_pieces(Surface::Messages, body.as_bytes(), &cuts).choices, &whole.choices);
            prop_assert_eq!(&sent_back(&content.to_string()), &whole.choices);
            prop_assert_eq!(&sent_back(&respelled(&content)), &whole.choices);
            // Clients may drop the thinking, and send a text alone as a string.
            let spoken: Vec<_> =
                pieces.iter().filter(|piece| !matches!(piece, Piece::Thought(_))).map(block).collect();
            prop_assert_eq!(&sent_back(&Value::from(spoken).to_string()), &whole.choices);
            if let [Part::Text(text)] = whole.choices[0].as_slice() {
                prop_assert_eq!(&sent_back(&json!(text).to_string()), &whole.choices);
            }
        }
    }
}

mod responses {
    use super::*;

    fn item(piece: &Piece) -> Value {
        match piece {
            Piece::Text(text) => {
                let content = json!([{"type": "output_text", "text": text, "annotations": []}]);
                json!({"type": "message", "role": "assistant", "status": "completed", "content": content})
            }
            Piece::Thought(text) => {
                json!({"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": text}]})
            }
            Piece::Call(name, input) => {
                json!({"type": "function_call", "call_id": "c", "name": name, "arguments": input.to_string()})
            }
        }
    }

    fn streamed(pieces: &[Piece], size: usize, output: &Value) -> String {
        let mut events = vec![json!({"type": "response.created", "response": {"id": "r", "output": []}})];
        for (index, piece) in pieces.iter().enumerate() {
            let mut begun = item(piece);
            begun["content"] = json!([]);
            begun["arguments"] = json!("");
            events.push(json!({"type": "response.output_item.added", "output_index": index, "item": begun}));
            let (kind, text) = match piece {
                Piece::Text(text) => ("response.output_text.delta", text.clone()),
                Piece::Thought(text) => ("response.reasoning_text.delta", text.clone()),
                Piece::Call(_, input) => ("response.function_call_arguments.delta", input.to_string()),
            };
            for delta in deltas(&text, size) {
                events.push(json!({"type": kind, "output_index": index, "content_index": 0, "delta": delta}));
            }
            // The done events of half the items go missing, so that both ways of reading are seen.
            if index % 2 == 0 {
                let item = item(piece);
                events
                    .push(json!({"type": "response.output_item.done", "output_index": index, "item": item}));
            }
        }
        let response = json!({"id": "r", "status": "completed", "output": output});
        events.push(json!({"type": "response.completed", "response": response}));
        stream(&events)
    }

    fn sent_back(output: &Value) -> Vec<Vec<Part>> {
        let mut input = vec![json!({"role": "user", "content": "?"})];
        input.extend(output.as_array().cloned().unwrap_or_default());
        input.push(json!({"role": "user", "content": "!"}));
        answers(&request(Surface::Responses, &json!({"input": input}).to_string()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn an_answer_sent_back_is_the_answer(pieces in pieces(), size in 1..6usize) {
            let output = Value::from(pieces.iter().map(item).collect::<Vec<_>>());
            let answer = json!({"id": "r", "status": "completed", "error": null, "output": output});
            let whole = reply(Surface::Responses, false, &answer.to_string());
            prop_assert!(whole.complete);
            for output in [&output, &json!([])] {
                let in_stream = reply(Surface::Responses, true, &streamed(&pieces, size, output));
                prop_assert!(in_stream.complete);
                prop_assert_eq!(&in_stream.choices, &whole.choices);
            }
            // An answer of reasoning alone leaves no message behind in the input.
            let spoken = pieces.iter().any(|piece| !matches!(piece, Piece::Thought(_)));
            let expected = if spoken { whole.choices } else { Vec::new() };
            prop_assert_eq!(sent_back(&output), expected);
        }
    }
}
