//! The commands that the README prints are run as they stand.

use std::process::Command;

use crate::source::read;

const PATH_MARK: &str = "<!-- path: run by a test -->\n```sh\n";

#[test]
fn the_path_in_the_readme_runs_as_printed() {
    let readme = read("README.md");
    let (_, rest) =
        readme.split_once(PATH_MARK).expect("README.md has no commands behind the mark of the path");
    let (commands, _) = rest.split_once("```").unwrap();
    assert_eq!(commands.lines().count(), 10, "the path in ten commands");

    let program = xtask::reference::build_candor().unwrap();
    let folder = Folder::make();
    let example = folder.0.join("docs/example");
    std::fs::create_dir_all(&example).unwrap();
    for name in ["choices.csv", "log.jsonl"] {
        std::fs::write(example.join(name), read(&format!("docs/example/{name}"))).unwrap();
    }
    let own = program.parent().unwrap().to_owned();
    let old = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&old))).unwrap();
    // -x, so that the output tells where it stopped.
    let mut bash = Command::new("bash");
    bash.args(["-eux", "-c", commands]).env("PATH", path).current_dir(&folder.0);
    let ran = bash.output().unwrap();
    let (printed, told) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{printed}\n{told}");
    for expected in ["VERIFIED", "the holder of the receipt is present", "first      0  erased"] {
        assert!(printed.contains(expected), "the path does not print `{expected}`:\n{printed}");
    }
}

/// A new folder, gone when the test ends.
struct Folder(std::path::PathBuf);

impl Folder {
    fn make() -> Self {
        let path = std::env::temp_dir().join(format!("candor-readme-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
