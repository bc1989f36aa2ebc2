//! The reference model at work, in a thread of its own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use candor_conversation::{Kind, Timestamp};
use tokio::sync::oneshot;

use crate::reference::server::{Shared, serve};

/// Threads that read requests and send answers; those that compute are others.
const THREADS: usize = 1;
/// Time for answers that are being computed to notice that nobody waits.
const DRAIN: Duration = Duration::from_secs(2);

/// Why it cannot start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReferenceError {
    /// No address, or no thread.
    #[error("serve the reference model")]
    Serve(#[from] io::Error),
}

impl ReferenceError {
    /// What the caller does next.
    pub(crate) fn kind(&self) -> Kind {
        Kind::Unavailable
    }
}

/// Where models are, and what is asked of the caller.
pub(crate) struct Place {
    /// The folder of models: the newest is served.
    pub(crate) models: PathBuf,
    /// The folder of releases, in which a model's own is found by its name.
    pub(crate) releases: PathBuf,
    /// The file of keys that must have signed a release; whoever signed it, if there is no such file.
    pub(crate) trust: PathBuf,
    /// The time of day.
    pub(crate) clock: fn() -> Timestamp,
    /// Takes a remark for the operator, one line.
    pub(crate) notes: fn(&str),
}

/// The address is taken, and nothing is answered yet.
pub(crate) struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

/// The reference model, answering.
pub(crate) struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Bound {
    /// Takes a free loopback address.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn to_loopback() -> Result<Self, ReferenceError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        Ok(Self { address: listener.local_addr()?, listener })
    }

    /// Where it answers.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers from now on.
    ///
    /// # Errors
    /// When no thread can be had.
    pub(crate) fn start(self, place: Place) -> Result<Running, ReferenceError> {
        let (stop, stopped) = oneshot::channel::<()>();
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(THREADS).enable_all().thread_name("candor-reference").build()?;
        let notes = place.notes;
        let thread = std::thread::Builder::new().name("candor-reference".into()).spawn(move || {
            let shared = Arc::new(Shared::new(place));
            let served = runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(self.listener)?;
                tokio::select! {
                    served = serve(listener, shared) => served,
                    // Whoever holds the other end tells when to stop, or is gone.
                    _ = stopped => Ok(()),
                }
            });
            if let Err(error) = served {
                notes(&format!("no reference model: {error}"));
            }
            runtime.shutdown_timeout(DRAIN);
        })?;
        Ok(Running { stop, thread })
    }
}

impl Running {
    /// Stops; answers under way are cut off.
    ///
    /// # Errors
    /// When its thread had panicked.
    pub(crate) fn stop(self) -> io::Result<()> {
        // It may have ended by itself.
        let _ = self.stop.send(());
        self.thread.join().map_err(|_| io::Error::other("the thread of the reference model panicked"))
    }
}
