//! `/check`: anybody checks a receipt or a proof in their own browser; nothing is sent to us.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::assets;
use crate::page::{Frame, page};
use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::visitor::Visitor;

/// The words of the page. Those in `words` are by the codes of `check.js`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckText {
    title: String,
    intro: String,
    browser: String,
    files: String,
    keys: String,
    keys_hint: String,
    start: String,
    result: String,
    offline: String,
    offline_intro: String,
    offline_candor: String,
    offline_python: String,
    keys_file: String,
    words: Vec<Word>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Word {
    code: String,
    word: String,
}

#[derive(Template)]
#[template(path = "check.html")]
struct CheckPage<'a> {
    frame: Frame<'a>,
    text: &'a CheckText,
    script: &'static str,
    keys: String,
}

/// The page.
pub(crate) async fn show(State(portal): State<Arc<Portal>>, visitor: Visitor) -> Response {
    let answer = || {
        page(&CheckPage {
            frame: Frame::new(&portal, &visitor),
            text: portal.texts.check.of(visitor.locale),
            script: assets::CHECK.path(),
            keys: portal.desk.public_keys(),
        })
    };
    answer().unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// `/trust.keys`: our two public keys.
pub(crate) async fn keys(State(portal): State<Arc<Portal>>) -> Response {
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], portal.desk.public_keys()).into_response()
}

/// That the browser's signal is honoured (Global Privacy Control), since the notice in force is.
pub(crate) async fn gpc(State(portal): State<Arc<Portal>>) -> Response {
    let policy = portal.desk.policy().ok();
    let notice = policy.as_ref().and_then(|policy| policy.notices().in_force(portal.now()));
    let mut support = json!({ "gpc": true });
    if let Some((_, notice)) = notice {
        support["lastUpdate"] = notice.effective_at.date().into();
    }
    ([(CONTENT_TYPE, "application/json")], support.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use crate::locale::{Locale, Texts};

    #[test]
    fn there_are_words_for_every_outcome_that_the_script_can_have() {
        let script = include_str!("../assets/check.js");
        let mut codes: Vec<String> =
            ["verified", "integrity", "refused", "receipt", "absence", "presence"].map(str::to_owned).into();
        for (before, prefix) in [("under(\"", "no-"), ("new Refused(\"", "no-"), ("shows.", "shows-")] {
            let found = script.split(before).skip(1);
            let name = |rest: &str| {
                rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect()
            };
            codes.extend(found.map(name).map(|name: String| format!("{prefix}{name}")));
        }
        codes.sort();
        codes.dedup();
        assert!(codes.len() > 15, "{codes:?}");
        let texts = Texts::read().unwrap();
        for locale in Locale::ALL {
            let words = &texts.check.of(locale).words;
            for code in &codes {
                assert!(
                    words.iter().any(|word| word.code == *code && !word.word.is_empty()),
                    "{code} {locale:?}"
                );
            }
        }
    }
}
