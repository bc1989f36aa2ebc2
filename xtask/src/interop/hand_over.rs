//! A release and a model of ours in the hands of other trainers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use super::Candor;
use crate::program::{cargo, output, run, say, workspace};

/// Steps of the model that is trained: far fewer than by default, since only its reading is compared.
const STEPS: &str = "60";

/// What is handed over.
pub(super) struct HandedOver {
    release: PathBuf,
    model: PathBuf,
    /// The folder of the lines for other trainers, and of what our program makes of the rows.
    work: PathBuf,
}

/// Trains a model on the release that is there, and writes the release in the shapes of other trainers.
pub(super) fn make(candor: &Candor) -> anyhow::Result<HandedOver> {
    let handed = HandedOver {
        release: candor.data().join("releases/interop"),
        model: candor.data().join("models/interop"),
        work: candor.folder.join("handed-over"),
    };
    fs::create_dir_all(&handed.work).with_context(|| format!("make {}", handed.work.display()))?;
    run("train a model on the release", &mut candor.command(&["train", "interop", "--steps", STEPS]))?;
    for format in ["trl", "openai"] {
        let file = handed.work.join(format!("{format}.jsonl"));
        let export = ["release", "export", "interop", "--format", format, "--into"];
        run("export the release", candor.command(&export).arg(file))?;
    }
    say("── tell what the model makes of each row");
    let example = ["run", "--quiet", "--package", "candor-learn", "--example", "score", "--"];
    let scores = output(cargo(&example).arg(&handed.model).arg(&handed.release))?;
    fs::write(handed.work.join("scores.jsonl"), scores).context("write scores.jsonl")?;
    Ok(handed)
}

impl HandedOver {
    /// Loads, tokenises and collates with Hugging Face, and checks the file for OpenAI; without PyTorch.
    pub(super) fn check(&self, python: &Path) -> anyhow::Result<()> {
        let what = "hand over to Hugging Face and to OpenAI's fine-tuning";
        run(what, &mut self.script(python, "hand_over.py"))
    }

    /// Opens the model with PyTorch, and trains on the release with TRL.
    pub(super) fn check_with_torch(&self, python: &Path) -> anyhow::Result<()> {
        run("hand over to transformers and TRL with PyTorch", &mut self.script(python, "hand_over_torch.py"))
    }

    fn script(&self, python: &Path, name: &str) -> Command {
        let mut command = Command::new(python);
        // Without -B Python would write its compiled files beside the scripts.
        command.arg("-B").arg(workspace().join("xtask/interop").join(name));
        command.arg(&self.release).arg(&self.model).arg(&self.work);
        command
    }
}
