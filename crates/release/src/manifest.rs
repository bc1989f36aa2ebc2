//! `release.json`: the one canonical description of a release, from which card and statement are made.

use std::collections::BTreeMap;

use candor_consent::{Basis, Purpose, Reason};
use candor_conversation::Timestamp;
use serde::{Deserialize, Serialize};

use crate::assemble::Attachments;
use crate::language::Language;
use crate::origin::{Share, ShareSum, SpanKind, Tally};
use crate::residual::Residual;
use crate::surrogates::{Replacement, SurrogateKey};

mod sensitive;

pub(crate) use sensitive::sentences_of;
pub use sensitive::{SensitiveAction, SensitiveActions, SensitiveClass, Sentences, actions_of, policy_of};

/// Format of the manifest.
pub const FORMAT: &str = "candor-release-3";

/// The manifest. Every number in it can be recomputed from the files, or adds up with the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// The release's name.
    pub name: String,
    /// Its id, by which people's entries are filed.
    pub id: String,
    /// What it may be used for.
    pub purpose: Purpose,
    /// The time of the decision about every turn.
    pub as_of: Timestamp,
    /// Program and version that built it.
    pub tool: String,
    /// What was set.
    pub configuration: Configuration,
    /// Notices under which the turns were said, with how many turns.
    pub notices: Vec<NoticeUse>,
    /// The log's checkpoint at the decision: a signed note.
    pub log_checkpoint: String,
    /// Turns in and out.
    pub turns: Turns,
    /// Rows in and out.
    pub rows: Rows,
    /// Identifiers replaced in the released rows, by kind.
    pub identifiers: BTreeMap<String, u64>,
    /// Files of the used turns, by what became of them: `read`, or why nothing of them is in a row.
    pub attachments: BTreeMap<String, u64>,
    /// How many of them surrogates stand for; typed placeholders stand for the others.
    pub surrogates: u64,
    /// Sentences that tell something sensitive, before de-duplication, by class.
    pub sensitive: BTreeMap<SensitiveClass, Sentences>,
    /// Where persons' turns in the released rows come from.
    pub origin: OriginCounts,
    /// Whether the language of the released rows grows poorer.
    pub language: Language,
    /// What a second look found, on a sample; nothing if it was switched off.
    pub residual: Option<Residual>,
    /// People who wrote at least one row, or for whom one stands.
    pub people: u64,
    /// The two roots.
    pub commitment: Commitment,
    /// The data files.
    pub files: Vec<DataFile>,
}

/// What was set for a build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// `exact`, or `exact and near`.
    pub deduplication: String,
    /// Kinds of identifiers that are replaced.
    pub identifiers: Vec<String>,
    /// Detections below this confidence are left, as written (0 to 1).
    pub identifier_threshold: String,
    /// Words that are less probably a name are left (0 to 1).
    pub name_threshold: String,
    /// SHA-256 of the encoder that read the sentences again in which the model of names was in doubt; nothing without one.
    pub encoder_sha256: Option<String>,
    /// What became of names of public figures, works, places and organisations.
    pub public_names: PublicNames,
    /// How much a pasted byte counts when a row is drawn for training, in thousandths.
    pub pasted_permille: u32,
    /// What becomes of files.
    pub attachments: Attachments,
    /// What stands for an identifier.
    pub replace_with: ReplaceWith,
    /// What became of the key that surrogates were drawn under: `destroyed`, `kept`, or `none` without surrogates.
    pub surrogate_key: String,
    /// What becomes of sentences that tell something sensitive, by class.
    pub sensitive: SensitiveActions,
    /// About how many turns of the vault the second look's sample is drawn from.
    pub residual_sample_turns: u64,
}

/// What stands for an identifier, as settings and the manifest write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplaceWith {
    /// Typed, numbered placeholders.
    Placeholders,
    /// Surrogates, and placeholders where there is none.
    Surrogates,
}

impl ReplaceWith {
    /// What a plan says, without what becomes of the key.
    pub(crate) fn of(replacement: Replacement) -> Self {
        match replacement {
            Replacement::Placeholders => ReplaceWith::Placeholders,
            Replacement::Surrogates(_) => ReplaceWith::Surrogates,
        }
    }
}

/// What the manifest says of the key of surrogates.
pub(crate) fn surrogate_key_of(replacement: Replacement) -> &'static str {
    match replacement {
        Replacement::Placeholders => "none",
        Replacement::Surrogates(SurrogateKey::Destroy) => "destroyed",
        Replacement::Surrogates(SurrogateKey::Keep) => "kept",
    }
}

/// What becomes of public names, as settings and the manifest write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PublicNames {
    /// They are replaced like any other.
    Mask,
    /// They stay where the conversation speaks of nobody's own.
    Keep,
}

impl From<candor_deid::PublicNames> for PublicNames {
    fn from(names: candor_deid::PublicNames) -> Self {
        match names {
            candor_deid::PublicNames::Mask => PublicNames::Mask,
            candor_deid::PublicNames::Keep => PublicNames::Keep,
        }
    }
}

impl From<PublicNames> for candor_deid::PublicNames {
    fn from(names: PublicNames) -> Self {
        match names {
            PublicNames::Mask => candor_deid::PublicNames::Mask,
            PublicNames::Keep => candor_deid::PublicNames::Keep,
        }
    }
}

/// Bytes of persons' turns in the released rows, by where they come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OriginCounts {
    /// Bytes by kind.
    pub bytes: BTreeMap<SpanKind, u64>,
    /// Spans by kind, of those about which something is known.
    pub spans: BTreeMap<SpanKind, u64>,
    /// Conversations with a person's turn.
    pub conversations: u64,
    /// Share of the bytes that are not shown to be pasted, 0 to 1, and its 95 % interval (see
    /// [`ShareSum::share`]); nothing without bytes.
    pub human_share: Option<Interval>,
}

/// A value with its 95 % interval, in decimals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// The value.
    pub value: String,
    /// Lower end.
    pub low: String,
    /// Upper end.
    pub high: String,
}

impl OriginCounts {
    pub(crate) fn new(tally: Tally, share: &ShareSum) -> Self {
        let decimals = |value: f64| format!("{value:.4}");
        let interval =
            |s: Share| Interval { value: decimals(s.value), low: decimals(s.low), high: decimals(s.high) };
        Self {
            bytes: tally.bytes,
            spans: tally.spans,
            conversations: share.conversations(),
            human_share: share.share().map(interval),
        }
    }
}

/// A notice and how many used turns were said under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeUse {
    /// Its version.
    pub version: u32,
    /// Its id.
    pub id: String,
    /// Human turns.
    pub turns: u64,
}

/// Turns: `examined = used + the sum of withheld`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turns {
    /// Turns in the vault.
    pub examined: u64,
    /// Turns in at least one row, before de-duplication.
    pub used: u64,
    /// Human turns among the used, by what their yes rests on.
    pub basis: BTreeMap<Basis, u64>,
    /// The others, by reason.
    pub withheld: BTreeMap<Reason, u64>,
}

/// Rows: `candidates = released + exact_duplicates + near_duplicates`, and the weights of the released rows add
/// up to the candidates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// Paths whose every turn is allowed.
    pub candidates: u64,
    /// Left out because another row says the same after case, punctuation and spacing.
    pub exact_duplicates: u64,
    /// Left out because another row says the same but for typos or courtesies.
    pub near_duplicates: u64,
    /// In the files.
    pub released: u64,
    /// Paths left out of conversations with too many branches.
    pub paths_left_out: u64,
}

/// The commitment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// Root of the row tree (RFC 6962), hexadecimal.
    pub rows_root: String,
    /// Rows in it.
    pub rows: u64,
    /// Root of the subject tree, hexadecimal.
    pub subjects_root: String,
    /// People in it.
    pub subjects: u64,
}

/// A data file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataFile {
    /// Path in the release.
    pub path: String,
    /// Rows in it.
    pub rows: u64,
    /// Size.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// The file's bytes: JSON with sorted keys.
    pub fn to_bytes(&self) -> Vec<u8> {
        let value = serde_json::to_value(self).unwrap_or_default();
        let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
        text.push('\n');
        text.into_bytes()
    }

    /// The first sum that does not agree, in words.
    pub fn wrong_sum(&self) -> Option<String> {
        // A hostile manifest must not make a sum wrap around: 128 bits hold any sum of these.
        fn sum<'n>(numbers: impl IntoIterator<Item = &'n u64>) -> u128 {
            numbers.into_iter().map(|number| u128::from(*number)).sum()
        }
        let withheld = sum(self.turns.withheld.values());
        if u128::from(self.turns.examined) != u128::from(self.turns.used) + withheld {
            return Some(format!(
                "turns: {} examined, but {} used and {withheld} withheld",
                self.turns.examined, self.turns.used
            ));
        }
        let rows = &self.rows;
        let duplicates = sum([&rows.exact_duplicates, &rows.near_duplicates]);
        if u128::from(rows.candidates) != u128::from(rows.released) + duplicates {
            return Some(format!(
                "rows: {} candidates, but {} released and {duplicates} duplicates",
                rows.candidates, rows.released
            ));
        }
        let human = sum(self.turns.basis.values());
        let by_notice = sum(self.notices.iter().map(|notice| &notice.turns));
        if human != by_notice {
            return Some(format!("turns: {human} by basis, but {by_notice} by notice"));
        }
        if human > u128::from(self.turns.used) {
            return Some(format!("turns: {human} by basis, but only {} used", self.turns.used));
        }
        let in_files = sum(self.files.iter().map(|file| &file.rows));
        if in_files != u128::from(rows.released) || self.commitment.rows != rows.released {
            return Some(format!(
                "rows: {} released, but {in_files} in files and {} committed",
                rows.released, self.commitment.rows
            ));
        }
        if self.people != self.commitment.subjects {
            return Some(format!("people: {}, but {} committed", self.people, self.commitment.subjects));
        }
        None
    }
}
