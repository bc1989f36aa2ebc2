//! `candor notice campaign`: whose yes the notice in force has outgrown, and asking them.

use candor_consent::{NoticeBook, Outgrown, Purpose, State, outgrown};
use candor_conversation::{TenantId, Timestamp};
use candor_vault::{Act, Subject, Vault};
use serde_json::json;

use crate::context::{Context, Unit, table};

/// People who are listed for people to read; programs get them all.
const SHOWN: usize = 50;
/// Acts that are recorded in one transaction.
const GROUP: usize = 1_000;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Record, of everyone listed who may be asked now, that they were asked: run it when you do ask them
    #[arg(long)]
    asked: bool,
    /// For these purposes alone; may be given several times [default: all]
    #[arg(long = "purpose", value_name = "PURPOSE")]
    purposes: Vec<Purpose>,
    /// People of this tenant alone [default: all]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<TenantId>,
}

/// A yes that somebody has to renew.
struct Due {
    subject: Subject,
    purpose: Purpose,
    outgrown: Outgrown,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<()> {
    let mut vault = context.vault()?;
    let (notice_id, notice) = vault.notice(None, context.now)?;
    let due = find(context, &vault, arguments)?;
    let may_be_asked = |due: &&Due| due.outgrown.not_before.is_none();
    let mut recorded = 0;
    if arguments.asked {
        let ask = |due: &Due| Act {
            subject: due.subject.id,
            purpose: due.purpose,
            state: State::Requested,
            notice: notice_id,
            effective_at: context.now,
            attested_by: None,
            evidence: None,
        };
        let acts: Vec<Act> = due.iter().filter(may_be_asked).map(ask).collect();
        let mut entropy = context.entropy()?;
        for group in acts.chunks(GROUP) {
            recorded += vault.record(group, context.now, &mut entropy)?.len();
        }
    }
    let silent = due.iter().filter(|due| due.outgrown.asked_at.is_some()).count();
    let to_ask = due.iter().filter(may_be_asked).count();
    let mut text = format!(
        "notice version {}: {} choices are outgrown; {to_ask} may be asked for now, {silent} were asked for and are \
         not answered, which is a no",
        notice.version,
        due.len()
    );
    if arguments.asked {
        text += &format!("\nrecorded that {recorded} were asked for");
    }
    if !due.is_empty() {
        text += &format!("\n{}", listed(&due));
    }
    let people: Vec<_> = due.iter().map(value).collect();
    let value = json!({
        "notice": notice.version,
        "outgrown": due.len(),
        "to_ask": to_ask,
        "asked_and_silent": silent,
        "recorded": recorded,
        "people": people,
    });
    context.answer(&text, &value)
}

fn find(context: &Context, vault: &Vault, arguments: &Arguments) -> anyhow::Result<Vec<Due>> {
    let notices = vault.notices()?;
    let subjects = vault.subjects()?;
    let bar = context.bar(Unit::Items);
    bar.set_length(subjects.len() as u64);
    bar.set_message("people");
    let mut due = Vec::new();
    for subject in subjects {
        bar.inc(1);
        if arguments.tenant.as_ref().is_none_or(|tenant| *tenant == subject.tenant) {
            due.extend(of_person(context.now, vault, (&notices, arguments), subject)?);
        }
    }
    bar.finish_and_clear();
    Ok(due)
}

fn of_person(
    now: Timestamp,
    vault: &Vault,
    (notices, arguments): (&NoticeBook, &Arguments),
    subject: Subject,
) -> anyhow::Result<Vec<Due>> {
    let mut due = Vec::new();
    let person = vault.person(subject)?;
    for purpose in Purpose::ALL {
        let is_wanted = arguments.purposes.is_empty() || arguments.purposes.contains(&purpose);
        let outgrown = outgrown(person.history(purpose), notices, purpose, now).filter(|_| is_wanted);
        due.extend(outgrown.map(|outgrown| Due { subject: person.subject.clone(), purpose, outgrown }));
    }
    Ok(due)
}

fn listed(due: &[Due]) -> String {
    let mut rows: Vec<Vec<String>> =
        vec![vec!["person".into(), "tenant".into(), "purpose".into(), "agreed to".into(), "asked".into()]];
    for Due { subject, purpose, outgrown } in due.iter().take(SHOWN) {
        let asked = outgrown.not_before.map(|from| format!("not before {}", from.date()));
        rows.push(vec![
            subject.profile.name.clone(),
            subject.tenant.to_string(),
            purpose.to_string(),
            format!("version {}", outgrown.agreed),
            asked.unwrap_or_else(|| "may be asked".into()),
        ]);
    }
    let mut text = table(&rows);
    if due.len() > SHOWN {
        text += &format!("\n  and {} more (`--output json` lists all)", due.len() - SHOWN);
    }
    text
}

fn value(due: &Due) -> serde_json::Value {
    json!({
        "subject": due.subject.profile.name,
        "tenant": due.subject.tenant,
        "purpose": due.purpose,
        "agreed_to": due.outgrown.agreed,
        "asked_at": due.outgrown.asked_at,
        "not_before": due.outgrown.not_before,
    })
}
