//! The model card: what a model is, what it was made from, and what it is not.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::load::{Corpus, ReadSet};
use crate::train::Plan;

/// Format of `card.json`.
pub(crate) const FORMAT: &str = "candor-model-1";

/// What was measured while a model was made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Rows of the release.
    pub rows_read: u64,
    /// Rows that were kept out of training, to measure on.
    pub rows_held_out: u64,
    /// Rows that it learned from, each as often as its sampling says; those with a sampling of 0 are not among them.
    pub rows_learned: u64,
    /// Tokens of one epoch, on average.
    pub tokens: u64,
    /// Mean loss of the first step, in nats for each token.
    pub loss_first: f64,
    /// Mean loss of the last step, in nats for each token.
    pub loss_last: f64,
    /// Bits for each byte of the held-out rows before the first step; none if nothing is held out.
    pub held_out_before: Option<f64>,
    /// The same after the last step.
    pub held_out_after: Option<f64>,
}

impl Facts {
    /// Rows that are neither learned nor held out: their sampling is 0.
    pub fn rows_never_drawn(&self) -> u64 {
        self.rows_read.saturating_sub(self.rows_learned + self.rows_held_out)
    }
}

/// `card.json`: everything about a model but its numbers. It holds no text of the release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// `candor-model-1`.
    pub format: String,
    /// Program and version that trained it.
    pub tool: String,
    /// What was set.
    pub plan: Plan,
    /// Numbers that were fitted.
    pub parameters: u64,
    /// What was measured.
    pub facts: Facts,
    /// Everything that was read to make it, the oldest first: a model that went on from another knows what that
    /// one had read too.
    pub read_sets: Vec<ReadSet>,
    /// SHA-256 of `model.safetensors` of the model it went on from.
    pub base_sha256: Option<String>,
    /// SHA-256 of its own `model.safetensors`; empty until it is written.
    pub weights_sha256: String,
}

impl Card {
    pub(crate) fn new(plan: Plan, corpus: &Corpus, base: Option<&Card>, facts: Facts) -> Self {
        let earlier = base.map(|base| base.read_sets.clone()).unwrap_or_default();
        Self {
            format: FORMAT.into(),
            tool: format!("candor-learn {}", env!("CARGO_PKG_VERSION")),
            plan,
            parameters: plan.shape.parameters() as u64,
            facts,
            read_sets: earlier.into_iter().chain([corpus.read_set.clone()]).collect(),
            base_sha256: base.map(|base| base.weights_sha256.clone()),
            weights_sha256: String::new(),
        }
    }

    /// `README.md` as Hugging Face reads it: YAML, then words and tables.
    pub(crate) fn to_markdown(&self, signed: bool) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut text, signed);
        text
    }

    fn write(&self, text: &mut String, signed: bool) -> std::fmt::Result {
        writeln!(
            text,
            "---\nlibrary_name: transformers\npipeline_tag: text-generation\ntags:\n- consent\n- candor\n---\n"
        )?;
        writeln!(text, "# A reference model\n")?;
        writeln!(
            text,
            "A transformer of {} parameters, trained from nothing but the release below. It is there to show the \
             whole circle on a small machine: that what people agreed to teaches a model, and what they refused does \
             not. It is not an assistant: it knows little, invents much, and must not be relied on. Text in it is \
             de-identified, not anonymous, and a model can repeat what it learned.\n",
            self.parameters
        )?;
        let check =
            if signed { "--trust trust.keys" } else { "(unsigned: whoever made it, nobody vouches for it)" };
        writeln!(text, "Check it: `candor verify . {check}`.\n")?;
        self.write_read_sets(text)?;
        self.write_training(text)
    }

    fn write_read_sets(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "## What it has read\n\nNothing else entered it. The oldest first:\n")?;
        for set in &self.read_sets {
            writeln!(text, "Release `{}`, id `{}`\n", set.release, set.release_id)?;
            writeln!(text, "| file | rows | SHA-256 |\n|---|---:|---|")?;
            for file in &set.files {
                writeln!(text, "| {} | {} | `{}` |", file.path, file.rows, file.sha256)?;
            }
            writeln!(text, "| release.json | | `{}` |\n", set.manifest_sha256)?;
            writeln!(text, "| notice in force | turns of people |\n|---|---:|")?;
            for notice in &set.notices {
                writeln!(text, "| version {} (`{}`) | {} |", notice.version, notice.id, notice.turns)?;
            }
            let signer =
                if set.signer_trusted { "by a trusted key" } else { "signer unknown to the trainer" };
            writeln!(text, "\nSigned: {signer}. Root of its rows `{}`.\n", set.commitment.rows_root)?;
        }
        Ok(())
    }

    fn write_training(&self, text: &mut String) -> std::fmt::Result {
        let (plan, facts) = (&self.plan, &self.facts);
        writeln!(text, "## How it was trained\n\n| | |\n|---|---:|")?;
        let bits = |bits: Option<f64>| bits.map_or("nothing held out".into(), |bits| format!("{bits:.3}"));
        let rows = [
            ("rows learned", facts.rows_learned.to_string()),
            ("rows held out", facts.rows_held_out.to_string()),
            ("rows never drawn, since all of them was pasted", facts.rows_never_drawn().to_string()),
            ("tokens of an epoch", facts.tokens.to_string()),
            ("tokens of the vocabulary", plan.shape.vocabulary.to_string()),
            (
                "layers, width, heads",
                format!("{}, {}, {}", plan.shape.layers, plan.shape.width, plan.shape.heads),
            ),
            ("tokens seen at once", plan.shape.context.to_string()),
            ("steps", plan.steps.to_string()),
            ("highest learning rate", plan.rate_peak.to_string()),
            ("seed", plan.seed.to_string()),
            (
                "loss of the first and the last step, nats per token",
                format!("{:.3}, {:.3}", facts.loss_first, facts.loss_last),
            ),
            ("held-out bits per byte before", bits(facts.held_out_before)),
            ("held-out bits per byte after", bits(facts.held_out_after)),
            ("went on from", self.base_sha256.clone().unwrap_or_else(|| "nothing".into())),
        ];
        for (name, value) in rows {
            writeln!(text, "| {name} | {value} |")?;
        }
        writeln!(
            text,
            "\nLoss is on people's and on models' turns. Of what people pasted from the model's answers a row's \
             `sampling_permille` counts as much as the release says: in an epoch a row is drawn with that chance, and \
             over all epochs as often as it says, rounded up or down. The same release, plan and program give the same \
             bytes."
        )
    }
}
