//! Pieces of a stream that are here already go on together: one write for each piece would be most of the work.
//!
//! Nothing waits for what has not come. The connection upstream is read by a task of its own that hands over one
//! piece at a time; after a piece it gets [`TURNS`] to hand over another, and if there is none, what is here goes on.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, SizeHint};

/// Bytes that go on together at most, about.
const TOGETHER_BYTES_MAX: usize = 16 << 10;
/// How often this task steps back for the one that reads. Once is too few: one turn may pass on the way to it.
const TURNS: u8 = 3;

/// What a body gives next.
type Next<E> = Option<Result<Frame<Bytes>, E>>;

/// A body from upstream.
pub(crate) struct Gathered<B: Body> {
    upstream: B,
    /// Whether pieces are gathered at all.
    is_stream: bool,
    held: Held,
    /// How often the task that reads has had its turn since the last piece.
    turns: u8,
    /// What came after the pieces that are held.
    after: Option<Next<B::Error>>,
    /// Whether the connection had its turn to write before it hears of a failure.
    let_write: bool,
}

#[derive(Default)]
enum Held {
    #[default]
    Nothing,
    /// The usual case, and then nothing is copied.
    One(Bytes),
    Several(BytesMut),
}

impl<B: Body<Data = Bytes> + Unpin> Gathered<B> {
    pub(crate) fn new(upstream: B, is_stream: bool) -> Self {
        Self { upstream, is_stream, held: Held::Nothing, turns: 0, after: None, let_write: false }
    }

    pub(crate) fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Next<B::Error>> {
        if matches!(self.after, Some(Some(Err(_)))) && !self.let_write {
            // A connection that is told of a failure drops what it has not written yet.
            self.let_write = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(after) = self.after.take() {
            return Poll::Ready(after);
        }
        loop {
            match Pin::new(&mut self.upstream).poll_frame(context) {
                Poll::Pending if self.held.is_nothing() => return Poll::Pending,
                Poll::Pending if self.turns >= TURNS => return Poll::Ready(self.held.take()),
                Poll::Pending => {
                    self.turns += 1;
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Ready(Some(Ok(frame))) if self.is_stream && frame.is_data() => {
                    self.turns = 0;
                    self.held.push(frame.into_data().unwrap_or_default());
                    if self.held.len() >= TOGETHER_BYTES_MAX || self.upstream.is_end_stream() {
                        return Poll::Ready(self.held.take());
                    }
                }
                Poll::Ready(Some(Err(error))) if self.held.is_nothing() => {
                    self.after = Some(Some(Err(error)));
                    return self.poll_frame(context);
                }
                Poll::Ready(other) if self.held.is_nothing() => return Poll::Ready(other),
                Poll::Ready(other) => {
                    self.after = Some(other);
                    return Poll::Ready(self.held.take());
                }
            }
        }
    }

    pub(crate) fn is_end_stream(&self) -> bool {
        self.held.is_nothing() && matches!(self.after, None | Some(None)) && self.upstream.is_end_stream()
    }

    /// The hint of what has not been read; to be asked before anything is.
    pub(crate) fn size_hint(&self) -> SizeHint {
        self.upstream.size_hint()
    }
}

impl Held {
    fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::One(piece) => piece.len(),
            Self::Several(pieces) => pieces.len(),
        }
    }

    fn push(&mut self, piece: Bytes) {
        *self = match std::mem::take(self) {
            Self::Nothing => Self::One(piece),
            Self::One(first) => {
                let mut pieces = BytesMut::with_capacity(4 << 10);
                pieces.extend_from_slice(&first);
                pieces.extend_from_slice(&piece);
                Self::Several(pieces)
            }
            Self::Several(mut pieces) => {
                pieces.extend_from_slice(&piece);
                Self::Several(pieces)
            }
        };
    }

    fn take<E>(&mut self) -> Next<E> {
        let bytes = match std::mem::take(self) {
            Self::Nothing => Bytes::new(),
            Self::One(piece) => piece,
            Self::Several(pieces) => pieces.freeze(),
        };
        Some(Ok(Frame::data(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::task::Waker;

    use proptest::prelude::*;

    use super::*;

    /// What a body gives each time it is asked; `None` stands for nothing yet.
    struct Script(VecDeque<Option<Result<Bytes, &'static str>>>);

    impl Body for Script {
        type Data = Bytes;
        type Error = &'static str;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Next<&'static str>> {
            match self.0.pop_front() {
                Some(None) => Poll::Pending,
                Some(Some(piece)) => Poll::Ready(Some(piece.map(Frame::data))),
                None => Poll::Ready(None),
            }
        }
    }

    fn pieces(
        script: Vec<Option<Result<Bytes, &'static str>>>,
        is_stream: bool,
    ) -> Vec<Result<Bytes, &'static str>> {
        let mut body = Gathered::new(Script(script.into()), is_stream);
        let mut context = Context::from_waker(Waker::noop());
        let mut all = Vec::new();
        loop {
            match body.poll_frame(&mut context) {
                Poll::Pending => {}
                Poll::Ready(None) => return all,
                Poll::Ready(Some(next)) => all.push(next.map(|frame| frame.into_data().unwrap())),
            }
        }
    }

    fn ready(text: &'static str) -> Option<Result<Bytes, &'static str>> {
        Some(Ok(Bytes::from_static(text.as_bytes())))
    }

    #[test]
    fn pieces_that_are_here_go_on_together_and_a_pause_parts_them() {
        let mut script = vec![ready("a"), None, ready("b"), ready("c")];
        script.extend(std::iter::repeat_n(None, usize::from(TURNS) + 1));
        script.push(ready("d"));
        assert_eq!(pieces(script, true), [Ok("abc".into()), Ok("d".into())]);
    }

    #[test]
    fn what_came_before_a_failure_can_be_written_before_it_is_told() {
        let script = vec![ready("a"), ready("b"), Some(Err("broken"))];
        let mut body = Gathered::new(Script(script.into()), true);
        let mut context = Context::from_waker(Waker::noop());
        let first = body.poll_frame(&mut context).map(|next| next.map(|next| next.map(Frame::into_data)));
        assert!(matches!(first, Poll::Ready(Some(Ok(Ok(data)))) if data == "ab"));
        assert!(body.poll_frame(&mut context).is_pending());
        assert!(matches!(body.poll_frame(&mut context), Poll::Ready(Some(Err("broken")))));
    }

    #[test]
    fn an_answer_that_is_no_stream_is_passed_as_it_comes() {
        assert_eq!(pieces(vec![ready("a"), ready("b")], false), [Ok("a".into()), Ok("b".into())]);
    }

    proptest! {
        #[test]
        fn no_byte_is_lost_added_or_moved(script in prop::collection::vec(prop::option::of("[a-z]{1,9000}"), 0..12)) {
            let whole: String = script.iter().flatten().cloned().collect();
            let script = script.into_iter().map(|piece| piece.map(|text| Ok(Bytes::from(text)))).collect();
            let together: Vec<u8> = pieces(script, true).into_iter().flat_map(|piece| piece.unwrap()).collect();
            prop_assert_eq!(together, whole.into_bytes());
        }
    }
}
