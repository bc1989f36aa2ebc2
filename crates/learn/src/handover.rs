//! Handing a release to other trainers: one JSON object a line, `{"messages": [{"role", "content"}, …]}`.
//!
//! Both shapes are conversations; they differ in what they allow. Rows that a shape cannot hold are left out and
//! counted, never bent.

use std::io::{self, Write};

use candor_conversation::Message;
use serde_json::{Value, json};

use crate::load::Corpus;

/// For whom the lines are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Hugging Face TRL, its conversational language-modelling data: every row as it is.
    Trl,
    /// OpenAI fine-tuning: each row up to its last answer; none with the result of a tool, which there needs the
    /// number of the call; none without a question before the answer.
    OpenAi,
}

/// Fewest examples that OpenAI's fine-tuning takes.
pub const OPENAI_EXAMPLES_MIN: u64 = 10;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Written {
    /// Lines.
    pub rows: u64,
    /// Rows that the shape cannot hold.
    pub left_out: u64,
    /// Turns after the last answer of rows that were written.
    pub turns_cut: u64,
}

/// Writes the rows of a release, one line each.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_lines(corpus: &Corpus, format: Format, out: &mut dyn Write) -> io::Result<Written> {
    let mut written = Written::default();
    for row in &corpus.rows {
        let kept = match format {
            Format::Trl => Some(&row.messages[..]),
            Format::OpenAi => openai(&row.messages),
        };
        let Some(kept) = kept else {
            written.left_out += 1;
            continue;
        };
        let message = |message: &Message| json!({ "role": message.role, "content": message.content });
        let messages: Vec<Value> = kept.iter().map(message).collect();
        serde_json::to_writer(&mut *out, &json!({ "messages": messages }))?;
        out.write_all(b"\n")?;
        written.rows += 1;
        written.turns_cut += (row.messages.len() - kept.len()) as u64;
    }
    out.flush()?;
    Ok(written)
}

fn openai(messages: &[Message]) -> Option<&[Message]> {
    let answers = |message: &Message| message.role == "assistant" && !message.content.is_empty();
    let kept = &messages[..=messages.iter().rposition(answers)?];
    let asked = kept.iter().any(|message| message.role == "user");
    let tools = kept.iter().any(|message| message.role == "tool");
    (asked && !tools).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(role: &str, content: &str) -> Message {
        Message { role: role.into(), content: content.into() }
    }

    fn turns(roles: &str) -> Vec<Message> {
        let role = |letter| match letter {
            's' => "system",
            'u' => "user",
            'a' => "assistant",
            _ => "tool",
        };
        roles.chars().map(|letter| message(role(letter), "said")).collect()
    }

    #[test]
    fn an_openai_example_ends_with_an_answer_to_a_question_and_has_no_tool_in_it() {
        let cases = [
            ("sua", Some(3)),
            ("uau", Some(2)),
            ("uaua", Some(4)),
            ("u", None),
            ("sa", None),
            ("uta", None),
            ("uat", Some(2)),
            ("", None),
        ];
        for (roles, kept) in cases {
            assert_eq!(openai(&turns(roles)).map(<[Message]>::len), kept, "{roles}");
        }
        let silent = [message("user", "said"), message("assistant", "")];
        assert!(openai(&silent).is_none());
    }
}
