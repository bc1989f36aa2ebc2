//! Bodies on their way through: passed on piece by piece as they come, a bounded copy beside the path.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

/// Why a body ended before its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    /// The other side failed or went away.
    #[error("the connection broke off")]
    Broken(#[from] hyper::Error),
    /// Nothing came for too long.
    #[error("nothing came for {0:?}")]
    Idle(Duration),
    /// More than is allowed.
    #[error("the body is larger than {0} bytes")]
    TooLarge(u64),
}

/// Smallest piece that is shared with the path; a smaller one is copied, for it would keep the whole buffer that it
/// was read into.
const SHARED_BYTES_MIN: usize = 4 << 10;

/// A copy of a body, bounded. Large pieces are shared with the path, not copied.
#[derive(Default)]
pub(crate) struct Copied {
    pieces: Vec<Bytes>,
    /// Small pieces, one after the other.
    small: BytesMut,
    bytes: usize,
    is_whole: bool,
    is_too_large: bool,
}

impl Copied {
    pub(crate) fn whole(bytes: &Bytes, bytes_max: usize) -> Self {
        let mut copied = Self { is_whole: true, ..Self::default() };
        copied.push(bytes, bytes_max);
        copied
    }

    pub(crate) fn push(&mut self, piece: &Bytes, bytes_max: usize) {
        self.bytes += piece.len();
        if self.bytes > bytes_max {
            self.is_too_large = true;
            self.pieces = Vec::new();
            self.small = BytesMut::new();
        } else if piece.len() < SHARED_BYTES_MIN {
            self.small.extend_from_slice(piece);
        } else {
            self.end_small();
            self.pieces.push(piece.clone());
        }
    }

    fn end_small(&mut self) {
        if !self.small.is_empty() {
            self.pieces.push(self.small.split().freeze());
        }
    }

    /// The bytes in one piece, if all of them came and were not too many.
    pub(crate) fn into_bytes(mut self) -> Option<Bytes> {
        self.end_small();
        match self.pieces.as_slice() {
            _ if !self.is_whole || self.is_too_large => None,
            [] => Some(Bytes::new()),
            [one] => Some(one.clone()),
            many => Some(many.concat().into()),
        }
    }

    /// What came, whole or not; `None` if it was too much.
    pub(crate) fn into_pieces(mut self) -> Option<Vec<Bytes>> {
        self.end_small();
        (!self.is_too_large).then_some(self.pieces)
    }
}

/// The copy of a request body that is still coming.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Copied>>);

impl Seen {
    pub(crate) fn whole(bytes: &Bytes, bytes_max: usize) -> Self {
        Self(Arc::new(Mutex::new(Copied::whole(bytes, bytes_max))))
    }

    /// What was copied so far; afterwards the copy is empty.
    pub(crate) fn take(&self) -> Copied {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether all of the body has been seen.
    pub(crate) fn is_whole(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_whole
    }

    fn with(&self, act: impl FnOnce(&mut Copied)) {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Measures how long nothing comes; costs nothing while pieces are ready.
pub(crate) struct Idle {
    limit: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
    is_running: bool,
}

impl Idle {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, sleep: None, is_running: false }
    }

    pub(crate) fn piece_came(&mut self) {
        self.is_running = false;
    }

    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<BodyError> {
        let until = Instant::now() + self.limit;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if !self.is_running {
            sleep.as_mut().reset(until);
            self.is_running = true;
        }
        ready!(sleep.as_mut().poll(context));
        Poll::Ready(BodyError::Idle(self.limit))
    }
}

/// A request body on its way upstream.
pub(crate) enum RequestBody {
    /// All of it is here.
    Whole(Option<Bytes>),
    /// It is still coming.
    Coming(Box<Coming>),
}

pub(crate) struct Coming {
    first: Option<Bytes>,
    rest: Incoming,
    seen: Option<Seen>,
    copied_bytes_max: usize,
    bytes: u64,
    bytes_max: u64,
    idle: Idle,
}

/// What bounds a request body.
#[derive(Clone, Copy)]
pub(crate) struct RequestBounds {
    pub(crate) bytes_max: u64,
    pub(crate) copied_bytes_max: usize,
    pub(crate) idle: Duration,
}

impl RequestBody {
    /// Takes a body over: whole if its first piece is all, else piece by piece. `is_read` keeps a copy.
    pub(crate) async fn new(
        mut body: Incoming,
        is_read: bool,
        bounds: RequestBounds,
    ) -> Result<(Self, Option<Seen>), BodyError> {
        if body.size_hint().lower() > bounds.bytes_max {
            return Err(BodyError::TooLarge(bounds.bytes_max));
        }
        let first = match next_piece(&mut body, bounds.idle).await? {
            Some(piece) if body.is_end_stream() => {
                let seen = is_read.then(|| Seen::whole(&piece, bounds.copied_bytes_max));
                return Ok((Self::Whole(Some(piece)), seen));
            }
            None => return Ok((Self::Whole(None), is_read.then(|| Seen::whole(&Bytes::new(), 0)))),
            Some(piece) => piece,
        };
        let seen = is_read.then(Seen::default);
        let coming = Coming {
            first: Some(first),
            rest: body,
            seen: seen.clone(),
            copied_bytes_max: bounds.copied_bytes_max,
            bytes: 0,
            bytes_max: bounds.bytes_max,
            idle: Idle::new(bounds.idle),
        };
        Ok((Self::Coming(Box::new(coming)), seen))
    }

    /// Waits for all of a body, where it must be read before it may go on.
    pub(crate) async fn collect(body: Incoming, bounds: RequestBounds) -> Result<Bytes, BodyError> {
        let mut body = body;
        let mut all: Vec<u8> = Vec::new();
        while let Some(piece) = next_piece(&mut body, bounds.idle).await? {
            if (all.len() + piece.len()) as u64 > bounds.bytes_max {
                return Err(BodyError::TooLarge(bounds.bytes_max));
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.into())
    }
}

/// The next piece of data; trailers are passed over.
async fn next_piece(body: &mut Incoming, idle: Duration) -> Result<Option<Bytes>, BodyError> {
    loop {
        let next = std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context));
        let frame = tokio::time::timeout(idle, next).await.map_err(|_| BodyError::Idle(idle))?;
        match frame.transpose()?.map(Frame::into_data) {
            Some(Ok(data)) => return Ok(Some(data)),
            Some(Err(_trailers)) => {}
            None => return Ok(None),
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Coming(coming) => coming.poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            Self::Coming(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Coming(coming) => {
                let first = coming.first.as_ref().map_or(0, |first| first.len() as u64);
                let rest = coming.rest.size_hint();
                let mut hint = SizeHint::new();
                hint.set_lower(rest.lower() + first);
                if let Some(upper) = rest.upper() {
                    hint.set_upper(upper + first);
                }
                hint
            }
        }
    }
}

impl Coming {
    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(self.pass(Frame::data(first))));
        }
        match Pin::new(&mut self.rest).poll_frame(context) {
            Poll::Pending => self.idle.poll(context).map(|error| Some(Err(error))),
            Poll::Ready(None) => {
                if let Some(seen) = &self.seen {
                    seen.with(|copied| copied.is_whole = true);
                }
                Poll::Ready(None)
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(Some(Ok(frame))) => {
                self.idle.piece_came();
                Poll::Ready(Some(self.pass(frame)))
            }
        }
    }

    fn pass(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, BodyError> {
        let Some(piece) = frame.data_ref() else { return Ok(frame) };
        self.bytes += piece.len() as u64;
        if self.bytes > self.bytes_max {
            return Err(BodyError::TooLarge(self.bytes_max));
        }
        if let Some(seen) = &self.seen {
            let is_whole = self.rest.is_end_stream();
            seen.with(|copied| {
                copied.push(piece, self.copied_bytes_max);
                copied.is_whole |= is_whole;
            });
        }
        Ok(frame)
    }
}
