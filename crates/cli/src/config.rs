//! `candor.toml` in the data directory: defaults, then this file, then environment, then flags.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use candor_deid::IdentifierKind;
use candor_deid::sensitive::Policy;
use candor_release::manifest::{self, PublicNames, ReplaceWith, SensitiveActions};
use candor_release::residual::{Gates, Look};
use candor_release::{Attachments, Making, Replacement, SecondReader, SurrogateKey};
use serde::{Deserialize, Serialize};

use crate::commands::deid::model::load;
use crate::edge;
use crate::failure::WrongInput;

/// The settings; every field has a default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// The tenant where none is named.
    pub(crate) tenant: String,
    /// Building releases.
    pub(crate) build: Build,
    /// Finding identifiers.
    pub(crate) identifiers: Identifiers,
    /// What a release may hold.
    pub(crate) release: Release,
}

/// Section `[release]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Release {
    /// What becomes of files that came with turns.
    pub(crate) attachments: Attachments,
    /// What stands for an identifier.
    pub(crate) replace_with: ReplaceWith,
    /// What becomes of the key that surrogates are drawn under.
    pub(crate) surrogate_key: SurrogateKey,
    /// What becomes of sentences that tell something sensitive, by class; a class that is missing is as by default.
    pub(crate) sensitive: SensitiveActions,
    /// The second look.
    pub(crate) residual: Residual,
}

impl Default for Release {
    fn default() -> Self {
        Self {
            attachments: Attachments::default(),
            replace_with: ReplaceWith::Placeholders,
            surrogate_key: SurrogateKey::Destroy,
            sensitive: manifest::actions_of(&Policy::standard()),
            residual: Residual::default(),
        }
    }
}

/// Section `[release.residual]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Residual {
    /// About how many turns of the vault the sample is drawn from; 0: no second look.
    pub(crate) sample_turns: u64,
    /// Values that may still stand where they were replaced.
    pub(crate) leaks_max: Option<u64>,
    /// Identifiers that may be missed for 1,000 turns.
    pub(crate) missed_per_1000_turns_max: Option<f64>,
    /// Share of people who may be alone with their combination of indirect clues.
    pub(crate) unique_share_max: Option<f64>,
    /// Share of people whom style may link.
    pub(crate) linked_share_max: Option<f64>,
}

impl Default for Residual {
    fn default() -> Self {
        let Look { sample_turns, gates } = Look::default();
        let Gates { leaks_max, missed_per_1000_turns_max, unique_share_max, linked_share_max } = gates;
        Self { sample_turns, leaks_max, missed_per_1000_turns_max, unique_share_max, linked_share_max }
    }
}

impl Residual {
    /// How closely a release is looked at.
    pub(crate) fn look(&self) -> Look {
        let gates = Gates {
            leaks_max: self.leaks_max,
            missed_per_1000_turns_max: self.missed_per_1000_turns_max,
            unique_share_max: self.unique_share_max,
            linked_share_max: self.linked_share_max,
        };
        Look { sample_turns: self.sample_turns, gates }
    }
}

/// Section `[build]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Build {
    /// What runs the stages; `local` is in process.
    pub(crate) engine: Engine,
    /// Memory for batches and exchange, in MiB.
    pub(crate) memory_mib: u32,
    /// Whether near copies are merged, or exact ones only.
    pub(crate) near_duplicates: bool,
    /// How much of people's turns that was pasted counts in the column `sampling_permille`, in percent (0 to 100).
    pub(crate) pasted_weight_percent: u8,
    /// A text of human writing, one turn on a line, that the language of releases is held against; empty means the
    /// first release for the same purpose.
    pub(crate) language_reference: PathBuf,
}

/// What runs the stages of a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Engine {
    /// In process.
    Local,
}

/// Section `[identifiers]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Identifiers {
    /// Detections below this confidence, in percent (0 to 95), are left as written.
    pub(crate) threshold_percent: u8,
    /// Words that are less probably a name than this, in percent (0 to 100), are left as written.
    pub(crate) name_threshold_percent: u8,
    /// Kinds that are left as written.
    pub(crate) leave: Vec<String>,
    /// The second reader of names that `candor deid model` wrote, relative to the data directory; empty: none.
    pub(crate) encoder: PathBuf,
    /// What becomes of the names of public figures, works, places and organisations.
    pub(crate) public_names: PublicNames,
    /// Countries whose national phone numbers are recognised without a `+`; empty means the built-in list.
    pub(crate) phone_regions: Vec<String>,
}

/// The highest threshold: above it hardly anything would be replaced.
const THRESHOLD_PERCENT_MAX: u8 = 95;

impl Default for Config {
    fn default() -> Self {
        Self {
            tenant: "default".into(),
            build: Build::default(),
            identifiers: Identifiers::default(),
            release: Release::default(),
        }
    }
}

impl Default for Build {
    fn default() -> Self {
        Self {
            engine: Engine::Local,
            memory_mib: 512,
            near_duplicates: true,
            pasted_weight_percent: 100,
            language_reference: PathBuf::new(),
        }
    }
}

impl Default for Identifiers {
    fn default() -> Self {
        Self {
            threshold_percent: 50,
            name_threshold_percent: 25,
            leave: ["date", "title", "group"].map(str::to_owned).to_vec(),
            encoder: PathBuf::new(),
            public_names: PublicNames::Keep,
            phone_regions: Vec::new(),
        }
    }
}

/// The file that `candor init` writes: every setting at its default, explained.
pub(crate) const TEMPLATE: &str = r#"# Settings of this data directory. A flag wins over an environment variable (CANDOR_TENANT, CANDOR_MEMORY_MIB),
# which wins over this file. Unknown keys are errors. Check with `candor config check`.

# The tenant where none is named.
tenant = "default"

[build]
# What runs the stages of a build: "local" is in this process.
engine = "local"
# Memory for batches and the exchange of candidates, in MiB.
memory_mib = 512
# true: near copies are merged after exact comparison. false: only copies that differ in case and punctuation.
near_duplicates = true
# How much of people's turns that was pasted counts in the column `sampling_permille`, in percent (0 to 100). Nothing is
# left out of the files, and the card says what was set.
pasted_weight_percent = 100
# A text of human writing, one turn on a line, that the language of releases is held against; empty means the first
# release for the same purpose.
language_reference = ""

[identifiers]
# Detections below this confidence, in percent (0 to 95), are left as written.
threshold_percent = 50
# Words that are less probably a name than this, in percent (0 to 100), are left as written. Lower finds more names, and
# more words that are none.
name_threshold_percent = 25
# A second reader of names, which reads the sentences again in which the model is in doubt: the file that `candor deid model`
# wrote, relative to the data directory. Empty: none. Text that streams is never read with it.
encoder = ""
# Kinds that are left as written, such as "location"; `candor deid --help` lists them.
leave = ["date", "title", "group"]
# "keep": names of public figures, works, places and organisations stay, unless the conversation speaks of them as
# somebody's own. "mask": they are replaced like any other.
public_names = "keep"
# Countries whose national phone numbers are recognised without a "+"; empty means the built-in list.
phone_regions = []

[release]
# Files that came with turns. "withhold": no file is opened; its kind stands in brackets. "text": the text of readable
# ones (PDF, DOCX, XLSX, CSV, e-mail, HTML, JSON, text) stands there too, de-identified with the turn. Images, recordings
# and files that cannot be read are withheld either way.
attachments = "withhold"
# What stands for an identifier. "placeholders": [EMAIL_1], the same for the same all through a conversation. "surrogates":
# an invented one that reads like it, where its kind has one. See docs/surrogates.md.
replace_with = "placeholders"
# "destroy": the key of the surrogates ends with the build, and nothing leads back. "keep": it is sealed with the operator's
# records, so that `candor release restore` can open a row again while everyone who wrote in it lets it be used.
surrogate_key = "destroy"

[release.sensitive]
# Sentences that tell something sensitive of a particular person or firm, though no identifier stands in them. "keep": they
# stay, and are counted. "generalise": words such as [something about health] stand for them. "withhold": their turn is left
# out, and what follows it. A model labels them and misses some: see docs/sensitive.md.
# Of others, who were never asked; an answer would tell it again.
minors = "withhold"
customer-data = "withhold"
business = "withhold"
confidence = "withhold"
# Mostly of whoever wrote it, who agreed to the use.
health = "generalise"
money = "generalise"
sexuality = "generalise"
religion = "generalise"
politics = "generalise"
union = "generalise"
ethnicity = "generalise"
biometrics = "generalise"
criminal-record = "generalise"

[release.residual]
# After a release is written, other detectors look at a sample of its rows, drawn from about this many turns of the vault;
# the card says what they find. 0: nobody looks. See docs/residual-risk.md.
sample_turns = 20000
# Figures that a release must keep to be published; without a number, any passes.
# Values that were replaced in a conversation and still stand in a row of it.
# leaks_max = 0
# Missed identifiers for 1,000 turns, by the upper end of the 95 % interval.
# missed_per_1000_turns_max = 5.0
# Share of people who are alone with their age, place, occupation, date and group in the released text.
# unique_share_max = 0.05
# Share of people whom style links to their other conversations, by the lower end of the 95 % interval.
# linked_share_max = 0.1
"#;

impl Config {
    /// Where the file of a data directory is.
    pub(crate) fn path(data: &Path) -> PathBuf {
        data.join("candor.toml")
    }

    /// Defaults, then the file if there is one, then the environment.
    pub(crate) fn load(data: &Path) -> anyhow::Result<Self> {
        let path = Self::path(data);
        let mut config = match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, &path)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::default(),
            Err(error) => return Err(error).with_context(|| format!("read {}", path.display())),
        };
        if let Some(tenant) = edge::variable("CANDOR_TENANT") {
            config.tenant = tenant;
        }
        if let Some(memory) = edge::variable("CANDOR_MEMORY_MIB") {
            let wrong = |_| WrongInput(format!("CANDOR_MEMORY_MIB is `{memory}`, expected a number of MiB"));
            config.build.memory_mib = memory.parse().map_err(wrong)?;
        }
        Ok(config)
    }

    fn parse(text: &str, path: &Path) -> anyhow::Result<Self> {
        let parsed: Result<Self, _> = toml::from_str(text);
        parsed.map_err(|error| {
            WrongInput(format!("{}: {}", path.display(), error.to_string().trim_end())).into()
        })
    }

    /// What text becomes in releases.
    pub(crate) fn making(&self, data: &Path) -> anyhow::Result<Making> {
        let reader = self.second_reader(data)?;
        Ok(Making {
            engine: SecondReader::engine(self.identifier_settings()?, reader.as_ref()),
            sensitive: manifest::policy_of(&self.release.sensitive),
            attachments: self.release.attachments,
        })
    }

    /// The second reader of names, if the settings name one.
    pub(crate) fn second_reader(&self, data: &Path) -> anyhow::Result<Option<SecondReader>> {
        let path = &self.identifiers.encoder;
        if path.as_os_str().is_empty() {
            return Ok(None);
        }
        let (encoder, sha256) = load(&data.join(path)).context("setting `identifiers.encoder`")?;
        Ok(Some(SecondReader { encoder, sha256 }))
    }

    /// What stands for an identifier in releases.
    pub(crate) fn replacement(&self) -> Replacement {
        match self.release.replace_with {
            ReplaceWith::Placeholders => Replacement::Placeholders,
            ReplaceWith::Surrogates => Replacement::Surrogates(self.release.surrogate_key),
        }
    }

    /// The settings of the de-identification engine.
    pub(crate) fn identifier_settings(&self) -> anyhow::Result<candor_deid::Settings> {
        let threshold = self.identifiers.threshold_percent;
        if threshold > THRESHOLD_PERCENT_MAX {
            let text = format!("threshold_percent is {threshold}, expected 0 to {THRESHOLD_PERCENT_MAX}");
            return Err(WrongInput(text).into());
        }
        let names = self.identifiers.name_threshold_percent;
        if names > 100 {
            return Err(WrongInput(format!("name_threshold_percent is {names}, expected 0 to 100")).into());
        }
        let mut settings = candor_deid::Settings::release();
        settings.threshold = f32::from(threshold) / 100.0;
        settings.name_threshold = f32::from(names) / 100.0;
        settings.kinds = IdentifierKind::ALL.to_vec();
        for word in &self.identifiers.leave {
            let left: IdentifierKind = word.parse()?;
            settings.kinds.retain(|kind| *kind != left);
        }
        settings.public_names = self.identifiers.public_names.into();
        if !self.identifiers.phone_regions.is_empty() {
            let regions = self.identifiers.phone_regions.iter().map(|region| region.parse());
            settings.phone_regions = regions.collect::<Result<_, _>>()?;
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_says_the_defaults() {
        assert_eq!(Config::parse(TEMPLATE, Path::new("candor.toml")).unwrap(), Config::default());
    }

    #[test]
    fn a_threshold_that_would_replace_next_to_nothing_is_refused() {
        let mut config = Config::default();
        for (percent, fits) in [(0, true), (95, true), (96, false), (200, false)] {
            config.identifiers.threshold_percent = percent;
            assert_eq!(config.identifier_settings().is_ok(), fits, "{percent}");
        }
    }

    #[test]
    fn an_unknown_key_is_an_error_with_file_line_and_the_keys_allowed() {
        let error = Config::parse("[build]\nmemory = 3\n", Path::new("candor.toml")).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("candor.toml") && text.contains("line 2") && text.contains("memory_mib"),
            "{text}"
        );
    }
}
