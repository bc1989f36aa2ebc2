//! The part of the card about what may be left.

use std::fmt::Write as _;

use crate::manifest::Interval;
use crate::residual::{Linkage, Residual, Uniqueness};

/// How many both detectors must find for the estimate to be near the truth (Robson and Regier 1964).
const BOTH_MIN: u64 = 7;

pub(super) fn section(text: &mut String, residual: Option<&Residual>) -> std::fmt::Result {
    writeln!(text, "## What may be left\n")?;
    let Some(residual) = residual else {
        return writeln!(text, "Nobody looked a second time: the sample was set to nothing.\n");
    };
    writeln!(
        text,
        "A second look at {} of the written rows ({} turns), drawn by keyed hash. Figures with two bounds are 95 % \
         intervals.\n",
        residual.rows, residual.turns
    )?;
    leaks(text, residual)?;
    missed(text, residual)?;
    uniqueness(text, residual.uniqueness.as_ref())?;
    linkage(text, residual.linkage.as_ref())?;
    let gates: Vec<String> = residual.gates.iter().map(|(gate, most)| format!("`{gate}` {most}")).collect();
    if gates.is_empty() {
        writeln!(text, "No bound on these figures was set.\n")
    } else {
        writeln!(text, "Bounds that the release had to keep: {}.\n", gates.join(", "))
    }
}

fn leaks(text: &mut String, residual: &Residual) -> std::fmt::Result {
    let total: u64 = residual.leaks.values().sum();
    if total == 0 {
        return writeln!(
            text,
            "No value that was replaced in a conversation still stands in a row of it (exact search).\n"
        );
    }
    let kinds: Vec<String> = residual.leaks.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    writeln!(
        text,
        "**{total} values that were replaced in a conversation still stand in a row of it** ({}).\n",
        kinds.join(", ")
    )
}

fn missed(text: &mut String, residual: &Residual) -> std::fmt::Result {
    let Some(per_1000) = &residual.missed_per_1000_turns else { return Ok(()) };
    writeln!(
        text,
        "Identifiers missed for 1,000 turns: {}, estimated from what a second detector finds and the engine does not \
         (Chapman's estimator; kinds without a second detector are not in it).\n",
        shown(per_1000)
    )?;
    if !residual.caught.is_empty() {
        writeln!(
            text,
            "| kind | replaced | second detector | both | missed, estimated |\n|---|---:|---:|---:|---|"
        )?;
        for (kind, caught) in &residual.caught {
            let missed = shown(&caught.missed);
            writeln!(
                text,
                "| {kind} | {} | {} | {} | {missed} |",
                caught.engine, caught.second, caught.both
            )?;
        }
        writeln!(text)?;
        let few: Vec<&str> = residual
            .caught
            .iter()
            .filter(|(_, caught)| caught.both < BOTH_MIN && caught.second > caught.both)
            .map(|(kind, _)| kind.as_str())
            .collect();
        if !few.is_empty() {
            writeln!(
                text,
                "**Not to be relied on for {}**: with fewer than {BOTH_MIN} found by both, the estimate is biased \
                 (Robson and Regier 1964), and what only the second detector took for one counts as missed even where \
                 it is none. The same holds for the sum above.\n",
                few.join(", ")
            )?;
        }
    }
    if !residual.suspects.is_empty() {
        writeln!(text, "Suspicions in the rows as they are, most of them wrong:\n")?;
        writeln!(text, "| kind | engine, easily convinced | shape alone | second detector | its guesses |")?;
        writeln!(text, "|---|---:|---:|---:|---:|")?;
        for (kind, found) in &residual.suspects {
            writeln!(
                text,
                "| {kind} | {} | {} | {} | {} |",
                found.low_threshold, found.bare, found.second, found.second_guesses
            )?;
        }
        writeln!(text)?;
    }
    Ok(())
}

fn uniqueness(text: &mut String, uniqueness: Option<&Uniqueness>) -> std::fmt::Result {
    let Some(Uniqueness { written, released }) = uniqueness else {
        return writeln!(text, "No person in the sample gave two of: age, place, occupation, date, group.\n");
    };
    writeln!(
        text,
        "| people by how many share their age, place, occupation, date and group | as written | as released |"
    )?;
    writeln!(text, "|---|---:|---:|")?;
    for (size, count) in &written.sizes {
        writeln!(text, "| {size} | {count} | {} |", released.sizes.get(size).copied().unwrap_or_default())?;
    }
    writeln!(text, "| share alone with it | {} | {} |", written.unique_share, released.unique_share)?;
    writeln!(text, "| share among fewer than 5 | {} | {} |\n", written.below_5_share, released.below_5_share)
}

fn linkage(text: &mut String, linkage: Option<&Linkage>) -> std::fmt::Result {
    let Some(linkage) = linkage else {
        return writeln!(
            text,
            "Too few people with enough text to test whether style links their conversations.\n"
        );
    };
    writeln!(
        text,
        "Style links conversations: of {} people, {} are found first by the other half of what they wrote (by lot: \
         {}); the right half is more alike than a wrong one in {} of pairs (by lot: 0.5).\n",
        linkage.people,
        shown(&linkage.rank_1),
        linkage.chance,
        shown(&linkage.auc)
    )
}

fn shown(interval: &Interval) -> String {
    format!("{} ({} to {})", interval.value, interval.low, interval.high)
}
