//! A text beside what training would see of it.

use candor_deid::Redacted;

/// A stretch of a text that is as it was, or what identifies somebody with what stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) text: String,
    /// What training sees instead.
    pub(super) placeholder: Option<String>,
}

/// Bytes that a character takes beyond its own when it is written as a reference, such as `&#60;`.
const ESCAPE_BYTES: usize = 4;
/// About what marking one identifier on both sides costs.
const MARK_BYTES: usize = 60;

/// Cuts a text into stretches, by what de-identification made of it.
pub(super) fn stretches(text: &str, redacted: &Redacted) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut from = 0;
    for (span, placeholder) in &redacted.replaced {
        let (Some(before), Some(covered)) = (text.get(from..span.range.start), text.get(span.range.clone()))
        else {
            continue;
        };
        stretches.extend(plain(before));
        stretches.push(Stretch { text: covered.to_owned(), placeholder: Some(placeholder.clone()) });
        from = span.range.end;
    }
    stretches.extend(plain(&text[from..]));
    stretches
}

fn plain(text: &str) -> Option<Stretch> {
    (!text.is_empty()).then(|| Stretch { text: text.to_owned(), placeholder: None })
}

/// About how many bytes a page takes for the stretches on both sides.
pub(super) fn weight(stretches: &[Stretch]) -> usize {
    stretches.iter().map(Stretch::weight).sum()
}

impl Stretch {
    fn weight(&self) -> usize {
        let mark = if self.placeholder.is_some() { MARK_BYTES } else { 0 };
        mark + 2 * written(&self.text)
    }
}

fn written(text: &str) -> usize {
    text.len() + ESCAPE_BYTES * text.bytes().filter(|byte| b"&<>\"'".contains(byte)).count()
}

/// Leaves off what is beyond a weight; whether anything was.
pub(super) fn cut(stretches: &mut Vec<Stretch>, weight_max: usize) -> bool {
    let mut left = weight_max;
    for at in 0..stretches.len() {
        let weight = stretches[at].weight();
        if weight <= left {
            left -= weight;
            continue;
        }
        // An identifier is shown whole or not at all.
        let is_plain = stretches[at].placeholder.is_none();
        stretches.truncate(if is_plain { at + 1 } else { at });
        if let Some(last) = stretches.last_mut().filter(|_| is_plain) {
            let mut room = left / 2;
            let fits = |letter: char| {
                let cost = written(letter.encode_utf8(&mut [0; 4]));
                room = room.checked_sub(cost)?;
                Some(letter)
            };
            last.text = last.text.chars().map_while(fits).collect();
        }
        return true;
    }
    false
}

#[cfg(test)]
mod tests {
    use candor_conversation::Message;
    use candor_deid::{Engine, Settings};
    use candor_release::stage::redact_row;

    use super::*;

    fn both(texts: &[&str]) -> Vec<Vec<Stretch>> {
        let engine = Engine::new(Settings::release());
        let message = |text: &&str| Message { role: "user".into(), content: (*text).into() };
        let row: Vec<Message> = texts.iter().map(message).collect();
        let seen = redact_row(&engine, &row, &[]);
        texts.iter().zip(&seen).map(|(text, seen)| stretches(text, seen)).collect()
    }

    fn joined(stretches: &[Stretch]) -> (String, String) {
        let said = stretches.iter().map(|one| one.text.as_str()).collect();
        let seen = stretches.iter().map(|one| one.placeholder.as_deref().unwrap_or(&one.text)).collect();
        (said, seen)
    }

    #[test]
    fn both_sides_are_what_was_said_and_what_a_release_holds() {
        let found =
            both(&["a@example.org? [EMAIL_1]", "to B@example.org, a@example.org] <b>", "nothing", ""]);
        let expected = [
            ("a@example.org? [EMAIL_1]", "[EMAIL_2]? [EMAIL_1]"),
            ("to B@example.org, a@example.org] <b>", "to [EMAIL_3], [EMAIL_2]] <b>"),
            ("nothing", "nothing"),
            ("", ""),
        ];
        for (stretches, (said, seen)) in found.iter().zip(expected) {
            assert_eq!(joined(stretches), (said.to_owned(), seen.to_owned()));
        }
        assert_eq!(found[1].iter().filter(|one| one.placeholder.is_some()).count(), 2);
    }

    #[test]
    fn what_is_cut_off_is_at_the_end_and_never_half_an_identifier() {
        let whole = both(&["ü<ü a@example.org and more"]).remove(0);
        for weight_max in 0..weight(&whole) + 3 {
            let mut part = whole.clone();
            let is_cut = cut(&mut part, weight_max);
            assert!(weight(&part) <= weight_max, "{weight_max}");
            assert_eq!(is_cut, part != whole, "{weight_max}");
            assert!(joined(&whole).0.starts_with(&joined(&part).0), "{weight_max}");
            assert!(joined(&whole).1.starts_with(&joined(&part).1), "{weight_max}");
        }
    }
}
