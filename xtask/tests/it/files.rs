//! Length, names and words of files.

use crate::source::{SourceFile, assert_none, files};

/// Most lines of a file, tests left out.
const LINES_MAX: usize = 500;
/// Most lines of a file with a reason.
const LINES_MAX_WITH_REASON: usize = 1_000;
/// Files that may have more than [`LINES_MAX`] lines, and why.
const LONG_FOR_A_REASON: [(&str, &str); 1] = [(
    "verify/candor_verify.py",
    "one file without dependencies, so that a stranger can read it whole and carry it anywhere",
)];

#[test]
fn files_are_short_or_have_a_reason() {
    let mut complaints = Vec::new();
    for file in files().iter().filter(|file| is_code(file) && !file.is_test()) {
        let lines = lines_of_code(file);
        let excused = LONG_FOR_A_REASON.iter().any(|(path, _)| *path == file.path);
        let most = if excused { LINES_MAX_WITH_REASON } else { LINES_MAX };
        if lines > most {
            complaints.push(format!("{}: {lines} lines, at most {most}", file.path));
        }
        if excused && lines <= LINES_MAX {
            complaints.push(format!("{}: {lines} lines need no reason any more", file.path));
        }
    }
    assert_none(&complaints, "split these files by what they are about, tests left out:");
}

#[test]
fn file_names_say_what_is_inside() {
    const EMPTY_NAMES: [&str; 5] = ["util", "utils", "helpers", "common", "misc"];
    let is_empty = |file: &&SourceFile| {
        let stem = file.name().split('.').next().unwrap();
        EMPTY_NAMES.contains(&stem) || file.path.split('/').any(|part| EMPTY_NAMES.contains(&part))
    };
    let named: Vec<String> = files().iter().filter(is_empty).map(|file| file.path.clone()).collect();
    assert_none(&named, "name these after what is in them:");
}

#[test]
fn nothing_is_allowed_without_being_expected() {
    // Taken apart, so that this file does not complain about itself.
    let needles = [concat!("#[al", "low("), concat!("#![al", "low(")];
    let complaints =
        lines_with(|file| file.has_extension("rs"), |line| needles.iter().any(|n| line.contains(n)));
    assert_none(&complaints, "use #[expect(.., reason = \"..\")], which ends when its reason does:");
}

#[test]
fn nothing_is_left_to_be_done_later() {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let has_word = |line: &str| line.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word));
    let complaints = lines_with(is_written_by_us, has_word);
    assert_none(&complaints, "do it, or open an issue:");
}

#[test]
fn documents_and_scripts_name_no_place_on_one_machine() {
    let places = [concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/t", "mp/"), concat!("/ro", "ot/")];
    let documents = |file: &SourceFile| {
        let kinds = ["md", "toml", "py", "sh", "txt"];
        kinds.iter().any(|kind| file.has_extension(kind)) || file.path.starts_with(".ci/")
    };
    let complaints = lines_with(documents, |line| places.iter().any(|place| line.contains(place)));
    assert_none(&complaints, "these lines name a folder of one machine:");
}

fn is_code(file: &SourceFile) -> bool {
    ["rs", "py", "sh"].iter().any(|extension| file.has_extension(extension)) || file.path == ".ci/run"
}

fn is_written_by_us(file: &SourceFile) -> bool {
    let texts = ["toml", "md", "sql", "html"];
    is_code(file) || texts.iter().any(|extension| file.has_extension(extension))
}

/// Lines above the tests, which stand last in a file. Python's blank lines are left out: they do there what closing
/// braces do here.
fn lines_of_code(file: &SourceFile) -> usize {
    if file.has_extension("py") {
        return file.text.lines().filter(|line| !line.trim().is_empty()).count();
    }
    let lines: Vec<&str> = file.text.lines().collect();
    let tests = lines.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod "));
    tests.unwrap_or(lines.len())
}

fn lines_with(files_wanted: impl Fn(&SourceFile) -> bool, wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for file in files().iter().filter(|file| files_wanted(file)) {
        let lines = file.text.lines().enumerate().filter(|(_, line)| wrong(line));
        found.extend(lines.map(|(index, line)| format!("{}:{}: {}", file.path, index + 1, line.trim())));
    }
    found
}
