//! Keys without a mark of their own, found by the vendor's name shortly before them.

use std::ops::Range;

use crate::candidate::Evidence;
use crate::detect::secret::assignment::is_interleaved;
use crate::detect::secret::named::{self, Joint};
use crate::detect::secret::shape::{Alphabet, contains};
use crate::detect::secret::value::{self, Drawn};
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_word};

/// A vendor and the forms of its keys.
#[derive(Debug)]
pub(crate) struct Service {
    /// The name of the rule.
    pub(crate) rule: &'static str,
    /// How the vendor is named, in lower case.
    pub(crate) names: &'static [&'static str],
    /// The forms in which keys are issued.
    pub(crate) forms: &'static [Form],
}

/// An alphabet and a length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    alphabet: Alphabet,
    shortest: usize,
    longest: usize,
}

pub(crate) const fn service(
    rule: &'static str,
    names: &'static [&'static str],
    forms: &'static [Form],
) -> Service {
    Service { rule, names, forms }
}

pub(crate) const fn form(alphabet: Alphabet, shortest: usize, longest: usize) -> Form {
    Form { alphabet, shortest, longest }
}

/// How far behind the vendor's name its key may begin, in bytes.
const REACH_BYTES: usize = 56;
/// The longest name that must be a word of its own: `lob`, but not in `global`.
const SHORT_NAME_BYTES_MAX: usize = 6;
/// The least length of letters of one case that are believed though nothing assigns them.
const LETTERS_BYTES_MIN: usize = 28;
/// The least length of a value of no known form that is believed for standing under a vendor's name alone.
const UNKNOWN_FORM_BYTES_MIN: usize = 20;

pub(crate) fn detect(scan: &mut Scan<'_>, name: Range<usize>, service: &Service) {
    let short = name.len() <= SHORT_NAME_BYTES_MAX;
    let ends_in_letter = scan.before(name.end).is_ascii_alphabetic();
    if short
        && (scan.before(name.start).is_ascii_alphabetic()
            || ends_in_letter && scan.at(name.end).is_ascii_lowercase())
    {
        return;
    }
    // Each form is sought by itself: what one finds farther on must not hide what another finds here, or the answer
    // would depend on how much of a text that grows has been read.
    let reach = name.end..scan.bytes.len().min(name.end + REACH_BYTES);
    for form in service.forms {
        if let Some((range, confidence)) = find(scan, reach.clone(), form) {
            scan.claim(range, IdentifierKind::Secret, Evidence::context(service.rule), confidence);
        }
    }
    assigned_value(scan, name, service);
}

/// The first stretch of a form's alphabet that has its length and looks drawn at random.
fn find(scan: &mut Scan<'_>, reach: Range<usize>, form: &Form) -> Option<(Range<usize>, f32)> {
    let mut at = reach.start;
    while at < reach.end {
        let start = scan.run_end(at, reach.end - at, |byte| !contains(form.alphabet, byte));
        if start >= reach.end {
            return None;
        }
        // What stands between must lead to a value: a path or a fragment leads elsewhere.
        if scan.bytes[reach.start..start].iter().any(|byte| matches!(byte, b'/' | b'#')) {
            return None;
        }
        let run = start..scan.run_end(start, form.longest + 2, |byte| contains(form.alphabet, byte));
        // A sign may glue a key to the vendor's name: `vendor-4f5a…`.
        let glue =
            usize::from(run.start == reach.start && matches!(scan.at(run.start), b'-' | b'_' | b'.' | b':'));
        let run = run.start + glue..run.end;
        let run = run.start..run.start + scan.text[run.clone()].trim_end_matches(['.', ':', '!']).len();
        if fits(scan, &run, form)
            && let Some(confidence) = confidence(scan, &run, form)
        {
            return Some((run, confidence));
        }
        at = run.end.max(start + 1);
    }
    None
}

fn fits(scan: &Scan<'_>, run: &Range<usize>, form: &Form) -> bool {
    let text = &scan.text[run.clone()];
    (form.shortest..=form.longest).contains(&text.len())
        && !scan.before(run.start).is_ascii_alphanumeric()
        && !is_word(scan.at(run.end))
        && !matches!(scan.at(run.end), b'(' | b'[')
        && (form.alphabet != Alphabet::Uuid || text.len() != 36 || value::is_uuid(text))
}

fn confidence(scan: &Scan<'_>, run: &Range<usize>, form: &Form) -> Option<f32> {
    let text = &scan.text[run.clone()];
    let before = &scan.bytes[run.start.saturating_sub(3)..run.start];
    let assigned = before.iter().any(|byte| matches!(byte, b'=' | b':' | b'>'));
    let exact = form.shortest == form.longest;
    match value::drawn(text) {
        _ if value::is_placeholder(text) => None,
        Drawn::Mixed => Some(if exact { 0.85 } else { 0.75 }),
        Drawn::Letters | Drawn::Short if assigned => Some(0.6),
        Drawn::Letters if text.len() >= LETTERS_BYTES_MIN || value::is_dense(text) => Some(0.55),
        _ => None,
    }
}

/// A value assigned to the vendor's name, of whatever form.
fn assigned_value(scan: &mut Scan<'_>, name: Range<usize>, service: &Service) {
    let Some(found) = named::read(scan, name) else { return };
    let text = &scan.text[found.range.clone()];
    if found.joint != Joint::Assigned || value::is_placeholder(text) {
        return;
    }
    let confidence = match value::drawn(text) {
        Drawn::Mixed if text.len() >= UNKNOWN_FORM_BYTES_MIN => 0.65,
        Drawn::Mixed | Drawn::Letters => 0.55,
        Drawn::Short if text.len() >= 10 && is_interleaved(text) => 0.55,
        _ => return,
    };
    scan.claim(found.range, IdentifierKind::Secret, Evidence::context(service.rule), confidence);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;
    use crate::settings::Settings;

    use super::super::drawing::Draw;
    use super::super::services;

    #[test]
    fn every_form_of_every_vendor_is_found_under_each_of_its_names() {
        let engine = Engine::new(Settings::streamed());
        let mut draw = Draw::new(4);
        for service in services::all() {
            for form in service.forms {
                let value = draw.text(form.alphabet, form.shortest);
                for name in service.names {
                    let text = format!("{name}_api_key = \"{value}\"");
                    let found = engine.detect(&text);
                    let start = text.find('"').unwrap() + 1;
                    let covered = found
                        .iter()
                        .any(|span| span.range.start <= start && start + value.len() <= span.range.end);
                    assert!(covered, "{service:?}: {text}: {found:?}");
                }
            }
        }
    }

    #[test]
    fn a_vendors_name_with_what_is_no_key_claims_nothing() {
        let engine = Engine::new(Settings::standard());
        for text in [
            "stripe = \"webhook_handler_for_orders\"",
            "algolia/algoliasearch-client-javascript#ff704cbddf355d38a52c5e9479d6bb5c1ff28eac",
            "we moved from heroku to render, then to fly",
            "monday 2024-03-12 at 10:30, twilio 3.14.1",
            "github.com/ada/engine/commit/3b335d612137949d2f21fcc6c8c8164db7603227",
            "datadog: ${DATADOG_API_KEY}",
            "openweather=your_api_key_here",
        ] {
            let found: Vec<_> =
                engine.detect(text).into_iter().filter(|span| span.kind <= IdentifierKind::Secret).collect();
            assert_eq!(found, [], "{text}");
        }
    }

    #[test]
    fn vendors_are_named_in_lower_case_and_once() {
        let mut known = std::collections::HashSet::new();
        for (name, _) in services::names() {
            assert!(name.len() >= 3 && !name.bytes().any(|byte| byte.is_ascii_uppercase()), "{name}");
            assert!(known.insert(name), "{name} twice");
        }
    }
}
