//! Where a request goes: the route with the longest prefix, and the connections of each.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use candor_wire::path::{is_spelt_plainly, normal_form};
use candor_wire::surface::{Namespace, Surface};
use hyper::http::uri::{Authority, PathAndQuery, Scheme};
use hyper::{Method, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::body::RequestBody;
use crate::headers::UpstreamKey;
use crate::settings::{Limits, Route, Settings, SettingsError};

/// A route, ready to be used.
pub(crate) struct Upstream {
    pub(crate) route: Route,
    pub(crate) client: Client<HttpsConnector<HttpConnector>, RequestBody>,
    scheme: Scheme,
    authority: Authority,
    base: String,
    key: Option<String>,
}

/// All routes, longest prefix first.
#[derive(Clone)]
pub(crate) struct Routes(Vec<Arc<Upstream>>);

/// Seconds that an idle connection upstream is held.
const IDLE_SECONDS: u64 = 60;

impl Routes {
    /// `reference` is where the built-in model answers.
    pub(crate) fn new(settings: &Settings, reference: Option<SocketAddr>) -> Result<Self, SettingsError> {
        let mut routes = Vec::with_capacity(settings.routes.len());
        for route in &settings.routes {
            routes.push(Arc::new(Upstream::new(&answered(route, reference), &settings.limits)?));
        }
        routes.sort_by_key(|upstream| {
            (std::cmp::Reverse(upstream.route.prefix.len()), upstream.route.namespace.is_none())
        });
        Ok(Self(routes))
    }

    /// Whether the bytes of a path leave no doubt about where it leads. A path in another spelling may go on as it is
    /// where nothing depends on what the upstream takes it for: its route neither changes nor searches anything, and
    /// is the route of the plain spelling, too. (Lists of models say nothing of anyone, and their names hold slashes.)
    pub(crate) fn is_certain(
        &self,
        (found, method): (&Found<'_>, &Method),
        (path, speaks_anthropic): (&str, bool),
    ) -> bool {
        let is_same_route = || {
            let plain = self.find(&normal_form(path), speaks_anthropic).map(|plain| plain.upstream);
            plain.is_some_and(|plain| Arc::ptr_eq(&plain, &found.upstream))
        };
        is_spelt_plainly(path)
            || is_same_route()
                && (!found.upstream.route.is_treated()
                    || Surface::of(method.as_str(), found.path) == Surface::Models)
    }

    /// The route of a path, and the path inside it.
    pub(crate) fn find<'a>(&self, path: &'a str, speaks_anthropic: bool) -> Option<Found<'a>> {
        self.0.iter().find_map(|upstream| {
            let path = upstream.inside(path)?;
            let namespace = Namespace::of(path, speaks_anthropic);
            let own = upstream.route.namespace.is_none_or(|own| Namespace::from(own) == namespace);
            own.then(|| Found { upstream: Arc::clone(upstream), path, namespace })
        })
    }
}

/// A route whose upstream has an address. That of the built-in model is not known while settings are only checked: then
/// nothing is sent to it, and any will do.
fn answered(route: &Route, reference: Option<SocketAddr>) -> Route {
    let mut route = route.clone();
    if route.is_built_in() {
        let address = reference.unwrap_or((Ipv4Addr::LOCALHOST, 0).into());
        if let Ok(upstream) = format!("http://{address}").parse() {
            route.upstream = upstream;
        }
    }
    route
}

/// Where a request goes.
pub(crate) struct Found<'a> {
    pub(crate) upstream: Arc<Upstream>,
    /// Its path and query there.
    pub(crate) path: &'a str,
    pub(crate) namespace: Namespace,
}

/// Whether a path lies under a prefix, at the boundary of a segment. Case does not count, as it does not for some
/// servers: a prefix that is masked or guarded is not to be got around by it.
fn begins(path: &str, prefix: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    let Some((begin, rest)) = path.split_at_checked(prefix.len()) else { return false };
    begin.eq_ignore_ascii_case(prefix) && (rest.is_empty() || rest.starts_with(['/', '?']))
}

/// Whether a path could mean another place than it says (RFC 3986, section 5.2.4), also when written in
/// percent-encoding.
pub(crate) fn is_devious(path: &str) -> bool {
    let is_dots = |segment: &str| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    };
    let decoded = path.to_ascii_lowercase().replace("%2f", "/").replace("%5c", "/").replace('\\', "/");
    decoded.split('/').any(is_dots)
}

impl Upstream {
    fn new(route: &Route, limits: &Limits) -> Result<Self, SettingsError> {
        let upstream = &route.upstream;
        let wrong = || SettingsError::Value(format!("upstream `{upstream}` is not http://… or https://…"));
        let connector = connector(route.ca_file.as_deref(), limits)?;
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS))
            .retry_canceled_requests(false)
            .build(connector);
        let key = route.key_file.as_deref().map(read_key).transpose()?;
        Ok(Self {
            scheme: upstream.scheme().cloned().ok_or_else(wrong)?,
            authority: upstream.authority().cloned().ok_or_else(wrong)?,
            base: upstream.path().trim_end_matches('/').to_owned(),
            route: route.clone(),
            client,
            key,
        })
    }

    /// The path inside the route: a prefix that is only ours (`/openai` before `/v1/…`) is taken off.
    fn inside<'a>(&self, path: &'a str) -> Option<&'a str> {
        let prefix = self.route.prefix.trim_end_matches('/');
        let rest = begins(path, prefix).then(|| &path[prefix.len()..])?;
        let is_theirs = prefix.is_empty() || begins(prefix, "/v1");
        Some(if is_theirs || rest.is_empty() { path } else { rest })
    }

    /// Where a request goes: always to this host, whatever the request names.
    pub(crate) fn uri(&self, path: &str) -> Option<Uri> {
        let path: Result<PathAndQuery, _> =
            if self.base.is_empty() { path.parse() } else { format!("{}{path}", self.base).parse() };
        let mut parts = hyper::http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path.ok()?);
        Uri::from_parts(parts).ok()
    }

    /// The route's own credential, in the form that a provider expects.
    pub(crate) fn key(&self, namespace: Namespace) -> Option<UpstreamKey> {
        self.key.as_ref().and_then(|key| UpstreamKey::new(namespace, key))
    }
}

/// Connects over TLS or without, as the address says.
pub(crate) fn connector(
    ca_file: Option<&Path>,
    limits: &Limits,
) -> Result<HttpsConnector<HttpConnector>, SettingsError> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(Duration::from_secs(limits.connect_seconds)));
    Ok(HttpsConnectorBuilder::new()
        .with_tls_config(tls(ca_file)?)
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(connector))
}

fn read_key(path: &Path) -> Result<String, SettingsError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| SettingsError::File { path: path.to_owned(), source })?;
    let key = text.trim();
    let fits = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        Ok(key.to_owned())
    } else {
        Err(SettingsError::Value(format!("{} holds no key", path.display())))
    }
}

fn tls(ca_file: Option<&Path>) -> Result<ClientConfig, SettingsError> {
    let mut roots = RootCertStore::empty();
    // Certificates that the system has and rustls cannot read are as if they were not there.
    for certificate in rustls_native_certs::load_native_certs().certs {
        let _ = roots.add(certificate);
    }
    if let Some(path) = ca_file {
        let wrong = || SettingsError::Value(format!("{} holds no certificate in PEM", path.display()));
        let bytes =
            std::fs::read(path).map_err(|source| SettingsError::File { path: path.to_owned(), source })?;
        for certificate in CertificateDer::pem_slice_iter(&bytes) {
            roots.add(certificate.map_err(|_| wrong())?).map_err(|_| wrong())?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| SettingsError::Value(format!("tls: {error}")))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_at_the_boundary_of_a_segment() {
        assert!(begins("/v1/chat", "/v1"));
        assert!(begins("/v1", "/v1/"));
        assert!(begins("/anything", "/"));
        assert!(begins("/V1/chat", "/v1") && begins("/openai?a", "/OpenAI"));
        assert!(!begins("/v10/chat", "/v1") && !begins("/é", "/ab"));
    }

    #[test]
    fn paths_that_climb_are_told_however_they_are_written() {
        for path in
            ["/v1/../admin", "/v1/%2e%2E/admin", "/v1/.%2e", "/v1/..%2fadmin", "/v1/..\\admin", "/./v1"]
        {
            assert!(is_devious(path), "{path}");
        }
        assert!(!is_devious("/v1/models/gpt-4.1..x"));
    }
}
