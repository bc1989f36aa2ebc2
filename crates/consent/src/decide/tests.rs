//! The decision, one line a case: events, notice changes and turns by day; the snapshot is the verdict.

use super::*;
use crate::{Notice, examples};
use insta::assert_snapshot;

fn day(number: &str) -> Timestamp {
    "2026-01-01".parse::<Timestamp>().unwrap().plus_days(number.parse().unwrap())
}

fn ours(version: u32, from: &str, retention_days: u32) -> Notice {
    let mut notice = Notice::parse(examples::OURS).unwrap();
    notice.version = crate::NoticeVersion(version);
    notice.effective_at = day(from);
    notice.purposes.get_mut(&Purpose::Train).unwrap().retention_days = retention_days;
    notice
}

struct Case {
    notices: NoticeBook,
    region: Option<Region>,
    age: Option<Age>,
    tier: Tier,
    contract: Vec<Purpose>,
    opted_out: bool,
}

impl Case {
    fn under(notices: Vec<Notice>) -> Self {
        Case {
            notices: NoticeBook::new(notices),
            region: None,
            age: None,
            tier: Tier::Consumer,
            contract: Vec::new(),
            opted_out: false,
        }
    }

    /// Reads `given @5`, `withdrawn @7`, `given @5 recorded @9 by audit`, with the notice in force at the time.
    fn decide(&self, events: &[&str], said: &str, now: &str) -> String {
        let history: Vec<Event> =
            events.iter().enumerate().map(|(i, text)| self.event(i as u8, text)).collect();
        let facts = |moment, at| Facts {
            purpose: Purpose::Train,
            moment,
            said_at: Some(day(said)),
            now: at,
            tier: self.tier,
            region: self.region.as_ref(),
            age: self.age,
            contract: &self.contract,
            opted_out: self.opted_out,
            history: &history,
            notices: &self.notices,
        };
        match decide(&facts(Moment::Capture, day(now))) {
            Decision::Allowed(permit) => format!("yes, {}", permit.basis().as_str()),
            Decision::Withheld(reason) => format!("no, {reason}"),
        }
    }

    fn event(&self, number: u8, text: &str) -> Event {
        let words: Vec<&str> = text.split([' ', '@']).filter(|word| !word.is_empty()).collect();
        let effective_at = day(words[1]);
        let recorded = words.iter().position(|word| *word == "recorded").map(|i| day(words[i + 1]));
        Event {
            id: EventId([number; 16]),
            subject: SubjectId::from_bytes([1; 16]),
            purpose: Purpose::Train,
            state: words[0].parse().unwrap(),
            notice: self.notices.in_force(effective_at).unwrap().0,
            effective_at,
            recorded_at: recorded.unwrap_or(effective_at),
            attested: words.contains(&"by") || words.contains(&"guardian"),
            guardian: words.contains(&"guardian"),
        }
    }
}

fn plain() -> Case {
    Case::under(vec![ours(1, "0", 365)])
}

#[test]
fn silence_deferral_and_refusal_are_no() {
    assert_snapshot!(plain().decide(&[], "5", "9"), @"no, never-asked");
    assert_snapshot!(plain().decide(&["requested @1"], "5", "9"), @"no, never-asked");
    assert_snapshot!(plain().decide(&["deferred @1"], "5", "9"), @"no, deferred");
    assert_snapshot!(plain().decide(&["refused @1"], "5", "9"), @"no, refused");
}

#[test]
fn a_yes_covers_what_is_said_after_it() {
    assert_snapshot!(plain().decide(&["given @1"], "5", "9"), @"yes, consent");
    assert_snapshot!(plain().decide(&["given @5"], "5", "9"), @"yes, consent");
    assert_snapshot!(plain().decide(&["given @6"], "5", "9"), @"no, before-consent");
}

#[test]
fn withdrawal_wins_over_an_earlier_grant_and_over_a_later_one() {
    assert_snapshot!(plain().decide(&["given @1", "withdrawn @7"], "5", "9"), @"no, withdrawn");
    assert_snapshot!(plain().decide(&["given @1", "withdrawn @7", "given @8"], "5", "9"), @"no, withdrawn");
    assert_snapshot!(plain().decide(&["given @1", "withdrawn @3", "given @4"], "5", "9"), @"yes, consent");
    assert_snapshot!(plain().decide(&["given @1", "revoked @7"], "5", "9"), @"no, revoked");
    assert_snapshot!(plain().decide(&["given @1", "expired @7"], "5", "9"), @"no, expired");
    assert_snapshot!(plain().decide(&["given @1", "invalidated @7"], "5", "9"), @"no, invalidated");
}

#[test]
fn a_yes_written_down_afterwards_needs_someone_who_vouches() {
    assert_snapshot!(plain().decide(&["given @1 recorded @8"], "5", "9"), @"no, recorded-late");
    assert_snapshot!(plain().decide(&["given @1 recorded @8 by audit"], "5", "9"), @"yes, attested-consent");
}

#[test]
fn a_broader_notice_stops_an_old_yes_until_it_is_renewed() {
    let grown = Case::under(vec![ours(1, "0", 365), ours(2, "10", 700)]);
    assert_snapshot!(grown.decide(&["given @1"], "5", "20"), @"yes, consent");
    assert_snapshot!(grown.decide(&["given @1"], "15", "20"), @"no, notice-broader");
    assert_snapshot!(grown.decide(&["given @1", "renewed @12"], "15", "20"), @"yes, consent");
    assert_snapshot!(grown.decide(&["given @1", "renewed @12"], "11", "20"), @"no, notice-broader");
    let narrowed = Case::under(vec![ours(1, "0", 365), ours(2, "10", 100)]);
    assert_snapshot!(narrowed.decide(&["given @1"], "15", "20"), @"yes, consent");
}

#[test]
fn the_shorter_of_the_agreed_and_the_announced_retention_holds() {
    let narrowed = Case::under(vec![ours(1, "0", 365), ours(2, "10", 100)]);
    assert_snapshot!(narrowed.decide(&["given @1"], "15", "114"), @"yes, consent");
    assert_snapshot!(narrowed.decide(&["given @1"], "15", "115"), @"no, retention-ended");
}

#[test]
fn minors_and_tenants_without_a_contract_are_no() {
    let minor = Case { age: Some(Age::at_least(13)), ..plain() };
    assert_snapshot!(minor.decide(&["given @1"], "5", "9"), @"no, under-age");
    let business = Case { tier: Tier::Business, ..plain() };
    assert_snapshot!(business.decide(&["given @1"], "5", "9"), @"no, no-contract");
    let contract = Case { tier: Tier::Business, contract: vec![Purpose::Train], ..plain() };
    assert_snapshot!(contract.decide(&["given @1"], "5", "9"), @"yes, consent");
}

#[test]
fn a_request_that_opts_out_is_no_whatever_was_agreed() {
    let opted_out = Case { opted_out: true, ..plain() };
    assert_snapshot!(opted_out.decide(&["given @1"], "5", "9"), @"no, opted-out");
}

#[test]
fn a_default_that_is_on_bows_to_law_and_to_any_no() {
    let mut notice = Notice::parse(examples::PROVIDERS).unwrap();
    notice.effective_at = day("0");
    let on = |region: Option<&str>| Case {
        region: region.map(|text| text.parse().unwrap()),
        ..Case::under(vec![notice.clone()])
    };
    assert_snapshot!(on(Some("US")).decide(&[], "5", "9"), @"yes, notice-default");
    assert_snapshot!(on(Some("FR")).decide(&[], "5", "9"), @"no, law-asks-for-consent");
    assert_snapshot!(on(None).decide(&[], "5", "9"), @"no, law-asks-for-consent");
    assert_snapshot!(on(Some("US")).decide(&["refused @1"], "5", "9"), @"no, refused");
    assert_snapshot!(on(Some("US")).decide(&["refused @7"], "5", "9"), @"no, refused");
    assert_snapshot!(on(Some("US")).decide(&["deferred @1"], "5", "9"), @"no, deferred");
}

#[test]
fn being_asked_again_is_no_answer_and_ends_no_no() {
    let mut notice = Notice::parse(examples::PROVIDERS).unwrap();
    notice.effective_at = day("0");
    let on = Case { region: Some("US".parse().unwrap()), ..Case::under(vec![notice]) };
    assert_snapshot!(on.decide(&["requested @1"], "5", "9"), @"yes, notice-default");
    assert_snapshot!(on.decide(&["refused @1", "requested @3"], "5", "9"), @"no, refused");
    assert_snapshot!(on.decide(&["deferred @1", "requested @3"], "5", "9"), @"no, deferred");
    assert_snapshot!(on.decide(&["given @1", "withdrawn @2", "requested @3"], "5", "9"), @"no, withdrawn");
    assert_snapshot!(on.decide(&["requested @1", "deferred @7"], "5", "9"), @"no, deferred");
    assert_snapshot!(on.decide(&["deferred @6", "requested @7"], "5", "9"), @"no, deferred");
}

#[test]
fn a_no_that_is_known_counts_also_as_of_an_earlier_time() {
    assert_snapshot!(plain().decide(&["given @1", "withdrawn @8"], "5", "7"), @"no, withdrawn");
    assert_snapshot!(plain().decide(&["given @1", "withdrawn @3 recorded @8"], "5", "7"), @"no, withdrawn");
    assert_snapshot!(plain().decide(&["refused @1", "given @2 recorded @8 by audit"], "5", "7"), @"no, refused");
}

#[test]
fn a_stored_turn_needs_the_binding_it_was_captured_with() {
    let case = plain();
    let history = vec![case.event(1, "given @1 recorded @8 by audit")];
    let facts = Facts {
        purpose: Purpose::Train,
        moment: Moment::Use(&[]),
        said_at: Some(day("5")),
        now: day("9"),
        tier: Tier::Consumer,
        region: None,
        age: None,
        contract: &[],
        opted_out: false,
        history: &history,
        notices: &case.notices,
    };
    assert_eq!(decide(&facts), Decision::Withheld(Reason::NotBound));
    let notice = case.notices.in_force(day("5")).unwrap().0;
    let bound = [Binding { purpose: Purpose::Train, event: Some(history[0].id), notice }];
    let bound_facts = Facts { moment: Moment::Use(&bound), ..facts };
    assert!(matches!(decide(&bound_facts), Decision::Allowed(_)));
}

#[test]
fn a_reply_takes_the_most_restrictive_permit_before_it() {
    let permit = |basis, days| Permit {
        binding: Binding { purpose: Purpose::Train, event: None, notice: NoticeId([0; 32]) },
        basis,
        keep_until: day(days),
    };
    let (strong, weak) = (permit(Basis::Consent, "30"), permit(Basis::AttestedConsent, "40"));
    let reply = Permit::for_reply(&[&strong, &weak]).unwrap();
    assert_eq!((reply.basis(), reply.keep_until()), (Basis::AttestedConsent, day("30")));
    assert_eq!(Permit::for_reply(&[]), None);
}

#[test]
fn every_reason_code_reads_back() {
    for reason in Reason::ALL {
        assert_eq!(reason.code().parse::<Reason>().unwrap(), reason);
    }
}
