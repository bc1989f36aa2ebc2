//! The map stages: from sealed conversations to de-identified, sketched rows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{FixedSizeBinaryArray, FixedSizeListArray};
use candor_consent::NoticeBook;
use candor_conversation::Message;
use candor_deid::{Counts, Engine};
use candor_vault::{AuthorTag, Decompressor, Entropy, Key, PeopleMet, Vault};
use rayon::prelude::*;

use super::{Bands, BuildError, Progress, Run, SharedPerson, WORD_COUNT_SHARDS_MAX};
use crate::assemble::{self, CONVERSATION_MESSAGES_MAX, Row, Rule, TurnCounts};
use crate::dedup::{Folded, Sketcher, WordCounts};
use crate::origin::{Place, RowPrints, Winnower};
use crate::recall::known_by;
use crate::residual::evidence::{self, Evidence};
use crate::spill::{self, Gathered};
use crate::stage::{self, Deidentified};
use crate::surrogates::{Replaced, Swaps, swaps_of};

/// Conversations that one task takes at a time.
const TASK_CONVERSATIONS: usize = 64;

/// What a task of the map stages gives back, in the order of its rows.
struct Mapped {
    rows: Vec<MappedRow>,
    turns: TurnCounts,
}

struct MappedRow {
    sealed: Vec<u8>,
    bands: Bands,
    digest: [u8; 16],
    folded: Folded,
    identifiers: Counts,
    /// How many surrogates the files have in its place.
    swaps: u64,
    authors: Arc<[AuthorTag]>,
    /// Fingerprints by which its turns and answers are found from other rows.
    prints: RowPrints,
    /// Whether it is the first row of its conversation.
    opens_conversation: bool,
    /// What is known of it before it was de-identified, if it is in the sample.
    evidence: Option<Evidence>,
}

/// What tasks share.
struct Shared<'a> {
    rule: Rule<'a>,
    engine: &'a Engine,
    sketcher: &'a Sketcher,
    winnower: &'a Winnower,
    key: &'a Key,
    wide: &'a Engine,
    /// The key of surrogates, where they are written.
    surrogate_key: Option<&'a Key>,
    look_key: [u64; 2],
    sample_below: Option<u64>,
}

impl Run<'_> {
    /// Runs the map stages over one partition after the other.
    pub(super) fn map(
        &mut self,
        vault: &Vault,
        entropy: &mut Entropy,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(), BuildError> {
        let notices = vault.notices()?;
        let shards = rayon::current_num_threads().min(WORD_COUNT_SHARDS_MAX);
        let shards: Vec<Mutex<WordCounts>> =
            (0..shards).map(|_| Mutex::new(self.word_counts.clone())).collect();
        let partitions = std::mem::take(&mut self.partitions);
        let total = partitions.len() as u64;
        let mut met = PeopleMet::default();
        for (done, path) in (1..).zip(partitions) {
            let conversations = spill::read_partition(&path)?;
            let pieces = conversations.iter().flat_map(|(_, pieces)| pieces);
            met.meet(vault, pieces.flat_map(|piece| piece.authors.iter().copied()))?;
            self.map_partition(&conversations, (met.people(), &notices), (&shards, entropy))?;
            progress(Progress { stage: "decide and de-identify", done, total });
        }
        for shard in shards {
            let shard =
                shard.into_inner().map_err(|_| BuildError::Contradiction("a task panicked".into()))?;
            if !self.word_counts.merge(&shard) {
                return Err(BuildError::Contradiction("word counts of another shape".into()));
            }
        }
        self.rows.flush()?;
        Ok(())
    }

    fn map_partition(
        &mut self,
        conversations: &[Gathered],
        (people, notices): (&HashMap<AuthorTag, SharedPerson>, &NoticeBook),
        (word_counts, entropy): (&[Mutex<WordCounts>], &mut Entropy),
    ) -> Result<(), BuildError> {
        let tasks: Vec<(&[Gathered], Entropy)> =
            conversations.chunks(TASK_CONVERSATIONS).map(|chunk| (chunk, entropy.fork())).collect();
        let shared = Shared {
            rule: Rule {
                purpose: self.plan.purpose,
                as_of: self.plan.as_of,
                now: self.plan.now,
                notices,
                people,
                messages_max: CONVERSATION_MESSAGES_MAX,
                attachments: self.plan.attachments,
                sensitive: &self.plan.sensitive,
            },
            engine: &self.engine,
            sketcher: &self.sketcher,
            winnower: &self.winnower,
            key: self.rows.key(),
            wide: &self.wide,
            surrogate_key: self.surrogate_key.as_ref(),
            look_key: self.look_key,
            sample_below: self.sample_below,
        };
        let mapped: Vec<Result<Mapped, BuildError>> =
            tasks.into_par_iter().map(|(chunk, mut entropy)| task(chunk, &shared, &mut entropy)).collect();
        // A misspelling that is repeated word for word must not come to look like a real word: of exact copies,
        // only the first is counted.
        let mut first_copies = Vec::new();
        for mapped in mapped {
            let mapped = mapped?;
            self.turns.add(&mapped.turns);
            for row in mapped.rows {
                first_copies.extend(self.take(row, people)?);
            }
        }
        first_copies.par_chunks(TASK_CONVERSATIONS).try_for_each(|rows| count_words(rows, word_counts))
    }

    /// Takes a row over; gives it back folded unless an exact copy came before.
    fn take(
        &mut self,
        row: MappedRow,
        people: &HashMap<AuthorTag, SharedPerson>,
    ) -> Result<Option<Folded>, BuildError> {
        let number = self.rows.len() as u64;
        self.rows.push(&row.sealed)?;
        self.swaps.extend((row.swaps > 0).then_some((number as u32, row.swaps)));
        let identifiers = row.identifiers.iter().filter(|(_, count)| *count > 0);
        self.identifiers.extend(identifiers.map(|(kind, count)| (number as u32, kind, count as u32)));
        for tag in row.authors.iter() {
            let person = people.get(tag);
            let person = person.ok_or_else(|| BuildError::Contradiction("a row without author".into()))?;
            self.authors.push(self.people.number(*tag, &person.subject.nonce));
        }
        let before = self.author_ends.last().copied().unwrap_or_default();
        self.author_ends.push(self.authors.len());
        let conversations =
            self.conversations.last().map_or(0, |last| last + u32::from(row.opens_conversation));
        self.conversations.push(conversations);
        self.quotes.push(row.prints.quotes);
        self.evidence.extend(row.evidence.map(|evidence| (number as u32, evidence)));
        if let Some(answers) = &mut self.answers {
            for (print, message, is_answer) in &row.prints.found {
                let place = Place { row: number as u32, message: *message as u32 };
                answers.push(*print, place, *is_answer, &self.authors[before..])?;
            }
        }
        if let Some(exchange) = &mut self.exchange {
            exchange.push(number, &row.bands)?;
        }
        Ok(self.digests.insert(row.digest).then_some(row.folded))
    }
}

fn task(
    conversations: &[Gathered],
    shared: &Shared<'_>,
    entropy: &mut Entropy,
) -> Result<Mapped, BuildError> {
    let mut decompressor = Decompressor::new()?;
    let mut turns = TurnCounts::default();
    let mut rows: Vec<Row> = Vec::new();
    // The conversation of each row, by its place.
    let mut of: Vec<&[u8; 32]> = Vec::new();
    for (conversation, pieces) in conversations {
        let (found, counts) = assemble::assemble(pieces, &shared.rule, &mut decompressor)?;
        turns.add(&counts);
        of.extend(found.iter().map(|_| conversation));
        rows.extend(found);
    }
    let said: Vec<_> = rows.iter_mut().map(|row| std::mem::take(&mut row.messages)).collect();
    let known: Vec<_> = rows.iter().map(|row| known_by(&row.authors, shared.rule.people)).collect();
    let (messages, replaced) = stage::deidentify(shared.engine, &stage::messages_array(&said)?, &known)?;
    let swaps = shared.swaps(&of, &rows, (&said, &replaced));
    let sketches = stage::sketch(shared.sketcher, &messages)?;
    let messages = stage::messages_of(&messages)?;
    let mapped = rows.into_iter().zip(messages).zip(sketches.folded).zip(swaps);
    let rows = mapped.enumerate().map(|(index, (((row, messages), folded), swaps))| MappedRow {
        prints: shared.winnower.prints_of_row(&messages),
        opens_conversation: index == 0 || of[index] != of[index - 1],
        sealed: spill::seal(shared.key, (&messages, &swaps), entropy),
        bands: bands_of(&sketches.bands, index),
        digest: digest_of(&sketches.digests, index),
        evidence: shared.evidence(&digest_of(&sketches.digests, index), (&said[index], &replaced[index])),
        folded,
        identifiers: replaced[index].counts,
        swaps: swaps.len() as u64,
        authors: row.authors,
    });
    Ok(Mapped { rows: rows.collect(), turns })
}

impl Shared<'_> {
    /// What is known of a row as it was written, if it is in the sample.
    fn evidence(&self, digest: &[u8; 16], (row, replaced): (&[Message], &Deidentified)) -> Option<Evidence> {
        let drawn = digest.first_chunk::<8>().map(|first| u64::from_be_bytes(*first))?;
        if drawn > self.sample_below? {
            return None;
        }
        Some(evidence::of_row(self.look_key, self.wide, row, &replaced.spans))
    }

    /// The surrogates of rows, each with its conversation; none where placeholders are written.
    fn swaps(
        &self,
        of: &[&[u8; 32]],
        rows: &[Row],
        (said, replaced): (&[Vec<Message>], &[Deidentified]),
    ) -> Vec<Swaps> {
        let Some(key) = self.surrogate_key else { return vec![Swaps::default(); rows.len()] };
        let all: Vec<Replaced<'_>> = rows
            .iter()
            .zip(said.iter().zip(replaced))
            .map(|(row, (said, replaced))| Replaced { said, spans: &replaced.spans, authors: &row.authors })
            .collect();
        let mut swaps = Vec::with_capacity(rows.len());
        for one in of.chunk_by(|a, b| a == b) {
            let rows = &all[swaps.len()..swaps.len() + one.len()];
            swaps.extend(swaps_of((key, self.rule.people), self.engine, one[0], rows));
        }
        swaps
    }
}

fn count_words(rows: &[Folded], word_counts: &[Mutex<WordCounts>]) -> Result<(), BuildError> {
    let shard = rayon::current_thread_index().unwrap_or_default() % word_counts.len();
    let mut counts =
        word_counts[shard].lock().map_err(|_| BuildError::Contradiction("a task panicked".into()))?;
    rows.iter().for_each(|row| counts.add(row));
    Ok(())
}

fn bands_of(array: &FixedSizeListArray, row: usize) -> Bands {
    let mut bands = Bands::default();
    let values = array.value(row);
    for (band, value) in bands.iter_mut().zip(values.as_primitive::<UInt64Type>().values()) {
        *band = *value;
    }
    bands
}

fn digest_of(array: &FixedSizeBinaryArray, row: usize) -> [u8; 16] {
    let mut digest = [0; 16];
    digest.copy_from_slice(&array.value(row)[..16]);
    digest
}
