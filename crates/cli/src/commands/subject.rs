//! `candor enrol` and `candor tenant`.

use std::path::PathBuf;

use candor_consent::Purpose;
use candor_conversation::{Age, Region, TenantId, Tier};
use candor_vault::Profile;
use serde_json::json;

use super::person::{receipts_folder, write_receipts};
use crate::context::Context;
use crate::failure::WrongInput;

/// Enrol a person: they get a secret number in a signed receipt, by which every later release files them
///
/// Nobody can choose the number afterwards: its commitment is in the log. Enrolling is no consent. Enrolling
/// again adds to the profile only: what is left out stays as it is, an age only falls, and an organisation's tier
/// is left only when --tier says so. Give the receipt to the person: with it they can prove that they are, or are
/// not, in a release, even after you have erased them.
#[derive(clap::Args)]
pub(crate) struct EnrolArguments {
    /// Your names for the people: their account ids
    #[arg(required = true)]
    subjects: Vec<String>,
    /// Their tenant [default: the configured one]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<TenantId>,
    /// Their account: consumer, business, education or api [default: as it is, or consumer]
    #[arg(long)]
    tier: Option<Tier>,
    /// Where they are, such as DE or US-CA
    #[arg(long)]
    region: Option<Region>,
    /// Their age or age band, such as 34, 18+ or 13-17
    #[arg(long)]
    age: Option<Age>,
    /// What conversations may call them: display name, account e-mail; may be given several times, for one person only
    ///
    /// Looked for exactly wherever text is de-identified, whatever the detectors think of it.
    #[arg(long = "called", value_name = "NAME")]
    called: Vec<String>,
    /// Folder for the receipts [default: receipts in the data directory]
    #[arg(long, value_name = "DIR")]
    receipts: Option<PathBuf>,
}

pub(crate) fn enrol(context: &Context, arguments: &EnrolArguments) -> anyhow::Result<()> {
    if !arguments.called.is_empty() && arguments.subjects.len() > 1 {
        return Err(WrongInput("--called is about one person, and several are named".into()).into());
    }
    let mut vault = context.vault()?;
    let tenant = context.tenant(arguments.tenant.as_ref())?;
    let profile = |name: &String| Profile {
        name: name.clone(),
        tier: arguments.tier.unwrap_or(Tier::Consumer),
        region: arguments.region.clone(),
        age: arguments.age,
        called: arguments.called.clone(),
    };
    let profiles: Vec<Profile> = arguments.subjects.iter().map(profile).collect();
    let mut entropy = context.entropy()?;
    vault.enrol(&tenant, &profiles, context.now, &mut entropy)?;
    let folder = receipts_folder(context, arguments.receipts.as_deref());
    let mut text = String::new();
    let mut values = Vec::new();
    for name in &arguments.subjects {
        let subject = vault.subject(&tenant, name)?;
        if let Some(tier) = arguments.tier {
            vault.change_tier(&subject, tier, &mut entropy)?;
        }
        let own = write_receipts(&vault, &subject, &folder)?;
        text += &format!("enrolled {name}; receipt in {}\n", own.display());
        values.push(json!({ "subject": name, "id": subject.id.to_string(), "receipts": own }));
    }
    context.answer(&text, &values.into())
}

/// Tenants and what their contract allows
#[derive(clap::Subcommand)]
pub(crate) enum TenantCommand {
    /// State for which purposes a tenant's contract allows its people's turns to be used
    ///
    /// Turns of business and education accounts are used only where notice and contract both allow it, and only
    /// of people who agreed. Without purposes, the contract allows nothing.
    Contract {
        /// The tenant
        tenant: TenantId,
        /// Purposes: history, train, human_review, insights, publish
        purposes: Vec<Purpose>,
    },
}

pub(crate) fn tenant(context: &Context, command: &TenantCommand) -> anyhow::Result<()> {
    let TenantCommand::Contract { tenant, purposes } = command;
    let mut vault = context.vault()?;
    vault.set_contract(tenant, purposes)?;
    let words: Vec<&str> = purposes.iter().map(|purpose| purpose.as_str()).collect();
    let allowed = if words.is_empty() { "nothing".into() } else { words.join(", ") };
    context.answer(
        &format!("the contract of {tenant} allows {allowed}"),
        &json!({ "tenant": tenant, "purposes": words }),
    )
}
