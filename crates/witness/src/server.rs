//! The HTTP face of a witness: `POST /add-checkpoint`.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use candor_conversation::Timestamp;
use candor_tlog::witness::{REQUEST_BYTES_MAX, Refusal};

use crate::store::{Signed, Witness};

/// Threads that answer.
const THREADS: usize = 2;

struct Shared {
    witness: Witness,
    clock: fn() -> Timestamp,
    notes: fn(&str),
}

/// Answers until the process ends. `notes` takes a remark for the operator, one line.
pub fn serve(
    witness: Witness,
    listener: TcpListener,
    clock: fn() -> Timestamp,
    notes: fn(&str),
) -> io::Result<()> {
    let shared = Arc::new(Shared { witness, clock, notes });
    let router = Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
        .with_state(shared);
    listener.set_nonblocking(true)?;
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(THREADS).enable_all().thread_name("candor-witness").build()?;
    runtime.block_on(async { axum::serve(tokio::net::TcpListener::from_std(listener)?, router).await })
}

async fn add_checkpoint(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let judged = tokio::task::spawn_blocking(move || {
        let seconds = u64::try_from((shared.clock)().millis() / 1_000).unwrap_or(0);
        let signed = shared.witness.add_checkpoint(&body, seconds);
        match &signed {
            Ok(Signed::Refused(refusal @ (Refusal::Forked { .. } | Refusal::Inconsistent(_)))) => {
                (shared.notes)(&format!("not signed: {refusal}"));
            }
            Err(error) => (shared.notes)(&format!("not signed: {error}")),
            Ok(_) => {}
        }
        signed
    });
    match judged.await {
        Ok(Ok(Signed::Line(line))) => format!("{line}\n").into_response(),
        Ok(Ok(Signed::Refused(refusal))) => refuse(&refusal),
        Ok(Err(_)) | Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn refuse(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match refusal.held() {
        Some(held) => (status, [(CONTENT_TYPE, "text/x.tlog.size")], format!("{held}\n")).into_response(),
        None => (status, format!("{refusal}\n")).into_response(),
    }
}
