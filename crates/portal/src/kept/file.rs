//! The files of a conversation: what the page says of them, and the address at which their owner saves them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use candor_conversation::{Attachment, Part};
use candor_vault::OwnOpened;

use super::{conversation, download, parsed};
use crate::export;
use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::visitor::Visitor;

/// Longest name that is told to a browser, in characters.
const NAME_CHARACTERS_MAX: usize = 120;
/// Bytes in a unit of the next size.
const UNIT: u64 = 1_024;

/// What the page shows of a file.
pub(super) struct ShownFile {
    pub(super) attachment: Attachment,
    /// Its number in the message, by which it is saved; none if its bytes were not kept.
    pub(super) number: Option<usize>,
    /// Its size, for people.
    pub(super) size: Option<String>,
}

/// The files of a message.
pub(super) fn shown(parts: Vec<Part>) -> Vec<ShownFile> {
    let attachments = parts.into_iter().filter_map(|part| match part {
        Part::Attachment(attachment) => Some(attachment),
        Part::Text(_) | Part::ToolCall { .. } => None,
    });
    let file = |(number, attachment): (usize, Attachment)| {
        let bytes = attachment.file().and_then(|file| file.bytes()).map(|bytes| bytes.len() as u64);
        ShownFile { attachment, number: bytes.map(|_| number), size: bytes.map(size) }
    };
    attachments.enumerate().map(file).collect()
}

/// Whether a message of the conversation came with a file, kept or not.
pub(super) fn are_in(opened: &OwnOpened) -> bool {
    let is_file = |part: &Part| matches!(part, Part::Attachment(attachment) if attachment.file().is_some());
    opened.turns.iter().flat_map(|turn| &turn.parts).any(is_file)
}

/// One file, to save. It is never shown as a page of ours, whatever it holds and whatever it says it is.
pub(crate) async fn save(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Path((key, turn, number)): Path<(String, String, String)>,
) -> Response {
    let answer = async {
        let key = parsed(&key)?;
        let number: usize = number.parse().map_err(|_| Refusal::NotFound)?;
        let opened = portal.look(visitor.signed_in()?, move |own, look| {
            own.open_conversation_with_files(look, key)?.ok_or(Refusal::NotFound)
        });
        let turn = opened.await?.turns.into_iter().find(|other| conversation::name(&other.turn) == turn);
        let parts = turn.ok_or(Refusal::NotFound)?.parts;
        let attachment = parts.into_iter().filter_map(|part| match part {
            Part::Attachment(attachment) => Some(attachment),
            Part::Text(_) | Part::ToolCall { .. } => None,
        });
        let attachment = attachment.into_iter().nth(number).ok_or(Refusal::NotFound)?;
        let bytes = attachment.file().and_then(|file| file.bytes()).ok_or(Refusal::NotFound)?;
        Ok(download(export::media_type(&attachment), &name(&attachment), bytes.to_vec()))
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// The name under which a file is saved: the one that its author gave it, without what could lead elsewhere or look like
/// another name.
fn name(attachment: &Attachment) -> String {
    let given = attachment.name.as_deref().unwrap_or_default();
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = |c: &char| c.is_alphanumeric() || " ._-()".contains(*c);
    let name: String = last.chars().filter(plain).take(NAME_CHARACTERS_MAX).collect();
    let name = name.trim_matches([' ', '.']);
    match name.is_empty() {
        true => format!("file.{}", export::extension(attachment)),
        false => name.to_owned(),
    }
}

/// A size for people: in bytes, KiB or MiB.
fn size(bytes: u64) -> String {
    match bytes {
        0..UNIT => format!("{bytes} B"),
        _ if bytes < UNIT * UNIT => format!("{} KiB", bytes.div_ceil(UNIT)),
        _ => format!("{:.1} MiB", bytes as f64 / (UNIT * UNIT) as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_saved_under_a_name_that_leads_nowhere_and_looks_like_no_other() {
        for (given, expected) in [
            (Some("notes.txt"), "notes.txt"),
            (Some("../../etc/passwd"), "passwd"),
            (Some("C:\\x\\Ausflug (2).pdf"), "Ausflug (2).pdf"),
            (Some("Größe 東京.png"), "Größe 東京.png"),
            (Some("a\u{202e}gnp.exe"), "agnp.exe"),
            (Some("a\"; filename=\"b\r\nx: y"), "a filenamebx y"),
            (Some(".."), "file.png"),
            (Some(""), "file.png"),
            (None, "file.png"),
        ] {
            let attachment = Attachment {
                media_type: Some("image/png".into()),
                name: given.map(str::to_owned),
                ..Attachment::of_kind("image")
            };
            assert_eq!(name(&attachment), expected, "{given:?}");
        }
    }

    #[test]
    fn sizes_are_told_in_the_unit_that_fits() {
        let told = [0, 1_023, 1_024, 1_025, 1_048_576, 1_600_000].map(size);
        assert_eq!(told, ["0 B", "1023 B", "1 KiB", "2 KiB", "1.0 MiB", "1.5 MiB"]);
    }
}
