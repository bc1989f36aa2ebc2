//! A data directory: made, opened, and the few things that concern all of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use candor_consent::{Notice, NoticeBook, NoticeId, NoticeVersion, Purpose};
use candor_conversation::{TenantId, Timestamp};
use candor_tlog::note::{SignedNote, SignerKey};
use candor_tlog::proof_file::LogProof;
use candor_tlog::tree::{LeafIndex, TreeSize};

use crate::catalogue::{self, Db, values};
use crate::keys::KeyChain;
use crate::lock::{LOCK_WAIT_MAX, Lock};
use crate::log::{self, Audited, Log, LogFault, LogFiles};
use crate::objects::Objects;
use crate::{CatalogueUrl, Entropy, VaultError, change, durable, house};

/// An open data directory. One process has it at a time.
pub struct Vault {
    root: PathBuf,
    pub(crate) keys: KeyChain,
    pub(crate) db: Db,
    pub(crate) objects: Objects,
    pub(crate) log: Log,
    operator: SignerKey,
    _lock: Lock,
}

impl Vault {
    /// Makes a data directory. `name` stands for the operator in keys and log, such as `chat.example.org`.
    /// Its catalogue is a file in it.
    pub fn create(root: &Path, name: &str, entropy: &mut Entropy) -> Result<Self, VaultError> {
        Self::create_with(root, name, &CatalogueUrl::default(), entropy)
    }

    /// Makes a data directory whose catalogue is where a URL says.
    pub fn create_with(
        root: &Path,
        name: &str,
        url: &CatalogueUrl,
        entropy: &mut Entropy,
    ) -> Result<Self, VaultError> {
        let taken = fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some());
        if taken {
            return Err(VaultError::Exists(root.to_owned()));
        }
        fs::create_dir_all(root).map_err(|source| VaultError::File {
            doing: "make",
            path: root.to_owned(),
            source,
        })?;
        let lock = Lock::acquire(root, Duration::ZERO)?;
        let keys = KeyChain::create(&root.join("keys"), entropy)?;
        let log_key = signer(name, "log", keys.log_seed())?;
        let operator = signer(name, "operator", keys.operator_seed())?;
        let db = catalogue::create(root, url, (name, &log_key.verifier().to_string()))?;
        let objects = Objects::in_folder(&root.join("objects"))?;
        let log = Log::create(&root.join("log"), log_key)?;
        let vault = Self { root: root.to_owned(), keys, db, objects, log, operator, _lock: lock };
        vault.write_public_keys()?;
        Ok(vault)
    }

    /// Whether a folder is a data directory.
    pub fn is_at(root: &Path) -> bool {
        catalogue::is_named_by(root)
    }

    /// Opens a data directory, and finishes what a crash left half done. Waits a while for another process to be
    /// done with it.
    pub fn open(root: &Path) -> Result<Self, VaultError> {
        Self::open_within(root, LOCK_WAIT_MAX)
    }

    /// The same without waiting.
    pub fn open_now(root: &Path) -> Result<Self, VaultError> {
        Self::open_within(root, Duration::ZERO)
    }

    /// The same with another limit to the waiting.
    pub fn open_within(root: &Path, wait: Duration) -> Result<Self, VaultError> {
        if !Self::is_at(root) {
            return Err(VaultError::NotThere(root.to_owned()));
        }
        let lock = Lock::acquire(root, wait)?;
        let keys = KeyChain::open(&root.join("keys"))?;
        let db = catalogue::open(root, wait)?;
        let name = catalogue::name(&db)?;
        let log_key = signer(&name, "log", keys.log_seed())?;
        catalogue::check_log(&db, &log_key.verifier().to_string())?;
        let objects = Objects::in_folder(&root.join("objects"))?;
        let log = Log::open(&root.join("log"), log_key, &db)?;
        let operator = signer(&name, "operator", keys.operator_seed())?;
        let mut vault = Self { root: root.to_owned(), keys, db, objects, log, operator, _lock: lock };
        vault.finish_rotation()?;
        Ok(vault)
    }

    /// The same vault over another object store, such as one that fails.
    pub fn with_objects(mut self, objects: Objects) -> Self {
        self.objects = objects;
        self
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The key with which the operator signs receipts and releases.
    pub fn operator_key(&self) -> &SignerKey {
        &self.operator
    }

    /// What an auditor trusts: the operator's and the log's public keys, a line each.
    pub fn public_keys(&self) -> String {
        let log = self.log.verifier();
        format!("{}\n{log}\n", self.operator.verifier())
    }

    /// How many entries the log has signed for.
    pub fn log_size(&self) -> TreeSize {
        self.log.size()
    }

    /// The log's newest checkpoint.
    pub fn checkpoint(&self) -> &SignedNote {
        self.log.checkpoint()
    }

    /// The proof that an entry is in the log.
    pub fn log_proof(&self, position: LeafIndex) -> Result<LogProof, VaultError> {
        Ok(self.log.prove(position)?)
    }

    /// The log's files, which can be read without the vault.
    pub fn log_files(&self) -> &LogFiles {
        self.log.files()
    }

    /// Shows everybody a checkpoint that witnesses signed, unless a newer one is shown or the policy asks for more
    /// witnesses; whether it was.
    pub fn publish_checkpoint(&mut self, cosigned: &SignedNote) -> Result<bool, VaultError> {
        Ok(self.log.publish(cosigned)?)
    }

    /// Reads the whole log and holds it against catalogue and checkpoint. `progress` hears how many entries were read.
    pub fn check_log(&self, progress: &mut dyn FnMut(u64)) -> Result<Audited, LogFault> {
        self.log.check(&self.db, progress)
    }

    /// Publishes a notice: from now on it never changes.
    pub fn publish_notice(&mut self, notice: &Notice, now: Timestamp) -> Result<NoticeId, VaultError> {
        let id = notice.id();
        let book = self.notices()?;
        if let Some((other, _)) = book.by_version(notice.version) {
            if other == id {
                return Ok(id);
            }
            let text = format!("version {} is published and never changes", notice.version);
            return Err(VaultError::NoticeConflict(format!("{text}\nhint: raise `version`")));
        }
        let newest = book.all().last();
        if let Some(newest) = newest.filter(|newest| newest.effective_at >= notice.effective_at) {
            return Err(VaultError::NoticeConflict(format!(
                "effective_at {} is not after version {}, in force from {}",
                notice.effective_at, newest.version, newest.effective_at
            )));
        }
        if let Some(newest) = newest.filter(|newest| newest.version >= notice.version) {
            return Err(VaultError::NoticeConflict(format!(
                "version {} does not follow version {}",
                notice.version, newest.version
            )));
        }
        check_languages(newest, notice)?;
        let json = notice.canonical_json();
        let tx = self.db.begin("publish notice")?;
        let entry = format!(r#"{{"id":"{id}","type":"notice","version":{}}}"#, notice.version);
        let position = log::add(&tx, entry.as_bytes())?;
        tx.execute(
            "write notice",
            "INSERT INTO notice (id, version, json, published_at, log_position) VALUES ($1, $2, $3, $4, $5)",
            values![&id.0, notice.version.0, &json, now.millis(), position.0 as i64],
        )?;
        change::everybody(&tx)?;
        tx.commit()?;
        durable::step("notice-committed");
        self.log.catch_up(&self.db)?;
        Ok(id)
    }

    /// All published notices, and the house rules.
    pub fn notices(&self) -> Result<NoticeBook, VaultError> {
        notices(&self.db)
    }

    /// The notice with a version, or the one in force at a time.
    pub fn notice(
        &self,
        version: Option<NoticeVersion>,
        at: Timestamp,
    ) -> Result<(NoticeId, Notice), VaultError> {
        let book = self.notices()?;
        let (found, missing) = match version {
            Some(version) => (book.by_version(version), VaultError::UnknownNotice(version)),
            None => (book.in_force(at), VaultError::NoNotice(at)),
        };
        found.map(|(id, notice)| (id, notice.clone())).ok_or(missing)
    }

    /// States for which purposes a tenant's contract allows its turns to be used.
    pub fn set_contract(&mut self, tenant: &TenantId, purposes: &[Purpose]) -> Result<(), VaultError> {
        if self.contract(tenant)? == purposes {
            return Ok(());
        }
        let words: Vec<&str> = purposes.iter().map(|purpose| purpose.as_str()).collect();
        let tx = self.db.begin("change contract")?;
        let marked = "UPDATE subject SET facts_changed = 1 WHERE tenant = $1";
        tx.execute("mark people of the contract", marked, values![tenant.as_str()])?;
        tx.execute(
            "write contract",
            "INSERT INTO tenant (name, contract) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET contract = excluded.contract",
            values![tenant.as_str(), &words.join(" ")],
        )?;
        change::everybody(&tx)?;
        tx.commit()?;
        Ok(())
    }

    /// Purposes that a tenant's contract allows; none if there is no contract.
    pub fn contract(&self, tenant: &TenantId) -> Result<Vec<Purpose>, VaultError> {
        contract(&self.db, tenant)
    }

    fn write_public_keys(&self) -> Result<(), VaultError> {
        let path = self.root.join("trust.keys");
        durable::write_file(&path, self.public_keys().as_bytes(), 0o644).map_err(|source| VaultError::File {
            doing: "write",
            path,
            source,
        })
    }
}

/// All published notices, and the house rules.
pub(crate) fn notices(db: &Db) -> Result<NoticeBook, VaultError> {
    let notices = db.all("read notices", "SELECT json FROM notice", values![], |row| {
        Ok::<_, VaultError>(Notice::from_json(&row.get::<String>(0)?)?)
    })?;
    Ok(NoticeBook::new(notices).with_rules(house::rules(db)?))
}

/// Purposes that a tenant's contract allows; none if there is no contract.
pub(crate) fn contract(db: &Db, tenant: &TenantId) -> Result<Vec<Purpose>, VaultError> {
    let sql = "SELECT contract FROM tenant WHERE name = $1";
    let words = db.first("read contract", sql, values![tenant.as_str()], |row| row.get::<String>(0))?;
    let words = words.unwrap_or_default();
    let purposes = words.split_whitespace().map(str::parse).collect::<Result<_, _>>();
    purposes.map_err(|_| catalogue::CatalogueError::Corrupt("a contract").into())
}

/// Refuses a notice that somebody who read the one before can no longer read.
fn check_languages(before: Option<&Notice>, notice: &Notice) -> Result<(), VaultError> {
    let Some(before) = before else { return Ok(()) };
    match before.text.keys().find(|locale| !notice.text.contains_key(*locale)) {
        None => Ok(()),
        Some(missing) => Err(VaultError::NoticeConflict(format!(
            "there is no text for `{missing}`, which version {} had\nhint: add a section [text.{missing}]",
            before.version
        ))),
    }
}

fn signer(name: &str, role: &str, seed: &[u8; 32]) -> Result<SignerKey, VaultError> {
    let key_name = format!("{name}/{role}").parse();
    let key_name = key_name.map_err(|_| {
        VaultError::NoticeConflict(format!(
            "`{name}` cannot name an operator\nhint: use a domain name, without spaces or `+`"
        ))
    })?;
    Ok(SignerKey::from_seed(key_name, seed))
}
