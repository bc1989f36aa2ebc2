//! `candor breach`: whose data an exposure could touch, and what is to be done about it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Context as _;
use candor_conversation::{MomentOrDay, TenantId, Timestamp};
use candor_gateway::Settings;
use candor_release::prove;
use candor_vault::breach::{Exposed, Held, Holding, Readable, Risk, Window, opens};
use candor_vault::{Epoch, Vault};

use super::gateway::settings_file;
use crate::context::Context;
use crate::failure::WrongInput;

mod told;

/// When something leaked: whose data it could touch, whom to tell, and what to tell the authority
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Work out from keys and catalogue whose readable data an exposure could touch
    ///
    /// State everything that was exposed: what one thing opens depends on the others. What opens what is in
    /// docs/breach.md. Names are written with --to-folder only, and printed nowhere.
    Scope(ScopeArguments),
}

/// What was exposed, and when.
#[derive(clap::Args)]
pub(crate) struct ScopeArguments {
    /// The catalogue (catalogue.sqlite), a dump or a backup of it
    #[arg(long)]
    catalogue: bool,
    /// The object store (objects/)
    #[arg(long)]
    objects: bool,
    /// What gateways captured and the vault had not taken in yet (inbox/)
    #[arg(long)]
    inbox: bool,
    /// The key of this epoch, unwrapped; may be given several times
    #[arg(long = "epoch-key", value_name = "NUMBER")]
    epoch_keys: Vec<u32>,
    /// The master key, with the key files in keys/ that it opens
    #[arg(long)]
    master_key: bool,
    /// The key with which the operator signs
    #[arg(long)]
    operator_key: bool,
    /// A release that came into wrong hands; may be given several times
    #[arg(long = "release", value_name = "NAME")]
    releases: Vec<String>,
    /// The gateway's access log
    #[arg(long)]
    access_log: bool,
    /// A client's key of the gateway, by its name; may be given several times. Ask before you revoke it
    #[arg(long = "gateway-key", value_name = "NAME")]
    gateway_keys: Vec<String>,
    /// From when it could be taken; of a backup, when it was made [default: ever]
    #[arg(long, value_name = "TIME")]
    from: Option<MomentOrDay>,
    /// Until when [default: now]
    #[arg(long, value_name = "TIME")]
    to: Option<MomentOrDay>,
    /// When you came to know of it: the authority is to be told within 72 hours [default: now]
    #[arg(long, value_name = "TIME")]
    known_at: Option<MomentOrDay>,
    /// Write persons.csv and regulator.md into this folder, for their owner's eyes only
    #[arg(long, value_name = "DIR")]
    to_folder: Option<PathBuf>,
}

/// A person whose data can be read.
struct Touched {
    holding: Holding,
    readable: BTreeSet<Readable>,
    risk: Risk,
}

/// Whose data can be read.
struct Scope {
    exposed: BTreeSet<Exposed>,
    window: Window,
    known_at: Timestamp,
    people: Vec<Touched>,
    /// People who may be concerned and whom nothing names any more.
    erased: u64,
    /// What to know beside the numbers.
    remarks: Vec<String>,
}

pub(crate) fn run(context: &Context, command: &Command) -> anyhow::Result<()> {
    let Command::Scope(arguments) = command;
    let exposed = exposed(arguments);
    if exposed.is_empty() {
        let text =
            "nothing is said to be exposed\nhint: state it, such as --catalogue --objects --epoch-key 1";
        return Err(WrongInput(text.into()).into());
    }
    let window = Window {
        from: arguments.from.map_or(Timestamp::MIN, |given| given.earliest()),
        to: arguments.to.map_or(context.now, |given| given.latest().min(context.now)),
    };
    if window.from > window.to {
        let text = format!("--from {} is after --to {}", window.from, window.to);
        return Err(WrongInput(text).into());
    }
    let known_at = arguments.known_at.map_or(context.now, |given| given.earliest());
    let scope = scope(context, exposed, window, known_at)?;
    let files = arguments.to_folder.as_deref().map(|folder| told::write(folder, &scope)).transpose()?;
    context.answer(&told::text(&scope, files.as_ref()), &told::value(&scope, files.as_ref()))
}

fn exposed(arguments: &ScopeArguments) -> BTreeSet<Exposed> {
    let flags = [
        (arguments.catalogue, Exposed::Catalogue),
        (arguments.objects, Exposed::Objects),
        (arguments.inbox, Exposed::Inbox),
        (arguments.master_key, Exposed::MasterKey),
        (arguments.operator_key, Exposed::OperatorKey),
        (arguments.access_log, Exposed::AccessLog),
    ];
    let flagged = flags.into_iter().filter_map(|(is_set, thing)| is_set.then_some(thing));
    let epochs = arguments.epoch_keys.iter().map(|epoch| Exposed::EpochKey(Epoch(*epoch)));
    let releases = arguments.releases.iter().cloned().map(Exposed::Release);
    let keys = arguments.gateway_keys.iter().cloned().map(Exposed::GatewayKey);
    flagged.chain(epochs).chain(releases).chain(keys).collect()
}

fn scope(
    context: &Context,
    exposed: BTreeSet<Exposed>,
    window: Window,
    known_at: Timestamp,
) -> anyhow::Result<Scope> {
    let vault = context.vault()?;
    let bar = context.bar(crate::context::Unit::Items);
    bar.set_message("looking through what was held");
    let mut holdings = vault.held_in(window)?;
    bar.finish_and_clear();
    let mut scope = Scope { exposed, window, known_at, people: Vec::new(), erased: 0, remarks: Vec::new() };
    scope.look_at_keys(&vault)?;
    if scope.exposed.contains(&Exposed::Catalogue) {
        scope.erased = vault.erased_since(window.from)?;
    }
    scope.look_up_releases(&vault, &mut holdings)?;
    let stolen = scope.gateway_keys();
    if !stolen.is_empty() {
        look_up_gateway_keys(context, &stolen, &mut holdings)?;
    }
    for holding in holdings {
        let readable = opens(&scope.exposed, &holding.held);
        if let Some(risk) = Risk::of(&readable) {
            scope.people.push(Touched { holding, readable, risk });
        }
    }
    Ok(scope)
}

impl Scope {
    /// Says which keys open nothing because they were no longer, or not yet, in force.
    fn look_at_keys(&mut self, vault: &Vault) -> anyhow::Result<()> {
        let lived = vault.epochs_in(self.window)?;
        for exposed in &self.exposed {
            if let Exposed::EpochKey(epoch) = exposed
                && !lived.contains(epoch)
            {
                self.remarks.push(format!(
                    "the key of epoch {} was not in force in this time: it opens nothing that was there",
                    epoch.0
                ));
            }
        }
        Ok(())
    }

    /// Enters whose rows the exposed releases have.
    fn look_up_releases(&mut self, vault: &Vault, holdings: &mut [Holding]) -> anyhow::Result<()> {
        for exposed in &self.exposed {
            let Exposed::Release(name) = exposed else { continue };
            let people = prove::people_of(vault, name)?;
            let made = vault.release(name)?.map(|row| row.as_of);
            if made.is_some_and(|made| made > self.window.to) {
                self.remarks.push(format!("release `{name}` was made after this time: it was not there"));
                continue;
            }
            let among: BTreeSet<_> = people.people.iter().map(|(subject, _)| *subject).collect();
            holdings.iter_mut().filter(|holding| among.contains(&holding.subject.id)).for_each(|holding| {
                holding.held.releases.insert(name.clone());
            });
            if people.erased > 0 {
                self.remarks.push(format!(
                    "release `{name}` has rows of {} more who were erased since: nothing tells who they were",
                    people.erased
                ));
            }
        }
        Ok(())
    }

    fn gateway_keys(&self) -> BTreeSet<String> {
        let name = |exposed: &Exposed| match exposed {
            Exposed::GatewayKey(name) => Some(name.clone()),
            _ => None,
        };
        self.exposed.iter().filter_map(name).collect()
    }
}

/// Enters for whom the stolen keys of the gateway speak.
fn look_up_gateway_keys(
    context: &Context,
    stolen: &BTreeSet<String>,
    holdings: &mut [Holding],
) -> anyhow::Result<()> {
    let file = settings_file(&context.data);
    let settings =
        Settings::read(&file).with_context(|| format!("look for gateway keys in {}", file.display()))?;
    let keys: BTreeMap<&str, (&TenantId, Option<&String>)> = settings
        .identity
        .keys
        .iter()
        .map(|key| (key.name.as_str(), (&key.tenant, key.subject.as_ref())))
        .collect();
    for name in stolen {
        let Some((tenant, subject)) = keys.get(name.as_str()) else {
            let text = format!(
                "no key of the gateway is named `{name}`\nhint: one that was revoked is listed no more; without a \
                 person of its own it spoke for its tenant"
            );
            return Err(WrongInput(text).into());
        };
        let speaks_for = |holding: &&mut Holding| {
            let of_tenant = holding.subject.tenant == **tenant;
            of_tenant && subject.is_none_or(|subject| *subject == holding.subject.profile.name)
        };
        let enter = |held: &mut Held| held.gateway_keys.insert(name.clone());
        holdings.iter_mut().filter(speaks_for).for_each(|holding| {
            enter(&mut holding.held);
        });
    }
    Ok(())
}
