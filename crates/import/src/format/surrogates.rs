//! Escapes of half a character: `\ud83d` without its other half.

/// Bytes of an escape such as `\ud83d`.
const ESCAPE_BYTES: usize = 6;

/// The JSON text with every lone surrogate replaced by U+FFFD; `None` if there is none.
pub(super) fn mended(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = text.get(at..)?.find('\\') {
        let escape = at + found;
        let bytes = &text.as_bytes()[escape..];
        at = match (unit(bytes), bytes.get(ESCAPE_BYTES..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => escape + 2 * ESCAPE_BYTES,
            (Some(0xD800..=0xDFFF), _) => {
                out.push_str(&text[copied..escape]);
                out.push_str("\\ufffd");
                copied = escape + ESCAPE_BYTES;
                copied
            }
            (Some(_), _) => escape + ESCAPE_BYTES,
            // The character after the backslash, whatever it is: two backslashes escape nothing after them.
            (None, _) => escape + 1 + text[escape + 1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    (copied > 0).then(|| out + &text[copied..])
}

/// The UTF-16 unit of the escape that the bytes begin with.
fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.first_chunk::<4>()?;
    // `from_str_radix` would take a sign.
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_halves_without_their_other_half_are_replaced() {
        for (text, expected) in [
            (r#""\ud83d""#, Some(r#""\ufffd""#)),
            (r#""\uDE00 end""#, Some(r#""\ufffd end""#)),
            (r#""\ud83d\ud83d\ude00""#, Some(r#""\ufffd\ud83d\ude00""#)),
            (r#""\ude00\ud83d""#, Some(r#""\ufffd\ufffd""#)),
            (r#""\ud83d\n""#, Some(r#""\ufffd\n""#)),
            (r#""\ud83d\ude00""#, None),
            (r#""\\ud83d""#, None),
            (r#""\\\ud83d""#, Some(r#""\\\ufffd""#)),
            (r#""\u+83d \ud8 \é""#, None),
            ("\\", None),
            ("", None),
        ] {
            assert_eq!(mended(text).as_deref(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_mended_reads_as_the_standard_says_lossy_text_reads(
            units in prop::collection::vec(
                prop_oneof![0x20..0x7F_u16, 0xD800..0xE000_u16, any::<u16>()], 0..40),
        ) {
            let escaped: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let quoted = format!("\"{escaped}\"");
            let text = mended(&quoted).unwrap_or(quoted);
            let read: String = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read, String::from_utf16_lossy(&units));
        }
    }
}
