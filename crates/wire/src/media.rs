//! Files, images and recordings in messages: their bytes where the message holds them, else where they are.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use candor_conversation::{Attachment, File, Held};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::scalar::Scalar;

/// As lenient as the providers are: with padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Longest media type or format that is believed, in bytes.
const MEDIA_TYPE_BYTES_MAX: usize = 127;

/// Whether files in a body are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Files {
    /// It is told that there is one, and no more: decoding takes time that a relay does not have.
    Passed,
    /// Their bytes are decoded.
    Read,
}

/// The fields in which the providers put a file, or say where it is.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Places<'a> {
    #[serde(borrow, rename = "type")]
    kind: Scalar<'a>,
    /// An address; in a `data:` address the bytes.
    #[serde(borrow)]
    url: Scalar<'a>,
    /// The bytes in base64, or plain text.
    #[serde(borrow)]
    data: Scalar<'a>,
    #[serde(borrow)]
    media_type: Scalar<'a>,
    /// Such as `wav`, of a recording.
    #[serde(borrow)]
    format: Scalar<'a>,
    /// The bytes in base64 or in a `data:` address.
    #[serde(borrow)]
    file_data: Scalar<'a>,
    #[serde(borrow)]
    file_url: Scalar<'a>,
    #[serde(borrow)]
    file_id: Scalar<'a>,
    #[serde(borrow)]
    filename: Scalar<'a>,
}

impl<'a> Places<'a> {
    /// What a field holds that is an address or an object.
    pub(crate) fn of(field: &'a RawValue) -> Self {
        let json = field.get();
        if json.starts_with('"') {
            let url = serde_json::from_str(json).unwrap_or_default();
            return Self { url, ..Self::default() };
        }
        serde_json::from_str(json).unwrap_or_default()
    }

    /// The attachment that these fields describe.
    pub(crate) fn attachment(&self, kind: &str) -> Attachment {
        let (media_type, held) = self.held();
        let told = self.media_type.text().map(Cow::Borrowed).or_else(|| self.media_type_of_format());
        let media_type = told.or(media_type.map(Cow::Borrowed)).filter(|kind| is_media_type(kind));
        let name = self.filename.text().filter(|name| !name.is_empty());
        Attachment {
            kind: kind.to_owned(),
            media_type: media_type.map(Cow::into_owned),
            name: name.map(str::to_owned),
            held,
        }
    }

    /// The bytes, else where they are; with the media type that their address tells.
    fn held(&self) -> (Option<&str>, Held) {
        let places = [&self.data, &self.file_data, &self.url, &self.file_url];
        for place in places.into_iter().filter_map(Scalar::text) {
            if let Some((media_type, payload)) = in_address(place) {
                return (Some(media_type), decoded(payload));
            }
        }
        if self.kind.text() == Some("text") {
            let bytes = self.data.text().unwrap_or_default().as_bytes();
            return (Some("text/plain"), held(bytes.to_vec()));
        }
        if let Some(payload) = self.data.text().or_else(|| self.file_data.text()) {
            return (None, decoded(payload));
        }
        let references = [&self.url, &self.file_url, &self.file_id];
        let reference = references.into_iter().filter_map(Scalar::text).find(|text| !text.is_empty());
        // A `data:` address that is not in base64 is no place to look at.
        let reference = reference.filter(|text| !text.starts_with("data:"));
        (None, reference.map_or(Held::Nothing, |reference| Held::Reference(reference.to_owned())))
    }

    fn media_type_of_format(&self) -> Option<Cow<'_, str>> {
        let format = self.format.text().filter(|_| self.data.text().is_some())?;
        Some(if format == "mp3" { "audio/mpeg".into() } else { format!("audio/{format}").into() })
    }

    /// The same with the fields that stand beside it.
    pub(crate) fn or(self, beside: [Scalar<'a>; 4]) -> Self {
        let [file_data, file_url, file_id, filename] = beside;
        let first = |one: Scalar<'a>, other| if one.text().is_some() { one } else { other };
        Self {
            file_data: first(self.file_data, file_data),
            file_url: first(self.file_url, file_url),
            file_id: first(self.file_id, file_id),
            filename: first(self.filename, filename),
            ..self
        }
    }
}

/// Media type and payload of a `data:` address in base64 (RFC 2397), if it is one.
fn in_address(text: &str) -> Option<(&str, &str)> {
    let (head, payload) = text.strip_prefix("data:")?.split_once(";base64,")?;
    Some((head.split(';').next().unwrap_or_default(), payload))
}

fn decoded(payload: &str) -> Held {
    BASE64.decode(payload).map_or(Held::Nothing, held)
}

fn held(bytes: Vec<u8>) -> Held {
    if bytes.is_empty() { Held::Nothing } else { Held::File(File::new(bytes)) }
}

fn is_media_type(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_graphic();
    text.len() <= MEDIA_TYPE_BYTES_MAX && text.contains('/') && text.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Attachment {
        Places::of(&serde_json::from_str::<Box<RawValue>>(json).unwrap()).attachment("file")
    }

    #[test]
    fn the_same_bytes_are_one_file_wherever_they_stand() {
        for (json, media_type, name) in [
            (r#""data:image/png;base64,YWJj""#, Some("image/png"), None),
            (r#"{"url":"data:image/png;base64,YWJj","detail":"low"}"#, Some("image/png"), None),
            (r#"{"type":"base64","media_type":"image/png","data":"YWJj"}"#, Some("image/png"), None),
            (r#"{"type":"text","media_type":"text/plain","data":"abc"}"#, Some("text/plain"), None),
            (r#"{"type":"text","data":"abc"}"#, Some("text/plain"), None),
            (
                r#"{"file_data":"data:application/pdf;name=b;base64,YWJj","filename":"a.pdf"}"#,
                Some("application/pdf"),
                Some("a.pdf"),
            ),
            (r#"{"file_data":"YWJj","filename":"a.pdf"}"#, None, Some("a.pdf")),
            (r#"{"data":"YWJj","format":"wav"}"#, Some("audio/wav"), None),
            (r#"{"data":"YWJj","format":"mp3"}"#, Some("audio/mpeg"), None),
            (r#""data:image\/png;base64,YWJj""#, Some("image/png"), None),
            (r#"{"data":"YWJj","media_type":"no type"}"#, None, None),
        ] {
            let found = of(json);
            assert_eq!((found.media_type.as_deref(), found.name.as_deref()), (media_type, name), "{json}");
            assert_eq!(found.file().unwrap().bytes(), Some(&b"abc"[..]), "{json}");
        }
    }

    #[test]
    fn what_is_elsewhere_is_a_reference() {
        for (json, reference) in [
            (r#""https://example.org/a.png""#, "https://example.org/a.png"),
            (r#"{"type":"url","url":"https://example.org/a.png"}"#, "https://example.org/a.png"),
            (r#"{"file_id":"file-1"}"#, "file-1"),
            (r#"{"file_url":"https://example.org/a.pdf","filename":"a.pdf"}"#, "https://example.org/a.pdf"),
        ] {
            assert!(matches!(of(json).held, Held::Reference(found) if found == reference), "{json}");
        }
    }

    #[test]
    fn of_what_is_no_file_only_the_kind_is_told() {
        for json in [
            r#""data:text/plain,abc""#,
            r#""""#,
            "17",
            "null",
            "[]",
            r#"{"data":5}"#,
            r#"{"data":"?"}"#,
            r#"{"data":""}"#,
            r#"{"data":"YWJj","data":"YWJk"}"#,
            r#"{"type":"content","content":[]}"#,
        ] {
            assert!(of(json) == Attachment::of_kind("file"), "{json}");
        }
    }
}
