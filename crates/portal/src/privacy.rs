//! `/privacy`: what a person chose, and what follows from it.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::form::Submitted;
use crate::page::{Frame, own_path, page, see};
use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::visitor::Visitor;

mod choices;

use choices::{Answer, Choice};

pub(crate) use choices::{Choices, withdraw_everything};

/// The words of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrivacyText {
    title: String,
    choices: String,
    pub(crate) yes: String,
    pub(crate) no: String,
    pub(crate) later: String,
    pub(crate) current: String,
    pub(crate) none: String,
    pub(crate) minor: String,
    pub(crate) days: String,
    pub(crate) recipients: String,
    history: String,
    train: String,
    human_review: String,
    insights: String,
    publish: String,
    pub(crate) no_notice: String,
    contact: String,
    pub(crate) broader: String,
    withdraw_all: String,
    withdraw_explained: String,
    yours: String,
    kept: String,
    export: String,
    erase: String,
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct PrivacyPage<'a> {
    frame: Frame<'a>,
    text: &'a PrivacyText,
    choices: Choices,
}

/// The page.
pub(crate) async fn show(State(portal): State<Arc<Portal>>, visitor: Visitor) -> Response {
    let answer = || {
        let session = visitor.signed_in()?;
        page(&PrivacyPage {
            frame: Frame::new(&portal, &visitor),
            text: portal.texts.privacy.of(visitor.locale),
            choices: Choices::of(&portal, session, visitor.locale)?,
        })
    };
    answer().unwrap_or_else(|refusal| refusal.answer(&portal, &visitor))
}

/// Takes an answer about one purpose.
pub(crate) async fn choose(State(portal): State<Arc<Portal>>, visitor: Visitor, form: Submitted) -> Response {
    let answer = async {
        let session = Arc::clone(visitor.signed_in()?);
        let purpose = form.field("purpose")?.parse().map_err(|_| Refusal::Form)?;
        let answer = Answer::parse(form.field("answer")?)?;
        let version = form.field("notice")?.parse().map_err(|_| Refusal::Form)?;
        choices::record(&portal, session, (purpose, answer), version).await?;
        Ok(see(own_path(Some(form.optional("next").unwrap_or("/privacy")))))
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

impl Choices {
    /// Whether there is a yes to take back.
    fn has_yes(&self) -> bool {
        self.choices.iter().any(|choice| choice.is("yes"))
    }
}

impl PrivacyText {
    /// A purpose by its short name.
    pub(crate) fn purpose(&self, choice: &Choice) -> &str {
        match choice.purpose.as_str() {
            "history" => &self.history,
            "train" => &self.train,
            "human_review" => &self.human_review,
            "insights" => &self.insights,
            _ => &self.publish,
        }
    }
}
