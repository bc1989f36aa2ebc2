//! Bodies that nobody should send. With many cases, these stand in for a fuzz target.

use candor_wire::reply::ReplyReader;
use candor_wire::request::read_request;
use candor_wire::surface::Surface;
use proptest::prelude::*;

use crate::support::{cuts, pieces};

const SURFACES: [Surface; 8] = [
    Surface::Chat,
    Surface::Responses,
    Surface::Messages,
    Surface::Completions,
    Surface::Embeddings,
    Surface::CountTokens,
    Surface::Models,
    Surface::Other,
];

const BODIES: [&str; 8] = [
    r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"{}"}}]}],"store":false}"#,
    r#"{"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"text","text":"a"}]}]},{"role":"assistant","content":[{"type":"tool_use","name":"f","input":{"a":1.0}}]}]}"#,
    r#"{"input":[{"role":"user","content":"a"},{"type":"function_call","name":"f","arguments":"{}"},{"type":"function_call_output","output":"x"}],"instructions":"i","conversation":{"id":"c"}}"#,
    r#"{"id":"a","choices":[{"index":0,"delta":{"content":"x","tool_calls":[{"index":0,"id":"i","function":{"name":"n","arguments":"1"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}"#,
    r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","name":"f","input":{}}}"#,
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}"#,
    r#"{"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"a"}]}}"#,
    r#"{"type":"response.completed","response":{"status":"completed","output":[{"type":"computer_call","action":{"x":1}}]}}"#,
];

fn read_all(bytes: &[u8], cuts: &[usize]) {
    for surface in SURFACES {
        let _ = read_request(surface, bytes);
        for streaming in [true, false] {
            let mut reader = ReplyReader::new(surface, streaming, 4096);
            pieces(bytes, cuts).for_each(|piece| reader.push(piece));
            let reply = reader.finish(cuts.len().is_multiple_of(2));
            assert!(!(reply.complete && (reply.failed || reply.over_limit)));
        }
    }
}

/// A body with some bytes replaced, doubled or cut out, and some of it in events.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let change = (
        any::<usize>(),
        prop_oneof![proptest::sample::select(b"{}[]\",:\\0-e\n\r ".as_slice()).prop_map(Some), Just(None),],
    );
    let bodies = proptest::collection::vec(0..BODIES.len(), 1..4);
    (bodies, proptest::collection::vec(change, 0..4), any::<bool>()).prop_map(|(bodies, changes, events)| {
        let event = |body: usize| format!("data: {}\n\n", BODIES[body]);
        let text =
            if events { bodies.into_iter().map(event).collect() } else { BODIES[bodies[0]].to_owned() };
        let mut bytes = text.into_bytes();
        for (at, byte) in changes {
            let at = at % bytes.len();
            match byte {
                Some(byte) => bytes[at] = byte,
                None => drop(bytes.remove(at)),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200), cuts in cuts()) {
        read_all(&bytes, &cuts);
    }

    #[test]
    fn mutated_bodies_are_survived(bytes in mutated(), cuts in cuts()) {
        read_all(&bytes, &cuts);
    }
}

#[test]
fn deep_nesting_is_survived() {
    for open in ["[", "{\"a\":", "{\"content\":[", "{\"type\":\"tool_use\",\"input\":{\"a\":["] {
        let body = format!(r#"{{"messages":[{{"role":"assistant","content":{}"#, open.repeat(50_000));
        read_all(body.as_bytes(), &[]);
        read_all(format!("data: {body}\n\n").as_bytes(), &[]);
    }
}

type Flood = (Surface, fn(usize) -> String);

/// The most memory that a stream can make the reader hold, told by what it takes before it gives up.
#[test]
fn a_flood_of_empty_things_meets_the_limit() {
    let floods: [Flood; 3] = [
        (Surface::Chat, |at| format!(r#"{{"choices":[{{"index":{at},"delta":{{}}}}]}}"#)),
        (Surface::Messages, |at| {
            format!(
                r#"{{"type":"content_block_start","index":{at},"content_block":{{"type":"text","text":""}}}}"#
            )
        }),
        (Surface::Responses, |at| {
            format!(
                r#"{{"type":"response.output_text.delta","output_index":0,"content_index":{at},"delta":""}}"#
            )
        }),
    ];
    for (surface, event) in floods {
        let mut reader = ReplyReader::new(surface, true, 64 << 10);
        for at in 0..2_000 {
            reader.push(format!("data: {}\n\n", event(at)).as_bytes());
        }
        assert!(reader.finish(true).over_limit, "{surface:?}");
    }
}
