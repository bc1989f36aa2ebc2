//! `candor notice`: what people are shown, versioned.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_consent::{Notice, NoticeVersion, diff};
use serde_json::{Value, json};

use crate::context::{Context, table};
use crate::failure::WrongInput;

mod campaign;

/// Check, publish and compare notices: what people are shown, and the terms that hold
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Read a notice file and say what is wrong with it, or what people should be warned about
    Check {
        /// The file (TOML)
        file: PathBuf,
    },
    /// Publish a notice: from then on it never changes, and it is in the log
    Publish {
        /// The file (TOML)
        file: PathBuf,
    },
    /// Print a published notice
    Show {
        /// Its version [default: the one in force]
        #[arg(id = "number", value_name = "VERSION")]
        version: Option<u32>,
        /// Which language's text
        #[arg(long, default_value = "en")]
        locale: String,
    },
    /// List the published notices
    List,
    /// Say in words what changed between two notices, and whether the new one is broader
    ///
    /// A broader notice stops older choices from covering what is said after it, until they are renewed.
    Diff {
        /// A published version, or a file
        old: String,
        /// A published version, or a file
        new: String,
    },
    /// List whose yes the notice in force has outgrown, and record that they were asked to renew it
    ///
    /// Until it is renewed, such a yes covers nothing that is said, and whoever does not answer is left out: silence is
    /// a no. Nobody is asked more than once in 30 days for a purpose.
    Campaign(campaign::Arguments),
}

pub(crate) fn run(context: &Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Check { file } => check(context, file),
        Command::Publish { file } => publish(context, file),
        Command::Show { version, locale } => show(context, *version, locale),
        Command::List => list(context),
        Command::Diff { old, new } => compare(context, old, new),
        Command::Campaign(arguments) => campaign::run(context, arguments),
    }
}

/// Reads a notice file.
pub(crate) fn read(file: &Path) -> anyhow::Result<Notice> {
    let text = std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    Notice::parse(&text).with_context(|| format!("read {}", file.display()))
}

fn check(context: &Context, file: &Path) -> anyhow::Result<()> {
    let notice = read(file)?;
    let warnings = notice.warnings();
    let mut text = format!("{}: version {} reads and can be kept", file.display(), notice.version);
    for warning in &warnings {
        text += &format!("\nwarning: {warning}");
    }
    let value = json!({ "version": notice.version, "id": notice.id().to_string(), "warnings": warnings });
    context.answer(&text, &value)
}

fn publish(context: &Context, file: &Path) -> anyhow::Result<()> {
    let notice = read(file)?;
    let mut vault = context.vault()?;
    let before = vault.notices()?.all().last().cloned();
    let id = vault.publish_notice(&notice, context.now)?;
    let mut text =
        format!("published version {} ({id}), in force from {}", notice.version, notice.effective_at);
    for warning in notice.warnings() {
        text += &format!("\nwarning: {warning}");
    }
    if notice.effective_at < context.now {
        text += "\nwarning: it is said to be in force since before it was published; choices about what was said \
                 since then must have been made under this very text";
    }
    let changes = before.map(|before| diff(&before, &notice)).unwrap_or_default();
    if changes.iter().any(|change| change.is_broader()) {
        text += "\nit is broader than the one before: older choices do not cover what is said from then on, \
                 until they are renewed";
    }
    context.answer(&text, &json!({ "version": notice.version, "id": id.to_string() }))
}

fn show(context: &Context, version: Option<u32>, locale: &str) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let (id, notice) = vault.notice(version.map(NoticeVersion), context.now)?;
    let text = notice.text.get(locale).ok_or_else(|| {
        let known: Vec<&str> = notice.text.keys().map(String::as_str).collect();
        WrongInput(format!("there is no text for `{locale}`; there is {}", known.join(", ")))
    })?;
    let mut shown = format!("{}\n\n{}\n", text.title, text.body.trim());
    for (purpose, words) in &text.purposes {
        shown += &format!("\n  {purpose}: {words}");
    }
    shown += &format!(
        "\n\nversion {}, in force from {}, id {id}\n{}, {}",
        notice.version, notice.effective_at, notice.controller, notice.contact
    );
    let value: Value = serde_json::from_str(&notice.canonical_json())?;
    context.answer(&shown, &value)
}

fn list(context: &Context) -> anyhow::Result<()> {
    let vault = context.vault()?;
    let book = vault.notices()?;
    let mut rows = vec![vec!["version".into(), "in force from".into(), "id".into()]];
    let mut values = Vec::new();
    for notice in book.all() {
        let (at, id) = (notice.effective_at.to_string(), notice.id().to_string());
        values.push(json!({ "version": notice.version, "effective_at": at, "id": id }));
        rows.push(vec![notice.version.to_string(), at, id]);
    }
    context.answer(&table(&rows), &Value::Array(values))
}

fn compare(context: &Context, old: &str, new: &str) -> anyhow::Result<()> {
    let find = |which: &str| -> anyhow::Result<Notice> {
        match which.parse() {
            Ok(version) => Ok(context.vault()?.notice(Some(NoticeVersion(version)), context.now)?.1),
            Err(_) => read(Path::new(which)),
        }
    };
    let changes = diff(&find(old)?, &find(new)?);
    let broader = changes.iter().any(|change| change.is_broader());
    let mut text = String::new();
    for change in &changes {
        text += &format!("{:9} {change}\n", format!("{}:", change.scope.as_str()));
    }
    text += match (changes.is_empty(), broader) {
        (true, _) => "nothing changed",
        (_, true) => {
            "the new notice is broader: choices made under the old one do not cover it until renewed"
        }
        (_, false) => "the new notice is not broader: choices made under the old one cover it",
    };
    let list: Vec<Value> = changes
        .iter()
        .map(|c| json!({ "purpose": c.purpose, "scope": c.scope, "words": c.to_string() }))
        .collect();
    context.answer(&text, &json!({ "broader": broader, "changes": list }))
}
