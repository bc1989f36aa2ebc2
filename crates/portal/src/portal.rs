//! What all pages share.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use candor_conversation::{Kind, Timestamp};
use candor_release::Making;
use candor_vault::{Entropy, Group, Look, Own, Vault, VaultError};
use tokio::sync::Semaphore;

use crate::desk::Desk;
use crate::gateway::Gateway;
use crate::guide::Guide;
use crate::held::Held;
use crate::locale::{Texts, TextsError};
use crate::openid::Provider;
use crate::refusal::Refusal;
use crate::session::{Session, Sessions};
use crate::settings::{Settings, SettingsError};
use crate::sign_in::LinkKey;
use crate::status::Status;

/// Looks at what is kept that are under way at once: a first one reads many files.
const LOOKS_MAX: usize = 8;

/// What the portal asks of its caller.
#[derive(Clone, Copy)]
pub struct Edge {
    /// The time of day.
    pub clock: fn() -> Timestamp,
    /// Takes a remark for the operator, one line.
    pub notes: fn(&str),
}

/// Why the portal cannot start.
#[derive(Debug, thiserror::Error)]
pub enum PortalError {
    /// Settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The data directory.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The words of the pages.
    #[error(transparent)]
    Texts(#[from] TextsError),
    /// The address cannot be had.
    #[error("listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Threads, sockets.
    #[error("serve pages")]
    Serve(#[from] std::io::Error),
}

impl PortalError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            PortalError::Settings(error) => error.kind(),
            PortalError::Vault(error) => error.kind(),
            PortalError::Texts(_) => Kind::Internal,
            PortalError::Listen { .. } | PortalError::Serve(_) => Kind::Unavailable,
        }
    }
}

/// What a portal is opened with.
pub struct Open<'a> {
    /// The data directory.
    pub data: &'a Path,
    /// Settings.
    pub settings: Settings,
    /// A random source.
    pub entropy: Entropy,
    /// What text becomes in releases.
    pub making: Making,
    /// The steps of the guided page; heeded where the settings ask for it.
    pub guide: Option<Guide>,
    /// Clock and remarks.
    pub edge: Edge,
}

/// The pages of a data directory.
pub struct Portal {
    pub(crate) settings: Settings,
    pub(crate) texts: Texts,
    pub(crate) desk: Desk,
    pub(crate) making: Making,
    looks: Arc<Semaphore>,
    pub(crate) sessions: Sessions,
    /// The public report, as counted last.
    pub(crate) status: Held<Status>,
    pub(crate) link_key: Option<LinkKey>,
    pub(crate) provider: Option<Provider>,
    /// There from the moment in which pages are served.
    pub(crate) gateway: Option<Gateway>,
    pub(crate) guide: Option<Guide>,
    /// Whether there was a comparison of two notices when the pages were opened.
    pub(crate) has_two_worlds: bool,
    entropy: Mutex<Entropy>,
    edge: Edge,
}

impl Portal {
    /// Opens a data directory, beside whoever else works on it.
    pub fn open(open: Open<'_>) -> Result<Self, PortalError> {
        let Open { data, settings, mut entropy, making, guide, edge } = open;
        let link_key = settings.sign_in.link.as_ref().map(LinkKey::read).transpose()?;
        let provider = settings.sign_in.openid.as_ref().map(Provider::new).transpose()?;
        let desk = Desk::open(data, entropy.fork())?;
        Ok(Self {
            texts: Texts::read()?,
            has_two_worlds: desk.two_worlds().is_some(),
            desk,
            making,
            looks: Arc::new(Semaphore::new(LOOKS_MAX)),
            sessions: Sessions::default(),
            status: Held::default(),
            link_key,
            provider,
            gateway: None,
            guide: guide.filter(|_| settings.guide),
            entropy: Mutex::new(entropy),
            settings,
            edge,
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.edge.clock)()
    }

    /// Tells the operator something; never content, never who.
    pub(crate) fn note(&self, text: &str) {
        (self.edge.notes)(text);
    }

    /// Has the vault for as long as `act` takes, on a thread that may wait.
    pub(crate) async fn act<T: Send + 'static>(
        self: &Arc<Self>,
        act: impl FnOnce(&mut Vault, &mut Entropy) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let portal = Arc::clone(self);
        let acted = tokio::task::spawn_blocking(move || portal.desk.act(act)).await;
        acted.map_err(|_| Refusal::Broken("act on the vault"))?
    }

    /// Records what somebody chose, together with what others choose at the same moment.
    pub(crate) async fn record<T: Send + 'static>(
        self: &Arc<Self>,
        act: impl FnOnce(&Group<'_>, &mut Entropy) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let portal = Arc::clone(self);
        let recorded = tokio::task::spawn_blocking(move || portal.desk.record(act)).await;
        recorded.map_err(|_| Refusal::Broken("record a choice"))?
    }

    /// Forgets in memory whoever was erased. Another time will do where it does not go now.
    pub(crate) fn tidy(&self) {
        self.sessions.tidy(self.now());
        if let Err(error) = self.desk.tidy(self.now()) {
            self.note(&format!("keep up with choices: {error}"));
        }
    }

    /// Lets whoever is signed in look at their own, on a thread that may wait.
    pub(crate) async fn look<T: Send + 'static>(
        self: &Arc<Self>,
        session: &Arc<Session>,
        look: impl FnOnce(&Own, Look<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (portal, session, now) = (Arc::clone(self), Arc::clone(session), self.now());
        let slot = Arc::clone(&self.looks).acquire_owned().await;
        let looked = tokio::task::spawn_blocking(move || {
            let looked = portal.desk.look(&session, now, look);
            drop(slot);
            looked
        });
        looked.await.map_err(|_| Refusal::Broken("look at what is kept"))?
    }

    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        self.entropy.lock().unwrap_or_else(PoisonError::into_inner).bytes()
    }
}
