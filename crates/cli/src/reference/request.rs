//! A chat completion as OpenAI's clients ask for it.

use candor_conversation::Message;
use serde::Deserialize;
use serde_json::Value;

/// Most messages of a request.
const MESSAGES_MAX: usize = 1_000;
/// Most strings that end an answer, as OpenAI has it.
const STOPS_MAX: usize = 4;
/// Tokens of an answer unless the request says otherwise; a model never says more than half of what it sees at once.
const TOKENS: usize = 96;

/// The body, as far as it is heeded. What is not known is ignored, as clients send what other models understand.
#[derive(Deserialize)]
pub(crate) struct Body {
    pub(crate) model: String,
    messages: Vec<Said>,
    #[serde(default)]
    pub(crate) stream: bool,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
    #[serde(default)]
    temperature: Option<f32>,
    #[serde(default)]
    seed: Option<i64>,
    #[serde(default)]
    max_tokens: Option<usize>,
    #[serde(default)]
    max_completion_tokens: Option<usize>,
    #[serde(default)]
    stop: Option<Stop>,
    #[serde(default)]
    n: Option<u32>,
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

#[derive(Deserialize)]
struct Said {
    role: String,
    #[serde(default)]
    content: Value,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Stop {
    One(String),
    Several(Vec<String>),
}

/// A request that can be answered.
pub(crate) struct Ask {
    pub(crate) messages: Vec<Message>,
    pub(crate) temperature: f32,
    pub(crate) seed: u64,
    pub(crate) tokens_max: usize,
    /// The same for an answer of the release: all of it, unless the request says otherwise.
    pub(crate) words_max: usize,
    pub(crate) stops: Vec<String>,
    pub(crate) wants_usage: bool,
}

/// What is wrong with a request: the field, and in words.
pub(crate) type Wrong = (&'static str, &'static str);

impl Body {
    /// Checks what is asked.
    pub(crate) fn ask(&self) -> Result<Ask, Wrong> {
        if self.n.is_some_and(|n| n != 1) {
            return Err(("n", "there is one answer to a request"));
        }
        if self.messages.is_empty() || self.messages.len() > MESSAGES_MAX {
            return Err(("messages", "there must be 1 to 1,000 messages"));
        }
        let temperature = self.temperature.unwrap_or(1.0);
        if !(0.0..=2.0).contains(&temperature) {
            return Err(("temperature", "it must be from 0 to 2"));
        }
        let stops = match &self.stop {
            None => Vec::new(),
            Some(Stop::One(stop)) => vec![stop.clone()],
            Some(Stop::Several(stops)) => stops.clone(),
        };
        if stops.len() > STOPS_MAX || stops.iter().any(String::is_empty) {
            return Err(("stop", "there may be up to 4, none of them empty"));
        }
        let most = self.max_completion_tokens.or(self.max_tokens);
        if most == Some(0) {
            return Err(("max_tokens", "it must be 1 or more"));
        }
        Ok(Ask {
            messages: self.messages.iter().map(Said::message).collect::<Result<_, _>>()?,
            temperature,
            seed: self.seed.unwrap_or(0).cast_unsigned(),
            tokens_max: most.unwrap_or(TOKENS),
            words_max: most.unwrap_or(usize::MAX),
            stops,
            wants_usage: self.stream_options.as_ref().is_some_and(|options| options.include_usage),
        })
    }
}

impl Said {
    fn message(&self) -> Result<Message, Wrong> {
        let role = match self.role.as_str() {
            "developer" | "system" => "system",
            "function" | "tool" => "tool",
            "user" => "user",
            "assistant" => "assistant",
            _ => return Err(("messages", "a role is developer, system, user, assistant or tool")),
        };
        let content = match &self.content {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            Value::Array(parts) => {
                let texts: Vec<&str> = parts.iter().filter_map(|part| part.get("text")?.as_str()).collect();
                texts.join("\n")
            }
            _ => return Err(("messages", "content is text, or a list of parts")),
        };
        Ok(Message { role: role.into(), content })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(extra: &str) -> Result<Ask, Wrong> {
        let body = format!(r#"{{"model":"m","messages":[{{"role":"user","content":"hi"}}]{extra}}}"#);
        serde_json::from_str::<Body>(&body).unwrap().ask()
    }

    #[test]
    fn parts_are_read_as_their_text_and_what_is_unknown_is_ignored() {
        let body = r#"{"model":"m","x":1,"messages":[{"role":"developer","content":[{"type":"text","text":"a"},
            {"type":"image_url","image_url":{}},{"type":"text","text":"b"}]}]}"#;
        let ask = serde_json::from_str::<Body>(body).unwrap().ask().unwrap();
        assert_eq!((ask.messages[0].role.as_str(), ask.messages[0].content.as_str()), ("system", "a\nb"));
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_name_of_its_field() {
        for (extra, field) in [
            (r#","n":2"#, "n"),
            (r#","temperature":2.5"#, "temperature"),
            (r#","stop":["a","b","c","d","e"]"#, "stop"),
            (r#","stop":"""#, "stop"),
            (r#","max_tokens":0"#, "max_tokens"),
        ] {
            assert_eq!(ask(extra).err().unwrap().0, field, "{extra}");
        }
        assert_eq!(ask(r#","stop":"x","max_completion_tokens":7"#).unwrap().tokens_max, 7);
    }
}
