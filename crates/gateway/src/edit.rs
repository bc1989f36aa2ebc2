//! Changing text on its way, where an operator asks for it: identifiers hidden from the model and put back in its
//! answer, other people's identifiers kept from the asker.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use candor_guard::{Mask, Place, Policy, Restorer, Watch, kinds_in};
use candor_wire::edit::{Direction, LineEditor, SlotKind, StreamEditor, TextFilter, rewrite, slots, visit};
use candor_wire::reply::ReplyReader;
use candor_wire::request::{Hints, read_request};
use candor_wire::surface::{ErrorKind, Namespace, Surface, error_body, error_event};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::gateway::Gateway;
use crate::guarding::Guarded;
use crate::masks::Scope;
use crate::metrics::IdentifierLabels;
use crate::settings::{Masking, Route};

/// What was hidden from the model in one request; in memory only.
pub(crate) struct Masked {
    mask: Mask,
    /// Whose request it is, where the provider may store the answer: the conversation may go on from it.
    scope: Option<Scope>,
    /// The conversation's id at the provider.
    conversation: Option<String>,
}

/// A request as it goes upstream.
#[derive(Default)]
pub(crate) struct Changed {
    /// `None` if nothing changed.
    pub(crate) bytes: Option<Bytes>,
    pub(crate) masked: Option<Masked>,
}

/// Changes a request as its route asks; the reason if it may not go on.
pub(crate) fn request(
    gateway: &Gateway,
    (route, surface): (&Route, Surface),
    (body, scope): (&Bytes, impl FnOnce(&Hints) -> Scope),
) -> Result<Changed, String> {
    let mut changed = Changed::default();
    if route.force_store_false && matches!(surface, Surface::Chat | Surface::Responses) {
        let stored = without_store(body);
        changed.bytes =
            Some(stored.ok_or("the body is no JSON object, so `store` cannot be set to false")?.into());
    }
    if route.masking == Masking::Off {
        return Ok(changed);
    }
    let body = changed.bytes.as_ref().unwrap_or(body);
    let engine = &gateway.engine;
    let found = slots(surface, Direction::Request, body)
        .map_err(|error| format!("the body cannot be searched for identifiers: {error}"))?;
    if route.masking == Masking::Block {
        return refuse_identifiers(gateway, (body, &found)).map(|()| changed);
    }
    let hints = may_be_stored(surface, body).then(|| hints(surface, body));
    let scope = hints.as_ref().map(scope);
    let (answer, conversation) =
        hints.map(|hints| (hints.previous_response_id, hints.conversation)).unwrap_or_default();
    let conversation = conversation.filter(|_| surface == Surface::Responses);
    let before = scope.clone().zip(answer.or_else(|| conversation.clone()));
    let mut mask = before.map(|before| gateway.masks.up_to(&before)).unwrap_or_default();
    visit(body, &found, |_, text| mask.reserve(text));
    let hidden = rewrite(body, &found, |_, text| {
        let hidden = mask.hide(engine, text);
        if hidden.is_some() {
            let labels = IdentifierLabels { kind: "any", action: "masked-in-prompt" };
            gateway.metrics.identifiers.get_or_create(&labels).inc();
        }
        hidden
    });
    if !mask.is_empty() {
        changed.bytes = Some(hidden.into());
        changed.masked = Some(Masked { mask, scope, conversation });
    }
    Ok(changed)
}

/// Whether the provider may store the answer to a request, so that it can be gone on from, or fetched later.
fn may_be_stored(surface: Surface, body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Asked {
        store: Option<bool>,
    }
    let asks = || serde_json::from_slice(body).is_ok_and(|asked: Asked| asked.store == Some(true));
    surface == Surface::Responses || surface == Surface::Chat && asks()
}

/// What was hidden when an answer was asked for that is fetched now, as far as it is remembered.
pub(crate) fn of_stored(gateway: &Gateway, route: &Route, (scope, path): (Scope, &str)) -> Option<Masked> {
    let id = Surface::stored_id(path).filter(|_| route.masking == Masking::Mask)?;
    let mask = gateway.masks.up_to(&(scope, id));
    (!mask.is_empty()).then_some(Masked { mask, scope: None, conversation: None })
}

/// Who speaks in what conversation, as far as the body tells.
fn hints(surface: Surface, body: &Bytes) -> Hints {
    read_request(surface, body).map(|request| request.hints).unwrap_or_default()
}

fn refuse_identifiers(
    gateway: &Gateway,
    (body, found): (&[u8], &[candor_wire::edit::Slot]),
) -> Result<(), String> {
    let mut kinds = Vec::new();
    visit(body, found, |_, text| kinds.extend(kinds_in(&gateway.engine, text)));
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.is_empty() {
        return Ok(());
    }
    for kind in &kinds {
        let labels = IdentifierLabels { kind: kind.placeholder_label(), action: "blocked" };
        gateway.metrics.identifiers.get_or_create(&labels).inc();
    }
    let names: Vec<&str> = kinds.iter().map(|kind| kind.placeholder_label()).collect();
    Err(format!(
        "identifiers may not be sent to this model: {}; take them out and send it again",
        names.join(", ")
    ))
}

#[derive(Deserialize)]
struct Store<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    store: Option<&'a RawValue>,
}

/// A field that is `null` is there, too.
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

/// The same body with `"store":false`, every other byte as it was.
fn without_store(body: &[u8]) -> Option<Vec<u8>> {
    // The reader would take a list for an object with its fields in order.
    body.iter().find(|byte| !byte.is_ascii_whitespace()).filter(|byte| **byte == b'{')?;
    let read: Store<'_> = serde_json::from_slice(body).ok()?;
    if let Some(store) = read.store {
        let start = store.get().as_ptr() as usize - body.as_ptr() as usize;
        return Some([&body[..start], b"false", &body[start + store.get().len()..]].concat());
    }
    let brace = body.iter().position(|byte| *byte == b'{')?;
    let (before, after) = body.split_at(brace + 1);
    let is_empty = after.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'}');
    let field: &[u8] = if is_empty { br#""store":false"# } else { br#""store":false,"# };
    Some([before, field, after].concat())
}

/// What an answer is, as far as its headers tell.
#[derive(Clone, Copy)]
pub(crate) struct AnswerKind {
    pub(crate) surface: Surface,
    pub(crate) namespace: Namespace,
    pub(crate) is_stream: bool,
    pub(crate) is_success: bool,
}

/// What happens to the texts of one answer.
#[derive(Clone)]
struct Filters {
    masked: Option<Arc<Masked>>,
    guarded: Option<Arc<Guarded>>,
    has_stopped: Arc<AtomicBool>,
}

/// What happens to one text.
struct Filter {
    restorer: Option<Restorer>,
    watch: Option<Watch>,
    filters: Filters,
    /// The stream has said it before, in pieces.
    is_repeat: bool,
}

/// An answer on its way through the filters.
pub(crate) struct Edit {
    surface: Surface,
    filters: Filters,
    body: EditBody,
    is_over: bool,
    /// Learns the id of an answer that the conversation may go on from.
    reader: Option<(ReplyReader, Arc<Gateway>)>,
    namespace: Namespace,
    is_success: bool,
}

enum EditBody {
    Stream(Box<StreamEditor<Filter>>),
    /// A file, each line an answer.
    Lines(Box<LineEditor<Filter>>),
    /// Not a stream: all of it is needed.
    Whole(Vec<u8>),
}

/// Largest answer that is not a stream and can be searched, in bytes; a larger one is not passed on.
const WHOLE_BYTES_MAX: usize = 64 << 20;

impl Edit {
    pub(crate) fn new(
        gateway: &Arc<Gateway>,
        kind: AnswerKind,
        masked: Option<Masked>,
        guarded: Option<Arc<Guarded>>,
    ) -> Self {
        let AnswerKind { surface, namespace, is_stream, is_success } = kind;
        let continues = masked.as_ref().is_some_and(|masked| masked.scope.is_some());
        let reader =
            continues.then(|| (ReplyReader::new(surface, is_stream, WHOLE_BYTES_MAX), Arc::clone(gateway)));
        let filters = Filters { masked: masked.map(Arc::new), guarded, has_stopped: Arc::default() };
        let own = filters.clone();
        let body = if surface == Surface::StoredFile {
            EditBody::Lines(Box::new(LineEditor::new(move |kind| own.for_text(kind))))
        } else if is_stream {
            let streamed = surface.streamed();
            EditBody::Stream(Box::new(StreamEditor::new(streamed, move |kind| own.for_text(kind))))
        } else {
            EditBody::Whole(Vec::new())
        };
        Self { surface, filters, body, is_over: false, reader, namespace, is_success }
    }

    /// What may go out now.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        if let Some((reader, _)) = &mut self.reader {
            reader.push(piece);
        }
        match &mut self.body {
            _ if self.is_over => Vec::new(),
            EditBody::Stream(editor) => {
                let out = editor.push(piece);
                let unreadable = editor.stopped().is_some();
                self.with_end(out, unreadable)
            }
            EditBody::Lines(editor) => {
                let mut out = Vec::new();
                for line in piece.split_inclusive(|byte| *byte == b'\n') {
                    out.extend(editor.push(line));
                    if self.filters.has_stopped.load(Ordering::Relaxed) {
                        break;
                    }
                }
                let unreadable = editor.stopped().is_some();
                self.with_end(out, unreadable)
            }
            EditBody::Whole(body) => {
                if body.len() + piece.len() <= WHOLE_BYTES_MAX {
                    body.extend_from_slice(piece);
                    return Vec::new();
                }
                // It cannot be searched, so it is not passed on.
                self.is_over = true;
                self.filters.has_stopped.store(true, Ordering::Relaxed);
                error_body(
                    self.namespace,
                    ErrorKind::Upstream,
                    "the model's answer is too large to be searched",
                )
                .1
            }
        }
    }

    /// What was held back.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        self.remember();
        match &mut self.body {
            _ if self.is_over => Vec::new(),
            EditBody::Stream(editor) => {
                let out = editor.finish();
                self.is_over = true;
                out
            }
            EditBody::Lines(editor) => {
                let out = editor.finish();
                self.is_over = true;
                let unreadable = editor.stopped().is_some();
                self.with_end(out, unreadable)
            }
            EditBody::Whole(body) => {
                self.is_over = true;
                let body = std::mem::take(body);
                match slots(self.surface, Direction::Answer, &body) {
                    Ok(found) => rewrite(&body, &found, |slot, text| {
                        let mut filter = self.filters.for_text(slot.kind());
                        let changed = filter.push(text) + &filter.finish();
                        (changed != text).then_some(changed)
                    }),
                    // What cannot be read cannot be judged; an empty body and an error page say nothing of anyone.
                    Err(_) if self.filters.act() && self.is_success && !body.is_empty() => {
                        self.filters.has_stopped.store(true, Ordering::Relaxed);
                        error_body(self.namespace, ErrorKind::Upstream, "the model's answer cannot be read").1
                    }
                    Err(_) => body,
                }
            }
        }
    }

    /// The conversation may go on from this answer: its placeholders stay known.
    fn remember(&mut self) {
        let Some((reader, gateway)) = self.reader.take() else { return };
        let Some(masked) = &self.filters.masked else { return };
        let Some(scope) = &masked.scope else { return };
        for id in reader.finish(false).id.iter().chain(&masked.conversation) {
            gateway.remember((scope.clone(), id.clone()), masked.mask.clone());
        }
    }

    /// Whether the guard has ended the answer.
    pub(crate) fn has_stopped(&self) -> bool {
        self.filters.has_stopped.load(Ordering::Relaxed)
    }

    fn with_end(&mut self, mut out: Vec<u8>, unreadable: bool) -> Vec<u8> {
        if unreadable {
            // What cannot be read cannot be judged.
            self.filters.has_stopped.store(true, Ordering::Relaxed);
        }
        if self.has_stopped() {
            self.is_over = true;
            let (kind, text) = if unreadable {
                (ErrorKind::Upstream, "the model's answer cannot be read")
            } else {
                (ErrorKind::Permission, "the answer was ended here: what follows belongs to another person")
            };
            if matches!(self.body, EditBody::Lines(_)) {
                out.extend_from_slice(b"\n");
                out.extend(error_body(self.namespace, kind, text).1);
                out.extend_from_slice(b"\n");
            } else {
                out.extend_from_slice(&error_event(self.surface, kind, text));
            }
        }
        out
    }
}

impl Filters {
    /// Whether the guard does more than count.
    fn act(&self) -> bool {
        self.guarded.as_ref().is_some_and(|guarded| guarded.exchange().policy != Policy::Log)
    }

    fn for_text(&self, kind: SlotKind) -> Filter {
        let place = if kind == SlotKind::Arguments { Place::ToolArguments } else { Place::Answer };
        Filter {
            restorer: self.masked.as_ref().map(|masked| masked.mask.restorer()),
            watch: self.guarded.as_ref().map(|guarded| Watch::new(guarded.exchange(), place)),
            filters: self.clone(),
            is_repeat: kind == SlotKind::Repeat,
        }
    }
}

impl Drop for Filter {
    /// However a text ends, what was done to it is counted, once.
    fn drop(&mut self) {
        if let (Some(watch), Some(guarded), false) = (&self.watch, &self.filters.guarded, self.is_repeat) {
            guarded.report(watch.findings());
        }
    }
}

impl Filter {
    fn watched(&mut self, text: &str, is_last: bool) -> String {
        let Some(watch) = &mut self.watch else { return text.to_owned() };
        let mut released = watch.push(text);
        if is_last {
            let rest = watch.finish();
            released.text.push_str(&rest.text);
            released.stopped |= rest.stopped;
        }
        if released.stopped {
            self.filters.has_stopped.store(true, Ordering::Relaxed);
        }
        released.text
    }

    fn restored(&mut self, text: String, is_last: bool) -> String {
        let Some(restorer) = &mut self.restorer else { return text };
        let mut out = restorer.push(&text);
        if is_last {
            out.push_str(&restorer.finish());
        }
        out
    }
}

impl TextFilter for Filter {
    fn push(&mut self, text: &str) -> String {
        let text = self.watched(text, false);
        self.restored(text, false)
    }

    fn finish(&mut self) -> String {
        let text = self.watched("", true);
        self.restored(text, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn store_is_false_and_every_other_byte_as_it_was() {
        let cases: [(&[u8], &[u8]); 5] = [
            (br#"{ "a" : 1e3}"#, br#"{"store":false, "a" : 1e3}"#),
            (br#"{}"#, br#"{"store":false}"#),
            (br#"{"x":1, "store" :  true ,"y":2}"#, br#"{"x":1, "store" :  false ,"y":2}"#),
            (br#"{"store":null}"#, br#"{"store":false}"#),
            (br#"{"nested":{"store":true}}"#, br#"{"store":false,"nested":{"store":true}}"#),
        ];
        for (body, expected) in cases {
            let changed = without_store(body).unwrap();
            assert_eq!(String::from_utf8_lossy(&changed), String::from_utf8_lossy(expected));
        }
        assert!(without_store(br#"{"store":true,"store":false}"#).is_none());
        assert!(without_store(b"[1]").is_none());
    }
}
