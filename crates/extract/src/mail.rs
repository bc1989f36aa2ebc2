//! Messages: their headers, their bodies, and the files in them, each read as a file.

use mail_parser::{Address, Message, MessageParser, PartType};

use crate::limits::{Budget, Unreadable};
use crate::place::{Place, TextPart};
use crate::{markup, read_nested};

/// Headers, bodies and readable files of a message; the reasons of files that are not readable go to `left_out`.
pub(crate) fn read(
    bytes: &[u8],
    budget: &mut Budget,
    left_out: &mut Vec<Unreadable>,
) -> Result<Vec<TextPart>, Unreadable> {
    let message = MessageParser::default().parse(bytes).ok_or(Unreadable::Damaged)?;
    let mut parts = Vec::new();
    message_parts(&message, budget, (&mut parts, left_out))?;
    Ok(parts)
}

fn message_parts(
    message: &Message<'_>,
    budget: &mut Budget,
    (parts, left_out): (&mut Vec<TextPart>, &mut Vec<Unreadable>),
) -> Result<(), Unreadable> {
    for (name, text) in headers(message) {
        let text = format!("{name}: {text}");
        budget.take_text(text.len())?;
        parts.push(TextPart { place: Place::Header(name), text });
    }
    let bodies: Vec<u32> = bodies(message);
    let mut number = 0;
    for (index, part) in message.parts.iter().enumerate() {
        budget.take_entry()?;
        let is_body = bodies.contains(&(index as u32));
        let inside = match &part.body {
            PartType::Text(text) if is_body => {
                budget.take_text(text.len())?;
                parts.push(TextPart { place: Place::Body, text: text.to_string() });
                continue;
            }
            PartType::Html(page) if is_body => {
                parts.push(TextPart { place: Place::Body, text: markup::text_of(page, budget)? });
                continue;
            }
            // The other form of a body that was read.
            PartType::Html(_) | PartType::Text(_) if !is_file(message, index) => continue,
            PartType::Multipart(_) => continue,
            PartType::Message(message) => budget.inside(|budget| {
                let mut inside = Vec::new();
                message_parts(message, budget, (&mut inside, left_out))?;
                Ok(inside)
            }),
            PartType::Text(text) | PartType::Html(text) => nested(text.as_bytes(), budget, left_out),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => nested(bytes, budget, left_out),
        };
        number += 1;
        match inside {
            Ok(inside) => parts.extend(inside.into_iter().map(|part| TextPart {
                place: Place::Inside { number, place: Box::new(part.place) },
                text: part.text,
            })),
            // A budget that is spent is spent for the whole message.
            Err(Unreadable::TooLarge) => return Err(Unreadable::TooLarge),
            Err(reason) => left_out.push(reason),
        }
    }
    Ok(())
}

fn nested(
    bytes: &[u8],
    budget: &mut Budget,
    left_out: &mut Vec<Unreadable>,
) -> Result<Vec<TextPart>, Unreadable> {
    let read = budget.inside(|budget| read_nested(bytes, budget))?;
    left_out.extend(read.left_out);
    Ok(read.parts)
}

fn is_file(message: &Message<'_>, index: usize) -> bool {
    message.attachments.contains(&(index as u32))
}

/// The parts that a reader would be shown: those in plain text where there are such, else the pages.
fn bodies(message: &Message<'_>) -> Vec<u32> {
    let plain = message.text_body.iter().copied();
    let pages = message.html_body.iter().copied();
    let is_page = |part: &u32| {
        matches!(message.parts.get(*part as usize).map(|part| &part.body), Some(PartType::Html(_)))
    };
    // The library lists a page among the plain bodies where there is no other form of it.
    let mut all: Vec<u32> = plain.collect();
    if all.is_empty() || all.iter().all(is_page) {
        all.extend(pages);
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The headers that people write or are named in.
fn headers(message: &Message<'_>) -> Vec<(&'static str, String)> {
    let addresses = [
        ("From", message.from()),
        ("Sender", message.sender()),
        ("Reply-To", message.reply_to()),
        ("To", message.to()),
        ("Cc", message.cc()),
        ("Bcc", message.bcc()),
    ];
    let mut all: Vec<(&'static str, String)> = Vec::new();
    for (name, address) in addresses {
        all.extend(address.map(|address| (name, names(address))).filter(|(_, text)| !text.is_empty()));
    }
    all.extend(message.date().map(|date| ("Date", date.to_rfc3339())));
    all.extend(message.subject().map(|subject| ("Subject", subject.to_owned())));
    all
}

fn names(address: &Address<'_>) -> String {
    let one = |addr: &mail_parser::Addr<'_>| match (addr.name(), addr.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (Some(text), None) | (None, Some(text)) => text.to_owned(),
        (None, None) => String::new(),
    };
    address.iter().map(one).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
}
