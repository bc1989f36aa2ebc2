//! One page: the strings it shows, with the spaces and line ends that their positions make.

use std::collections::BTreeMap;

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Encoding, Object, ObjectId};

use crate::limits::{Budget, Unreadable};

/// How deep forms may lie in one another.
const FORMS_MAX: usize = 6;
/// A gap in a line of at least this share of the font's size, in thousandths, is a space.
const SPACE_THOUSANDTHS: f32 = 180.0;

/// What a page says.
#[derive(Default)]
pub(super) struct Page {
    pub(super) text: String,
    /// Bytes of strings whose characters are known.
    pub(super) known: usize,
    /// Bytes of strings whose characters are not.
    pub(super) unknown: usize,
}

/// The resources that a stream names things by, nearest first.
type Resources<'d> = Vec<&'d Dictionary>;

impl Page {
    pub(super) fn draw(document: &Document, id: ObjectId, budget: &mut Budget) -> Result<Self, Unreadable> {
        let damaged = |_| Unreadable::Damaged;
        let (direct, ids) = document.get_page_resources(id).map_err(damaged)?;
        let mut resources: Resources<'_> = direct.into_iter().collect();
        resources.extend(ids.iter().filter_map(|id| document.get_dictionary(*id).ok()));
        let most = budget.unpacked_max(usize::MAX);
        let content = document.get_page_content_with_limit(id, most).map_err(of_stream)?;
        let mut page = Self::default();
        page.show(document, (&content, &resources), FORMS_MAX, budget)?;
        Ok(page)
    }

    fn show(
        &mut self,
        document: &Document,
        (content, resources): (&[u8], &Resources<'_>),
        forms: usize,
        budget: &mut Budget,
    ) -> Result<(), Unreadable> {
        budget.take_unpacked(content.len())?;
        let mut fonts: BTreeMap<Vec<u8>, Option<Encoding<'_>>> = BTreeMap::new();
        let mut font: Option<Vec<u8>> = None;
        for operation in Content::decode_iter(content) {
            budget.take_steps(1)?;
            let operation = operation.map_err(|_| Unreadable::Damaged)?;
            match operation.operator.as_str() {
                "Tf" => {
                    let name =
                        operation.operands.first().and_then(|name| name.as_name().ok()).unwrap_or_default();
                    if !fonts.contains_key(name) {
                        fonts.insert(name.to_vec(), encoding(document, (resources, name), budget)?);
                    }
                    font = Some(name.to_vec());
                }
                "Do" => self.form(document, (&operation, resources), forms, budget)?,
                _ => {
                    let encoding = font.as_ref().and_then(|name| fonts.get(name)).and_then(Option::as_ref);
                    self.operation(&operation, encoding);
                }
            }
        }
        Ok(())
    }

    fn operation(&mut self, operation: &Operation, encoding: Option<&Encoding<'_>>) {
        let number =
            |at: usize| operation.operands.get(at).and_then(|n| n.as_float().ok()).unwrap_or_default();
        match operation.operator.as_str() {
            // A move within the line is a gap; one to another line ends it.
            "Td" | "TD" if number(1) == 0.0 => self.space(),
            "Td" | "TD" | "T*" | "ET" => self.line(),
            "Tm" => self.line(),
            "'" | "\"" => {
                self.line();
                operation.operands.last().into_iter().for_each(|text| self.string(text, encoding));
            }
            "Tj" => operation.operands.iter().for_each(|text| self.string(text, encoding)),
            "TJ" => {
                let all = operation.operands.first().and_then(|list| list.as_array().ok());
                for part in all.into_iter().flatten() {
                    match part.as_float() {
                        Ok(back) if -back > SPACE_THOUSANDTHS => self.space(),
                        Ok(_) => {}
                        Err(_) => self.string(part, encoding),
                    }
                }
            }
            _ => {}
        }
    }

    fn string(&mut self, object: &Object, encoding: Option<&Encoding<'_>>) {
        let Ok(bytes) = object.as_str() else { return };
        let read = encoding.and_then(|encoding| Document::decode_text(encoding, bytes).ok());
        let is_known = |c: &char| *c != char::REPLACEMENT_CHARACTER && (!c.is_control() || c.is_whitespace());
        match read {
            Some(text) if !text.is_empty() || bytes.is_empty() => {
                let all = text.chars().count();
                let unknown = all - text.chars().filter(is_known).count();
                self.unknown += unknown;
                self.known += all - unknown;
                self.text.extend(text.chars().filter(is_known));
            }
            _ => self.unknown += bytes.len(),
        }
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(char::is_whitespace) {
            self.text.push(' ');
        }
    }

    fn line(&mut self) {
        self.text.truncate(self.text.trim_end_matches(' ').len());
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Draws a form that is drawn here, in place.
    fn form(
        &mut self,
        document: &Document,
        (operation, resources): (&Operation, &Resources<'_>),
        forms: usize,
        budget: &mut Budget,
    ) -> Result<(), Unreadable> {
        let name = operation.operands.first().and_then(|name| name.as_name().ok()).unwrap_or_default();
        let Some(object) = named(document, resources, (b"XObject", name)) else { return Ok(()) };
        let Ok(stream) = object.as_stream() else { return Ok(()) };
        let is_form = stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|name| name == b"Form");
        if !is_form {
            return Ok(());
        }
        let forms = forms.checked_sub(1).ok_or(Unreadable::TooLarge)?;
        let own = stream.dict.get_deref(b"Resources", document).and_then(Object::as_dict);
        let own: Resources<'_> = own.into_iter().chain(resources.iter().copied()).collect();
        let most = budget.unpacked_max(usize::MAX);
        let content = stream.get_plain_content_with_limit(most).map_err(of_stream)?;
        self.show(document, (&content, &own), forms, budget)
    }
}

/// What resources call by a name.
fn named<'d>(
    document: &'d Document,
    resources: &Resources<'d>,
    (category, name): (&[u8], &[u8]),
) -> Option<&'d Object> {
    let of = |dictionary: &&'d Dictionary| {
        let all = dictionary.get_deref(category, document).and_then(Object::as_dict).ok()?;
        all.get_deref(name, document).ok()
    };
    resources.iter().find_map(of)
}

/// How a font's codes are read; `None` where it does not say.
fn encoding<'d>(
    document: &'d Document,
    (resources, name): (&Resources<'d>, &[u8]),
    budget: &mut Budget,
) -> Result<Option<Encoding<'d>>, Unreadable> {
    let Some(font) = named(document, resources, (b"Font", name)).and_then(|font| font.as_dict().ok()) else {
        return Ok(None);
    };
    let table = font.get_deref(b"ToUnicode", document).and_then(Object::as_stream);
    let table_bytes = table.map_or(0, |table| table.content.len());
    budget.take_steps(table_bytes)?;
    let most = budget.unpacked_max(table_bytes);
    if table_bytes > 0 {
        // The table of characters goes before an encoding, which names glyphs only (§9.10.2).
        let mut font = font.clone();
        font.remove(b"Encoding");
        match font.get_font_encoding_with_limit(document, most) {
            Ok(Encoding::UnicodeMapEncoding(map)) => return Ok(Some(Encoding::UnicodeMapEncoding(map))),
            Err(error) if is_bomb(&error) => return Err(Unreadable::TooLarge),
            _ => {}
        }
    }
    let composite = font.get(b"Subtype").and_then(Object::as_name).is_ok_and(|name| name == b"Type0");
    if composite {
        return Ok(None);
    }
    match font.get_font_encoding_with_limit(document, most) {
        Ok(encoding) => Ok(Some(encoding)),
        Err(error) if is_bomb(&error) => Err(Unreadable::TooLarge),
        Err(_) => Ok(None),
    }
}

/// Why a stream is not read.
fn of_stream(error: lopdf::Error) -> Unreadable {
    if is_bomb(&error) { Unreadable::TooLarge } else { Unreadable::Damaged }
}

fn is_bomb(error: &lopdf::Error) -> bool {
    matches!(error, lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. }))
}
