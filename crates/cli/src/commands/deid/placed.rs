//! A text with its spans and what stands in their place.

use candor_deid::{Engine, Pseudonyms, Redacted, Span, Validation};
use serde_json::{Value, json};

/// The most characters of a span that an explanation shows.
const SHOWN_CHARACTERS_MAX: usize = 80;

/// Spans of a text, in order.
pub(super) struct Placed {
    pub(super) spans: Vec<PlacedSpan>,
    /// The text with each span replaced.
    pub(super) redacted: String,
}

/// A span with its characters and its placeholder.
pub(super) struct PlacedSpan {
    pub(super) span: Span,
    /// First character, and one past the last.
    pub(super) characters: (usize, usize),
    pub(super) placeholder: String,
}

impl Placed {
    /// Finds and replaces in the texts of one document: who is named in one of them is looked for in all.
    pub(super) fn all(engine: &Engine, texts: &[&str]) -> Vec<Self> {
        let redacted = Pseudonyms::new().redact_texts(engine, texts);
        texts.iter().zip(redacted).map(|(text, redacted)| Self::new(text, redacted)).collect()
    }

    fn new(text: &str, redacted: Redacted) -> Self {
        let mut counted = (0, 0);
        let mut character = |byte: usize| {
            counted = (byte, counted.1 + text[counted.0..byte].chars().count());
            counted.1
        };
        let place = |(span, placeholder): (Span, String)| {
            let characters = (character(span.range.start), character(span.range.end));
            PlacedSpan { span, characters, placeholder }
        };
        let spans = redacted.replaced.into_iter().map(place).collect();
        Self { spans, redacted: redacted.text }
    }

    /// The bytes of which `text` is the reading, with each span replaced: bytes that are no UTF-8 stay as they are.
    pub(super) fn replaced_in(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        let mut spans = self.spans.iter().peekable();
        // Where we are in the reading, in which each invalid sequence is one U+FFFD; and up to where it is replaced.
        let (mut at, mut replaced) = (0, 0);
        for chunk in bytes.utf8_chunks() {
            let end = at + chunk.valid().len();
            let kept = |from: usize, to: usize| &chunk.valid().as_bytes()[from.clamp(at, end) - at..to - at];
            while let Some(placed) = spans.next_if(|placed| placed.span.range.start < end) {
                out.extend(kept(replaced, placed.span.range.start));
                out.extend(placed.placeholder.as_bytes());
                replaced = placed.span.range.end;
            }
            out.extend(kept(replaced, end));
            // A span may begin at, or reach over, what is invalid.
            while let Some(placed) = spans.next_if(|placed| placed.span.range.start == end) {
                out.extend(placed.placeholder.as_bytes());
                replaced = placed.span.range.end;
            }
            if replaced <= end {
                out.extend(chunk.invalid());
            }
            at = end + if chunk.invalid().is_empty() { 0 } else { char::REPLACEMENT_CHARACTER.len_utf8() };
        }
        out
    }
}

impl PlacedSpan {
    /// For programs; `covered` is the text of the span, where it is wanted.
    pub(super) fn value(&self, covered: Option<&str>) -> Value {
        let mut value = json!({
            "start": self.characters.0,
            "end": self.characters.1,
            "start_byte": self.span.range.start,
            "end_byte": self.span.range.end,
            "kind": self.span.kind.placeholder_label(),
            "confidence": rounded(self.span.confidence),
            "rule": self.span.evidence.rule,
            "validation": word(self.span.evidence.validation),
            "placeholder": self.placeholder,
        });
        if let (Some(covered), Some(fields)) = (covered, value.as_object_mut()) {
            fields.insert("covered".into(), covered.into());
        }
        value
    }

    /// A line for people. The text of the span is their own; control characters in it are written out.
    pub(super) fn explained(&self, text: &str) -> String {
        let covered = &text[self.span.range.clone()];
        let mut shown: String = covered.chars().take(SHOWN_CHARACTERS_MAX).collect();
        if shown.len() < covered.len() {
            shown.push('…');
        }
        let Self { span, characters, placeholder } = self;
        format!(
            "{placeholder}  \"{}\"  {}, confidence {:.2}, rule {}, characters {}-{}, bytes {}-{}",
            shown.escape_debug(),
            confirmed(span.evidence.validation),
            span.confidence,
            span.evidence.rule,
            characters.0,
            characters.1,
            span.range.start,
            span.range.end
        )
    }
}

/// Two digits are what a confidence is worth.
pub(super) fn rounded(confidence: f32) -> f64 {
    (f64::from(confidence) * 1e4).round() / 1e4
}

/// What confirmed a span, in a word.
pub(super) fn word(validation: Validation) -> &'static str {
    match validation {
        Validation::Checksum => "checksum",
        Validation::Library => "library",
        Validation::Shape => "shape",
        Validation::Context => "context",
        Validation::Model => "model",
        Validation::Mention => "mention",
        Validation::Known => "known",
    }
}

/// What confirmed a span, in words.
pub(super) fn confirmed(validation: Validation) -> &'static str {
    match validation {
        Validation::Checksum => "its checksum holds",
        Validation::Library => "a numbering plan or parser accepts it",
        Validation::Shape => "it has a published form",
        Validation::Context => "words around it say so",
        Validation::Model => "a trained model takes it for one",
        Validation::Mention => "it is named elsewhere in the same text",
        Validation::Known => "it was known before",
    }
}
