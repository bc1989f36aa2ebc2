//! A small vault: Ada and Bo agree to history and training, and share a thread.

use std::path::{Path, PathBuf};

use candor_consent::{Notice, Purpose, State, examples};
use candor_conversation::{Conversation, Part, Role, TenantId, Tier, Timestamp, Turn};
use candor_testbed::{Cell, Database};
use candor_vault::{Act, Defaults, Entropy, Epoch, Profile, SealedPiece, Subject, Vault, VaultError};
use tempfile::TempDir;

pub(crate) struct Place {
    folder: TempDir,
    pub(crate) database: Database,
    pub(crate) entropy: Entropy,
}

impl Place {
    /// The people and their choices, and nothing captured.
    pub(crate) fn new() -> Self {
        Self::under(&Notice::parse(examples::OURS).unwrap())
    }

    /// The same under another notice.
    pub(crate) fn under(notice: &Notice) -> Self {
        let (folder, database) = (TempDir::new().unwrap(), database());
        let mut place = Self { folder, database, entropy: Entropy::from_seed([5; 32]) };
        let url = place.database.url().parse().unwrap();
        let root = place.root();
        let mut vault = Vault::create_with(&root, "chat.example.org", &url, &mut place.entropy).unwrap();
        vault.publish_notice(notice, time("2026-01-01T00:00:00Z")).unwrap();
        place.enrol(&mut vault, ["ada", "bo"].map(String::from));
        place
    }

    /// Enrols people who agree to history and training.
    pub(crate) fn enrol(&mut self, vault: &mut Vault, names: impl IntoIterator<Item = String>) {
        let then = time("2026-01-02T00:00:00Z");
        let profile =
            |name| Profile { name, tier: Tier::Consumer, region: None, age: None, called: Vec::new() };
        let profiles: Vec<Profile> = names.into_iter().map(profile).collect();
        let ids = vault.enrol(&tenant(), &profiles, then, &mut self.entropy).unwrap();
        let (notice, _) = vault.notice(None, then).unwrap();
        let given = |subject| {
            [Purpose::History, Purpose::Train].map(|purpose| Act {
                subject,
                purpose,
                state: State::Given,
                notice,
                effective_at: then,
                attested_by: None,
                evidence: None,
            })
        };
        let acts: Vec<Act> = ids.into_iter().flat_map(given).collect();
        vault.record(&acts, then, &mut self.entropy).unwrap();
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    pub(crate) fn open(&self) -> Vault {
        Vault::open(&self.root()).unwrap()
    }

    /// What a query finds in the catalogue.
    pub(crate) fn rows(&self, query: &str) -> Vec<Vec<Cell>> {
        self.database.rows(&self.root(), query).unwrap()
    }

    /// Changes the catalogue past whatever guards it.
    pub(crate) fn tamper(&self, statements: &str) {
        self.database.run(&self.root(), statements).unwrap();
    }

    /// Every byte of the catalogue.
    pub(crate) fn catalogue_bytes(&self) -> Vec<u8> {
        self.database.bytes(&self.root()).unwrap()
    }
}

/// Of the kind that this binary is about. Where PostgreSQL is not installed the test ends here.
pub(crate) fn database() -> Database {
    match env!("CARGO_CRATE_NAME") {
        "postgres" => Database::postgres().unwrap().unwrap_or_else(|| std::process::exit(0)),
        _ => Database::sqlite(),
    }
}

/// A test of this binary, as `--exact` takes it: a module's path without the binary's name, and the function's.
pub(crate) fn test_named(module: &str, function: &str) -> String {
    let (_binary, module) = module.split_once("::").unwrap();
    format!("{module}::{function}")
}

/// The keys of people as the catalogue holds them: whose, under which epoch, wrapped.
pub(crate) fn wrapped_keys(place: &Place) -> Vec<(Vec<u8>, Epoch, Vec<u8>)> {
    let rows = place.rows("SELECT id, epoch, wrapped_key FROM subject");
    let key = |row: Vec<Cell>| match <[Cell; 3]>::try_from(row).unwrap() {
        [Cell::Bytes(id), Cell::Number(epoch), Cell::Bytes(key)] => (id, Epoch(epoch as u32), key),
        other => panic!("{other:?}"),
    };
    rows.into_iter().map(key).collect()
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn tenant() -> TenantId {
    "home".parse().unwrap()
}

pub(crate) fn person(vault: &Vault, name: &str) -> Subject {
    vault.subject(&tenant(), name).unwrap()
}

pub(crate) fn defaults() -> Defaults {
    Defaults {
        tenant: tenant(),
        author: None,
        tier: Some(Tier::Consumer),
        region: None,
        age: None,
        said_at: Some(time("2026-01-04T00:00:00Z")),
    }
}

/// A thread: each author's turn is answered.
pub(crate) fn thread(id: &str, authors: &[&str]) -> Conversation {
    let mut turns = Vec::new();
    for (at, author) in authors.iter().enumerate() {
        for role in [Role::User, Role::Assistant] {
            let number = turns.len();
            let text = format!("{} says {at} in thread {id}", role.as_str());
            let mut turn =
                Turn::new(format!("t{number}"), number.checked_sub(1), role, vec![Part::Text(text)]);
            turn.author = (role == Role::User).then(|| (*author).to_owned());
            turns.push(turn);
        }
    }
    Conversation::new(id.to_owned(), turns).unwrap()
}

/// Turns in [`threads`].
pub(crate) const TURNS: u64 = 10;

/// One thread of Ada's, two of Bo's, and one that both share.
pub(crate) fn threads() -> Vec<Conversation> {
    let authors: [&[&str]; 4] = [&["ada"], &["bo"], &["bo"], &["ada", "bo"]];
    authors.iter().enumerate().map(|(number, authors)| thread(&format!("thread-{number}"), authors)).collect()
}

/// Every piece that the vault reads.
pub(crate) fn pieces(vault: &Vault) -> Result<Vec<SealedPiece>, VaultError> {
    let mut all = Vec::new();
    vault.each_segment(|pieces| -> Result<(), VaultError> {
        all.extend(pieces);
        Ok(())
    })?;
    Ok(all)
}

/// The only segment file of a data directory.
pub(crate) fn only_segment(root: &Path) -> PathBuf {
    let files: Vec<PathBuf> = std::fs::read_dir(root.join("objects/segments"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1);
    files[0].clone()
}
