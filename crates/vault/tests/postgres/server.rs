//! What only a database server can do: be had by two, be lost, and be found again.

use std::path::Path;

use candor_conversation::Kind;
use candor_vault::{Author, CatalogueError, CatalogueUrl, Entropy, Live, Vault, VaultError};

use crate::it::place::{Place, person, tenant, time};
use crate::it::speech::SAID;

fn refusal(opened: Result<Vault, VaultError>) -> CatalogueError {
    match opened {
        Err(VaultError::Catalogue(error)) => error,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it opens"),
    }
}

/// Ends all sessions of the database but the one that asks for it.
fn end_sessions(place: &Place) {
    place.tamper(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
}

#[test]
fn a_database_that_holds_a_catalogue_does_not_become_anothers() {
    let place = Place::new();
    let url: CatalogueUrl = place.database.url().parse().unwrap();
    let root = tempfile::tempdir().unwrap().path().join("vault");
    let made = Vault::create_with(&root, "other.example.org", &url, &mut Entropy::from_seed([7; 32]));
    let error = refusal(made);
    assert!(matches!(error, CatalogueError::Taken), "{error}");
    assert_eq!(error.kind(), Kind::Conflict);
    assert_eq!(place.open().subject_count().unwrap(), 2);
}

#[test]
fn a_data_directory_does_not_open_with_the_database_of_another() {
    let (place, other) = (Place::new(), Place::new());
    std::fs::write(place.root().join("catalogue.url"), other.database.url()).unwrap();
    // Tests make all their keys from one seed.
    other.tamper("UPDATE setting SET value = 'another key' WHERE name = 'log'");
    assert!(matches!(refusal(Vault::open(&place.root())), CatalogueError::OtherVault));
}

#[test]
fn two_copies_of_a_data_directory_do_not_write_to_one_database() {
    let place = Place::new();
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&place.root(), copy.path());
    let held = place.open();
    let error = refusal(Vault::open_now(copy.path()));
    assert!(matches!(error, CatalogueError::Held), "{error}");
    assert_eq!(error.kind(), Kind::Unavailable);
    drop(held);
    Vault::open_now(copy.path()).unwrap();
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &place);
        } else {
            std::fs::copy(&path, &place).unwrap();
        }
    }
}

#[test]
fn a_reader_finds_a_server_again_and_a_writer_that_lost_it_writes_no_more() {
    let place = Place::new();
    let mut vault = place.open();
    let mut live = Live::open(&place.root()).unwrap();
    let mut policy = live.policy().unwrap();
    let (ada, then) = (person(&vault, "ada"), time(SAID));
    end_sessions(&place);
    for _ in 0..2 {
        assert_eq!(vault.erase(&ada, &[], then).unwrap_err().kind(), Kind::Unavailable);
    }
    drop(vault);
    assert!(!live.refresh(&mut policy).unwrap());
    place.open().erase(&ada, &[], then).unwrap();
    assert!(live.refresh(&mut policy).unwrap());
    assert!(matches!(policy.author(&tenant(), "ada"), Author::Erased));
}

#[test]
fn it_is_asked_from_tasks_too_and_from_threads_where_they_may_block() {
    let place = Place::new();
    let root = place.root();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut live = Live::open(&root).unwrap();
        let mut policy = live.policy().unwrap();
        assert!(!live.refresh(&mut policy).unwrap());
        assert_eq!(policy.people_count(), 2);
        drop(live);
        let known = tokio::task::spawn_blocking(move || {
            let mut live = Live::open(&root).unwrap();
            let people = live.policy().unwrap().people_count();
            (people, Vault::open(&root).unwrap().subject_count().unwrap())
        });
        assert_eq!(known.await.unwrap(), (2, 2));
    });
}

#[test]
fn a_password_that_is_not_where_the_url_says_is_told_by_its_path() {
    let place = Place::new();
    let url = format!("{}&password_file=/nowhere/password", place.database.url());
    std::fs::write(place.root().join("catalogue.url"), url).unwrap();
    let error = refusal(Vault::open(&place.root()));
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("/nowhere/password"), "{source}");
}
