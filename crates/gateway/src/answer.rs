//! An answer on its way back: every piece goes on as it comes, a copy stays if it may be kept.
//!
//! Dropping it is how the client hangs up: the upstream connection closes with it, and what came so far is the
//! whole of what was said, marked incomplete.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use candor_wire::surface::{ErrorKind, Surface, error_event};
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::body::{BodyError, Copied, Idle};
use crate::edit::Edit;
use crate::gather::Gathered;
use crate::record::{Ended, Record};

/// The body of a response to a client.
pub(crate) enum Answer {
    /// From the gateway itself.
    Own(Option<Bytes>),
    /// From the upstream.
    Relayed(Box<Relayed>),
}

pub(crate) struct Relayed {
    upstream: Gathered<Incoming>,
    surface: Surface,
    is_stream: bool,
    edit: Option<Edit>,
    copied: Option<Copied>,
    copied_bytes_max: usize,
    /// The last bytes that went out, to know whether an event is open.
    last: [u8; 4],
    record: Option<Record>,
    idle: Idle,
    is_over: bool,
}

/// How an answer is treated on its way.
pub(crate) struct Treatment {
    pub(crate) surface: Surface,
    /// Whether it is a stream of events.
    pub(crate) is_stream: bool,
    /// What rewrites it.
    pub(crate) edit: Option<Edit>,
    /// Whether a copy is kept, and how much of it at most.
    pub(crate) copied_bytes_max: Option<usize>,
    pub(crate) idle: Duration,
}

impl Answer {
    pub(crate) fn own(bytes: Bytes) -> Self {
        Self::Own((!bytes.is_empty()).then_some(bytes))
    }

    pub(crate) fn relayed(upstream: Incoming, treatment: Treatment, record: Record) -> Self {
        Self::Relayed(Box::new(Relayed {
            upstream: Gathered::new(upstream, treatment.is_stream),
            surface: treatment.surface,
            is_stream: treatment.is_stream,
            edit: treatment.edit,
            copied: treatment.copied_bytes_max.map(|_| Copied::default()),
            copied_bytes_max: treatment.copied_bytes_max.unwrap_or_default(),
            last: *b"\n\n\n\n",
            record: Some(record),
            idle: Idle::new(treatment.idle),
            is_over: false,
        }))
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.get_mut() {
            Self::Own(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Relayed(relayed) => relayed.poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(bytes) => bytes.is_none(),
            Self::Relayed(relayed) => relayed.is_at_end(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Relayed(relayed) if relayed.edit.is_some() => SizeHint::new(),
            Self::Relayed(relayed) => relayed.upstream.size_hint(),
        }
    }
}

impl Relayed {
    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        loop {
            if self.is_over {
                return Poll::Ready(None);
            }
            let failure = match self.upstream.poll_frame(context) {
                Poll::Pending => match self.idle.poll(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(error) => error,
                },
                Poll::Ready(None) => match self.end() {
                    Some(last) => return Poll::Ready(Some(Ok(Frame::data(last)))),
                    None => return Poll::Ready(None),
                },
                Poll::Ready(Some(Ok(frame))) => {
                    self.idle.piece_came();
                    match self.pass(frame) {
                        Some(frame) => return Poll::Ready(Some(Ok(frame))),
                        // The piece is held back whole; or the guard has ended the answer.
                        None => continue,
                    }
                }
                Poll::Ready(Some(Err(error))) => error.into(),
            };
            return Poll::Ready(Some(self.broken(failure)));
        }
    }

    fn pass(&mut self, frame: Frame<Bytes>) -> Option<Frame<Bytes>> {
        let frame = match (&mut self.edit, frame.into_data()) {
            (_, Err(other)) => return Some(other),
            (None, Ok(piece)) => piece,
            (Some(edit), Ok(piece)) => {
                let out = Bytes::from(edit.push(&piece));
                if edit.has_stopped() {
                    self.is_over = true;
                    self.note(&out);
                    self.finish(Ended::Stopped);
                    return (!out.is_empty()).then(|| Frame::data(out));
                }
                out
            }
        };
        self.note(&frame);
        (!frame.is_empty()).then(|| Frame::data(frame))
    }

    fn note(&mut self, piece: &Bytes) {
        if let Some(record) = &mut self.record {
            record.piece(piece.len());
        }
        if let Some(copied) = &mut self.copied {
            copied.push(piece, self.copied_bytes_max);
        }
        if self.is_stream {
            self.last = last_of(self.last, piece);
        }
    }

    /// The upstream has said everything: what was held back goes out.
    fn end(&mut self) -> Option<Bytes> {
        self.is_over = true;
        let rest = self.edit.as_mut().map(|edit| Bytes::from(edit.finish())).unwrap_or_default();
        self.note(&rest);
        let stopped = self.edit.as_ref().is_some_and(Edit::has_stopped);
        self.finish(if stopped { Ended::Stopped } else { Ended::Whole });
        (!rest.is_empty()).then_some(rest)
    }

    /// The upstream died. Between two events a stream says so in its format's own words. Amid an event it breaks
    /// off, as it does without a gateway: half an event closed with a blank line is one whose JSON cannot be read, and
    /// the providers' libraries then fail on that, before they come to any event that tells of the error.
    fn broken(&mut self, error: BodyError) -> Result<Frame<Bytes>, BodyError> {
        self.is_over = true;
        self.finish(Ended::UpstreamFailed);
        let mut last = self.edit.as_mut().map(Edit::finish).unwrap_or_default();
        if !self.is_stream || !ends_event(last_of(self.last, &last)) {
            return Err(error);
        }
        let event = error_event(self.surface, ErrorKind::Upstream, "the model's answer broke off");
        last.extend_from_slice(&event);
        Ok(Frame::data(last.into()))
    }

    fn is_at_end(&self) -> bool {
        self.is_over || (self.edit.is_none() && self.upstream.is_end_stream())
    }

    fn finish(&mut self, ended: Ended) {
        if let Some(record) = self.record.take() {
            record.end(ended, self.copied.take());
        }
    }
}

impl Drop for Relayed {
    fn drop(&mut self) {
        let ended = if self.is_at_end() { Ended::Whole } else { Ended::ClientLeft };
        self.finish(ended);
    }
}

/// The last four bytes of a text that went on with a piece.
fn last_of(before: [u8; 4], piece: &[u8]) -> [u8; 4] {
    let [_, a, b, c] = before;
    match *piece {
        [] => before,
        [d] => [a, b, c, d],
        [d, e] => [b, c, d, e],
        [d, e, f] => [c, d, e, f],
        [.., d, e, f, g] => [d, e, f, g],
    }
}

/// Whether a blank line stands at the end, in any of the ways that a stream of events may end its lines.
fn ends_event(last: [u8; 4]) -> bool {
    last.ends_with(b"\n\n") || last == *b"\r\n\r\n" || last.ends_with(b"\r\r")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_an_event_is_seen_however_its_bytes_are_cut() {
        let cases: [(&[u8], bool); 6] = [
            (b"data: a\n\n", true),
            (b"data: a\r\n\r\n", true),
            (b"data: a\r\r", true),
            (b"data: a\r\n", false),
            (b"data: a\n", false),
            (b"data: {", false),
        ];
        for (text, ends) in cases {
            for at in 0..=text.len() {
                let (first, second) = text.split_at(at);
                let last = last_of(last_of(*b"\n\n\n\n", first), second);
                assert_eq!(ends_event(last), ends, "{text:?} cut at {at}");
            }
        }
    }
}
