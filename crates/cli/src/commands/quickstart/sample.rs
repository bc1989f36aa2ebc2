//! The generated story: 60 people, mixed choices, withdrawals, a minor, tenants with and without a contract.

use std::path::Path;

use candor_consent::{Notice, NoticeVersion, Purpose, examples};
use candor_sample::{Plan, TENANT_WITH_CONTRACT};
use candor_vault::Profile;

use super::story::{Choice, Person, Story};
use crate::commands::sample::write;
use crate::context::Context;

/// Days that the broader notice keeps conversations for training; the first keeps them for 365.
const BROADER_RETENTION_DAYS: u32 = 730;

pub(crate) fn story(context: &Context, folder: &Path) -> anyhow::Result<Story> {
    let plan = Plan::quickstart(context.now);
    let (conversations, choices_file) = write(&plan, &folder.join("sample"))?;
    let people = candor_sample::people(&plan);
    let first = |wanted: candor_sample::Story| people.iter().position(|person| person.story == wanted);
    let mut choices = Vec::new();
    for choice in candor_sample::consents(&plan) {
        choices.push(Choice {
            person: choice.person,
            purpose: choice.purpose.parse()?,
            state: choice.state.parse()?,
            at: choice.at,
            notice: choice.notice,
        });
    }
    let about = format!(
        "  {} generated conversations of {} people, none of whom exists: {}\n  their choices: {}",
        plan.conversations,
        plan.people,
        conversations.display(),
        choices_file.display()
    );
    let remark = "Under our notice silence, \"not now\", a minor's yes and a notice that grew broader are all no. \
                  Under the other, whoever did not find the switch is used, except where law asks for consent: \
                  there Candor refuses the default.";
    let story = Story {
        about,
        remark: remark.into(),
        conversations,
        author: None,
        choices,
        contracts: vec![TENANT_WITH_CONTRACT.parse()?],
        notices: notices(&plan)?,
        attested_by: None,
        refuser: first(candor_sample::Story::Refuses),
        giver: first(candor_sample::Story::AgreesEarly),
        leaver: first(candor_sample::Story::AsksErasure),
        people: people
            .into_iter()
            .map(|person| {
                Ok(Person {
                    tenant: person.tenant.parse()?,
                    profile: Profile {
                        name: person.name,
                        tier: person.tier,
                        region: Some(person.region.parse()?),
                        age: person.age,
                        called: Vec::new(),
                    },
                })
            })
            .collect::<anyhow::Result<_>>()?,
        now: context.now,
    };
    Ok(story)
}

/// Ours, and the one that replaces it: broader, since it keeps longer.
fn notices(plan: &Plan) -> anyhow::Result<Vec<Notice>> {
    let (first_at, second_at) = candor_sample::notice_times(plan);
    let mut first = Notice::parse(examples::OURS)?;
    first.effective_at = first_at;
    let mut second = first.clone();
    second.version = NoticeVersion(2);
    second.effective_at = second_at;
    if let Some(terms) = second.purposes.get_mut(&Purpose::Train) {
        terms.retention_days = BROADER_RETENTION_DAYS;
    }
    Ok(vec![first, second])
}
