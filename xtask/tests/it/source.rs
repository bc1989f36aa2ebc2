//! The project's files, as the rules see them.

use std::path::{Path, PathBuf};

/// Folders that hold nothing of ours.
const SKIPPED: [&str; 5] = ["target", ".git", ".venv", "__pycache__", "node_modules"];

/// A file of the project.
pub(crate) struct SourceFile {
    /// Path in the workspace, with `/` between its parts.
    pub(crate) path: String,
    /// What is in it.
    pub(crate) text: String,
}

impl SourceFile {
    pub(crate) fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }

    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap()
    }

    /// Whether the file is there for tests alone.
    pub(crate) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.name() == "tests.rs" || self.name().starts_with("test_")
    }
}

/// Every text file of the project, sorted by path.
pub(crate) fn files() -> Vec<SourceFile> {
    let root = xtask::program::workspace();
    let mut found = Vec::new();
    collect(&root, &root, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.len() > 100, "only {} files under {}", found.len(), root.display());
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<SourceFile>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() && !SKIPPED.iter().any(|skipped| name == *skipped) {
            collect(root, &path, found);
        } else if kind.is_file() {
            // What is not text (a golden archive, say) is not for these rules.
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let path = path.strip_prefix(root).unwrap().display().to_string().replace('\\', "/");
            found.push(SourceFile { path, text });
        }
    }
}

/// The text of one file.
pub(crate) fn read(path: &str) -> String {
    let whole: PathBuf = xtask::program::workspace().join(path);
    std::fs::read_to_string(&whole).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Names of the folders under `crates/`, and `xtask`.
pub(crate) fn crates() -> Vec<String> {
    let folder = xtask::program::workspace().join("crates");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.push("xtask".into());
    names.sort();
    names
}

/// The manifest of a crate by its folder's name.
pub(crate) fn manifest(name: &str) -> String {
    let folder = if name == "xtask" { "xtask".to_owned() } else { format!("crates/{name}") };
    read(&format!("{folder}/Cargo.toml"))
}

/// What stands between single backticks in a text without code blocks.
pub(crate) fn quoted(text: &str) -> Vec<&str> {
    let mut plain = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            plain.extend(line.split('`').skip(1).step_by(2));
        }
    }
    plain
}

/// Fails with every complaint on a line of its own.
pub(crate) fn assert_none(complaints: &[String], rule: &str) {
    assert!(complaints.is_empty(), "{rule}\n  {}", complaints.join("\n  "));
}
