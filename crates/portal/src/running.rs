//! A portal at work, in a thread of its own.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::gateway::{Credential, Gateway};
use crate::portal::{Portal, PortalError};
use crate::server::serve;

/// Threads that write pages.
const THREADS: usize = 2;

/// A portal that has its address and serves nothing yet.
pub struct Bound {
    portal: Portal,
    listener: TcpListener,
    address: SocketAddr,
}

/// Pages that are being served.
pub struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Bound {
    /// Takes the address.
    pub fn to_address(portal: Portal) -> Result<Self, PortalError> {
        let listen = portal.settings.listen;
        let bound = TcpListener::bind(listen);
        let listener = bound.map_err(|source| PortalError::Listen { address: listen, source })?;
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        Ok(Self { portal, listener, address })
    }

    /// Serves from now on. The chat page speaks to the gateway of this process, at an address and under a secret that
    /// the two share, unless the settings name another.
    pub fn start(self, (gateway, secret): (SocketAddr, [u8; 32])) -> Result<Running, PortalError> {
        let Self { mut portal, listener, address } = self;
        let (gateway, credential) = match (&portal.settings.gateway, &portal.settings.gateway_key_file) {
            (Some(other), Some(file)) => (other.clone(), Credential::read(file)?),
            _ => (format!("http://{gateway}"), Credential::Secret(secret)),
        };
        portal.gateway = Some(Gateway::new(gateway, credential)?);
        let (stop, stopped) = oneshot::channel::<()>();
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(THREADS).enable_all().thread_name("candor-portal").build()?;
        let thread = std::thread::Builder::new().name("candor-portal".into()).spawn(move || {
            let portal = Arc::new(portal);
            runtime.block_on(async {
                match tokio::net::TcpListener::from_std(listener) {
                    // Whoever holds the other end tells when to stop, or is gone.
                    Ok(listener) => serve(Arc::clone(&portal), listener, async { drop(stopped.await) }).await,
                    Err(error) => portal.note(&format!("no pages: {error}")),
                }
            });
            // What reads the object store must not be dropped by a task: it has a runtime of its own.
            drop(runtime);
            drop(portal);
        })?;
        Ok(Running { address, stop, thread })
    }
}

impl Running {
    /// Where browsers connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets pages under way end, and stops.
    pub fn stop(self) -> io::Result<()> {
        // It may have ended by itself.
        let _ = self.stop.send(());
        self.thread.join().map_err(|_| io::Error::other("the portal's thread panicked"))
    }
}
