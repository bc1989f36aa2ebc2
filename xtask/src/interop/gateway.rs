//! The official SDKs against the gateway, in front of a scripted upstream.
//!
//! The Python SDKs are in the virtual environment. The Node SDK is installed with npm into `target/interop/node`.

use std::path::Path;
use std::process::Command;

use crate::node::{Node, Packages};
use crate::program::{run, workspace};

/// Runs every check of the gateway with the SDKs.
///
/// # Errors
/// Names the step that failed.
pub(super) fn run_sdks(base: &Path, python: &Path, candor: &Path) -> anyhow::Result<()> {
    let node = Node::find_or_install()?;
    let folder = base.join("node");
    let packages = Packages { from: "xtask/interop", what: "the OpenAI SDK, about 35 MB", folder: &folder };
    node.install(&packages, &["package.json", "gateway_sdk.mjs"])?;
    let script = workspace().join("xtask/interop/gateway_sdk.py");
    // Without -B Python would write its compiled files beside the scripts.
    let mut checks = Command::new(python);
    checks.arg("-B").arg(script).arg(candor).arg(&node.node).arg(&folder);
    run("call the gateway with the OpenAI and Anthropic SDKs", &mut checks)
}
