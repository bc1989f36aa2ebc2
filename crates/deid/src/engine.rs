//! The engine: from a text to its spans.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use crate::candidate::{Evidence, Span};
use crate::detect::{self, Anchors, Stirs};
use crate::encoder::Encoder;
use crate::identifier::IdentifierKind;
use crate::names::{Names, Reader, crf};
use crate::normalise::Normalised;
use crate::overlap;
use crate::people::People;
use crate::placeholder;
use crate::public::{Public, Verdict};
use crate::scan::{Scan, Wanted};
use crate::settings::{PhoneRegion, PublicNames, Settings};

/// How often what lies between found spans is looked at again. Two are needed wherever something is found; each more
/// is needed only when a replacement uncovers an identifier that its neighbour had hidden.
const ROUNDS_MAX: usize = 16;

static PUBLIC: LazyLock<Public> = LazyLock::new(Public::shipped);

/// Finds identifiers. Immutable, `Send + Sync`, and cheap to clone: clones share everything.
#[derive(Clone)]
pub struct Engine(Arc<Parts>);

struct Parts {
    kinds: HashSet<IdentifierKind>,
    threshold: f32,
    name_threshold: f32,
    phone_regions: Vec<PhoneRegion>,
    anchors: Anchors,
    /// The name model, where a kind is wanted that it tells.
    names: Option<&'static Names>,
    /// A second reader of names, where one is installed.
    encoder: Option<Arc<Encoder>>,
    /// The names that are public, where they are kept.
    public: Option<&'static Public>,
}

/// What detection has found so far in one text.
struct Found<'t> {
    text: &'t str,
    /// Sorted and disjoint, none inside a placeholder.
    spans: Vec<Span>,
    placeholders: Vec<Range<usize>>,
    work: u64,
}

impl Engine {
    /// An engine with these settings. Takes some milliseconds; make one and share it.
    pub fn new(settings: Settings) -> Self {
        Self::make(settings, None)
    }

    /// The same with an encoder that reads the sentences again in which the name model is in doubt.
    pub fn with_encoder(settings: Settings, encoder: Arc<Encoder>) -> Self {
        Self::make(settings, Some(encoder))
    }

    fn make(settings: Settings, encoder: Option<Arc<Encoder>>) -> Self {
        let Settings { kinds, threshold, name_threshold, public_names, phone_regions } = settings;
        let kinds: HashSet<_> = kinds.into_iter().collect();
        let asks = name_threshold <= 1.0 && crf::KINDS.iter().any(|kind| kinds.contains(kind));
        let anchors = Anchors::new(Wanted::new(kinds.iter().copied()));
        let names = asks.then(Names::built_in).flatten();
        Self(Arc::new(Parts {
            kinds,
            threshold,
            name_threshold,
            phone_regions,
            anchors,
            names,
            encoder,
            public: (public_names == PublicNames::Keep).then(|| &*PUBLIC),
        }))
    }

    /// The identifiers in a text: sorted, disjoint, never inside one of our own placeholders.
    ///
    /// A placeholder ends what is before it and begins what is after it: no evidence of a rule reaches across, and the
    /// name model sees it as one token. Replacing the spans by placeholders therefore leaves exactly what was searched
    /// last and held nothing, which is why redacting twice is redacting once.
    pub fn detect(&self, text: &str) -> Vec<Span> {
        self.detect_counting(text).0
    }

    /// The same around spans that are known already, which must be sorted, disjoint and outside placeholders. They are
    /// part of what is returned.
    pub(crate) fn detect_around(&self, text: &str, known: Vec<Span>) -> Vec<Span> {
        self.complete(text, known).spans
    }

    /// Leaves out the names of a conversation that are public, where the settings keep those; gives whether any was.
    pub(crate) fn leave_public(&self, texts: &[&str], all: &mut [Vec<Span>]) -> bool {
        let Some(public) = self.0.public else { return false };
        let turns: Vec<(&str, &[Span])> = texts.iter().copied().zip(all.iter().map(Vec::as_slice)).collect();
        let reading = public.read(&turns);
        let mut left_any = false;
        for (text, spans) in texts.iter().zip(all) {
            spans.retain(|span| {
                let verdict = reading.verdict(span.kind, &text[span.range.clone()]);
                let is_private = span.evidence == Evidence::KNOWN || matches!(verdict, Verdict::Private(_));
                left_any |= !is_private;
                is_private
            });
        }
        left_any
    }

    /// Where people of a conversation are named in a text outside its spans.
    pub(crate) fn mentions(&self, people: &People, text: &str, spans: &[Span]) -> Vec<Span> {
        if people.is_empty() || !self.0.kinds.contains(&IdentifierKind::Person) {
            return Vec::new();
        }
        people.mentions(text, &taken(spans, &placeholder_ranges(text)), self.0.names)
    }

    /// The spans, and the number of bytes that the detectors examined beyond the one pass over the text.
    pub(crate) fn detect_counting(&self, text: &str) -> (Vec<Span>, u64) {
        let found = self.complete(text, Vec::new());
        (found.spans, found.work)
    }

    fn complete<'t>(&self, text: &'t str, known: Vec<Span>) -> Found<'t> {
        let mut found = Found { text, spans: known, placeholders: placeholder_ranges(text), work: 0 };
        let mut open = placeholder::between(0..text.len(), found.taken().iter());
        let mut fresh: Option<Vec<Range<usize>>> = None;
        for _ in 0..ROUNDS_MAX {
            let by_rules = self.apply_rules(&mut found, open);
            if let Some(fresh) = &mut fresh {
                fresh.extend(by_rules);
            }
            let by_model = self.apply_names(&mut found, fresh.as_deref());
            if by_model.is_empty() {
                break;
            }
            open = found.gaps_beside(&by_model);
            fresh = Some(by_model);
        }
        found
    }

    /// Searches stretches by rules until nothing more is found in what is left of them; gives the new ranges.
    fn apply_rules(&self, found: &mut Found<'_>, mut open: Vec<Range<usize>>) -> Vec<Range<usize>> {
        let mut fresh = Vec::new();
        for _ in 0..ROUNDS_MAX {
            let mut changed = Vec::new();
            for stretch in open {
                let spans = self.detect_stretch(found.text, &stretch, &mut found.work);
                if !spans.is_empty() {
                    changed.extend(placeholder::between(stretch, spans.iter().map(|span| &span.range)));
                    fresh.extend(spans.iter().map(|span| span.range.clone()));
                    found.spans.extend(spans);
                }
            }
            open = changed;
            if open.is_empty() {
                break;
            }
        }
        found.spans.sort_by_key(|span| span.range.start);
        fresh
    }

    /// Asks the name model about sentences beside fresh spans, or about all; gives the new ranges.
    fn apply_names(&self, found: &mut Found<'_>, fresh: Option<&[Range<usize>]>) -> Vec<Range<usize>> {
        let Some(names) = self.0.names else { return Vec::new() };
        let reader = Reader { threshold: self.0.name_threshold, encoder: self.0.encoder.as_deref() };
        let mentions = names.mark(found.text, &found.taken(), fresh, reader);
        let wanted = mentions.into_iter().filter(|mention| self.0.kinds.contains(&mention.kind));
        let spans: Vec<Span> = wanted
            .map(|mention| Span::new(mention.range, mention.kind, Evidence::NAME_MODEL, mention.probability))
            .collect();
        let ranges = spans.iter().map(|span| span.range.clone()).collect();
        found.spans.extend(spans);
        found.spans.sort_by_key(|span| span.range.start);
        ranges
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
        self.claims_counting(normalised, true).0
    }

    /// The text as detectors see it.
    pub(crate) fn view<'t>(&self, text: &'t str) -> Normalised<'t> {
        if self.0.anchors.wanted().in_whole_texts() {
            Normalised::of_whole(text)
        } else {
            Normalised::new(text)
        }
    }

    fn claims_counting(&self, normalised: &str, begins_text: bool) -> (Vec<Span>, u64) {
        let mut scan = Scan::new(normalised, self.phone_regions(), self.0.anchors.wanted());
        scan.begins_text = begins_text;
        detect::run(&self.0.anchors, &mut scan);
        scan.finish()
    }

    fn detect_stretch(&self, text: &str, stretch: &Range<usize>, work: &mut u64) -> Vec<Span> {
        let normalised = self.view(&text[stretch.clone()]);
        let (claims, examined) = self.claims_counting(normalised.text(), stretch.start == 0);
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

fn placeholder_ranges(text: &str) -> Vec<Range<usize>> {
    placeholder::find_all(text).into_iter().map(|placeholder| placeholder.range).collect()
}

/// Every stretch that the model sees as one token, in order.
fn taken(spans: &[Span], placeholders: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut taken: Vec<_> = spans.iter().map(|span| span.range.clone()).collect();
    if !placeholders.is_empty() {
        taken.extend(placeholders.iter().cloned());
        taken.sort_by_key(|range| range.start);
    }
    taken
}

impl Found<'_> {
    fn taken(&self) -> Vec<Range<usize>> {
        taken(&self.spans, &self.placeholders)
    }

    /// What lies free next to some of the spans.
    fn gaps_beside(&self, spans: &[Range<usize>]) -> Vec<Range<usize>> {
        let starts: HashSet<usize> = spans.iter().map(|range| range.start).collect();
        let ends: HashSet<usize> = spans.iter().map(|range| range.end).collect();
        let gaps = placeholder::between(0..self.text.len(), self.taken().iter());
        gaps.into_iter().filter(|gap| ends.contains(&gap.start) || starts.contains(&gap.end)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most bytes that detectors may examine for each byte of any text.
    const WORK_PER_BYTE_MAX: u64 = 160;

    /// Pieces of text that detectors wake for, each to be repeated without end.
    const HOSTILE: [&str; 84] = [
        "one ",
        "(at)",
        " at a dot ",
        "Mr. A",
        "3 May ",
        "AB 12 ",
        "A1 ",
        "1234 Street ",
        "passport ",
        "straße 1 ",
        "Rua de ",
        "\u{430}a",
        "°1",
        "1.12345, ",
        "aa.com",
        "age 1",
        "@a ",
        "phone 1",
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
        "::",
        ":::",
        "lob ",
        "lob-1",
        "monday_",
        "mailerlite",
        "secret-",
        "token_",
        "password '",
        "key\n",
        "%41",
        "%",
        "a%3D1",
        "YWJjZGVmZ2hpamtsbW5vcA1 ",
        "secret=YWJjZGVmZ2hpamtsbW5vcHFyc3Q1 ",
        "dG9rZW49",
        " -u a:b1cdef",
        "basic YTpi",
        "arn:aws:",
        ".okta.com",
        "$1$",
        "pat",
        "live_",
    ];

    #[test]
    fn work_stays_linear_on_hostile_text() {
        let engine = Engine::new(Settings::streamed());
        for piece in HOSTILE {
            let work = |bytes: usize| engine.detect_counting(&piece.repeat(bytes / piece.len())).1;
            let (once, twice) = (work(1 << 14), work(1 << 15));
            assert!(twice <= 2 * once + once / 8 + 4096, "{piece:?}: {once} then {twice}");
            assert!(twice <= WORK_PER_BYTE_MAX << 15, "{piece:?}: {} for each byte", twice >> 15);
        }
    }
}
