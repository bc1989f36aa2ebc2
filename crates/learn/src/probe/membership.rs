//! Membership inference: can somebody who holds the model tell whether it learned from a conversation?

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use rayon::prelude::*;
use serde::Serialize;

use super::statistics::{Figure, area, share};
use crate::load::Row;
use crate::model::{Model, ModelError};

/// Share of strangers that may be taken for members where the share of members found is told (Carlini et al.,
/// "Membership Inference Attacks From First Principles", 2022: an attack that is right about a few for certain is
/// worse for them than one that is a little right about all).
const FALSE_ALARMS: f64 = 0.01;

/// How well members are told from strangers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Membership {
    /// Conversations that the model learned from.
    pub members: usize,
    /// Conversations that it did not.
    pub strangers: usize,
    /// Chance that a member looks more like one than a stranger, by its bits for each byte alone (Yeom et al. 2018).
    /// 0.5 is no better than guessing.
    pub by_loss: Figure,
    /// The same, by its bits beside the size that zlib packs it to (Carlini et al. 2021): text that is easy for
    /// everyone no longer counts as known.
    pub by_loss_over_zlib: Figure,
    /// Share of members found, by the better of the two, while 1 % of strangers are taken for members; none with fewer
    /// than 100 strangers, which cannot tell.
    pub found_at_one_percent: Option<Figure>,
}

/// Runs both attacks; `None` where there are no members or no strangers. Both must be from the same kind of people, or
/// the attacks tell kinds apart.
///
/// # Errors
/// When the arithmetic fails.
pub fn membership(
    model: &Model,
    members: &[&Row],
    strangers: &[&Row],
) -> Result<Option<Membership>, ModelError> {
    let (members, strangers) = (scores(model, members)?, scores(model, strangers)?);
    let column = |scores: &[Scores], of: fn(&Scores) -> f64| scores.iter().map(of).collect::<Vec<f64>>();
    let by = |of: fn(&Scores) -> f64| area(&column(&members, of), &column(&strangers, of));
    let (Some(by_loss), Some(by_loss_over_zlib)) = (by(|s| s.loss), by(|s| s.over_zlib)) else {
        return Ok(None);
    };
    let better: fn(&Scores) -> f64 =
        if by_loss.value >= by_loss_over_zlib.value { |s| s.loss } else { |s| s.over_zlib };
    let mut refused = column(&strangers, better);
    refused.sort_by(|a, b| b.total_cmp(a));
    let allowed = (refused.len() as f64 * FALSE_ALARMS) as usize;
    let found = |threshold: &f64| members.iter().filter(|member| better(member) > *threshold).count();
    let at_one_percent = refused.get(allowed).filter(|_| allowed > 0).map(found);
    Ok(Some(Membership {
        members: members.len(),
        strangers: strangers.len(),
        by_loss,
        by_loss_over_zlib,
        found_at_one_percent: at_one_percent.and_then(|found| share(found, members.len())),
    }))
}

/// Higher looks more like a member.
struct Scores {
    loss: f64,
    over_zlib: f64,
}

fn scores(model: &Model, rows: &[&Row]) -> Result<Vec<Scores>, ModelError> {
    let score = |row: &&Row| -> Result<Option<Scores>, ModelError> {
        let found = model.likelihood(&row.messages, 0)?;
        let packed = packed_bytes(row);
        let whole = found.bytes > 0 && packed > 0;
        Ok(whole.then(|| Scores { loss: -found.bits_per_byte(), over_zlib: -found.bits() / packed as f64 }))
    };
    let scores: Vec<Option<Scores>> = rows.par_iter().map(score).collect::<Result<_, _>>()?;
    Ok(scores.into_iter().flatten().collect())
}

/// Bytes that zlib packs a conversation's text to; 0 if it cannot.
fn packed_bytes(row: &Row) -> usize {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::best());
    let packed = row.messages.iter().try_for_each(|message| packer.write_all(message.content.as_bytes()));
    packed.and_then(|()| packer.finish()).map_or(0, |packed| packed.len())
}
