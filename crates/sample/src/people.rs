//! The people, and what each of them chose.

use candor_conversation::{Age, Tier};

use crate::Plan;
use crate::chance::{Chance, Stream};

/// Tenant of private people.
pub const TENANT_HOME: &str = "home";
/// Business tenant whose contract allows training.
pub const TENANT_WITH_CONTRACT: &str = "fernhill";
/// Business tenant with no contract that allows training.
pub const TENANT_WITHOUT_CONTRACT: &str = "brackwater";
const TENANT_SCHOOL: &str = "riverside-college";
const TENANT_API: &str = "tidepool-apps";

/// What a person chose over the nine months.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Story {
    /// Agrees to training before the first conversation, and again on the day the broader notice comes.
    AgreesEarly,
    /// Agrees to training in the last weeks, under the broader notice; most turns were said before.
    AgreesLate,
    /// Keeps a history and refuses training.
    Refuses,
    /// Keeps a history and answers "not now" about training.
    Defers,
    /// Was never asked; there is no event.
    NeverAsked,
    /// Agrees to training, and withdraws some months later.
    AgreesThenWithdraws,
    /// Agrees to training under the first notice and does not answer to the broader one.
    OldNoticeOnly,
    /// Agrees to training under the first notice, and renews weeks after the broader one came.
    Renews,
    /// Is under age and agrees all the same.
    MinorAgrees,
    /// Agrees, but the employer has no contract that allows it.
    BusinessWithoutContract,
    /// Agrees, and the employer's contract allows it.
    BusinessWithContract,
    /// Refuses every purpose, history too.
    RefusesEverything,
    /// Keeps a history and refuses every other purpose.
    HistoryOnly,
    /// Agrees as `AgreesEarly` does, and will ask for erasure.
    AsksErasure,
}

/// Each story with the number of people who live it among 60.
const STORIES: [(Story, usize); 14] = [
    (Story::AgreesEarly, 14),
    (Story::AgreesLate, 6),
    (Story::Refuses, 8),
    (Story::Defers, 4),
    (Story::NeverAsked, 6),
    (Story::AgreesThenWithdraws, 4),
    (Story::OldNoticeOnly, 4),
    (Story::Renews, 4),
    (Story::MinorAgrees, 1),
    (Story::BusinessWithoutContract, 2),
    (Story::BusinessWithContract, 2),
    (Story::RefusesEverything, 2),
    (Story::HistoryOnly, 2),
    (Story::AsksErasure, 1),
];

impl Story {
    /// All stories.
    pub const ALL: [Story; 14] = {
        let mut all = [Story::AgreesEarly; 14];
        let mut at = 0;
        while at < all.len() {
            all[at] = STORIES[at].0;
            at += 1;
        }
        all
    };

    /// Whether no turn of this person may ever be used for training.
    pub fn never_permits_training(self) -> bool {
        matches!(
            self,
            Story::Refuses
                | Story::Defers
                | Story::NeverAsked
                | Story::MinorAgrees
                | Story::BusinessWithoutContract
                | Story::RefusesEverything
                | Story::HistoryOnly
        )
    }

    /// Whether the person said no to training in so many words, and never yes.
    pub(crate) fn says_no(self) -> bool {
        matches!(self, Story::Refuses | Story::RefusesEverything | Story::HistoryOnly)
    }
}

/// Somebody who speaks in the conversations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The operator's user id: `u-0017`, or an account in the shape of an e-mail address.
    pub name: String,
    /// The organisation the account belongs to.
    pub tenant: &'static str,
    /// Kind of account.
    pub tier: Tier,
    /// Country, some with a subdivision.
    pub region: &'static str,
    /// Youngest age the person may have, where the operator knows it.
    pub age: Option<Age>,
    /// What the person chose.
    pub story: Story,
}

const REGIONS: [&str; 24] = [
    "US", "US", "US", "US", "US", "US", "US", "US", "US-CA", "US-CA", "US-TX", "US-NY", "DE", "DE", "FR",
    "GB", "ES", "NL", "BR", "IN", "MX", "JP", "CA", "NG",
];

const ACCOUNT_NAMES: [&str; 20] = [
    "mara.lindholm",
    "tobias.reuter",
    "amelie.roche",
    "ines.calvo",
    "jonah.whitby",
    "priya.raman",
    "keita.mori",
    "luiza.prado",
    "owen.tanner",
    "hanna.vogt",
    "sami.okoro",
    "clara.duval",
    "pablo.arroyo",
    "greta.holm",
    "dev.malhotra",
    "nora.quill",
    "felix.brandt",
    "zoe.marchand",
    "abel.santoro",
    "wendy.larch",
];

/// The people of a plan; a person's index is their place in this list.
pub fn people(plan: &Plan) -> Vec<Person> {
    let mut chance = Chance::new(plan.seed, Stream::People, 0);
    let mut stories = stories(plan.people as usize);
    chance.shuffle(&mut stories);
    stories.into_iter().enumerate().map(|(index, story)| person(index, story, &mut chance)).collect()
}

/// One person for each story first, the rest in the proportions of [`STORIES`].
fn stories(people: usize) -> Vec<Story> {
    let rest: Vec<Story> =
        STORIES.iter().flat_map(|(story, count)| std::iter::repeat_n(*story, count - 1)).collect();
    Story::ALL.into_iter().chain(rest.into_iter().cycle()).take(people).collect()
}

fn person(index: usize, story: Story, chance: &mut Chance) -> Person {
    // Schools and programs are given only to people whose turns are withheld anyway, so that a story's outcome
    // does not depend on what a notice says about those tiers.
    let (tenant, tier) = match story {
        Story::BusinessWithContract => (TENANT_WITH_CONTRACT, Tier::Business),
        Story::BusinessWithoutContract => (TENANT_WITHOUT_CONTRACT, Tier::Business),
        Story::Defers if chance.percent(50) => (TENANT_SCHOOL, Tier::Education),
        Story::NeverAsked if chance.percent(40) => (TENANT_API, Tier::Api),
        _ => (TENANT_HOME, Tier::Consumer),
    };
    let age = match story {
        Story::MinorAgrees => Some(Age::at_least(13)),
        Story::NeverAsked => None,
        _ => Some(Age::at_least(18)),
    };
    let account = chance.pick(&ACCOUNT_NAMES);
    let name = match chance.below(4) {
        0 => format!("{account}.{}@example.org", index + 1),
        _ => format!("u-{:04}", index + 1),
    };
    Person { name, tenant, tier, region: chance.pick(&REGIONS), age, story }
}

/// An age as operators write it: `18+`, `13-17`, or nothing where it is unknown.
pub(crate) fn age_band(age: Option<Age>) -> &'static str {
    match age {
        Some(age) if age.years() >= 18 => "18+",
        Some(_) => "13-17",
        None => "",
    }
}
