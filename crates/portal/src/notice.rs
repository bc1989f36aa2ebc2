//! `/privacy/notice`: what changed between the notices, and from when. There is nothing to agree to on it.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use candor_consent::{Change, Difference, Notice, diff};
use candor_conversation::Timestamp;
use serde::Deserialize;

use crate::page::{Frame, page};
use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::standing::{StandingText, day};
use crate::visitor::Visitor;

/// Notices that are shown, newest first.
const SHOWN_MAX: usize = 20;

/// The words of the page. In `differences`, `{old}`, `{new}` and `{who}` stand for what changed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoticeText {
    title: String,
    intro: String,
    version: String,
    since: String,
    from: String,
    first: String,
    same: String,
    broader: String,
    back: String,
    none: String,
    differences: Differences,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Differences {
    controller: String,
    contact: String,
    minimum_age: String,
    keeps: String,
    purges: String,
    feedback: String,
    feedback_no_more: String,
    asked: String,
    asked_no_more: String,
    longer: String,
    shorter: String,
    silence_is_yes: String,
    silence_no_more: String,
    silence: String,
    business: String,
    business_no_more: String,
    recipient: String,
    recipient_no_more: String,
    wording: String,
}

/// A notice, and how it differs from the one before it.
struct Step {
    version: u32,
    effective_at: String,
    day: String,
    is_coming: bool,
    is_first: bool,
    changes: Vec<Line>,
}

struct Line {
    about: String,
    words: String,
    is_broader: bool,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage<'a> {
    frame: Frame<'a>,
    text: &'a NoticeText,
    steps: Vec<Step>,
}

/// The page.
pub(crate) async fn show(State(portal): State<Arc<Portal>>, visitor: Visitor) -> Response {
    let answer = || {
        visitor.signed_in()?;
        let text = portal.texts.notice.of(visitor.locale);
        let policy = portal.desk.policy()?;
        let notices: Vec<&Notice> = policy.notices().all().collect();
        let words = (text, portal.texts.standing.of(visitor.locale));
        page(&NoticePage {
            frame: Frame::new(&portal, &visitor),
            text,
            steps: steps(&notices, words, portal.now()),
        })
    };
    answer().unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

fn steps(notices: &[&Notice], words: (&NoticeText, &StandingText), now: Timestamp) -> Vec<Step> {
    let before = std::iter::once(None).chain(notices.iter().map(Some));
    let step = |(notice, before): (&&Notice, Option<&&Notice>)| Step {
        version: notice.version.0,
        effective_at: notice.effective_at.to_string(),
        day: day(notice.effective_at),
        is_coming: notice.effective_at > now,
        is_first: before.is_none(),
        changes: before
            .map(|before| diff(before, notice).iter().map(|change| line(change, words)).collect())
            .unwrap_or_default(),
    };
    let mut steps: Vec<Step> = notices.iter().zip(before).map(step).collect();
    steps.reverse();
    steps.truncate(SHOWN_MAX);
    steps
}

fn line(change: &Change, (text, standing): (&NoticeText, &StandingText)) -> Line {
    let about = change.purpose.map_or("", |purpose| standing.purpose(&purpose));
    Line {
        about: about.to_owned(),
        words: text.differences.words(&change.difference),
        is_broader: change.is_broader(),
    }
}

impl Differences {
    fn words(&self, difference: &Difference) -> String {
        let replaced = |template: &str, old: &str, new: &str| {
            // Only the template is searched, so that a name in it may hold anything.
            let (before, rest) = template.split_once("{new}").unwrap_or((template, ""));
            let (between, after) = rest.split_once("{old}").unwrap_or((rest, ""));
            let old = if rest.contains("{old}") { old } else { "" };
            format!("{before}{new}{between}{old}{after}")
        };
        match difference {
            Difference::Controller { old, new } => replaced(&self.controller, old, new),
            Difference::Contact { old, new } => replaced(&self.contact, old, new),
            Difference::MinimumAge { old, new } => {
                replaced(&self.minimum_age, &old.to_string(), &new.to_string())
            }
            Difference::RetentionDays { old, new } => {
                let template = if new > old { &self.longer } else { &self.shorter };
                replaced(template, &old.to_string(), &new.to_string())
            }
            Difference::Recipient(who) => replaced(&self.recipient, "", who),
            Difference::RecipientNoMore(who) => replaced(&self.recipient_no_more, "", who),
            Difference::KeepsAfterWithdrawal => self.keeps.clone(),
            Difference::PurgesAfterWithdrawal => self.purges.clone(),
            Difference::FeedbackOverrides => self.feedback.clone(),
            Difference::FeedbackOverridesNoMore => self.feedback_no_more.clone(),
            Difference::Asked => self.asked.clone(),
            Difference::AskedNoMore => self.asked_no_more.clone(),
            Difference::SilenceIsYes => self.silence_is_yes.clone(),
            Difference::SilenceIsYesNoMore => self.silence_no_more.clone(),
            Difference::SilenceChanged => self.silence.clone(),
            Difference::BusinessWithContract => self.business.clone(),
            Difference::BusinessNoMore => self.business_no_more.clone(),
            Difference::Wording => self.wording.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use candor_consent::{NoticeBook, examples};

    use super::*;
    use crate::locale::{Locale, Texts};

    #[test]
    fn every_difference_is_told_in_every_language_with_what_it_was_and_is() {
        let texts = Texts::read().unwrap();
        let mut later = Notice::parse(examples::PROVIDERS).unwrap();
        later.version = candor_consent::NoticeVersion(2);
        later.effective_at = "2026-03-01T00:00:00Z".parse().unwrap();
        let book = NoticeBook::new(vec![Notice::parse(examples::OURS).unwrap(), later]);
        let notices: Vec<&Notice> = book.all().collect();
        for (locale, days) in
            [(Locale::English, "1825 days instead of 365"), (Locale::German, "1825 Tage statt 365")]
        {
            let words = (texts.notice.of(locale), texts.standing.of(locale));
            let steps = steps(&notices, words, "2026-02-01T00:00:00Z".parse().unwrap());
            assert_eq!((steps.len(), steps[0].is_coming, steps[1].is_first), (2, true, true));
            let lines: Vec<&Line> = steps[0].changes.iter().collect();
            assert_eq!(lines.len(), diff(notices[0], notices[1]).len());
            assert!(lines.iter().all(|line| !line.words.contains('{')), "{locale:?}");
            assert!(lines.iter().any(|line| line.is_broader && line.words.contains(days)), "{locale:?}");
        }
    }
}
