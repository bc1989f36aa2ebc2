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
mod signals;
mod stall;

mod relay;

mod answer;
mod body;
mod gather;
mod headers;
mod refusal;
mod route;
mod tls;

pub mod identity;
pub mod limit;

mod decide;
mod exchange;
mod keeper;
mod taker;
mod thread;

mod edit;
mod guarding;
mod learner;
mod masks;

mod access_log;
mod events;
mod gateway;
mod hex;
mod key_file;
mod metrics;
mod record;
mod settings;
mod telemetry;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use candor_deid::Engine;
use candor_vault::{Entropy, KeyChain, VaultError};

pub use gateway::{Edge, InProcess};
pub use key_file::{KeyFileError, add_key, revoke_key, set_operator_key};
pub use serve::{Addresses, ServeError};
pub use settings::{
    BeforeReady, Capture, GuardList, Guarding, Limits, Masking, Namespace, ReferenceModel, Route, Settings,
    SettingsError, TEMPLATE, Telemetry, Tls,
};

use access_log::AccessLog;
use events::Events;
use gateway::{Current, Gateway, Ways};
use keeper::{Keeper, Queue};
use learner::Learner;
use telemetry::Spans;

pub use events::{ExchangeEvent, SHINGLES_MAX};

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
    /// Where campaign detection takes its events from. What it does not take in time is dropped and counted.
    pub events: Option<SyncSender<ExchangeEvent>>,
    /// What is served beside it in the same process.
    pub in_process: InProcess,
}

/// Time for the threads that relay to end, after the drain.
const SHUTDOWN: Duration = Duration::from_secs(2);

/// Serves until SIGTERM or SIGINT, then lets running requests end and writes what waits. `ready` is told the
/// addresses once both are listened on.
pub fn run(serve: Serve<'_>, ready: impl FnOnce(Addresses)) -> Result<(), ServeError> {
    let Serve { data, settings_file, engine, mut entropy, edge, events, in_process } = serve;
    let settings = Settings::read(settings_file)?;
    let (queue, waiting) = settings.capture.enabled.then(|| Queue::new(&settings.capture)).unzip();
    let keeper = match waiting {
        Some(waiting) => {
            let keeper = Keeper::open(data, &settings.capture, entropy.fork(), (edge.clock)())?;
            Some((keeper, waiting, Learner::open(data)?))
        }
        None => None,
    };
    let (access_log, log_writer) = if settings.access_log {
        let (log, writer) = AccessLog::to(std::io::stderr());
        (log, Some(writer))
    } else {
        (AccessLog::off(), None)
    };
    let keys = KeyChain::read(&data.join("keys")).map_err(VaultError::from)?;
    let (spans, spans_made) = Spans::new(settings.telemetry.as_ref());
    let runtime = runtime(settings.threads).map_err(system("start the threads that relay"))?;
    let ways = Ways { queue, access_log, spans, events: Events::new(events, keys.store_key("events")) };
    let (current, settings_file) = (Current::new(settings, in_process)?, settings_file.to_owned());
    let gateway =
        Gateway::new(current, ways, (engine, keys.store_key("guard")), (entropy, &edge), settings_file);
    let gateway = Arc::new(gateway);
    let mut threads = Vec::from_iter(log_writer);
    if let Some((keeper, waiting, learner)) = keeper {
        gateway.set_policy(Some(keeper.policy()));
        threads.push(keeper.start(Arc::clone(&gateway), waiting).map_err(system("start the keeper"))?);
        threads.push(learner.start(Arc::clone(&gateway)).map_err(system("start the learner"))?);
    }
    let serving = serve::serve(Arc::clone(&gateway), (ready, spans_made));
    let served = runtime.block_on(serving);
    // Answers that were cut off are told to the keeper as they are dropped.
    runtime.shutdown_timeout(SHUTDOWN);
    gateway.close();
    drop(gateway);
    for thread in threads.into_iter().rev() {
        // It ends by itself; a panic in it was told on standard error.
        let _ = thread.join();
    }
    served
}

fn system(doing: &'static str) -> impl Fn(std::io::Error) -> ServeError {
    move |source| ServeError::System { doing, source }
}

fn runtime(threads: usize) -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    if threads > 0 {
        builder.worker_threads(threads);
    }
    builder.enable_all().thread_name("candor-relay").build()
}
