//! The map shows what is there, and nothing else.

use std::collections::BTreeSet;

use crate::source::{assert_none, crates, quoted, read};

#[test]
fn every_crate_has_a_paragraph_on_the_map_and_every_paragraph_a_crate() {
    let map = read("ARCHITECTURE.md");
    let on_map: BTreeSet<String> = map
        .lines()
        .filter_map(|line| line.strip_prefix("- **`")?.split('`').next().map(str::to_owned))
        .collect();
    let there: BTreeSet<String> = crates().into_iter().collect();
    let missing =
        there.difference(&on_map).map(|name| format!("{name} has no paragraph \"- **`{name}`** …\""));
    let gone = on_map.difference(&there).map(|name| format!("{name} is on the map but is no crate"));
    assert_none(&missing.chain(gone).collect::<Vec<_>>(), "ARCHITECTURE.md and crates/ differ:");
}

#[test]
fn every_path_on_the_map_exists() {
    let map = read("ARCHITECTURE.md");
    let root = xtask::program::workspace();
    let is_path = |word: &&str| {
        let first = word.split('/').next().unwrap();
        word.contains('/')
            && ["crates", "docs", "xtask", "verify", "bench", ".ci", "changelog.d"].contains(&first)
    };
    let gone = quoted(&map).into_iter().filter(is_path).filter(|path| !root.join(path).exists());
    assert_none(
        &gone.map(str::to_owned).collect::<Vec<_>>(),
        "ARCHITECTURE.md names paths that are not there:",
    );
}
