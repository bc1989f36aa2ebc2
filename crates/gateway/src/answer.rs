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
use crate::record::{Ended, Record};

/// The body of a response to a client.
pub(crate) enum Answer {
    /// From the gateway itself.
    Own(Option<Bytes>),
    /// From the upstream.
    Relayed(Box<Relayed>),
}

pub(crate) struct Relayed {
    upstream: Incoming,
    surface: Surface,
    is_stream: bool,
    edit: Option<Edit>,
    copied: Option<Copied>,
    copied_bytes_max: usize,
    /// The last two bytes that went out, to know whether an event is open.
    last: [u8; 2],
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
            upstream,
            surface: treatment.surface,
            is_stream: treatment.is_stream,
            edit: treatment.edit,
            copied: treatment.copied_bytes_max.map(|_| Copied::default()),
            copied_bytes_max: treatment.copied_bytes_max.unwrap_or_default(),
            last: *b"\n\n",
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
            let failure = match Pin::new(&mut self.upstream).poll_frame(context) {
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
                let out = edit.push(&piece);
                if edit.has_stopped() {
                    self.is_over = true;
                    self.finish(Ended::Stopped);
                }
                Bytes::from(out)
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
            match piece[..] {
                [] => {}
                [one] => self.last = [self.last[1], one],
                [.., a, b] => self.last = [a, b],
            }
        }
    }

    /// The upstream has said everything: what was held back goes out.
    fn end(&mut self) -> Option<Bytes> {
        self.is_over = true;
        let rest = self.edit.as_mut().map(|edit| Bytes::from(edit.finish())).unwrap_or_default();
        self.note(&rest);
        self.finish(Ended::Whole);
        (!rest.is_empty()).then_some(rest)
    }

    /// The upstream died. A stream is closed as its format says an error is told; anything else breaks off.
    fn broken(&mut self, error: BodyError) -> Result<Frame<Bytes>, BodyError> {
        self.is_over = true;
        self.finish(Ended::UpstreamFailed);
        if !self.is_stream {
            return Err(error);
        }
        let mut last = self.edit.as_mut().map(Edit::finish).unwrap_or_default();
        let tail = if last.is_empty() { &self.last[..] } else { &last[last.len().saturating_sub(2)..] };
        if tail != b"\n\n" {
            last.extend_from_slice(b"\n\n");
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
