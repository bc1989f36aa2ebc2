//! What each conversation is, before any word of it is written: who speaks, when, how long, and whether it
//! repeats another one. All of it follows from the plan and the conversation's number.

use std::collections::HashMap;

use candor_conversation::{Tier, Timestamp};

use crate::chance::{Chance, Stream};
use crate::near_copy::CopyKind;
use crate::planted::{Plant, plants};
use crate::{Person, Plan, Story, people};

/// Messages in a conversation, and whether the first is a system message; four messages on average.
const SHAPES: [(usize, bool); 16] = [
    (2, false),
    (4, false),
    (6, false),
    (4, false),
    (3, true),
    (4, false),
    (2, false),
    (6, false),
    (5, true),
    (4, false),
    (4, false),
    (2, false),
    (8, false),
    (4, false),
    (4, false),
    (2, false),
];

/// Draws of an original to copy before the shape is let go, and before the conversation stays an original.
const ORIGIN_ATTEMPTS: usize = 64;
const GUEST_PERCENT: usize = 9;

/// Days ago, from and to, of the first three conversations of each person; all later ones are anywhere.
const ROUNDS: [(i64, i64); 3] = [(150, 267), (62, 149), (1, 14)];
const ANY_TIME: (i64, i64) = (1, 267);

/// The people of a plan, and who shares a thread with whom.
pub(crate) struct Cast<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) people: Vec<Person>,
    /// An account holder who agreed and a guest in the same tenant and region, most of whom refuse.
    households: Vec<(usize, usize)>,
}

/// What one conversation is.
pub(crate) struct Outline {
    pub(crate) index: u32,
    pub(crate) author: usize,
    /// A second person, who writes every other human turn.
    pub(crate) guest: Option<usize>,
    /// The earlier conversation that this one repeats.
    pub(crate) origin: Option<(u32, CopyKind)>,
    pub(crate) plants: Vec<Plant>,
}

/// The id of the conversation with this number.
pub(crate) fn conversation_id(index: u32) -> String {
    format!("c-{:06}", u64::from(index) + 1)
}

impl<'a> Cast<'a> {
    pub(crate) fn new(plan: &'a Plan) -> Self {
        let people = people(plan);
        let households = households(&people);
        Self { plan, people, households }
    }

    /// The outlines of all conversations, in order.
    pub(crate) fn outlines(&self) -> impl Iterator<Item = Outline> {
        let count = if self.people.is_empty() { 0 } else { self.plan.conversations };
        (0..count).map(|index| self.outline(index))
    }

    pub(crate) fn outline(&self, index: u32) -> Outline {
        match self.origin(index) {
            None => self.original(index),
            Some(origin) => Outline {
                index,
                author: self.author(index),
                guest: None,
                origin: Some((origin, CopyKind::of(self.plan.copies_before(index)))),
                plants: Vec::new(),
            },
        }
    }

    /// When a conversation begins.
    pub(crate) fn begins(&self, index: u32) -> Timestamp {
        let mut chance = Chance::new(self.plan.seed, Stream::Time, u64::from(index));
        let round = (index / self.plan.people.max(1)) as usize;
        let (latest, earliest) = ROUNDS.get(round).copied().unwrap_or(ANY_TIME);
        let day = self.plan.days_ago(chance.between(latest, earliest));
        Timestamp::from_millis(day.millis() - chance.between(0, 86_000) * 1000)
    }

    fn original(&self, index: u32) -> Outline {
        let author = self.author(index);
        let mut outline = Outline { index, author, guest: None, origin: None, plants: Vec::new() };
        let mut chance = Chance::new(self.plan.seed, Stream::Outline, u64::from(index) << 1);
        let late = index >= self.plan.people.saturating_mul(ROUNDS.len() as u32);
        let long = messages(index).0 >= 4 && !messages(index).1;
        if late && long && chance.percent(GUEST_PERCENT) && !self.households.is_empty() {
            let (author, guest) = chance.pick(&self.households);
            outline.author = author;
            outline.guest = Some(guest);
        }
        outline.plants = plants(self, &outline);
        outline
    }

    fn author(&self, index: u32) -> usize {
        let people = self.people.len();
        if (index as usize) < people * ROUNDS.len() {
            return index as usize % people;
        }
        Chance::new(self.plan.seed, Stream::Outline, u64::from(index) << 1 | 1).below(people)
    }

    /// The original that a near copy repeats: one with a single author and nothing planted in it.
    fn origin(&self, index: u32) -> Option<u32> {
        if !self.is_copy(index) {
            return None;
        }
        let mut chance = Chance::new(self.plan.seed, Stream::Origin, u64::from(index));
        let shapes = SHAPES.len() as u32;
        let residue = index % shapes;
        let same_shape = (index / shapes) as usize;
        let alike =
            (0..ORIGIN_ATTEMPTS).map(|_| (same_shape > 0, true)).chain([(true, false); ORIGIN_ATTEMPTS]);
        alike
            .filter(|(possible, _)| *possible)
            .map(|(_, alike)| match alike {
                true => residue + shapes * chance.below(same_shape) as u32,
                false => chance.below(index as usize) as u32,
            })
            .find(|candidate| self.can_be_repeated(*candidate))
    }

    fn can_be_repeated(&self, index: u32) -> bool {
        if self.is_copy(index) {
            return false;
        }
        let outline = self.original(index);
        outline.guest.is_none() && outline.plants.is_empty()
    }

    fn is_copy(&self, index: u32) -> bool {
        self.plan.copies_before(index + 1) > self.plan.copies_before(index)
    }
}

/// Messages of an original, and whether the first of them is a system message.
pub(crate) fn messages(index: u32) -> (usize, bool) {
    SHAPES[index as usize % SHAPES.len()]
}

/// Pairs each private person who says no, and every fourth who agrees, with one who agrees in their region.
fn households(people: &[Person]) -> Vec<(usize, usize)> {
    let private = |person: &Person| person.tier == Tier::Consumer;
    let mut agreeing: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, person) in people.iter().enumerate() {
        if private(person) && person.story == Story::AgreesEarly {
            agreeing.entry(person.region).or_default().push(index);
        }
    }
    let guests = people.iter().enumerate().filter(|(index, person)| {
        private(person) && (person.story.says_no() || person.story == Story::AgreesEarly && index % 4 == 0)
    });
    guests
        .filter_map(|(guest, person)| {
            let hosts = agreeing.get(person.region)?;
            let host = hosts[guest % hosts.len()];
            (host != guest).then_some((host, guest))
        })
        .collect()
}
