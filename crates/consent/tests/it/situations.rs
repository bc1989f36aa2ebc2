//! Situations that people wrote about, each with what it comes to, written by hand; how it does is a snapshot.

use std::fmt::Write;

use candor_consent::{AfterWithdrawal, Binding, Decision, EventId, Explanation, Outcome, Purpose, explain};
use candor_conversation::Tier;

use crate::case::{Case, day, for_the_young, ours, providers};

/// Name, situation, and the decision in one line.
type Situation = (&'static str, Case, &'static str);

fn of_silence() -> Vec<Situation> {
    let silent = |notice| Case::under(vec![notice]);
    vec![
        ("consumer who was never asked", Case::plain(), "no: never-asked"),
        (
            "consumer default of the big providers, in the United States",
            silent(providers(1, 0)).from("US"),
            "yes: notice-default",
        ),
        ("the same default in France", silent(providers(1, 0)).from("FR"), "no: law-asks-for-consent"),
        (
            "the same default in the United Kingdom",
            silent(providers(1, 0)).from("GB"),
            "no: law-asks-for-consent",
        ),
        (
            "the same default, nobody knows where",
            Case { region: None, ..silent(providers(1, 0)) },
            "no: law-asks-for-consent",
        ),
        (
            "the same default, and the person said no",
            silent(providers(1, 0)).from("US").with(&["refused 1"]),
            "no: refused",
        ),
        (
            "the same default for a business account",
            silent(providers(1, 0)).from("US").of_tier(Tier::Business),
            "no: no-contract",
        ),
        (
            "the same default for access by a program",
            silent(providers(1, 0)).from("US").of_tier(Tier::Api),
            "no: never-asked",
        ),
        ("a pop-up that was put off", Case::plain().with(&["deferred 1"]), "no: deferred"),
        ("asked by mail, no answer", Case::plain().with(&["requested 1"]), "no: never-asked"),
        (
            "house rules ask for an act in the United States too",
            silent(providers(1, 0)).from("US").ruled("act_of_consent = ['US']"),
            "no: law-asks-for-consent",
        ),
    ]
}

fn of_answers() -> Vec<Situation> {
    vec![
        ("a yes before it was said", Case::plain().with(&["given 1"]), "yes: consent"),
        ("a no", Case::plain().with(&["refused 1"]), "no: refused"),
        ("said before the yes", Case::plain().with(&["given 6"]), "no: before-consent"),
        ("withdrawn before the build", Case::plain().with(&["given 1", "withdrawn 7"]), "no: withdrawn"),
        (
            "withdrawn, then given again",
            Case::plain().with(&["given 1", "withdrawn 7", "given 8"]),
            "no: withdrawn",
        ),
        (
            "said after a second yes",
            Case::plain().with(&["given 1", "withdrawn 2", "given 3"]),
            "yes: consent",
        ),
        (
            "thumbs-up while opted out",
            Case::under(vec![{
                let mut notice = ours(1, 0, 365);
                notice.feedback_overrides = true;
                notice
            }])
            .with(&["refused 1"]),
            "no: refused",
        ),
        ("the operator ended the yes", Case::plain().with(&["given 1", "revoked 7"]), "no: revoked"),
        (
            "the yes was found to come from a misleading screen",
            Case::plain().with(&["given 1", "invalidated 7"]),
            "no: invalidated",
        ),
        (
            "import from another provider, with its list of who agreed",
            Case::plain().with(&["given 1 recorded 8 by provider"]),
            "yes: attested-consent",
        ),
        (
            "import from another provider, nobody vouches",
            Case::plain().with(&["given 1 recorded 8"]),
            "no: recorded-late",
        ),
        ("import with no dates", Case { said: None, ..Case::plain().with(&["given 1"]) }, "no: unknown-time"),
        (
            "a no that was written down late",
            Case::plain().with(&["given 1", "withdrawn 6 recorded 8"]).said(5, 7),
            "no: withdrawn",
        ),
        (
            "training agreed to, publishing not",
            Case { purpose: Purpose::Publish, ..Case::plain() },
            "no: never-asked",
        ),
    ]
}

fn of_notices() -> Vec<Situation> {
    let five_years = || Case::under(vec![ours(1, 0, 30), ours(2, 10, 1825)]);
    vec![
        (
            "five-year change, said under the old terms",
            five_years().with(&["given 1"]).said(5, 20),
            "yes: consent",
        ),
        (
            "five-year change, said under the new terms",
            five_years().with(&["given 1"]).said(15, 20),
            "no: notice-broader",
        ),
        (
            "five-year change, renewed",
            five_years().with(&["given 1", "renewed 12"]).said(15, 20),
            "yes: consent",
        ),
        (
            "five-year change, asked to renew and silent",
            five_years().with(&["given 1", "requested 12"]).said(15, 20),
            "no: notice-broader",
        ),
        (
            "a shorter promise counts at once",
            Case::under(vec![ours(1, 0, 365), ours(2, 3, 30)]).with(&["given 1"]).said(5, 36),
            "no: retention-ended",
        ),
        (
            "a notice that is published ahead of time",
            Case::under(vec![ours(1, 0, 365), ours(2, 100, 1825)]).with(&["given 1"]),
            "yes: consent",
        ),
        ("said before there was a notice", Case::under(vec![ours(1, 8, 365)]).with(&[]), "no: no-notice"),
        (
            "a purpose that the notice does not name",
            Case { purpose: Purpose::Insights, ..Case::under(vec![providers(1, 0)]) },
            "no: not-in-notice",
        ),
        (
            "the promised 30 days are over",
            Case::under(vec![ours(1, 0, 30)]).with(&["given 1"]).said(5, 35),
            "no: retention-ended",
        ),
        (
            "kept after a withdrawal, and not used",
            Case::under(vec![{
                let mut notice = ours(1, 0, 365);
                notice.after_withdrawal = AfterWithdrawal::Keep;
                notice
            }])
            .with(&["given 1", "withdrawn 7"]),
            "no: withdrawn",
        ),
    ]
}

fn of_requests() -> Vec<Situation> {
    let bound_to = |event| {
        let case = Case::plain().with(&["given 1 recorded 8 by audit"]);
        let notice = case.notices.in_force(day(5)).unwrap().0;
        let binding = Binding { purpose: Purpose::Train, event, notice };
        Case { bound: Some(vec![binding]), ..case }
    };
    vec![
        ("temporary chat", Case { opted_out: true, ..Case::plain().with(&["given 1"]) }, "no: opted-out"),
        (
            "GPC plus yes: this request",
            Case { opted_out: true, ..Case::plain().with(&["given 1"]) },
            "no: opted-out",
        ),
        (
            "GPC plus yes: history is not what it speaks of",
            Case { purpose: Purpose::History, ..Case::plain() }.with(&["given 1"]),
            "yes: consent",
        ),
        (
            "kept for history alone, training agreed to later",
            Case { bound: Some(Vec::new()), ..Case::plain().with(&["given 1 recorded 8 by audit"]) },
            "no: not-bound",
        ),
        (
            "bound to the yes that it was captured under",
            bound_to(Some(EventId([1; 16]))),
            "yes: attested-consent",
        ),
        ("bound to another yes", bound_to(Some(EventId([9; 16]))), "no: not-bound"),
    ]
}

fn of_people() -> Vec<Situation> {
    let young = |age| Case::under(vec![for_the_young()]).aged(age);
    let agreed = &["given 1"];
    let mut business = Case::plain().of_tier(Tier::Business).with(agreed);
    business.contract = vec![Purpose::Train];
    let refusing = Case { events: Vec::new(), ..business.clone() }.with(&["refused 1"]);
    let silent = Case { events: Vec::new(), ..business.clone() };
    vec![
        ("business tier, no contract", Case::plain().of_tier(Tier::Business).with(agreed), "no: no-contract"),
        ("business tier with a contract, and a yes", business, "yes: consent"),
        ("business tier with a contract, and a no", refusing, "no: refused"),
        ("business tier with a contract, nobody asked the person", silent, "no: never-asked"),
        (
            "pupil of a school without a contract",
            Case::plain().of_tier(Tier::Education).with(agreed),
            "no: no-contract",
        ),
        ("minor under a notice for adults", Case::plain().aged(15).with(agreed), "no: under-age"),
        (
            "minor under a notice for adults, and a guardian's yes",
            Case::plain().aged(15).with(&["given 1 guardian"]),
            "no: under-age",
        ),
        ("of 15 in Germany, own yes", young(15).with(agreed), "no: guardian-needed"),
        (
            "of 15 in Germany, a guardian's yes",
            young(15).with(&["given 1 guardian"]),
            "yes: guardian-consent",
        ),
        (
            "of 15 in Germany, a guardian's yes and an own no",
            young(15).with(&["given 1 guardian", "withdrawn 7"]),
            "no: withdrawn",
        ),
        (
            "of 15 in Germany, a guardian's yes told afterwards",
            young(15).with(&["given 1 recorded 8 guardian"]),
            "no: recorded-late",
        ),
        ("of 15 in Spain, own yes", young(15).from("ES").with(agreed), "yes: consent"),
        (
            "of 15 nobody knows where, own yes",
            Case { region: None, ..young(15).with(agreed) },
            "no: guardian-needed",
        ),
        (
            "age unknown, house rules count it as a minor's",
            Case { age: None, ..Case::plain().with(agreed) }.ruled("unknown_age = 'minor'"),
            "no: under-age",
        ),
        (
            "in a region from which nothing is kept",
            Case::plain().from("US-IL").with(agreed).ruled("not_kept = ['US-IL']"),
            "no: region-not-kept",
        ),
        (
            "in a region that is not served",
            Case::plain().from("CU").with(agreed).ruled("not_served = ['CU']"),
            "no: region-not-kept",
        ),
        (
            "nobody knows where, and some regions are named",
            Case { region: None, ..Case::plain().with(agreed) }.ruled("not_kept = ['US-IL']"),
            "no: region-not-kept",
        ),
        (
            "from elsewhere by birth, in a region that is served",
            Case::plain().from("DE").with(agreed).ruled("not_served = ['CU']"),
            "yes: consent",
        ),
    ]
}

fn line(explanation: &Explanation) -> String {
    match &explanation.decision {
        Decision::Allowed(permit) => format!("yes: {}", permit.basis().as_str()),
        Decision::Withheld(reason) => format!("no: {reason}"),
    }
}

fn told(explanation: &Explanation) -> String {
    let mut text = String::new();
    for finding in &explanation.findings {
        // The id of a notice follows from its text, which is checked elsewhere.
        let shown = finding.evidence.iter().filter(|(name, _)| *name != "id");
        let shown: Vec<String> = shown.map(|(name, value)| format!("{name}={value}")).collect();
        let shown = if shown.is_empty() { String::new() } else { format!(" [{}]", shown.join(", ")) };
        if !matches!(finding.outcome, Outcome::PassedOver | Outcome::NotReached) {
            writeln!(text, "  {} {}{shown}", finding.outcome.word(), finding.rule.code()).unwrap();
        }
    }
    text
}

#[test]
fn named_situations_come_to_what_people_ask_for() {
    let groups = [of_silence(), of_answers(), of_notices(), of_requests(), of_people()];
    let situations: Vec<Situation> = groups.into_iter().flatten().collect();
    assert!(situations.len() >= 40, "{}", situations.len());
    let mut text = String::new();
    for (name, case, expected) in &situations {
        let explanation = explain(&case.facts());
        assert_eq!(line(&explanation), *expected, "{name}");
        write!(text, "{name}\n  {expected}\n{}\n", told(&explanation)).unwrap();
    }
    insta::assert_snapshot!(text);
}
