//! The HTTP face: `/v1/models` and `/v1/chat/completions`, with OpenAI's envelopes.

use std::convert::Infallible;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body as HttpBody, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use candor_conversation::Timestamp;
use futures_core::Stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::reference::answer::{self, Ended};
use crate::reference::request::{Ask, Body};
use crate::reference::running::Place;
use crate::reference::shelf::{Learned, Shelf};
use crate::reference::{RETRIEVAL, TRANSFORMER};

/// Largest request, in bytes.
const BODY_BYTES_MAX: usize = 8 << 20;
/// Answers that are computed at once.
const COMPUTING_MAX: usize = 2;
/// Requests that wait or are answered; beyond it they are told to come back.
const REQUESTS_MAX: usize = 64;
/// Pieces of an answer that wait for a slow client.
const PIECES: usize = 16;

/// What all requests share.
pub(crate) struct Shared {
    shelf: Shelf,
    clock: fn() -> Timestamp,
    requests: Arc<Semaphore>,
    computing: Arc<Semaphore>,
    answers: AtomicU64,
}

impl Shared {
    pub(crate) fn new(place: Place) -> Self {
        Self {
            clock: place.clock,
            shelf: Shelf::new(place),
            requests: Arc::new(Semaphore::new(REQUESTS_MAX)),
            computing: Arc::new(Semaphore::new(COMPUTING_MAX)),
            answers: AtomicU64::new(0),
        }
    }
}

/// Answers until it is dropped.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) -> std::io::Result<()> {
    let router = Router::new()
        .route("/v1/models", get(models))
        .route("/v1/chat/completions", post(complete))
        .fallback(async || {
            refuse(StatusCode::NOT_FOUND, (None, "only /v1/models and /v1/chat/completions are here"))
        })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(shared);
    axum::serve(listener, router).await
}

async fn models(State(shared): State<Arc<Shared>>) -> Response {
    let created = (shared.clock)().millis() / 1_000;
    let model = |id| json!({ "id": id, "object": "model", "created": created, "owned_by": "candor" });
    Json(json!({ "object": "list", "data": [model(RETRIEVAL), model(TRANSFORMER)] })).into_response()
}

/// What a computing thread tells.
enum Piece {
    Text(String),
    Ended(Ended),
}

async fn complete(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let Ok(slot) = Arc::clone(&shared.requests).try_acquire_owned() else {
        return refuse(StatusCode::TOO_MANY_REQUESTS, (None, "too many requests at once; try again shortly"));
    };
    let body: Body = match serde_json::from_slice(&body) {
        Ok(body) => body,
        // The error would quote what was said.
        Err(_) => return refuse(StatusCode::BAD_REQUEST, (None, "the body is no chat completion")),
    };
    let ask = match body.ask() {
        Ok(ask) => ask,
        Err((field, words)) => return refuse(StatusCode::BAD_REQUEST, (Some(field), words)),
    };
    let speaks = match body.model.as_str() {
        RETRIEVAL | "reference" => false,
        TRANSFORMER => true,
        _ => return refuse(StatusCode::NOT_FOUND, (Some("model"), "there is no such model; see /v1/models")),
    };
    let Ok(computing) = Arc::clone(&shared.computing).acquire_owned().await else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, (None, "stopping"));
    };
    let (tell, told) = mpsc::channel(PIECES);
    let written = Written {
        id: format!("chatcmpl-reference-{}", shared.answers.fetch_add(1, Ordering::Relaxed)),
        created: (shared.clock)().millis() / 1_000,
        model: if speaks { TRANSFORMER } else { RETRIEVAL },
        wants_usage: ask.wants_usage,
    };
    let shelf = Arc::clone(&shared);
    let learned = tokio::task::spawn_blocking(move || shelf.shelf.newest()).await.ok().flatten();
    // It ends at the next piece once nobody listens.
    tokio::task::spawn_blocking(move || compute((learned, speaks), &ask, &tell, computing));
    match body.stream {
        true => written.stream(told, slot),
        false => written.whole(told).await,
    }
}

fn compute(
    (learned, speaks): (Option<Arc<Learned>>, bool),
    ask: &Ask,
    tell: &Sender<Piece>,
    computing: OwnedSemaphorePermit,
) {
    let mut text = |piece| match tell.blocking_send(Piece::Text(piece)) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    };
    let ended = match &learned {
        None => Some(answer::untaught(&mut text)),
        Some(learned) if speaks => answer::speak(learned, ask, &mut text).ok(),
        Some(learned) => Some(answer::retrieve(learned, ask, &mut text)),
    };
    // An answer without its end tells that something failed.
    if let Some(ended) = ended {
        let _ = tell.blocking_send(Piece::Ended(ended));
    }
    drop(computing);
}

/// What every answer repeats.
struct Written {
    id: String,
    created: i64,
    model: &'static str,
    wants_usage: bool,
}

impl Written {
    async fn whole(self, mut told: Receiver<Piece>) -> Response {
        let mut text = String::new();
        while let Some(piece) = told.recv().await {
            match piece {
                Piece::Text(piece) => text += &piece,
                Piece::Ended(ended) => {
                    let message = json!({ "role": "assistant", "content": text, "refusal": null });
                    let choice = json!({ "index": 0, "message": message, "finish_reason": ended.finish, "logprobs": null });
                    let mut value = self.value("chat.completion", json!([choice]));
                    value["usage"] = usage(&ended);
                    value["candor"] = ended.evidence;
                    return Json(value).into_response();
                }
            }
        }
        refuse(StatusCode::INTERNAL_SERVER_ERROR, (None, "the model failed"))
    }

    fn stream(self, told: Receiver<Piece>, slot: OwnedSemaphorePermit) -> Response {
        let first = self.chunk(&json!({ "role": "assistant", "content": "" }), None);
        let events = Events { written: self, told, waiting: Some(line(&first)), _slot: slot };
        ([(CONTENT_TYPE, "text/event-stream")], HttpBody::from_stream(events)).into_response()
    }

    fn value(&self, object: &str, choices: Value) -> Value {
        json!({
            "id": self.id, "object": object, "created": self.created, "model": self.model, "choices": choices,
        })
    }

    fn chunk(&self, delta: &Value, finish: Option<&str>) -> Value {
        let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish, "logprobs": null });
        self.value("chat.completion.chunk", json!([choice]))
    }

    fn last(&self, ended: Ended) -> String {
        let usage = usage(&ended);
        let mut chunk = self.chunk(&json!({}), Some(ended.finish));
        chunk["candor"] = ended.evidence;
        let mut lines = line(&chunk);
        if self.wants_usage {
            let mut chunk = self.value("chat.completion.chunk", json!([]));
            chunk["usage"] = usage;
            lines += &line(&chunk);
        }
        lines + "data: [DONE]\n\n"
    }
}

fn line(value: &Value) -> String {
    format!("data: {value}\n\n")
}

fn usage(ended: &Ended) -> Value {
    json!({
        "prompt_tokens": ended.prompt_tokens,
        "completion_tokens": ended.reply_tokens,
        "total_tokens": ended.prompt_tokens + ended.reply_tokens,
    })
}

/// An answer as server-sent events. Dropped with the connection, and with it the thread's listener.
struct Events {
    written: Written,
    told: Receiver<Piece>,
    waiting: Option<String>,
    _slot: OwnedSemaphorePermit,
}

impl Stream for Events {
    type Item = Result<String, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(waiting) = self.waiting.take() {
            return Poll::Ready(Some(Ok(waiting)));
        }
        let next = match self.told.poll_recv(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(next) => next,
        };
        let lines = next.map(|piece| match piece {
            Piece::Text(text) => line(&self.written.chunk(&json!({ "content": text }), None)),
            Piece::Ended(ended) => self.written.last(ended),
        });
        Poll::Ready(lines.map(Ok))
    }
}

/// A refusal in OpenAI's envelope.
fn refuse(status: StatusCode, (field, words): (Option<&str>, &str)) -> Response {
    let kind = if status.is_server_error() { "server_error" } else { "invalid_request_error" };
    let message = field.map_or_else(|| words.to_owned(), |field| format!("{field}: {words}"));
    let error = json!({ "message": message, "type": kind, "param": field, "code": null });
    (status, Json(json!({ "error": error }))).into_response()
}
