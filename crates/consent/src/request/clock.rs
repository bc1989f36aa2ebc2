//! How long an operator may take: by calendar, and by the law that a request falls under.
//!
//! | | first term | with an extension | while identity is asked for |
//! |---|---|---|---|
//! | GDPR, article 12(3) and (6) | one month | three months | the clock stands |
//! | CCPA: Civil Code 1798.130(a)(2), 11 CCR 7021(b) | 45 days | 90 days | it runs on |
//! | CCPA, a request to stop or to limit: 11 CCR 7026(f), 7027(g) | 15 business days | none | it runs on |
//!
//! The reading is the one that gives the operator less time. A month ends at the same time of day, and not with the
//! last hour of that day (Regulation 1182/71, article 3); an end on a Sunday or a holiday is not moved; only weekends,
//! and not holidays, are no business days. The GDPR's clock stands only from when identity was asked for, and only if
//! it was asked for before the term was over.

use candor_conversation::{Region, Timestamp};
use serde::{Deserialize, Serialize};

use super::{RequestError, RequestKind, word};

/// The law whose clock a request runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    /// Regulation (EU) 2016/679, and laws with its terms.
    Gdpr,
    /// California Consumer Privacy Act.
    Ccpa,
}

word!(Regime, "regime");

impl Regime {
    /// All regimes.
    pub const ALL: [Regime; 2] = [Regime::Gdpr, Regime::Ccpa];

    /// The word used in files, flags and records.
    pub fn as_str(self) -> &'static str {
        match self {
            Regime::Gdpr => "gdpr",
            Regime::Ccpa => "ccpa",
        }
    }

    /// The regime for a person there: the shorter one where nothing else is known.
    pub fn of(region: Option<&Region>) -> Self {
        match region.map(Region::as_str) {
            Some("US-CA") => Regime::Ccpa,
            _ => Regime::Gdpr,
        }
    }

    /// When the first term of a request ends, and when it ends with an extension, if there is one; without what was
    /// waited for.
    fn ends(self, kind: RequestKind, received_at: Timestamp) -> (Timestamp, Option<Timestamp>) {
        match (self, kind.only_lowers()) {
            (Regime::Gdpr, _) => (received_at.plus_months(1), Some(received_at.plus_months(3))),
            (Regime::Ccpa, false) => (received_at.plus_days(45), Some(received_at.plus_days(90))),
            (Regime::Ccpa, true) => (plus_weekdays(received_at, 15), None),
        }
    }

    fn waits_for_identity(self) -> bool {
        self == Regime::Gdpr
    }
}

/// When a request came, and what bears on when it is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// When it came.
    pub received_at: Timestamp,
    /// Since when the clock stands, if it does.
    pub(super) stands_since: Option<Timestamp>,
    /// For how long it stood before, in milliseconds.
    pub(super) stood_ms: i64,
    /// Whether the person was told that it takes longer, and why.
    pub extended: bool,
}

impl Clock {
    pub(super) fn starting(received_at: Timestamp) -> Self {
        Self { received_at, stands_since: None, stood_ms: 0, extended: false }
    }

    /// When the request is due, as it looks at a time: later by however long the clock stood until then.
    pub fn due_at(&self, (regime, kind): (Regime, RequestKind), at: Timestamp) -> Timestamp {
        let (first, extended) = regime.ends(kind, self.received_at);
        let end = extended.filter(|_| self.extended).unwrap_or(first);
        let stands = self.stands_since.map_or(0, |since| (at.millis() - since.millis()).max(0));
        Timestamp::from_millis(end.millis() + self.stood_ms + stands)
    }

    /// The clock after identity was asked for.
    pub(super) fn standing(mut self, law: (Regime, RequestKind), at: Timestamp) -> Self {
        if law.0.waits_for_identity() && self.stands_since.is_none() && at <= self.due_at(law, at) {
            self.stands_since = Some(at);
        }
        self
    }

    /// The clock after the question was settled.
    pub(super) fn going_on(mut self, at: Timestamp) -> Self {
        let since = self.stands_since.take();
        self.stood_ms += since.map_or(0, |since| (at.millis() - since.millis()).max(0));
        self
    }

    /// The clock with more time, if the person is told before the first term is over.
    pub(super) fn extended(
        mut self,
        law: (Regime, RequestKind),
        at: Timestamp,
    ) -> Result<Self, RequestError> {
        let (regime, kind) = law;
        if self.extended || regime.ends(kind, self.received_at).1.is_none() {
            return Err(RequestError::NoExtension { kind, regime });
        }
        let due = self.due_at(law, at);
        if at > due {
            return Err(RequestError::ExtendedLate { due });
        }
        self.extended = true;
        Ok(self)
    }
}

/// The same time of day, so many days later that are no Saturday and no Sunday.
fn plus_weekdays(from: Timestamp, days: u32) -> Timestamp {
    let (mut at, mut left) = (from, days);
    while left > 0 && at < Timestamp::MAX {
        at = at.plus_days(1);
        // The first day of 1970 was a Thursday.
        let is_weekend = (at.day() + 3).rem_euclid(7) >= 5;
        left -= u32::from(!is_weekend);
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn due(regime: Regime, kind: RequestKind, received_at: &str, extended: bool) -> String {
        let received_at = received_at.parse().unwrap();
        let clock = Clock { extended, ..Clock::starting(received_at) };
        clock.due_at((regime, kind), received_at).to_string()
    }

    #[test]
    fn terms_are_counted_by_the_calendar() {
        use Regime::{Ccpa, Gdpr};
        use RequestKind::{Access, Objection};
        for (regime, kind, received_at, extended, expected) in [
            (Gdpr, Access, "2026-01-31T10:00:00Z", false, "2026-02-28T10:00:00Z"),
            (Gdpr, Access, "2028-01-31T10:00:00Z", false, "2028-02-29T10:00:00Z"),
            (Gdpr, Access, "2026-01-31T10:00:00Z", true, "2026-04-30T10:00:00Z"),
            (Gdpr, Objection, "2026-12-15T10:00:00Z", false, "2027-01-15T10:00:00Z"),
            (Ccpa, Access, "2026-01-31T10:00:00Z", false, "2026-03-17T10:00:00Z"),
            (Ccpa, Access, "2026-01-31T10:00:00Z", true, "2026-05-01T10:00:00Z"),
            // A Friday: three weeks later.
            (Ccpa, Objection, "2026-11-20T10:00:00Z", false, "2026-12-11T10:00:00Z"),
            (Ccpa, Objection, "2026-11-21T10:00:00Z", false, "2026-12-11T10:00:00Z"),
        ] {
            assert_eq!(due(regime, kind, received_at, extended), expected, "{regime} {kind} {received_at}");
        }
    }

    fn law() -> impl Strategy<Value = (Regime, RequestKind)> {
        (prop::sample::select(&Regime::ALL[..]), prop::sample::select(&RequestKind::ALL[..]))
    }

    /// Times from 1970 to 2100.
    fn times() -> std::ops::Range<i64> {
        0..4_102_444_800_000
    }

    proptest! {
        #[test]
        fn an_extension_gives_more_time_and_never_more_than_the_law_does(law in law(), from in times(), after in 0i64..8_000_000_000) {
            let from = Timestamp::from_millis(from);
            let at = Timestamp::from_millis(from.millis() + after);
            let clock = Clock::starting(from);
            let due = clock.due_at(law, at);
            match clock.extended(law, at) {
                Ok(clock) => {
                    let later = clock.due_at(law, at);
                    prop_assert!(at <= due && due < later && later.days_since(from) <= 92);
                    prop_assert!(clock.extended(law, at).is_err(), "only once");
                }
                Err(_) => prop_assert!(at > due || law == (Regime::Ccpa, RequestKind::Objection) || law == (Regime::Ccpa, RequestKind::Restriction)),
            }
        }

        #[test]
        fn the_clock_stands_for_as_long_as_identity_is_asked_for_and_no_longer(law in law(), from in times(), asked in 0i64..8_000_000_000, waited in 0i64..8_000_000_000) {
            let from = Timestamp::from_millis(from);
            let asked = Timestamp::from_millis(from.millis() + asked);
            let settled = Timestamp::from_millis(asked.millis() + waited);
            let before = Clock::starting(from);
            let due = before.due_at(law, asked);
            let after = before.standing(law, asked).going_on(settled).due_at(law, settled);
            let stands = law.0 == Regime::Gdpr && asked <= due;
            prop_assert_eq!(after.millis() - due.millis(), if stands { waited } else { 0 });
            prop_assert!(asked <= due || after < settled || waited == 0, "what is overdue stays so");
        }

        #[test]
        fn a_month_later_is_in_the_next_month_and_never_after_the_same_day(from in times()) {
            let from = Timestamp::from_millis(from);
            let later = from.plus_months(1);
            prop_assert!((28..=31).contains(&later.days_since(from)));
            prop_assert_eq!(later.millis() % 86_400_000, from.millis() % 86_400_000);
            prop_assert!(from.plus_months(3) > later);
        }
    }
}
