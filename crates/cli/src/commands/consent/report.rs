//! `candor consent report`: how the people who agree differ from all others.

use std::collections::{BTreeMap, HashMap};

use candor_consent::report::{ANSWERED, Counted, Dimension, Minimum, READ, answer_at, tables};
use candor_consent::{NoticeBook, Purpose, last_answer};
use candor_conversation::{Age, MomentOrDay, Part, SubjectId, Timestamp};
use candor_deid::sensitive::{Class, Sensitive};
use candor_vault::{Person, ReadFor, Vault};

use crate::commands::language::language_of;
use crate::context::{Context, Unit};
use crate::failure::WrongInput;

mod told;

/// Text of one person that is looked at, in bytes: enough to tell a language and a topic.
const TEXT_BYTES_MAX: usize = 20_000;

/// What is compared.
#[derive(clap::Args)]
pub(crate) struct ReportArguments {
    /// What for: history, train, human_review, insights or publish
    #[arg(long, default_value = "train")]
    purpose: Purpose,
    /// Where choices stood at this time [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<MomentOrDay>,
    /// The fewest people of whom anything is told; at least 5
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    min_group: u64,
}

pub(crate) fn run(context: &Context, arguments: &ReportArguments) -> anyhow::Result<()> {
    let minimum = Minimum::new(arguments.min_group).ok_or_else(|| {
        let text = format!("--min-group {} is below {}", arguments.min_group, Minimum::LEAST);
        WrongInput(format!("{text}\nhint: of fewer people, each could be told"))
    })?;
    let at = arguments.at.map_or(context.now, |given| given.latest().min(context.now));
    let vault = context.vault()?;
    let people = counted(context, &vault, (arguments.purpose, at))?;
    let asked = told::Asked { purpose: arguments.purpose, at, minimum, people: people.len() as u64 };
    let tables = tables(&people, minimum);
    context.answer(&told::text(&asked, &tables), &told::value(&asked, &tables))
}

/// Everyone who was enrolled, in their groups.
fn counted(
    context: &Context,
    vault: &Vault,
    (purpose, at): (Purpose, Timestamp),
) -> anyhow::Result<Vec<Counted>> {
    let notices = vault.notices()?;
    let read = ReadFor { purpose: Purpose::Insights, now: context.now, said_until: at };
    let mut texts: HashMap<SubjectId, Text> = HashMap::new();
    vault.each_said(read, |person, parts| texts.entry(person.subject.id).or_default().add(parts))?;
    let sensitive = Sensitive::shipped();
    let subjects = vault.subjects()?;
    let bar = context.bar(Unit::Items);
    bar.set_length(subjects.len() as u64);
    bar.set_message("counting people");
    let mut people = Vec::new();
    for subject in subjects.into_iter().filter(|subject| subject.enrolled_at <= at) {
        let person = vault.person(subject)?;
        let mut one = of_profile(&person);
        answered(&mut one, &person, (purpose, at), &notices);
        of_text(&mut one.groups, &person, texts.get(&person.subject.id), &sensitive);
        people.push(one);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(people)
}

/// What is known without anything that was written.
fn of_profile(person: &Person) -> Counted {
    let profile = &person.subject.profile;
    let region = profile.region.as_ref().map_or("unknown", |region| region.country());
    let groups = BTreeMap::from([
        (Dimension::Tier, profile.tier.to_string()),
        (Dimension::Region, region.to_owned()),
        (Dimension::Age, band(profile.age).to_owned()),
    ]);
    Counted { agrees: false, groups }
}

/// The band of an age, which is the youngest that somebody may be.
fn band(age: Option<Age>) -> &'static str {
    match age.map(Age::years) {
        None => "unknown",
        Some(..18) => "under 18",
        Some(18..30) => "18 to 29",
        Some(30..45) => "30 to 44",
        Some(45..65) => "45 to 64",
        Some(65..) => "65 and older",
    }
}

fn answered(one: &mut Counted, person: &Person, (purpose, at): (Purpose, Timestamp), notices: &NoticeBook) {
    let Some(answer) = answer_at(person.history(purpose), at) else {
        one.groups.insert(Dimension::Answer, "did not answer".into());
        return;
    };
    one.agrees = answer.state.permits();
    let version = notices.by_id(answer.notice).map_or("unknown".into(), |notice| notice.version.to_string());
    let record = if answer.attested { "written down afterwards" } else { "on record at once" };
    one.groups.extend([
        (Dimension::Answer, ANSWERED.to_owned()),
        (Dimension::Notice, format!("version {version}")),
        (Dimension::Record, record.to_owned()),
        (Dimension::Quarter, quarter(answer.effective_at)),
    ]);
}

fn quarter(time: Timestamp) -> String {
    let text = time.to_string();
    let mut parts = text.split('-');
    let year = parts.next().unwrap_or_default().to_owned();
    let month: u32 = parts.next().and_then(|month| month.parse().ok()).unwrap_or(1);
    format!("{year}-Q{}", month.div_ceil(3))
}

/// What a person wrote that a yes to insights permits to count.
#[derive(Default)]
struct Text {
    turns: u64,
    bytes: u64,
    /// The beginning of it.
    text: String,
}

impl Text {
    fn add(&mut self, parts: &[Part]) {
        self.turns += 1;
        for part in parts {
            let Part::Text(text) = part else { continue };
            self.bytes += text.len() as u64;
            let room = TEXT_BYTES_MAX.saturating_sub(self.text.len());
            self.text.push_str(&text[..text.floor_char_boundary(room)]);
            self.text.push('\n');
        }
    }

    fn length(&self) -> &'static str {
        match self.bytes / self.turns.max(1) {
            ..100 => "under 100 bytes a turn",
            100..500 => "100 to 499 bytes a turn",
            500.. => "500 bytes a turn and more",
        }
    }

    /// The class that most sentences have; of equals the first in the list of classes.
    fn topic(&self, sensitive: &Sensitive) -> &'static str {
        let mut counts: BTreeMap<Class, usize> = BTreeMap::new();
        for label in sensitive.label_text(&self.text).into_iter().flat_map(|(_, labels)| labels) {
            *counts.entry(label.class).or_default() += 1;
        }
        let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
        most.map_or("nothing sensitive", |(class, _)| class.name())
    }
}

fn of_text(
    groups: &mut BTreeMap<Dimension, String>,
    person: &Person,
    text: Option<&Text>,
    sensitive: &Sensitive,
) {
    let Some(text) = text else {
        let agrees = last_answer(person.history(Purpose::Insights)).is_some_and(|last| last.state.permits());
        let why = if agrees { "nothing kept that may be counted" } else { "no yes to insights" };
        groups.insert(Dimension::Reading, why.into());
        return;
    };
    groups.extend([
        (Dimension::Reading, READ.to_owned()),
        (Dimension::Language, language_of(&text.text).to_owned()),
        (Dimension::Length, text.length().to_owned()),
        (Dimension::Topic, text.topic(sensitive).to_owned()),
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_and_bands_begin_where_they_say() {
        let quarter = |text: &str| super::quarter(text.parse().unwrap());
        assert_eq!(quarter("2026-03-31T23:59:59Z"), "2026-Q1");
        assert_eq!(quarter("2026-04-01T00:00:00Z"), "2026-Q2");
        assert_eq!(quarter("2025-12-31T00:00:00Z"), "2025-Q4");
        let bands = [17, 18, 29, 30, 65].map(|years| band(Some(Age::at_least(years))));
        assert_eq!(bands, ["under 18", "18 to 29", "18 to 29", "30 to 44", "65 and older"]);
    }

    #[test]
    fn a_topic_is_what_most_sentences_tell() {
        let mut text = Text::default();
        text.add(&[Part::Text("I was diagnosed with epilepsy last year. Which tyres are good?".into())]);
        assert_eq!(text.topic(&Sensitive::shipped()), "health");
        let mut text = Text::default();
        text.add(&[Part::Text("Which tyres are good in snow?".into())]);
        assert_eq!(text.topic(&Sensitive::shipped()), "nothing sensitive");
        assert_eq!(text.length(), "under 100 bytes a turn");
    }
}
