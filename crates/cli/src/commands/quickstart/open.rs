//! `candor quickstart --open`: the sample world with a trained model, two people to play, and the pages.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;
use candor_consent::{Purpose, State};
use candor_conversation::{Age, TenantId, Tier};
use candor_vault::{Act, Profile, Vault, durable};

use super::story::Story;
use super::world::{Side, World, note_two_worlds};
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
pub(super) fn open(context: &Context, folder: &Path, steps: Option<u32>) -> anyhow::Result<()> {
    let story = super::sample::story(context, folder)?;
    let data = make_worlds(context, folder, &story)?;
    let context = Context { quiet: context.quiet, ..context.quietly_at(data, context.now) };
    enrol(&context)?;
    context.tell("made both worlds; training the first model, which takes a minute or less");
    let made = train::make(&context, &train::Arguments::named("first", steps))?;
    context.tell(&format!("trained the first model in {:.1} s", made.seconds));
    let files = [("gateway.toml", GATEWAY.to_owned()), ("portal.toml", portal())];
    for (name, text) in files {
        let path = context.data.join(name);
        durable::write_file(&path, text.as_bytes(), 0o600)
            .with_context(|| format!("write {}", path.display()))?;
    }
    let arguments = serve::Arguments { settings: None, guide_steps: steps };
    serve::serve(&context, &arguments, |pages| {
        let address = format!("http://{pages}/guide");
        // Whoever reads it from a pipe may be gone.
        let _ = context.print(&format!("open {address}"));
        if let Err(error) = show(&address) {
            context.tell(&format!("no browser can be opened from here: {error:#}"));
        }
        context.tell(&what_next(&context.data, folder, pages));
    })
}

/// Our world, with how the providers' compares; its data directory.
fn make_worlds(context: &Context, folder: &Path, story: &Story) -> anyhow::Result<PathBuf> {
    let ours = World::make(context, &folder.join("ours"), story, Side::Ours)?;
    let theirs = World::make(context, &folder.join("providers"), story, Side::Providers)?;
    note_two_worlds(&ours, &theirs)?;
    Ok(ours.data().to_owned())
}

/// What to do if no browser shows the page, and how to stop, go on and tidy up.
fn what_next(data: &Path, folder: &Path, pages: SocketAddr) -> String {
    let (data, folder, port) = (data.display(), folder.display(), pages.port());
    format!(
        "if no browser shows it, copy the address into one on this computer; from another computer first run\n  \
         ssh -L {port}:{pages} THIS-COMPUTER\n\
         stop with Ctrl-C; then\n  \
         candor serve --data {data}    goes on where it was, at another address\n  \
         rm -r {folder}    removes all of it"
    )
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
            called: Vec::new(),
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

/// Shows a page in the browser, where there is one. Whether it does is not waited for: some of what opens browsers ends
/// with them.
fn show(address: &str) -> anyhow::Result<()> {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let opened = Command::new(opener).arg(address).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    opened.map(drop).with_context(|| format!("run {opener}"))
}
