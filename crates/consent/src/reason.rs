//! Why a turn is withheld: the codes and their words.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a turn is withheld. The codes are stable: they stand in cards, manifests and responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Nobody knows who wrote it.
    UnknownSubject,
    /// The person had everything erased.
    Erased,
    /// Nobody knows when it was said, so no yes can be shown to have come before.
    UnknownTime,
    /// It claims to have been said in the future.
    TimeInFuture,
    /// No notice was in force when it was said.
    NoNotice,
    /// The notice in force has no terms for the purpose.
    NotInNotice,
    /// Where the person is, nothing may be kept; or where they are is not known and such places are named.
    RegionNotKept,
    /// The person is, or may be, younger than the notice allows.
    UnderAge,
    /// The person is too young to agree alone where they are, and no guardian agreed.
    GuardianNeeded,
    /// A business or education tenant whose contract does not allow it.
    NoContract,
    /// The request itself asked not to be kept.
    OptedOut,
    /// The person was never asked, or never answered.
    NeverAsked,
    /// "Decide later".
    Deferred,
    /// No.
    Refused,
    /// Taken back by the person.
    Withdrawn,
    /// Taken back by someone else.
    Revoked,
    /// The yes had a term, and it is over.
    Expired,
    /// The yes was found invalid.
    Invalidated,
    /// It was said before the yes.
    BeforeConsent,
    /// The yes was written down after the turn, and nobody vouches for it.
    RecordedLate,
    /// The notice grew broader than the one that was agreed to.
    NoticeBroader,
    /// Silence would be used as a yes, where law asks for an act of consent.
    LawAsksForConsent,
    /// The promised time is over.
    RetentionEnded,
    /// It was not bound to a yes for this purpose when it was captured.
    NotBound,
    /// An answer that broke off before its end.
    BrokenOff,
    /// It tells something that the settings keep out of releases.
    Sensitive,
    /// It comes after a turn that is withheld.
    AfterWithheld,
    /// Its conversation has too many branches to write them all out.
    TooManyBranches,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Reason; 28] = [
        Reason::UnknownSubject,
        Reason::Erased,
        Reason::UnknownTime,
        Reason::TimeInFuture,
        Reason::NoNotice,
        Reason::NotInNotice,
        Reason::RegionNotKept,
        Reason::UnderAge,
        Reason::GuardianNeeded,
        Reason::NoContract,
        Reason::OptedOut,
        Reason::NeverAsked,
        Reason::Deferred,
        Reason::Refused,
        Reason::Withdrawn,
        Reason::Revoked,
        Reason::Expired,
        Reason::Invalidated,
        Reason::BeforeConsent,
        Reason::RecordedLate,
        Reason::NoticeBroader,
        Reason::LawAsksForConsent,
        Reason::RetentionEnded,
        Reason::NotBound,
        Reason::BrokenOff,
        Reason::Sensitive,
        Reason::AfterWithheld,
        Reason::TooManyBranches,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        self.entry().0
    }

    /// The reason in plain words, as they complete "withheld: …".
    pub fn words(self) -> &'static str {
        self.entry().1
    }

    fn entry(self) -> (&'static str, &'static str) {
        match self {
            Reason::UnknownSubject => ("unknown-subject", "nobody knows who wrote it"),
            Reason::Erased => ("erased", "its author had everything erased"),
            Reason::UnknownTime => ("unknown-time", "nobody knows when it was said"),
            Reason::TimeInFuture => ("time-in-future", "it claims to be from the future"),
            Reason::NoNotice => ("no-notice", "no notice was in force when it was said"),
            Reason::NotInNotice => ("not-in-notice", "the notice in force does not ask for this purpose"),
            Reason::RegionNotKept => ("region-not-kept", "nothing may be kept from where its author is"),
            Reason::UnderAge => ("under-age", "its author is, or may be, a minor"),
            Reason::GuardianNeeded => {
                ("guardian-needed", "its author is too young to agree alone, and no guardian agreed")
            }
            Reason::NoContract => ("no-contract", "a business account whose contract does not allow it"),
            Reason::OptedOut => ("opted-out", "the request itself asked not to be kept"),
            Reason::NeverAsked => ("never-asked", "its author made no choice"),
            Reason::Deferred => ("deferred", "its author put the choice off"),
            Reason::Refused => ("refused", "its author said no"),
            Reason::Withdrawn => ("withdrawn", "its author took the yes back"),
            Reason::Revoked => ("revoked", "the yes was revoked"),
            Reason::Expired => ("expired", "the yes had a term that is over"),
            Reason::Invalidated => ("invalidated", "the yes was found invalid"),
            Reason::BeforeConsent => ("before-consent", "it was said before the yes"),
            Reason::RecordedLate => {
                ("recorded-late", "the yes was written down afterwards and nobody vouches for it")
            }
            Reason::NoticeBroader => ("notice-broader", "the notice grew broader than what was agreed to"),
            Reason::LawAsksForConsent => {
                ("law-asks-for-consent", "silence is no yes where law asks for consent")
            }
            Reason::RetentionEnded => ("retention-ended", "the promised time is over"),
            Reason::NotBound => ("not-bound", "it was captured without a yes for this purpose"),
            Reason::BrokenOff => ("broken-off", "the answer broke off before its end"),
            Reason::Sensitive => ("sensitive", "it tells something sensitive that the settings keep out"),
            Reason::AfterWithheld => ("after-withheld", "it follows a withheld turn"),
            Reason::TooManyBranches => ("too-many-branches", "its conversation has too many branches"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A code that is not a reason.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a reason code")]
pub struct InvalidReason(String);

impl FromStr for Reason {
    type Err = InvalidReason;

    fn from_str(code: &str) -> Result<Self, InvalidReason> {
        let found = Reason::ALL.into_iter().find(|reason| reason.code() == code);
        found.ok_or_else(|| InvalidReason(code.to_owned()))
    }
}
