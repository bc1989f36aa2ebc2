//! JSON lines: the strings of some fields are rewritten, all else keeps its bytes.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::failure::WrongInput;

/// The fields that are searched where none are named.
const FIELDS: [&str; 2] = ["text", "messages"];
/// Keys inside a searched field whose strings say what a part is, not what somebody said.
const KEYS_OF_FORM: [&str; 5] = ["role", "type", "id", "from", "tool_call_id"];
/// How deep a field is followed.
const DEPTH_MAX: usize = 64;

/// The keys and values of an object in their order; a value is the bytes that stood there.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

/// An object of JSON lines.
pub(super) struct Record<'a> {
    fields: Fields<'a>,
    searched: Vec<String>,
    /// What followed it: the end of its line, if it had one.
    end: &'a str,
}

/// A string that is searched.
struct Searched<'a> {
    /// Where it stands: `messages[0].content`.
    path: &'a str,
    text: &'a str,
}

/// Gives what shall stand in place of a string; `None` leaves it.
type Rewrite<'f> = dyn FnMut(&Searched<'_>) -> anyhow::Result<Option<String>> + 'f;

impl<'a> Record<'a> {
    /// Reads one line; it must have at least one of the fields.
    pub(super) fn read(line: &'a str, fields: &[String]) -> anyhow::Result<Self> {
        // The error's own words might quote the text.
        let wrong =
            |error: serde_json::Error| WrongInput(format!("not a JSON object, at column {}", error.column()));
        let record: Fields<'a> = serde_json::from_str(line).map_err(wrong)?;
        let wanted: Vec<String> = match fields {
            [] => FIELDS.map(str::to_owned).to_vec(),
            _ => fields.to_vec(),
        };
        if !record.0.iter().any(|(key, _)| wanted.contains(key)) {
            let text =
                format!("no field `{}`\nhint: name the field to search with --field", wanted.join("` or `"));
            return Err(WrongInput(text).into());
        }
        let end = &line[line.trim_end_matches(['\r', '\n']).len()..];
        Ok(Self { fields: record, searched: wanted, end })
    }

    /// Whether what is searched is one string at the top.
    pub(super) fn is_plain(&self) -> bool {
        let mut searched = self.fields.0.iter().filter(|(key, _)| self.searched.contains(key));
        let first = searched.next();
        first.is_some_and(|(_, value)| value.get().starts_with('"')) && searched.next().is_none()
    }

    /// What is searched: where each string stands, and the string.
    pub(super) fn texts(&self) -> anyhow::Result<Vec<(String, String)>> {
        let mut texts = Vec::new();
        self.each_text(&mut |searched: &Searched<'_>| {
            texts.push((searched.path.to_owned(), searched.text.to_owned()));
            Ok(None)
        })?;
        Ok(texts)
    }

    /// The line with each searched string replaced by the next of these.
    pub(super) fn with_texts(&self, texts: impl IntoIterator<Item = String>) -> anyhow::Result<String> {
        let mut texts = texts.into_iter();
        self.each_text(&mut |_| Ok(texts.next()))
    }

    /// The value of the field `id`.
    pub(super) fn id(&self) -> Option<Value> {
        let (_, id) = self.fields.0.iter().find(|(key, _)| key == "id")?;
        serde_json::from_str(id.get()).ok()
    }

    /// The line with each searched string rewritten.
    fn each_text(&self, rewrite: &mut Rewrite<'_>) -> anyhow::Result<String> {
        let mut out = String::new();
        write_object(&self.fields, &mut out, &mut |key, value, out| {
            if self.searched.iter().any(|field| field == key) {
                return write_searched(value.get(), key, 0, out, rewrite);
            }
            out.push_str(value.get());
            Ok(())
        })?;
        out.push_str(self.end);
        Ok(out)
    }
}

/// Writes a value below a searched field, whose strings are all searched but those that tell its form.
fn write_searched(
    raw: &str,
    path: &str,
    depth: usize,
    out: &mut String,
    rewrite: &mut Rewrite<'_>,
) -> anyhow::Result<()> {
    if depth > DEPTH_MAX {
        return Err(WrongInput(format!("{path} is nested deeper than {DEPTH_MAX}")).into());
    }
    match raw.as_bytes().first() {
        Some(b'"') => {
            let text: String = serde_json::from_str(raw)?;
            match rewrite(&Searched { path, text: &text })? {
                Some(rewritten) if rewritten != text => out.push_str(&serde_json::to_string(&rewritten)?),
                _ => out.push_str(raw),
            }
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(raw)?;
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                write_searched(item.get(), &format!("{path}[{at}]"), depth + 1, out, rewrite)?;
            }
            out.push(']');
        }
        Some(b'{') => {
            let fields: Fields<'_> = serde_json::from_str(raw)?;
            write_object(&fields, out, &mut |key, value, out| {
                if KEYS_OF_FORM.contains(&key) {
                    out.push_str(value.get());
                    return Ok(());
                }
                write_searched(value.get(), &format!("{path}.{key}"), depth + 1, out, rewrite)
            })?;
        }
        _ => out.push_str(raw),
    }
    Ok(())
}

fn write_object(
    fields: &Fields<'_>,
    out: &mut String,
    write: &mut dyn FnMut(&str, &RawValue, &mut String) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    out.push('{');
    for (at, (key, value)) in fields.0.iter().enumerate() {
        out.push_str(if at > 0 { "," } else { "" });
        out.push_str(&serde_json::to_string(key)?);
        out.push(':');
        write(key, value, out)?;
    }
    out.push('}');
    Ok(())
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(line: &str, fields: &[&str]) -> anyhow::Result<String> {
        let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
        let upper = |searched: &Searched<'_>| Ok(Some(format!("<{}:{}>", searched.path, searched.text)));
        Record::read(line, &fields)?.each_text(&mut { upper })
    }

    #[test]
    fn only_the_searched_fields_change_and_numbers_keep_their_digits() {
        let line = "{\"z\": 1.50, \"text\":\"a\\nb\",\"a\":{\"text\" : \"c\"}}\n";
        let wanted = "{\"z\":1.50,\"text\":\"<text:a\\nb>\",\"a\":{\"text\" : \"c\"}}\n";
        assert_eq!(rewritten(line, &[]).unwrap(), wanted);
        assert_eq!(rewritten("{\"q\":[\"x\",2]}", &["q"]).unwrap(), "{\"q\":[\"<q[0]:x>\",2]}");
    }

    #[test]
    fn all_strings_of_messages_are_searched_but_those_of_their_form() {
        let line = r#"{"messages":[{"role":"user","content":[{"type":"text","text":"a"}],"name":"b"}]}"#;
        let wanted = r#"{"messages":[{"role":"user","content":[{"type":"text","text":"<messages[0].content[0].text:a>"}],"name":"<messages[0].name:b>"}]}"#;
        assert_eq!(rewritten(line, &[]).unwrap(), wanted);
    }

    #[test]
    fn a_line_without_anything_to_search_is_refused() {
        for line in ["{\"q\":\"x\"}", "[1]", "{", "7"] {
            assert!(rewritten(line, &[]).is_err(), "{line}");
        }
        let deep = format!("{{\"text\":{}1{}}}", "[".repeat(99), "]".repeat(99));
        assert!(rewritten(&deep, &[]).is_err());
    }
}
