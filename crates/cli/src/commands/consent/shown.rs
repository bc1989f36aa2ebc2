//! What was shown to whoever chose, where another system than our pages showed it, and what signals say otherwise.

use candor_consent::{Evidence, Method, Notice};
use candor_conversation::Timestamp;
use candor_tlog::hash::Hash;
use candor_vault::{Contradiction, Signal};
use serde_json::{Value, json};

use crate::failure::WrongInput;

/// What was shown, as another system reports it.
#[derive(clap::Args, Default)]
pub(super) struct Shown {
    /// Language in which the notice was shown; with it, what was shown is in the record and the receipt
    #[arg(long, value_name = "LOCALE")]
    pub(super) shown_in: Option<String>,
    /// When it was shown [default: when the choice takes effect]
    #[arg(long, value_name = "TIME", requires = "shown_in")]
    pub(super) shown_at: Option<Timestamp>,
    /// SHA-256 of the page or screen that was shown, in hexadecimal digits
    #[arg(long, value_name = "HASH", requires = "shown_in")]
    pub(super) shown_sha256: Option<Hash>,
}

impl Shown {
    /// The evidence for the record of a choice; nothing if nothing was told.
    pub(super) fn evidence(
        &self,
        notice: &Notice,
        effective_at: Timestamp,
    ) -> anyhow::Result<Option<Evidence>> {
        let Some(locale) = self.shown_in.clone() else {
            let told = self.shown_at.is_some() || self.shown_sha256.is_some();
            let text = "what was shown has no locale\nhint: name the language in which the notice was shown";
            return if told { Err(WrongInput(text.into()).into()) } else { Ok(None) };
        };
        if !notice.text.contains_key(&locale) {
            let known: Vec<&str> = notice.text.keys().map(String::as_str).collect();
            let text = format!(
                "notice version {} has no text for `{locale}`; it has {}",
                notice.version,
                known.join(", ")
            );
            return Err(WrongInput(text).into());
        }
        let shown_at = self.shown_at.unwrap_or(effective_at);
        if shown_at > effective_at {
            let text = format!("it cannot have been shown at {shown_at}, after the choice at {effective_at}");
            return Err(WrongInput(text).into());
        }
        let layout = self.shown_sha256.map(|hash| hash.0);
        Ok(Some(Evidence { method: Method::Reported, locale, layout, shown_at, despite: None }))
    }
}

/// A signal for programs.
pub(super) fn signal_value(signal: &Signal) -> Value {
    json!({
        "dialect": signal.dialect,
        "asks": signal.lowered,
        "first_on": Timestamp::of_day(signal.first_day).date(),
        "last_on": Timestamp::of_day(signal.last_day).date(),
    })
}

/// What signals say against a yes, in words.
pub(super) fn contradiction_words(contradiction: &Contradiction) -> String {
    let signals = contradiction.dialects.join(" and ");
    if contradiction.acknowledged {
        return format!(
            "{signals} says otherwise than the yes, and the person gave the yes again knowing that"
        );
    }
    format!("{signals} says otherwise than the yes; requests that carry it are not used")
}

/// The same for programs.
pub(super) fn contradiction_value(contradiction: &Contradiction) -> Value {
    json!({ "signals": contradiction.dialects, "acknowledged": contradiction.acknowledged })
}
