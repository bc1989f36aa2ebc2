//! The database that the catalogue is in: made, and known to belong to its data directory.

use std::path::Path;
use std::process::Command;

use candor_vault::{CatalogueUrl, Entropy, Vault};

use super::place::{database, tenant, test_named};

/// Name the database and the folder to the process that is to die.
const URL: &str = "CANDOR_TEST_URL";
const ROOT: &str = "CANDOR_TEST_ROOT";

fn make(root: &Path, url: &CatalogueUrl) -> Vault {
    Vault::create_with(root, "chat.example.org", url, &mut Entropy::from_seed([6; 32])).unwrap()
}

#[test]
fn a_catalogue_whose_making_was_cut_short_is_made_again() {
    if let (Some(url), Some(root)) = (std::env::var_os(URL), std::env::var_os(ROOT)) {
        make(root.as_ref(), &url.to_str().unwrap().parse().unwrap());
        return;
    }
    let test = test_named(module_path!(), "a_catalogue_whose_making_was_cut_short_is_made_again");
    for step in ["migrated", "none"] {
        let (folder, database) = (tempfile::tempdir().unwrap(), database());
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", &test, "--quiet"]).env("CANDOR_ABORT_AT", step);
        command.env(URL, database.url()).env(ROOT, folder.path().join("first"));
        assert_eq!(command.output().unwrap().status.success(), step == "none");
        // As `candor init` does, in a folder that is made anew.
        let second = folder.path().join("second");
        make(&second, &database.url().parse().unwrap()).set_contract(&tenant(), &[]).unwrap();
        assert_eq!(Vault::open(&second).unwrap().subject_count().unwrap(), 0);
    }
}
