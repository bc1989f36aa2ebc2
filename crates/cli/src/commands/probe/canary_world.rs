//! A vault in which invented people told a model secrets: half of them agreed to training, half refused.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use candor_consent::{Purpose, State};
use candor_conversation::{Age, Message, Tier, Timestamp};
use candor_learn::probe::{Frame, SecretKind};
use candor_sample::TENANT_HOME;
use candor_vault::Profile;
use serde_json::json;

use super::canary_frames::{FRAMES, frames};
use crate::commands::quickstart::sample;
use crate::commands::quickstart::story::{Choice, Person, Story};
use crate::commands::quickstart::world::{Side, World};
use crate::context::Context;

/// People of each kind of secret, on each side.
const PEOPLE: usize = 8;
/// How long before the end of the sample's time secrets are told, in days.
const TOLD_DAYS_AGO: i64 = 120;

/// A secret, and who told it.
pub(super) struct Canary {
    pub(super) kind: SecretKind,
    pub(super) agreed: bool,
    pub(super) secret: String,
    /// Who says it in each frame.
    speakers: [usize; FRAMES],
}

impl Canary {
    /// What is said before the secret where it is looked for.
    pub(super) fn frame(&self) -> Frame {
        let (question, _) = frames(self.kind)[0];
        let lead = question.split("{}").next().unwrap_or_default();
        Frame { before: Vec::new(), role: "user".into(), lead: lead.into() }
    }

    /// The conversations as they were said.
    pub(super) fn conversations(&self) -> impl Iterator<Item = Vec<Message>> {
        let said = |(question, answer): &(&str, &str)| {
            let message = |role: &str, text: &str| Message {
                role: role.into(),
                content: text.replace("{}", &self.secret),
            };
            vec![message("user", question), message("assistant", answer)]
        };
        frames(self.kind).iter().map(said).collect::<Vec<_>>().into_iter()
    }
}

/// The secrets: of each kind 8 that people told who agreed, and 8 that people told who refused.
pub(super) fn canaries(seed: u64) -> Vec<Canary> {
    let mut canaries: Vec<Canary> = Vec::new();
    for kind in SecretKind::ALL {
        for agreed in [true, false] {
            let first = canaries.len();
            let side = if agreed { "agreed" } else { "refused" };
            for (at, secret) in kind.draw(seed, side, PEOPLE).into_iter().enumerate() {
                // A word is everybody's: each time somebody else says it. A secret is one person's.
                let speaker = |frame: usize| match kind {
                    SecretKind::Word => first + (at + frame) % PEOPLE,
                    _ => first + at,
                };
                let speakers = std::array::from_fn(speaker);
                canaries.push(Canary { kind, agreed, secret, speakers });
            }
        }
    }
    canaries
}

/// The generated sample with the people who tell the secrets among its own, taken in and released.
pub(super) fn world(context: &Context, folder: &Path, canaries: &[Canary]) -> anyhow::Result<World> {
    let mut story = sample::story(context, folder)?;
    let from = story.people.len();
    for (at, canary) in canaries.iter().enumerate() {
        story.people.push(person(at)?);
        choose(&mut story, from + at, canary.agreed);
    }
    story.choices.sort_by_key(|choice| choice.at);
    let mut file = OpenOptions::new()
        .append(true)
        .open(&story.conversations)
        .with_context(|| format!("open {}", story.conversations.display()))?;
    for (number, canary) in canaries.iter().enumerate() {
        for (frame, messages) in canary.conversations().enumerate() {
            let minutes = (number * FRAMES + frame) as i64;
            let at = later(story.now, -TOLD_DAYS_AGO * 24 * 60 + minutes);
            let messages: Vec<_> = messages
                .iter()
                .map(|message| json!({ "role": message.role, "content": message.content, "created_at": at }))
                .collect();
            let line = json!({
                "id": format!("canary-{number}-{frame}"),
                "user": name(canary.speakers[frame]),
                "tenant": TENANT_HOME,
                "tier": "consumer",
                "region": "US",
                "age": "18+",
                "created_at": at,
                "messages": messages,
            });
            writeln!(file, "{line}").context("write the conversations with the secrets")?;
        }
    }
    drop(file);
    World::make(context, &folder.join("vault"), &story, Side::Ours)
}

fn name(at: usize) -> String {
    format!("canary-{at}")
}

fn person(at: usize) -> anyhow::Result<Person> {
    let profile = Profile {
        name: name(at),
        tier: Tier::Consumer,
        region: Some("US".parse()?),
        age: Some(Age::at_least(18)),
        called: Vec::new(),
    };
    Ok(Person { tenant: TENANT_HOME.parse()?, profile })
}

/// Keeps a history in any case, so that what is refused is training and nothing else. A yes is renewed under the
/// broader notice.
fn choose(story: &mut Story, person: usize, agreed: bool) {
    let train = if agreed { State::Given } else { State::Refused };
    for (notice, version) in story.notices.iter().zip(1..) {
        let at = later(notice.effective_at, 60);
        for (purpose, first) in [(Purpose::History, State::Given), (Purpose::Train, train)] {
            let state = match (version, first) {
                (1, first) => first,
                (_, State::Given) => State::Renewed,
                _ => continue,
            };
            story.choices.push(Choice { person, purpose, state, at, notice: version });
        }
    }
}

fn later(time: Timestamp, minutes: i64) -> Timestamp {
    Timestamp::from_millis(time.millis() + minutes * 60_000)
}
