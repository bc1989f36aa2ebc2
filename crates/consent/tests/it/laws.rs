//! Laws that hold for every situation.

use candor_consent::{
    Decision, Event, EventId, HouseRules, Notice, NoticeBook, Outcome, Purpose, Reason, State, decide,
    explain, is_broader, outgrown,
};
use candor_conversation::{Age, Region, SubjectId, Tier};
use proptest::prelude::*;

use crate::case::{Case, day, for_the_young, ours, providers};

const REGIONS: [&str; 8] = ["DE", "FR", "US", "US-CA", "US-IL", "GB", "JP", "CA-QC"];

fn region() -> impl Strategy<Value = Option<Region>> {
    prop::option::weighted(0.9, prop::sample::select(REGIONS.to_vec()))
        .prop_map(|code| code.map(|code| code.parse().unwrap()))
}

fn age() -> impl Strategy<Value = Option<Age>> {
    prop::option::weighted(0.9, prop::sample::select(vec![11, 12, 13, 14, 15, 16, 17, 18, 30]))
        .prop_map(|years| years.map(Age::at_least))
}

fn notices() -> impl Strategy<Value = Vec<Notice>> {
    let first = prop::sample::select(vec![ours(1, 0, 100), providers(1, 0), for_the_young()]);
    let second = prop::sample::select(vec![ours(2, 10, 50), ours(2, 10, 300), providers(2, 10)]);
    (first, prop::option::of(second)).prop_map(|(first, second)| [first].into_iter().chain(second).collect())
}

/// State, day of effect, days until it was recorded, who: nobody but the person, one who vouches, a guardian.
type Act = (State, u32, u32, u8);

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let state = prop::sample::select(State::ALL.to_vec());
    let mut acts = prop::collection::vec((state, 0..20_u32, 0..4_u32, 0..4_u8), 0..5).boxed();
    acts = acts
        .prop_map(|mut acts| {
            acts.sort_by_key(|act| act.1);
            acts
        })
        .boxed();
    acts
}

pub(crate) fn events(acts: &[Act], notices: &NoticeBook) -> Vec<Event> {
    let event = |(index, (state, from, late, by)): (usize, &Act)| Event {
        id: EventId([index as u8 + 1; 16]),
        subject: SubjectId::from_bytes([7; 16]),
        purpose: Purpose::Train,
        state: *state,
        notice: notices.in_force(day(*from)).unwrap().0,
        effective_at: day(*from),
        recorded_at: day(from + if *by == 0 { 0 } else { *late }),
        attested: *by >= 2,
        guardian: *by == 3,
    };
    acts.iter().enumerate().map(event).collect()
}

fn rules() -> impl Strategy<Value = HouseRules> {
    let lists = prop::collection::vec(prop::sample::select(REGIONS.to_vec()), 0..2);
    (lists.clone(), lists.clone(), lists, prop::bool::ANY, prop::option::of(16..21_u8)).prop_map(
        |(not_served, not_kept, act_of_consent, minor, us)| {
            let mut text = format!(
                "not_served = {not_served:?}\nnot_kept = {not_kept:?}\nact_of_consent = {act_of_consent:?}\n"
            );
            text += if minor { "unknown_age = 'minor'\n" } else { "" };
            text += &us.map(|years| format!("[alone_from]\nUS = {years}\n")).unwrap_or_default();
            HouseRules::parse(&text).unwrap()
        },
    )
}

prop_compose! {
    fn case()(
        notices in notices(),
        acts in acts(),
        region in region(),
        age in age(),
        tier in prop::sample::select(Tier::ALL.to_vec()),
        contract in prop::bool::ANY,
        opted_out in prop::bool::weighted(0.1),
        said in prop::option::weighted(0.95, 0..20_u32),
        later in 0..120_u32,
        bound in prop::bool::weighted(0.1),
    ) -> Case {
        let notices = NoticeBook::new(notices);
        let events = events(&acts, &notices);
        let contract = if contract { vec![Purpose::Train] } else { Vec::new() };
        let bound = bound.then(Vec::new);
        let now = said.unwrap_or(10) + later;
        Case { notices, purpose: Purpose::Train, tier, region, age, contract, opted_out, said, now, events, bound }
    }
}

fn allowed(case: &Case) -> bool {
    matches!(decide(&case.facts()), Decision::Allowed(_))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_last_rule_that_was_asked_is_the_reason_of_the_decision(case in case()) {
        let explanation = explain(&case.facts());
        prop_assert_eq!(&explanation.decision, &decide(&case.facts()));
        let asked: Vec<Outcome> = explanation.findings.iter().map(|finding| finding.outcome)
            .filter(|outcome| matches!(outcome, Outcome::Passed | Outcome::Failed(_))).collect();
        let failed: Vec<&Outcome> = asked.iter().filter(|outcome| matches!(outcome, Outcome::Failed(_))).collect();
        match &explanation.decision {
            Decision::Withheld(reason) => {
                prop_assert_eq!(asked.last(), Some(&Outcome::Failed(*reason)));
                prop_assert_eq!(failed.len(), 1);
            }
            Decision::Allowed(_) => prop_assert!(failed.is_empty()),
        }
        // What is not reached comes after what decided.
        let reached = explanation.findings.iter().skip_while(|finding| finding.outcome != Outcome::NotReached);
        prop_assert!(reached.clone().all(|finding| finding.outcome == Outcome::NotReached));
    }

    #[test]
    fn house_rules_only_make_less_possible(case in case(), rules in rules()) {
        let ruled = Case { notices: case.notices.clone().with_rules(rules), ..case.clone() };
        if let Decision::Allowed(permit) = decide(&ruled.facts()) {
            prop_assert_eq!(decide(&case.facts()), Decision::Allowed(permit));
        }
    }

    #[test]
    fn people_of_an_organisation_can_only_lower_what_its_contract_allows(case in case()) {
        let business = Case { tier: Tier::Business, ..case };
        let without = Case { contract: Vec::new(), ..business.clone() };
        prop_assert!(!allowed(&without), "no yes of theirs makes up for a contract");
        let no = Event { state: State::Refused, ..said_no(&business) };
        let refusing = Case { events: business.events.iter().cloned().chain([no]).collect(), ..business };
        prop_assert!(!allowed(&refusing), "and a no counts whatever the contract says");
    }

    #[test]
    fn a_no_after_it_was_said_always_counts_and_another_yes_after_that_changes_nothing(case in case()) {
        let no = said_no(&case);
        let yes = Event { id: EventId([201; 16]), state: State::Given, ..no };
        let after: Vec<Event> = case.events.iter().cloned().chain([no, yes]).collect();
        let after = Case { events: after, ..case };
        prop_assert!(!allowed(&after));
    }

    #[test]
    fn nothing_is_a_yes_without_one_unless_the_notice_says_so(case in case()) {
        let given = case.events.iter().any(|event| event.state.permits());
        let by_default = case.notices.all().any(|notice| notice.minimum_age == 18 && notice.feedback_overrides);
        if !given && !by_default {
            prop_assert!(!allowed(&case));
        }
    }

    #[test]
    fn whoever_is_younger_is_never_allowed_more(case in case(), years in 0..18_u8) {
        let Some(age) = case.age.filter(|age| age.years() > years) else { return Ok(()) };
        let guardian = case.events.iter().any(|event| event.guardian);
        let younger = Case { age: Some(Age::at_least(years)), ..case.clone() };
        if allowed(&younger) {
            prop_assert!(allowed(&case) || guardian, "{} to {}", age, years);
        }
    }

    #[test]
    fn a_request_that_opts_out_and_a_region_that_is_not_kept_are_no(case in case()) {
        let opted_out = Case { opted_out: true, ..case.clone() };
        prop_assert!(!allowed(&opted_out));
        if let Some(region) = &case.region {
            let rules = HouseRules { not_kept: vec![region.clone()], ..HouseRules::default() };
            let ruled = Case { notices: case.notices.clone().with_rules(rules), ..case };
            prop_assert!(!allowed(&ruled));
        }
    }

    #[test]
    fn a_broader_notice_ends_no_yes_for_what_was_said_before_and_covers_nothing_after(
        from in 1..9_u32, before in 0..365_u32, after in 0..365_u32, said in 1..40_u32,
    ) {
        let notices = NoticeBook::new(vec![ours(1, 0, before.max(60)), ours(2, 10, after.max(60))]);
        let grown = after.max(60) > before.max(60);
        let mut case = Case::under(Vec::new()).said(said, 40);
        case.notices = notices;
        let case = case.with(&[&format!("given {from}")]);
        let expected = if said < from {
            Err(Reason::BeforeConsent)
        } else if said >= 10 && grown {
            Err(Reason::NoticeBroader)
        } else {
            Ok(())
        };
        let found = match decide(&case.facts()) {
            Decision::Allowed(_) => Ok(()),
            Decision::Withheld(reason) => Err(reason),
        };
        prop_assert_eq!(found, expected);
        // Who must be asked again are those whose yes the notice in force has outgrown, and nobody else.
        let due = outgrown(&case.events, &case.notices, Purpose::Train, day(40));
        prop_assert_eq!(due.is_some(), grown);
        let (_, first) = case.notices.in_force(day(0)).unwrap();
        let (_, second) = case.notices.in_force(day(40)).unwrap();
        prop_assert_eq!(is_broader(first, second, Purpose::Train), grown);
    }
}

/// A no that takes effect after everything in the case.
fn said_no(case: &Case) -> Event {
    let at = day(200);
    Event {
        id: EventId([200; 16]),
        subject: SubjectId::from_bytes([7; 16]),
        purpose: Purpose::Train,
        state: State::Withdrawn,
        notice: case.notices.in_force(at).unwrap().0,
        effective_at: at,
        recorded_at: at,
        attested: false,
        guardian: false,
    }
}
