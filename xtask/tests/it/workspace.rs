//! What the manifests promise.

use std::collections::BTreeMap;

use crate::source::{assert_none, crates, manifest, read};

/// Most crates in a row, each depending on the next.
const DEPTH_MAX: usize = 6;

#[test]
fn the_crate_graph_is_at_most_six_deep() {
    let graph: BTreeMap<String, Vec<String>> =
        crates().into_iter().map(|name| (name.clone(), own_dependencies(&name))).collect();
    let deepest = graph.keys().map(|name| longest_way(name, &graph)).max_by_key(Vec::len).unwrap();
    assert!(deepest.len() <= DEPTH_MAX, "{} crates in a row: {}", deepest.len(), deepest.join(" → "));
}

#[test]
fn every_crate_takes_its_lints_from_the_workspace() {
    let without = crates().into_iter().filter(|name| !manifest(name).contains("[lints]\nworkspace = true\n"));
    assert_none(&without.collect::<Vec<_>>(), "these manifests lack `[lints]` with `workspace = true`:");
}

#[test]
fn every_version_stands_in_the_workspace_manifest() {
    let mut complaints = Vec::new();
    for name in crates() {
        for line in dependency_lines(&manifest(&name), &["[dependencies]", "[dev-dependencies]"]) {
            if !line.contains(".workspace = true") && !line.contains("workspace = true") {
                complaints.push(format!("{name}: {line}"));
            }
        }
    }
    assert_none(&complaints, "name these in [workspace.dependencies] and take them from there:");
}

#[test]
fn the_license_files_are_there() {
    for path in ["LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(!read(path).is_empty(), "{path} is empty");
    }
}

/// The crates of ours that a crate is built on; tests may use more.
fn own_dependencies(name: &str) -> Vec<String> {
    let manifest = manifest(name);
    let lines = dependency_lines(&manifest, &["[dependencies]"]);
    lines
        .into_iter()
        .filter_map(|line| line.strip_prefix("candor-")?.split(['.', ' ']).next().map(str::to_owned))
        .collect()
}

fn dependency_lines<'a>(manifest: &'a str, sections: &[&str]) -> Vec<&'a str> {
    let mut wanted = false;
    let mut lines = Vec::new();
    for line in manifest.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with('[') {
            wanted = sections.contains(&line);
        } else if wanted {
            lines.push(line);
        }
    }
    lines
}

fn longest_way(name: &str, graph: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let below =
        graph[name].iter().map(|next| longest_way(next, graph)).max_by_key(Vec::len).unwrap_or_default();
    std::iter::once(name.to_owned()).chain(below).collect()
}
