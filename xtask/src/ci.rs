//! `cargo xtask ci`: everything that cargo can check, with PostgreSQL for the tests. The tests come last, so that their summary ends the run.

use anyhow::Context as _;

use crate::program::{cargo, find_program, install_debian, run, say, succeeds};

/// Names a server for the tests, or says `required` or `none`; see `crates/testbed`.
const POSTGRES: &str = "CANDOR_TEST_POSTGRES";
/// Where Debian keeps the programs of each version of PostgreSQL.
const DEBIAN_POSTGRES: &str = "/usr/lib/postgresql";

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
    install_postgres()?;
    run("1/5 format", &mut cargo(&["fmt", "--all", "--check"]))?;
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    run("2/5 lints", &mut cargo(&clippy))?;
    let mut documentation = cargo(&["doc", "--workspace", "--no-deps"]);
    run("3/5 documentation without warnings", documentation.env("RUSTDOCFLAGS", "-D warnings"))?;
    run("4/5 examples in the documentation", &mut cargo(&["test", "--workspace", "--doc", "--quiet"]))?;
    let mut tests = cargo(&["nextest", "run", "--workspace", "--no-fail-fast"]);
    if std::env::var_os(POSTGRES).is_none() {
        tests.env(POSTGRES, "required");
    }
    // Whatever kept the runner from passing, it has said so itself.
    run("5/5 tests", &mut tests).map_err(|_| AlreadyTold.into())
}

/// Installs Debian's PostgreSQL where there is none: every test of storage runs on it, too.
fn install_postgres() -> anyhow::Result<()> {
    let is_there = find_program("initdb").is_some() || std::fs::exists(DEBIAN_POSTGRES).unwrap_or(false);
    if is_there || std::env::var_os(POSTGRES).is_some() {
        return Ok(());
    }
    say(
        "PostgreSQL, on which the tests of storage run too, is missing; installing Debian's with apt-get: postgresql",
    );
    install_debian(&["postgresql"]).with_context(|| {
        format!("PostgreSQL is missing, and apt-get cannot be used\nhint: install it by hand, or set {POSTGRES} to `none`")
    })
}

/// Installs cargo-nextest where it is missing.
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
