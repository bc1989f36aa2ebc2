//! What each rule looked at, and where it comes from, in words.

use candor_conversation::{Region, Tier, Timestamp};

use crate::decide::answers;
use crate::{Event, Facts, Moment, Notice, NoticeBook, Rule, diff, law};

type Shown = Vec<(&'static str, String)>;

/// Where a rule comes from.
pub(super) fn source(rule: Rule, facts: &Facts<'_>) -> String {
    let place = law::place(facts.region);
    let text = match rule {
        Rule::SaidAt => "a yes can only cover what is known to come after it",
        Rule::Notice | Rule::Purpose => "the published notices; GDPR, articles 5(1)(b) and 13",
        Rule::Region => "the house rules",
        Rule::Age => "the notice's minimum_age; the house rules where no age is known",
        Rule::Contract => "the tenant's contract and the notice's business_with_contract",
        Rule::Request => "the signals of the request; they only lower",
        Rule::LaterNo => "GDPR, articles 7(3) and 21",
        Rule::Choice => "GDPR, articles 4(11) and 7(1)",
        Rule::Silence => place.silence_source,
        Rule::Guardian => place.age_source,
        Rule::OnRecord => "GDPR, article 7(1): whoever uses it shows the yes",
        Rule::SameTerms => "the notice that was agreed to; GDPR, article 4(11)",
        Rule::Binding => "what was written down when it was captured",
        Rule::Retention => {
            "the shorter of what was agreed to and what the notice promises; GDPR, article 5(1)(e)"
        }
    };
    text.to_owned()
}

/// What a rule looked at.
pub(super) fn evidence(rule: Rule, facts: &Facts<'_>) -> Shown {
    let in_force = facts.said_at.and_then(|at| facts.notices.in_force(at));
    let notice = in_force.map(|(_, notice)| notice);
    let terms = notice.and_then(|notice| notice.purposes.get(&facts.purpose));
    match rule {
        Rule::SaidAt => vec![("said_at", or_unknown(facts.said_at)), ("as_of", facts.now.to_string())],
        Rule::Notice => in_force.map_or_else(Vec::new, |(id, notice)| {
            vec![
                ("notice", notice.version.to_string()),
                ("in_force_from", notice.effective_at.to_string()),
                ("id", id.to_string()),
            ]
        }),
        Rule::Purpose => vec![
            ("purpose", facts.purpose.to_string()),
            ("retention_days", terms.map_or("none".into(), |terms| terms.retention_days.to_string())),
        ],
        Rule::Region => region(facts),
        Rule::Age => vec![
            ("age", or_unknown(facts.age)),
            ("minimum_age", or_unknown(notice.map(|notice| notice.minimum_age))),
        ],
        Rule::Contract => {
            let allowed: Vec<&str> = facts.contract.iter().map(|purpose| purpose.as_str()).collect();
            let in_notice = terms.is_some_and(|terms| terms.business_with_contract);
            vec![
                ("tier", facts.tier.to_string()),
                ("contract", if allowed.is_empty() { "allows nothing".into() } else { allowed.join(" ") }),
                ("business_with_contract", in_notice.to_string()),
            ]
        }
        Rule::Request => vec![("opted_out", facts.opted_out.to_string())],
        Rule::LaterNo => later_no(facts).map_or_else(Vec::new, |event| act(event, facts.notices)),
        Rule::Choice => answered(facts).map_or_else(Vec::new, |event| act(event, facts.notices)),
        Rule::Silence => silence(facts, notice),
        Rule::Guardian => vec![
            ("age", or_unknown(facts.age)),
            ("region", or_unknown(facts.region)),
            ("agrees_alone_from", facts.notices.rules().alone_from(facts.region).to_string()),
            ("guardian_agreed", in_force_event(facts).is_some_and(|event| event.guardian).to_string()),
        ],
        Rule::OnRecord => in_force_event(facts).map_or_else(Vec::new, |event| {
            vec![("recorded_at", event.recorded_at.to_string()), ("vouched_for", event.attested.to_string())]
        }),
        Rule::SameTerms => same_terms(facts, notice),
        Rule::Binding => match facts.moment {
            Moment::Capture => Vec::new(),
            Moment::Use(bindings) => vec![("bindings", bindings.len().to_string())],
        },
        Rule::Retention => retention(facts, terms.map(|terms| terms.retention_days)),
    }
}

fn or_unknown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "unknown".to_owned(), |value| value.to_string())
}

fn region(facts: &Facts<'_>) -> Shown {
    let rules = facts.notices.rules();
    let list = |regions: &[Region]| {
        let codes: Vec<&str> = regions.iter().map(Region::as_str).collect();
        if codes.is_empty() { "nowhere".to_owned() } else { codes.join(" ") }
    };
    vec![
        ("region", or_unknown(facts.region)),
        ("nothing_kept_in", list(&rules.not_kept)),
        ("not_served_in", list(&rules.not_served)),
    ]
}

/// An act, with the notice that was shown.
fn act(event: &Event, notices: &NoticeBook) -> Shown {
    let notice = notices.by_id(event.notice).map(|notice| notice.version);
    let mut shown = vec![
        ("event", event.id.to_string()),
        ("state", event.state.to_string()),
        ("effective_at", event.effective_at.to_string()),
        ("recorded_at", event.recorded_at.to_string()),
        ("notice", or_unknown(notice)),
    ];
    if event.guardian {
        shown.push(("by", "a guardian".into()));
    }
    shown
}

fn later_no<'a>(facts: &Facts<'a>) -> Option<&'a Event> {
    let said_at = facts.said_at?;
    answers(facts).into_iter().find(|event| event.effective_at > said_at && event.state.takes_back())
}

/// The yes or no that was in force.
fn in_force_event<'a>(facts: &Facts<'a>) -> Option<&'a Event> {
    let said_at = facts.said_at?;
    answers(facts).into_iter().take_while(|event| event.effective_at <= said_at).last()
}

/// The same, or where there was none the answer that came after it.
fn answered<'a>(facts: &Facts<'a>) -> Option<&'a Event> {
    in_force_event(facts).or_else(|| answers(facts).first().copied())
}

fn silence(facts: &Facts<'_>, notice: Option<&Notice>) -> Shown {
    let default = notice.map(|notice| notice.default_for(facts.purpose, facts.tier, facts.region));
    let means = match default {
        Some(crate::Default::On) => "a yes",
        _ => "a no",
    };
    let place = law::place(facts.region).code;
    vec![
        ("silence_means", means.into()),
        ("tier", Tier::as_str(facts.tier).into()),
        ("region", or_unknown(facts.region)),
        ("rule_of", if place.is_empty() { "everywhere else".into() } else { place.into() }),
        ("act_needed", facts.notices.rules().asks_for_consent(facts.region, facts.age).to_string()),
    ]
}

fn same_terms(facts: &Facts<'_>, notice: Option<&Notice>) -> Shown {
    let Some(event) = in_force_event(facts) else { return Vec::new() };
    let agreed = facts.notices.by_id(event.notice);
    let mut shown = vec![
        ("agreed_to", or_unknown(agreed.map(|notice| notice.version))),
        ("in_force", or_unknown(notice.map(|notice| notice.version))),
    ];
    if let (Some(agreed), Some(notice)) = (agreed, notice) {
        let changes = diff(agreed, notice).into_iter().filter(|change| change.widens(facts.purpose));
        shown.extend(changes.map(|change| ("broader", change.to_string())));
    }
    shown
}

fn retention(facts: &Facts<'_>, promised: Option<u32>) -> Shown {
    let agreed = in_force_event(facts)
        .filter(|event| event.state.permits())
        .and_then(|event| facts.notices.by_id(event.notice)?.purposes.get(&facts.purpose))
        .map(|terms| terms.retention_days);
    let days = [agreed, promised].into_iter().flatten().min();
    let until: Option<Timestamp> = facts.said_at.zip(days).map(|(at, days)| at.plus_days(days));
    vec![("days", or_unknown(days)), ("keep_until", or_unknown(until))]
}
