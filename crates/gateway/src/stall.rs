//! Clients that do not take the answer that is there for them.
//!
//! The next piece of an answer is asked for only when the one before is on its way: a client that reads nothing would
//! hold its answer, its connection and the upstream's for ever. It shows at two places, and there it is timed: at the
//! socket, which takes nothing more, and, over HTTP/2, at the window of one stream, while others on the same
//! connection go on. Whoever goes on reading is not cut off, be it slowly. (A socket shows that something was taken only
//! when a good part of its buffer has gone out, a megabyte or so: at the usual limit, some kilobytes a second.)

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::rt::Executor;
use hyper_util::rt::TokioExecutor;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::answer::Answer;
use crate::body::{BodyError, Idle};

/// A connection that is closed when nothing that is written goes out for too long.
pub(crate) struct Patient<S> {
    stream: S,
    idle: Idle,
}

impl<S> Patient<S> {
    pub(crate) fn new(stream: S, limit: Duration) -> Self {
        Self { stream, idle: Idle::new(limit) }
    }

    fn timed<T>(&mut self, written: Poll<Result<T>>, context: &mut Context<'_>) -> Poll<Result<T>> {
        if written.is_ready() {
            self.idle.piece_came();
            return written;
        }
        self.idle.poll(context).map(|_| Err(Error::new(ErrorKind::TimedOut, "the client reads nothing")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.timed(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.timed(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.timed(flushed, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.timed(shut, context)
    }
}

/// Whom one stream of HTTP/2 waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Awaits {
    /// The gateway or the upstream: other limits hold.
    Us,
    /// The client has yet to make room for the next piece.
    Client,
}

tokio::task_local! {
    /// Of the stream that runs on this task; and whether its answer was asked for a piece since somebody looked.
    static STREAM: Cell<(Awaits, bool)>;
}

/// Notes whom the stream of this task waits for; of other tasks nobody asks.
fn told(awaits: Awaits) {
    let _ = STREAM.try_with(|stream| stream.set((awaits, true)));
}

/// Runs the streams of HTTP/2 connections, and ends those whose client makes no room for their answers.
#[derive(Clone)]
pub(crate) struct Streams {
    limit: Duration,
}

impl Streams {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit }
    }
}

impl<F: Future<Output: Send> + Send + 'static> Executor<F> for Streams {
    fn execute(&self, stream: F) {
        let limit = self.limit;
        TokioExecutor::new()
            .execute(STREAM.scope(Cell::new((Awaits::Us, false)), until_stalled(stream, limit)));
    }
}

/// Runs a stream to its end, or drops it, which resets it.
async fn until_stalled(stream: impl Future, limit: Duration) {
    let mut stream = pin!(stream);
    let mut idle = Idle::new(limit);
    poll_fn(|context| {
        if stream.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        let (awaits, was_asked) = STREAM.with(|stream| {
            let now = stream.get();
            stream.set((now.0, false));
            now
        });
        if was_asked || awaits == Awaits::Us {
            idle.piece_came();
        }
        if awaits == Awaits::Us { Poll::Pending } else { idle.poll(context).map(drop) }
    })
    .await;
}

/// Largest piece that goes to a stream of HTTP/2 at once, in bytes. Room for one byte lets a whole piece in, and
/// until it has gone out nothing more is asked for: in small pieces a slow client is seen to go on.
const PIECE_BYTES_MAX: usize = 64 << 10;

/// An answer on a connection.
pub(crate) enum Paced {
    /// HTTP/1.1: the socket tells.
    Plain(Answer),
    /// A stream of HTTP/2.
    Stream { answer: Answer, rest: Bytes, has_begun: bool },
}

impl Paced {
    pub(crate) fn new(answer: Answer, is_http2: bool) -> Self {
        if !is_http2 {
            return Self::Plain(answer);
        }
        // A client may leave no room for even the first piece.
        told(Awaits::Client);
        Self::Stream { answer, rest: Bytes::new(), has_begun: false }
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, BodyError>>> {
        let (answer, rest, has_begun) = match self.get_mut() {
            Self::Plain(answer) => return Pin::new(answer).poll_frame(context),
            Self::Stream { answer, rest, has_begun } => (answer, rest, has_begun),
        };
        *has_begun = true;
        let frame = if rest.is_empty() {
            match Pin::new(answer).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(piece) => {
                        *rest = piece;
                        None
                    }
                    Err(trailers) => Some(Poll::Ready(Some(Ok(trailers)))),
                },
                other => Some(other),
            }
        } else {
            None
        };
        let frame = frame.unwrap_or_else(|| {
            Poll::Ready(Some(Ok(Frame::data(rest.split_to(rest.len().min(PIECE_BYTES_MAX))))))
        });
        told(if frame.is_pending() { Awaits::Us } else { Awaits::Client });
        frame
    }

    /// A stream that has begun ends with an empty piece, for which the client makes room when it has taken the others.
    fn is_end_stream(&self) -> bool {
        match self {
            Self::Plain(answer) => answer.is_end_stream(),
            Self::Stream { answer, has_begun, .. } => !has_begun && answer.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Plain(answer) => answer.size_hint(),
            Self::Stream { has_begun: true, .. } => SizeHint::new(),
            Self::Stream { answer, .. } => answer.size_hint(),
        }
    }
}
