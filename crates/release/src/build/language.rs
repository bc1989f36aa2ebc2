//! The indicators of the released rows, and what the releases before say.

use candor_consent::Purpose;
use candor_conversation::Message;
use candor_vault::{Entropy, ReleaseRow, Vault};
use serde_json::Value;

use super::{BuildError, Run};
use crate::dsse::Envelope;
use crate::indicators::{Reference, SAMPLE_TOKENS_MAX, Sample};
use crate::language::{Language, language};
use crate::layout;
use crate::origin::{is_answer, is_person};

/// Most rows that are read for a sample; long before, both sides are full, unless one has hardly any text.
const SAMPLE_ROWS_MAX: usize = 50_000;

impl Run<'_> {
    /// Measures the kept rows against the reference and the last release for the same purpose. The first release
    /// freezes the reference for those that follow: every other of its rows, so that the rest is measured against
    /// rows that it is not made of.
    pub(super) fn language(
        &self,
        vault: &Vault,
        kept: &[u32],
        entropy: &mut Entropy,
    ) -> Result<Language, BuildError> {
        let earlier = earlier_releases(vault, self.plan.purpose)?;
        let last = earlier.iter().rev().find_map(|name| {
            let bytes = vault.read_record(&layout::record_path(name, layout::RECORD_LANGUAGE)).ok()?;
            Some((name.clone(), serde_json::from_slice(&bytes).ok()?))
        });
        let frozen = self.plan.reference.clone().map(|reference| (reference, "file".to_owned()));
        let frozen = frozen.or_else(|| {
            earlier.iter().find_map(|name| {
                let bytes = vault.read_record(&layout::record_path(name, layout::RECORD_REFERENCE)).ok()?;
                Some((Reference::from_bytes(&bytes)?, format!("release {name}")))
            })
        });
        let measured = match frozen {
            Some((reference, from)) => {
                language(self.samples(kept.iter())?.each_ref(), (&reference, from), last)
            }
            None => {
                let reference = self.reference(kept.iter().skip(1).step_by(2))?;
                let path = layout::record_path(&self.plan.name, layout::RECORD_REFERENCE);
                vault.write_record(&path, &reference.to_bytes(), entropy)?;
                let samples = self.samples(kept.iter().step_by(2))?;
                language(samples.each_ref(), (&reference, format!("release {}", self.plan.name)), last)
            }
        };
        let bytes = serde_json::to_vec(&measured).unwrap_or_default();
        let path = layout::record_path(&self.plan.name, layout::RECORD_LANGUAGE);
        vault.write_record(&path, &bytes, entropy)?;
        Ok(measured)
    }

    /// Samples of what people and what the model said.
    fn samples<'k>(&self, kept: impl Iterator<Item = &'k u32>) -> Result<[Sample; 2], BuildError> {
        let mut samples = [Sample::default(), Sample::default()];
        for row in kept.take(SAMPLE_ROWS_MAX) {
            if samples.iter().all(Sample::is_full) {
                break;
            }
            for message in self.rows.read(*row as usize)? {
                let side = [is_person(&message), is_answer(&message)].into_iter().position(|is_side| is_side);
                if let Some(sample) = side.map(|side| &mut samples[side]) {
                    sample.push(&message.content);
                }
            }
        }
        Ok(samples)
    }

    /// The rare words of what people said, by conversation.
    fn reference<'k>(&self, kept: impl Iterator<Item = &'k u32>) -> Result<Reference, BuildError> {
        let (mut texts, mut bytes, mut conversation) = (Vec::<String>::new(), 0, None);
        for row in kept.take(SAMPLE_ROWS_MAX) {
            // A token is at least a byte.
            if bytes >= SAMPLE_TOKENS_MAX * TOKEN_BYTES_MAX {
                break;
            }
            let persons = self.rows.read(*row as usize)?.into_iter().filter(is_person);
            let text = persons.map(|Message { content, .. }| content).collect::<Vec<_>>().join("\n");
            bytes += text.len();
            // Branches of one conversation are one text: what they share, one conversation said.
            let same = conversation.replace(self.conversations[*row as usize])
                == Some(self.conversations[*row as usize]);
            match texts.last_mut().filter(|_| same) {
                Some(last) => last.extend(["\n", &text]),
                None => texts.push(text),
            }
        }
        Ok(Reference::of(texts.iter().map(String::as_str)))
    }
}

/// Bytes a token, at most, that are read for a reference; shorter words make it end at its count of tokens.
const TOKEN_BYTES_MAX: usize = 16;

/// Releases for the same purpose, oldest first.
fn earlier_releases(vault: &Vault, purpose: Purpose) -> Result<Vec<String>, BuildError> {
    let mut releases = vault.releases()?;
    releases.retain(|release| purpose_of(release).as_deref() == Some(purpose.as_str()));
    Ok(releases.into_iter().map(|release| release.name).collect())
}

fn purpose_of(release: &ReleaseRow) -> Option<String> {
    let envelope: Value = serde_json::from_str(&release.statement).ok()?;
    let statement = Envelope::from_value(&envelope).ok()?.statement().ok()?;
    Some(statement.pointer("/predicate/purpose")?.as_str()?.to_owned())
}
