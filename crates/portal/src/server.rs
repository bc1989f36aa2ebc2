//! Which path leads to which page, and listening.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::guide;
use crate::page::{see, with_headers};
use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::visitor::Visitor;
use crate::{
    assets, chat, check, kept, leaving, notice, openid, presence, privacy, receipts, sign_in, status,
    two_worlds,
};

/// Largest form, in bytes.
const FORM_BYTES_MAX: usize = 256 << 10;
/// Open connections.
const CONNECTIONS_MAX: usize = 2_000;
/// Time for the head of a request.
const HEADER_TIME: Duration = Duration::from_secs(20);
/// Time for pages under way once the portal stops.
const DRAIN: Duration = Duration::from_secs(5);
/// How often what is held in memory of people is brought up to date, also when nobody asks for a page.
const TIDY_EVERY: Duration = Duration::from_secs(5);
/// Pause after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

fn router(portal: Arc<Portal>) -> Router {
    Router::new()
        .route("/", get(privacy::front))
        .route("/privacy", get(privacy::show))
        .route("/privacy/choices", get(async || see("/privacy")).post(privacy::choose))
        .route("/privacy/notice", get(notice::show))
        .route("/privacy/withdraw", post(leaving::withdraw))
        .route("/privacy/export", post(leaving::export))
        .route("/privacy/erase", get(leaving::ask).post(leaving::erase))
        .route("/privacy/erased", get(leaving::erased))
        .route("/privacy/kept", get(kept::list))
        .route("/privacy/receipts", get(receipts::show))
        .route("/privacy/receipts/all", get(receipts::all))
        .route("/privacy/receipts/{key}", get(receipts::one))
        .route("/privacy/where", get(presence::show))
        .route("/privacy/where/{name}", get(presence::proof))
        .route("/check", get(check::show))
        .route("/trust.keys", get(check::keys))
        .route("/.well-known/gpc.json", get(check::gpc))
        .route("/status", get(status::show))
        .route("/status.json", get(status::as_json))
        .route("/status/releases/{name}", get(status::card))
        .route("/two-worlds", get(two_worlds::show))
        .route("/privacy/kept/deleted", get(kept::forgotten))
        .route("/privacy/kept/{key}", get(kept::conversation))
        .route("/privacy/kept/{key}/delete", get(kept::ask_to_forget).post(kept::forget))
        .route("/privacy/kept/{key}/messages/{turn}", get(kept::whole))
        .route("/privacy/kept/{key}/messages/{turn}/files/{number}", get(kept::file::save))
        .route("/chat", get(chat::new))
        .route(
            "/chat/say",
            get(async || see("/chat")).post(chat::say).layer(DefaultBodyLimit::max(chat::SAY_BYTES_MAX)),
        )
        .route("/chat/kept/{key}", get(chat::resume))
        .route("/chat/{id}", get(chat::conversation))
        .route("/chat/{id}/stop", post(chat::stop))
        .route("/chat/{id}/delete", post(chat::delete))
        .route("/chat/{id}/rate", post(chat::rate))
        .route("/chat/{id}/rating", post(chat::keep_rating))
        .route("/guide", get(guide::show))
        .route("/guide/{step}", get(async || see("/guide")).post(guide::act))
        .route("/sign-in", get(sign_in::show).post(sign_in::local))
        .route(openid::BEGIN, get(openid::begin))
        .route(openid::BACK, get(openid::back_again))
        .route("/sign-out", post(sign_in::end))
        .route("/language", post(sign_in::language))
        .route("/assets/{name}", get(async |uri: Uri| assets::answer(uri.path()).ok_or(NoSuchAsset)))
        // Browsers ask for it beside what is no page and names no icon, such as the keys.
        .route("/favicon.ico", get(async || see(assets::ICON.path())))
        .fallback(nowhere)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn_with_state(Arc::clone(&portal), own_host))
        .layer(map_response(with_headers))
        .with_state(portal)
}

struct NoSuchAsset;

impl IntoResponse for NoSuchAsset {
    fn into_response(self) -> Response {
        axum::http::StatusCode::NOT_FOUND.into_response()
    }
}

async fn nowhere(State(portal): State<Arc<Portal>>, visitor: Visitor) -> Response {
    Refusal::NotFound.answer(&portal, &visitor)
}

/// Refuses a request for a name that is not ours: a site that points its own name at a loopback address would
/// otherwise be let in (DNS rebinding).
async fn own_host(State(portal): State<Arc<Portal>>, request: Request, next: Next) -> Response {
    if is_own_host(&portal, request.headers()) {
        return next.run(request).await;
    }
    axum::http::StatusCode::MISDIRECTED_REQUEST.into_response()
}

fn is_own_host(portal: &Portal, headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else { return false };
    let settings = &portal.settings;
    let public = settings.public_url.as_deref().and_then(|url| url.split_once("://"));
    if public.is_some_and(|(_, authority)| authority.split('/').next() == Some(host)) {
        return true;
    }
    // The port may be another one than was asked for: 0 stands for any.
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if settings.listen.ip().is_loopback() {
        return name == "localhost" || name == settings.listen.ip().to_string() || name == "[::1]";
    }
    public.is_none() && name == settings.listen.ip().to_string()
}

/// Serves pages until `stop` is done, then lets those under way end.
pub(crate) async fn serve(portal: Arc<Portal>, listener: TcpListener, stop: impl Future<Output = ()>) {
    let router = router(Arc::clone(&portal));
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let (stopped, stopping) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    let mut ticks = tokio::time::interval(TIDY_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let slot = tokio::select! {
            slot = Arc::clone(&slots).acquire_owned() => slot,
            () = &mut stop => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = ticks.tick() => {
                let portal = Arc::clone(&portal);
                connections.spawn_blocking(move || portal.tidy());
                continue;
            }
            () = &mut stop => break,
        };
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        let mut stopping = stopping.clone();
        connections.spawn(async move {
            let mut protocol = hyper::server::conn::http1::Builder::new();
            protocol.timer(TokioTimer::new()).header_read_timeout(HEADER_TIME);
            let mut connection = std::pin::pin!(protocol.serve_connection(TokioIo::new(stream), service));
            let is_over = tokio::select! {
                _ = connection.as_mut() => true,
                _ = stopping.wait_for(|stopping| *stopping) => false,
            };
            if !is_over {
                connection.as_mut().graceful_shutdown();
                // Its browser hears of an error; nobody else is concerned.
                let _ = connection.await;
            }
            drop(slot);
        });
    }
    drop(listener);
    let _ = stopped.send(true);
    let drained = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(DRAIN, drained).await;
}
