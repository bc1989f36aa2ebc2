//! `candor policy`: the rules by which it is decided, and why something was.

use std::path::PathBuf;

use anyhow::Context as _;
use candor_consent::law::{self, Place, Silence};
use candor_consent::{Decision, RULES_BYTES_MAX};
use candor_consent::{Explanation, Finding, HouseRules, Outcome, Purpose};
use candor_conversation::{Age, Region, Tier, Timestamp};
use candor_vault::{Lowered, Spoken};
use serde_json::{Value, json};

use super::person::PersonArguments;
use crate::context::{Context, table};
use crate::failure::WrongInput;

/// Say why something may or may not be used, and lay down rules that are stricter than law
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Decide about something that a person says, and print every rule that bore on it with its evidence
    ///
    /// The rules stand in the order in which they are asked; the first that fails decides. What is printed comes from
    /// the run of the decision itself.
    Explain(ExplainArguments),
    /// Print what law asks for by region: an act of consent, and from which age a person agrees alone
    Law {
        /// A region, such as DE or US-CA [default: all]
        region: Option<Region>,
    },
    /// Print the house rules
    Show,
    /// Lay down house rules from a file (TOML), in place of those before; they can only be stricter than law
    ///
    /// Keys: not_served and not_kept (lists of regions), act_of_consent (regions where silence is no yes),
    /// unknown_age ("adult" or "minor"), and a table `alone_from` (ages by region). Regions are where the service is offered:
    /// where somebody signed up or where a request comes from, never where anybody is from. A place that is not known
    /// counts as named in not_kept as soon as there is any.
    Set {
        /// The file
        file: PathBuf,
    },
}

#[derive(clap::Args)]
pub(crate) struct ExplainArguments {
    #[command(flatten)]
    person: PersonArguments,
    /// What for: history, train, human_review, insights or publish
    #[arg(long)]
    purpose: Purpose,
    /// As of when it is asked [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// When it was said [default: when it is asked]
    #[arg(long, value_name = "TIME")]
    said_at: Option<Timestamp>,
    /// Tier that it came through, where that is another than the person's
    #[arg(long)]
    tier: Option<Tier>,
    /// Where the person was, where that is another place than is known of them
    #[arg(long)]
    region: Option<Region>,
    /// Age that came with it; the youngest known holds
    #[arg(long)]
    age: Option<Age>,
    /// The request asked to be left out
    #[arg(long)]
    opted_out: bool,
}

pub(crate) fn run(context: &Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Explain(arguments) => explain(context, arguments),
        Command::Law { region } => print_law(context, region.as_ref()),
        Command::Show => show(context),
        Command::Set { file } => set(context, file),
    }
}

fn explain(context: &Context, arguments: &ExplainArguments) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let person = vault.person(arguments.person.find(context, &vault)?)?;
    let now = arguments.at.unwrap_or(context.now);
    let spoken = Spoken {
        at: arguments.said_at.unwrap_or(now),
        now,
        lowered: if arguments.opted_out { Lowered::Everything } else { Lowered::Nothing },
        tier: arguments.tier,
        region: arguments.region.clone(),
        age: arguments.age,
    };
    let explanation = vault.explain(&person, &spoken, arguments.purpose)?;
    let text = format!("{}: {}", arguments.person.subject, in_words(&explanation));
    context.answer(&text, &value(&explanation, &arguments.person.subject))
}

fn in_words(explanation: &Explanation) -> String {
    let purpose = explanation.purpose;
    let mut text = match &explanation.decision {
        Decision::Allowed(permit) => {
            let (basis, until) = (permit.basis().as_str(), permit.keep_until());
            format!("may be used for {purpose} until {until}, by {basis}\n")
        }
        Decision::Withheld(reason) => format!("withheld from {purpose}: {} ({reason})\n", reason.words()),
    };
    for finding in &explanation.findings {
        text += &format!("  {:12} {}\n", finding.outcome.word(), finding.rule.words());
        if matches!(finding.outcome, Outcome::Passed | Outcome::Failed(_)) {
            let shown: Vec<String> =
                finding.evidence.iter().map(|(name, value)| format!("{name} {value}")).collect();
            if !shown.is_empty() {
                text += &format!("  {:12}   {}\n", "", shown.join(", "));
            }
            text += &format!("  {:12}   by {}\n", "", finding.source);
        }
    }
    text
}

fn value(explanation: &Explanation, subject: &str) -> Value {
    let (allowed, reason, basis, until) = match &explanation.decision {
        Decision::Allowed(permit) => (true, None, Some(permit.basis()), Some(permit.keep_until())),
        Decision::Withheld(reason) => (false, Some(reason), None, None),
    };
    let finding = |finding: &Finding| {
        let evidence: Vec<Value> =
            finding.evidence.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        json!({
            "rule": finding.rule,
            "outcome": finding.outcome.word(),
            "words": finding.rule.words(),
            "source": finding.source,
            "evidence": evidence,
        })
    };
    json!({
        "subject": subject,
        "purpose": explanation.purpose,
        "allowed": allowed,
        "reason": reason,
        "basis": basis,
        "keep_until": until,
        "rules": explanation.findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn print_law(context: &Context, region: Option<&Region>) -> anyhow::Result<()> {
    let places: Vec<&Place> = match region {
        Some(region) => vec![law::place(Some(region))],
        None => law::PLACES.iter().chain([&law::ELSEWHERE]).collect(),
    };
    let code = |place: &Place| if place.code.is_empty() { "elsewhere" } else { place.code };
    let silence = |place: &Place| match place.silence {
        Silence::NeverYes => "never".to_owned(),
        Silence::YesFrom(years) => format!("from {years}"),
    };
    let mut rows = vec![["region", "agrees alone from", "silence may be a yes"].map(str::to_owned).to_vec()];
    let mut sources = String::new();
    let mut values = Vec::new();
    for place in places {
        rows.push(vec![code(place).into(), place.alone_from.to_string(), silence(place)]);
        if region.is_some() {
            sources = format!("\nsilence: {}\nage: {}", place.silence_source, place.age_source);
        }
        values.push(json!({
            "region": code(place),
            "silence_may_be_a_yes": silence(place),
            "silence_source": place.silence_source,
            "agrees_alone_from": place.alone_from,
            "age_source": place.age_source,
        }));
    }
    context.answer(&format!("{}{sources}", table(&rows)), &Value::Array(values))
}

fn show(context: &Context) -> anyhow::Result<()> {
    let rules = context.vault()?.house_rules()?;
    let value: Value = serde_json::from_str(&rules.to_json())?;
    context.answer(&toml::to_string(&rules)?, &value)
}

fn set(context: &Context, file: &PathBuf) -> anyhow::Result<()> {
    let doing = || format!("read {}", file.display());
    let length = std::fs::metadata(file).with_context(doing)?.len();
    if length > RULES_BYTES_MAX as u64 {
        return Err(WrongInput(format!(
            "{} has {length} bytes, more than {RULES_BYTES_MAX}",
            file.display()
        ))
        .into());
    }
    let rules = HouseRules::parse(&std::fs::read_to_string(file).with_context(doing)?).with_context(doing)?;
    context.vault()?.set_house_rules(&rules)?;
    let named = |regions: &[Region]| {
        let codes: Vec<&str> = regions.iter().map(Region::as_str).collect();
        if codes.is_empty() { "nowhere".to_owned() } else { codes.join(", ") }
    };
    let text = format!(
        "house rules are laid down; the service is not offered in: {}; nothing is kept in: {}\nwhat they no longer \
         permit is used nowhere from now on and goes with the next `candor retention run`",
        named(&rules.not_served),
        named(&rules.not_kept)
    );
    let value: Value = serde_json::from_str(&rules.to_json())?;
    context.answer(&text, &value)
}
