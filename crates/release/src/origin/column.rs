//! The `origin` column of a data file: spans as JSON.

use serde::{Deserialize, Serialize};

use super::{Evidence, Span, SpanKind};

/// A column that is not spans.
#[derive(Debug, thiserror::Error)]
#[error("`origin` is not a list of spans")]
pub struct InvalidOrigin;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSpan {
    message: usize,
    start: usize,
    end: usize,
    kind: SpanKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<WrittenSource>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum WrittenSource {
    Answer { message: usize, start: usize, end: usize },
    Named(OtherConversation),
}

#[derive(Serialize, Deserialize)]
enum OtherConversation {
    #[serde(rename = "another conversation")]
    Another,
}

/// The spans about which something is known, as JSON; bytes of persons' turns in none of them are unknown.
pub fn to_column(spans: &[Span]) -> String {
    let known: Vec<WrittenSpan> =
        spans.iter().filter(|span| span.kind != SpanKind::Unknown).map(written).collect();
    serde_json::to_string(&known).unwrap_or_default()
}

/// Reads what [`to_column`] wrote.
pub fn from_column(text: &str) -> Result<Vec<Span>, InvalidOrigin> {
    let written: Vec<WrittenSpan> = serde_json::from_str(text).map_err(|_| InvalidOrigin)?;
    let spans = written.into_iter().map(|span| {
        let evidence = match span.from {
            Some(WrittenSource::Answer { message, start, end }) => Evidence::Answer { message, start, end },
            Some(WrittenSource::Named(OtherConversation::Another)) => Evidence::OtherConversation,
            None => Evidence::None,
        };
        Span { message: span.message, start: span.start, end: span.end, kind: span.kind, evidence }
    });
    Ok(spans.collect())
}

fn written(span: &Span) -> WrittenSpan {
    let from = match span.evidence {
        Evidence::Answer { message, start, end } => Some(WrittenSource::Answer { message, start, end }),
        Evidence::OtherConversation => Some(WrittenSource::Named(OtherConversation::Another)),
        Evidence::None => None,
    };
    WrittenSpan { message: span.message, start: span.start, end: span.end, kind: span.kind, from }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_written_as_a_reader_expects_them_and_read_back() {
        let span = |start, kind, evidence| Span { message: 2, start, end: start + 50, kind, evidence };
        let spans = [
            span(0, SpanKind::PastedFromAssistant, Evidence::Answer { message: 1, start: 9, end: 60 }),
            span(50, SpanKind::Unknown, Evidence::None),
            span(100, SpanKind::PastedFromAssistant, Evidence::OtherConversation),
        ];
        let text = to_column(&spans);
        let expected = concat!(
            r#"[{"message":2,"start":0,"end":50,"kind":"pasted-from-assistant","#,
            r#""from":{"message":1,"start":9,"end":60}},"#,
            r#"{"message":2,"start":100,"end":150,"kind":"pasted-from-assistant","from":"another conversation"}]"#,
        );
        assert_eq!(text, expected);
        assert_eq!(from_column(&text).unwrap(), [spans[0], spans[2]]);
        assert!(from_column("{}").is_err() && from_column(r#"[{"message":1}]"#).is_err());
    }
}
