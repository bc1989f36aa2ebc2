//! What a forger can do: change the files of a release, recompute what follows, and sign with keys of their own.

use std::path::{Path, PathBuf};

use arrow_array::UInt32Array;
use candor_conversation::Message;
use candor_release::data::{self, DataError, DataWriter};
use candor_release::dsse::Envelope;
use candor_release::origin::{RowOrigin, SAMPLING_FULL, Winnower};
use candor_release::stage::RowBatch;
use candor_release::{TrustedKeys, layout, stage};
use candor_tlog::checkpoint::Checkpoint;
use candor_tlog::hash::{Hash, leaf_hash};
use candor_tlog::note::{SignedNote, SignerKey};
use candor_tlog::proof_file::LogProof;
use candor_tlog::tree::{LeafIndex, MerkleTree, RootBuilder};
use serde_json::{Value, json};

pub(super) const PART: &str = "data/part-00000.parquet";
const NAME: &str = "chat.example.org";

/// A row: its messages and its weight.
pub(super) type Row = (Vec<Message>, u32);

/// The rows as they are written, with the origins that their texts give.
fn batch(rows: Vec<Row>) -> RowBatch {
    let (messages, weights): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let winnower = Winnower::new([1, 2]);
    let origin = |row: &Vec<Message>| RowOrigin::new(&winnower.trace(row, &[]), SAMPLING_FULL);
    let origins: Vec<_> = messages.iter().map(origin).collect();
    stage::row_batch(&messages, UInt32Array::from(weights), &origins).unwrap()
}

/// A copy of a release that is to be changed.
pub(super) struct Forgery {
    pub(super) folder: PathBuf,
}

/// Keys that have the operator's names, and are not theirs.
pub(super) struct Forger {
    operator: SignerKey,
    log: SignerKey,
}

impl Forger {
    pub(super) fn new() -> Self {
        let key =
            |role: &str, seed| SignerKey::from_seed(format!("{NAME}/{role}").parse().unwrap(), &[seed; 32]);
        Self { operator: key("operator", 66), log: key("log", 67) }
    }

    /// What someone trusts who fell for the forger, or whose operator is the forger.
    pub(super) fn keys(&self) -> TrustedKeys {
        TrustedKeys { operator: self.operator.verifier().clone(), log: self.log.verifier().clone() }
    }

    fn checkpoint(&self, tree: &MerkleTree) -> SignedNote {
        let name = self.log.verifier().name().to_string();
        Checkpoint::new(&name, tree.size(), tree.root()).unwrap().sign(&[&self.log]).unwrap()
    }
}

impl Forgery {
    pub(super) fn of(release: &Path, folder: PathBuf) -> Self {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.join(layout::DATA)).unwrap();
        for name in [PART, layout::MANIFEST, layout::CARD, layout::STATEMENT, layout::LOG_PROOF] {
            std::fs::copy(release.join(name), folder.join(name)).unwrap();
        }
        Self { folder }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(super) fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub(super) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub(super) fn remove(&self, name: &str) {
        std::fs::remove_file(self.path(name)).unwrap();
    }

    /// Leaves the first half of a file.
    pub(super) fn truncate(&self, name: &str) {
        let bytes = self.bytes(name);
        self.write(name, &bytes[..bytes.len() / 2]);
    }

    pub(super) fn edit_json(&self, name: &str, edit: impl FnOnce(&mut Value)) {
        let mut value = serde_json::from_slice(&self.bytes(name)).unwrap();
        edit(&mut value);
        self.write(name, value.to_string());
    }

    pub(super) fn edit_manifest(&self, edit: impl FnOnce(&mut Value)) {
        self.edit_json(layout::MANIFEST, edit);
    }

    pub(super) fn edit_rows(&self, edit: impl FnOnce(&mut Vec<Row>)) {
        let mut rows = self.rows();
        edit(&mut rows);
        let mut writer = DataWriter::create(&self.path(PART)).unwrap();
        writer.write(batch(rows)).unwrap();
        writer.finish().unwrap();
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        data::read(self.bytes(PART).into(), PART, |batch| {
            let messages = stage::messages_of(&batch.messages).unwrap();
            rows.extend(messages.into_iter().zip(batch.weights.values().iter().copied()));
            Ok::<_, DataError>(())
        })
        .unwrap();
        rows
    }

    /// Makes the manifest's counts and the row tree's root those of the changed rows.
    pub(super) fn recompute_rows(&self) {
        let rows = self.rows();
        let mut root = RootBuilder::new();
        let leaves = stage::leaves(&batch(rows.clone())).unwrap();
        root.extend(leaves.iter().flatten().map(|leaf| Hash(leaf.try_into().unwrap())));
        let tally = stage::tally(&batch(rows.clone()), SAMPLING_FULL).unwrap();
        let candidates: u64 = rows.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let root = root.root().to_string();
        self.edit_manifest(|manifest| {
            manifest["origin"]["bytes"] = serde_json::to_value(&tally.bytes).unwrap();
            manifest["origin"]["spans"] = serde_json::to_value(&tally.spans).unwrap();
            manifest["commitment"]["rows"] = rows.len().into();
            manifest["commitment"]["rows_root"] = root.clone().into();
            manifest["files"][0]["rows"] = rows.len().into();
            manifest["rows"]["released"] = rows.len().into();
            manifest["rows"]["candidates"] = candidates.into();
            manifest["rows"]["exact_duplicates"] = (candidates - rows.len() as u64).into();
            manifest["rows"]["near_duplicates"] = 0.into();
        });
        self.edit_statement(|statement| statement["predicate"]["commitment"]["rows_root"] = root.into());
        self.edit_statement(|statement| statement["predicate"]["commitment"]["rows"] = rows.len().into());
    }

    /// Changes the statement; the signature stays that of the old one until [`Forgery::sign`].
    pub(super) fn edit_statement(&self, edit: impl FnOnce(&mut Value)) {
        let mut statement = self.statement();
        edit(&mut statement);
        // Any signer will do: what is kept is the old signature.
        let other = Envelope::sign(&statement, &Forger::new().operator).to_value();
        self.edit_json(layout::STATEMENT, |envelope| envelope["payload"] = other["payload"].clone());
    }

    pub(super) fn statement(&self) -> Value {
        let envelope: Value = serde_json::from_slice(&self.bytes(layout::STATEMENT)).unwrap();
        Envelope::from_value(&envelope).unwrap().statement().unwrap()
    }

    /// Lists the files as they are in manifest and statement, signs all of it, and enters it in a log of the
    /// forger's at `position`, after a decision at `decided_at` entries.
    pub(super) fn sign(&self, forger: &Forger, (position, decided_at): (u64, u64)) {
        let before = |count: u64| (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect();
        let decision = forger.checkpoint(&MerkleTree::new(before(decided_at))).to_string();
        if serde_json::from_slice::<Value>(&self.bytes(layout::MANIFEST)).is_ok() {
            self.edit_manifest(|manifest| {
                manifest["log_checkpoint"] = decision.clone().into();
                for file in manifest["files"].as_array_mut().unwrap() {
                    let Ok(bytes) = std::fs::read(self.path(file["path"].as_str().unwrap())) else {
                        continue;
                    };
                    file["sha256"] = layout::sha256_hex(&bytes).into();
                    // A size that was edited by itself stays as it was edited.
                    if file["bytes"] != json!(1) {
                        file["bytes"] = bytes.len().into();
                    }
                }
            });
        }
        let mut statement = self.statement();
        statement["predicate"]["log_checkpoint"] = decision.into();
        let listed = self.files().into_iter().map(
            |name| json!({ "digest": { "sha256": layout::sha256_hex(&self.bytes(&name)) }, "name": name }),
        );
        statement["subject"] = listed.collect();
        let envelope = Envelope::sign(&statement, &forger.operator);
        self.write(layout::STATEMENT, envelope.to_value().to_string());
        let id = &statement["predicate"]["id"];
        let digest = layout::sha256_hex(envelope.payload());
        let entry = json!({ "type": "release", "name": statement["predicate"]["name"], "id": id, "statement_sha256": digest });
        let mut leaves: Vec<_> = before(position);
        leaves.push(leaf_hash(entry.to_string().as_bytes()));
        let tree = MerkleTree::new(leaves);
        let index = LeafIndex(position);
        let path = tree.inclusion_proof(index, tree.size()).unwrap();
        let proof = LogProof::new(index, path, forger.checkpoint(&tree)).unwrap();
        self.write(layout::LOG_PROOF, json!({ "entry": entry, "log_proof": proof.to_string() }).to_string());
    }

    /// The files that a statement describes.
    fn files(&self) -> Vec<String> {
        let names = |folder: &str| {
            let entries = std::fs::read_dir(self.path(folder)).unwrap();
            let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            let files = entries.map(|entry| entry.unwrap()).filter(|entry| entry.path().is_file());
            files.map(|entry| format!("{prefix}{}", entry.file_name().display())).collect::<Vec<_>>()
        };
        let own = [layout::STATEMENT, layout::LOG_PROOF];
        let all = [names(layout::DATA), names("")].concat();
        all.into_iter().filter(|name| !own.contains(&name.as_str())).collect()
    }
}
