//! Listening, reading settings again, and stopping without cutting anyone off.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use candor_conversation::Kind;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Uri, Version};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::Receiver;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::gateway::Gateway;
use crate::route::connector;
use crate::settings::{Limits, Settings, SettingsError};
use crate::stall::{Paced, Patient, Streams};
use crate::telemetry::{Span, export};
use crate::tls::acceptor;
use crate::{admin, relay};

/// Why the gateway could not start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The address cannot be had.
    #[error("listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The data directory cannot be used.
    #[error(transparent)]
    Vault(#[from] candor_vault::VaultError),
    /// Threads, signals.
    #[error("{doing}")]
    System {
        /// What was being done.
        doing: &'static str,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

impl ServeError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            ServeError::Settings(error) => error.kind(),
            ServeError::Vault(error) => error.kind(),
            ServeError::Listen { .. } | ServeError::System { .. } => Kind::Unavailable,
        }
    }
}

/// Where the gateway listens.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// For clients.
    pub clients: SocketAddr,
    /// For the operator.
    pub admin: SocketAddr,
}

/// Serves until it is told to stop; then running requests get [`Limits::drain_seconds`] to end.
pub(crate) async fn serve(
    gateway: Arc<Gateway>,
    (ready, spans): (impl FnOnce(Addresses), Option<(Receiver<Span>, Uri)>),
) -> Result<(), ServeError> {
    let current = gateway.current();
    let settings = &current.settings;
    let clients = listen(settings.listen).await?;
    let operators = listen(settings.admin_listen).await?;
    let tls = settings.tls.as_ref().map(acceptor).transpose()?;
    let address = |listener: &TcpListener, wanted| listener.local_addr().unwrap_or(wanted);
    let addresses = Addresses {
        clients: address(&clients, settings.listen),
        admin: address(&operators, settings.admin_listen),
    };
    let (stop, stopping) = watch::channel(false);
    // Not among the tasks that the drain waits for: it ends with the runtime.
    let mut exporter = JoinSet::new();
    if let Some((spans, collector)) = spans {
        exporter.spawn(export(spans, collector, connector(None, &settings.limits)?));
    }
    // Operators are answered to the end: a balancer asks `/readyz` while the gateway drains.
    let (end, ending) = watch::channel(false);
    let mut operating = JoinSet::new();
    let admin = Listening { listener: operators, tls: None, stopping: ending };
    operating.spawn(accept(Arc::clone(&gateway), admin, Role::Operator));
    let mut relaying = JoinSet::new();
    let clients = Listening { listener: clients, tls, stopping };
    relaying.spawn(accept(Arc::clone(&gateway), clients, Role::Client));
    let signals = Signals::listen()?;
    ready(addresses);
    signals.until_stopped(&gateway).await;
    gateway.metrics.draining.set(1);
    // Whoever listens on the other end of this channel stops accepting and lets its connections finish.
    let _ = stop.send(true);
    let drain = Duration::from_secs(gateway.current().settings.limits.drain_seconds);
    // What is not done by then is cut off with the runtime.
    let _ = tokio::time::timeout(drain, relaying.join_next()).await;
    // Whoever asked for it over HTTP is still being answered.
    let _ = end.send(true);
    let _ = tokio::time::timeout(LAST_ANSWERS, operating.join_next()).await;
    Ok(())
}

/// Time for answers to operators to end, after the drain.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })
}

/// What an operator tells the process. Listened for before anybody is told that it runs: a signal that nobody listens
/// for ends a process.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> Result<Self, ServeError> {
        let signal =
            |kind| signal(kind).map_err(|source| ServeError::System { doing: "listen for signals", source });
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits until it is to stop; on the way, reads the settings again when asked.
    async fn until_stopped(mut self, gateway: &Gateway) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                () = gateway.is_asked_to_drain() => return,
                // What is wrong was noted.
                _ = self.hang_up.recv() => drop(reload(gateway)),
            }
        }
    }
}

/// Reads the settings again. Addresses, TLS and threads stay as they are; a wrong file changes nothing.
pub(crate) fn reload(gateway: &Gateway) -> Result<(), SettingsError> {
    let _turn = gateway.changing();
    let read = Settings::read(&gateway.settings_file);
    match read.and_then(|settings| gateway.current().renewed(settings)) {
        Ok(current) => {
            gateway.replace(current);
            gateway.note("read the settings again");
            Ok(())
        }
        Err(error) => {
            gateway.note(&format!("the settings stay as they were: {error}"));
            Err(error)
        }
    }
}

/// Who connects.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Client,
    Operator,
}

struct Listening {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    stopping: watch::Receiver<bool>,
}

/// Pause after a connection could not be accepted, such as for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How often a client on HTTP/2 is asked whether it is still there, and how long it may take to answer.
const PING: Duration = Duration::from_secs(30);
/// Time for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

async fn accept(gateway: Arc<Gateway>, mut listening: Listening, role: Role) {
    let slots = Arc::new(Semaphore::new(gateway.current().settings.limits.connections_max));
    let mut connections = JoinSet::new();
    loop {
        let slot = tokio::select! {
            slot = Arc::clone(&slots).acquire_owned() => slot,
            _ = listening.stopping.wait_for(|stopping| *stopping) => break,
        };
        let Ok(slot) = slot else { break };
        let accepted = tokio::select! {
            accepted = listening.listener.accept() => accepted,
            _ = listening.stopping.wait_for(|stopping| *stopping) => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, peer)) => {
                let connection = Connection {
                    stream,
                    peer,
                    tls: listening.tls.clone(),
                    stopping: listening.stopping.clone(),
                };
                connections.spawn(connect(Arc::clone(&gateway), connection, role, slot));
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
    // Whoever connects from now on is refused at once, and does not wait for nobody.
    drop(listening);
    while connections.join_next().await.is_some() {}
}

struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    stopping: watch::Receiver<bool>,
}

async fn connect(gateway: Arc<Gateway>, connection: Connection, role: Role, slot: OwnedSemaphorePermit) {
    let Connection { stream, peer, tls, stopping } = connection;
    // Without it small events wait for the acknowledgement of the one before, 40 ms and more.
    let _ = stream.set_nodelay(true);
    let stream = Patient::new(stream, gateway.current().settings.limits.send_idle());
    match tls {
        None => speak(gateway, stream, (peer, role), stopping).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                speak(gateway, stream, (peer, role), stopping).await;
            }
        }
    }
    drop(slot);
}

async fn speak(
    gateway: Arc<Gateway>,
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    (peer, role): (SocketAddr, Role),
    mut stopping: watch::Receiver<bool>,
) {
    let limits = gateway.current().settings.limits.clone();
    let has_asked = Arc::new(AtomicBool::new(false));
    let silent = silent(Arc::clone(&has_asked), Duration::from_secs(limits.header_seconds));
    let service = service_fn(move |request: Request<Incoming>| {
        has_asked.store(true, Ordering::Relaxed);
        let gateway = Arc::clone(&gateway);
        let is_http2 = request.version() == Version::HTTP_2;
        async move {
            let response = match role {
                // Boxed, for a connection keeps the room of what it waited for as long as the answer streams.
                Role::Client => Box::pin(relay::answer(gateway, request, peer.ip())).await,
                Role::Operator => admin::answer(&gateway, request).await,
            };
            Ok::<_, Infallible>(response.map(|answer| Paced::new(answer, is_http2)))
        }
    });
    let protocol = protocol(&limits);
    let mut connection = pin!(protocol.serve_connection(TokioIo::new(stream), service));
    let ended = std::future::poll_fn(|context| connection.as_mut().poll(context));
    let is_over = tokio::select! {
        _ = ended => true,
        _ = stopping.wait_for(|stopping| *stopping) => false,
        () = silent => true,
    };
    if !is_over {
        connection.as_mut().graceful_shutdown();
        // Its client hears of an error; nobody else is concerned.
        let _ = connection.await;
    }
}

/// Comes to its end if nothing was asked by then. The timer for headers runs only once it is known which protocol
/// is spoken: whoever says nothing, or no more than both begin with, would keep a connection for ever.
async fn silent(has_asked: Arc<AtomicBool>, limit: Duration) {
    tokio::time::sleep(limit).await;
    if has_asked.load(Ordering::Relaxed) {
        std::future::pending().await
    }
}

fn protocol(limits: &Limits) -> auto::Builder<Streams> {
    let mut protocol = auto::Builder::new(Streams::new(limits.send_idle()));
    let header_bytes_max = limits.header_bytes_max.max(8 << 10);
    protocol
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(limits.header_seconds))
        .max_buf_size(header_bytes_max);
    protocol
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(PING))
        .keep_alive_timeout(PING)
        .max_header_list_size(u32::try_from(header_bytes_max).unwrap_or(u32::MAX));
    protocol
}
