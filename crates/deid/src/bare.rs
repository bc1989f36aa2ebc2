//! What may be an identifier, without the judgement that detection adds.
//!
//! Detection is precise: eleven bare digits are no phone number without a word for it, and where two detectors claim
//! the same text one of them wins. Whoever knows the values to look for can afford to look at more; this lists, for
//! comparison only, all that a known value might look like.

use std::cmp::Reverse;
use std::ops::Range;

use crate::detect::{bare_numbers, looks_random};
use crate::engine::Engine;
use crate::identifier::IdentifierKind;

/// The longest word that is listed as a possible secret, in bytes; the longest value that detection believes.
const SECRET_BYTES_MAX: usize = 512;
/// The least confidence that a claim needs here; below it are words behind `secret` and the like.
const CONFIDENCE_MIN: f32 = 0.4;

impl Engine {
    /// Stretches that may be an identifier of a kind: what any detector claims, though it be unsure and whether or not
    /// another claims it too; numbers of as many digits as a phone, card or social security number has; addresses of
    /// machines; words that look drawn at random.
    ///
    /// Lists something wherever [`Engine::detect`] finds something in a text that holds none of our placeholders. In
    /// order of where they begin, the widest first; they may overlap, and one stretch may be listed under several
    /// kinds. Not for redaction: most are nothing of the sort.
    pub fn bare(&self, text: &str) -> Vec<(Range<usize>, IdentifierKind)> {
        let view = self.view(text);
        let least = CONFIDENCE_MIN.min(self.threshold());
        let claims = self.claims(view.text()).into_iter().filter(|claim| claim.confidence >= least);
        let mut found: Vec<_> = claims.map(|claim| (claim.range, claim.kind)).collect();
        if view.text().bytes().any(|byte| byte.is_ascii_digit()) {
            found.extend(bare_numbers(view.text()));
            found.extend(random_words(view.text()).map(|range| (range, IdentifierKind::Secret)));
        }
        found.sort_by_key(|(range, kind)| (range.start, Reverse(range.end), *kind));
        found.dedup();
        found.into_iter().map(|(range, kind)| (view.original_range(range), kind)).collect()
    }
}

fn random_words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_part =
        |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '`' | '|' | ',' | ';' | '(' | ')');
    let words = text.split(move |c| !is_part(c)).filter(|word| word.len() <= SECRET_BYTES_MAX);
    words.filter_map(move |word| {
        let value = word
            .trim_matches(|c: char| c.is_ascii_punctuation() && !matches!(c, '_' | '-' | '+' | '/' | '='));
        let start = value.as_ptr() as usize - text.as_ptr() as usize;
        looks_random(value).then_some(start..start + value.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn what_detection_leaves_for_want_of_words_is_listed() {
        let engine = Engine::new(Settings::streamed());
        let listed = |text: &str, value: &str, wanted| {
            assert_eq!(engine.detect(text), [], "{text}");
            engine.bare(text).iter().any(|(range, kind)| text[range.clone()] == *value && *kind == wanted)
        };
        assert!(listed("It is 2127365000, he said.", "2127365000", IdentifierKind::Phone));
        assert!(listed("It is 460899847.", "460899847", IdentifierKind::NationalId));
        assert!(listed(
            "Use p8e-ibndcvsmAp9ZgPBZ606FSlYIZVlsZ.",
            "p8e-ibndcvsmAp9ZgPBZ606FSlYIZVlsZ",
            IdentifierKind::Secret
        ));
        assert!(engine.bare("In 2024 there were 365 days, 12 months and no secrets at all.").is_empty());
    }
}
