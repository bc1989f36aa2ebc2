//! Rows to recall when somebody leaves or takes a yes back.
//!
//! A release whose records are lost must not keep a person in: the act is done, and what could not be looked up is
//! told after it.

use std::collections::BTreeSet;

use candor_consent::Purpose;
use candor_release::prove::{recalls_for_purpose, rows_of};
use candor_vault::{Subject, Vault};

/// Rows to recall, and what could not be looked up.
#[derive(Debug, Default)]
pub(crate) struct Recalls {
    /// Release and row number.
    pub(crate) rows: Vec<(String, u64)>,
    /// Releases in which nobody can tell the person's rows any more.
    pub(crate) unknown: BTreeSet<String>,
}

/// Some rows could not be recalled; the act itself is done.
#[derive(Debug, thiserror::Error)]
#[error(
    "done, but the rows to recall are unknown for: {0}\nhint: the releases' records in objects/releases are missing \
     or changed; restore them from a backup, or recall these releases as a whole"
)]
pub(crate) struct RecallUnknown(String);

impl Recalls {
    /// Looks in every release for a person who leaves.
    pub(crate) fn of_person(vault: &Vault, subject: &Subject) -> anyhow::Result<Self> {
        let mut recalls = Self::default();
        recalls.look_in_all(vault, subject)?;
        Ok(recalls)
    }

    /// Looks in the releases made for a purpose for a person who takes back their yes to it. When one of them
    /// cannot be read, those of the others are found in all releases: recalling a row too many harms nobody.
    pub(crate) fn add(&mut self, vault: &Vault, subject: &Subject, purpose: Purpose) -> anyhow::Result<()> {
        match recalls_for_purpose(vault, subject, purpose) {
            Ok(rows) => self.rows.extend(rows),
            Err(_) => self.look_in_all(vault, subject)?,
        }
        Ok(())
    }

    /// Fails after the act when something could not be looked up.
    pub(crate) fn complete(&self) -> anyhow::Result<()> {
        if self.unknown.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = self.unknown.iter().map(String::as_str).collect();
        Err(RecallUnknown(names.join(", ")).into())
    }

    fn look_in_all(&mut self, vault: &Vault, subject: &Subject) -> anyhow::Result<()> {
        for release in vault.releases()? {
            match rows_of(vault, &release.name, subject) {
                Ok(rows) => self.rows.extend(rows.into_iter().map(|row| (release.name.clone(), row))),
                Err(_) => {
                    self.unknown.insert(release.name);
                }
            }
        }
        Ok(())
    }
}
