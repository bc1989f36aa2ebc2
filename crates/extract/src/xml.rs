//! XML as a run of tags and text. Entities are those of XML itself and numbers of characters; a document type's own are
//! not expanded, and nothing is fetched.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::limits::{Budget, Unreadable};

/// What is met on the way through.
pub(crate) enum Met<'a> {
    /// A tag opens; its name without prefix.
    Open(&'a str, &'a BytesStart<'a>),
    /// A tag closes.
    Close(&'a str),
    /// Text.
    Text(Cow<'a, str>),
}

/// Calls `visit` with everything in `source`, in order.
pub(crate) fn walk(
    source: &str,
    budget: &mut Budget,
    mut visit: impl FnMut(Met<'_>, &mut Budget) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let mut reader = Reader::from_str(source);
    reader.config_mut().expand_empty_elements = true;
    loop {
        budget.take_steps(1)?;
        match reader.read_event().map_err(|_| Unreadable::Damaged)? {
            Event::Start(tag) => visit(Met::Open(tag.local_name().as_ref(), &tag), budget)?,
            Event::End(tag) => visit(Met::Close(tag.local_name().as_ref()), budget)?,
            Event::Text(text) => visit(Met::Text(Cow::Borrowed(&text)), budget)?,
            Event::CData(text) => visit(Met::Text(Cow::Borrowed(&text)), budget)?,
            Event::GeneralRef(name) => visit(Met::Text(entity(&name)), budget)?,
            Event::Eof => return Ok(()),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// The character that an entity stands for; a space where that is not known.
fn entity(name: &str) -> Cow<'static, str> {
    let read = quick_xml::escape::unescape(&format!("&{name};")).map(Cow::into_owned);
    read.map_or(Cow::Borrowed(" "), Cow::Owned)
}

/// An attribute by its name without prefix.
pub(crate) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes().flatten();
    let found = attributes.find(|attribute| attribute.key.local_name().as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(Cow::into_owned)
}
