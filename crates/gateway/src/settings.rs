//! What an operator sets: where to listen, where requests go, what is masked and guarded, and every limit.
//!
//! Read from `gateway.toml` in the data directory. Unknown keys are errors; a missing key means the default.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use candor_conversation::{Kind, TenantId};
use candor_deid::Engine;
use candor_guard::Public;
use hyper::Uri;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::gateway::InProcess;
use crate::identity::{IdentitySettings, KeyHash};
use crate::key_file;

/// The file that `candor gateway init` writes: every setting at its default, explained.
pub const TEMPLATE: &str = include_str!("template.toml");

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where clients connect.
    pub listen: SocketAddr,
    /// Where the operator connects: health, metrics, report. Keep it away from clients.
    pub admin_listen: SocketAddr,
    /// Certificate and key; without them clients speak plain HTTP.
    pub tls: Option<Tls>,
    /// Threads that relay; 0 means one for each core.
    pub threads: usize,
    /// Who is speaking.
    pub identity: IdentitySettings,
    /// The hash of the key with which an operator changes things; from the file of keys.
    #[serde(skip)]
    pub operator_key: Option<KeyHash>,
    /// What is kept of what is said.
    pub capture: Capture,
    /// Whether each request is told in a line of JSON on standard error.
    pub access_log: bool,
    /// Every limit.
    pub limits: Limits,
    /// What the guard lets pass.
    pub guard: GuardList,
    /// Where spans go; nowhere, if not set.
    pub telemetry: Option<Telemetry>,
    /// The model of this program itself.
    pub reference: ReferenceModel,
    /// Where requests go; the longest prefix wins.
    #[serde(rename = "route")]
    pub routes: Vec<Route>,
}

/// Section `[tls]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Certificate chain, PEM.
    pub certificate_file: PathBuf,
    /// Private key, PEM.
    pub key_file: PathBuf,
}

/// Section `[guard]`: what always passes, beside well-known examples, and what happens before it knows anything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GuardList {
    /// Identifiers of the operator's own, such as a help line's number with its country code.
    pub public_values: Vec<String>,
    /// Domains whose e-mail addresses pass, those under them included.
    pub public_domains: Vec<String>,
    /// What happens to requests on routes whose guard masks or stops, until what was kept before the start is known.
    pub before_ready: BeforeReady,
}

/// What happens while the guard does not know yet whose identifiers are whose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BeforeReady {
    /// Requests are refused: try again shortly.
    #[default]
    Refuse,
    /// They are relayed, and their answers pass unchecked.
    Relay,
}

impl GuardList {
    pub(crate) fn public(&self, engine: &Engine) -> Public {
        let mut public = Public::standard();
        for value in &self.public_values {
            public.add_value(engine, value);
        }
        self.public_domains.iter().for_each(|domain| public.add_domain(domain));
        public
    }
}

/// Section `[reference]`: the built-in model, which routes name as their upstream.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReferenceModel {
    /// The folder of models, the newest of which answers.
    pub models: PathBuf,
}

impl Default for ReferenceModel {
    fn default() -> Self {
        Self { models: "models".into() }
    }
}

/// Section `[telemetry]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    /// The OpenTelemetry collector's address for traces, OTLP over HTTP, such as `http://localhost:4318/v1/traces`.
    #[serde(deserialize_with = "uri")]
    pub traces: Uri,
}

/// Section `[capture]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Capture {
    /// Whether anything is kept at all.
    pub enabled: bool,
    /// The tenant of people whom neither key nor token gives one.
    pub tenant: TenantId,
    /// Exchanges that may wait to be written; what comes beyond is relayed, not kept, and counted.
    pub queue_exchanges_max: usize,
    /// Bytes that may wait to be written.
    pub queue_bytes_max: usize,
    /// The largest request or answer that is read for keeping, in bytes.
    pub exchange_bytes_max: usize,
    /// The largest file or image that is kept, in bytes; of a larger one only the digest is.
    pub file_bytes_max: usize,
    /// Seconds after which fresh turns go from the inbox to where other commands see them.
    pub absorb_seconds: u64,
}

/// Section `[limits]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Largest request body, in bytes.
    pub body_bytes_max: u64,
    /// Largest header block, in bytes.
    pub header_bytes_max: usize,
    /// Connections at a time.
    pub connections_max: usize,
    /// Seconds a client may take for its headers.
    pub header_seconds: u64,
    /// Seconds between two pieces of a request body.
    pub body_idle_seconds: u64,
    /// Seconds to connect upstream.
    pub connect_seconds: u64,
    /// Seconds until the upstream's answer begins.
    pub first_byte_seconds: u64,
    /// Seconds between two pieces of an answer.
    pub stream_idle_seconds: u64,
    /// Seconds in which a client takes nothing of an answer that is there for it; then it is cut off.
    pub send_idle_seconds: u64,
    /// Seconds that running requests get to end when the gateway stops.
    pub drain_seconds: u64,
}

/// A `[[route]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The beginning of the paths it takes, such as `/v1`.
    #[serde(default = "root")]
    pub prefix: String,
    /// Whose formats it speaks where the path alone does not tell; either, if not set.
    pub namespace: Option<Namespace>,
    /// Scheme, host and port, and a path that stands before the request's; or `reference`, the built-in model.
    #[serde(deserialize_with = "uri")]
    pub upstream: Uri,
    /// A file with the upstream's key; without it the client's own credential goes on.
    pub key_file: Option<PathBuf>,
    /// A file with certificates to trust beside the system's, PEM.
    pub ca_file: Option<PathBuf>,
    /// Whether the model's author allows training on what it says. If not, only people's turns are kept.
    #[serde(default)]
    pub distillable: bool,
    /// Adds `"store":false` to every request, so that the provider keeps nothing either.
    #[serde(default)]
    pub force_store_false: bool,
    /// What happens to identifiers in prompts.
    #[serde(default)]
    pub masking: Masking,
    /// What happens to another person's identifiers in answers.
    #[serde(default)]
    pub guard: Guarding,
}

impl Route {
    /// Whether requests go to the built-in model.
    pub fn is_built_in(&self) -> bool {
        self.upstream.scheme().is_none() && self.upstream.host() == Some("reference")
    }

    /// Whether requests are changed or answers searched on it.
    pub(crate) fn is_treated(&self) -> bool {
        self.force_store_false || self.masking != Masking::Off || self.guard != Guarding::Off
    }
}

/// Whose formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Namespace {
    /// OpenAI's.
    OpenAi,
    /// Anthropic's.
    Anthropic,
}

impl From<Namespace> for candor_wire::surface::Namespace {
    fn from(namespace: Namespace) -> Self {
        match namespace {
            Namespace::OpenAi => Self::OpenAi,
            Namespace::Anthropic => Self::Anthropic,
        }
    }
}

/// What happens to identifiers in prompts, before they leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Masking {
    /// Nothing.
    #[default]
    Off,
    /// They are replaced by placeholders, and restored in the answer.
    Mask,
    /// The request is refused.
    Block,
}

/// What happens to another person's identifiers in answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Guarding {
    /// Nothing.
    #[default]
    Off,
    /// They are counted.
    Log,
    /// They are replaced.
    Mask,
    /// The answer ends before them.
    Stop,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            admin_listen: SocketAddr::from(([127, 0, 0, 1], 8081)),
            tls: None,
            threads: 0,
            identity: IdentitySettings::default(),
            operator_key: None,
            capture: Capture::default(),
            access_log: true,
            limits: Limits::default(),
            guard: GuardList::default(),
            telemetry: None,
            reference: ReferenceModel::default(),
            routes: Vec::new(),
        }
    }
}

impl Default for Capture {
    fn default() -> Self {
        Self {
            enabled: true,
            tenant: TenantId::default(),
            queue_exchanges_max: 10_000,
            queue_bytes_max: 16 << 20,
            exchange_bytes_max: 8 << 20,
            file_bytes_max: 8 << 20,
            absorb_seconds: 5,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 64 << 20,
            header_bytes_max: 64 << 10,
            connections_max: 20_000,
            header_seconds: 30,
            body_idle_seconds: 60,
            connect_seconds: 10,
            first_byte_seconds: 600,
            stream_idle_seconds: 300,
            send_idle_seconds: 300,
            drain_seconds: 30,
        }
    }
}

impl Limits {
    pub(crate) fn first_byte(&self) -> Duration {
        Duration::from_secs(self.first_byte_seconds)
    }

    pub(crate) fn stream_idle(&self) -> Duration {
        Duration::from_secs(self.stream_idle_seconds)
    }

    pub(crate) fn send_idle(&self) -> Duration {
        Duration::from_secs(self.send_idle_seconds)
    }

    pub(crate) fn body_idle(&self) -> Duration {
        Duration::from_secs(self.body_idle_seconds)
    }
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("read {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Not TOML, or not these keys.
    #[error("{path}: {reason}")]
    Text {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// A value that cannot be.
    #[error("{0}")]
    Value(String),
}

impl SettingsError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            SettingsError::File { .. } => Kind::Unavailable,
            SettingsError::Text { .. } | SettingsError::Value(_) => Kind::Invalid,
        }
    }
}

impl Settings {
    /// Reads a file and checks all that can be known without listening: routes, keys, certificates, tokens.
    pub fn check_file(path: &Path) -> Result<Self, SettingsError> {
        let settings = Self::read(path)?;
        settings.tls.as_ref().map(crate::tls::acceptor).transpose()?;
        crate::gateway::Current::new(settings.clone(), InProcess::default())?;
        Ok(settings)
    }

    /// Reads a file, and the keys that were made for it. Files that it names lie beside it, unless they are given
    /// from the root.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| SettingsError::File { path: path.to_owned(), source })?;
        let mut settings: Self = from_toml(path, &text)?;
        let made = key_file::read(path)?;
        settings.operator_key = made.operator_sha256;
        settings.identity.keys.extend(made.keys);
        let beside = path.parent().unwrap_or(Path::new("."));
        settings.files().for_each(|file| *file = beside.join(&*file));
        settings.check()?;
        Ok(settings)
    }

    fn files(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let tls = self.tls.iter_mut().flat_map(|tls| [&mut tls.certificate_file, &mut tls.key_file]);
        let routes = self.routes.iter_mut();
        let routes = routes.flat_map(|route| [&mut route.key_file, &mut route.ca_file].into_iter().flatten());
        let tokens = self.identity.tokens.iter_mut();
        let tokens =
            tokens.flat_map(|token| [&mut token.jwks_file, &mut token.secret_file].into_iter().flatten());
        tls.chain(routes).chain(tokens).chain([&mut self.reference.models])
    }

    fn check(&self) -> Result<(), SettingsError> {
        let wrong = |text: String| Err(SettingsError::Value(text));
        if self.routes.is_empty() {
            return wrong("no [[route]]\nhint: add one with an `upstream`".into());
        }
        let guards = self.routes.iter().any(|route| route.guard != Guarding::Off);
        if guards && !self.capture.enabled {
            return wrong(
                "`guard` needs [capture] enabled: without it nobody's identifiers are known".into(),
            );
        }
        for route in &self.routes {
            let (upstream, prefix) = (&route.upstream, &route.prefix);
            let is_address =
                matches!(upstream.scheme_str(), Some("http" | "https")) && upstream.host().is_some();
            if !is_address && !route.is_built_in() {
                return wrong(format!("upstream `{upstream}` is not http://… or https://…"));
            }
            if upstream.query().is_some() || upstream.authority().is_some_and(|a| a.as_str().contains('@')) {
                return wrong(format!(
                    "upstream of `{prefix}` has a query or credentials\nhint: use key_file"
                ));
            }
            if !prefix.starts_with('/') {
                return wrong(format!("prefix `{prefix}` does not start with /"));
            }
        }
        Ok(())
    }
}

/// Reads a text that names no secret in its errors.
pub(crate) fn from_toml<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, SettingsError> {
    toml::from_str(text)
        .map_err(|error| SettingsError::Text { path: path.to_owned(), reason: located(text, &error) })
}

/// What is wrong with the text, and in which line. The line itself is not quoted: it may hold a key or secret that
/// someone put where it does not belong, and the error goes to the log when settings are read again.
fn located(text: &str, error: &toml::de::Error) -> String {
    let line_of = |at: usize| text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    match error.span() {
        Some(span) => format!("line {}: {}", line_of(span.start), error.message()),
        None => error.message().to_owned(),
    }
}

fn root() -> String {
    "/".into()
}

fn uri<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Uri, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(|_| serde::de::Error::custom(format!("`{text}` is not an address")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_wrong_place_is_named_by_line_and_not_quoted() {
        for text in [
            "threads = 1\n[[identity.key]]\nkey = 'cdr_mistaken'\n",
            "threads = 1\n[[identity.token]]\nsecret = 'cdr_mistaken'\n",
            "threads = 1\n\nsecret = \"cdr_mistaken\n",
        ] {
            let error = toml::from_str::<Settings>(text).unwrap_err();
            let told = located(text, &error);
            assert!(told.starts_with("line 3: ") && !told.contains("mistaken"), "{told}");
        }
    }
}
