//! Files, images and recordings in messages: told apart by the SHA-256 of their bytes, which are not held.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// As lenient as the providers are: with padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The places in which the providers put a file's bytes, all in base64 or in a `data:` address.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Places<'a> {
    #[serde(borrow)]
    url: Option<Cow<'a, str>>,
    #[serde(borrow)]
    data: Option<Cow<'a, str>>,
    #[serde(borrow)]
    file_data: Option<Cow<'a, str>>,
}

/// The digest of the file that a field holds, in hexadecimal; `None` where the bytes are elsewhere: behind an address
/// or an id.
pub(crate) fn digest(field: &RawValue) -> Option<String> {
    let json = field.get();
    if json.starts_with('"') {
        return digest_of(in_address(&serde_json::from_str::<Cow<'_, str>>(json).ok()?)?);
    }
    let Places { url, data, file_data } = serde_json::from_str(json).ok()?;
    let bare = data.as_deref().map(|data| in_address(data).unwrap_or(data));
    let payload = bare.or_else(|| [&file_data, &url].into_iter().flatten().find_map(|text| in_address(text)));
    digest_of(payload?)
}

/// What a `data:` address holds (RFC 2397), if it is one.
fn in_address(text: &str) -> Option<&str> {
    Some(text.strip_prefix("data:")?.split_once(";base64,")?.1)
}

fn digest_of(payload: &str) -> Option<String> {
    let bytes = BASE64.decode(payload).ok().filter(|bytes| !bytes.is_empty())?;
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    Some(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Option<String> {
        digest(&serde_json::from_str::<Box<RawValue>>(json).unwrap())
    }

    #[test]
    fn the_same_bytes_have_one_digest_wherever_they_stand() {
        // SHA-256 of the three bytes `abc`, FIPS 180-4.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for json in [
            r#""data:image/png;base64,YWJj""#,
            r#"{"url":"data:image/png;base64,YWJj","detail":"low"}"#,
            r#"{"type":"base64","media_type":"image/png","data":"YWJj"}"#,
            r#"{"file_data":"data:application/pdf;base64,YWJj","filename":"a.pdf"}"#,
        ] {
            assert_eq!(of(json).as_deref(), Some(abc), "{json}");
        }
    }

    #[test]
    fn what_is_elsewhere_or_no_file_has_none() {
        for json in [
            r#""https://example.org/a.png""#,
            r#""abcd""#,
            r#"{"url":"https://example.org/a.png"}"#,
            r#"{"file_id":"file-1"}"#,
            r#""data:text/plain,abc""#,
            r#""""#,
            "17",
            "null",
            "[]",
            r#"{"data":5}"#,
        ] {
            assert_eq!(of(json), None, "{json}");
        }
    }
}
