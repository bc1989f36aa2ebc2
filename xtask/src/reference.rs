//! `cargo xtask reference`: the pages of docs/reference, made from the program itself.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::program::{cargo, output, run, say, workspace};

/// Deepest nesting of subcommands that is followed.
const DEPTH_MAX: usize = 4;
/// Columns to which help is wrapped, so that every machine writes the same page.
const COLUMNS: &str = "100";
/// The line above the options in a help text.
const OPTIONS: &str = "Options:\n";

/// Writes every page.
///
/// # Errors
/// When the program does not build or a page cannot be written.
pub fn write() -> anyhow::Result<()> {
    for (path, text) in pages()? {
        std::fs::write(workspace().join(&path), text).with_context(|| format!("write {path}"))?;
        say(&format!("wrote {path}"));
    }
    Ok(())
}

/// Every page: its path in the workspace and what it must hold.
///
/// # Errors
/// When the program does not build or does not print its help.
pub fn pages() -> anyhow::Result<Vec<(String, String)>> {
    let program = build_candor()?;
    Ok(vec![
        ("docs/reference/cli.md".to_owned(), command_page(&program)?),
        ("docs/reference/config.md".to_owned(), settings_page(&program)?),
        ("docs/reference/gateway.md".to_owned(), gateway_page()?),
    ])
}

/// Builds `candor` for development and gives its path.
///
/// # Errors
/// When it does not build.
pub fn build_candor() -> anyhow::Result<PathBuf> {
    run("build candor", &mut cargo(&["build", "--quiet", "--package", "candor-cli"]))?;
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    Ok(target.join("debug").join(format!("candor{}", std::env::consts::EXE_SUFFIX)))
}

fn command_page(program: &Path) -> anyhow::Result<String> {
    let mut page = String::from(
        "# Command line\n\nMade by `cargo xtask reference` from the program's own help; edit the doc comments in \
         `crates/cli` instead. The options of `candor` itself hold for every command and are listed there only.\n",
    );
    describe(program, &[], &mut page)?;
    Ok(page)
}

fn describe(program: &Path, path: &[&str], page: &mut String) -> anyhow::Result<()> {
    let help = output(Command::new(program).args(path).arg("--help").env("COLUMNS", COLUMNS))?;
    let shown =
        if path.is_empty() { help.clone() } else { without_shared_options(&help, &shared_options(program)?) };
    let title = std::iter::once("candor").chain(path.iter().copied()).collect::<Vec<_>>().join(" ");
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    write!(page, "\n## {title}\n\n```text\n{}\n```\n", lines.join("\n"))?;
    if path.len() < DEPTH_MAX {
        for command in subcommands(&help) {
            describe(program, &[path, &[command]].concat(), page)?;
        }
    }
    Ok(())
}

/// The paragraphs on options in the program's own help, which every command repeats.
fn shared_options(program: &Path) -> anyhow::Result<Vec<String>> {
    let help = output(Command::new(program).arg("--help").env("COLUMNS", COLUMNS))?;
    let options = help.split_once(OPTIONS).map_or("", |(_, options)| options);
    Ok(options.split("\n\n").map(|paragraph| paragraph.trim_end().to_owned()).collect())
}

fn without_shared_options(help: &str, shared: &[String]) -> String {
    let Some((before, options)) = help.split_once(OPTIONS) else { return help.to_owned() };
    let own =
        options.split("\n\n").filter(|paragraph| !shared.iter().any(|other| other == paragraph.trim_end()));
    let own = own.collect::<Vec<_>>().join("\n\n");
    if own.is_empty() { before.trim_end().to_owned() } else { format!("{before}{OPTIONS}{}", own.trim_end()) }
}

/// The names under `Commands:` in a help text.
fn subcommands(help: &str) -> Vec<&str> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| line.starts_with("  "));
    // A name stands two columns in; what is further in goes on with the description above it.
    let names =
        listed.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").collect()
}

/// The gateway's settings file as `candor gateway init` writes it.
fn gateway_page() -> anyhow::Result<String> {
    let template = workspace().join("crates/gateway/src/template.toml");
    let settings =
        std::fs::read_to_string(&template).context("read the template of the gateway's settings")?;
    Ok(format!(
        "# Settings of the gateway\n\nMade by `cargo xtask reference`; edit `crates/gateway/src/template.toml` \
         instead.\n\nThis is `gateway.toml` as `candor gateway init` writes it into the data directory, every setting \
         at its default. A missing key means the default. `candor gateway check` says whether the file can be used. \
         What it all means is in [../gateway.md](../gateway.md).\n\n```toml\n{}\n```\n",
        settings.trim_end()
    ))
}

/// The settings file as `candor init` writes it, from a data directory made for the purpose.
fn settings_page(program: &Path) -> anyhow::Result<String> {
    let folder = std::env::temp_dir().join(format!("candor-reference-{}", std::process::id()));
    let data = folder.join("data");
    std::fs::create_dir_all(&folder).context("make a folder for the settings page")?;
    let made = output(Command::new(program).arg("--data").arg(&data).arg("init"));
    let settings = made.and_then(|_| {
        std::fs::read_to_string(data.join("candor.toml")).context("read the settings that init wrote")
    });
    std::fs::remove_dir_all(&folder).context("remove the folder of the settings page")?;
    let settings = settings?;
    Ok(format!(
        "# Settings\n\nMade by `cargo xtask reference`; edit the template in `crates/cli/src/config.rs` instead.\n\n\
         This is `candor.toml` as `candor init` writes it into the data directory, every setting at its default. \
         A missing file or key means the default. `candor config show` prints what is in force, `candor config \
         check` says whether the file can be used.\n\n```toml\n{}\n```\n",
        settings.trim_end()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subcommands_are_read_from_help_and_wrapped_descriptions_are_not() {
        let help = "Does it\n\nUsage: x\n\nCommands:\n  give    Yes; after an earlier\n          one\n  help    Print\n\nOptions:\n  -q\n";
        assert_eq!(subcommands(help), ["give"]);
    }
}
