//! What a file is, by its bytes.

use std::io::Cursor;

use serde::de::IgnoredAny;

use crate::limits::{Budget, Unreadable};
use crate::{package, plain};

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// A text document: DOCX.
    Document,
    /// A workbook: XLSX.
    Workbook,
    /// A message (RFC 5322).
    Mail,
    /// HTML or other text with tags.
    Markup,
    /// JSON.
    Json,
    /// Values separated by commas, semicolons, tabs or bars.
    Table,
    /// Any other text, Markdown and source code among it.
    Text,
}

/// How far in a PDF may begin.
const PDF_START_MAX: usize = 1024;

/// Tells what a file is, or why it is not read.
pub(crate) fn of(bytes: &[u8], budget: &mut Budget) -> Result<FileKind, Unreadable> {
    if bytes.is_empty() {
        return Err(Unreadable::WithoutText);
    }
    let head = &bytes[..bytes.len().min(PDF_START_MAX)];
    if head.windows(5).any(|window| window == b"%PDF-") {
        return Ok(FileKind::Pdf);
    }
    if let Some(reason) = refused(bytes) {
        return Err(reason);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return package::kind(Cursor::new(bytes), budget);
    }
    let text = plain::decoded(bytes)?;
    let start = text.trim_start();
    if is_mail(start) {
        return Ok(FileKind::Mail);
    }
    if is_markup(start) {
        return Ok(FileKind::Markup);
    }
    if start.starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(start).is_ok() {
        return Ok(FileKind::Json);
    }
    Ok(if plain::separator(&text).is_some() { FileKind::Table } else { FileKind::Text })
}

/// What begins as something that is known not to be read.
fn refused(bytes: &[u8]) -> Option<Unreadable> {
    const IMAGES: [&[u8]; 9] = [
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"GIF87a",
        b"GIF89a",
        b"II*\0",
        b"MM\0*",
        b"\0\0\x01\0",
        b"8BPS",
        b"\x00\x00\x00\x0cJXL ",
    ];
    const RECORDINGS: [&[u8]; 7] =
        [b"ID3", b"OggS", b"fLaC", b"\xff\xfb", b"\xff\xf3", b"\x1aE\xdf\xa3", b"FLV\x01"];
    const OTHERS: [&[u8]; 7] =
        [b"{\\rtf", b"%!PS", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"begin-base64 "];
    let begins = |magics: &[&[u8]]| magics.iter().any(|magic| bytes.starts_with(magic));
    let at = |from: usize, text: &[u8]| bytes.get(from..from + text.len()) == Some(text);
    if begins(&IMAGES) || at(0, b"RIFF") && at(8, b"WEBP") || at(0, b"BM") && at(6, b"\0\0\0\0") {
        return Some(Unreadable::Image);
    }
    if at(4, b"ftyp") {
        let pictures: [&[u8]; 4] = [b"heic", b"heif", b"mif1", b"avif"];
        let picture = pictures.iter().any(|brand| at(8, brand));
        return Some(if picture { Unreadable::Image } else { Unreadable::Recording });
    }
    if begins(&RECORDINGS) || at(0, b"RIFF") {
        return Some(Unreadable::Recording);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        // The container of old office files and of new ones with a password, in which this stream is named.
        let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let encrypted = bytes.windows(name.len()).any(|window| window == name);
        return Some(if encrypted { Unreadable::Encrypted } else { Unreadable::Unknown });
    }
    begins(&OTHERS).then_some(Unreadable::Unknown)
}

/// Whether a text begins with headers of a message, of which one is a message's alone.
fn is_mail(text: &str) -> bool {
    const TELLING: [&str; 11] = [
        "from",
        "to",
        "subject",
        "date",
        "received",
        "return-path",
        "delivered-to",
        "message-id",
        "mime-version",
        "reply-to",
        "x-mailer",
    ];
    const LINES_MAX: usize = 200;
    let (mut headers, mut telling) = (0, 0);
    for (number, line) in text.lines().take(LINES_MAX).enumerate() {
        if line.is_empty() {
            break;
        }
        let folded = line.starts_with([' ', '\t']) || number == 0 && line.starts_with("From ");
        if folded {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else { return false };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return false;
        }
        headers += 1;
        telling += usize::from(TELLING.contains(&name.to_ascii_lowercase().as_str()));
    }
    headers >= 2 && telling >= 2
}

fn is_markup(text: &str) -> bool {
    const HEAD_BYTES: usize = 2048;
    let end = text.floor_char_boundary(HEAD_BYTES.min(text.len()));
    let head = text[..end].to_ascii_lowercase();
    let begins = ["<!doctype html", "<html", "<?xml", "<svg", "<!doctype svg", "<head", "<body"];
    let holds = ["<html", "<body", "</div>", "</p>", "</table>"];
    begins.iter().any(|tag| head.starts_with(tag))
        || head.starts_with('<') && holds.iter().any(|tag| head.contains(tag))
}
