//! The official SDKs against the gateway, in front of a scripted upstream and in front of the built-in model.
//!
//! The Python SDKs are in the virtual environment. The Node SDK is installed with npm into `target/interop/node`.

use std::path::Path;
use std::process::Command;

use super::Candor;
use crate::node::{Node, Packages};
use crate::program::{run, workspace};

/// Runs every check of the gateway with the SDKs.
///
/// # Errors
/// Names the step that failed.
pub(super) fn run_sdks(base: &Path, python: &Path, candor: &Candor) -> anyhow::Result<()> {
    let node = Node::find_or_install()?;
    let folder = base.join("node");
    let packages = Packages { from: "xtask/interop", what: "the OpenAI SDK, about 35 MB", folder: &folder };
    node.install(&packages, &["package.json", "gateway_sdk.mjs", "reference_sdk.mjs"])?;
    let script = |name: &str| {
        let mut checks = Command::new(python);
        // Without -B Python would write its compiled files beside the scripts.
        checks.arg("-B").arg(workspace().join("xtask/interop").join(name)).arg(&candor.program);
        checks
    };
    let mut checks = script("gateway_sdk.py");
    run("call the gateway with the OpenAI and Anthropic SDKs", checks.arg(&node.node).arg(&folder))?;
    let mut checks = script("reference_sdk.py");
    run(
        "call the built-in model with the OpenAI and Anthropic SDKs",
        checks.arg(candor.data()).arg(&node.node).arg(&folder),
    )
}
