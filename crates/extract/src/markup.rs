//! Text with tags: what a reader of the page would read. Scripts, styles, comments and attributes are left out.

use std::borrow::Cow;

use crate::limits::{Budget, Unreadable};
use crate::place::{Place, TextPart};

/// Elements whose content is not for readers.
const SILENT: [&str; 4] = ["script", "style", "template", "noscript"];
/// Elements that do not end a line; all others do.
const INLINE: [&str; 21] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s", "small",
    "span", "strong", "sub", "sup", "tspan", "u",
];

pub(crate) fn read(source: Cow<'_, str>, budget: &mut Budget) -> Result<Vec<TextPart>, Unreadable> {
    let text = text_of(&source, budget)?;
    Ok(vec![TextPart { place: Place::Whole, text }])
}

/// The text of a page.
pub(crate) fn text_of(source: &str, budget: &mut Budget) -> Result<String, Unreadable> {
    let mut out = String::new();
    let mut rest = source;
    while !rest.is_empty() {
        budget.take_steps(1)?;
        let at = rest.find('<').unwrap_or(rest.len());
        let (text, tag) = rest.split_at(at);
        unescape(text, &mut out);
        rest = match tag.as_bytes() {
            [] => "",
            [b'<', b'!', b'-', b'-', ..] => after(tag, "-->"),
            [b'<', b'!' | b'?', ..] => after(tag, ">"),
            [b'<', b'/' | b'a'..=b'z' | b'A'..=b'Z', ..] => element(tag, &mut out),
            _ => {
                out.push('<');
                &tag[1..]
            }
        };
    }
    budget.take_text(out.len())?;
    Ok(folded(&out))
}

/// Past a tag, and past its content where that is silent.
fn element<'s>(tag: &'s str, out: &mut String) -> &'s str {
    let body = tag[1..].trim_start_matches('/');
    let end = body.find(|c: char| !c.is_ascii_alphanumeric() && c != ':').unwrap_or(body.len());
    let name = body[..end].to_ascii_lowercase();
    let name = name.rsplit(':').next().unwrap_or_default();
    if !INLINE.contains(&name) {
        out.push(if matches!(name, "td" | "th") { '\t' } else { '\n' });
    }
    let after_tag = end_of_tag(tag);
    if tag[1..].starts_with('/') || !SILENT.contains(&name) {
        return after_tag;
    }
    let close = format!("</{name}");
    let found =
        after_tag.as_bytes().windows(close.len()).position(|w| w.eq_ignore_ascii_case(close.as_bytes()));
    found.map_or("", |at| end_of_tag(&after_tag[at..]))
}

/// What follows a tag; a `>` in a quoted attribute does not end it.
fn end_of_tag(tag: &str) -> &str {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (byte, quote) {
            (b'>', None) => return &tag[at + 1..],
            (b'"' | b'\'', None) if tag[..at].ends_with(['=', ' ']) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    // A quote that nothing ends: the first bracket does.
    after(tag, ">")
}

fn after<'s>(text: &'s str, end: &str) -> &'s str {
    text.find(end).map_or("", |at| &text[at + end.len()..])
}

/// Appends a text with its entities read; one that is not known stays as it is written.
fn unescape(text: &str, out: &mut String) {
    const NAME_BYTES_MAX: usize = 32;
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(NAME_BYTES_MAX).position(|byte| byte == b';');
        let read = end.and_then(|end| Some((character(&rest[1..end])?, end + 1)));
        match read {
            Some((characters, length)) => {
                out.push_str(&characters);
                rest = &rest[length..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
}

fn character(name: &str) -> Option<Cow<'static, str>> {
    if let Some(number) = name.strip_prefix('#') {
        let number = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => number.parse().ok(),
        };
        return number.and_then(char::from_u32).map(|c| Cow::Owned(c.to_string()));
    }
    quick_xml::escape::resolve_html5_entity(name).map(Cow::Borrowed)
}

/// Without the white space that a browser would not show: runs of it are one character, empty lines go.
fn folded(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let cells = line.split('\t').map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" "));
        cells.filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join("\t")
    });
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn a_page_reads_as_it_is_seen() {
        let source = "<html><head><title>T&amp;C</title><style>p{}</style></head><body><!-- x --><p>Dear <b>A</b>da,\
            <img alt='a>b' src=//h/i.png>write to ada&#64;x.org&nbsp;now</p><script>steal('</p>')</script>\
            <table><tr><td>1<td>2</table>3 < 4 &unknown;</body>";
        let text = text_of(source, &mut Budget::new(&Limits::standard())).unwrap();
        assert_eq!(text, "T&C\nDear Ada,\nwrite to ada@x.org now\n1\t2\n3 < 4 &unknown;");
    }
}
