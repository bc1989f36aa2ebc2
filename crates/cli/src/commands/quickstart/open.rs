//! `candor quickstart --open`: the sample world with a trained model, two people to play, and the pages.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use candor_consent::{Purpose, State};
use candor_conversation::{Age, TenantId, Tier};
use candor_vault::{Act, Profile, Vault, durable};

use super::world::{Side, World};
use crate::commands::guide::{AGREES, REFUSES, TENANT};
use crate::commands::{serve, train};
use crate::context::Context;

/// Where the gateway sends everything: to the built-in model, which may be learned from.
const GATEWAY: &str = r#"listen = "127.0.0.1:0"
admin_listen = "127.0.0.1:0"
access_log = false

[capture]
absorb_seconds = 1

# Any other model takes its place by this one line: upstream = "https://api.openai.com"
[[route]]
upstream = "reference"
distillable = true
"#;

/// The world, made and served until the process is told to stop.
pub(super) fn open(context: &Context, folder: &Path) -> anyhow::Result<()> {
    let story = super::sample::story(context, folder)?;
    let ours = World::make(context, &folder.join("ours"), &story, Side::Ours)?;
    let data = ours.data().to_owned();
    drop(ours);
    let context = Context { quiet: context.quiet, ..context.quietly_at(data, context.now) };
    enrol(&context)?;
    let made = train::make(&context, &train::Arguments::named("first"))?;
    context.tell(&format!("trained the first model in {:.1} s", made.seconds));
    let files = [("gateway.toml", GATEWAY.to_owned()), ("portal.toml", portal())];
    for (name, text) in files {
        let path = context.data.join(name);
        durable::write_file(&path, text.as_bytes(), 0o600)
            .with_context(|| format!("write {}", path.display()))?;
    }
    serve::serve(&context, &serve::Arguments::default(), |pages| {
        let address = format!("http://{pages}/guide");
        // Whoever reads it from a pipe may be gone.
        let _ = context.print(&format!("open {address}"));
        show(&address);
    })
}

fn portal() -> String {
    let mut text = "listen = \"127.0.0.1:0\"\nmodel = \"reference-retrieval\"\nguide = true\n".to_owned();
    for name in [AGREES, REFUSES] {
        text += &format!(
            "\n[[sign_in.local]]\nname = \"{name}\"\ntenant = \"{TENANT}\"\ntier = \"consumer\"\nregion = \"DE\"\n\
             age = \"34\"\n"
        );
    }
    text
}

/// One who says yes to training and one who says no.
fn enrol(context: &Context) -> anyhow::Result<()> {
    let mut vault = Vault::open(&context.data)?;
    let mut entropy = context.entropy()?;
    let tenant: TenantId = TENANT.parse()?;
    let (notice, _) = vault.notice(None, context.now)?;
    for (name, state) in [(AGREES, State::Given), (REFUSES, State::Refused)] {
        let profile = Profile {
            name: name.into(),
            tier: Tier::Consumer,
            region: Some("DE".parse()?),
            age: Some(Age::at_least(34)),
        };
        vault.enrol(&tenant, &[profile], context.now, &mut entropy)?;
        let act = Act {
            subject: vault.subject(&tenant, name)?.id,
            purpose: Purpose::Train,
            state,
            notice,
            effective_at: context.now,
            attested_by: None,
            evidence: None,
        };
        vault.record(&[act], context.now, &mut entropy)?;
    }
    Ok(())
}

/// Shows a page in the browser, where there is one; the address is printed anyway.
fn show(address: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let opened = Command::new(opener).arg(address).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    drop(opened);
}
