//! `cargo xtask interop`: a release of ours in readers that are not ours, the verifier that shares no code, the gateway
//! under the SDKs of the providers, and a model of ours handed over to Hugging Face.
//!
//! Needs Python 3.11 or newer. Installs, from PyPI, the packages of `xtask/interop/requirements.txt` into a virtual
//! environment under `target/`, and, from npm, those of `xtask/interop/package.json`; Node itself too, from PyPI into
//! `target/node`, where it is missing or old. Nothing else is downloaded, and nothing is kept outside `target/`.
//!
//! `cargo xtask interop torch` is a run of its own, for what needs PyTorch, which brings gigabytes along.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::program::{output, run, say, succeeds, system_python, workspace};
use crate::reference::build_candor;

mod gateway;
mod hand_over;

/// The time at which the sample is made: its first notice is then the draft that `candor init` writes.
const NOW: &str = "2026-10-28T00:00:00Z";
/// When the sample's second notice, which keeps for longer, takes effect.
const SECOND_NOTICE_AT: &str = "2026-08-29T00:00:00Z";
/// People whose proofs are checked by both verifiers.
const PROOFS: usize = 8;

/// Runs every reader and verifier on one release, and the SDKs against the gateway.
///
/// # Errors
/// Names the step that failed.
pub fn run_readers() -> anyhow::Result<()> {
    let base = workspace().join("target").join("interop");
    fs::create_dir_all(&base).with_context(|| format!("make {}", base.display()))?;
    let python = virtual_environment(&base, &READERS)?;
    let candor = Candor { program: build_candor()?, folder: base.join("run") };
    let release = candor.make_release()?;
    let script = workspace().join("xtask/interop/read_release.py");
    run(
        "read the release with datasets, Polars and DuckDB",
        Command::new(&python).arg(script).arg(&release),
    )?;
    let shapes = workspace().join("xtask/interop");
    run(
        "read every receipt as RDF, and check it against the shapes of ISO/IEC TS 27560",
        Command::new(&python)
            .arg(shapes.join("read_receipts.py"))
            .arg(shapes.join("consent_shapes.ttl"))
            .arg(candor.data().join("receipts")),
    )?;
    let trust = candor.data().join("trust.keys");
    run("verify the release with Python alone", &mut verifier(&release, &trust))?;
    for proof in candor.make_proofs()? {
        run(
            "verify a proof with candor",
            candor.command(&["verify"]).arg(&proof).arg("--trust").arg(&trust),
        )?;
        run("verify the same proof with Python alone", &mut verifier(&proof, &trust))?;
    }
    let tests = ["-m", "unittest", "discover", "--start-directory", "verify", "--pattern", "test*.py"];
    run("tests of the Python verifier", system_python().args(tests).current_dir(workspace()))?;
    let handed = hand_over::make(&candor)?;
    handed.check(&python)?;
    gateway::run_sdks(&base, &python, &candor)
}

/// Lets PyTorch open a model of ours and TRL train on a release of ours.
///
/// # Errors
/// Names the step that failed.
pub fn run_torch() -> anyhow::Result<()> {
    let base = workspace().join("target").join("interop");
    fs::create_dir_all(&base).with_context(|| format!("make {}", base.display()))?;
    let python = virtual_environment(&base, &TORCH)?;
    let candor = Candor { program: build_candor()?, folder: base.join("run-torch") };
    candor.make_release()?;
    hand_over::make(&candor)?.check_with_torch(&python)
}

/// Packages from PyPI, and where they are installed.
pub(crate) struct Packages {
    /// The list, in `xtask`.
    pub(crate) requirements: &'static str,
    /// The virtual environment, in the folder given.
    pub(crate) folder: &'static str,
    /// What they weigh, in words.
    pub(crate) size: &'static str,
}

const READERS: Packages = Packages {
    requirements: "interop/requirements.txt",
    folder: "venv",
    size: "about 900 MB on the disk with what they need",
};

const TORCH: Packages = Packages {
    requirements: "interop/requirements-torch.txt",
    folder: "venv-torch",
    size: "about 2.5 GB to download on Linux and 6 GB on the disk, most of it PyTorch's libraries for graphics cards, \
           which are not used",
};

fn verifier(path: &Path, trust: &Path) -> Command {
    let mut command = system_python();
    command.arg(workspace().join("verify/candor_verify.py")).arg(path).arg("--trust").arg(trust);
    command
}

/// Makes a virtual environment, or keeps the one whose packages are those asked for; gives its Python.
pub(crate) fn virtual_environment(base: &Path, packages: &Packages) -> anyhow::Result<PathBuf> {
    let requirements = workspace().join("xtask").join(packages.requirements);
    let wanted = fs::read_to_string(&requirements).context("read the list of packages")?;
    let folder = base.join(packages.folder);
    let installed = folder.join("installed.txt");
    let python = folder.join("bin").join("python");
    if fs::read_to_string(&installed).is_ok_and(|text| text == wanted)
        && succeeds(Command::new(&python).arg("-V"))
    {
        return Ok(python);
    }
    let recent = "import sys; sys.exit(sys.version_info < (3, 11))";
    if !succeeds(system_python().args(["-c", recent])) {
        bail!(
            "python3 is missing or older than 3.11\nhint: install Python 3.11 or newer, with its venv module"
        );
    }
    let names: Vec<&str> = wanted.lines().filter(|line| !line.starts_with('#')).collect();
    say(&format!("installing into {}, from PyPI, {}: {}", folder.display(), packages.size, names.join(", ")));
    run("make a virtual environment", system_python().args(["-m", "venv", "--clear"]).arg(&folder)).context(
        "python3 cannot make virtual environments\nhint: on Debian and Ubuntu install python3-venv",
    )?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run("install packages", Command::new(&python).args(install).arg(&requirements))?;
    fs::write(&installed, wanted).context("note what is installed")?;
    Ok(python)
}

/// The program and the folder it works in.
struct Candor {
    program: PathBuf,
    folder: PathBuf,
}

impl Candor {
    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The program, acting at the sample's time on the data directory.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--data").arg(self.data()).args(["--now", NOW]).args(arguments);
        command
    }

    /// Everything from an empty folder to a release of the generated sample.
    fn make_release(&self) -> anyhow::Result<PathBuf> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).context("remove the release of the last run")?;
        }
        let sample = self.folder.join("sample");
        run("make a generated sample", self.command(&["sample"]).arg(&sample))?;
        run("make a data directory", &mut self.command(&["init", "--name", "interop.example"]))?;
        let (first, second) = self.notices()?;
        run("publish the first notice", self.command(&["notice", "publish"]).arg(first))?;
        run("publish a broader one", self.command(&["notice", "publish"]).arg(second))?;
        let choices = ["consent", "import", "--attested-by", "the generator of the sample"];
        run("record choices", self.command(&choices).arg(sample.join("choices.csv")))?;
        run("import conversations", self.command(&["import"]).arg(sample.join("conversations.jsonl")))?;
        run("build a release", &mut self.command(&["release", "build", "interop"]))?;
        Ok(self.data().join("releases").join("interop"))
    }

    /// The draft notice, and a second version of it that keeps everything for longer.
    fn notices(&self) -> anyhow::Result<(PathBuf, PathBuf)> {
        let (first, second) =
            (self.data().join("notices/draft.toml"), self.data().join("notices/second.toml"));
        let text = fs::read_to_string(&first).context("read the draft notice")?;
        let later = text
            .replace("version = 1\n", "version = 2\n")
            .replace("2026-01-01T00:00:00Z", SECOND_NOTICE_AT)
            .replace("retention_days = 365", "retention_days = 730");
        fs::write(&second, later).context("write the second notice")?;
        Ok((first, second))
    }

    /// Proofs to the first few people, whoever they are: some are in the release, some are not.
    fn make_proofs(&self) -> anyhow::Result<Vec<PathBuf>> {
        let receipts = self.data().join("receipts");
        let listed = fs::read_dir(&receipts).context("list receipts")?;
        let mut people: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
        people.sort();
        let mut proofs = Vec::new();
        for (number, person) in people.iter().take(PROOFS).enumerate() {
            let proof = self.folder.join(format!("{number}.proof.json"));
            let mut prove = self.command(&["prove", "interop", "--receipt"]);
            prove.arg(person.join("0000-enrolment.receipt.json")).arg("--to").arg(&proof);
            say(&format!(
                "   {}",
                output(&mut prove)?.trim_end().replace(&format!("{}/", workspace().display()), "")
            ));
            proofs.push(proof);
        }
        if proofs.is_empty() {
            bail!("nobody has a receipt in {}", receipts.display());
        }
        Ok(proofs)
    }
}
