//! The real binary on data directories of its own, and what can be seen of them from outside.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use candor_testbed::Database;
use serde_json::Value;
use tempfile::TempDir;

/// When commands act, unless a test says otherwise.
pub(crate) const NOW: &str = "2026-03-01T00:00:00Z";
/// Signal of `std::process::abort`.
pub(crate) const SIGABRT: i32 = 6;

/// What a command answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Exit code; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Answer {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let (code, signal) = (output.status.code(), output.status.signal());
        Self { code, signal, out: text(output.stdout), err: text(output.stderr) }
    }

    /// Everything it printed.
    pub(crate) fn printed(&self) -> String {
        format!("{}\n{}", self.out, self.err)
    }

    /// The JSON document on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }

    /// A failure that is told as one: the code, a sentence with these words, and no panic.
    pub(crate) fn fails(&self, code: i32, words: &str) -> &Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.printed().contains(words), "no `{words}` in {self:?}");
        assert!(!self.printed().contains("panicked"), "{self:?}");
        self
    }
}

/// A data directory in a folder of its own.
pub(crate) struct World {
    folder: TempDir,
    database: Database,
    now: String,
}

impl World {
    /// An empty data directory without a notice, at a time.
    pub(crate) fn empty(now: &str) -> Self {
        let world = Self { folder: TempDir::new().unwrap(), database: database(), now: now.to_owned() };
        world.ok(&["init", "--name", "chat.example.org", "--catalogue", world.database.url()]);
        world
    }

    /// An empty data directory with one notice in force since the start of 2025: ours.
    pub(crate) fn new() -> Self {
        let world = Self::empty(NOW);
        let draft = fs::read_to_string(world.data().join("notices/draft.toml")).unwrap();
        let notice = world.write("notice.toml", draft.replace("2026-01-01T", "2025-01-01T"));
        world.ok(&["notice", "publish", notice.to_str().unwrap()]);
        world
    }

    /// Another data directory with the same content, keys included.
    pub(crate) fn copy(&self) -> Self {
        let database = self.database.copy().unwrap();
        let copy = Self { folder: TempDir::new().unwrap(), database, now: self.now.clone() };
        copy_folder(self.folder.path(), copy.folder.path());
        copy.point_to(&copy.database);
        copy
    }

    /// Has the catalogue of another data directory from now on.
    pub(crate) fn take_catalogue_of(&mut self, other: Self) {
        let file = "catalogue.sqlite";
        if other.data().join(file).exists() {
            fs::copy(other.data().join(file), self.data().join(file)).unwrap();
        }
        self.database = other.database;
        self.point_to(&self.database);
    }

    fn point_to(&self, database: &Database) {
        fs::write(self.data().join("catalogue.url"), database.url()).unwrap();
    }

    /// Lets all later commands act at another time.
    pub(crate) fn set_now(&mut self, now: &str) {
        self.now = now.to_owned();
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Sets releases to keep every sentence that tells something sensitive: what is released is then decided by
    /// consent alone.
    pub(crate) fn keep_what_is_sensitive(&self) {
        let path = self.data().join("candor.toml");
        let text = fs::read_to_string(&path).unwrap();
        let (before, from) = text.split_once("[release.sensitive]").unwrap();
        let (section, after) = from.split_once("[release.residual]").unwrap();
        let section =
            section.replace("= \"withhold\"", "= \"keep\"").replace("= \"generalise\"", "= \"keep\"");
        fs::write(path, format!("{before}[release.sensitive]{section}[release.residual]{after}")).unwrap();
    }

    /// A path beside the data directory.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file beside the data directory.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.beside(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// The command with the data directory and the time set.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_candor"));
        command.arg("--data").arg(self.data()).args(["--now", &self.now]).args(arguments);
        command.current_dir(self.folder.path()).env_remove("CANDOR_ABORT_AT");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Answer {
        Answer::of(&mut self.command(arguments))
    }

    /// Runs a command that must succeed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> Answer {
        let answer = self.run(arguments);
        assert_eq!(answer.code, Some(0), "{arguments:?}: {answer:?}");
        answer
    }

    /// The JSON answer of a command that must succeed.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        self.ok(&[&["--output", "json"], arguments].concat()).json()
    }

    /// Runs a command that ends itself at a durable step.
    pub(crate) fn aborted(&self, step: &str, arguments: &[&str]) {
        let answer = Answer::of(self.command(arguments).env("CANDOR_ABORT_AT", step));
        assert_eq!(answer.signal, Some(SIGABRT), "{step} in {arguments:?}: {answer:?}");
    }

    /// Starts a command that a test is going to kill.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Whether a path verifies with this operator's keys.
    pub(crate) fn verifies(&self, path: &Path) -> Answer {
        let trust = self.data().join("trust.keys");
        self.run(&["verify", path.to_str().unwrap(), "--trust", trust.to_str().unwrap()])
    }

    /// The folder of a release.
    pub(crate) fn release(&self, name: &str) -> PathBuf {
        self.data().join("releases").join(name)
    }

    /// What a query finds in the catalogue, as text.
    pub(crate) fn query(&self, sql: &str) -> Vec<String> {
        let rows = self.database.rows(&self.data(), sql).unwrap();
        let line = |row: Vec<_>| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        rows.into_iter().map(line).collect()
    }

    /// Changes the catalogue past whatever guards it.
    pub(crate) fn tamper(&self, statements: &str) {
        self.database.run(&self.data(), statements).unwrap();
    }

    /// Files under the data directory (any part of it) that hold these bytes anywhere.
    pub(crate) fn files_with(&self, needle: &[u8]) -> Vec<PathBuf> {
        let found = files(&self.data()).into_iter();
        found
            .filter(|(_, bytes)| memchr::memmem::find(bytes, needle).is_some())
            .map(|(path, _)| path)
            .collect()
    }
}

/// Of the kind that this binary is about. Where PostgreSQL is not installed the test ends here.
fn database() -> Database {
    match env!("CARGO_CRATE_NAME") {
        "postgres" => Database::postgres().unwrap().unwrap_or_else(|| std::process::exit(0)),
        _ => Database::sqlite(),
    }
}

/// All files under a folder with their bytes, by path relative to it.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), bytes);
            }
        }
    }
    found
}

/// Copies everything in a folder into another.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
