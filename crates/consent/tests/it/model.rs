//! The decision against a model of its own, written from the design's words (N1, N2, N4) over plain numbers.
//!
//! The model borrows names (states, reasons, tiers) and nothing that decides. It walks through days one by one, as a
//! careful clerk would who keeps a book, instead of searching a history.

use candor_consent::{Decision, NoticeBook, Purpose, Reason, State, check_next, decide};
use candor_conversation::{Age, Tier};
use proptest::prelude::*;

use crate::case::{Case, day, ours};
use crate::laws::events;

/// The terms of a notice, as far as the clerk looks.
#[derive(Clone, Copy, Debug)]
struct Terms {
    from: u32,
    days: u32,
    youngest: u8,
}

/// One line of the book.
#[derive(Clone, Copy, Debug)]
struct Line {
    state: State,
    on: u32,
    written: u32,
    /// 0 and 1: the person; 2: with somebody who vouches; 3: a guardian.
    by: u8,
}

#[derive(Clone, Debug)]
struct Story {
    terms: Vec<Terms>,
    lines: Vec<Line>,
    years: u8,
    tier: Tier,
    contract: bool,
    opted_out: bool,
    said: u32,
    now: u32,
}

/// In Germany: whoever is below sixteen does not agree alone.
const ALONE_FROM: u8 = 16;

impl Story {
    fn in_force(&self, at: u32) -> Option<Terms> {
        self.terms.iter().copied().rfind(|terms| terms.from <= at)
    }

    /// What the clerk answers: allowed until a day, or the reason.
    fn answer(&self) -> Result<u32, Reason> {
        if self.said > self.now {
            return Err(Reason::TimeInFuture);
        }
        let terms = self.in_force(self.said).ok_or(Reason::NoNotice)?;
        if self.years < terms.youngest {
            return Err(Reason::UnderAge);
        }
        if self.tier == Tier::Business && !self.contract {
            return Err(Reason::NoContract);
        }
        if self.opted_out {
            return Err(Reason::OptedOut);
        }
        let mut standing: Option<Line> = None;
        let mut put_off = false;
        let mut came_late = false;
        for line in &self.lines {
            let is_yes = matches!(line.state, State::Given | State::Renewed);
            // Being asked is no answer; a yes that nobody has written down yet is not known.
            if line.state == State::Requested || (is_yes && line.written > self.now) {
                continue;
            }
            if line.on <= self.said {
                standing = Some(*line);
            } else if is_yes {
                came_late = true;
            } else if line.state == State::Deferred {
                put_off = true;
            } else {
                return Err(word(line.state));
            }
        }
        let yes = match standing {
            Some(line) if matches!(line.state, State::Given | State::Renewed) => line,
            Some(line) => return Err(word(line.state)),
            None if came_late => return Err(Reason::BeforeConsent),
            None if put_off => return Err(Reason::Deferred),
            None => return Err(Reason::NeverAsked),
        };
        if self.years < ALONE_FROM && yes.by != 3 {
            return Err(Reason::GuardianNeeded);
        }
        if yes.written > self.said && yes.by != 2 {
            return Err(Reason::RecordedLate);
        }
        let agreed = self.in_force(yes.on).ok_or(Reason::NoNotice)?;
        if terms.days > agreed.days || terms.youngest < agreed.youngest {
            return Err(Reason::NoticeBroader);
        }
        let until = self.said + terms.days.min(agreed.days);
        if until <= self.now { Err(Reason::RetentionEnded) } else { Ok(until) }
    }

    fn case(&self) -> Case {
        let notice = |(index, terms): (usize, &Terms)| {
            let mut notice = ours(index as u32 + 1, terms.from, terms.days);
            notice.minimum_age = terms.youngest;
            notice
        };
        let notices = NoticeBook::new(self.terms.iter().enumerate().map(notice).collect());
        let acts: Vec<_> =
            self.lines.iter().map(|line| (line.state, line.on, line.written - line.on, line.by)).collect();
        let contract = if self.contract { vec![Purpose::Train] } else { Vec::new() };
        Case {
            events: events(&acts, &notices),
            tier: self.tier,
            age: Some(Age::at_least(self.years)),
            contract,
            opted_out: self.opted_out,
            ..Case::under(Vec::new()).said(self.said, self.now)
        }
        .among(notices)
    }
}

fn word(state: State) -> Reason {
    match state {
        State::Deferred => Reason::Deferred,
        State::Refused => Reason::Refused,
        State::Expired => Reason::Expired,
        State::Invalidated => Reason::Invalidated,
        State::Revoked => Reason::Revoked,
        State::Withdrawn => Reason::Withdrawn,
        State::Requested | State::Given | State::Renewed => Reason::NeverAsked,
    }
}

fn terms() -> impl Strategy<Value = Vec<Terms>> {
    let one =
        (1..15_u32, prop::sample::select(vec![20_u32, 40, 60]), prop::sample::select(vec![13_u8, 16, 18]));
    prop::collection::vec(one, 0..4).prop_map(|changes| {
        let mut terms = vec![Terms { from: 0, days: 40, youngest: 13 }];
        for (after, days, youngest) in changes {
            let from = terms.last().unwrap().from + after;
            terms.push(Terms { from, days, youngest });
        }
        terms
    })
}

/// A book that the state machine allows: what it refuses is left out, as it would be by the vault.
fn lines(terms: Vec<Terms>) -> impl Strategy<Value = (Vec<Terms>, Vec<Line>)> {
    let line = (prop::sample::select(State::ALL.to_vec()), 0..8_u32, 0..6_u32, 0..4_u8);
    prop::collection::vec(line, 0..10).prop_map(move |drafts| {
        let mut lines: Vec<Line> = Vec::new();
        let mut on = 0;
        for (state, after, late, by) in drafts {
            on += after;
            let written = if by == 0 { on } else { on + late };
            let draft = Line { state, on, written, by };
            let story = Story::of(terms.clone(), [lines.clone(), vec![draft]].concat());
            let events = story.case().events;
            if let Some((next, before)) = events.split_last()
                && check_next(before, next).is_ok()
            {
                lines.push(draft);
            }
        }
        (terms.clone(), lines)
    })
}

impl Story {
    fn of(terms: Vec<Terms>, lines: Vec<Line>) -> Self {
        let (years, tier, contract, opted_out) = (30, Tier::Consumer, false, false);
        Self { terms, lines, years, tier, contract, opted_out, said: 0, now: 0 }
    }
}

prop_compose! {
    fn story()(
        (terms, lines) in terms().prop_flat_map(lines),
        years in prop::sample::select(vec![12_u8, 13, 15, 16, 17, 18, 40]),
        tier in prop::sample::select(vec![Tier::Consumer, Tier::Consumer, Tier::Business]),
        contract in prop::bool::ANY,
        opted_out in prop::bool::weighted(0.05),
        said in 0..60_u32,
        later in -2..60_i32,
    ) -> Story {
        let now = said.saturating_add_signed(later);
        Story { terms, lines, years, tier, contract, opted_out, said, now }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn whatever_happened_the_decision_is_the_clerks(story in story()) {
        let case = story.case();
        let found = match decide(&case.facts()) {
            Decision::Allowed(permit) => Ok(permit.keep_until()),
            Decision::Withheld(reason) => Err(reason),
        };
        prop_assert_eq!(found, story.answer().map(day), "{:?}", story);
    }

    #[test]
    fn as_time_goes_on_only_a_yes_that_is_written_down_makes_a_no_a_yes(story in story()) {
        let is_allowed = |now| {
            let case = Story { now, ..story.clone() }.case();
            matches!(decide(&case.facts()), Decision::Allowed(_))
        };
        for now in story.now + 1..story.now + 6 {
            if is_allowed(now) && !is_allowed(now - 1) {
                let written = story.lines.iter().any(|line| line.written == now && line.state.permits());
                prop_assert!(written || now == story.said, "day {}", now);
            }
        }
    }
}
