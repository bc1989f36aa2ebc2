//! The readable page of an export: no script, opens from disk, light and dark.

use serde_json::Value;

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>What is held of you</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; }
td, th { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top; }
section { border-top: 1px solid; margin-top: 1.5rem; }
.turn { margin: .8rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.turn b { display: block; }
</style>
</head>
<body>
<h1>What is held of you</h1>
"#;

/// The page for an export document.
pub fn export_page(export: &Value) -> String {
    let mut html = HEAD.to_owned();
    html += "<table>\n";
    for (name, key) in [
        ("Account", "subject"),
        ("Tenant", "tenant"),
        ("Tier", "tier"),
        ("Region", "region"),
        ("Age", "age"),
        ("Enrolled", "enrolled_at"),
    ] {
        html += &format!("<tr><th scope=\"row\">{name}</th><td>{}</td></tr>\n", text(export.get(key)));
    }
    html +=
        "</table>\n<h2>Your choices</h2>\n<table>\n<tr><th>From</th><th>Purpose</th><th>Choice</th></tr>\n";
    for choice in list(export, "choices") {
        html += &format!(
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            text(choice.get("effective_at")),
            text(choice.get("purpose")),
            text(choice.get("state"))
        );
    }
    html += "</table>\n<h2>Your conversations</h2>\n";
    for conversation in list(export, "conversations") {
        html += "<section>\n";
        for turn in list(conversation, "turns") {
            let who = if turn.get("yours") == Some(&Value::Bool(true)) {
                "You".into()
            } else {
                text(turn.get("role"))
            };
            let ends = if turn.get("complete") == Some(&Value::Bool(false)) { ", broke off" } else { "" };
            html += &format!(
                "<div class=\"turn\"><b>{who}, {}{ends}</b>{}{}</div>\n",
                text(turn.get("said_at")),
                text(turn.get("text")),
                list(turn, "attachments").iter().map(attachment).collect::<String>()
            );
        }
        html += "</section>\n";
    }
    html += "</body>\n</html>\n";
    html
}

/// A line about a file: a link to it, or why there is none.
fn attachment(attachment: &Value) -> String {
    let told = |key| attachment.get(key).filter(|value| !value.is_null());
    let name = text(told("name").or(told("kind")));
    match (told("file"), told("reference"), told("sha256")) {
        (Some(file), _, _) => format!("\n<a href=\"{}\">{name}</a>", text(Some(file))),
        (None, Some(reference), _) => format!("\n{name}, which was at {}", text(Some(reference))),
        (None, None, Some(digest)) => format!("\n{name}, not kept; SHA-256 {}", text(Some(digest))),
        (None, None, None) => format!("\n{name}, not kept"),
    }
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(value: Option<&Value>) -> String {
    let plain = match value {
        None | Some(Value::Null) => return "not known".into(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
