//! Rows with surrogates as they were, for an operator who kept the key.
//!
//! No table of what stood where is kept: that would be a second store of what people said. A row is restored by making
//! it again from the vault, under the decision of now: who was erased, took the yes back or whose term ended is not
//! restored, because there is nothing to restore it from, or nothing that may be read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use candor_conversation::{Kind, Message};
use candor_vault::{Decompressor, Key, PeopleMet, Vault};

use crate::assemble::{CONVERSATION_MESSAGES_MAX, Rule, assemble};
use crate::build::{BuildError, Plan, SecondReader, gather, staging};
use crate::data;
use crate::layout;
use crate::manifest::Manifest;
use crate::recall::known_by;
use crate::spill::{self, Gathered};
use crate::stage::{self, Deidentified, StageError, said_hash};
use crate::surrogates::{Replaced, swaps_of};

/// Working files; no release can have the name.
const WORK: &str = "restore.partial";

/// Why no row can be restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is no key.
    #[error(
        "nothing leads back from release `{0}`: it has placeholders, or the key of its surrogates was destroyed or \
         forgotten\nhint: `surrogate_key = \"keep\"` under [release] keeps the key of releases that are built from then on"
    )]
    NoKey(String),
    /// The vault or a file.
    #[error(transparent)]
    Build(#[from] BuildError),
}

impl RestoreError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            RestoreError::NoKey(_) => Kind::NotFound,
            RestoreError::Build(error) => error.kind(),
        }
    }
}

/// The rows with these numbers as they were before identifiers were replaced, by number. One that is missing cannot be
/// restored: somebody who wrote in it left, a term ended, or the settings are not those of the build.
///
/// `plan` is as for the build, but for `as_of`, which says when it is decided that the rows may be read.
pub fn restore(
    vault: &Vault,
    plan: &Plan,
    (folder, manifest, rows): (&Path, &Manifest, &BTreeSet<u64>),
) -> Result<BTreeMap<u64, Vec<Message>>, RestoreError> {
    let path = layout::record_path(&plan.name, layout::RECORD_SURROGATE_KEY);
    let key = vault.read_record(&path).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let key = Key::from_bytes(key.ok_or_else(|| RestoreError::NoKey(plan.name.clone()))?);
    let wanted = hashes(folder, manifest, rows)?;
    let work = staging::work_folder(vault, WORK);
    staging::make_folder(&work)?;
    let made = make_again(vault, plan, (&work, &key, &wanted));
    staging::remove_folder(&work)?;
    Ok(made?)
}

/// The rows with these numbers, by what they say.
fn hashes(
    folder: &Path,
    manifest: &Manifest,
    rows: &BTreeSet<u64>,
) -> Result<HashMap<[u8; 32], u64>, BuildError> {
    let mut wanted = HashMap::new();
    let mut number = 0;
    for file in &manifest.files {
        let path = folder.join(&file.path);
        let bytes = std::fs::read(&path).map_err(staging::file_error("read", &path))?;
        data::read(bytes.into(), &file.path, |batch| -> Result<(), BuildError> {
            for row in stage::messages_of(&batch.messages)? {
                if rows.contains(&number) {
                    wanted.insert(said_hash(&row), number);
                }
                number += 1;
            }
            Ok(())
        })?;
    }
    Ok(wanted)
}

fn make_again(
    vault: &Vault,
    plan: &Plan,
    (work, key, wanted): (&Path, &Key, &HashMap<[u8; 32], u64>),
) -> Result<BTreeMap<u64, Vec<Message>>, BuildError> {
    let engine = SecondReader::engine(plan.identifiers.clone(), plan.second_reader.as_ref());
    let notices = vault.notices()?;
    let mut met = PeopleMet::default();
    let mut found = BTreeMap::new();
    for path in gather(vault, (work, &vault.release_secret(&plan.name)), plan, &|_| {})? {
        let conversations = spill::read_partition(&path)?;
        let pieces = conversations.iter().flat_map(|(_, pieces)| pieces);
        met.meet(vault, pieces.flat_map(|piece| piece.authors.iter().copied()))?;
        let rule = Rule {
            purpose: plan.purpose,
            as_of: plan.as_of,
            now: plan.now,
            notices: &notices,
            people: met.people(),
            messages_max: CONVERSATION_MESSAGES_MAX,
            attachments: plan.attachments,
            sensitive: &plan.sensitive,
        };
        for conversation in &conversations {
            for made in rows_of(conversation, &rule, (&engine, key))? {
                if let Some(number) = wanted.get(&said_hash(&made.written)) {
                    found.insert(*number, made.said);
                }
            }
        }
    }
    Ok(found)
}

/// A row that was made again.
struct Made {
    /// As files have it.
    written: Vec<Message>,
    /// As it was.
    said: Vec<Message>,
}

/// The rows of a conversation.
fn rows_of(
    (conversation, pieces): &Gathered,
    rule: &Rule<'_>,
    (engine, key): (&candor_deid::Engine, &Key),
) -> Result<Vec<Made>, BuildError> {
    let (rows, _) = assemble(pieces, rule, &mut Decompressor::new()?)?;
    let mut with_placeholders: Vec<Vec<Message>> = rows.iter().map(|row| row.messages.clone()).collect();
    let known = rows.iter().map(|row| known_by(&row.authors, rule.people));
    let replaced: Vec<Deidentified> = with_placeholders
        .iter_mut()
        .zip(known)
        .map(|(row, known)| stage::deidentify_row(engine, row, &known))
        .collect();
    let all: Vec<Replaced<'_>> = rows
        .iter()
        .zip(&replaced)
        .map(|(row, replaced)| Replaced {
            said: &row.messages,
            spans: &replaced.spans,
            authors: &row.authors,
        })
        .collect();
    let swaps = swaps_of((key, rule.people), engine, conversation, &all);
    let written = swaps.iter().zip(&with_placeholders).map(|(swaps, row)| swaps.written(row));
    let written = written.map(|row| row.ok_or(StageError::Messages)).collect::<Result<Vec<_>, _>>()?;
    let made = written.into_iter().zip(rows);
    Ok(made.map(|(written, row)| Made { written, said: row.messages }).collect())
}
