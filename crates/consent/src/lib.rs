//! Consent as evidence: notices, events, the decision, receipts.
//!
//! [`decide`] is the one function that says whether a turn may be used for a purpose. It reads no clock and no
//! store: the caller brings the facts. Its yes is a [`Permit`], which nothing else can make and without which
//! the vault neither writes nor reads content.

mod decide;
mod diff;
mod event;
mod evidence;
pub mod examples;
mod explain;
pub mod law;
mod notice;
mod purpose;
mod reason;
pub mod receipt;
pub mod record;
mod renewal;
pub mod report;
pub mod request;
mod rules;
pub mod states;

pub use decide::{
    AccessPermit, Basis, Binding, Decision, Facts, Moment, Permit, Permits, Rule, decide, stays_after,
};
pub use diff::{Change, Difference, NoticeBook, Scope, diff, is_broader};
pub use event::{
    ASK_AGAIN_DAYS, Event, EventError, EventId, Standing, State, check_next, last_answer, may_be_asked_from,
};
pub use evidence::{Evidence, Method};
pub use explain::{Explanation, Finding, Outcome, explain};
pub use notice::{
    AfterWithdrawal, Default, DefaultFor, LocaleText, NOTICE_BYTES_MAX, Notice, NoticeError, NoticeId,
    NoticeVersion, RETENTION_DAYS_MAX, Terms,
};
pub use purpose::{InvalidPurpose, Purpose};
pub use reason::{InvalidReason, Reason};
pub use renewal::{Outgrown, outgrown};
pub use rules::{HouseRules, RULES_BYTES_MAX, RulesError, UnknownAge};
