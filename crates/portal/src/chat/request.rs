//! What is asked of the model: a conversation as OpenAI's chat completions have it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use candor_consent::Purpose;
use candor_conversation::{Part, Role};
use candor_vault::{ConversationKey, OwnOpened, Policy, Subject};
use candor_wire::thread_name::{hex_of, named};
use serde_json::{Value, json};

use super::shelf::{By, Message};
use super::told::Told;
use crate::form::Upload;

/// The body of a request. Messages of no words, such as an answer that broke off before it began, are left out.
pub(super) fn body(messages: &[Message], model: &str) -> Value {
    let said = messages.iter().filter(|message| !message.text.is_empty() || message.file.is_some());
    let messages: Vec<Value> = said
        .map(|message| match (message.by, &message.file) {
            (By::Model, _) => json!({ "role": "assistant", "content": message.text }),
            (By::Person, None) => json!({ "role": "user", "content": message.text }),
            (By::Person, Some(file)) => json!({ "role": "user", "content": with_file(&message.text, file) }),
        })
        .collect();
    json!({ "model": model, "messages": messages, "stream": true })
}

fn with_file(text: &str, file: &Upload) -> Vec<Value> {
    let media_type = media_type(file);
    let url = format!("data:{media_type};base64,{}", STANDARD.encode(&file.bytes));
    let part = if media_type.starts_with("image/") {
        json!({ "type": "image_url", "image_url": { "url": url } })
    } else {
        json!({ "type": "file", "file": { "filename": file.name, "file_data": url } })
    };
    let text = (!text.is_empty()).then(|| json!({ "type": "text", "text": text }));
    text.into_iter().chain([part]).collect()
}

/// What a file is taken for. A browser's word for it goes into an address and must be no more than that.
pub(super) fn media_type(file: &Upload) -> &str {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+-_".contains(&byte))
    };
    let named = file.media_type.as_deref().map(|named| named.split(';').next().unwrap_or_default().trim());
    let fits = |named: &&str| named.split_once('/').is_some_and(|(kind, of)| is_word(kind) && is_word(of));
    named.filter(fits).unwrap_or("application/octet-stream")
}

/// How many conversations that begin with the same words have names of their own.
const NAMES: u16 = 4096;

/// A name for a new conversation: made from how it begins and a little chance, so that it can be found again from what
/// the vault holds, which is not its name.
pub(super) fn name(first: &str, chance: [u8; 2]) -> String {
    numbered(&hex_of(first.as_bytes()), u16::from_le_bytes(chance) % NAMES)
}

fn numbered(hashed: &str, number: u16) -> String {
    format!("{hashed}-{number}")
}

/// The key of a conversation that has a name here.
pub(super) fn key(policy: &Policy, subject: &Subject, name: &str) -> ConversationKey {
    policy.conversation_key(&subject.tenant, &named(subject.id, name))
}

/// A kept conversation as it can be gone on with: its name, and what was said.
///
/// None where it was begun elsewhere, or where something of it is not kept, such as a file or an answer: going on would
/// be another conversation.
pub(super) fn resumed(
    opened: &OwnOpened,
    policy: &Policy,
    subject: &Subject,
) -> Option<(String, Vec<Message>)> {
    let messages = opened.turns.iter().map(|own| {
        let [Part::Text(text)] = own.parts.as_slice() else { return None };
        let at = own.turn.said_at?;
        let bound: Vec<Purpose> = own.turn.bindings.iter().map(|binding| binding.purpose).collect();
        match (own.turn.role, own.turn.author.is_some()) {
            (Role::User, true) => {
                let told = Some(Told::kept_for(&bound));
                Some(Message { told, ..Message::of_person(text.clone(), at) })
            }
            (Role::Assistant, false) => Some(Message::of_model(text.clone(), at)),
            _ => None,
        }
    });
    let messages: Vec<Message> = messages.collect::<Option<_>>()?;
    let takes_turns =
        messages.iter().enumerate().all(|(at, message)| (message.by == By::Person) == (at % 2 == 0));
    if opened.joint_turns > 0 || !messages.len().is_multiple_of(2) || !takes_turns {
        return None;
    }
    let hashed = hex_of(messages.first()?.text.as_bytes());
    let name = (0..NAMES)
        .map(|number| numbered(&hashed, number))
        .find(|name| key(policy, subject, name) == opened.key)?;
    Some((name, messages))
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use candor_conversation::Timestamp;

    use super::*;

    fn upload(media_type: Option<&str>) -> Upload {
        Upload {
            name: "a".into(),
            media_type: media_type.map(str::to_owned),
            bytes: Bytes::from_static(b"\0\x01"),
        }
    }

    #[test]
    fn a_file_is_sent_as_the_formats_of_the_api_have_it() {
        let mut message = Message::of_person("look".into(), Timestamp::from_millis(0));
        message.file = Some(upload(Some("image/png")));
        let sent = body(&[message], "m");
        assert_eq!(sent["messages"][0]["content"][1]["image_url"]["url"], "data:image/png;base64,AAE=");
        let file = with_file("", &upload(Some("application/pdf")));
        assert_eq!(file[0]["file"]["file_data"], "data:application/pdf;base64,AAE=");
    }

    #[test]
    fn what_a_browser_calls_a_file_is_a_word_or_nothing() {
        assert_eq!(media_type(&upload(Some("text/plain; charset=utf-8"))), "text/plain");
        for named in [None, Some(""), Some("image/png,evil"), Some("a/b/c"), Some("image/")] {
            assert_eq!(media_type(&upload(named)), "application/octet-stream", "{named:?}");
        }
    }

    #[test]
    fn a_message_of_no_words_is_left_out() {
        let at = Timestamp::from_millis(0);
        let messages = [Message::of_person("hi".into(), at), Message::of_model(String::new(), at)];
        assert_eq!(body(&messages, "m")["messages"].as_array().unwrap().len(), 1);
    }
}
