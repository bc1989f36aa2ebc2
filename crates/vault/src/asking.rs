//! Asking about all purposes of a turn at once: the one way, at capture, on the wire and from the inbox.

use candor_consent::{
    Decision, Explanation, Facts, Moment, NoticeBook, Permit, Permits, Purpose, Reason, decide, explain,
};
use candor_conversation::{Age, Region, Tier, Timestamp};

use crate::{Person, Profile, Vault, VaultError};
use serde::{Deserialize, Serialize};

/// How far a request lowers what its author agreed to. It never raises (N4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lowered {
    /// Not at all.
    #[default]
    Nothing,
    /// It may be kept for its author, and for nothing else.
    AllButHistory,
    /// It may not be kept.
    Everything,
}

impl Lowered {
    /// Whether the request itself asks not to be used for a purpose.
    pub fn opts_out_of(self, purpose: Purpose) -> bool {
        match self {
            Lowered::Nothing => false,
            Lowered::AllButHistory => purpose != Purpose::History,
            Lowered::Everything => true,
        }
    }
}

/// A turn that a person says now: all that bears on the decision about it, apart from who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// When it was said.
    pub at: Timestamp,
    /// Now; not before `at`.
    pub now: Timestamp,
    /// What the request asks for.
    pub lowered: Lowered,
    /// Tier that the request came through, where that is known. An organisation's tier of either the request or
    /// the person holds.
    pub tier: Option<Tier>,
    /// Where the person is, where the request tells; otherwise what is known of the person holds.
    pub region: Option<Region>,
    /// Age, where the request tells; the youngest known holds.
    pub age: Option<Age>,
}

/// What may become of a turn: for which purposes it may be kept, or why for none.
pub type Ruling = Result<Permits, Reason>;

/// The answer for each purpose, in the order of [`Purpose::ALL`].
pub(crate) type Answers = [Result<Permit, Reason>; Purpose::ALL.len()];

/// All that is known about a turn when it is asked about.
pub(crate) struct Circumstances<'a> {
    pub(crate) moment: Moment<'a>,
    pub(crate) said_at: Option<Timestamp>,
    pub(crate) now: Timestamp,
    pub(crate) tier: Tier,
    pub(crate) region: Option<&'a Region>,
    pub(crate) age: Option<Age>,
    pub(crate) lowered: Lowered,
}

impl Spoken {
    /// The same with what is known of the person.
    pub(crate) fn by<'a>(&'a self, profile: &'a Profile) -> Circumstances<'a> {
        Circumstances {
            moment: Moment::Capture,
            said_at: Some(self.at),
            now: self.now,
            tier: tier_of([self.tier, Some(profile.tier)]),
            region: self.region.as_ref().or(profile.region.as_ref()),
            age: youngest([self.age, profile.age]),
            lowered: self.lowered,
        }
    }
}

/// Asks about every purpose.
pub(crate) fn ask_every(person: &Person, about: &Circumstances<'_>, notices: &NoticeBook) -> Answers {
    Purpose::ALL.map(|purpose| match decide(&about.facts(purpose, person, notices)) {
        Decision::Allowed(permit) => Ok(permit),
        Decision::Withheld(reason) => Err(reason),
    })
}

impl<'a> Circumstances<'a> {
    fn facts(&self, purpose: Purpose, person: &'a Person, notices: &'a NoticeBook) -> Facts<'a> {
        Facts {
            purpose,
            moment: self.moment,
            said_at: self.said_at,
            now: self.now,
            tier: self.tier,
            region: self.region,
            age: self.age,
            contract: &person.contract,
            opted_out: self.lowered.opts_out_of(purpose),
            history: person.history(purpose),
            notices,
        }
    }
}

impl Vault {
    /// Why something that a person says, or said at a time, may be kept for a purpose or may not.
    pub fn explain(
        &self,
        person: &Person,
        spoken: &Spoken,
        purpose: Purpose,
    ) -> Result<Explanation, VaultError> {
        let about = spoken.by(&person.subject.profile);
        Ok(explain(&about.facts(purpose, person, &self.notices()?)))
    }
}

/// What the answers come to.
pub(crate) fn ruling(answers: &Answers) -> Ruling {
    let permits = Permits::new(answers.iter().flatten().cloned().collect());
    permits.ok_or_else(|| shown_reason(answers))
}

/// The first tier known, unless another one is an organisation's, whose contract then decides.
pub(crate) fn tier_of<const N: usize>(known: [Option<Tier>; N]) -> Tier {
    let mut known = known.into_iter().flatten();
    let organisation = known.clone().find(|tier| matches!(tier, Tier::Business | Tier::Education));
    organisation.or_else(|| known.next()).unwrap_or(Tier::Consumer)
}

/// The youngest that anyone says they are: nothing that a request or a file says makes a minor older.
pub(crate) fn youngest<const N: usize>(known: [Option<Age>; N]) -> Option<Age> {
    known.into_iter().flatten().min()
}

/// The reason shown for a turn that no purpose permits: the one for training, which is what people ask about,
/// unless the notice does not even name it.
fn shown_reason(answers: &Answers) -> Reason {
    let reason_of = |purpose: Purpose| {
        let index = Purpose::ALL.iter().position(|other| *other == purpose)?;
        answers.get(index)?.as_ref().err().copied()
    };
    let train = reason_of(Purpose::Train).filter(|reason| *reason != Reason::NotInNotice);
    train.or_else(|| reason_of(Purpose::History)).unwrap_or(Reason::NotInNotice)
}
