//! Uniqueness: how many people in the sample share the same combination of indirect clues (k-anonymity; Samarati and
//! Sweeney 1998, Sweeney 2000 on how few clues single a person out).

use std::collections::{BTreeMap, HashMap};

use candor_deid::IdentifierKind;
use serde::{Deserialize, Serialize};

/// How alone people are with their clues, in the text before and after it was de-identified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uniqueness {
    /// As they wrote.
    pub written: Crowds,
    /// As it is released.
    pub released: Crowds,
}

/// People by how many share their combination.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crowds {
    /// People with clues of two sorts or more.
    pub people: u64,
    /// Of them, those whose combination is theirs alone; those with 2 to 4 in all; 5 to 19; 20 and more.
    pub sizes: BTreeMap<String, u64>,
    /// Share of them that are alone, as written.
    pub unique_share: String,
    /// Share of them in a crowd of fewer than five, as written.
    pub below_5_share: String,
}

/// The sorts of clue that make a combination.
const SORTS: usize = 5;
/// The fewest sorts that a person must have said something of.
const SORTS_MIN: usize = 2;

/// A person's clues: for each sort, how often each value was met.
#[derive(Clone, Debug, Default)]
pub struct Clues([BTreeMap<u64, u32>; SORTS]);

/// Which sort of clue a kind of identifier is, if it is one.
pub fn sort(kind: IdentifierKind) -> Option<usize> {
    match kind {
        IdentifierKind::Age | IdentifierKind::BirthDate => Some(0),
        IdentifierKind::Location | IdentifierKind::Address | IdentifierKind::Coordinates => Some(1),
        IdentifierKind::Title | IdentifierKind::Organisation => Some(2),
        IdentifierKind::Date => Some(3),
        IdentifierKind::Group => Some(4),
        _ => None,
    }
}

impl Clues {
    /// Adds what was met: its sort, and a digest of its value.
    pub fn add(&mut self, sort: usize, value: u64) {
        *self.0[sort].entry(value).or_default() += 1;
    }

    /// The value that stands for each sort: the one met most often, else the smallest digest.
    fn combination(&self) -> Option<[Option<u64>; SORTS]> {
        let most = |values: &BTreeMap<u64, u32>| {
            let best = values.iter().max_by_key(|(value, count)| (**count, std::cmp::Reverse(**value)));
            best.map(|(value, _)| *value)
        };
        let combination = self.0.each_ref().map(most);
        (combination.iter().flatten().count() >= SORTS_MIN).then_some(combination)
    }
}

/// The crowds of these people.
pub fn crowds<'c>(people: impl Iterator<Item = &'c Clues>) -> Crowds {
    let mut crowds: HashMap<[Option<u64>; SORTS], u64> = HashMap::new();
    for combination in people.filter_map(Clues::combination) {
        *crowds.entry(combination).or_default() += 1;
    }
    let people: u64 = crowds.values().sum();
    let within = |least: u64, most: u64| -> u64 {
        crowds.values().filter(|size| (least..=most).contains(*size)).sum()
    };
    let sizes = [("1", 1, 1), ("2-4", 2, 4), ("5-19", 5, 19), ("20+", 20, u64::MAX)];
    let share = |part: u64| if people == 0 { 0.0 } else { part as f64 / people as f64 };
    Crowds {
        people,
        sizes: sizes.map(|(name, least, most)| (name.to_owned(), within(least, most))).into(),
        unique_share: format!("{:.4}", share(within(1, 1))),
        below_5_share: format!("{:.4}", share(within(1, 4))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(clues: &[(usize, u64)]) -> Clues {
        let mut person = Clues::default();
        clues.iter().for_each(|(sort, value)| person.add(*sort, *value));
        person
    }

    #[test]
    fn people_are_counted_by_the_size_of_their_crowd() {
        let mut people = vec![person(&[(0, 34), (1, 7)]); 6];
        people.extend(vec![person(&[(0, 34), (1, 8)]); 3]);
        people.push(person(&[(0, 50), (1, 7), (4, 2)]));
        people.push(person(&[(0, 50)]));
        let crowds = crowds(people.iter());
        assert_eq!(crowds.people, 10);
        let sizes: Vec<u64> = ["1", "2-4", "5-19", "20+"].map(|size| crowds.sizes[size]).into();
        assert_eq!(sizes, [1, 3, 6, 0]);
        assert_eq!((crowds.unique_share.as_str(), crowds.below_5_share.as_str()), ("0.1000", "0.4000"));
    }

    #[test]
    fn the_value_met_most_often_stands_for_its_sort() {
        let often = person(&[(1, 9), (1, 7), (1, 9), (0, 34)]);
        let crowds = crowds([often, person(&[(1, 9), (0, 34)])].iter());
        assert_eq!(crowds.sizes["2-4"], 2);
    }
}
