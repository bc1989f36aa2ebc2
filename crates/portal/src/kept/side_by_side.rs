//! A text beside what training would see of it.

use std::ops::Range;

use candor_deid::Redacted;
use candor_release::assemble::Judged;

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

/// Cuts a text into stretches, by what a release makes of it: of its sensitive sentences, and of what identifies
/// somebody in the rest.
pub(super) fn stretches(text: &str, judged: Option<&Judged>, redacted: &Redacted) -> Vec<Stretch> {
    let generalised = judged.map_or(&[][..], |judged| &judged.generalised);
    let mut replaced: Vec<(Range<usize>, &str)> =
        generalised.iter().map(|(range, label)| (range.clone(), *label)).collect();
    replaced.extend(redacted.replaced.iter().filter_map(|(span, placeholder)| {
        let range = place_before(generalised, span.range.start)?..place_before(generalised, span.range.end)?;
        Some((range, placeholder.as_str()))
    }));
    replaced.sort_by_key(|(range, _)| range.start);
    let mut stretches = Vec::new();
    let mut from = 0;
    for (range, placeholder) in replaced {
        let (Some(before), Some(covered)) = (text.get(from..range.start), text.get(range.clone())) else {
            continue;
        };
        stretches.extend(plain(before));
        stretches.push(Stretch { text: covered.to_owned(), placeholder: Some(placeholder.to_owned()) });
        from = range.end;
    }
    stretches.extend(plain(&text[from..]));
    stretches
}

/// Where a place of the text with generalised sentences was before; none inside of what stands for a sentence.
fn place_before(generalised: &[(Range<usize>, &str)], place: usize) -> Option<usize> {
    // Bytes that the labels before the place took away, less those that they brought.
    let (mut removed, mut added) = (0, 0);
    for (range, label) in generalised {
        let starts = range.start - removed + added;
        if place <= starts {
            break;
        }
        if place < starts + label.len() {
            return None;
        }
        removed += range.len();
        added += label.len();
    }
    Some(place + removed - added)
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
    use candor_deid::sensitive::Policy;
    use candor_deid::{Engine, Settings};
    use candor_release::assemble::judge;
    use candor_release::stage::redact_row;

    use super::*;

    fn both(texts: &[&str]) -> Vec<Vec<Stretch>> {
        let engine = Engine::new(Settings::release());
        let message = |text: &&str| Message { role: "user".into(), content: (*text).into() };
        let row: Vec<Message> = texts.iter().map(message).collect();
        let seen = redact_row(&engine, &row, &[]);
        texts.iter().zip(&seen).map(|(text, seen)| stretches(text, None, seen)).collect()
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
    fn what_identifies_somebody_beside_a_generalised_sentence_is_shown_where_it_was() {
        let said = "Hi. I was diagnosed with epilepsy. I have depression. Write to a@example.org? bye";
        let judged = judge(&Policy::standard(), said).unwrap();
        let row = [Message { role: "user".into(), content: judged.written(said) }];
        let redacted = redact_row(&Engine::new(Settings::release()), &row, &[]).remove(0);
        let (before, after) = joined(&stretches(said, Some(&judged), &redacted));
        assert_eq!(before, said);
        assert_eq!(after, redacted.text);
        assert_eq!(after, "Hi. [something about health] [something about health] Write to [EMAIL_1]? bye");
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
