//! The languages of the pages. Words are in `locales/LANGUAGE/PAGE.toml`, each file read into a struct of its own, so
//! that a word that is missing in one language is found before anybody sees it.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use serde::de::DeserializeOwned;

use crate::chat::ChatText;
use crate::check::CheckText;
use crate::guide::GuideText;
use crate::kept::KeptText;
use crate::leaving::LeavingText;
use crate::notice::NoticeText;
use crate::page::FrameText;
use crate::presence::PresenceText;
use crate::privacy::PrivacyText;
use crate::receipts::ReceiptsText;
use crate::refusal::RefusalText;
use crate::session::cookie;
use crate::sign_in::SignInText;
use crate::standing::StandingText;
use crate::status::StatusText;
use crate::two_worlds::TwoWorldsText;

/// The cookie that holds a language which somebody chose.
pub(crate) const LANGUAGE_COOKIE: &str = "candor_language";

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Locale {
    English,
    German,
}

impl Locale {
    pub(crate) const ALL: [Locale; 2] = [Locale::English, Locale::German];

    /// The tag (BCP 47), as in `lang`.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Locale::English => "en",
            Locale::German => "de",
        }
    }

    /// The language's name for itself.
    pub(crate) fn own_name(self) -> &'static str {
        match self {
            Locale::English => "English",
            Locale::German => "Deutsch",
        }
    }

    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.tag() == tag)
    }

    /// What was chosen, else what the browser prefers, else English.
    pub(crate) fn of_request(headers: &HeaderMap) -> Self {
        let chosen = cookie(headers, LANGUAGE_COOKIE).and_then(Self::of_tag);
        chosen.or_else(|| preferred(headers)).unwrap_or(Locale::English)
    }
}

/// The first of the browser's languages that there is, the most wanted first (RFC 9110, section 12.5.4).
fn preferred(headers: &HeaderMap) -> Option<Locale> {
    let accepted = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut wanted: Vec<(u16, Locale)> = accepted
        .split(',')
        .filter_map(|range| {
            let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
            let language = tag.trim().split('-').next()?;
            let weight: f32 = weight.trim().parse().ok()?;
            Some(((weight.clamp(0.0, 1.0) * 1000.0) as u16, Locale::of_tag(&language.to_ascii_lowercase())?))
        })
        .collect();
    wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    wanted.first().filter(|(weight, _)| *weight > 0).map(|(_, locale)| *locale)
}

/// The words of a page are not what the program expects.
#[derive(Debug, thiserror::Error)]
#[error("words of {page} in `{language}`")]
pub struct TextsError {
    page: &'static str,
    language: &'static str,
    #[source]
    source: Box<toml::de::Error>,
}

/// Something in every language.
pub(crate) struct Each<T> {
    english: T,
    german: T,
}

impl<T: DeserializeOwned> Each<T> {
    fn read(page: &'static str, english: &str, german: &str) -> Result<Self, TextsError> {
        let read = |language, text| {
            toml::from_str(text).map_err(|source| TextsError { page, language, source: Box::new(source) })
        };
        Ok(Self { english: read("en", english)?, german: read("de", german)? })
    }
}

impl<T> Each<T> {
    pub(crate) fn of(&self, locale: Locale) -> &T {
        match locale {
            Locale::English => &self.english,
            Locale::German => &self.german,
        }
    }
}

macro_rules! each {
    ($page:literal) => {
        Each::read(
            $page,
            include_str!(concat!("../locales/en/", $page, ".toml")),
            include_str!(concat!("../locales/de/", $page, ".toml")),
        )?
    };
}

/// The words of all pages.
pub(crate) struct Texts {
    pub(crate) frame: Each<FrameText>,
    pub(crate) refusal: Each<RefusalText>,
    pub(crate) sign_in: Each<SignInText>,
    pub(crate) privacy: Each<PrivacyText>,
    pub(crate) standing: Each<StandingText>,
    pub(crate) guide: Each<GuideText>,
    pub(crate) kept: Each<KeptText>,
    pub(crate) leaving: Each<LeavingText>,
    pub(crate) notice: Each<NoticeText>,
    pub(crate) chat: Each<ChatText>,
    pub(crate) receipts: Each<ReceiptsText>,
    pub(crate) presence: Each<PresenceText>,
    pub(crate) check: Each<CheckText>,
    pub(crate) status: Each<StatusText>,
    pub(crate) two_worlds: Each<TwoWorldsText>,
}

impl Texts {
    pub(crate) fn read() -> Result<Self, TextsError> {
        Ok(Self {
            frame: each!("frame"),
            refusal: each!("refusal"),
            sign_in: each!("sign_in"),
            privacy: each!("privacy"),
            standing: each!("standing"),
            guide: each!("guide"),
            kept: each!("kept"),
            leaving: each!("leaving"),
            notice: each!("notice"),
            chat: each!("chat"),
            receipts: each!("receipts"),
            presence: each!("presence"),
            check: each!("check"),
            status: each!("status"),
            two_worlds: each!("two_worlds"),
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn all_words_are_there_in_every_language() {
        Texts::read().unwrap();
    }

    #[test]
    fn the_browser_s_most_wanted_language_is_spoken_unless_another_was_chosen() {
        let mut headers = HeaderMap::new();
        assert_eq!(Locale::of_request(&headers), Locale::English);
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("fr, en;q=0.5, de-AT;q=0.8"));
        assert_eq!(Locale::of_request(&headers), Locale::German);
        headers.insert("cookie", HeaderValue::from_static("a=b; candor_language=en"));
        assert_eq!(Locale::of_request(&headers), Locale::English);
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("de;q=x, ;;, de;q=0"));
        headers.remove("cookie");
        assert_eq!(Locale::of_request(&headers), Locale::English);
    }
}
