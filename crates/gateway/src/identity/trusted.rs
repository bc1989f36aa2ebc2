//! Headers that name a person, believed only from named addresses.

use std::net::IpAddr;

use candor_conversation::{Region, TenantId};
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use super::network::Network;
use super::settings::TrustedHeaderSettings;
use super::{Identifier, IdentityError, Named, Refusal, header_name, is_name, only};

/// Most address blocks.
const PEERS_MAX: usize = 1_000;

pub(super) struct TrustedHeaders {
    peers: Vec<Network>,
    subject: HeaderName,
    tenant: HeaderTenant,
    region: Option<HeaderName>,
}

enum HeaderTenant {
    Unsaid,
    Fixed(TenantId),
    Header(HeaderName),
}

impl TrustedHeaders {
    pub(super) fn new(settings: &TrustedHeaderSettings) -> Result<Self, IdentityError> {
        if settings.peers.len() > PEERS_MAX {
            return Err(IdentityError::TooMany {
                what: "peers",
                count: settings.peers.len(),
                max: PEERS_MAX,
            });
        }
        let network =
            |text: &String| Network::parse(text).ok_or_else(|| IdentityError::Peer { value: text.clone() });
        let subject = header_name(&settings.subject)?;
        if subject == AUTHORIZATION {
            return Err(IdentityError::Header { value: settings.subject.clone() });
        }
        let tenant = match (&settings.tenant, &settings.tenant_header) {
            (None, None) => HeaderTenant::Unsaid,
            (Some(tenant), None) => HeaderTenant::Fixed(tenant.clone()),
            (None, Some(name)) => HeaderTenant::Header(header_name(name)?),
            (Some(_), Some(_)) => return Err(IdentityError::TwoTenants),
        };
        let region = settings.region_header.as_deref().map(header_name).transpose()?;
        let peers = settings.peers.iter().map(network).collect::<Result<_, _>>()?;
        Ok(Self { peers, subject, tenant, region })
    }

    pub(super) fn says_tenant(&self) -> bool {
        !matches!(self.tenant, HeaderTenant::Unsaid)
    }

    pub(super) fn owns(&self, name: &HeaderName) -> bool {
        *name == self.subject || self.tenant_header() == Some(name) || self.region.as_ref() == Some(name)
    }

    pub(super) fn is_peer(&self, peer: IpAddr) -> bool {
        self.peers.iter().any(|network| network.contains(peer))
    }

    pub(super) fn are_in(&self, headers: &HeaderMap) -> bool {
        headers.contains_key(&self.subject)
            || self.tenant_header().is_some_and(|name| headers.contains_key(name))
    }

    /// Whom the headers of a believed address name. A name without its tenant, where a header says it, is nobody's.
    pub(super) fn read(&self, headers: &HeaderMap) -> Result<Option<Named>, Refusal> {
        let Some(subject) = text(headers, &self.subject)? else { return Ok(None) };
        let tenant = match &self.tenant {
            HeaderTenant::Unsaid => None,
            HeaderTenant::Fixed(tenant) => Some(tenant.clone()),
            HeaderTenant::Header(name) => match text(headers, name)?.and_then(|text| text.parse().ok()) {
                Some(tenant) => Some(tenant),
                None => return Ok(None),
            },
        };
        Ok(Some(Named { subject: subject.to_owned(), tenant, replaces_key: false }))
    }

    fn tenant_header(&self) -> Option<&HeaderName> {
        match &self.tenant {
            HeaderTenant::Header(name) => Some(name),
            HeaderTenant::Unsaid | HeaderTenant::Fixed(_) => None,
        }
    }
}

impl Identifier {
    /// Where a request comes from, if a believed address says so in a way that can be read.
    pub(crate) fn region(&self, headers: &HeaderMap, peer: IpAddr) -> Option<Region> {
        let trusted = self.trusted.as_ref().filter(|trusted| trusted.is_peer(peer))?;
        text(headers, trusted.region.as_ref()?).ok()??.parse().ok()
    }
}

/// The one value of a header. Two are refused: a client may have added the first, a proxy the second.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Refusal> {
    let value = only(headers.get_all(name).iter().map(HeaderValue::as_bytes))?;
    Ok(value.and_then(|value| std::str::from_utf8(value).ok()).filter(|text| is_name(text)))
}
