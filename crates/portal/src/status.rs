//! `/status`: what the operator does with all that is kept, told to everybody without naming anybody.
//!
//! Counts of people are those of the last midnight (UTC), rounded down to fives; what is below five is not told. Each
//! is rounded by itself and none is a sum of others, so that taking one from another gives no exact number; and two
//! looks at one day show the same, so that nobody can tell by asking again what one person has just done.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use candor_consent::{Purpose, State as ChoiceState};
use candor_conversation::Timestamp;
use candor_vault::{ReleaseRow, Tallies};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::page::{Frame, page};
use crate::portal::Portal;
use crate::presence::{purpose, statement};
use crate::refusal::Refusal;
use crate::standing::{StandingText, day};
use crate::visitor::Visitor;

/// Counts of people are told in steps of so many.
const STEP: u64 = 5;
/// Releases that are told, the newest first.
const RELEASES_SHOWN: usize = 50;
/// Largest card that is shown, in bytes.
const CARD_BYTES_MAX: u64 = 1 << 20;

/// The words of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusText {
    title: String,
    intro: String,
    how: String,
    as_of: String,
    fewer: String,
    at_least: String,
    people: String,
    enrolled: String,
    erased: String,
    choices: String,
    yes: String,
    refused: String,
    withdrawn: String,
    deferred: String,
    ended: String,
    releases: String,
    none: String,
    date: String,
    made_for: String,
    rows: String,
    card: String,
    recalls: String,
    no_recalls: String,
    withdrawn_rows: String,
    erased_rows: String,
    other_rows: String,
    breaches: String,
    no_breaches: String,
    unreadable: String,
    log: String,
    log_intro: String,
    entries: String,
    root: String,
    check: String,
    json: String,
}

/// A count of people as it is told: in steps of five, or "fewer than 5".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum People {
    FewerThan(u64),
    AtLeast(u64),
}

impl People {
    fn of(count: u64) -> Self {
        if count < STEP { Self::FewerThan(STEP) } else { Self::AtLeast(count - count % STEP) }
    }

    fn told(self, text: &StatusText) -> String {
        match self {
            Self::FewerThan(count) => format!("{} {count}", text.fewer),
            Self::AtLeast(count) => format!("{} {count}", text.at_least),
        }
    }
}

/// Answers to one purpose.
#[derive(Serialize)]
struct Answers {
    purpose: Purpose,
    yes: People,
    refused: People,
    withdrawn: People,
    deferred: People,
    ended: People,
}

#[derive(Serialize)]
struct Release {
    name: String,
    day: String,
    purpose: Option<Purpose>,
    rows: Option<u64>,
    people: Option<People>,
}

/// What went wrong, as the operator tells it in `breaches.toml`.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Breach {
    /// The day, such as `2026-03-01`.
    on: String,
    /// What happened.
    what: String,
    /// What was done about it.
    done: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Breaches {
    #[serde(default)]
    breach: Vec<Breach>,
}

/// The report.
#[derive(Serialize)]
pub(crate) struct Status {
    as_of: String,
    enrolled: People,
    erased: People,
    choices: Vec<Answers>,
    releases: Vec<Release>,
    /// Also in steps: how many rows were of one person who left.
    recalled_rows: BTreeMap<String, People>,
    /// `None`: the list cannot be read.
    breaches: Option<Vec<Breach>>,
    checkpoint: String,
}

#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage<'a> {
    frame: Frame<'a>,
    text: &'a StatusText,
    standing: &'a StandingText,
    status: &'a Status,
}

/// The page.
pub(crate) async fn show(State(portal): State<Arc<Portal>>, visitor: Visitor) -> Response {
    let answer = async {
        let status = status(&portal).await?;
        page(&StatusPage {
            frame: Frame::new(&portal, &visitor),
            text: portal.texts.status.of(visitor.locale),
            standing: portal.texts.standing.of(visitor.locale),
            status: &status,
        })
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// The same for programs.
pub(crate) async fn as_json(State(portal): State<Arc<Portal>>, visitor: Visitor) -> Response {
    let answer = async {
        let text =
            format!("{:#}\n", json!({ "format": "candor-status-1", "status": &*status(&portal).await? }));
        Ok(([(CONTENT_TYPE, "application/json")], text).into_response())
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// The card of a release that there is.
pub(crate) async fn card(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Response {
    let answer = async {
        let is_known = status(&portal).await?.releases.iter().any(|release| release.name == name);
        let card = is_known.then(|| portal.desk.release_card(&name, CARD_BYTES_MAX)).flatten();
        let card = card.ok_or(Refusal::NotFound)?;
        Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], card).into_response())
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

async fn status(portal: &Arc<Portal>) -> Result<Arc<Status>, Refusal> {
    let now = portal.now();
    if let Some(status) = portal.status.fresh(0, now) {
        return Ok(status);
    }
    let whose = Arc::clone(portal);
    let found = tokio::task::spawn_blocking(move || {
        let tallies = whose.desk.tallies(now)?;
        let (breaches, checkpoint) = (whose.desk.breaches(), whose.desk.checkpoint());
        Ok::<_, Refusal>(Status::new(tallies, breaches.as_deref(), checkpoint, now))
    });
    let found = found.await.map_err(|_| Refusal::Broken("count"))??;
    Ok(portal.status.hold(0, now, found))
}

impl Status {
    fn new(tallies: Tallies, breaches: Option<&str>, checkpoint: String, now: Timestamp) -> Self {
        let of = |purpose, states: &[ChoiceState]| {
            let counts = states.iter().filter_map(|state| tallies.choices.get(&(purpose, *state)));
            People::of(counts.sum())
        };
        let ended = [ChoiceState::Expired, ChoiceState::Revoked, ChoiceState::Invalidated];
        let answers = |purpose| Answers {
            purpose,
            yes: of(purpose, &[ChoiceState::Given, ChoiceState::Renewed]),
            refused: of(purpose, &[ChoiceState::Refused]),
            withdrawn: of(purpose, &[ChoiceState::Withdrawn]),
            deferred: of(purpose, &[ChoiceState::Deferred]),
            ended: of(purpose, &ended),
        };
        let breaches = breaches.and_then(|text| toml::from_str::<Breaches>(text).ok());
        Self {
            as_of: day(now),
            enrolled: People::of(tallies.people),
            erased: People::of(tallies.erased),
            choices: Purpose::ALL.map(answers).into(),
            releases: tallies.releases.iter().rev().take(RELEASES_SHOWN).map(Release::of).collect(),
            recalled_rows: tallies
                .recalled
                .into_iter()
                .map(|(cause, rows)| (cause, People::of(rows)))
                .collect(),
            breaches: breaches.map(|breaches| breaches.breach),
            checkpoint,
        }
    }

    /// Size and root, as the checkpoint has them.
    fn log(&self) -> (&str, &str) {
        let mut lines = self.checkpoint.lines().skip(1);
        (lines.next().unwrap_or_default(), lines.next().unwrap_or_default())
    }
}

impl Release {
    fn of(row: &ReleaseRow) -> Self {
        let statement = statement(row);
        let committed =
            |name: &str| statement.as_ref()?.pointer("/predicate/commitment")?.get(name)?.as_u64();
        Self {
            name: row.name.clone(),
            day: day(row.as_of),
            purpose: purpose(row),
            rows: committed("rows"),
            people: committed("subjects").map(People::of),
        }
    }
}

impl StatusText {
    fn cause(&self, cause: &str) -> &str {
        match cause {
            "withdrawn" => &self.withdrawn_rows,
            "erased" => &self.erased_rows,
            _ => &self.other_rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_people_come_in_fives_and_small_ones_not_at_all() {
        for count in 0..5 {
            assert_eq!(People::of(count), People::FewerThan(5), "{count}");
        }
        for (count, told) in [(5, 5), (9, 5), (10, 10), (1_234, 1_230)] {
            assert_eq!(People::of(count), People::AtLeast(told));
        }
    }

    #[test]
    fn no_difference_of_two_counts_gives_a_small_one() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let told = |refused| {
            let choices = BTreeMap::from([
                ((Purpose::Train, ChoiceState::Given), 100 - refused),
                ((Purpose::Train, ChoiceState::Refused), refused),
            ]);
            let tallies = Tallies { people: 100, choices, ..Tallies::default() };
            serde_json::to_string(&Status::new(tallies, None, String::new(), now)).unwrap()
        };
        assert_eq!(told(1), told(4), "whether one or four said no cannot be told");
    }

    #[test]
    fn a_list_of_breaches_that_cannot_be_read_is_not_shown_as_none() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let of =
            |text| Status::new(Tallies::default(), text, String::new(), now).breaches.map(|all| all.len());
        assert_eq!((of(None), of(Some(""))), (None, Some(0)));
        assert_eq!(of(Some("[[breach]]\non = \"2026-02-01\"\nwhat = \"a\"\ndone = \"b\"")), Some(1));
        assert_eq!(of(Some("[[breach]]\nwhat = \"a\"")), None);
    }
}
