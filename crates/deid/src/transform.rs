//! Rewriting a text once its spans are known.

use crate::candidate::Span;

/// The text with each span replaced by what `replacement` gives for the span and the text it covers.
///
/// Spans must be those that [`crate::Engine::detect`] gave for this text; one that does not fit the text, or
/// overlaps the one before it, is skipped.
pub fn replace(text: &str, spans: &[Span], mut replacement: impl FnMut(&Span, &str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for span in spans {
        let (Some(before), Some(covered)) = (text.get(from..span.range.start), text.get(span.range.clone()))
        else {
            continue;
        };
        out.push_str(before);
        out.push_str(&replacement(span, covered));
        from = span.range.end;
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::Evidence;
    use crate::identifier::IdentifierKind;

    #[test]
    fn only_the_spans_are_rewritten() {
        let span = |range| Span::new(range, IdentifierKind::Ip, Evidence::shape("test"), 1.0);
        let spans = [span(1..3), span(4..5), span(5..90)];
        assert_eq!(replace("abcdefg", &spans, |_, covered| covered.to_uppercase()), "aBCdEfg");
    }
}
