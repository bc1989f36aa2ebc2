//! `candor consent`: one person's choices, or many from a file.

use std::path::PathBuf;

use candor_consent::{NoticeVersion, Purpose, State, last_answer};
use candor_conversation::{MomentOrDay, Timestamp};
use candor_release::prove::{self, Departure, Recalls};
use candor_vault::{Act, Vault};
use serde_json::{Value, json};

use super::person::{PersonArguments, receipts_folder, write_receipts};
use super::recalls::all_told;
use crate::context::{Context, table};
use crate::failure::WrongInput;

mod bulk;
mod report;
mod shown;
mod states;

/// Record and show people's choices, one purpose at a time
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Yes; after an earlier yes under another notice, it is recorded as renewed
    Give(ChoiceArguments),
    /// No
    Refuse(ChoiceArguments),
    /// "Decide later": not a yes
    Defer(ChoiceArguments),
    /// Take a yes back: it covers nothing any more, what was said before included
    Withdraw(ChoiceArguments),
    /// Where a person's choices stand
    Show(PersonArguments),
    /// Every act of a person in order, and their receipts
    Log {
        #[command(flatten)]
        person: PersonArguments,
        /// Also write the receipts into this folder
        #[arg(long, value_name = "DIR")]
        receipts: Option<PathBuf>,
    },
    /// Record choices of many people from a CSV or JSON lines file
    ///
    /// Columns or keys: subject (required), tenant, tier, region, age, purpose, state, effective_at, notice (a
    /// version; default: the one in force at effective_at), and of what was shown: locale, shown_at, layout_sha256. People who are not enrolled yet are enrolled; a row
    /// without purpose only enrols. Rows recorded already and rows of erased people are skipped, so that a file can be
    /// given again; a file with a wrong row changes nothing. What a row leaves out of a profile stays as it is. A yes
    /// that took effect before now covers turns said since only because SOURCE vouches for it, and is counted
    /// apart on every card.
    Import {
        /// The file (.csv, or JSON lines)
        file: PathBuf,
        /// Who vouches for the choices in the file
        #[arg(long, value_name = "SOURCE")]
        attested_by: String,
        /// Folder for the receipts [default: receipts in the data directory]
        #[arg(long, value_name = "DIR")]
        receipts: Option<PathBuf>,
    },
    /// How the people who agree differ from all others: whom what is made under their yes under-represents
    ///
    /// By account, country, age, notice and time for everybody; by language, length and topic only for those who agree
    /// to insights, whatever they say to the purpose. No group that is too small is told, and none follows from the
    /// others.
    Report(report::ReportArguments),
    /// Commit in the log where everybody's choices stand now: a new epoch of the state map
    ///
    /// From then on each person can prove what they had chosen at that moment, or that they had chosen nothing. Nobody
    /// else learns anything from the root. A release commits an epoch before it decides. If nobody acted since the last
    /// one, that one holds.
    Commit,
    /// The epochs of the state map
    Epochs,
    /// Prove to a person where their choice about a purpose stood
    ///
    /// Needs their enrolment receipt, so it works after an erasure too. The proof is one file that anyone can check with
    /// `candor verify`, or with the Python verifier. It shows the receipt's secret number to whoever gets it: give it to
    /// the person, who decides.
    Prove(states::ProveStateArguments),
}

/// A choice of one person.
#[derive(clap::Args)]
pub(crate) struct ChoiceArguments {
    #[command(flatten)]
    person: PersonArguments,
    /// What for: history, train, human_review, insights or publish
    purpose: Purpose,
    /// Version of the notice that was shown [default: the one in force]
    #[arg(long)]
    notice: Option<u32>,
    /// From when it holds [default: now]; of a day alone, a yes holds from its end; an earlier yes needs --attested-by to cover earlier turns
    #[arg(long, value_name = "TIME")]
    effective_at: Option<MomentOrDay>,
    /// Who vouches for a choice that is recorded afterwards
    #[arg(long, value_name = "SOURCE")]
    attested_by: Option<String>,
    /// The yes is a guardian's, of somebody too young to agree alone; needs --attested-by
    #[arg(long, requires = "attested_by")]
    guardian: bool,
    #[command(flatten)]
    shown: shown::Shown,
    /// Folder for the receipt [default: receipts in the data directory]
    #[arg(long, value_name = "DIR")]
    receipts: Option<PathBuf>,
}

pub(crate) fn run(context: &Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Give(choice) => act(context, choice, State::Given),
        Command::Refuse(choice) => act(context, choice, State::Refused),
        Command::Defer(choice) => act(context, choice, State::Deferred),
        Command::Withdraw(choice) => act(context, choice, State::Withdrawn),
        Command::Show(person) => show(context, person),
        Command::Log { person, receipts } => log(context, person, receipts.as_ref()),
        Command::Import { file, attested_by, receipts } => {
            bulk::run(context, file, attested_by, receipts.as_deref())
        }
        Command::Report(arguments) => report::run(context, arguments),
        Command::Commit => states::commit(context),
        Command::Epochs => states::epochs(context),
        Command::Prove(arguments) => states::prove(context, arguments),
    }
}

/// When a choice takes effect that is dated by a day: a yes at the day's end, anything else at its start.
fn taking_effect(given: MomentOrDay, state: State, context: &Context) -> Timestamp {
    // A yes of today, written as a day, holds from now on; a moment in the future stays one, and is refused.
    let today = given.earliest() < given.latest() && given.earliest() <= context.now;
    match state.permits() {
        true if today => given.latest().min(context.now),
        true => given.latest(),
        false => given.earliest(),
    }
}

fn act(context: &Context, choice: &ChoiceArguments, state: State) -> anyhow::Result<()> {
    check_source(choice.attested_by.as_deref())?;
    let mut vault = context.vault()?;
    let subject = choice.person.find(context, &vault)?;
    let effective_at = choice.effective_at.map_or(context.now, |given| taking_effect(given, state, context));
    let (notice, shown) = vault.notice(choice.notice.map(NoticeVersion), effective_at)?;
    let history = vault.history(subject.id, choice.purpose)?;
    let renews = state == State::Given
        && last_answer(&history).is_some_and(|last| last.state.permits() && last.notice != notice);
    let act = Act {
        subject: subject.id,
        purpose: choice.purpose,
        state: if renews { State::Renewed } else { state },
        notice,
        effective_at,
        attested_by: choice.attested_by.clone(),
        evidence: choice.shown.evidence(&shown, effective_at)?,
    };
    let state = act.state;
    let acts = [act];
    let recalls = recalls_of(&vault, &acts)?;
    let mut entropy = context.entropy()?;
    let events = match (choice.guardian, &acts) {
        (true, [act]) => vec![vault.record_of_guardian(act, context.now, &mut entropy)?],
        _ => vault.record_and_recall(&acts, &recalls.rows, context.now, &mut entropy)?,
    };
    let folder = receipts_folder(context, choice.receipts.as_deref());
    let own = write_receipts(&vault, &subject, &folder)?;
    let mut text = format!(
        "{}: {} is {state} from {effective_at}, under notice version {}; receipt in {}",
        choice.person.subject,
        choice.purpose,
        shown.version,
        own.display()
    );
    if state == State::Withdrawn || !recalls.rows.is_empty() {
        text += &format!("\n{} rows of earlier releases are recalled (`candor recall`)", recalls.rows.len());
    }
    let value = json!({
        "subject": choice.person.subject,
        "purpose": choice.purpose,
        "state": state,
        "effective_at": effective_at,
        "notice": shown.version,
        "event": events.first().map(ToString::to_string),
        "receipts": own,
        "recalled_rows": recalls.rows.len(),
        "recall_unknown": recalls.unknown,
    });
    context.answer(&text, &value)?;
    all_told(&recalls)
}

/// Refuses to note that nobody vouches for a choice as if somebody did.
fn check_source(attested_by: Option<&str>) -> anyhow::Result<()> {
    if attested_by.is_some_and(|source| source.trim().is_empty()) {
        let text = "--attested-by is blank\nhint: name who vouches for the choices, such as the system they are from";
        return Err(WrongInput(text.into()).into());
    }
    Ok(())
}

/// The rows of releases that acts take the yes from.
pub(crate) fn recalls_of(vault: &Vault, acts: &[Act]) -> anyhow::Result<Recalls> {
    let taken_back = |act: &&Act| {
        matches!(act.state, State::Refused | State::Withdrawn | State::Revoked | State::Invalidated)
    };
    let mut people = Vec::new();
    for act in acts.iter().filter(taken_back) {
        people.extend(vault.subject_by_id(act.subject)?.map(|subject| (subject, act.purpose)));
    }
    let departures: Vec<Departure<'_>> =
        people.iter().map(|(subject, purpose)| Departure { subject, purpose: Some(*purpose) }).collect();
    Ok(prove::recalls(vault, &departures)?)
}

fn show(context: &Context, person: &PersonArguments) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let subject = person.find(context, &vault)?;
    let notices = vault.notices()?;
    let signals = vault.signals(&subject)?;
    let mut rows = vec![vec!["purpose".into(), "choice".into(), "since".into(), "notice".into()]];
    let (mut values, mut remarks) = (Vec::new(), String::new());
    for purpose in Purpose::ALL {
        let history = vault.history(subject.id, purpose)?;
        let last = last_answer(&history);
        let version = last.and_then(|last| notices.by_id(last.notice)).map(|notice| notice.version);
        let state = last.map_or("never asked", |last| last.state.as_str());
        let since = last.map(|last| last.effective_at.to_string());
        let despite = match last.filter(|last| last.state.permits()) {
            Some(yes) => vault.contradiction(&subject, yes)?,
            None => None,
        };
        if let Some(despite) = &despite {
            remarks += &format!("\n{purpose}: {}", shown::contradiction_words(despite));
        }
        values.push(json!({
            "purpose": purpose,
            "state": state,
            "since": since,
            "notice": version,
            "guardian": last.is_some_and(|last| last.guardian),
            "contradicted_by": despite.as_ref().map(shown::contradiction_value),
        }));
        rows.push(vec![
            purpose.to_string(),
            state.to_owned(),
            since.unwrap_or_default(),
            version.map(|version| version.to_string()).unwrap_or_default(),
        ]);
    }
    let mut text = format!("{}{remarks}", table(&rows));
    for signal in &signals {
        let (first, last) = (Timestamp::of_day(signal.first_day), Timestamp::of_day(signal.last_day));
        text += &format!("\nsignal {}: first on {}, last on {}", signal.dialect, first.date(), last.date());
    }
    let signals: Vec<Value> = signals.iter().map(shown::signal_value).collect();
    context.answer(&text, &json!({ "choices": values, "signals": signals }))
}

fn log(context: &Context, person: &PersonArguments, receipts: Option<&PathBuf>) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let subject = person.find(context, &vault)?;
    let mut events = Vec::new();
    for purpose in Purpose::ALL {
        events.extend(vault.history(subject.id, purpose)?);
    }
    events.sort_by_key(|event| (event.recorded_at, event.effective_at));
    let mut rows = vec![vec!["recorded".into(), "effective".into(), "purpose".into(), "state".into()]];
    let mut values = Vec::new();
    for event in &events {
        rows.push(vec![
            event.recorded_at.to_string(),
            event.effective_at.to_string(),
            event.purpose.to_string(),
            event.state.to_string(),
        ]);
        values.push(json!({
            "event": event.id.to_string(),
            "purpose": event.purpose,
            "state": event.state,
            "notice": event.notice.to_string(),
            "effective_at": event.effective_at,
            "recorded_at": event.recorded_at,
            "attested_by": vault.attested_by(&subject, event)?,
            "guardian": event.guardian,
            "evidence": vault.evidence_of(&subject, event)?,
        }));
    }
    let mut text = format!("enrolled {}\n{}", subject.enrolled_at, table(&rows));
    if let Some(folder) = receipts {
        let own = write_receipts(&vault, &subject, folder)?;
        text += &format!("\nreceipts in {}", own.display());
    }
    context.answer(&text, &json!({ "enrolled_at": subject.enrolled_at, "events": values }))
}
