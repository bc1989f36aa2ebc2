//! `cargo xtask e2e`: the pages in a real browser.
//!
//! Needs what `interop` needs for Node. Installs, from npm, the packages of `xtask/e2e/package.json` into `target/e2e`,
//! and Debian's Chromium with apt where no `chromium` is on the path. The tests are in `xtask/e2e`, run by Node's own
//! test runner from a copy beside the packages; each starts `candor serve` on a data directory of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::node::{Node, Packages};
use crate::program::{find_program, install_debian, run, say, workspace};
use crate::reference::build_candor;

/// Where the tests are, in the workspace.
const TESTS: &str = "xtask/e2e";
/// The browser.
const CHROMIUM: &str = "chromium";

/// Whether the pictures of the README are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pictures {
    /// They stay as they are.
    Leave,
    /// They are made anew, into `docs/pictures`.
    Make,
}

/// Runs every test of the pages.
///
/// # Errors
/// Names the step that failed.
pub fn run_browser(pictures: Pictures) -> anyhow::Result<()> {
    let base = workspace().join("target").join("e2e");
    let chromium = find_or_install_chromium()?;
    let node = Node::find_or_install()?;
    let packages = Packages {
        from: TESTS,
        what: "Playwright's core, axe-core and an OpenID provider, about 25 MB",
        folder: &base,
    };
    node.install(&packages, &["package.json"])?;
    let tests = base.join("tests");
    if tests.exists() {
        fs::remove_dir_all(&tests).context("remove the tests of the last run")?;
    }
    copy(&workspace().join(TESTS), &tests)?;
    let candor = build_candor()?;
    let mut files = files_ending(&tests, ".test.mjs")?;
    if pictures == Pictures::Make {
        files.push(tests.join("pictures.mjs"));
    }
    let mut command = Command::new(&node.node);
    command.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]).args(&files);
    command.env("CANDOR", candor).env("CANDOR_WORKSPACE", workspace());
    command.env("CANDOR_E2E_FOLDER", base.join("worlds")).env("CHROMIUM", chromium);
    run("test the pages in Chromium", command.current_dir(&tests))
}

/// The path of the browser; where there is none it is installed, as root.
fn find_or_install_chromium() -> anyhow::Result<PathBuf> {
    if let Some(found) = find_program(CHROMIUM) {
        return Ok(found);
    }
    say("there is no chromium on the path; installing Debian's with apt-get, about 400 MB: chromium");
    install_debian(&[CHROMIUM, "fonts-liberation"])
        .context("chromium is missing, and apt-get cannot be used\nhint: install Chromium by hand")?;
    find_program(CHROMIUM).context("apt-get installed chromium, and it is not on the path")
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| format!("make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("list {}", from.display()))? {
        let entry = entry.with_context(|| format!("list {}", from.display()))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target)?;
        } else {
            fs::copy(&source, &target).with_context(|| format!("copy {}", source.display()))?;
        }
    }
    Ok(())
}

fn files_ending(folder: &Path, ending: &str) -> anyhow::Result<Vec<PathBuf>> {
    let listed = fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))?;
    let mut files: Vec<PathBuf> = listed
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    if files.is_empty() {
        bail!("no file in {} ends in {ending}", folder.display());
    }
    files.sort();
    Ok(files)
}
