//! README, changelog and the links between documents.

use std::path::Path;

use crate::source::{SourceFile, assert_none, files, quoted, read};

#[test]
fn the_readme_gives_each_figure_with_its_command() {
    let readme = read("README.md");
    let figures =
        readme.split_once("<!-- figures -->").and_then(|(_, rest)| rest.split_once("<!-- /figures -->"));
    let (figures, _) =
        figures.expect("README.md has no section between <!-- figures --> and <!-- /figures -->");
    let rows = figures.lines().filter(|line| line.starts_with("| ")).skip(1);
    let without = rows.filter(|row| !names_a_command(row));
    let without: Vec<String> = without.map(|row| row.to_owned()).collect();
    assert_none(&without, "these figures stand without the command that gives them:");
    assert!(names_a_command(figures), "the figures of README.md name no command");
}

#[test]
fn the_readme_has_the_command_that_ci_runs() {
    let command = "cargo xtask interop && cargo xtask e2e && cargo xtask ci";
    for path in ["README.md", ".ci/run"] {
        assert!(read(path).contains(command), "{path} does not say `{command}`");
    }
}

#[test]
fn changes_are_told_in_files_with_a_kind() {
    const KINDS: [&str; 4] = ["added", "changed", "fixed", "security"];
    let told: Vec<SourceFile> =
        files().into_iter().filter(|file| file.path.starts_with("changelog.d/")).collect();
    assert!(!told.is_empty(), "changelog.d is empty");
    let mut complaints = Vec::new();
    for file in &told {
        let parts: Vec<&str> = file.name().split('.').collect();
        let named =
            matches!(parts.as_slice(), [name, kind, "md"] if !name.is_empty() && KINDS.contains(kind));
        if !named || file.text.trim().is_empty() {
            complaints.push(file.path.clone());
        }
    }
    assert_none(&complaints, "expected <name>.<added|changed|fixed|security>.md with a sentence in it:");
}

#[test]
fn links_between_documents_lead_somewhere() {
    let root = xtask::program::workspace();
    let mut complaints = Vec::new();
    for file in files().iter().filter(|file| file.has_extension("md")) {
        let folder = root.join(Path::new(&file.path).parent().unwrap());
        for target in file.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap();
            if !path.is_empty() && !path.contains("://") && !folder.join(path).exists() {
                complaints.push(format!("{}: {target}", file.path));
            }
        }
    }
    assert_none(&complaints, "these links lead nowhere:");
}

#[test]
fn decisions_are_numbered_without_gaps() {
    let names: Vec<String> = files()
        .iter()
        .filter(|file| file.path.starts_with("docs/decisions/"))
        .map(|file| file.name().to_owned())
        .collect();
    for (number, name) in (1..).zip(&names) {
        assert!(name.starts_with(&format!("{number:04}-")), "{name}: expected number {number:04}");
    }
    assert!(!names.is_empty(), "docs/decisions is empty");
}

fn names_a_command(text: &str) -> bool {
    let commands = ["cargo ", "bash ", "python3 ", "candor "];
    quoted(text).iter().any(|word| commands.iter().any(|start| word.starts_with(start)))
        || text.lines().any(|line| commands.iter().any(|start| line.starts_with(start)))
}
