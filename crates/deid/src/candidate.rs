//! What detectors propose: a range, a kind, how sure, and why.

use std::ops::Range;

use crate::identifier::IdentifierKind;

/// A stretch of text that holds an identifier.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// Byte offsets into the text given to the engine; both ends lie on character boundaries.
    pub range: Range<usize>,
    /// What it holds.
    pub kind: IdentifierKind,
    /// How sure, 0 to 1. Ordered and comparable between kinds, not yet calibrated as a probability.
    pub confidence: f32,
    /// Why.
    pub evidence: Evidence,
}

/// Why a span was proposed. It never holds the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Evidence {
    /// The rule that fired, such as `github-token`.
    pub rule: &'static str,
    /// The strongest thing that confirmed it.
    pub validation: Validation,
}

/// What confirmed a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Validation {
    /// A checksum in the identifier holds.
    Checksum,
    /// A numbering plan or a parser accepts it.
    Library,
    /// It has a published, distinctive form.
    Shape,
    /// Only the words around it say what it is.
    Context,
    /// A trained model takes it for one.
    Model,
    /// The same conversation says elsewhere what it is.
    Mention,
    /// It was known before the text was read.
    Known,
}

impl Span {
    /// A span from a detector's rule; confidence is clamped to 0..=1.
    pub(crate) fn new(
        range: Range<usize>,
        kind: IdentifierKind,
        evidence: Evidence,
        confidence: f32,
    ) -> Self {
        Self { range, kind, confidence: confidence.clamp(0.0, 1.0), evidence }
    }
}

impl Evidence {
    /// The trained name model.
    pub(crate) const NAME_MODEL: Self = Self { rule: "name-model", validation: Validation::Model };

    /// The conversation names the same person elsewhere.
    pub(crate) const MENTION: Self = Self { rule: "named-elsewhere", validation: Validation::Mention };
    /// The value was known before the text was read.
    pub(crate) const KNOWN: Self = Self { rule: "known-value", validation: Validation::Known };

    pub(crate) const fn checksum(rule: &'static str) -> Self {
        Self { rule, validation: Validation::Checksum }
    }

    pub(crate) const fn library(rule: &'static str) -> Self {
        Self { rule, validation: Validation::Library }
    }

    pub(crate) const fn shape(rule: &'static str) -> Self {
        Self { rule, validation: Validation::Shape }
    }

    pub(crate) const fn context(rule: &'static str) -> Self {
        Self { rule, validation: Validation::Context }
    }
}
