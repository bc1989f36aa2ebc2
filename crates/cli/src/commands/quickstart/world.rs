//! One world of the comparison: a vault run under one kind of notice, from init to release.

use std::path::Path;

use anyhow::Context as _;
use candor_consent::{
    Basis, Decision, Facts, Moment, Notice, NoticeVersion, Purpose, Reason, State, decide, examples,
};
use candor_release::prove::Departure;
use candor_release::{Built, TrustedKeys, prove, verify};
use candor_vault::{Act, CatalogueUrl, Subject, Vault, durable};
use serde_json::{Value, json};

use super::story::{Choice, Story};
use crate::commands::import::{self, Accounting, DefaultArguments};
use crate::commands::release::{self, BuildArguments};
use crate::commands::{init, person};
use crate::context::Context;

/// Under which kind of notice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Off unless chosen.
    Ours,
    /// On unless switched off.
    Providers,
}

/// A vault with a release in it, and how it came to be.
pub(crate) struct World {
    context: Context,
    vault: Vault,
    side: Side,
    notice: Notice,
    choices: usize,
    accounting: Accounting,
    built: Built,
    kept_days: u32,
}

impl World {
    /// Runs init, notice, enrol, consent, import and release.
    pub(crate) fn make(parent: &Context, data: &Path, story: &Story, side: Side) -> anyhow::Result<Self> {
        let context = parent.quietly_at(data.to_owned(), story.now);
        let mut vault = init::create(data, ("quickstart.example", &CatalogueUrl::default()), &context)?;
        let notices = match side {
            Side::Ours => story.notices.clone(),
            Side::Providers => vec![providers_notice(story)?],
        };
        for notice in &notices {
            vault.publish_notice(notice, notice.effective_at.min(story.now))?;
        }
        let notice = notices.last().cloned().ok_or_else(|| anyhow::anyhow!("a story without a notice"))?;
        for tenant in &story.contracts {
            vault.set_contract(tenant, &Purpose::ALL)?;
        }
        let choices = match side {
            Side::Ours => story.choices.clone(),
            Side::Providers => switches_found(story),
        };
        record(&context, &mut vault, story, &choices)?;
        let defaults = DefaultArguments { author: story.author.clone(), ..DefaultArguments::default() };
        let accounting =
            import::import(&context, &mut vault, std::slice::from_ref(&story.conversations), &defaults)?;
        let built = release::build_release(&context, &mut vault, &BuildArguments::named("first"))?;
        let kept = notice.purposes.get(&Purpose::Train).map_or(0, |terms| terms.retention_days);
        Ok(Self { context, vault, side, notice, choices: choices.len(), accounting, built, kept_days: kept })
    }

    /// The data directory.
    pub(crate) fn data(&self) -> &Path {
        &self.context.data
    }

    /// What happened, for people.
    pub(crate) fn told(&self) -> String {
        let people = self.vault.subject_count().unwrap_or_default();
        let notices = match self.notice.version.0 {
            1 => "notice version 1 is published".to_owned(),
            last => format!("notice versions 1 to {last} are published; version {last} is broader"),
        };
        format!(
            "  {notices}, {people} people are enrolled, {} choices recorded;\n  the log has {} entries\n  import: {}\n  {}",
            self.choices,
            self.vault.log_size(),
            import::text(&self.accounting).replace('\n', "\n  "),
            release::text(&self.built).replace('\n', "\n  "),
        )
    }

    /// Verifies the release, proves absence of someone who refused and presence of someone who agreed.
    pub(crate) fn prove_and_verify(&self, story: &Story) -> anyhow::Result<String> {
        let trusted = TrustedKeys::parse(&self.vault.public_keys())?;
        let report = verify::verify_release(&self.built.folder, Some(&trusted))?;
        let mut told = format!("  verified: {}\n    checked: {}", report.shows, report.held.join(", "));
        let people = [("said no", story.refuser), ("said yes", story.giver)];
        for (what, person) in people {
            let Some(subject) = self.subject(story, person)? else { continue };
            let own = person::write_receipts(&self.vault, &subject, &self.data().join("receipts"))?;
            let receipts = self.vault.receipts(&subject)?;
            let Some(enrolment) = receipts.first() else { continue };
            let proof = prove::prove(&self.vault, "first", enrolment)?;
            let path = own.join("first.proof.json");
            durable::write_file(&path, format!("{proof:#}\n").as_bytes(), 0o600)?;
            let shown = prove::verify_proof(&proof, Some(&trusted))?;
            told += &format!("\n  {} {what}: {}\n    {}", subject.profile.name, shown.shows, path.display());
        }
        Ok(told)
    }

    /// Erases someone, imports the old log again, builds again.
    pub(crate) fn erase_someone(&mut self, story: &Story) -> anyhow::Result<String> {
        let Some(subject) = self.subject(story, story.leaver)? else {
            return Ok("  nobody in these conversations can be erased".into());
        };
        let leaver = Departure { subject: &subject, purpose: None };
        let recalls = prove::recalls(&self.vault, &[leaver])?.rows;
        self.vault.erase(&subject, &recalls, story.now)?;
        let mut entropy = self.context.entropy()?;
        let retention = self.vault.run_retention(story.now, &mut entropy)?;
        self.vault.rotate_epoch(story.now, &mut entropy)?;
        let defaults = DefaultArguments { author: story.author.clone(), ..DefaultArguments::default() };
        let paths = std::slice::from_ref(&story.conversations);
        let again = import::import(&self.context, &mut self.vault, paths, &defaults)?;
        let erased = again.turns.withheld.get(&Reason::Erased).copied().unwrap_or_default();
        let next = release::build_release(&self.context, &mut self.vault, &BuildArguments::named("second"))?;
        Ok(format!(
            "  {} asked to be erased: their key is destroyed, {} turns are purged, keys are rotated\n  {} rows of \
             the first release are recalled (`candor recall`)\n  importing the old log again: {} new turns, {erased} \
             withheld as erased\n  the second release has {} people, the first had {}",
            subject.profile.name,
            retention.turns_purged,
            recalls.len(),
            again.turns.imported,
            next.manifest.people,
            self.built.manifest.people,
        ))
    }

    /// The outcome for programs.
    pub(crate) fn value(&self) -> Value {
        json!({
            "data": self.data(),
            "import": import::value(&self.accounting),
            "release": self.built.manifest,
        })
    }

    fn subject(&self, story: &Story, person: Option<usize>) -> anyhow::Result<Option<Subject>> {
        let Some(person) = person.and_then(|index| story.people.get(index)) else { return Ok(None) };
        Ok(Some(self.vault.subject(&person.tenant, &person.profile.name)?))
    }

    /// People whom the notice would take, and who are left out since the law asks for consent where they are.
    fn left_out_by_law(&self) -> anyhow::Result<usize> {
        let (policy, now) = (self.vault.notices()?, self.context.now);
        let mut left_out = 0;
        for subject in self.vault.subjects()? {
            let person = self.vault.person(subject)?;
            let profile = &person.subject.profile;
            let facts = Facts {
                purpose: Purpose::Train,
                moment: Moment::Capture,
                said_at: Some(now),
                now,
                tier: profile.tier,
                region: profile.region.as_ref(),
                age: profile.age,
                contract: &person.contract,
                opted_out: false,
                history: person.history(Purpose::Train),
                notices: &policy,
            };
            left_out += usize::from(decide(&facts) == Decision::Withheld(Reason::LawAsksForConsent));
        }
        Ok(left_out)
    }

    fn refused(&self, reason: Reason) -> String {
        self.accounting.turns.withheld.get(&reason).copied().unwrap_or_default().to_string()
    }

    fn used(&self, basis: &[Basis]) -> u64 {
        let counts = &self.built.manifest.turns.basis;
        basis.iter().filter_map(|basis| counts.get(basis)).sum()
    }
}

/// Writes the comparison into our data directory, where the portal's page finds it.
pub(crate) fn note_two_worlds(ours: &World, theirs: &World) -> anyhow::Result<()> {
    let path = ours.data().join("two-worlds.json");
    let text = format!("{:#}\n", two_worlds(ours, theirs)?);
    durable::write_file(&path, text.as_bytes(), 0o600).with_context(|| format!("write {}", path.display()))
}

/// The comparison for the portal's page, in the format `candor-two-worlds-1`.
fn two_worlds(ours: &World, theirs: &World) -> anyhow::Result<Value> {
    let world = |world: &World| -> anyhow::Result<Value> {
        let acts = world.used(&[Basis::Consent, Basis::GuardianConsent, Basis::AttestedConsent]);
        let silence = world.used(&[Basis::NoticeDefault]);
        let refused = |reason| world.accounting.turns.withheld.get(&reason).copied().unwrap_or_default();
        Ok(json!({
            "people_used": world.built.manifest.people,
            "people_left_out_by_law": world.left_out_by_law()?,
            "turns_used": acts + silence,
            "by_consent": acts,
            "without_consent": silence,
            "refused_by_law": refused(Reason::LawAsksForConsent),
            "refused_as_minors": refused(Reason::UnderAge),
            "turns_kept": world.accounting.turns.imported,
            "rows_learned": world.built.manifest.rows.released,
            "kept_days": world.kept_days,
            "purges_after_withdrawal":
                world.notice.after_withdrawal == candor_consent::AfterWithdrawal::Purge,
        }))
    };
    Ok(json!({
        "format": "candor-two-worlds-1",
        "people": theirs.vault.subject_count().unwrap_or_default(),
        "ours": world(ours)?,
        "providers": world(theirs)?,
    }))
}

/// The comparison.
pub(crate) fn side_by_side(ours: &World, theirs: &World) -> Vec<Vec<String>> {
    let row = |name: &str, of: &dyn Fn(&World) -> String| vec![name.to_owned(), of(ours), of(theirs)];
    let acts = [Basis::Consent, Basis::GuardianConsent, Basis::AttestedConsent];
    vec![
        row("", &|world| if world.side == Side::Ours { "ours".into() } else { "as they ship it".into() }),
        row("people whose turns are used", &|world| world.built.manifest.people.to_string()),
        row("people's turns used", &|world| {
            (world.used(&acts) + world.used(&[Basis::NoticeDefault])).to_string()
        }),
        row("  by an act of consent", &|world| world.used(&acts).to_string()),
        row("  without an act of consent", &|world| world.used(&[Basis::NoticeDefault]).to_string()),
        row("turns refused: law asks for consent", &|world| world.refused(Reason::LawAsksForConsent)),
        row("turns refused: minors", &|world| world.refused(Reason::UnderAge)),
        row("turns kept in the vault", &|world| world.accounting.turns.imported.to_string()),
        row("rows in the training set", &|world| world.built.manifest.rows.released.to_string()),
        row("kept for training, days", &|world| world.kept_days.to_string()),
        row("after a withdrawal", &|world| {
            let purge = world.notice.after_withdrawal == candor_consent::AfterWithdrawal::Purge;
            if purge { "purged".into() } else { "kept".into() }
        }),
    ]
}

/// The providers' example, in force from when ours is.
fn providers_notice(story: &Story) -> anyhow::Result<Notice> {
    let mut notice = Notice::parse(examples::PROVIDERS)?;
    if let Some(first) = story.notices.first() {
        notice.effective_at = first.effective_at;
    }
    Ok(notice)
}

/// Under the providers' notice only those count who found the switch: every no, and nothing else.
fn switches_found(story: &Story) -> Vec<Choice> {
    let mut seen = std::collections::BTreeSet::new();
    let noes = story.choices.iter().filter(|choice| choice.state.takes_back());
    let asked = [Purpose::History, Purpose::Train, Purpose::HumanReview];
    let noes = noes.filter(|choice| asked.contains(&choice.purpose));
    noes.filter(|choice| seen.insert((choice.person, choice.purpose)))
        .map(|choice| Choice { state: State::Refused, notice: 1, ..choice.clone() })
        .collect()
}

/// Enrols everyone and records the choices: each at its own time, or now with someone who vouches.
fn record(context: &Context, vault: &mut Vault, story: &Story, choices: &[Choice]) -> anyhow::Result<()> {
    let mut entropy = context.entropy()?;
    let start = story.notices.first().map_or(story.now, |notice| notice.effective_at);
    let mut subjects = Vec::with_capacity(story.people.len());
    for person in &story.people {
        let profile = std::slice::from_ref(&person.profile);
        subjects.extend(vault.enrol(&person.tenant, profile, start.min(story.now), &mut entropy)?);
    }
    for at_once in choices.chunk_by(|a, b| a.at == b.at) {
        let mut acts = Vec::with_capacity(at_once.len());
        for choice in at_once {
            let (notice, _) = vault.notice(Some(NoticeVersion(choice.notice)), choice.at)?;
            acts.push(Act {
                subject: subjects[choice.person],
                purpose: choice.purpose,
                state: choice.state,
                notice,
                effective_at: choice.at,
                attested_by: story.attested_by.clone(),
                evidence: None,
            });
        }
        let recorded_at = if story.attested_by.is_some() { story.now } else { at_once[0].at };
        vault.record(&acts, recorded_at, &mut entropy)?;
    }
    Ok(())
}
