//! The generated pages are those of the program.

use crate::source::read;

#[test]
fn the_reference_pages_are_those_of_the_program() {
    for (path, expected) in xtask::reference::pages().unwrap() {
        let found = read(&path);
        let differs = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
        let first = differs.map(|(found, expected)| format!("\n  page:    {found}\n  program: {expected}"));
        assert!(
            found == expected,
            "{path} is not what the program says; run `cargo xtask reference`{}",
            first.unwrap_or_else(|| "\n  one of them is longer".into())
        );
    }
}
