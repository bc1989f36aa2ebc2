//! What people chose, when, and under which notice.

use std::io::{self, Write};

use candor_conversation::Timestamp;

use crate::chance::{Chance, Stream};
use crate::people::age_band;
use crate::{Plan, Story, notice_times, people};

const PURPOSES: [&str; 5] = ["history", "train", "human_review", "insights", "publish"];

/// One answer of one person about one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Index into [`people`].
    pub person: usize,
    /// `history`, `train`, `human_review`, `insights` or `publish`.
    pub purpose: &'static str,
    /// `given`, `refused`, `deferred`, `withdrawn` or `renewed`.
    pub state: &'static str,
    /// From when it holds.
    pub at: Timestamp,
    /// Version of the notice it answers: 1 or 2.
    pub notice: u32,
}

/// Every answer of the plan's people, ordered by time.
pub fn consents(plan: &Plan) -> Vec<Choice> {
    let mut choices = Vec::new();
    for (index, person) in people(plan).iter().enumerate() {
        Answers::new(plan, index, &mut choices).tell(person.story);
    }
    choices.sort_by_key(|choice| choice.at);
    choices
}

/// Writes the answers as CSV with a header, ordered by time; a person who was never asked has no row.
///
/// Columns: subject, tenant, tier, region, age, purpose, state, effective_at, notice.
pub fn write_consents_csv(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let people = people(plan);
    writeln!(out, "subject,tenant,tier,region,age,purpose,state,effective_at,notice")?;
    for choice in consents(plan) {
        let person = &people[choice.person];
        let (tier, age) = (person.tier, age_band(person.age));
        write!(out, "{},{},{tier},{},{age},", person.name, person.tenant, person.region)?;
        writeln!(out, "{},{},{},{}", choice.purpose, choice.state, choice.at, choice.notice)?;
    }
    Ok(())
}

/// The answers of one person. Conversations run from 268 days ago until yesterday, and the broader notice
/// comes 60 days ago; the days here place each answer among them.
struct Answers<'a> {
    plan: &'a Plan,
    person: usize,
    chance: Chance,
    /// Before the first conversation.
    early: Timestamp,
    /// Within hours of the broader notice.
    promptly: Timestamp,
    choices: &'a mut Vec<Choice>,
}

impl<'a> Answers<'a> {
    fn new(plan: &'a Plan, person: usize, choices: &'a mut Vec<Choice>) -> Self {
        let mut chance = Chance::new(plan.seed, Stream::Choices, person as u64);
        let early = minutes_after(plan.days_ago(chance.between(272, 295)), chance.between(0, 1400));
        let promptly = minutes_after(notice_times(plan).1, chance.between(1, 540));
        Self { plan, person, chance, early, promptly, choices }
    }

    fn tell(&mut self, story: Story) {
        if !matches!(story, Story::NeverAsked | Story::RefusesEverything) {
            self.agree_and_renew("history");
        }
        match story {
            Story::NeverAsked => {}
            Story::RefusesEverything => PURPOSES.iter().for_each(|purpose| self.first(purpose, "refused")),
            Story::HistoryOnly => PURPOSES[1..].iter().for_each(|purpose| self.first(purpose, "refused")),
            Story::Refuses => self.first("train", "refused"),
            Story::Defers => self.first("train", "deferred"),
            Story::AgreesLate => {
                let at = self.days_ago(15, 45);
                self.push("train", "given", at, 2);
            }
            Story::AgreesThenWithdraws => {
                self.first("train", "given");
                let at = self.days_ago(70, 130);
                self.push("train", "withdrawn", at, 1);
            }
            Story::OldNoticeOnly => self.first("train", "given"),
            Story::Renews => {
                self.first("train", "given");
                let at = self.days_ago(25, 45);
                self.push("train", "renewed", at, 2);
            }
            Story::AgreesEarly
            | Story::MinorAgrees
            | Story::BusinessWithoutContract
            | Story::BusinessWithContract
            | Story::AsksErasure => self.agree_gladly(),
        }
    }

    /// Training, and some of what else is asked.
    fn agree_gladly(&mut self) {
        self.agree_and_renew("train");
        for (purpose, percent) in [("human_review", 40), ("insights", 60), ("publish", 15)] {
            match self.chance.percent(percent) {
                true => self.agree_and_renew(purpose),
                false => self.first(purpose, "refused"),
            }
        }
    }

    fn agree_and_renew(&mut self, purpose: &'static str) {
        self.first(purpose, "given");
        self.push(purpose, "renewed", self.promptly, 2);
    }

    fn first(&mut self, purpose: &'static str, state: &'static str) {
        self.push(purpose, state, self.early, 1);
    }

    fn push(&mut self, purpose: &'static str, state: &'static str, at: Timestamp, notice: u32) {
        self.choices.push(Choice { person: self.person, purpose, state, at, notice });
    }

    fn days_ago(&mut self, latest: i64, earliest: i64) -> Timestamp {
        minutes_after(self.plan.days_ago(self.chance.between(latest, earliest)), self.chance.between(0, 1400))
    }
}

fn minutes_after(time: Timestamp, minutes: i64) -> Timestamp {
    Timestamp::from_millis(time.millis() + minutes * 60_000)
}
