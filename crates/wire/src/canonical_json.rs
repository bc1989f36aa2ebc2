//! One spelling for each JSON value, for values that clients decode and encode again on their way back.

use std::fmt::Write;

use serde_json::{Number, Value};

/// Whether members that are `null` count as absent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nulls {
    Keep,
    Drop,
}

/// The value without spaces, with members in order of their names and numbers in one spelling: `1.0` and `1e0`
/// are `1`, for a client in JavaScript sends back `1` where one in Python sends `1.0`. Of members with one name
/// the last counts. Text that is not JSON is given as it is.
pub(crate) fn canonical_json(text: &str, nulls: Nulls) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => {
            let mut out = String::with_capacity(text.len());
            write_value(&mut out, &value, nulls);
            out
        }
        Err(_) => text.to_owned(),
    }
}

/// No deeper than the parser goes, which refuses more than 128 levels.
fn write_value(out: &mut String, value: &Value, nulls: Nulls) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_text(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_value(out, item, nulls);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> =
                members.iter().filter(|(_, value)| nulls == Nulls::Keep || !value.is_null()).collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(out, name);
                out.push(':');
                write_value(out, value, nulls);
            }
            out.push('}');
        }
    }
}

/// Writing to a string does not fail, so what `write!` returns is not looked at.
fn write_number(out: &mut String, number: &Number) {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT_MAX => {
            // Whole and in range, so the cast loses nothing but the sign of zero.
            let _ = write!(out, "{}", float as i64);
        }
        _ => {
            let _ = write!(out, "{number}");
        }
    }
}

fn write_text(out: &mut String, text: &str) {
    let _ = write!(out, "{}", Value::from(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(text: &str) -> String {
        canonical_json(text, Nulls::Keep)
    }

    #[test]
    fn spellings_of_one_value_are_one() {
        let one = keep(r#"{"b": [1.0, -0.0, 1e2], "a": "\u00e9\n", "n": null}"#);
        assert_eq!(one, "{\"a\":\"é\\n\",\"b\":[1,0,100],\"n\":null}");
        assert_eq!(one, keep(r#"{"a":"é\n","n":null,"b":[1,0,100]}"#));
        assert_eq!(keep("1e21"), keep("1000000000000000000000"));
    }

    #[test]
    fn numbers_that_differ_stay_different() {
        assert_ne!(keep("9007199254740993"), keep("9007199254740992"));
        assert_ne!(keep("18446744073709551615"), keep("18446744073709551614"));
        assert_eq!(keep("0.1"), "0.1");
    }

    #[test]
    fn nulls_are_dropped_where_asked() {
        assert_eq!(canonical_json(r#"{"a":null,"b":{"c":null}}"#, Nulls::Drop), r#"{"b":{}}"#);
    }

    #[test]
    fn what_is_not_json_stays_as_it_is() {
        let deep = "[".repeat(100_000);
        for text in ["", "{\"a\":", "\u{0}", deep.as_str(), "1e999"] {
            assert_eq!(keep(text), text);
        }
    }
}
