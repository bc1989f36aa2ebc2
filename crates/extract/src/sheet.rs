//! Workbooks: the cells of XLSX, as ECMA-376 part 1 §18 writes them, row by row.
//!
//! Numbers of days that a format shows as dates come out as dates: a day of birth must not pass as `31245`.

use std::io::Cursor;

use quick_xml::events::BytesStart;

use crate::limits::{Budget, Unreadable};
use crate::package::{Package, WORKBOOK};
use crate::place::{Place, TextPart};
use crate::xml::{Met, attribute, walk};

mod dates;

use dates::Formats;

/// The rows with something in them, sheet by sheet; cells are separated by tabs.
pub(crate) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Vec<TextPart>, Unreadable> {
    let mut package = Package::open(Cursor::new(bytes), budget)?;
    let workbook = package.part(WORKBOOK, budget)?.ok_or(Unreadable::Damaged)?;
    let shared = match package.part("xl/sharedStrings.xml", budget)? {
        Some(source) => strings(&source, budget)?,
        None => Vec::new(),
    };
    let styles = package.part("xl/styles.xml", budget)?.unwrap_or_default();
    let formats = Formats::read(&workbook, &styles, budget)?;
    let mut parts = titles(&workbook, budget)?;
    for (sheet, name) in (1..).zip(package.names("xl/worksheets/", ".xml")) {
        if let Some(source) = package.part(&name, budget)? {
            rows(&source, (sheet, &shared, &formats), &mut parts, budget)?;
        }
    }
    for name in package.names("xl/comments", ".xml") {
        if let Some(source) = package.part(&name, budget)? {
            for text in strings_of(&source, "comment", budget)? {
                parts.push(TextPart { place: Place::Whole, text });
            }
        }
    }
    Ok(parts)
}

/// The sheets' names, which people use as titles.
fn titles(workbook: &str, budget: &mut Budget) -> Result<Vec<TextPart>, Unreadable> {
    let mut names = Vec::new();
    walk(workbook, budget, |met, budget| {
        if let Met::Open("sheet", tag) = met
            && let Some(name) = attribute(tag, "name")
        {
            budget.take_text(name.len())?;
            names.push(name);
        }
        Ok(())
    })?;
    Ok(vec![TextPart { place: Place::Whole, text: names.join("\t") }])
}

fn strings(source: &str, budget: &mut Budget) -> Result<Vec<String>, Unreadable> {
    strings_of(source, "si", budget)
}

/// The text of each element of a name. Readings of Chinese characters (`rPh`) are left out.
fn strings_of(source: &str, element: &str, budget: &mut Budget) -> Result<Vec<String>, Unreadable> {
    let (mut all, mut text, mut in_text, mut reading) = (Vec::new(), String::new(), false, false);
    walk(source, budget, |met, budget| {
        match met {
            Met::Open("t", _) => in_text = true,
            Met::Close("t") => in_text = false,
            Met::Open("rPh", _) => reading = true,
            Met::Close("rPh") => reading = false,
            Met::Text(found) if in_text && !reading => text.push_str(&found),
            Met::Close(name) if name == element => {
                budget.take_text(text.len())?;
                all.push(std::mem::take(&mut text));
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(all)
}

/// A cell as it is read.
#[derive(Default)]
struct Cell {
    reference: String,
    kind: String,
    style: usize,
    text: String,
}

impl Cell {
    fn open(tag: &BytesStart<'_>) -> Self {
        Self {
            reference: attribute(tag, "r").unwrap_or_default(),
            kind: attribute(tag, "t").unwrap_or_default(),
            style: attribute(tag, "s").and_then(|style| style.parse().ok()).unwrap_or_default(),
            text: String::new(),
        }
    }

    /// What it shows.
    fn shown(&self, shared: &[String], formats: &Formats) -> String {
        match self.kind.as_str() {
            "s" => self
                .text
                .trim()
                .parse()
                .ok()
                .and_then(|at: usize| shared.get(at))
                .cloned()
                .unwrap_or_default(),
            "b" => if self.text.trim() == "1" { "TRUE" } else { "FALSE" }.into(),
            "" | "n" => number(&self.text, formats.is_date(self.style), formats),
            _ => self.text.clone(),
        }
    }
}

/// A number as a cell shows it: whole numbers without an exponent, days as dates.
fn number(text: &str, is_date: bool, formats: &Formats) -> String {
    const WHOLE_MAX: f64 = 9e15;
    match text.trim().parse::<f64>() {
        Ok(value) if is_date => formats.date(value).unwrap_or_else(|| text.to_owned()),
        Ok(value) if value.fract() == 0.0 && value.abs() < WHOLE_MAX => format!("{value:.0}"),
        _ => text.to_owned(),
    }
}

fn rows(
    source: &str,
    (sheet, shared, formats): (u32, &[String], &Formats),
    parts: &mut Vec<TextPart>,
    budget: &mut Budget,
) -> Result<(), Unreadable> {
    let (mut row, mut cell): (Vec<(String, String)>, Option<Cell>) = (Vec::new(), None);
    let mut in_value = false;
    walk(source, budget, |met, budget| {
        match met {
            Met::Open("c", tag) => cell = Some(Cell::open(tag)),
            Met::Open("v" | "t", _) => in_value = true,
            Met::Close("v" | "t") => in_value = false,
            Met::Text(found) if in_value => {
                if let Some(cell) = &mut cell {
                    cell.text.push_str(&found);
                }
            }
            Met::Close("c") => {
                let cell = cell.take().unwrap_or_default();
                let shown = cell.shown(shared, formats);
                // A shared string may be shown in a million cells: each counts.
                budget.take_text(shown.len() + 1)?;
                if !shown.is_empty() {
                    row.push((cell.reference, shown));
                }
            }
            Met::Close("row") => parts.extend(part(sheet, std::mem::take(&mut row))),
            _ => {}
        }
        Ok(())
    })
}

fn part(sheet: u32, row: Vec<(String, String)>) -> Option<TextPart> {
    let (first, last) = (row.first()?.0.clone(), row.last()?.0.clone());
    let text = row.into_iter().map(|(_, shown)| shown).collect::<Vec<_>>().join("\t");
    Some(TextPart { place: Place::Cells { sheet, first, last }, text })
}
