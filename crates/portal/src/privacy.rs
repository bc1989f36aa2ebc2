//! `/privacy`: what a person chose, and what follows from it.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use candor_consent::{NoticeVersion, Purpose};
use serde::Deserialize;

use crate::form::Submitted;
use crate::page::{Frame, own_path, page, see};
use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::visitor::Visitor;

mod choices;
mod seen;

use choices::Answer;
use seen::{Asking, Secrets};

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
    kept_for: String,
    pub(crate) days: String,
    pub(crate) recipients: String,
    history: String,
    train: String,
    human_review: String,
    insights: String,
    publish: String,
    remains: Remains,
    pub(crate) signal: String,
    pub(crate) remembered: String,
    despite_title: String,
    despite: String,
    ask: String,
    changes: String,
    pub(crate) no_notice: String,
    contact: String,
    pub(crate) broader: String,
    withdraw_all: String,
    withdraw_explained: String,
    yours: String,
    kept: String,
    receipts: String,
    where_title: String,
    export: String,
    erase: String,
}

/// What a later no cannot undo, for each purpose.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Remains {
    history: String,
    train: String,
    human_review: String,
    insights: String,
    publish: String,
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct PrivacyPage<'a> {
    frame: Frame<'a>,
    text: &'a PrivacyText,
    choices: Choices,
}

/// A yes that the browser's own signal contradicts: which of the two holds?
#[derive(Template)]
#[template(path = "despite.html")]
struct DespitePage<'a> {
    frame: Frame<'a>,
    text: &'a PrivacyText,
    signal: &'static str,
    form: String,
}

#[derive(Template)]
#[template(path = "despite_form.html")]
struct DespiteForm<'a> {
    text: &'a PrivacyText,
    name: &'a str,
    purpose: Purpose,
    notice: NoticeVersion,
    signal: &'static str,
    next: &'a str,
    secrets: &'a Secrets,
}

/// Where somebody comes in: first what they were never asked, once they have an answer to it the chat.
pub(crate) async fn front(State(portal): State<Arc<Portal>>, visitor: Visitor) -> Response {
    let leads_to =
        |choices: Choices| if choices.is_due() || choices.notice.is_none() { "/privacy" } else { "/chat" };
    let answer = Choices::of(&portal, &visitor, "/privacy").map(|choices| see(leads_to(choices)));
    answer.unwrap_or_else(|refusal| refusal.answer(&portal, &visitor))
}

/// The page.
pub(crate) async fn show(State(portal): State<Arc<Portal>>, visitor: Visitor) -> Response {
    let answer = || {
        page(&PrivacyPage {
            frame: Frame::new(&portal, &visitor),
            text: portal.texts.privacy.of(visitor.locale),
            choices: Choices::of(&portal, &visitor, "/privacy")?,
        })
    };
    answer().unwrap_or_else(|refusal| refusal.answer(&portal, &visitor))
}

/// Takes an answer about one purpose. A yes is taken only with evidence of what was shown, and against the browser's
/// own signal only if it is given once more with that said.
pub(crate) async fn choose(State(portal): State<Arc<Portal>>, visitor: Visitor, form: Submitted) -> Response {
    let answer = async {
        let session = Arc::clone(visitor.signed_in()?);
        let purpose: Purpose = form.field("purpose")?.parse().map_err(|_| Refusal::Form)?;
        let answer = Answer::parse(form.field("answer")?)?;
        let version = NoticeVersion(form.field("notice")?.parse().map_err(|_| Refusal::Form)?);
        let next = own_path(Some(form.optional("next").unwrap_or("/privacy")));
        let mut evidence =
            form.optional(seen::SEEN).and_then(|seen| seen::open(&session, (purpose, version), seen));
        if answer == Answer::Yes {
            let evidence = evidence.as_mut().ok_or(Refusal::Forged)?;
            if let Some(signal) = visitor.signal.filter(|_| purpose != Purpose::History) {
                if form.optional("despite") != Some(signal) {
                    return despite(&portal, &visitor, (purpose, version, signal), next);
                }
                evidence.despite = Some(signal.to_owned());
            }
        }
        choices::record(&portal, session, (purpose, answer), (version, evidence, visitor.signal)).await?;
        Ok(see(next))
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

fn despite(
    portal: &Portal,
    visitor: &Visitor,
    (purpose, notice, signal): (Purpose, NoticeVersion, &'static str),
    next: &str,
) -> Result<Response, Refusal> {
    let text = portal.texts.privacy.of(visitor.locale);
    let asking = Asking { session: visitor.signed_in()?, locale: visitor.locale, notice, now: portal.now() };
    let name = text.name(purpose);
    let form = seen::form(asking, purpose, |secrets| {
        DespiteForm { text, name, purpose, notice, signal, next, secrets }.render()
    })?;
    page(&DespitePage {
        frame: Frame { path: "/privacy", ..Frame::new(portal, visitor) },
        text,
        signal,
        form,
    })
}

impl Choices {
    /// Whether there is a yes to take back.
    fn has_yes(&self) -> bool {
        self.choices.iter().any(|choice| choice.is("yes"))
    }
}

impl PrivacyText {
    /// A purpose by its short name.
    fn name(&self, purpose: Purpose) -> &str {
        match purpose {
            Purpose::History => &self.history,
            Purpose::Train => &self.train,
            Purpose::HumanReview => &self.human_review,
            Purpose::Insights => &self.insights,
            Purpose::Publish => &self.publish,
        }
    }

    /// What a later no cannot undo.
    fn remains(&self, purpose: &Purpose) -> &str {
        let remains = &self.remains;
        match purpose {
            Purpose::History => &remains.history,
            Purpose::Train => &remains.train,
            Purpose::HumanReview => &remains.human_review,
            Purpose::Insights => &remains.insights,
            Purpose::Publish => &remains.publish,
        }
    }
}
