//! The gateway: relays every request unchanged and keeps only what was agreed to.
//!
//! Clients speak to it as they would to a provider. Bytes go on as they came, both ways; a copy beside the path is
//! read, decided about in memory, and, if its author agreed, written sealed to the vault's inbox by a thread that the
//! relay never waits for. Where an operator asks for it, identifiers are hidden from the model, and other people's
//! kept out of its answers.
//!
//! It is not for load balancing, caching or translating between providers. It knows nothing of web pages, and reads
//! neither the time of day nor the system's random source: [`Edge`] and [`Entropy`] are the caller's.

mod admin;
mod serve;

mod relay;

mod answer;
mod body;
mod headers;
mod refusal;
mod route;
mod tls;

pub mod identity;
pub mod limit;

mod decide;
mod exchange;
mod keeper;
mod thread;

mod edit;
mod guarding;

mod access_log;
mod gateway;
mod metrics;
mod record;
mod settings;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use candor_deid::Engine;
use candor_vault::{Entropy, KeyChain, VaultError};

pub use gateway::Edge;
pub use serve::{Addresses, ServeError};
pub use settings::{
    Capture, Guarding, Limits, Masking, Namespace, Route, Settings, SettingsError, TEMPLATE, Tls,
};

use access_log::AccessLog;
use gateway::{Current, Gateway};
use keeper::{Keeper, Queue};

/// What a gateway works with.
pub struct Serve<'a> {
    /// The data directory.
    pub data: &'a Path,
    /// The file of settings, read again on SIGHUP.
    pub settings_file: &'a Path,
    /// Finds identifiers, for masking and the guard.
    pub engine: Engine,
    /// A random source.
    pub entropy: Entropy,
    /// Clock and remarks.
    pub edge: Edge,
}

/// Time for the threads that relay to end, after the drain.
const SHUTDOWN: Duration = Duration::from_secs(2);

/// Serves until SIGTERM or SIGINT, then lets running requests end and writes what waits. `ready` is told the
/// addresses once both are listened on.
pub fn run(serve: Serve<'_>, ready: impl FnOnce(Addresses)) -> Result<(), ServeError> {
    let Serve { data, settings_file, engine, mut entropy, edge } = serve;
    let settings = Settings::read(settings_file)?;
    let system = |doing| move |source| ServeError::System { doing, source };
    let (queue, keeper) = if settings.capture.enabled {
        let keeper = Keeper::open(data, &settings.capture, entropy.fork(), (edge.clock)())?;
        let (queue, waiting) = Queue::new(&settings.capture);
        (Some(queue), Some((keeper, waiting)))
    } else {
        (None, None)
    };
    let threads = settings.threads;
    let (access_log, log_writer) = match settings.access_log {
        true => {
            let (log, writer) = AccessLog::to(std::io::stderr());
            (log, Some(writer))
        }
        false => (AccessLog::off(), None),
    };
    let guard_key = KeyChain::read(&data.join("keys")).map_err(VaultError::from)?.store_key("guard");
    let gateway = Gateway::new(Current::new(settings)?, queue, access_log, (engine, guard_key), &edge);
    let gateway = Arc::new(gateway);
    let keeper = match keeper {
        Some((keeper, waiting)) => {
            gateway.set_policy(Some(keeper.policy()));
            Some(keeper.start(Arc::clone(&gateway), waiting).map_err(system("start the keeper"))?)
        }
        None => None,
    };
    let runtime = runtime(threads).map_err(system("start the threads that relay"))?;
    let served = runtime.block_on(serve::serve(Arc::clone(&gateway), settings_file.to_owned(), ready));
    // Answers that were cut off are told to the keeper as they are dropped.
    runtime.shutdown_timeout(SHUTDOWN);
    gateway.close();
    if let Some(keeper) = keeper {
        // It ends by itself; a panic in it was told on standard error.
        let _ = keeper.join();
    }
    drop(gateway);
    if let Some(writer) = log_writer {
        let _ = writer.join();
    }
    served
}

fn runtime(threads: usize) -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if threads > 0 {
        builder.worker_threads(threads);
    }
    builder.enable_all().thread_name("candor-relay").build()
}
