use candor_conversation::SubjectId;
use proptest::prelude::*;

use super::*;
use crate::{EventId, NoticeId, Purpose};

fn of(dimension: Dimension, groups: &[(&str, u64, u64)]) -> Vec<Counted> {
    let mut people = Vec::new();
    for (name, size, agree) in groups {
        let groups = BTreeMap::from([(dimension, (*name).to_owned())]);
        people.extend((0..*size).map(|n| Counted { agrees: n < *agree, groups: groups.clone() }));
    }
    people
}

fn told(groups: &[(&str, u64, u64)], minimum: u64) -> String {
    let people = of(Dimension::Region, groups);
    let told = grouped(&people, Dimension::Region, Minimum::new(minimum).unwrap());
    let line = |group: &Group| format!("{} {}/{}", group.name, group.agree, group.people);
    told.iter().map(line).collect::<Vec<_>>().join(", ")
}

#[test]
fn small_groups_are_told_together_and_never_alone() {
    for (groups, expected) in [
        (vec![("DE", 30, 10), ("FR", 20, 15)], "DE 10/30, FR 15/20"),
        (vec![("DE", 30, 10), ("FR", 12, 6), ("IT", 11, 1)], "DE 10/30, other 7/23"),
        // Told alone, the twelve would follow from the total.
        (vec![("DE", 30, 10), ("ES", 21, 2), ("FR", 12, 6)], "DE 10/30, other 8/33"),
        (vec![("DE", 30, 10), ("FR", 1, 1)], ""),
        (vec![("DE", 19, 10)], ""),
        (vec![], ""),
    ] {
        assert_eq!(told(&groups, 20), expected, "{groups:?}");
    }
    assert_eq!(Minimum::new(4), None);
}

#[test]
fn tables_of_a_part_of_the_people_need_the_part_and_the_rest_to_be_large_enough() {
    let in_both = |answered: u64, silent: u64| {
        let mut people = of(Dimension::Answer, &[(ANSWERED, answered, 0), ("never asked", silent, 0)]);
        let replied = people.iter_mut().filter(|person| person.groups[&Dimension::Answer] == ANSWERED);
        replied.for_each(|person| {
            person.groups.insert(Dimension::Quarter, "2026-Q1".into());
        });
        let tables = tables(&people, Minimum::new(20).unwrap());
        tables.into_iter().find(|table| table.dimension == Dimension::Quarter).unwrap().groups.len()
    };
    assert_eq!(in_both(20, 20), 1);
    assert_eq!(in_both(20, 0), 1);
    assert_eq!(in_both(100, 19), 0, "the difference would tell of 19");
    assert_eq!(in_both(19, 100), 0);
}

#[test]
fn an_answer_counts_once_it_is_known_and_being_asked_is_none() {
    let event = |state, effective: i64, recorded: i64| Event {
        id: EventId([0; 16]),
        subject: SubjectId::from_bytes([0; 16]),
        purpose: Purpose::Train,
        state,
        notice: NoticeId([0; 32]),
        effective_at: Timestamp::from_millis(effective),
        recorded_at: Timestamp::from_millis(recorded),
        attested: true,
        guardian: false,
    };
    let history =
        [event(State::Given, 10, 20), event(State::Withdrawn, 30, 30), event(State::Requested, 40, 40)];
    let at = |millis| answer_at(&history, Timestamp::from_millis(millis)).map(|event| event.state);
    assert_eq!(at(15), None);
    assert_eq!(at(20), Some(State::Given));
    assert_eq!(at(50), Some(State::Withdrawn));
}

fn people() -> impl Strategy<Value = Vec<Counted>> {
    let name = || prop::sample::select(vec!["a", "b", "c", "d", "e", "f"]).prop_map(str::to_owned);
    let person = (any::<bool>(), any::<bool>(), any::<bool>(), prop::collection::vec(name(), 9));
    let counted = |(agrees, answers, read, names): (bool, bool, bool, Vec<String>)| {
        let mut names = names.into_iter();
        let mut groups = BTreeMap::new();
        for dimension in Dimension::ALL {
            let name = match (dimension, dimension.within()) {
                (Dimension::Answer, _) => Some(if answers { ANSWERED.into() } else { "silent".into() }),
                (Dimension::Reading, _) => Some(if read { READ.into() } else { "not".into() }),
                (_, Some((Dimension::Answer, _))) if !answers => None,
                (_, Some((Dimension::Reading, _))) if !read => None,
                // Squared, so that some groups are small.
                _ => names.next(),
            };
            groups.extend(name.map(|name| (dimension, name)));
        }
        Counted { agrees, groups }
    };
    prop::collection::vec(person.prop_map(counted), 0..160)
}

proptest! {
    /// All that is told are sums over groups of a table, and totals. What is not told is a category that stands in
    /// `other` or in no group. It would follow from what is told if `other` held it alone, or if the people a table is
    /// about differed from those of another by fewer than the minimum.
    #[test]
    fn no_number_that_is_not_told_follows_from_those_that_are(people in people(), least in 5..30_u64) {
        let minimum = Minimum::new(least).unwrap();
        let mut totals: Vec<u64> = vec![people.len() as u64];
        for table in tables(&people, minimum) {
            let mut true_sizes: BTreeMap<&str, u64> = BTreeMap::new();
            for name in people.iter().filter_map(|person| person.groups.get(&table.dimension)) {
                *true_sizes.entry(name).or_default() += 1;
            }
            prop_assert!(table.groups.iter().all(|group| group.people >= least && group.agree <= group.people));
            if table.groups.is_empty() {
                continue;
            }
            let total = table.all();
            prop_assert_eq!(total.people, true_sizes.values().sum::<u64>());
            totals.push(total.people);
            for group in &table.groups {
                let rest = table.without(group).people;
                prop_assert!(rest == 0 || rest >= least, "the rest of {group:?} is {rest}");
            }
            let untold: Vec<u64> = true_sizes
                .iter()
                .filter(|(name, _)| !table.tells(name))
                .map(|(_, size)| *size)
                .collect();
            prop_assert!(untold.len() != 1, "{:?} alone is other", true_sizes);
            prop_assert_eq!(untold.is_empty(), !table.tells(OTHER));
        }
        for (one, other) in totals.iter().flat_map(|one| totals.iter().map(move |other| (one, other))) {
            // The answered and the read are two parts of everybody; only their rests are told.
            let everybody = people.len() as u64;
            let rest = if *one == everybody || *other == everybody { one.abs_diff(*other) } else { 0 };
            prop_assert!(rest == 0 || rest >= least, "{one} and {other}");
        }
    }
}
