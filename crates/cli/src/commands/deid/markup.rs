//! The page of `candor deid review`: one file, no script, light and dark.

use std::fmt::Write as _;
use std::ops::Range;

use candor_deid::Counts;
use candor_deid::score::{Branch, Mark};

use super::placed::{Placed, PlacedSpan, confirmed};
use super::segments::{What, segments};

/// The frame colours have a contrast of at least 3:1 on white and on black; each mark also says in words what it is.
const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>What identifies people in this text</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.8 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
section { border-top: 1px solid; margin-top: 1.5rem; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
mark { color: inherit; background: none; border: 2px solid; border-radius: .3rem; padding: 0 .2rem; position: relative; }
mark small { font-size: .7rem; font-weight: bold; margin-left: .3rem; }
mark.missed { border-style: dashed; border-width: 3px; }
.why { display: none; position: absolute; left: 0; top: 100%; z-index: 1; width: 18rem; padding: .4rem .6rem;
  background: Canvas; color: CanvasText; border: 1px solid; font-size: .85rem; line-height: 1.4; white-space: normal; }
mark:hover .why, mark:focus .why { display: block; }
.who { border-color: #c2410c; } .where { border-color: #15803d; } .when { border-color: #7c6f00; }
.reach { border-color: #2563eb; } .number { border-color: #9333ea; } .secret { border-color: #dc2626; }
.other { border-color: #6b7280; }
table { border-collapse: collapse; line-height: 1.4; }
td, th { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top; overflow-wrap: anywhere; }
</style>
</head>
<body>
<h1>What identifies people in this text</h1>
"#;

/// A text on the page.
pub(super) struct Shown {
    /// What it is called.
    pub(super) name: String,
    pub(super) text: String,
    pub(super) placed: Placed,
    /// What people marked; empty where nobody did.
    pub(super) gold: Vec<Mark>,
}

/// The page; `left_out` texts are not on it.
pub(super) fn page(source: &str, shown: &[Shown], has_gold: bool, left_out: usize) -> String {
    let mut html = HEAD.to_owned();
    html += &summary(source, shown, has_gold, left_out);
    for (number, shown) in shown.iter().enumerate() {
        html += &section(shown, number);
    }
    html += "</body>\n</html>\n";
    html
}

fn summary(source: &str, shown: &[Shown], has_gold: bool, left_out: usize) -> String {
    let mut counts = Counts::default();
    shown.iter().flat_map(|shown| &shown.placed.spans).for_each(|placed| counts.add(placed.span.kind));
    let mut html = format!(
        "<p>Texts of {}: {}. Spans that were found: {}. They are framed; point at one, or move to it with the tab key, \
         to see why.",
        escaped(source),
        shown.len(),
        counts.total()
    );
    if left_out > 0 {
        html += &format!(" Texts that are not on this page: {left_out}.");
    }
    html += "</p>\n";
    if has_gold {
        let missed = shown.iter().flat_map(pieces).filter(|(_, what)| is_missed(*what)).count();
        html += &format!(
            "<p>Stretches that people marked and nothing hides: {missed}. They have a dashed frame and the word \
             MISSED.</p>\n"
        );
    }
    html += "<table>\n<tr><th scope=\"col\">Kind</th><th scope=\"col\">Found</th></tr>\n";
    for (kind, count) in counts.iter().filter(|(_, count)| *count > 0) {
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\"><mark class=\"{}\">{}</mark></th><td>{count}</td></tr>",
            class(Branch::of(kind)),
            kind.placeholder_label()
        );
    }
    html += "</table>\n";
    html
}

fn section(shown: &Shown, number: usize) -> String {
    let mut html = format!("<section>\n<h2>{}</h2>\n<p class=\"text\">", escaped(&shown.name));
    for (range, what) in pieces(shown) {
        let text = escaped(&shown.text[range]);
        match what {
            What::Plain => html += &text,
            What::Found(at) => html += &found(&text, &shown.placed.spans[at], &format!("w{number}-{at}")),
            What::Missed(branch) => {
                let _ = write!(
                    html,
                    "<mark class=\"missed {}\">{text}<small>MISSED {}</small></mark>",
                    class(branch),
                    branch.name()
                );
            }
        }
    }
    html += "</p>\n";
    if !shown.placed.spans.is_empty() {
        html += &evidence(shown);
    }
    html += "</section>\n";
    html
}

fn found(text: &str, placed: &PlacedSpan, id: &str) -> String {
    let span = &placed.span;
    format!(
        "<mark class=\"{}\" tabindex=\"0\" aria-describedby=\"{id}\">{text}<small>{}</small>\
         <span class=\"why\" id=\"{id}\">{}: {}. Rule {}, confidence {:.2}.</span></mark>",
        class(Branch::of(span.kind)),
        escaped(&placed.placeholder),
        span.kind.placeholder_label(),
        confirmed(span.evidence.validation),
        escaped(span.evidence.rule),
        span.confidence
    )
}

fn evidence(shown: &Shown) -> String {
    let mut html = "<table>\n<tr>".to_owned();
    for heading in ["Replaced by", "Text", "Why", "Rule", "Confidence", "Characters"] {
        html += &format!("<th scope=\"col\">{heading}</th>");
    }
    html += "</tr>\n";
    for placed in &shown.placed.spans {
        let PlacedSpan { span, characters, placeholder } = placed;
        let _ = writeln!(
            html,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.2}</td><td>{} to {}</td></tr>",
            escaped(placeholder),
            escaped(&shown.text[span.range.clone()]),
            confirmed(span.evidence.validation),
            escaped(span.evidence.rule),
            span.confidence,
            characters.0,
            characters.1
        );
    }
    html += "</table>\n";
    html
}

fn pieces(shown: &Shown) -> Vec<(Range<usize>, What)> {
    let found: Vec<Range<usize>> =
        shown.placed.spans.iter().map(|placed| placed.span.range.clone()).collect();
    segments(&shown.text, &found, &shown.gold)
}

fn is_missed(what: What) -> bool {
    matches!(what, What::Missed(_))
}

/// The colour of a branch.
fn class(branch: Branch) -> &'static str {
    match branch {
        Branch::Person => "who",
        Branch::Location | Branch::Organisation => "where",
        Branch::Date | Branch::Age => "when",
        Branch::Email | Branch::Phone | Branch::Web | Branch::Network => "reach",
        Branch::Card | Branch::Bank | Branch::Identity | Branch::Crypto | Branch::Device => "number",
        Branch::Secret => "secret",
        Branch::Title | Branch::Group => "other",
    }
}

/// Text that means nothing to HTML; control characters, which no page may hold, are shown as U+FFFD.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use candor_deid::IdentifierKind;

    #[test]
    fn nothing_in_a_text_becomes_markup() {
        assert_eq!(escaped("<a href='x'>\"&\u{0}\n"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;\u{fffd}\n");
    }

    #[test]
    fn every_kind_has_a_colour_that_the_page_knows() {
        for kind in IdentifierKind::ALL {
            assert!(HEAD.contains(&format!(".{} {{ border-color", class(Branch::of(kind)))), "{kind:?}");
        }
    }
}
