//! The engine: from a text to its spans.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use crate::candidate::Span;
use crate::detect::{self, Anchors, Stirs};
use crate::identifier::IdentifierKind;
use crate::normalise::Normalised;
use crate::overlap;
use crate::placeholder;
use crate::scan::Scan;
use crate::settings::{PhoneRegion, Settings};

/// How often what lies between found spans is looked at again. Two are needed wherever something is found; each more
/// is needed only when a replacement uncovers an identifier that its neighbour had hidden.
const ROUNDS_MAX: usize = 16;

/// Finds identifiers. Immutable, `Send + Sync`, and cheap to clone: clones share everything.
#[derive(Clone)]
pub struct Engine(Arc<Parts>);

struct Parts {
    kinds: HashSet<IdentifierKind>,
    threshold: f32,
    phone_regions: Vec<PhoneRegion>,
    anchors: Anchors,
}

impl Engine {
    /// An engine with these settings. Takes some milliseconds; make one and share it.
    pub fn new(settings: Settings) -> Self {
        let Settings { kinds, threshold, phone_regions } = settings;
        Self(Arc::new(Parts {
            kinds: kinds.into_iter().collect(),
            threshold,
            phone_regions,
            anchors: Anchors::new(),
        }))
    }

    /// The identifiers in a text: sorted, disjoint, never inside one of our own placeholders.
    ///
    /// A placeholder ends what is before it and begins what is after it: no evidence reaches across. Replacing the
    /// spans by placeholders therefore leaves exactly the stretches that were searched last and held nothing, which
    /// is why redacting twice is redacting once.
    pub fn detect(&self, text: &str) -> Vec<Span> {
        self.detect_counting(text).0
    }

    /// The spans, and the number of bytes that the detectors examined beyond the one pass over the text.
    pub(crate) fn detect_counting(&self, text: &str) -> (Vec<Span>, u64) {
        let mut spans = Vec::new();
        let mut work = 0;
        let mut open = placeholder::gaps(text);
        for _ in 0..ROUNDS_MAX {
            let mut changed = Vec::new();
            for stretch in open {
                let found = self.detect_stretch(text, &stretch, &mut work);
                if !found.is_empty() {
                    changed.extend(placeholder::between(stretch, found.iter().map(|span| &span.range)));
                    spans.extend(found);
                }
            }
            open = changed;
            if open.is_empty() {
                break;
            }
        }
        spans.sort_by_key(|span| span.range.start);
        (spans, work)
    }

    /// What a text wakes: a quick look that tells most text free of identifiers.
    ///
    /// Where neither holds for a piece between two seams and `after` does not hold for the
    /// [`crate::CONTEXT_CHARACTERS`] before it, [`Engine::detect`] finds nothing in it and [`Engine::bare`] lists
    /// nothing.
    pub fn stirs(&self, text: &str) -> Stirs {
        detect::stirs(&self.0.anchors, Normalised::new(text).text())
    }

    pub(crate) fn phone_regions(&self) -> &[PhoneRegion] {
        &self.0.phone_regions
    }

    pub(crate) fn threshold(&self) -> f32 {
        self.0.threshold
    }

    /// All that the detectors claim of a normalised text, nothing weighed.
    pub(crate) fn claims(&self, normalised: &str) -> Vec<Span> {
        self.claims_counting(normalised).0
    }

    fn claims_counting(&self, normalised: &str) -> (Vec<Span>, u64) {
        let mut scan = Scan::new(normalised, self.phone_regions());
        detect::run(&self.0.anchors, &mut scan);
        scan.finish()
    }

    fn detect_stretch(&self, text: &str, stretch: &Range<usize>, work: &mut u64) -> Vec<Span> {
        let normalised = Normalised::new(&text[stretch.clone()]);
        let (claims, examined) = self.claims_counting(normalised.text());
        *work += examined;
        let wanted =
            |claim: &Span| claim.confidence >= self.0.threshold && self.0.kinds.contains(&claim.kind);
        let mut spans = overlap::resolve(claims.into_iter().filter(wanted).collect());
        for span in &mut spans {
            let range = normalised.original_range(span.range.clone());
            span.range = stretch.start + range.start..stretch.start + range.end;
        }
        spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most bytes that detectors may examine for each byte of any text.
    const WORK_PER_BYTE_MAX: u64 = 160;

    #[test]
    fn work_stays_linear_on_hostile_text() {
        let engine = Engine::new(Settings::standard());
        let pieces = [
            "9",
            "@",
            "[",
            ":",
            "-",
            "0:",
            "1-",
            "1 ",
            "9.",
            "a@",
            "://",
            "a://b?",
            "-----BEGIN",
            "-----BEGIN PRIVATE KEY-----",
            "-----END",
            "key=",
            "password: ",
            "token is ",
            "sk-",
            "eyJ",
            "eyJ.",
            "bc1",
            "GB82",
            "(1",
            "+1",
            "+1 212 ",
            "0x",
            "ssn 1-",
            "[EMAIL_1]",
            "[EMAIL_",
            "a@b.org ",
            "1.1.1.1",
            "212-736-5000",
            "\\n",
            "\u{200b}1",
            "discord.com/api/webhooks/",
            "LS0tLS1CRUdJTi",
            "1234 5678 ",
            ":AA",
            "::",
            "a-",
            "AKIA",
            "xoxe",
        ];
        for piece in pieces {
            let work = |bytes: usize| engine.detect_counting(&piece.repeat(bytes / piece.len())).1;
            let (once, twice) = (work(1 << 14), work(1 << 15));
            assert!(twice <= 2 * once + once / 8 + 4096, "{piece:?}: {once} then {twice}");
            assert!(twice <= WORK_PER_BYTE_MAX << 15, "{piece:?}: {} for each byte", twice >> 15);
        }
    }
}
