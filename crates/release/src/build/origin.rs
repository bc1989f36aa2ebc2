//! Human origin of the rows that are released: from fingerprints to spans, and the sums that the card states.

use candor_conversation::Message;
use rayon::prelude::*;

use super::{BuildError, Run};
use crate::manifest::OriginCounts;
use crate::origin::{Origin, RowOrigin, ShareSum, Sightings, Tally};
use crate::surrogates::Swaps;

/// What is wrong where a placeholder does not stand where it should.
pub(super) const SWAPPED: &str = "a surrogate is for another row";

/// What is known of the origin of some rows, in their order.
#[derive(Default)]
pub(super) struct Traced {
    tally: Tally,
    /// Human bytes and all bytes of persons' turns, by conversation.
    shares: Vec<(u32, u64, u64)>,
}

impl Run<'_> {
    /// Brings persons' turns and the answers that they may hold together.
    pub(super) fn sightings(&mut self) -> Result<Sightings, BuildError> {
        let answers = self.answers.take();
        let answers = answers.ok_or_else(|| BuildError::Contradiction("origins were joined twice".into()))?;
        Ok(answers.finish()?)
    }

    /// Traces rows, each with its number, and gives each as it is written with what is known of it.
    pub(super) fn trace(
        &self,
        numbers: &[u32],
        rows: &[(Vec<Message>, Swaps)],
        (sightings, traced): (&Sightings, &mut Traced),
    ) -> Result<Vec<(Vec<Message>, RowOrigin)>, BuildError> {
        let origin = |(number, (messages, swaps)): (&u32, &(Vec<Message>, Swaps))| -> Result<_, BuildError> {
            let mut elsewhere = Vec::new();
            for place in sightings.of_row(*number) {
                let row = self.rows.read(place.row as usize)?;
                elsewhere.extend(row.into_iter().nth(place.message as usize));
            }
            let texts: Vec<&str> = elsewhere.iter().map(|answer| answer.content.as_str()).collect();
            let is_traced = self.quotes[*number as usize] || !texts.is_empty();
            let origin =
                if is_traced { self.winnower.trace(messages, &texts) } else { Origin::unknown(messages) };
            let origin = swaps.moved(&origin);
            let row = RowOrigin::new(&origin, self.plan.pasted_permille);
            let written = swaps.written(messages).ok_or_else(|| BuildError::Contradiction(SWAPPED.into()))?;
            Ok((written, row, origin.human_bytes(), origin.person_bytes()))
        };
        let found: Vec<Result<_, BuildError>> = numbers.par_iter().zip(rows).map(origin).collect();
        let mut origins = Vec::with_capacity(rows.len());
        for (number, found) in numbers.iter().zip(found) {
            let (written, row, human, person) = found?;
            let added = traced.tally.add_written(&written, &row, self.plan.pasted_permille);
            added.map_err(|error| BuildError::Contradiction(error.to_string()))?;
            traced.add_share(self.conversations[*number as usize], (human, person));
            origins.push((written, row));
        }
        Ok(origins)
    }
}

impl Traced {
    fn add_share(&mut self, conversation: u32, (human, person): (u64, u64)) {
        match self.shares.last_mut().filter(|last| last.0 == conversation) {
            Some(last) => (last.1, last.2) = (last.1 + human, last.2 + person),
            None => self.shares.push((conversation, human, person)),
        }
    }

    /// Adds what is known of the rows that follow.
    pub(super) fn merge(&mut self, next: Traced) {
        self.tally.merge(&next.tally);
        next.shares
            .into_iter()
            .for_each(|(conversation, human, person)| self.add_share(conversation, (human, person)));
    }

    /// The sums for the manifest.
    pub(super) fn counts(self) -> OriginCounts {
        let mut share = ShareSum::default();
        self.shares.iter().for_each(|(_, human, person)| share.add(*human, *person));
        OriginCounts::new(self.tally, &share)
    }
}
