//! docs/promises.md has a row for each thing that is asked, and each row that says "built" can be checked.

use crate::source::{assert_none, files, quoted, read};

/// Number of rows: P1 to P25.
const PROMISES: usize = 25;
const NOT_BUILT: &str = "not built yet";

/// A row of the table.
struct Promise {
    number: String,
    shown_by: String,
    tests: String,
    limit: String,
}

#[test]
fn there_is_one_row_for_each_promise_in_order() {
    let numbers: Vec<String> = promises().into_iter().map(|promise| promise.number).collect();
    let expected: Vec<String> = (1..=PROMISES).map(|number| format!("P{number}")).collect();
    assert_eq!(numbers, expected, "rows of docs/promises.md");
}

#[test]
fn rows_that_are_built_name_commands_and_tests_that_exist() {
    let reference = read("docs/reference/cli.md");
    let sources: Vec<String> = files()
        .into_iter()
        .filter(|file| ["rs", "py", "mjs"].iter().any(|extension| file.has_extension(extension)))
        .map(|file| file.text)
        .collect();
    let mut complaints = Vec::new();
    for promise in promises().iter().filter(|promise| promise.shown_by != NOT_BUILT) {
        let mut complain = |text: String| complaints.push(format!("{}: {text}", promise.number));
        let (commands, tests) = (quoted(&promise.shown_by), quoted(&promise.tests));
        if commands.is_empty() || tests.is_empty() || promise.limit.is_empty() {
            complain("a built row needs a command, a test and its limit".into());
        }
        for command in commands {
            let heading = format!("\n## {}\n", words_of(command));
            if !command.starts_with("candor ") || !reference.contains(&heading) {
                complain(format!("`{command}` is not in docs/reference/cli.md"));
            }
        }
        for test in tests {
            let forms = [format!("fn {test}("), format!("def {test}("), format!("test(\"{test}\"")];
            if !sources.iter().any(|text| forms.iter().any(|form| text.contains(form))) {
                complain(format!("no test is called `{test}`"));
            }
        }
    }
    assert_none(&complaints, "docs/promises.md is not true:");
}

fn promises() -> Vec<Promise> {
    let text = read("docs/promises.md");
    let rows = text.lines().filter(|line| line.starts_with("| P"));
    rows.map(|row| {
        let cells: Vec<String> =
            row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        let [number, _, shown_by, tests, limit] = cells.try_into().unwrap_or_else(|cells: Vec<String>| {
            panic!("expected 5 cells, found {}: {row}", cells.len());
        });
        Promise { number, shown_by, tests, limit }
    })
    .collect()
}

/// The command without what the user fills in: its lower-case words up to the first that is none.
fn words_of(command: &str) -> String {
    let is_word = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase());
    command.split(' ').take_while(is_word).collect::<Vec<_>>().join(" ")
}
