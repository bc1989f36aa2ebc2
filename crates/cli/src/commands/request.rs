//! `candor request`: what people ask for about their rights, from intake to the end.

use std::path::PathBuf;

use candor_consent::Purpose;
use candor_consent::request::{Denial, Regime, RequestKind, Step};
use candor_conversation::{Region, RequestId, TenantId, Timestamp};

use super::person::{receipts_folder, write_request_receipts};
use crate::context::Context;

mod fulfil;
mod intake;
mod show;

/// Requests of people about their rights: access, portability, erasure, objection, restriction
///
/// Each step of a request is an entry in the log, with a receipt for the person. The clock runs from when it came: one
/// month under the GDPR, extended once to three; 45 days under the CCPA, extended once to 90 (15 business days where it
/// asks for less use, and no more). Requests are erased with the person, and 24 months after they ended.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// File a request that came
    ///
    /// The person need not be enrolled. Of one kind, a person has at most one request that is not over.
    Open(OpenArguments),
    /// All requests: those overdue first, then by when they are due
    List {
        /// Only those overdue; exit code 1 if there are any
        #[arg(long)]
        overdue: bool,
    },
    /// One request, with what was said and the receipts of its steps
    Show {
        /// The request
        id: RequestId,
        /// Folder for the receipts [default: receipts in the data directory]
        #[arg(long, value_name = "DIR")]
        receipts: Option<PathBuf>,
    },
    /// Say whether the one who asks is the one it is about
    ///
    /// What shows or destroys something is not fulfilled before. Ask only where there are reasonable doubts: while you
    /// wait for the answer the GDPR's clock stands, the CCPA's runs on. A question that nobody answers for 90 days ends
    /// the request at the next retention run.
    VerifyIdentity(IdentityArguments),
    /// Take more time, once: tell the person why, before the first term is over
    Extend {
        /// The request
        id: RequestId,
        /// Why it takes longer, as the person is told
        #[arg(long, value_name = "WORDS")]
        reason: String,
    },
    /// Do what was asked, and record what was done
    ///
    /// access and portability write the export (--folder). erasure erases the person as `candor erase` does (--yes) and
    /// writes the receipt that proves it, for the person alone: the vault forgets the request. objection takes back or
    /// refuses the purposes. restriction does nothing by itself: it records what you did (--evidence).
    Fulfil(fulfil::Arguments),
    /// Do not do it, for a reason
    Deny {
        /// The request
        id: RequestId,
        /// suspected_fraud, insuf_verification, no_match, claim_not_covered, outside_jurisdiction, too_many_requests or
        /// other
        #[arg(long)]
        reason: Denial,
        /// The reason in words, as the person is told; needed for other
        #[arg(long)]
        words: Option<String>,
    },
    /// The person takes it back
    Revoke {
        /// The request
        id: RequestId,
    },
}

/// A request that came.
#[derive(clap::Args)]
pub(crate) struct OpenArguments {
    /// Your name for the person: their account id; or how they call themselves, if you know none
    #[arg(required_unless_present = "json")]
    subject: Option<String>,
    /// access, portability, erasure, objection or restriction
    #[arg(long, required_unless_present = "json", conflicts_with = "json")]
    kind: Option<RequestKind>,
    /// A request in the form of the Data Rights Protocol instead; see docs/requests.md
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Their tenant [default: the configured one]
    #[arg(long, value_name = "TENANT")]
    tenant: Option<TenantId>,
    /// gdpr or ccpa [default: by where they are; gdpr where that is unknown]
    #[arg(long, conflicts_with = "json")]
    regime: Option<Regime>,
    /// Where they are, such as DE or US-CA [default: as it is known]
    #[arg(long)]
    region: Option<Region>,
    /// For an objection: to what; may be given several times [default: all but history]
    #[arg(long = "purpose", value_name = "PURPOSE", conflicts_with = "json")]
    purposes: Vec<Purpose>,
    /// When it came [default: now]
    #[arg(long, value_name = "TIME")]
    received_at: Option<Timestamp>,
    /// What they said, in their words
    #[arg(long, value_name = "TEXT", conflicts_with = "json")]
    said: Option<String>,
}

/// What is known of who asks.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("outcome").required(true))]
pub(crate) struct IdentityArguments {
    /// The request
    id: RequestId,
    /// They showed it: how, such as "signed in"
    #[arg(long, value_name = "HOW", group = "outcome")]
    method: Option<String>,
    /// They were asked to show it: why there are doubts, as they are told
    #[arg(long, value_name = "WHY", group = "outcome")]
    ask: Option<String>,
    /// They did not show it
    #[arg(long, group = "outcome")]
    failed: bool,
}

impl IdentityArguments {
    fn step(&self) -> Step {
        match (&self.method, &self.ask) {
            (Some(method), _) => Step::IdentityVerified { method: method.clone() },
            (_, Some(reason)) => Step::IdentityAsked { reason: reason.clone() },
            _ => Step::IdentityFailed,
        }
    }
}

pub(crate) fn run(context: &Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Open(arguments) => intake::open(context, arguments),
        Command::List { overdue } => show::list(context, *overdue),
        Command::Show { id, receipts } => show::show(context, *id, receipts.as_deref()),
        Command::VerifyIdentity(arguments) => step(context, arguments.id, &arguments.step()),
        Command::Extend { id, reason } => step(context, *id, &Step::Extended { reason: reason.clone() }),
        Command::Fulfil(arguments) => fulfil::run(context, arguments),
        Command::Deny { id, reason, words } => {
            step(context, *id, &Step::Denied { reason: *reason, words: words.clone() })
        }
        Command::Revoke { id } => step(context, *id, &Step::Revoked),
    }
}

/// Lets a step happen, and answers with the request and the receipts.
fn step(context: &Context, id: RequestId, step: &Step) -> anyhow::Result<()> {
    let mut vault = context.vault()?;
    let filed = vault.step_request(id, step, context.now, &mut context.entropy()?)?;
    let receipts = write_request_receipts(&vault, id, &receipts_folder(context, None))?;
    show::answer(context, &filed, &receipts)
}
