//! Finding a model's answer again in the same person's other conversations, in bounded memory.
//!
//! Like the exchange of de-duplication: what is sorted, and spilled when it is much, is keyed hashes and places.
//! The hash binds fingerprint and person, so that no one's text is ever looked for in another's answers.

use std::path::Path;

use crate::dedup::keyed::sip;
use crate::dedup::{ExchangeError, Record, Spill};

/// Answers with one fingerprint that are looked at; a stock phrase stands in many.
const ANSWERS_MAX: usize = 4;
/// Answers that are compared with one turn.
const SOURCES_MAX: usize = 8;

/// A message of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The row.
    pub row: u32,
    /// The message's place in it.
    pub message: u32,
}

impl Place {
    fn to_word(self) -> u64 {
        u64::from(self.row) << 32 | u64::from(self.message)
    }

    fn of_word(word: u64) -> Self {
        Self { row: (word >> 32) as u32, message: word as u32 }
    }
}

/// Collects fingerprints of all rows, then tells which answers may hold parts of which persons' turns.
pub struct Answers {
    key: [u64; 2],
    answers: Spill,
    turns: Spill,
    sightings: Spill,
}

impl Answers {
    /// Keeps about `memory_bytes` in memory and writes the rest to files in `directory`.
    pub fn new(key: [u64; 2], directory: &Path, memory_bytes: usize) -> Self {
        let spill = |name, share| Spill::new(directory, name, memory_bytes / share);
        Self { key, answers: spill("answers", 2), turns: spill("turns", 3), sightings: spill("sightings", 6) }
    }

    /// Adds a fingerprint of a message (see [`super::Winnower::prints_of_row`]), for each author of its row.
    pub fn push(
        &mut self,
        print: u64,
        place: Place,
        is_answer: bool,
        authors: &[u32],
    ) -> Result<(), ExchangeError> {
        let side = if is_answer { &mut self.answers } else { &mut self.turns };
        for author in authors {
            side.push([sip(self.key, &[print, u64::from(*author)]), place.to_word()])?;
        }
        Ok(())
    }

    /// Brings the two sides together.
    pub fn finish(self) -> Result<Sightings, ExchangeError> {
        let Self { answers, turns, mut sightings, .. } = self;
        let mut answers = answers.finish()?.peekable();
        let mut group: (u64, Vec<u64>) = (0, Vec::new());
        for turn in turns.finish()? {
            let [hash, turn] = turn?;
            if group.0 != hash {
                group = (hash, Vec::new());
            }
            while let Some(answer) = answers.next_if(|next| !matches!(next, Ok([other, _]) if *other > hash))
            {
                let [other, place] = answer?;
                let is_new = group.1.last() != Some(&place);
                if other == hash && is_new && group.1.len() < ANSWERS_MAX {
                    group.1.push(place);
                }
            }
            let row = |word: u64| word >> 32;
            group
                .1
                .iter()
                .filter(|answer| row(**answer) != row(turn))
                .try_for_each(|a| sightings.push([turn, *a]))?;
        }
        let mut found: Vec<Record> = Vec::new();
        for record in sightings.finish()? {
            let record = record?;
            let of_turn = found.iter().rev().take(SOURCES_MAX).filter(|[turn, _]| *turn == record[0]).count();
            if of_turn < SOURCES_MAX && found.last() != Some(&record) {
                found.push(record);
            }
        }
        Ok(Sightings { found })
    }
}

/// Which answers may hold parts of which turns: by row and message.
#[derive(Default)]
pub struct Sightings {
    found: Vec<Record>,
}

impl Sightings {
    /// Answers in other rows that may hold parts of a row's turns, each once.
    pub fn of_row(&self, row: u32) -> Vec<Place> {
        let from = self.found.partition_point(|[turn, _]| (turn >> 32) < u64::from(row));
        let of_row = self.found[from..].iter().take_while(|[turn, _]| turn >> 32 == u64::from(row));
        let mut places: Vec<Place> = of_row.map(|[_, answer]| Place::of_word(*answer)).collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(row: u32, message: u32) -> Place {
        Place { row, message }
    }

    fn sightings(pushed: &[(u64, Place, bool, u32)], memory_bytes: usize) -> Sightings {
        let folder = tempfile::tempdir().unwrap();
        let mut answers = Answers::new([1, 2], folder.path(), memory_bytes);
        for (print, place, is_answer, author) in pushed {
            answers.push(*print, *place, *is_answer, &[*author]).unwrap();
        }
        answers.finish().unwrap()
    }

    #[test]
    fn a_turn_is_led_to_the_same_persons_answers_and_to_nobody_elses() {
        let pushed = [
            (7, at(0, 1), true, 5),
            (7, at(3, 2), false, 5),
            (7, at(4, 2), false, 6),
            (8, at(1, 1), true, 5),
            (9, at(2, 0), false, 5),
        ];
        let found = sightings(&pushed, 1 << 20);
        assert_eq!(found.of_row(3), [at(0, 1)]);
        assert!(found.of_row(4).is_empty() && found.of_row(2).is_empty());
    }

    #[test]
    fn many_turns_with_one_fingerprint_all_find_the_answer_however_little_memory_there_is() {
        let mut pushed: Vec<_> = (1..2_000).map(|row| (7, at(row, 0), false, 5)).collect();
        pushed.push((7, at(0, 1), true, 5));
        for memory_bytes in [1, 1 << 20] {
            let found = sightings(&pushed, memory_bytes);
            assert!((1..2_000).all(|row| found.of_row(row) == [at(0, 1)]));
        }
    }

    #[test]
    fn an_answer_of_the_same_row_is_not_another_conversation() {
        assert!(sightings(&[(7, at(0, 1), true, 5), (7, at(0, 2), false, 5)], 1 << 20).of_row(0).is_empty());
    }
}
