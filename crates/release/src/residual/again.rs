//! The part of the second look that needs nothing but the files of a release, so that anyone can take it again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use candor_conversation::Message;
use candor_deid::{Engine, IdentifierKind, Settings};
use rayon::prelude::*;
use serde::Serialize;

use super::{LOW_NAME_THRESHOLD, LOW_THRESHOLD, Suspects, second};
use crate::data;
use crate::manifest::Manifest;
use crate::stage;
use crate::verify::VerifyError;

/// What other detectors find in the rows of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Again {
    /// Rows looked at.
    pub rows: u64,
    /// Messages in them.
    pub turns: u64,
    /// Finds by kind.
    pub suspects: BTreeMap<String, Suspects>,
}

impl Again {
    pub(crate) fn merge(mut self, other: Again) -> Self {
        self.rows += other.rows;
        self.turns += other.turns;
        for (kind, found) in other.suspects {
            let sum = self.suspects.entry(kind).or_default();
            sum.low_threshold += found.low_threshold;
            sum.bare += found.bare;
            sum.second += found.second;
            sum.second_guesses += found.second_guesses;
        }
        self
    }
}

/// The settings, for every kind.
pub(crate) fn of_every_kind(settings: &Settings) -> Settings {
    Settings { kinds: IdentifierKind::ALL.to_vec(), ..settings.clone() }
}

/// The engine as it looks a second time: for every kind, and easily convinced.
pub fn easily_convinced(settings: &Settings) -> Engine {
    Engine::new(Settings {
        threshold: settings.threshold.min(LOW_THRESHOLD),
        name_threshold: settings.name_threshold.min(LOW_NAME_THRESHOLD),
        ..of_every_kind(settings)
    })
}

/// Looks at every `step`th row of a release's folder; the files are read as the manifest lists them.
pub fn look(
    folder: &Path,
    manifest: &Manifest,
    (settings, step): (&Settings, usize),
) -> Result<Again, VerifyError> {
    let engine = easily_convinced(settings);
    let mut all = Again::default();
    let mut number = 0;
    for file in &manifest.files {
        let path = folder.join(&file.path);
        let bytes = fs::read(&path).map_err(|source| VerifyError::File { path, source })?;
        data::read(bytes.into(), &file.path, |batch| -> Result<(), VerifyError> {
            let rows = stage::messages_of(&batch.messages)?;
            let drawn: Vec<&Vec<Message>> = rows
                .iter()
                .enumerate()
                .filter(|(at, _)| (number + at) % step.max(1) == 0)
                .map(|(_, row)| row)
                .collect();
            number += rows.len();
            let looked = drawn.par_iter().map(|row| suspects(&engine, row)).collect::<Vec<_>>();
            all = looked.into_iter().fold(std::mem::take(&mut all), Again::merge);
            Ok(())
        })?;
    }
    Ok(all)
}

/// What is suspicious in one row.
pub(crate) fn suspects(engine: &Engine, row: &[Message]) -> Again {
    let mut again = Again { rows: 1, turns: row.len() as u64, ..Again::default() };
    for Message { content, .. } in row {
        let mut of = |kind: IdentifierKind, count: fn(&mut Suspects)| {
            count(again.suspects.entry(kind.placeholder_label().to_owned()).or_default());
        };
        for span in engine.detect(content) {
            of(span.kind, |found| found.low_threshold += 1);
        }
        let ours = candor_deid::placeholder::find_all(content);
        for (range, kind) in engine.bare(content) {
            if !ours.iter().any(|ours| second::overlap(&ours.range, &range)) {
                of(kind, |found| found.bare += 1);
            }
        }
        for find in second::find(content) {
            let count: fn(&mut Suspects) =
                if find.guessed { |found| found.second_guesses += 1 } else { |found| found.second += 1 };
            of(find.kind, count);
        }
    }
    again
}
