//! Signals by which a person's programs asked that less is kept: who, which, and on which days. Never what was said.
//!
//! A signal lowers the request that it came with, there and then. What stands here is only the memory of it, so that a
//! person can be shown that it says otherwise than they did. It is sealed under their key and dies with that.

use candor_consent::Event;
use candor_conversation::{SubjectId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::catalogue::{CatalogueError, Db, Tx, values};
use crate::{Entropy, Group, Live, Lowered, Subject, Vault, VaultError};

/// Signals that are remembered of one person; there are fewer dialects than this.
const SIGNALS_MAX: usize = 64;

/// A signal that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalSeen {
    /// Whose request it came with.
    pub subject: SubjectId,
    /// Its dialect, such as `sec-gpc`.
    pub dialect: String,
    /// What it asks for.
    pub lowered: Lowered,
    /// When; only the day is kept.
    pub at: Timestamp,
}

/// A signal of a person, as it is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Its dialect, such as `sec-gpc`.
    pub dialect: String,
    /// What it asks for.
    pub lowered: Lowered,
    /// The first day on which it came, since the epoch.
    pub first_day: i64,
    /// The last.
    pub last_day: i64,
}

/// Signals that say otherwise than a person did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// Their dialects.
    pub dialects: Vec<String>,
    /// Whether the person was told, and gave the yes once more.
    pub acknowledged: bool,
}

impl Vault {
    /// Remembers signals; of people who are not enrolled nothing. A signal that came on a day that is known already
    /// changes nothing.
    pub fn note_signals(&mut self, seen: &[SignalSeen], entropy: &mut Entropy) -> Result<(), VaultError> {
        let changed = self.changed_signals(seen)?;
        let tx = self.db.begin("remember signals")?;
        for (subject, signals) in &changed {
            write(&tx, subject, signals, entropy)?;
        }
        tx.commit()?;
        Ok(())
    }

    /// What is remembered of the people of these signals, where they change it.
    fn changed_signals(&self, seen: &[SignalSeen]) -> Result<Vec<(Subject, Vec<Signal>)>, VaultError> {
        let mut people: Vec<SubjectId> = seen.iter().map(|signal| signal.subject).collect();
        people.sort_unstable();
        people.dedup();
        let mut changed = Vec::new();
        for id in people {
            let Some(subject) = self.subject_by_id(id)? else { continue };
            let mut signals = self.signals(&subject)?;
            let before = signals.clone();
            seen.iter().filter(|signal| signal.subject == id).for_each(|signal| merge(&mut signals, signal));
            if signals != before {
                changed.push((subject, signals));
            }
        }
        Ok(changed)
    }

    /// The signals of a person, by dialect.
    pub fn signals(&self, subject: &Subject) -> Result<Vec<Signal>, VaultError> {
        read(&self.db, subject)
    }
}

impl Group<'_> {
    /// As [`Vault::note_signals`].
    pub fn note_signals(&self, seen: &[SignalSeen], entropy: &mut Entropy) -> Result<(), VaultError> {
        for (subject, signals) in &self.vault().changed_signals(seen)? {
            write(self.tx(), subject, signals, entropy)?;
        }
        Ok(())
    }
}

impl Live {
    /// The signals of a person, by dialect.
    pub fn signals(&self, subject: &Subject) -> Result<Vec<Signal>, VaultError> {
        read(&self.db, subject)
    }
}

impl Vault {
    /// What a person's signals say against a yes of theirs: those that came on its day or later.
    pub fn contradiction(&self, subject: &Subject, yes: &Event) -> Result<Option<Contradiction>, VaultError> {
        let since = yes.effective_at.day();
        let says_no = |signal: &Signal| signal.lowered.opts_out_of(yes.purpose) && signal.last_day >= since;
        let signals = self.signals(subject)?.into_iter().filter(says_no);
        let dialects: Vec<String> = signals.map(|signal| signal.dialect).collect();
        if dialects.is_empty() {
            return Ok(None);
        }
        let evidence = self.evidence_of(subject, yes)?;
        let despite = evidence.as_ref().and_then(|evidence| evidence.get("despite")?.as_str());
        let acknowledged = dialects.iter().all(|dialect| despite == Some(dialect.as_str()));
        Ok(Some(Contradiction { dialects, acknowledged }))
    }
}

/// Removes all that is remembered of a person's signals.
pub(crate) fn forget(tx: &Tx<'_>, id: &[u8; 16]) -> Result<(), CatalogueError> {
    tx.execute("delete signals", "DELETE FROM signal WHERE subject = $1", values![id]).map(|_| ())
}

fn read(db: &Db, subject: &Subject) -> Result<Vec<Signal>, VaultError> {
    let sql = "SELECT sealed FROM signal WHERE subject = $1";
    let sealed =
        db.first("read signals", sql, values![subject.id.as_bytes()], |row| row.get::<Vec<u8>>(0))?;
    let Some(sealed) = sealed else { return Ok(Vec::new()) };
    let plain = subject.key.open(&place(subject), &sealed)?;
    serde_json::from_slice(&plain).map_err(|_| VaultError::Stored("signal"))
}

fn merge(signals: &mut Vec<Signal>, seen: &SignalSeen) {
    let day = seen.at.day();
    match signals.binary_search_by(|signal| signal.dialect.as_str().cmp(&seen.dialect)) {
        Ok(at) => {
            let signal = &mut signals[at];
            signal.first_day = signal.first_day.min(day);
            signal.last_day = signal.last_day.max(day);
            signal.lowered = signal.lowered.max(seen.lowered);
        }
        Err(at) if signals.len() < SIGNALS_MAX => {
            let (dialect, lowered) = (seen.dialect.clone(), seen.lowered);
            signals.insert(at, Signal { dialect, lowered, first_day: day, last_day: day });
        }
        Err(_) => {}
    }
}

fn write(
    tx: &Tx<'_>,
    subject: &Subject,
    signals: &[Signal],
    entropy: &mut Entropy,
) -> Result<(), CatalogueError> {
    let plain = serde_json::to_vec(signals).unwrap_or_default();
    let sealed = subject.key.seal(&place(subject), &plain, entropy);
    let sql = "INSERT INTO signal (subject, sealed) VALUES ($1, $2) \
               ON CONFLICT (subject) DO UPDATE SET sealed = excluded.sealed";
    tx.execute("write signals", sql, values![subject.id.as_bytes(), &sealed]).map(|_| ())
}

fn place(subject: &Subject) -> Vec<u8> {
    [b"signal".as_slice(), subject.id.as_bytes()].concat()
}
