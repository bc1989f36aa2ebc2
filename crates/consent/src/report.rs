//! Who drops out: how the people who agree differ from all others, told of groups that are large enough.
//!
//! A table divides people into groups. A group smaller than the minimum is not told, it goes into [`OTHER`]; and where
//! that one would be too small itself, the smallest of the others goes in with it, so that what is not told follows from
//! no difference to the total. Tables about a part of the people, such as those who answered, are told only where that
//! part and all others are large enough. No two tables divide by the same thing.

use std::collections::BTreeMap;

use candor_conversation::Timestamp;

use crate::{Event, State};

/// The group of all who are in none that is told.
pub const OTHER: &str = "other";
/// The group of [`Dimension::Answer`] about which the tables of answers are.
pub const ANSWERED: &str = "answered";
/// The group of [`Dimension::Reading`] about which the tables of text are.
pub const READ: &str = "may be counted";

/// The fewest people of whom anything is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minimum(u64);

impl Minimum {
    /// None is below this.
    pub const LEAST: u64 = 5;

    /// `None` if it is below [`Minimum::LEAST`].
    pub fn new(people: u64) -> Option<Self> {
        (people >= Self::LEAST).then_some(Self(people))
    }

    /// The number.
    pub fn people(self) -> u64 {
        self.0
    }
}

/// By what people are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Their account.
    Tier,
    /// Their country.
    Region,
    /// The band of their age.
    Age,
    /// Whether they answered at all.
    Answer,
    /// Of those who answered: under which version of the notice.
    Notice,
    /// Of those who answered: on record then, or written down afterwards.
    Record,
    /// Of those who answered: in which quarter of a year.
    Quarter,
    /// Whether what they wrote may be read to count it.
    Reading,
    /// Of those whose text may be counted: the language.
    Language,
    /// Of those whose text may be counted: how long their turns are.
    Length,
    /// Of those whose text may be counted: what sensitive matter they tell most of.
    Topic,
}

/// A person as far as the report sees them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Whether they agree to the purpose.
    pub agrees: bool,
    /// Their group in each dimension that is about them.
    pub groups: BTreeMap<Dimension, String>,
}

/// People who are told of together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they have in common.
    pub name: String,
    /// How many.
    pub people: u64,
    /// Of them, how many agree.
    pub agree: u64,
}

/// People divided by one dimension; without groups where all are too small to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// By what.
    pub dimension: Dimension,
    /// The groups, largest first, [`OTHER`] last.
    pub groups: Vec<Group>,
}

impl Table {
    /// All people in it.
    pub fn all(&self) -> Group {
        let sum = |count: fn(&Group) -> u64| self.groups.iter().map(count).sum();
        Group { name: "all".to_owned(), people: sum(|group| group.people), agree: sum(|group| group.agree) }
    }

    /// All people in it but those of a group.
    pub fn without(&self, group: &Group) -> Group {
        let all = self.all();
        Group {
            name: "all others".to_owned(),
            people: all.people - group.people,
            agree: all.agree - group.agree,
        }
    }

    fn tells(&self, name: &str) -> bool {
        self.groups.iter().any(|group| group.name == name)
    }
}

impl Dimension {
    /// All, in the order in which they are told.
    pub const ALL: [Dimension; 11] = [
        Dimension::Tier,
        Dimension::Region,
        Dimension::Age,
        Dimension::Answer,
        Dimension::Notice,
        Dimension::Record,
        Dimension::Quarter,
        Dimension::Reading,
        Dimension::Language,
        Dimension::Length,
        Dimension::Topic,
    ];

    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Dimension::Tier => "tier",
            Dimension::Region => "region",
            Dimension::Age => "age",
            Dimension::Answer => "answer",
            Dimension::Notice => "notice",
            Dimension::Record => "record",
            Dimension::Quarter => "quarter",
            Dimension::Reading => "reading",
            Dimension::Language => "language",
            Dimension::Length => "length",
            Dimension::Topic => "topic",
        }
    }

    /// Whose table must tell of the people that this one divides.
    fn within(self) -> Option<(Dimension, &'static str)> {
        match self {
            Dimension::Notice | Dimension::Record | Dimension::Quarter => Some((Dimension::Answer, ANSWERED)),
            Dimension::Language | Dimension::Length | Dimension::Topic => Some((Dimension::Reading, READ)),
            _ => None,
        }
    }
}

/// The last answer to a question that was known and in force at a time; being asked is no answer.
pub fn answer_at(history: &[Event], at: Timestamp) -> Option<&Event> {
    let known = |event: &&Event| event.effective_at <= at && event.recorded_at <= at;
    history.iter().filter(known).rfind(|event| event.state != State::Requested)
}

/// The tables that can be told, one for each dimension.
pub fn tables(people: &[Counted], minimum: Minimum) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for dimension in Dimension::ALL {
        let told = |(of, name): (Dimension, &str)| {
            tables.iter().any(|table| table.dimension == of && table.tells(name))
        };
        let may_be_told = dimension.within().is_none_or(told);
        let groups = if may_be_told { grouped(people, dimension, minimum) } else { Vec::new() };
        tables.push(Table { dimension, groups });
    }
    tables
}

fn grouped(people: &[Counted], dimension: Dimension, Minimum(minimum): Minimum) -> Vec<Group> {
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for person in people {
        if let Some(name) = person.groups.get(&dimension) {
            let (all, agree) = counts.entry(name).or_default();
            *all += 1;
            *agree += u64::from(person.agrees);
        }
    }
    let group = |(name, (people, agree)): (&str, (u64, u64))| Group { name: name.to_owned(), people, agree };
    let (mut told, small): (Vec<Group>, Vec<Group>) =
        counts.into_iter().map(group).partition(|group| group.people >= minimum);
    told.sort_by(|a, b| b.people.cmp(&a.people).then_with(|| a.name.cmp(&b.name)));
    if small.is_empty() {
        return told;
    }
    let mut other = Group { name: OTHER.to_owned(), people: 0, agree: 0 };
    small.iter().for_each(|group| other.take_in(group));
    while other.people < minimum {
        let Some(smallest) = told.pop() else { return Vec::new() };
        other.take_in(&smallest);
    }
    if told.is_empty() {
        return Vec::new();
    }
    told.push(other);
    told
}

impl Group {
    fn take_in(&mut self, group: &Group) {
        self.people += group.people;
        self.agree += group.agree;
    }
}

#[cfg(test)]
mod tests;
