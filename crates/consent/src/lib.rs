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
pub mod law;
mod notice;
mod purpose;
pub mod receipt;
pub mod record;
pub mod states;

pub use decide::{
    AccessPermit, Basis, Binding, Decision, Facts, InvalidReason, Moment, Permit, Permits, Reason, decide,
    stays_after,
};
pub use diff::{Change, Difference, NoticeBook, diff, is_broader};
pub use event::{Event, EventError, EventId, Standing, State, check_next};
pub use evidence::Evidence;
pub use notice::{
    AfterWithdrawal, Default, DefaultFor, LocaleText, NOTICE_BYTES_MAX, Notice, NoticeError, NoticeId,
    NoticeVersion, RETENTION_DAYS_MAX, Terms,
};
pub use purpose::{InvalidPurpose, Purpose};
