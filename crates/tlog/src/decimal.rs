//! The one way these formats write a number: ASCII decimal, no sign, no leading zero.

/// Reads a number that [`u64`]'s `Display` would write the same way; `None` for anything else.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let digits_only = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = text.len() > 1 && text.starts_with('0');
    if !digits_only || leading_zero {
        return None;
    }
    text.parse().ok()
}
