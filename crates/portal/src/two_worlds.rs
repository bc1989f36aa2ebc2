//! `/two-worlds`: the same people and chats under two notices, as `candor quickstart` found them. The page is there only
//! where the file is.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use crate::page::{Frame, page};
use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::visitor::Visitor;

/// Dots in a picture; where there are more people, a dot stands for several.
const DOTS_MAX: u64 = 200;
/// Dots in a line.
const DOTS_IN_LINE: u64 = 20;
/// From dot to dot, in units of the picture.
const STEP: u64 = 16;

/// The words of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TwoWorldsText {
    title: String,
    intro: String,
    picture: String,
    used: String,
    unasked: String,
    left_out: String,
    unused: String,
    left_out_more: String,
    stands_for: String,
    of: String,
    numbers: String,
    what: String,
    ours: String,
    providers: String,
    people_used: String,
    turns_used: String,
    by_consent: String,
    without_consent: String,
    refused_by_law: String,
    refused_as_minors: String,
    turns_kept: String,
    rows_learned: String,
    kept_days: String,
    after_withdrawal: String,
    purged: String,
    stays: String,
    invented: String,
}

/// `two-worlds.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TwoWorlds {
    format: String,
    /// Everybody, in both worlds.
    people: u64,
    ours: World,
    providers: World,
}

/// What happened under one notice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct World {
    people_used: u64,
    /// People whom the notice takes, and of whom nothing is used since the law asks for consent where they are.
    people_left_out_by_law: u64,
    turns_used: u64,
    by_consent: u64,
    without_consent: u64,
    refused_by_law: u64,
    refused_as_minors: u64,
    turns_kept: u64,
    rows_learned: u64,
    kept_days: u64,
    purges_after_withdrawal: bool,
}

/// People as dots.
struct Picture<'a> {
    id: &'static str,
    title: &'a str,
    used: u64,
    left_out: u64,
    people: u64,
    /// People that a dot stands for.
    each: u64,
    dots: Vec<Dot>,
    width: u64,
    height: u64,
}

struct Dot {
    x: u64,
    y: u64,
    kind: DotKind,
}

/// What becomes of a person's messages; each has a shape of its own, so that no colour is needed to tell.
#[derive(Clone, Copy, PartialEq)]
enum DotKind {
    Used,
    UsedUnasked,
    LeftOut,
    Unused,
}

struct Row<'a> {
    what: &'a str,
    ours: String,
    providers: String,
}

#[derive(Template)]
#[template(path = "two_worlds.html")]
struct TwoWorldsPage<'a> {
    frame: Frame<'a>,
    text: &'a TwoWorldsText,
    pictures: [Picture<'a>; 2],
    rows: Vec<Row<'a>>,
}

/// The page.
pub(crate) async fn show(State(portal): State<Arc<Portal>>, visitor: Visitor) -> Response {
    let answer = || {
        let text = portal.texts.two_worlds.of(visitor.locale);
        let found = portal.desk.two_worlds().ok_or(Refusal::NotFound)?;
        let worlds: TwoWorlds =
            serde_json::from_slice(&found).map_err(|_| Refusal::Broken("read two-worlds.json"))?;
        if worlds.format != "candor-two-worlds-1" {
            return Err(Refusal::Broken("read two-worlds.json"));
        }
        let pictures = [
            Picture::of("ours", &text.ours, &worlds.ours, worlds.people),
            Picture::of("providers", &text.providers, &worlds.providers, worlds.people),
        ];
        let frame = Frame::new(&portal, &visitor);
        page(&TwoWorldsPage { frame, text, pictures, rows: rows(&worlds, text) })
    };
    answer().unwrap_or_else(|refusal| refusal.answer(&portal, &visitor))
}

impl<'a> Picture<'a> {
    fn of(id: &'static str, title: &'a str, world: &World, people: u64) -> Self {
        let used = world.people_used.min(people);
        let left_out = world.people_left_out_by_law.min(people - used);
        let each = people.div_ceil(DOTS_MAX).max(1);
        let (filled, taken, all) =
            (used.div_ceil(each), (used + left_out).div_ceil(each), people.div_ceil(each));
        let used_kind = if world.by_consent == 0 { DotKind::UsedUnasked } else { DotKind::Used };
        let kind = |number| match number {
            _ if number < filled => used_kind,
            _ if number < taken => DotKind::LeftOut,
            _ => DotKind::Unused,
        };
        let dot = |number| Dot {
            x: number % DOTS_IN_LINE * STEP + STEP / 2,
            y: number / DOTS_IN_LINE * STEP + STEP / 2,
            kind: kind(number),
        };
        let lines = all.div_ceil(DOTS_IN_LINE).max(1);
        let dots = (0..all).map(dot).collect();
        let (width, height) = (DOTS_IN_LINE * STEP, lines * STEP);
        Self { id, title, used, left_out, people, each, dots, width, height }
    }
}

fn rows<'a>(worlds: &TwoWorlds, text: &'a TwoWorldsText) -> Vec<Row<'a>> {
    let row = |what: &'a str, of: fn(&World) -> u64| Row {
        what,
        ours: of(&worlds.ours).to_string(),
        providers: of(&worlds.providers).to_string(),
    };
    let purges =
        |world: &World| if world.purges_after_withdrawal { &text.purged } else { &text.stays }.clone();
    vec![
        row(&text.people_used, |world| world.people_used),
        row(&text.turns_used, |world| world.turns_used),
        row(&text.by_consent, |world| world.by_consent),
        row(&text.without_consent, |world| world.without_consent),
        row(&text.refused_by_law, |world| world.refused_by_law),
        row(&text.refused_as_minors, |world| world.refused_as_minors),
        row(&text.turns_kept, |world| world.turns_kept),
        row(&text.rows_learned, |world| world.rows_learned),
        row(&text.kept_days, |world| world.kept_days),
        Row {
            what: &text.after_withdrawal,
            ours: purges(&worlds.ours),
            providers: purges(&worlds.providers),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(people_used: u64, people_left_out_by_law: u64, by_consent: u64) -> World {
        World {
            people_used,
            people_left_out_by_law,
            turns_used: 0,
            by_consent,
            without_consent: 0,
            refused_by_law: 0,
            refused_as_minors: 0,
            turns_kept: 0,
            rows_learned: 0,
            kept_days: 0,
            purges_after_withdrawal: true,
        }
    }

    #[test]
    fn there_are_never_more_dots_than_fit_and_somebody_used_is_always_seen() {
        for (used, people) in [(0, 0), (0, 5), (1, 200), (1, 1_000_000), (7, 201), (9, 5)] {
            let picture = Picture::of("a", "a", &world(used, 3, 1), people);
            assert!(picture.dots.len() as u64 <= DOTS_MAX);
            assert!(picture.dots.len() as u64 * picture.each >= people);
            let is_used = |dot: &Dot| dot.kind == DotKind::Used;
            assert_eq!(picture.dots.iter().any(is_used), used.min(people) > 0);
            assert!(picture.dots.iter().all(|dot| dot.x < picture.width && dot.y < picture.height));
        }
    }

    #[test]
    fn who_was_never_asked_and_who_is_left_out_by_law_is_told_from_the_others() {
        let picture = Picture::of("a", "a", &world(2, 3, 0), 9);
        let count = |kind| picture.dots.iter().filter(|dot| dot.kind == kind).count();
        let counts = [DotKind::Used, DotKind::UsedUnasked, DotKind::LeftOut, DotKind::Unused].map(count);
        assert_eq!(counts, [0, 2, 3, 4]);
    }
}
