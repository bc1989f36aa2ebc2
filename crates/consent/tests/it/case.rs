//! A situation in short notation: people, notices and events by day, as tests write them.

use candor_consent::{
    Binding, Event, EventId, Facts, HouseRules, Moment, Notice, NoticeBook, NoticeVersion, Purpose, examples,
};
use candor_conversation::{Age, Region, SubjectId, Tier, Timestamp};

/// Day 0 is 2026-01-01.
pub(crate) fn day(number: u32) -> Timestamp {
    "2026-01-01".parse::<Timestamp>().unwrap().plus_days(number)
}

/// Our notice with other terms for training, in force from a day on.
pub(crate) fn ours(version: u32, from: u32, retention_days: u32) -> Notice {
    let mut notice = Notice::parse(examples::OURS).unwrap();
    (notice.version, notice.effective_at) = (NoticeVersion(version), day(from));
    notice.purposes.get_mut(&Purpose::Train).unwrap().retention_days = retention_days;
    notice
}

/// The providers' notice, in force from a day on.
pub(crate) fn providers(version: u32, from: u32) -> Notice {
    let mut notice = Notice::parse(examples::PROVIDERS).unwrap();
    (notice.version, notice.effective_at) = (NoticeVersion(version), day(from));
    notice
}

/// Our notice for people of 13 and more.
pub(crate) fn for_the_young() -> Notice {
    let mut notice = ours(1, 0, 365);
    notice.minimum_age = 13;
    notice
}

/// All that bears on one decision. Said on day 5 and asked on day 9, unless changed.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) notices: NoticeBook,
    pub(crate) purpose: Purpose,
    pub(crate) tier: Tier,
    pub(crate) region: Option<Region>,
    pub(crate) age: Option<Age>,
    pub(crate) contract: Vec<Purpose>,
    pub(crate) opted_out: bool,
    pub(crate) said: Option<u32>,
    pub(crate) now: u32,
    pub(crate) events: Vec<Event>,
    /// What a stored turn is bound to; `None` at capture.
    pub(crate) bound: Option<Vec<Binding>>,
}

impl Case {
    pub(crate) fn under(notices: Vec<Notice>) -> Self {
        Self {
            notices: NoticeBook::new(notices),
            purpose: Purpose::Train,
            tier: Tier::Consumer,
            region: Some("DE".parse().unwrap()),
            age: Some(Age::at_least(30)),
            contract: Vec::new(),
            opted_out: false,
            said: Some(5),
            now: 9,
            events: Vec::new(),
            bound: None,
        }
    }

    /// Under our notice.
    pub(crate) fn plain() -> Self {
        Self::under(vec![ours(1, 0, 365)])
    }

    /// Reads `given 5`, `withdrawn 7`, `given 5 recorded 9 by audit`, `given 1 guardian`, `given 2 under 1`; the notice
    /// is the one in force at the time unless it is named.
    pub(crate) fn with(mut self, events: &[&str]) -> Self {
        for text in events {
            let words: Vec<&str> = text.split(' ').collect();
            let after = |word: &str| {
                let at = words.iter().position(|other| *other == word)?;
                words.get(at + 1).map(|number| number.parse::<u32>().unwrap())
            };
            let from: u32 = words[1].parse().unwrap();
            let notice = match after("under") {
                Some(version) => self.notices.by_version(NoticeVersion(version)).unwrap().0,
                None => self.notices.in_force(day(from)).unwrap().0,
            };
            let guardian = words.contains(&"guardian");
            self.events.push(Event {
                id: EventId([self.events.len() as u8 + 1; 16]),
                subject: SubjectId::from_bytes([7; 16]),
                purpose: self.purpose,
                state: words[0].parse().unwrap(),
                notice,
                effective_at: day(from),
                recorded_at: day(after("recorded").unwrap_or(from)),
                attested: guardian || words.contains(&"by"),
                guardian,
            });
        }
        self
    }

    pub(crate) fn from(self, region: &str) -> Self {
        Self { region: Some(region.parse().unwrap()), ..self }
    }

    pub(crate) fn aged(self, years: u8) -> Self {
        Self { age: Some(Age::at_least(years)), ..self }
    }

    pub(crate) fn of_tier(self, tier: Tier) -> Self {
        Self { tier, ..self }
    }

    pub(crate) fn said(self, said: u32, now: u32) -> Self {
        Self { said: Some(said), now, ..self }
    }

    pub(crate) fn ruled(self, rules: &str) -> Self {
        let notices = self.notices.with_rules(HouseRules::parse(rules).unwrap());
        Self { notices, ..self }
    }

    /// Under other notices.
    pub(crate) fn among(self, notices: NoticeBook) -> Self {
        Self { notices, ..self }
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            purpose: self.purpose,
            moment: self.bound.as_deref().map_or(Moment::Capture, Moment::Use),
            said_at: self.said.map(day),
            now: day(self.now),
            tier: self.tier,
            region: self.region.as_ref(),
            age: self.age,
            contract: &self.contract,
            opted_out: self.opted_out,
            history: &self.events,
            notices: &self.notices,
        }
    }
}
