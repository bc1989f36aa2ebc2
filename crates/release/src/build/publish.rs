//! The last stages: write the rows, commit to them, sign, enter the log, and put the folder in its place.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use arrow_array::UInt32Array;
use candor_tlog::hash::Hash;
use candor_tlog::tree::RootBuilder;
use candor_vault::{Entropy, ReleaseRow, Vault, durable};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::origin::Traced;
use super::staging::{self, Staged, file_error, make_folder};
use super::{BuildError, Built, Plan, Progress, Run};
use crate::data::{DataWriter, FILE_ROWS_MAX};
use crate::dedup::{Clusters, Sameness};
use crate::dsse::Envelope;
use crate::language::Language;
use crate::manifest::{
    self, Commitment, Configuration, DataFile, Manifest, NoticeUse, OriginCounts, Rows, Turns,
};
use crate::origin::Sightings;
use crate::residual::Residual;
use crate::subjects::{self, Entry, ListedRow};
use crate::surrogates::{Replacement, SurrogateKey};
use crate::{card, layout, stage, statement};

/// Rows that are read, checked and written at a time.
const WRITE_ROWS: usize = 2_048;

/// A data file as written: its line in the manifest, and of each row its leaf and the hash of what was said.
struct Written {
    file: DataFile,
    leaves: Vec<Hash>,
    said: Vec<[u8; 32]>,
    traced: Traced,
}

impl Run<'_> {
    pub(super) fn publish(
        &mut self,
        vault: &mut Vault,
        clusters: &Clusters,
        entropy: &mut Entropy,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Built, BuildError> {
        let folder = self.staged.folder.clone();
        make_folder(&folder.join(layout::DATA))?;
        let kept: Vec<u32> = (0..self.rows.len() as u64)
            .filter(|row| clusters.representative(*row).is_none())
            .map(|row| row as u32)
            .collect();
        let sightings = self.sightings()?;
        let written = self.write_files(&folder, (clusters, &sightings), &kept, progress)?;
        let mut root = RootBuilder::new();
        let mut leaves = Vec::with_capacity(kept.len() * 32);
        for leaf in written.iter().flat_map(|written| &written.leaves) {
            root.push(*leaf);
            leaves.extend_from_slice(&leaf.0);
        }
        let mut entries = self.entries(clusters, &kept, entropy);
        let tree = subjects::tree(&entries)?;
        let commitment = Commitment {
            rows_root: root.root().to_string(),
            rows: kept.len() as u64,
            subjects_root: tree.root().to_string(),
            subjects: entries.len() as u64,
        };
        let said: Vec<u8> = written.iter().flat_map(|written| &written.said).flatten().copied().collect();
        let (mut files, mut traced) = (Vec::new(), Traced::default());
        for written in written {
            files.push(written.file);
            traced.merge(written.traced);
        }
        let residual = self.residual((&folder, &files), &kept, progress)?;
        let language = self.language(vault, &kept, entropy)?;
        let found = (traced.counts(), language, residual);
        let manifest = self.manifest(vault, clusters, (commitment, files), found)?;
        let envelope = write_description(&folder, &manifest, vault)?;
        self.write_records(vault, clusters, (leaves, said, &mut entries), entropy)?;
        durable::step("release-written");

        let statement = envelope.to_value().to_string();
        let row = ReleaseRow {
            name: self.plan.name.clone(),
            id: self.release_id.clone(),
            as_of: self.plan.as_of,
            log_position: candor_tlog::tree::LeafIndex(0),
            statement,
        };
        let position = vault.enter_release(&row, &statement::log_entry(&manifest, &envelope))?;
        put_in_place(vault, &self.staged, (position, &manifest, &envelope))?;
        Ok(Built { folder: self.plan.output.clone(), manifest })
    }

    /// Writes the kept rows into files, in parallel; each file holds a range of rows known beforehand.
    fn write_files(
        &self,
        folder: &Path,
        known: (&Clusters, &Sightings),
        kept: &[u32],
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Vec<Written>, BuildError> {
        let total = kept.len() as u64;
        let done = std::sync::atomic::AtomicU64::new(0);
        // A release without rows still has one file, so that readers find its columns.
        let ranges: Vec<&[u32]> =
            if kept.is_empty() { vec![kept] } else { kept.chunks(FILE_ROWS_MAX).collect() };
        let write = |(number, range): (usize, &&[u32])| {
            let written = self.write_file(folder, number, known, range)?;
            let now = done.fetch_add(range.len() as u64, std::sync::atomic::Ordering::Relaxed);
            progress(Progress { stage: "write", done: now + range.len() as u64, total });
            Ok(written)
        };
        ranges.par_iter().enumerate().map(write).collect()
    }

    fn write_file(
        &self,
        folder: &Path,
        number: usize,
        (clusters, sightings): (&Clusters, &Sightings),
        range: &[u32],
    ) -> Result<Written, BuildError> {
        let name = format!("{}/part-{number:05}.parquet", layout::DATA);
        let path = folder.join(&name);
        let mut writer = DataWriter::create(&path)?;
        let (mut leaves, mut said) = (Vec::with_capacity(range.len()), Vec::with_capacity(range.len()));
        let mut traced = Traced::default();
        for batch in range.chunks(WRITE_ROWS) {
            let rows = batch.iter().map(|row| self.rows.read_with_swaps(*row as usize));
            let rows = rows.collect::<Result<Vec<_>, _>>()?;
            said.extend(rows.iter().map(|(messages, _)| stage::said_hash(messages)));
            let traced_rows = self.trace(batch, &rows, (sightings, &mut traced))?;
            let (rows, origins): (Vec<_>, Vec<_>) = traced_rows.into_iter().unzip();
            let weight = |row: &u32| clusters.weight(u64::from(*row)).unwrap_or(1);
            let weights = UInt32Array::from_iter_values(batch.iter().map(weight));
            let rows = stage::row_batch(&rows, weights, &origins)?;
            let batch_leaves = stage::leaves(&rows)?;
            leaves.extend(batch_leaves.iter().flatten().filter_map(|leaf| leaf.try_into().ok().map(Hash)));
            writer.write(rows)?;
        }
        let rows = writer.rows() as u64;
        writer.finish()?;
        let bytes = fs::read(&path).map_err(file_error("read", &path))?;
        let file =
            DataFile { path: name, rows, bytes: bytes.len() as u64, sha256: layout::sha256_hex(&bytes) };
        Ok(Written { file, leaves, said, traced })
    }

    /// Each person's rows, own and merged, as entries of the subject tree.
    fn entries(&self, clusters: &Clusters, kept: &[u32], entropy: &mut Entropy) -> Vec<Entry> {
        let mut lists: Vec<Vec<ListedRow>> = vec![Vec::new(); self.people.nonces.len()];
        for row in 0..self.rows.len() {
            let representative = clusters.representative(row as u64);
            let stands = representative.unwrap_or(row as u64) as u32;
            let Ok(number) = kept.binary_search(&stands) else { continue };
            for author in self.authors_of(row) {
                let represents = representative.is_some();
                lists[*author as usize].push(ListedRow { row: number as u64, represents });
            }
        }
        let with_rows = lists.into_iter().zip(&self.people.nonces).filter(|(list, _)| !list.is_empty());
        let jobs: Vec<(Vec<ListedRow>, &[u8; 32], Entropy)> =
            with_rows.map(|(list, nonce)| (list, nonce, entropy.fork())).collect();
        jobs.into_par_iter()
            .map(|(mut list, nonce, mut entropy)| {
                list.sort_unstable();
                list.dedup();
                subjects::entry(&self.secret, (&self.release_id, nonce), list, &mut entropy)
            })
            .collect()
    }

    fn manifest(
        &self,
        vault: &Vault,
        clusters: &Clusters,
        (commitment, files): (Commitment, Vec<DataFile>),
        (origin, language, residual): (OriginCounts, Language, Option<Residual>),
    ) -> Result<Manifest, BuildError> {
        let removed = clusters.removed();
        let exact = removed.iter().filter(|removed| removed.rule == Sameness::Folded).count() as u64;
        let book = vault.notices()?;
        let mut notices = Vec::new();
        for (id, turns) in &self.turns.notices {
            let notice = book.by_id(*id);
            let notice =
                notice.ok_or_else(|| BuildError::Contradiction("a turn under an unknown notice".into()))?;
            notices.push(NoticeUse { version: notice.version.0, id: id.to_string(), turns: *turns });
        }
        notices.sort_by_key(|notice| notice.version);
        let mut identifiers: BTreeMap<String, u64> = BTreeMap::new();
        let released = |row: u32| clusters.representative(u64::from(row)).is_none();
        for (_, kind, count) in self.identifiers.iter().filter(|(row, ..)| released(*row)) {
            *identifiers.entry(kind.placeholder_label().to_owned()).or_default() += u64::from(*count);
        }
        let surrogates = self.swaps.iter().filter(|(row, _)| released(*row)).map(|(_, count)| count).sum();
        let manifest = Manifest {
            format: manifest::FORMAT.into(),
            name: self.plan.name.clone(),
            id: self.release_id.clone(),
            purpose: self.plan.purpose,
            as_of: self.plan.as_of,
            tool: self.plan.tool.clone(),
            configuration: self.configuration(),
            notices,
            log_checkpoint: self.checkpoint.clone(),
            turns: Turns {
                examined: self.turns.examined,
                used: self.turns.used,
                basis: self.turns.basis.clone(),
                withheld: self.turns.withheld.clone(),
            },
            rows: Rows {
                candidates: self.rows.len() as u64,
                exact_duplicates: exact,
                near_duplicates: removed.len() as u64 - exact,
                released: commitment.rows,
                paths_left_out: self.turns.paths_left_out,
            },
            identifiers,
            surrogates,
            attachments: self.turns.attachments.clone(),
            sensitive: manifest::sentences_of(&self.turns.sensitive),
            origin,
            language,
            residual,
            people: commitment.subjects,
            commitment,
            files,
        };
        manifest.wrong_sum().map_or(Ok(manifest), |words| Err(BuildError::Contradiction(words)))
    }

    /// What was set for the build.
    fn configuration(&self) -> Configuration {
        let settings = &self.plan.identifiers;
        Configuration {
            deduplication: if self.plan.near_duplicates { "exact and near" } else { "exact" }.into(),
            identifiers: settings.kinds.iter().map(|kind| kind.placeholder_label().to_owned()).collect(),
            identifier_threshold: format!("{:.2}", settings.threshold),
            name_threshold: format!("{:.2}", settings.name_threshold),
            encoder_sha256: self.plan.second_reader.as_ref().map(|reader| reader.sha256.clone()),
            public_names: settings.public_names.into(),
            pasted_permille: self.plan.pasted_permille,
            attachments: self.plan.attachments,
            replace_with: manifest::ReplaceWith::of(self.plan.replacement),
            surrogate_key: manifest::surrogate_key_of(self.plan.replacement).into(),
            sensitive: manifest::actions_of(&self.plan.sensitive),
            residual_sample_turns: self.plan.look.sample_turns,
        }
    }

    /// The operator's own records: which row stands for which, the row tree's leaves, the subject entries.
    fn write_records(
        &self,
        vault: &Vault,
        clusters: &Clusters,
        (leaves, said, entries): (Vec<u8>, Vec<u8>, &mut [Entry]),
        entropy: &mut Entropy,
    ) -> Result<(), BuildError> {
        let removed: Vec<Value> = clusters
            .removed()
            .iter()
            .map(|removed| {
                json!({
                    "candidate": removed.row,
                    "stands_for_it": removed.representative,
                    "rule": format!("{:?}", removed.rule).to_lowercase(),
                })
            })
            .collect();
        let removed = Value::Array(removed).to_string();
        let records: [(&str, Vec<u8>); 4] = [
            (layout::RECORD_REMOVED, removed.into_bytes()),
            (layout::RECORD_LEAVES, leaves),
            (layout::RECORD_SAID, said),
            (layout::RECORD_SUBJECTS, subjects::to_bytes(entries)),
        ];
        if let (Some(key), Replacement::Surrogates(SurrogateKey::Keep)) =
            (&self.surrogate_key, self.plan.replacement)
        {
            let path = layout::record_path(&self.plan.name, layout::RECORD_SURROGATE_KEY);
            vault.write_record(&path, key.as_bytes(), entropy)?;
        }
        for (name, bytes) in records {
            vault.write_record(&layout::record_path(&self.plan.name, name), &bytes, entropy)?;
        }
        Ok(())
    }
}

/// Writes manifest, card and signed statement.
fn write_description(folder: &Path, manifest: &Manifest, vault: &Vault) -> Result<Envelope, BuildError> {
    let bytes = manifest.to_bytes();
    let card = card::card(manifest).into_bytes();
    let statement = statement::statement(manifest, &[(layout::MANIFEST, &bytes), (layout::CARD, &card)]);
    let envelope = Envelope::sign(&statement, vault.operator_key());
    let text = format!("{}\n", envelope.to_value());
    let files: [(&str, &[u8]); 3] =
        [(layout::MANIFEST, &bytes), (layout::CARD, &card), (layout::STATEMENT, text.as_bytes())];
    for (name, bytes) in files {
        let path = folder.join(name);
        durable::write_file(&path, bytes, 0o644).map_err(file_error("write", &path))?;
    }
    let data = folder.join(layout::DATA).join("part");
    durable::sync_directory_of(&data).map_err(file_error("sync", &data))?;
    Ok(envelope)
}

/// Adds the log's proof, then moves the whole folder to its name in one step.
fn put_in_place(
    vault: &Vault,
    Staged { folder, output }: &Staged,
    (position, manifest, envelope): (candor_tlog::tree::LeafIndex, &Manifest, &Envelope),
) -> Result<(), BuildError> {
    let entry: Value = serde_json::from_str(&statement::log_entry(manifest, envelope)).unwrap_or_default();
    let proof = json!({ "entry": entry, "log_proof": vault.log_proof(position)?.to_string() });
    let path = folder.join(layout::LOG_PROOF);
    durable::write_file(&path, format!("{proof}\n").as_bytes(), 0o644).map_err(file_error("write", &path))?;
    durable::step("release-proved");
    fs::rename(folder, output).map_err(file_error("rename", folder))?;
    durable::sync_directory_of(output).map_err(file_error("sync", output))?;
    durable::step("release-in-place");
    Ok(())
}

/// A build that was killed after the release was entered in the log, but before its folder had its name, is
/// completed; one whose name is taken otherwise is refused.
pub(super) fn finish_interrupted(
    vault: &mut Vault,
    plan: &Plan,
    output: &Path,
    row: &ReleaseRow,
) -> Result<Built, BuildError> {
    let taken = || BuildError::Vault(candor_vault::VaultError::ReleaseExists(plan.name.clone()));
    let work = staging::work_folder(vault, &plan.name);
    // Working files go last: while there are some, the build that put the folder in its place was not finished.
    let staged = Staged::read(vault, &plan.name).ok_or_else(taken)?;
    let in_place = !staging::is_taken(&staged.folder);
    if staging::is_recalled(vault, &plan.name)? {
        staging::remove_interrupted_builds(vault)?;
        return Err(if in_place { taken() } else { BuildError::Void(plan.name.clone()) });
    }
    let value: Value = serde_json::from_str(&row.statement).unwrap_or_default();
    let unreadable = |_| BuildError::Contradiction("the stored statement does not read".into());
    let envelope = Envelope::from_value(&value).map_err(unreadable)?;
    let signed = envelope.statement().map_err(unreadable)?;
    let purpose = signed.pointer("/predicate/purpose").and_then(Value::as_str).unwrap_or_default();
    if (staged.output.as_path(), row.as_of, purpose) != (output, plan.as_of, plan.purpose.as_str()) {
        let (name, purpose, output) = (plan.name.clone(), purpose.to_owned(), staged.output);
        return Err(BuildError::Interrupted { name, purpose, as_of: row.as_of, output });
    }
    let folder = if in_place { output } else { &staged.folder };
    let statement = fs::read_to_string(folder.join(layout::STATEMENT)).map_err(|_| taken())?;
    if statement.trim_end() != row.statement {
        return Err(taken());
    }
    let path = folder.join(layout::MANIFEST);
    let bytes = fs::read(&path).map_err(file_error("read", &path))?;
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .map_err(|_| BuildError::Contradiction("the manifest on disk does not read".into()))?;
    if !in_place {
        put_in_place(vault, &staged, (row.log_position, &manifest, &envelope))?;
    }
    staging::remove_folder(&work)?;
    Ok(Built { folder: plan.output.clone(), manifest })
}
