//! `/guide`: the whole circle in order, each step a button that does the real act. Only for trying things out on one
//! machine; what a step does is the caller's, who has the tools for it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use crate::form::Submitted;
use crate::page::{Frame, page, see};
use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::visitor::Visitor;

/// Does a step; what came out, or what went wrong, as text. It may take minutes.
pub type Act = Box<dyn Fn() -> Result<String, String> + Send + Sync>;

/// The steps that are done by a button, and how far they are.
pub struct Guide {
    acts: BTreeMap<&'static str, Act>,
    done: Mutex<BTreeMap<&'static str, Progress>>,
}

/// How far a step is.
#[derive(Clone)]
enum Progress {
    Running,
    Ended { went_well: bool, told: String, seconds: i64 },
}

impl Guide {
    /// A guide whose steps have these names: `release`, `train`, `verify`, `tamper`, `recall`, `release-again` and
    /// `train-again`. A step that is missing cannot be done.
    pub fn new(acts: Vec<(&'static str, Act)>) -> Self {
        Self { acts: acts.into_iter().collect(), done: Mutex::default() }
    }

    fn progress(&self) -> BTreeMap<&'static str, Progress> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Marks a step as begun, unless one is under way: they all work on one vault.
    fn begin(&self, name: &str) -> Option<&'static str> {
        let name = *self.acts.get_key_value(name)?.0;
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        if done.values().any(|progress| matches!(progress, Progress::Running)) {
            return None;
        }
        done.insert(name, Progress::Running);
        Some(name)
    }

    /// Does a step that has begun. One that breaks off inside has failed as any other, or it would be under way for ever
    /// and keep all others from being done.
    fn run(&self, name: &'static str) -> Result<String, String> {
        let act = self.acts.get(name).ok_or("there is no such step")?;
        let broke_off =
            |_| Err("the step broke off: a bug\nhint: what it says stands where candor runs".to_owned());
        catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(broke_off)
    }

    fn end(&self, name: &'static str, progress: Progress) {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).insert(name, progress);
    }
}

/// The words of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GuideText {
    title: String,
    intro: String,
    run: String,
    running: String,
    done: String,
    failed: String,
    again: String,
    reload: String,
    play: String,
    steps: Vec<StepText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepText {
    title: String,
    what: String,
    look: String,
    /// What to write in the chat.
    #[serde(default)]
    say: Vec<String>,
    /// Whom to play, by their place among the local people.
    #[serde(default)]
    person: Option<usize>,
    /// Where to go then.
    #[serde(default)]
    next: Option<String>,
    /// The act.
    #[serde(default)]
    act: Option<String>,
}

#[derive(Template)]
#[template(path = "guide.html")]
struct GuidePage<'a> {
    frame: Frame<'a>,
    text: &'a GuideText,
    steps: Vec<Step<'a>>,
    is_running: bool,
}

struct Step<'a> {
    text: &'a StepText,
    /// The name of the person to play.
    person: Option<&'a str>,
    is_running: bool,
    ended: Option<(bool, String, i64)>,
}

/// The page.
pub(crate) async fn show(State(portal): State<Arc<Portal>>, visitor: Visitor) -> Response {
    let answer = || {
        let guide = portal.guide.as_ref().ok_or(Refusal::NotFound)?;
        let text = portal.texts.guide.of(visitor.locale);
        let progress = guide.progress();
        let people = &portal.settings.sign_in.local;
        let step =
            |step_text| step(step_text, &progress, |at| people.get(at).map(|person| person.name.as_str()));
        let steps: Vec<Step<'_>> = text.steps.iter().map(step).collect();
        let is_running = steps.iter().any(|step| step.is_running);
        page(&GuidePage { frame: Frame::new(&portal, &visitor), text, steps, is_running })
    };
    answer().unwrap_or_else(|refusal| refusal.answer(&portal, &visitor))
}

fn step<'a>(
    text: &'a StepText,
    progress: &BTreeMap<&'static str, Progress>,
    person: impl Fn(usize) -> Option<&'a str>,
) -> Step<'a> {
    let progress = text.act.as_deref().and_then(|act| progress.get(act));
    let ended = match progress {
        Some(Progress::Ended { went_well, told, seconds }) => Some((*went_well, told.clone(), *seconds)),
        Some(Progress::Running) | None => None,
    };
    let is_running = matches!(progress, Some(Progress::Running));
    Step { text, person: text.person.and_then(person), is_running, ended }
}

/// Begins a step. It goes on by itself; the page tells when it is done.
pub(crate) async fn act(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Path(name): Path<String>,
    _form: Submitted,
) -> Response {
    let answer = || {
        let guide = portal.guide.as_ref().ok_or(Refusal::NotFound)?;
        visitor.signed_in()?;
        let begun = portal.now();
        let name = guide.begin(&name).ok_or(Refusal::Denied)?;
        let steps = &portal.texts.guide.of(visitor.locale).steps;
        let at = steps.iter().position(|step| step.act.as_deref() == Some(name)).unwrap_or_default();
        let portal = Arc::clone(&portal);
        tokio::task::spawn_blocking(move || {
            let Some(guide) = &portal.guide else { return };
            let told = guide.run(name);
            let seconds = (portal.now().millis() - begun.millis()) / 1_000;
            let went_well = told.is_ok();
            let told = told.unwrap_or_else(|error| error);
            guide.end(name, Progress::Ended { went_well, told, seconds });
        });
        Ok(see(&format!("/guide#step-{}", at + 1)))
    };
    answer().unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_step_at_a_time_and_only_those_that_there_are() {
        let guide = Guide::new(vec![
            ("train", Box::new(|| Ok(String::new()))),
            ("recall", Box::new(|| Ok(String::new()))),
        ]);
        assert_eq!(guide.begin("erase"), None);
        assert_eq!(guide.begin("train"), Some("train"));
        assert_eq!(guide.begin("recall"), None);
        guide.end("train", Progress::Ended { went_well: true, told: String::new(), seconds: 0 });
        assert_eq!(guide.begin("recall"), Some("recall"));
    }

    #[test]
    fn a_step_that_panics_has_failed_and_can_be_done_again() {
        let has_panicked = std::sync::atomic::AtomicBool::new(false);
        let act = move || {
            assert!(has_panicked.swap(true, std::sync::atomic::Ordering::Relaxed), "the first time");
            Ok("done".to_owned())
        };
        let guide = Guide::new(vec![("train", Box::new(act))]);
        let name = guide.begin("train").unwrap();
        assert!(guide.run(name).unwrap_err().contains("broke off"));
        guide.end(name, Progress::Ended { went_well: false, told: String::new(), seconds: 0 });
        assert_eq!(guide.begin("train"), Some(name));
        assert_eq!(guide.run(name), Ok("done".to_owned()));
    }
}
