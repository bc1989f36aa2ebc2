//! Which headers go on: all of them, but those that belong to one connection (RFC 9110, section 7.6.1).

use hyper::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue, IF_RANGE,
    PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, RANGE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};

use candor_wire::surface::Namespace;

/// What was decided about keeping an exchange. The one header that a refusal changes.
pub(crate) const CAPTURE: HeaderName = HeaderName::from_static("candor-capture");
pub(crate) const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const OF_ONE_CONNECTION: [HeaderName; 9] = [
    CONNECTION,
    KEEP_ALIVE,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    PROXY_CONNECTION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Takes out what belongs to one connection, and what the connection names.
pub(crate) fn end_to_end(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let named: Vec<HeaderName> = headers
            .get_all(CONNECTION)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|name| name.trim().parse().ok())
            .collect();
        for name in named {
            headers.remove(name);
        }
    }
    for name in OF_ONE_CONNECTION {
        headers.remove(name);
    }
}

/// Prepares a request's headers for the upstream: its own key if the route has one.
pub(crate) fn for_upstream(headers: &mut HeaderMap, key: Option<&UpstreamKey>, is_read: bool) {
    end_to_end(headers);
    headers.remove(HOST);
    if let Some(key) = key {
        headers.remove(AUTHORIZATION);
        headers.remove(API_KEY);
        headers.insert(key.name.clone(), key.value.clone());
    }
    if is_read {
        // Whatever is decided about it: an answer that is read beside the path must arrive readable.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
}

/// Asks for all of an answer that is searched: a part of it cannot be read.
pub(crate) fn without_range(headers: &mut HeaderMap) {
    headers.remove(RANGE);
    headers.remove(IF_RANGE);
}

/// The credential that a route puts in place of the client's.
#[derive(Clone)]
pub(crate) struct UpstreamKey {
    name: HeaderName,
    value: HeaderValue,
}

impl UpstreamKey {
    /// The header in which a provider expects its key; `None` if it cannot stand in a header.
    pub(crate) fn new(namespace: Namespace, key: &str) -> Option<Self> {
        let (name, text) = match namespace {
            Namespace::OpenAi => (AUTHORIZATION, format!("Bearer {key}")),
            Namespace::Anthropic => (API_KEY, key.to_owned()),
        };
        let mut value = HeaderValue::try_from(text).ok()?;
        value.set_sensitive(true);
        Some(Self { name, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn what_a_connection_names_stays_on_it_and_all_else_goes_on() {
        let mut headers = map(&[
            ("connection", "keep-alive, X-Hop"),
            ("x-hop", "1"),
            ("transfer-encoding", "chunked"),
            ("openai-beta", "responses=v1"),
            ("x-unknown", "kept"),
        ]);
        end_to_end(&mut headers);
        assert_eq!(headers, map(&[("openai-beta", "responses=v1"), ("x-unknown", "kept")]));
    }

    #[test]
    fn the_key_of_a_route_takes_the_place_of_any_credential_of_the_client() {
        let mut headers = map(&[("authorization", "Bearer cdr_client"), ("x-api-key", "cdr_client")]);
        let key = UpstreamKey::new(Namespace::Anthropic, "upstream").unwrap();
        for_upstream(&mut headers, Some(&key), false);
        assert_eq!(headers, map(&[("x-api-key", "upstream")]));
    }

    #[test]
    fn a_key_with_a_line_feed_is_no_header() {
        assert!(UpstreamKey::new(Namespace::OpenAi, "a\nb").is_none());
    }
}
