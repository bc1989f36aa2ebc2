//! Running other programs, and saying so.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

/// Prints a line on standard error.
pub fn say(text: &str) {
    // Nothing can be done if standard error is gone.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// The cargo that runs this, in the folder of the workspace.
pub fn cargo(arguments: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(workspace());
    command
}

/// Python as it is on this machine, outside any virtual environment of ours.
pub fn system_python() -> Command {
    Command::new("python3")
}

/// Says what is done, then runs a program to its end.
///
/// # Errors
/// When the program cannot be started or says that it failed.
pub fn run(what: &str, command: &mut Command) -> anyhow::Result<()> {
    say(&format!("── {what}\n   {}", line(command)));
    let status = command.status().with_context(|| format!("start {}", name(command)))?;
    if !status.success() {
        bail!("{what}: {} ended with {status}", name(command));
    }
    Ok(())
}

/// What a program prints on standard output; its standard error is passed on.
///
/// # Errors
/// When the program cannot be started, says that it failed, or prints something else than text.
pub fn output(command: &mut Command) -> anyhow::Result<String> {
    let ran = command.stderr(Stdio::inherit()).output();
    let ran = ran.with_context(|| format!("start {}", name(command)))?;
    if !ran.status.success() {
        bail!("{} ended with {}", line(command), ran.status);
    }
    String::from_utf8(ran.stdout).with_context(|| format!("read what {} prints", name(command)))
}

/// Whether a program starts and says that all is well; nothing it prints is shown.
pub fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// The path of a program that is on the path.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Installs packages of Debian's, which needs root.
///
/// # Errors
/// When apt-get is missing or says that it failed.
pub fn install_debian(packages: &[&str]) -> anyhow::Result<()> {
    let apt = || Command::new("apt-get");
    run("update the list of packages", apt().args(["update", "--quiet"]))?;
    let mut install = apt();
    install.args(["install", "--yes", "--quiet", "--no-install-recommends"]).args(packages);
    run("install packages", install.env("DEBIAN_FRONTEND", "noninteractive"))
}

fn name(command: &Command) -> String {
    let program = Path::new(command.get_program());
    program.file_name().unwrap_or(command.get_program()).to_string_lossy().into_owned()
}

/// The command as one would type it in the folder of the workspace.
fn line(command: &Command) -> String {
    let root = format!("{}/", workspace().display());
    let words = command.get_args().map(|word| word.to_string_lossy().replace(&root, ""));
    std::iter::once(name(command)).chain(words).collect::<Vec<_>>().join(" ")
}
