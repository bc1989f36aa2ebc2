//! One answer where several detectors claim the same text.
//!
//! Spans that overlap become one over their union, so that no byte that any detector claimed is left in the text. Its
//! kind is that of the widest of the surest claims: a password inside a URL must not name the URL.

use std::ops::Range;

use crate::candidate::Span;

/// Whether two ranges share nothing.
pub(crate) fn apart(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.end <= other.start || other.end <= one.start
}

/// Sorted, disjoint spans that cover all that the claims cover.
pub(crate) fn resolve(mut claims: Vec<Span>) -> Vec<Span> {
    claims.sort_by_key(|span| (span.range.start, span.range.end));
    let mut resolved: Vec<Span> = Vec::with_capacity(claims.len());
    for claim in claims {
        match resolved.last_mut() {
            Some(last) if claim.range.start < last.range.end => {
                let union = last.range.start..last.range.end.max(claim.range.end);
                if wins(&claim, last) {
                    *last = claim;
                }
                last.range = union;
            }
            _ => resolved.push(claim),
        }
    }
    resolved
}

fn wins(claim: &Span, holder: &Span) -> bool {
    let contains = |outer: &Span, inner: &Span| {
        outer.range.start <= inner.range.start
            && inner.range.end <= outer.range.end
            && outer.range != inner.range
    };
    if contains(holder, claim) || contains(claim, holder) {
        return contains(claim, holder);
    }
    if claim.range == holder.range && claim.confidence != holder.confidence {
        return claim.confidence > holder.confidence;
    }
    claim.kind < holder.kind
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::Evidence;
    use crate::identifier::IdentifierKind::{self, Email, Phone, Url};
    use proptest::prelude::*;
    use std::ops::Range;

    fn span(range: Range<usize>, kind: IdentifierKind, confidence: f32) -> Span {
        Span::new(range, kind, Evidence::shape("test"), confidence)
    }

    #[test]
    fn the_containing_span_names_the_whole() {
        let resolved = resolve(vec![span(4..9, Email, 0.99), span(0..12, Url, 0.9)]);
        assert_eq!(resolved, [span(0..12, Url, 0.9)]);
    }

    #[test]
    fn touching_spans_stay_two() {
        assert_eq!(resolve(vec![span(0..3, Phone, 1.0), span(3..5, Phone, 1.0)]).len(), 2);
    }

    proptest! {
        #[test]
        fn spans_come_out_disjoint_and_cover_every_claim(
            claims in proptest::collection::vec((0..40usize, 1..9usize, 0..11usize, 0.0..1.0f32), 0..12)
        ) {
            let claims: Vec<_> = claims.into_iter()
                .map(|(at, length, kind, confidence)| span(at..at + length, IdentifierKind::ALL[kind], confidence))
                .collect();
            let resolved = resolve(claims.clone());
            prop_assert!(resolved.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start));
            for at in 0..50 {
                let claimed = claims.iter().any(|claim| claim.range.contains(&at));
                prop_assert_eq!(claimed, resolved.iter().any(|span| span.range.contains(&at)));
            }
        }
    }
}
