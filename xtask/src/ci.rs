//! `cargo xtask ci`: everything that cargo alone can check. The tests come last, so that their summary ends the run.

use crate::program::{cargo, run, say, succeeds};

/// The tests did not pass, and their runner's summary is the last word.
#[derive(Debug)]
pub struct AlreadyTold;

impl std::fmt::Display for AlreadyTold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the tests did not pass")
    }
}

impl std::error::Error for AlreadyTold {}

/// Runs every check; the first that fails ends it.
///
/// # Errors
/// Names the check that failed; [`AlreadyTold`] when it was the tests.
pub fn run_checks() -> anyhow::Result<()> {
    install_nextest()?;
    run("1/5 format", &mut cargo(&["fmt", "--all", "--check"]))?;
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    run("2/5 lints", &mut cargo(&clippy))?;
    let mut documentation = cargo(&["doc", "--workspace", "--no-deps"]);
    run("3/5 documentation without warnings", documentation.env("RUSTDOCFLAGS", "-D warnings"))?;
    run("4/5 examples in the documentation", &mut cargo(&["test", "--workspace", "--doc", "--quiet"]))?;
    let mut tests = cargo(&["nextest", "run", "--workspace", "--no-fail-fast"]);
    // Whatever kept the runner from passing, it has said so itself.
    run("5/5 tests", &mut tests).map_err(|_| AlreadyTold.into())
}

/// Installs cargo-nextest where it is missing; nothing else is installed.
fn install_nextest() -> anyhow::Result<()> {
    if succeeds(&mut cargo(&["nextest", "--version"])) {
        return Ok(());
    }
    say(
        "cargo-nextest, which runs the tests, is missing. Installing it now, from source, into cargo's own bin\n\
         folder (a few minutes). To do it by hand: cargo install cargo-nextest --locked",
    );
    run("0/5 install cargo-nextest", &mut cargo(&["install", "cargo-nextest", "--locked"]))
}
