//! The report for people and for programs.

use candor_consent::Purpose;
use candor_consent::report::{ANSWERED, Dimension, Group, Minimum, OTHER, READ, Table};
use candor_conversation::Timestamp;
use candor_deid::score::Share;
use serde_json::{Value, json};

use crate::context::table;

/// What the report was asked for.
pub(super) struct Asked {
    pub(super) purpose: Purpose,
    pub(super) at: Timestamp,
    pub(super) minimum: Minimum,
    /// Everyone who was enrolled then.
    pub(super) people: u64,
}

impl Asked {
    fn is_told(&self) -> bool {
        self.people >= self.minimum.people()
    }
}

/// The report in plain words.
pub(super) fn text(asked: &Asked, tables: &[Table]) -> String {
    let minimum = asked.minimum.people();
    if !asked.is_told() {
        return format!("fewer than {minimum} people are enrolled: nothing is told of them");
    }
    let mut parts = vec![format!(
        "{} people at {}; shares that agree to {}, with 95 % intervals after Wilson (1927)\nno group below {minimum} \
         people is told: those are in `{OTHER}`",
        asked.people, asked.at, asked.purpose
    )];
    for told in tables {
        parts.push(format!("{}\n{}", heading(told.dimension), body(told)));
    }
    let sentences: Vec<String> = tables.iter().flat_map(|told| differences(told, asked.purpose)).collect();
    parts.push(match sentences.is_empty() {
        true => "no group differs from all others by more than chance may explain".to_owned(),
        false => sentences.join("\n"),
    });
    parts.push(limits(tables));
    parts.join("\n\n")
}

/// The same for programs.
pub(super) fn value(asked: &Asked, tables: &[Table]) -> Value {
    let one = |told: &Table| {
        let groups: Vec<Value> = told.groups.iter().map(|group| group_value(told, group)).collect();
        json!({ "by": told.dimension.as_str(), "groups": groups })
    };
    json!({
        "purpose": asked.purpose,
        "at": asked.at,
        "minimum_group": asked.minimum.people(),
        "people": asked.is_told().then_some(asked.people),
        "tables": tables.iter().map(one).collect::<Vec<_>>(),
        "limits": limits(tables),
    })
}

fn group_value(told: &Table, group: &Group) -> Value {
    let share = |group: &Group| {
        Share::of(group.agree, group.people).map(|share| {
            let rounded = |value: f64| (value * 1000.0).round() / 1000.0;
            json!({ "share": rounded(share.value), "low": rounded(share.low), "high": rounded(share.high) })
        })
    };
    json!({
        "group": group.name,
        "people": group.people,
        "agree": share(group),
        "all_others": share(&told.without(group)),
        "differs": side(told, group).map(Side::word),
    })
}

fn heading(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Tier => "by account",
        Dimension::Region => "by country",
        Dimension::Age => "by age, as far as it is known: the lower end of the band",
        Dimension::Answer => "by whether they answered",
        Dimension::Notice => "of those who answered, by the notice they were shown",
        Dimension::Record => "of those who answered, by how it was recorded",
        Dimension::Quarter => "of those who answered, by when",
        Dimension::Reading => "by whether what they wrote may be counted",
        Dimension::Language => "of those whose text may be counted, by language",
        Dimension::Length => "of those whose text may be counted, by length",
        Dimension::Topic => "of those whose text may be counted, by what they tell most of",
    }
}

fn body(told: &Table) -> String {
    if told.groups.is_empty() {
        return "  too few to be told".to_owned();
    }
    let mut rows = vec![vec![String::new(), "people".into(), "agree".into()]];
    for group in &told.groups {
        rows.push(vec![group.name.clone(), group.people.to_string(), share(group)]);
    }
    table(&rows)
}

/// A share in whole percent with its interval.
fn share(group: &Group) -> String {
    let percent = |value: f64| (value * 100.0).round();
    Share::of(group.agree, group.people).map_or_else(String::new, |share| {
        format!("{} % ({}–{})", percent(share.value), percent(share.low), percent(share.high))
    })
}

/// Where a group stands against all others.
#[derive(Clone, Copy)]
enum Side {
    Under,
    Over,
}

impl Side {
    fn word(self) -> &'static str {
        match self {
            Side::Under => "under-represented",
            Side::Over => "over-represented",
        }
    }
}

/// Where a group stands, if the intervals of both do not touch: a careful test, since that is rarer than chance alone.
fn side(told: &Table, group: &Group) -> Option<Side> {
    let others = told.without(group);
    let (own, rest) = (Share::of(group.agree, group.people)?, Share::of(others.agree, others.people)?);
    if own.high < rest.low {
        return Some(Side::Under);
    }
    (own.low > rest.high).then_some(Side::Over)
}

fn differences(told: &Table, purpose: Purpose) -> Vec<String> {
    // Whoever did not answer did not agree: that table says how many, and its difference says nothing.
    if told.dimension == Dimension::Answer {
        return Vec::new();
    }
    let sentence = |group: &Group| {
        let side = side(told, group)?;
        let verb = match side {
            Side::Under => "under-represents",
            Side::Over => "over-represents",
        };
        Some(format!(
            "{} agree to {purpose} at {}, all others at {}: what is made for it {verb} them",
            who(told.dimension, &group.name),
            share(group),
            share(&told.without(group))
        ))
    };
    told.groups.iter().filter(|group| group.name != OTHER).filter_map(sentence).collect()
}

/// The people of a group, as a sentence begins with them.
fn who(dimension: Dimension, group: &str) -> String {
    match dimension {
        Dimension::Tier => format!("people with {group} accounts"),
        Dimension::Region => format!("people in {group}"),
        Dimension::Age => format!("people of the age {group}"),
        Dimension::Answer => format!("people who {group}"),
        Dimension::Notice => format!("people who were shown {group} of the notice"),
        Dimension::Record => format!("people whose answer was {group}"),
        Dimension::Quarter => format!("people who answered in {group}"),
        Dimension::Reading => format!("people of whom it holds `{group}`"),
        Dimension::Language | Dimension::Length => format!("people who write {group}"),
        Dimension::Topic => format!("people who tell most of {group}"),
    }
}

/// Of whom nothing can be said, and why.
fn limits(tables: &[Table]) -> String {
    let mut text = "Language, length and topic are told only of people who said yes to insights (counting what they wrote \
                    with others') and of whom something is kept under it; nothing else was opened."
        .to_owned();
    let reading = tables.iter().find(|told| told.dimension == Dimension::Reading);
    for group in reading.into_iter().flat_map(|told| &told.groups).filter(|group| group.name != READ) {
        text += &format!(" Of {} people nothing can be said of these: {}.", group.people, group.name);
    }
    text +=
        " Those who said yes to insights may differ from those who did not in ways that nobody can see here.";
    if tables
        .iter()
        .any(|told| told.dimension == Dimension::Answer && told.groups.iter().any(|g| g.name != ANSWERED))
    {
        text += " Who did not answer counts as not agreeing.";
    }
    text
}
