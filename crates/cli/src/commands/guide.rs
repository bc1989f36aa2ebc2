//! The acts of the guided page: what the commands do, by a button.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use candor_conversation::TenantId;
use candor_learn::artifact;
use candor_portal::{Act, Guide};
use candor_release::TrustedKeys;
use candor_release::prove::{prove, verify_proof};
use candor_release::verify::verify_release;
use candor_vault::{Vault, durable};

use super::release::{self, BuildArguments};
use super::{person, train};
use crate::context::{Context, OutputFormat};
use crate::edge;

/// Who agrees in the guided story.
pub(crate) const AGREES: &str = "anna";
/// Who refuses.
pub(crate) const REFUSES: &str = "ben";
/// Whose people they are.
pub(crate) const TENANT: &str = "default";
/// How long an act waits for somebody else to be done with the vault.
const VAULT_WAIT: Duration = Duration::from_secs(30);
/// The verifier that shares no code with this program.
const PYTHON_VERIFIER: &str = include_str!("../../../../verify/candor_verify.py");

/// Everything that the page can do to a data directory. Models are trained in so many steps, or as `candor train` has it.
pub(crate) fn guide(data: &Path, steps: Option<u32>) -> Guide {
    let train = move |context: &Context| retrain(context, steps);
    Guide::new(vec![
        ("release", act(data, build)),
        ("train", act(data, train)),
        ("verify", act(data, verify)),
        ("tamper", act(data, tamper)),
        ("recall", act(data, recall)),
        ("release-again", act(data, build)),
        ("train-again", act(data, train)),
    ])
}

fn act(data: &Path, act: impl Fn(&Context) -> anyhow::Result<String> + Send + Sync + 'static) -> Act {
    let data = data.to_owned();
    Box::new(move || act(&context(&data)).map_err(|error| format!("{error:#}")))
}

fn context(data: &Path) -> Context {
    let config = crate::config::Config::load(data).unwrap_or_default();
    Context { data: data.to_owned(), format: OutputFormat::Text, quiet: true, now: edge::now(None), config }
}

fn vault(context: &Context) -> anyhow::Result<Vault> {
    let mut vault = Vault::open_within(&context.data, VAULT_WAIT)?;
    vault.absorb_inbox(context.now, &mut context.entropy()?)?;
    Ok(vault)
}

fn build(context: &Context) -> anyhow::Result<String> {
    let mut vault = vault(context)?;
    let name = format!("guided-{}", vault.releases()?.len() + 1);
    let built = release::build_release(context, &mut vault, &BuildArguments::named(&name))?;
    Ok(in_data(context, &release::text(&built)))
}

/// A text for whoever reads it on a page: places as they are in the data directory.
fn in_data(context: &Context, text: &str) -> String {
    text.replace(&format!("{}/", context.data.display()), "")
}

/// The newest release, with its folder.
fn newest(context: &Context, vault: &Vault) -> anyhow::Result<(String, PathBuf)> {
    let newest =
        vault.releases()?.into_iter().max_by_key(|row| row.as_of).context("there is no release yet")?;
    let folder = context.data.join("releases").join(&newest.name);
    Ok((newest.name, folder))
}

fn retrain(context: &Context, steps: Option<u32>) -> anyhow::Result<String> {
    // The run itself takes the vault, too.
    let (name, _) = newest(context, &vault(context)?)?;
    if artifact::is_model(&context.data.join("models").join(&name)) {
        return Ok(format!("{name} was learned already; build another release first"));
    }
    let made = train::make(context, &train::Arguments::named(&name, steps))?;
    Ok(in_data(context, &train::text(&made)))
}

fn folder(context: &Context) -> anyhow::Result<PathBuf> {
    let folder = context.data.join("guide");
    std::fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
    Ok(folder)
}

/// Proves that whoever refused is not in the newest release, and has it checked by both verifiers.
fn verify(context: &Context) -> anyhow::Result<String> {
    let vault = vault(context)?;
    let (name, _) = newest(context, &vault)?;
    let subject = vault.subject(&TENANT.parse::<TenantId>()?, REFUSES)?;
    person::write_receipts(&vault, &subject, &context.data.join("receipts"))?;
    let receipts = vault.receipts(&subject)?;
    let proof = prove(&vault, &name, receipts.first().context("no receipt")?)?;
    let trusted = TrustedKeys::parse(&vault.public_keys())?;
    drop(vault);
    let shown = verify_proof(&proof, Some(&trusted))?;
    let path = folder(context)?.join(format!("{name}.{REFUSES}.proof.json"));
    durable::write_file(&path, format!("{proof:#}\n").as_bytes(), 0o600)?;
    let verifier = folder(context)?.join("candor_verify.py");
    durable::write_file(&verifier, PYTHON_VERIFIER.as_bytes(), 0o644)?;
    let keys = context.data.join("trust.keys");
    let command = format!("python3 {} {} --trust {}", verifier.display(), path.display(), keys.display());
    let ran = Command::new("python3").arg(&verifier).arg(&path).arg("--trust").arg(&keys).output();
    let told = match ran {
        Ok(ran) => {
            let [told, beside] = [&ran.stdout, &ran.stderr].map(|bytes| String::from_utf8_lossy(bytes));
            anyhow::ensure!(ran.status.success(), "the Python verifier says no: {told}{beside}");
            told.into_owned()
        }
        Err(error) => format!("python3 is not here ({error}); run it where it is"),
    };
    Ok(format!("{}\n\n$ {command}\n{told}", shown.shows))
}

/// Changes one byte in a copy of the newest release, and lets it be verified.
fn tamper(context: &Context) -> anyhow::Result<String> {
    let (name, original) = newest(context, &vault(context)?)?;
    let copy = folder(context)?.join("tampered");
    if copy.exists() {
        std::fs::remove_dir_all(&copy).with_context(|| format!("remove {}", copy.display()))?;
    }
    copy_folder(&original, &copy)?;
    let data = std::fs::read_dir(copy.join("data"))?.next().context("the release has no data")??.path();
    let mut bytes = std::fs::read(&data)?;
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
    std::fs::write(&data, bytes)?;
    let trusted = TrustedKeys::parse(&std::fs::read_to_string(context.data.join("trust.keys"))?)?;
    match verify_release(&copy, Some(&trusted)) {
        Ok(_) => anyhow::bail!("the copy with a changed byte verifies, which must not be"),
        Err(error) => {
            let error = anyhow::Error::from(error);
            Ok(format!("byte {middle} of a copy of {name} was changed\nNOT VERIFIED: {error:#}"))
        }
    }
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("make {}", to.display()))?;
    for entry in std::fs::read_dir(from).with_context(|| format!("list {}", from.display()))? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_folder(&entry.path(), &place)?,
            false => drop(std::fs::copy(entry.path(), place)?),
        }
    }
    Ok(())
}

/// Which rows must not be used again.
fn recall(context: &Context) -> anyhow::Result<String> {
    let recalls = vault(context)?.recalls()?;
    let mut told = format!("{} rows of releases must not be used again", recalls.len());
    for recall in &recalls {
        told += &format!("\n  {} row {}: {}", recall.release, recall.row, recall.cause);
    }
    Ok(told)
}
