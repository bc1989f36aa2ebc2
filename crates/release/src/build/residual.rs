//! The second look at the rows as they were written, before anything about them is signed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::Path;

use arrow_array::Array as _;
use candor_conversation::Message;
use candor_deid::{Engine, IdentifierKind};
use rayon::prelude::*;

use super::origin::SWAPPED;
use super::staging::file_error;
use super::{BuildError, Progress, Run};
use crate::data;
use crate::dedup::keyed::sip;
use crate::manifest::DataFile;
use crate::origin::is_person;
use crate::residual::capture::Finds;
use crate::residual::style::{HALF_BYTES_MAX, PEOPLE_MAX, linkage};
use crate::residual::survive::{Removed, surviving};
use crate::residual::unique::{Clues, Uniqueness, crowds};
use crate::residual::{Linkage, Residual, again, evidence, interval};
use crate::stage;

/// Conversations of one person that are read for the test of style.
const STYLE_CONVERSATIONS_MAX: usize = 16;

/// The greatest beginning of a row's keyed digest that puts it in the sample: so that of all rows about as many are in
/// it as `sample_turns` are of the vault's turns. `None`: no row is.
pub(super) fn sample_below(sample_turns: u64, turns: u64) -> Option<u64> {
    let share = (u128::from(sample_turns) << 64) / u128::from(turns.max(1));
    (share > 0).then(|| u64::try_from(share - 1).unwrap_or(u64::MAX))
}

/// What is found in one written row.
struct Looked {
    row: u32,
    suspects: again::Again,
    leaks: BTreeMap<IdentifierKind, u64>,
    clues: Vec<(usize, u64)>,
}

impl Run<'_> {
    /// Looks at the written files; an error if the figures are over what the plan lets through.
    pub(super) fn residual(
        &self,
        (folder, files): (&Path, &[DataFile]),
        kept: &[u32],
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Option<Residual>, BuildError> {
        if self.sample_below.is_none() {
            return Ok(None);
        }
        progress(Progress { stage: "look again", done: 0, total: 1 });
        let removed = self.removed();
        let easy = again::easily_convinced(&self.plan.identifiers);
        let mut looked = Vec::new();
        let mut first = 0;
        for file in files {
            let numbers = &kept[first..first + file.rows as usize];
            first += file.rows as usize;
            let rows = self.sampled_rows(folder, file, numbers)?;
            let of_file = rows.par_iter().map(|(row, messages)| self.look((*row, messages), &easy, &removed));
            looked.extend(of_file.collect::<Vec<_>>().into_iter().collect::<Result<Vec<_>, _>>()?);
        }
        let mut residual = self.figures(&looked);
        residual.linkage = self.linkage(kept)?;
        residual.gates = self.plan.look.gates.listed();
        match self.plan.look.gates.first_over(&residual) {
            Some(over) => Err(BuildError::Residual(over)),
            None => Ok(Some(residual)),
        }
    }

    /// Values that were replaced in the sampled rows, by conversation.
    fn removed(&self) -> HashMap<u32, Vec<Removed>> {
        let mut removed: HashMap<u32, Vec<Removed>> = HashMap::new();
        for (row, evidence) in &self.evidence {
            removed.entry(self.conversations[*row as usize]).or_default().extend(&evidence.removed);
        }
        removed
    }

    /// The rows of a file that are in the sample, read back, each with its number among the candidates.
    fn sampled_rows(
        &self,
        folder: &Path,
        file: &DataFile,
        numbers: &[u32],
    ) -> Result<Vec<(u32, Vec<Message>)>, BuildError> {
        let mut sampled = Vec::new();
        if !numbers.iter().any(|number| self.evidence.contains_key(number)) {
            return Ok(sampled);
        }
        let path = folder.join(&file.path);
        let bytes = fs::read(&path).map_err(file_error("read", &path))?;
        let mut rest = numbers;
        data::read(bytes.into(), &file.path, |batch| -> Result<(), BuildError> {
            let (these, after) = rest.split_at(batch.messages.len().min(rest.len()));
            rest = after;
            for (at, number) in these.iter().enumerate().filter(|(_, row)| self.evidence.contains_key(row)) {
                let row = stage::messages_of(&batch.messages.slice(at, 1))?;
                sampled.extend(row.into_iter().map(|messages| (*number, messages)));
            }
            Ok(())
        })?;
        Ok(sampled)
    }

    fn look(
        &self,
        (row, messages): (u32, &[Message]),
        easy: &Engine,
        removed: &HashMap<u32, Vec<Removed>>,
    ) -> Result<Looked, BuildError> {
        let removed = removed.get(&self.conversations[row as usize]).map_or(&[][..], Vec::as_slice);
        // A line break between turns keeps a value from being made of two.
        let whole = messages.iter().map(|message| message.content.as_str()).collect::<Vec<_>>().join("\n|\n");
        // A surrogate is found by whoever looks for what it looks like. Values are searched for in what was written,
        // identifiers beside the surrogates.
        let (_, swaps) = self.rows.read_with_swaps(row as usize)?;
        let messages = swaps.undone(messages).ok_or_else(|| BuildError::Contradiction(SWAPPED.into()))?;
        let persons = messages.iter().filter(|message| is_person(message));
        Ok(Looked {
            row,
            suspects: again::suspects(easy, &messages),
            leaks: surviving(self.look_key, removed, &whole),
            clues: persons
                .flat_map(|message| evidence::clues(self.look_key, &self.wide, &message.content))
                .collect(),
        })
    }

    fn figures(&self, looked: &[Looked]) -> Residual {
        let suspects =
            looked.iter().fold(again::Again::default(), |all, one| all.merge(one.suspects.clone()));
        let mut leaks: BTreeMap<String, u64> = BTreeMap::new();
        let mut finds: BTreeMap<IdentifierKind, Finds> = BTreeMap::new();
        let mut people: HashMap<u32, (Clues, Clues)> = HashMap::new();
        for one in looked {
            for (kind, count) in &one.leaks {
                *leaks.entry(kind.placeholder_label().to_owned()).or_default() += count;
            }
            let Some(before) = self.evidence.get(&one.row) else { continue };
            before.finds.iter().for_each(|(kind, found)| finds.entry(*kind).or_default().add(found));
            if let [author] = self.authors_of(one.row as usize) {
                let (written, released) = people.entry(*author).or_default();
                before.clues.iter().for_each(|(sort, value)| written.add(*sort, *value));
                one.clues.iter().for_each(|(sort, value)| released.add(*sort, *value));
            }
        }
        let missed = finds
            .values()
            .map(Finds::missed)
            .fold([0.0; 3], |[value, low, high], one| [value + one.value, low + one.low, high + one.high]);
        let per_1000 = missed.map(|count| 1000.0 * count / suspects.turns.max(1) as f64);
        let written = crowds(people.values().map(|(written, _)| written));
        let released = crowds(people.values().map(|(_, released)| released));
        Residual {
            rows: suspects.rows,
            turns: suspects.turns,
            leaks,
            suspects: suspects.suspects,
            caught: finds
                .iter()
                .map(|(kind, found)| (kind.placeholder_label().to_owned(), found.caught()))
                .collect(),
            missed_per_1000_turns: (suspects.turns > 0)
                .then(|| interval(per_1000[0], per_1000[1], per_1000[2])),
            uniqueness: (written.people + released.people > 0).then_some(Uniqueness { written, released }),
            linkage: None,
            gates: BTreeMap::new(),
        }
    }

    /// Whether people's halves find each other, among people drawn by keyed hash.
    fn linkage(&self, kept: &[u32]) -> Result<Option<Linkage>, BuildError> {
        // One row of each conversation that a person wrote in alone: branches share their trunk.
        let mut seen = HashSet::new();
        let mut rows: HashMap<u32, Vec<u32>> = HashMap::new();
        for row in kept {
            if let [author] = self.authors_of(*row as usize)
                && seen.insert(self.conversations[*row as usize])
            {
                rows.entry(*author).or_default().push(*row);
            }
        }
        let mut people: Vec<(u64, Vec<u32>)> = rows
            .into_iter()
            .filter(|(_, rows)| rows.len() > 1)
            .map(|(author, rows)| (sip(self.look_key, &[u64::from(author)]), rows))
            .collect();
        people.sort_unstable();
        people.truncate(PEOPLE_MAX);
        let halves: Vec<Result<[String; 2], BuildError>> =
            people.par_iter().map(|(_, rows)| self.halves(rows)).collect();
        Ok(linkage(&halves.into_iter().collect::<Result<Vec<_>, _>>()?))
    }

    /// What a person wrote, every other conversation in the other half.
    fn halves(&self, rows: &[u32]) -> Result<[String; 2], BuildError> {
        let mut halves = [String::new(), String::new()];
        for (at, row) in rows.iter().take(STYLE_CONVERSATIONS_MAX).enumerate() {
            let half = &mut halves[at % 2];
            for message in self.rows.read(*row as usize)?.iter().filter(|message| is_person(message)) {
                if half.len() < HALF_BYTES_MAX {
                    let end = message.content.floor_char_boundary(HALF_BYTES_MAX);
                    half.extend([&message.content[..end.min(message.content.len())], "\n"]);
                }
            }
        }
        Ok(halves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_the_share_that_was_asked_for() {
        assert_eq!(sample_below(0, 100), None);
        assert_eq!(sample_below(100, 0), Some(u64::MAX));
        assert_eq!(sample_below(100, 100), Some(u64::MAX));
        assert_eq!(sample_below(100, 200), Some(u64::MAX / 2));
    }
}
