//! What each format's records become.

use candor_conversation::{Attachment, Conversation, Part, Role};
use serde_json::{Value, json};

use crate::support::{read, read_bytes, record, records, row};

fn one(value: Value) -> Conversation {
    let outcome = read_bytes(value.to_string());
    assert_eq!(outcome.codes(), Vec::<&str>::new());
    let [conversation] = outcome.conversations()[..] else { panic!("not one conversation") };
    conversation.clone()
}

fn failure(value: Value) -> (String, &'static str) {
    let outcome = read_bytes(value.to_string());
    assert!(outcome.conversations().is_empty());
    (outcome.failures()[0].to_string(), outcome.codes()[0])
}

fn roles(conversation: &Conversation) -> Vec<&'static str> {
    conversation.turns().iter().map(|turn| turn.role.as_str()).collect()
}

#[test]
fn a_record_of_messages_keeps_roles_parts_calls_and_its_author_on_user_turns_only() {
    let conversation = one(json!({
        "id": "conversation-1", "user": "ada", "tenant": "acme", "tier": "business", "country": "de",
        "created": 1_700_000_000, "metadata": {"age_band": "18+"},
        "messages": [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:…"}},
                {"type": "input_audio", "input_audio": {}},
                {"type": "file", "file": {}}
            ]},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{\"at\":1}"}}
            ]},
            {"role": "tool", "tool_call_id": "c1", "content": "a lichen"},
            {"role": "assistant", "content": "A lichen.", "timestamp": "2024-01-01T00:00:00Z"}
        ]
    }));
    assert_eq!(conversation.source_id, "messages:conversation-1");
    assert_eq!(conversation.tenant.as_ref().unwrap().as_str(), "acme");
    assert_eq!(roles(&conversation), ["system", "user", "assistant", "tool", "assistant"]);
    let turns = conversation.turns();
    assert_eq!(turns[1].parts.len(), 4);
    assert_eq!(turns[2].parts, [Part::ToolCall { name: "look".into(), arguments: "{\"at\":1}".into() }]);
    let authors: Vec<_> = turns.iter().map(|turn| turn.author.as_deref()).collect();
    assert_eq!(authors, [None, Some("ada"), None, None, None]);
    assert_eq!(turns[1].tier.unwrap().as_str(), "business");
    assert_eq!(turns[1].region.as_ref().unwrap().as_str(), "DE");
    assert_eq!(turns[1].age.unwrap().years(), 18);
    assert_eq!(turns[4].at.unwrap().to_string(), "2024-01-01T00:00:00Z");
    assert_eq!(turns[0].at.unwrap().millis(), 1_700_000_000_000);
    assert_eq!(turns[3].parent, Some(2));
}

#[test]
fn a_message_can_name_its_own_author_and_opt_out() {
    let conversation = one(json!({"user": "ada", "messages": [
        {"role": "user", "content": "one", "user": "bob", "store": false},
        {"role": "user", "content": "two"}
    ]}));
    let turns = conversation.turns();
    assert_eq!((turns[0].author.as_deref(), turns[0].opted_out), (Some("bob"), true));
    assert_eq!((turns[1].author.as_deref(), turns[1].opted_out), (Some("ada"), false));
}

#[test]
fn a_record_that_asked_not_to_be_stored_opts_out_its_user_turns() {
    for record in [
        json!({"store": false, "messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]}),
        json!({"metadata": {"store": false}, "conversations": [{"from": "human", "value": "x"}, {"from": "gpt", "value": "y"}]}),
    ] {
        let out: Vec<bool> = one(record).turns().iter().map(|turn| turn.opted_out).collect();
        assert_eq!(out, [true, false]);
    }
}

#[test]
fn names_that_differ_are_people_and_the_records_author_is_not_put_on_their_words() {
    let messages = |first: &str, second: &str| {
        json!({"user": "ada", "messages": [
            {"role": "user", "name": first, "content": "x"}, {"role": "user", "name": second, "content": "y"}]})
    };
    let authors = |record: Value| {
        one(record).turns().iter().map(|turn| turn.author.clone().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(authors(messages("Bo", "Cy")), ["Bo", "Cy"]);
    assert_eq!(authors(messages("Bo", "Bo")), ["ada", "ada"]);
}

#[test]
fn a_field_that_is_not_understood_fails_its_record_alone() {
    let log = format!(
        "{}\n{}\n{}\n",
        record(1),
        json!({"tier": "gold", "messages": [{"role": "user", "content": "secret words"}]}),
        record(2)
    );
    let outcome = read_bytes(log);
    assert_eq!(outcome.conversations().len(), 2);
    let failure = outcome.failures()[0].to_string();
    assert!(failure.contains("element 2") && failure.contains("`tier`"), "{failure}");
    assert!(!failure.contains("secret") && !failure.contains("gold"), "{failure}");
}

#[test]
fn roles_and_contents_that_are_not_known_are_failures() {
    assert!(failure(json!({"messages": [{"role": "oracle", "content": "x"}]})).0.contains("`role`"));
    let mixed = json!({"messages": [{"role": "user", "content": "x"}, {"role": "user", "content": 3}]});
    assert_eq!(failure(mixed).1, "invalid-field");
    let strange =
        json!({"conversations": [{"from": "human", "value": "x"}, {"from": "oracle", "value": "y"}]});
    assert!(failure(strange).0.contains("`from`"));
}

#[test]
fn sharegpt_is_read_under_each_of_its_names() {
    for list in ["conversations", "items"] {
        let conversation = one(json!({"id": "QWJhYvA_0", "system": "Be kind.", list: [
            {"from": "human", "value": "hello"}, {"from": "gpt", "value": "hi"},
            {"from": "function_call", "value": "{\"name\": \"f\", \"arguments\": {\"a\": 1}}"},
            {"from": "observation", "value": "3"}
        ]}));
        assert_eq!(conversation.source_id, "sharegpt:QWJhYvA_0");
        assert_eq!(roles(&conversation), ["system", "user", "assistant", "assistant", "tool"]);
        assert!(matches!(&conversation.turns()[3].parts[0], Part::ToolCall { name, .. } if name == "f"));
    }
}

#[test]
fn a_record_without_an_id_is_named_by_its_content_and_not_by_its_spacing() {
    let log = concat!(
        r#"{"user":"a","messages":[{"role":"user","content":"x"}]}"#,
        "\n",
        r#"{ "messages": [ {"content": "x", "role": "user"} ], "user": "a" }"#,
        "\n",
        r#"{"user":"b","messages":[{"role":"user","content":"x"}]}"#,
        "\n",
        r#"{"id":0,"user":"b","messages":[{"role":"user","content":"x"}]}"#,
        "\n",
    );
    let outcome = read_bytes(log);
    let ids: Vec<&str> = outcome.conversations().iter().map(|c| c.source_id.as_str()).collect();
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    assert_ne!(ids[2], ids[3]);
    assert!(ids[3].starts_with("messages:sha256:"), "a row number is no id: {}", ids[3]);
}

#[test]
fn oasst_rows_become_trees_whose_every_turn_has_its_author() {
    let log =
        [row("t", "b", Some("a")), row("t", "a", None), row("t", "c", Some("a")), row("t", "d", Some("b"))];
    let outcome = read_bytes(log.concat());
    let [tree] = outcome.conversations()[..] else { panic!("not one tree") };
    assert_eq!(tree.source_id, "oasst:t");
    let ids: Vec<&str> = tree.turns().iter().map(|turn| turn.source_id.as_str()).collect();
    assert_eq!(ids[0], "a");
    assert_eq!(tree.paths().len(), 2);
    assert!(tree.turns().iter().all(|turn| turn.author == Some(format!("author-{}", turn.source_id))));
}

#[test]
fn rows_that_were_deleted_take_what_hangs_below_them() {
    let deleted = row("t", "b", Some("a")).replace("\"deleted\":false", "\"deleted\":true");
    let log = [row("t", "a", None), deleted, row("t", "c", Some("b")), row("t", "d", Some("a"))];
    let outcome = read_bytes(log.concat());
    assert_eq!(outcome.codes(), ["deleted-at-source", "deleted-at-source"]);
    assert_eq!(outcome.conversations()[0].turns().len(), 2);
}

#[test]
fn rows_without_their_parent_or_twice_there_are_failures_with_a_hint() {
    let log = [
        row("t", "a", None),
        row("t", "b", Some("nobody")),
        row("t", "a", None),
        row("t", "x", Some("y")),
        row("t", "y", Some("x")),
    ];
    let outcome = read_bytes(log.concat());
    assert_eq!(outcome.codes(), ["parent-missing", "repeated-turn", "parent-missing", "parent-missing"]);
    assert!(outcome.failures()[0].to_string().contains("hint: sort the rows"));
    assert_eq!(outcome.conversations()[0].turns().len(), 1);
}

fn node(id: &str, parent: Value, role: &str, text: &str) -> (String, Value) {
    let message = json!({"id": id, "author": {"role": role}, "create_time": 1_700_000_000.5, "weight": 0.0,
        "recipient": "all", "content": {"content_type": "text", "parts": [text]}});
    (id.to_owned(), json!({"id": id, "parent": parent, "message": message}))
}

fn chat(nodes: Vec<(String, Value)>) -> Value {
    let mapping: serde_json::Map<String, Value> = nodes.into_iter().collect();
    json!({"title": "t", "id": "outer", "conversation_id": "inner", "create_time": null, "mapping": mapping})
}

#[test]
fn a_chatgpt_tree_is_rebuilt_from_parents_with_all_its_branches() {
    let root = ("root".to_owned(), json!({"id": "root", "parent": null, "message": null}));
    let empty = node("hidden", json!("root"), "system", "");
    let nodes = vec![
        root,
        empty,
        node("q", json!("hidden"), "user", "first"),
        node("a1", json!("q"), "assistant", "one"),
        node("a2", json!("q"), "assistant", "two"),
    ];
    let conversation = one(chat(nodes));
    assert_eq!(conversation.source_id, "chatgpt:inner");
    assert_eq!(roles(&conversation), ["user", "assistant", "assistant"]);
    assert_eq!(conversation.paths().len(), 2);
    assert!(conversation.turns().iter().all(|turn| turn.author.is_none() && turn.at.is_some()));
}

#[test]
fn chatgpt_children_order_branches_and_stand_in_for_parents() {
    let mut nodes = vec![node("q", Value::Null, "user", "x"), node("a", json!("q"), "assistant", "late")];
    nodes.push(node("b", json!("q"), "assistant", "early"));
    nodes[0].1["children"] = json!(["b", "a"]);
    let with_parents = one(chat(nodes.clone()));
    for (_, node) in &mut nodes {
        node.as_object_mut().unwrap().remove("parent");
    }
    let without = one(chat(nodes));
    let ids = |c: &Conversation| c.turns().iter().map(|turn| turn.source_id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&with_parents), ["q", "b", "a"]);
    assert_eq!(ids(&without), ["q", "b", "a"]);
}

#[test]
fn a_chatgpt_cycle_fails_its_conversation() {
    let nodes = vec![node("a", json!("b"), "user", "x"), node("b", json!("a"), "user", "y")];
    assert_eq!(failure(chat(nodes)).1, "parent-cycle");
}

#[test]
fn chatgpt_tool_calls_attachments_and_custom_instructions_keep_their_kind() {
    let mut nodes = vec![node("p", Value::Null, "system", ""), node("q", json!("p"), "user", "look")];
    nodes.push(node("c", json!("q"), "assistant", "print(1)"));
    nodes[0].1["message"]["content"] = json!({"content_type": "user_editable_context", "user_profile": "I am a nurse.", "user_instructions": ""});
    nodes[1].1["message"]["content"] = json!({"content_type": "multimodal_text", "parts": [
        {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_1"}, "look"]});
    nodes[1].1["message"]["metadata"] =
        json!({"attachments": [{"mime_type": "application/pdf"}, {"mime_type": "image/png"}]});
    nodes[2].1["message"]["recipient"] = json!("python");
    let conversation = one(chat(nodes));
    let turns = conversation.turns();
    assert_eq!(turns[0].role, Role::User, "what a person says about themselves is theirs");
    let attachment = |kind: &str| Part::Attachment(Attachment::of_kind(kind));
    assert_eq!(turns[1].parts, [attachment("image"), Part::Text("look".into()), attachment("file")]);
    assert_eq!(turns[2].parts, [Part::ToolCall { name: "python".into(), arguments: "print(1)".into() }]);
}

#[test]
fn conversations_are_found_in_an_array_in_a_wrapping_object_alone_and_in_shards() {
    let chat = chat(vec![node("q", Value::Null, "user", "x")]);
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, value: Value| {
        std::fs::write(folder.path().join(name), serde_json::to_string_pretty(&value).unwrap()).unwrap();
    };
    write("conversations-000.json", json!([chat, chat]));
    write("conversations-001.json", json!({"version": 1, "conversations": [chat, chat], "more": [1]}));
    write("single.json", chat);
    write("user.json", json!({"id": "user-1", "email": "x@example.com"}));
    std::fs::write(folder.path().join("chat.html"), "<html><script>\n{\"a\":1}</script>").unwrap();
    std::fs::write(folder.path().join("image.png"), b"\x89PNG\r\n\x1a\n").unwrap();
    std::fs::write(folder.path().join("nothing.json"), b" \n").unwrap();
    let outcome = read(folder.path());
    assert_eq!(outcome.conversations().len(), 5);
    assert_eq!(outcome.codes(), Vec::<&str>::new());
    let ignored: Vec<(&str, &str)> =
        outcome.ignored.iter().map(|(name, why)| (name.as_str(), *why)).collect();
    assert_eq!(
        ignored,
        [
            ("chat.html", "not-json"),
            ("image.png", "not-json"),
            ("nothing.json", "empty"),
            ("user.json", "no-conversation")
        ]
    );
}

#[test]
fn values_in_no_known_format_are_failures_only_beside_conversations() {
    let log = format!("{{\"event\":1}}\n{{\"event\":2}}\n{}{{\"event\":3}}\n", records(1));
    let outcome = read_bytes(log);
    let elements: Vec<_> = outcome.failures().iter().map(|failure| failure.source.element).collect();
    assert_eq!(elements, [Some(1), Some(2), Some(4)]);
    assert!(outcome.codes().iter().all(|code| *code == "unknown-format"));
    assert!(outcome.ignored.is_empty());
}

#[test]
fn half_an_emoji_is_read_as_the_replacement_character_and_other_broken_escapes_fail() {
    let with = |prompt: &str| {
        let node = format!(
            r#"{{"id":"n","parent":null,"message":{{"id":"n","author":{{"role":"user"}},"create_time":1700000000,
            "content":{{"content_type":"text","parts":["{prompt}"]}}}}}}"#
        );
        read_bytes(format!(r#"[{{"id":"c","create_time":1700000000,"mapping":{{"n":{node}}}}}]"#))
    };
    for (prompt, expected) in
        [(r"cut \ud83d", "cut \u{FFFD}"), (r"\ude00 \ud83d\ude00 \\ud83d", "\u{FFFD} \u{1F600} \\ud83d")]
    {
        let outcome = with(prompt);
        assert_eq!(outcome.codes(), Vec::<&str>::new());
        assert_eq!(outcome.conversations()[0].turns()[0].parts, [Part::Text(expected.into())]);
    }
    for prompt in [r"\ud83d and \x", r"\ud83d and \u12"] {
        assert_eq!(with(prompt).codes(), ["invalid-json"], "{prompt}");
    }
}
