//! Acts that are recorded together: one transaction, one wait for the disk, one checkpoint.

use std::cell::OnceCell;

use candor_consent::record::EventContext;
use candor_consent::{Event, EventError, EventId, NoticeBook};
use candor_conversation::{SubjectId, TenantId, Timestamp};

use crate::catalogue::{Tx, values};
use crate::erase::write_recalls;
use crate::people::{self, Act, Known};
use crate::profile::check_name;
use crate::{Entropy, Profile, Vault, VaultError, durable, records};

/// A transaction in which people are enrolled and their choices recorded. What it reads, it has written too.
pub struct Group<'a> {
    vault: &'a Vault,
    tx: Tx<'a>,
    notices: OnceCell<NoticeBook>,
}

impl Vault {
    /// Records all that `write` does, or none of it; it is in the log when this returns.
    pub fn together<T, E: From<VaultError>>(
        &mut self,
        write: impl FnOnce(&Group<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let written = {
            let begun = self.db.begin_while_reading("record choices");
            let group = Group { vault: self, tx: begun.map_err(VaultError::from)?, notices: OnceCell::new() };
            let written = write(&group)?;
            group.tx.commit().map_err(VaultError::from)?;
            written
        };
        durable::step("people-committed");
        self.log.catch_up(&self.db).map_err(VaultError::from)?;
        Ok(written)
    }

    /// Enrols people: each gets a random nonce and an entry in the log. Of those enrolled already it only learns
    /// more, by [`Profile::learn`]. All or none.
    pub fn enrol(
        &mut self,
        tenant: &TenantId,
        profiles: &[Profile],
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Vec<SubjectId>, VaultError> {
        self.together(|group| group.enrol(tenant, profiles, now, entropy))
    }

    /// Records acts in the order given; all or none. Each is in the log when this returns.
    pub fn record(
        &mut self,
        acts: &[Act],
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Vec<EventId>, VaultError> {
        self.record_and_recall(acts, &[], now, entropy)
    }

    /// Records acts, and with them, all or none, that rows of releases must not be used again because a yes was
    /// taken back: release and row number.
    pub fn record_and_recall(
        &mut self,
        acts: &[Act],
        recalls: &[(String, u64)],
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Vec<EventId>, VaultError> {
        self.together(|group| group.record_and_recall(acts, recalls, now, entropy))
    }

    /// Records the yes of a guardian for somebody too young to agree alone. A guardian's no is recorded as anybody's.
    pub fn record_of_guardian(
        &mut self,
        act: &Act,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<EventId, VaultError> {
        if !act.state.permits() || act.attested_by.is_none() {
            return Err(EventError::GuardianOnlyAgrees.into());
        }
        let person = self.subject_by_id(act.subject)?.ok_or(VaultError::Stored("subject"))?;
        let (rules, region) = (self.notices()?.rules().clone(), person.profile.region.as_ref());
        if !person.profile.age.is_some_and(|age| rules.is_too_young_alone(age, region)) {
            return Err(EventError::NoGuardianNeeded { alone_from: rules.alone_from(region) }.into());
        }
        let written =
            self.together(|group| group.write_acts((std::slice::from_ref(act), true), now, entropy));
        written?.first().copied().ok_or(VaultError::Stored("event"))
    }
}

impl Group<'_> {
    /// The vault, to read what decides about the act.
    pub fn vault(&self) -> &Vault {
        self.vault
    }

    pub(crate) fn tx(&self) -> &Tx<'_> {
        &self.tx
    }

    /// As [`Vault::enrol`].
    pub fn enrol(
        &self,
        tenant: &TenantId,
        profiles: &[Profile],
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Vec<SubjectId>, VaultError> {
        let (tx, keys) = (&self.tx, &self.vault.keys);
        let mut ids = Vec::with_capacity(profiles.len());
        records::advance_clock(tx, now)?;
        for profile in profiles {
            check_name(&profile.name)?;
            let id = match self.vault.known(tenant, &profile.name)? {
                Known::Erased => return Err(VaultError::Erased { tenant: tenant.to_string() }),
                Known::Subject(subject) => {
                    let mut more = subject.profile.clone();
                    more.learn(profile);
                    people::update_profile(tx, &subject, &more, entropy)?;
                    subject.id
                }
                Known::Nobody => people::insert_subject(tx, keys, tenant, profile, (now, entropy))?,
            };
            ids.push(id);
        }
        Ok(ids)
    }

    /// As [`Vault::record_and_recall`].
    pub fn record_and_recall(
        &self,
        acts: &[Act],
        recalls: &[(String, u64)],
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Vec<EventId>, VaultError> {
        let ids = self.write_acts((acts, false), now, entropy)?;
        write_recalls(&self.tx, recalls, "withdrawn", now)?;
        Ok(ids)
    }

    fn write_acts(
        &self,
        (acts, guardian): (&[Act], bool),
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Vec<EventId>, VaultError> {
        let notices = self.notices()?;
        let mut ids = Vec::with_capacity(acts.len());
        records::advance_clock(&self.tx, now)?;
        for act in acts {
            let found = self.vault.subject_by_id(act.subject)?;
            let subject = found.ok_or(VaultError::Stored("subject"))?;
            let notice = notices.by_id(act.notice).ok_or(VaultError::Stored("notice"))?;
            let event = Event {
                id: EventId::random(entropy.bytes()),
                subject: act.subject,
                purpose: act.purpose,
                state: act.state,
                notice: act.notice,
                effective_at: act.effective_at,
                recorded_at: now,
                attested: act.attested_by.is_some(),
                guardian,
            };
            let context = EventContext {
                tenant: &subject.tenant,
                notice,
                notice_id: act.notice,
                attested_by: act.attested_by.as_deref(),
                evidence: act.evidence.as_ref(),
            };
            people::insert_event(&self.tx, &subject, &event, (&context, entropy))?;
            ids.push(event.id);
        }
        Ok(ids)
    }

    /// All published notices, read once for the group.
    fn notices(&self) -> Result<&NoticeBook, VaultError> {
        match self.notices.get() {
            Some(notices) => Ok(notices),
            None => {
                let notices = self.vault.notices()?;
                Ok(self.notices.get_or_init(|| notices))
            }
        }
    }

    /// Does all that `write` does, or nothing of it; what others of the group did stays.
    pub(crate) fn attempt<T, E: From<VaultError>>(
        &self,
        write: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.mark("SAVEPOINT act")?;
        match write(self) {
            Ok(written) => {
                self.mark("RELEASE SAVEPOINT act")?;
                Ok(written)
            }
            Err(error) => {
                self.mark("ROLLBACK TO SAVEPOINT act")?;
                self.mark("RELEASE SAVEPOINT act")?;
                Err(error)
            }
        }
    }

    fn mark(&self, sql: &'static str) -> Result<(), VaultError> {
        self.tx.execute("mark where an act begins", sql, values![])?;
        Ok(())
    }
}
