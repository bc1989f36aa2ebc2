//! Who is speaking: a virtual key, a signed token, headers from a named address, a hint in the body.
//!
//! The strongest that is there names the person, in that order. All that name a tenant must name the same one.
//! What is not known is left out, and then nothing is kept: a request is never counted as somebody by default.

mod detail;
mod key;
mod network;
mod settings;
mod signature;
mod token;
mod trusted;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use candor_conversation::{Kind, TenantId};
use candor_wire::request::Hints;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

pub use key::{KeyRecord, NewKey, new_key, new_operator_key};
pub use settings::{
    IdentitySettings, KeyHash, KeySettings, TokenAlgorithm, TokenSettings, TrustedHeaderSettings,
    UpstreamCredential,
};

use detail::tells_about_a_person;
use key::{Keys, is_virtual};
use token::{Token, is_token};
use trusted::TrustedHeaders;

/// Our own header for a virtual key, where the usual ones carry the client's credential for the provider.
pub const KEY_HEADER: HeaderName = HeaderName::from_static("candor-key");

/// The header in which the pages of the same process say for whom they ask.
pub const PAGES_HEADER: HeaderName = HeaderName::from_static("candor-person");

/// Where clients put a credential: OpenAI's and Anthropic's SDKs, Azure's.
const CREDENTIAL_HEADERS: [HeaderName; 3] =
    [AUTHORIZATION, HeaderName::from_static("x-api-key"), HeaderName::from_static("api-key")];
/// How our own request headers begin; none of them goes upstream.
const OWN_PREFIX: &str = "candor-";
/// Longest name of a person or key, in bytes.
const NAME_BYTES_MAX: usize = 256;
/// Most kinds of tokens.
const TOKENS_MAX: usize = 100;

/// Reads a file that settings name; the edge gives it.
pub type ReadFile<'a> = &'a dyn Fn(&Path) -> std::io::Result<Vec<u8>>;

/// Who is speaking, as far as it is known.
pub struct Speaker {
    /// The tenant; `None` means the default one.
    pub tenant: Option<TenantId>,
    /// The person's name within the tenant; `None` means that nothing may be kept, unless the body may tell it.
    pub subject: Option<String>,
    /// What named the person.
    pub named_by: Option<NamedBy>,
    /// The virtual key.
    pub key: Option<Arc<KeyRecord>>,
    /// Whether headers named a person that were not believed, because of where they came from.
    pub untrusted_header: bool,
}

impl Speaker {
    /// The person's name within the tenant, where the body may tell it.
    ///
    /// The body is believed from a key that says so, where nothing stronger named anyone: `user`, else
    /// `safety_identifier`, else `metadata.user_id`.
    pub fn subject_with(&self, hints: &Hints) -> Option<String> {
        let is_believed = self.key.as_ref().is_some_and(|key| key.hints);
        let hints = [&hints.user, &hints.safety_identifier, &hints.metadata_user_id];
        let mut hinted = hints.into_iter().flatten().filter(|name| is_believed && is_name(name));
        self.subject.as_ref().or_else(|| hinted.next()).cloned()
    }
}

/// Shows nothing of the person: a name may be an e-mail address.
impl fmt::Debug for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Speaker")
            .field("tenant", &self.tenant)
            .field("named_by", &self.named_by)
            .field("key", &self.key)
            .field("untrusted_header", &self.untrusted_header)
            .finish_non_exhaustive()
    }
}

/// What a process shares with its own pages; made at random at each start, and never written anywhere.
#[derive(Clone)]
pub struct PagesSecret(pub [u8; 32]);

impl fmt::Debug for PagesSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What named a person, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NamedBy {
    /// The key is theirs alone.
    Key,
    /// A signed token.
    Token,
    /// A header from a named address.
    Header,
}

/// Why a request is not served. Holds nothing of what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// A key is required.
    #[error("no key\nhint: send one as `Authorization: Bearer cdr_…` or `x-api-key: cdr_…`")]
    MissingKey,
    /// Not a key of this gateway.
    #[error("the key is not known here")]
    UnknownKey,
    /// Two different credentials, or two values where one is expected.
    #[error(
        "two different credentials\nhint: send one, or the virtual key in `candor-key` if it passes yours on"
    )]
    ConflictingCredentials,
    /// A token that does not count; the text says why.
    #[error("the token does not count: {0}")]
    InvalidToken(&'static str),
    /// Key and token, or key and header, are of different tenants.
    #[error("the key is of one tenant, the person of another")]
    OtherTenant,
}

impl Refusal {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        Kind::Denied
    }

    /// The word for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::MissingKey => "missing-key",
            Refusal::UnknownKey => "unknown-key",
            Refusal::ConflictingCredentials => "conflicting-credentials",
            Refusal::InvalidToken(_) => "invalid-token",
            Refusal::OtherTenant => "other-tenant",
        }
    }
}

/// Settings about identity that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A key's settings.
    #[error("key `{name}`: {problem}")]
    Key {
        /// The key's name.
        name: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A token's settings.
    #[error("token in `{header}`: {problem}")]
    Token {
        /// The header that carries it.
        header: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A file that settings name.
    #[error("read {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// An address block.
    #[error("peer `{value}` is no block of addresses\nhint: such as `10.1.0.0/16`, and never everyone")]
    Peer {
        /// The text.
        value: String,
    },
    /// A header name.
    #[error("`{value}` cannot be the header of a token or a name")]
    Header {
        /// The text.
        value: String,
    },
    /// Trusted headers with a fixed tenant and a header for it.
    #[error("trusted_headers has both tenant and tenant_header")]
    TwoTenants,
    /// People of several tenants would be taken for one another.
    #[error("{what} does not say the tenant, and there are several\nhint: set tenant")]
    NoTenant {
        /// Which section.
        what: String,
    },
    /// More than can be held.
    #[error("{count} {what}, {max} at most")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// The limit.
        max: usize,
    },
}

impl IdentityError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            IdentityError::File { .. } => Kind::Unavailable,
            _ => Kind::Invalid,
        }
    }
}

/// Tells who is speaking. Made from settings, and again when they or their files change.
pub struct Identifier {
    require_key: bool,
    keys: Keys,
    tokens: Vec<Arc<Token>>,
    trusted: Option<Arc<TrustedHeaders>>,
    /// Headers about people that go upstream all the same.
    passed: Vec<HeaderName>,
}

/// A person whom a token or header names.
struct Named {
    subject: String,
    tenant: Option<TenantId>,
    replaces_key: bool,
}

impl Identifier {
    /// Checks settings, and reads the files they name.
    pub fn new(settings: &IdentitySettings, read_file: ReadFile<'_>) -> Result<Self, IdentityError> {
        if settings.tokens.len() > TOKENS_MAX {
            return Err(IdentityError::TooMany {
                what: "tokens",
                count: settings.tokens.len(),
                max: TOKENS_MAX,
            });
        }
        let identifier = Self {
            require_key: settings.require_key,
            keys: Keys::new(&settings.keys)?,
            tokens: settings
                .tokens
                .iter()
                .map(|token| Token::new(token, read_file).map(Arc::new))
                .collect::<Result<_, _>>()?,
            trusted: settings.trusted_headers.as_ref().map(TrustedHeaders::new).transpose()?.map(Arc::new),
            passed: settings.pass_headers.iter().map(|name| header_name(name)).collect::<Result<_, _>>()?,
        };
        identifier.check_tenants()?;
        Ok(identifier)
    }

    /// The same with other virtual keys; reads no file.
    pub(crate) fn with_keys(&self, keys: &[KeySettings]) -> Result<Self, IdentityError> {
        let identifier = Self {
            require_key: self.require_key,
            keys: Keys::new(keys)?,
            tokens: self.tokens.clone(),
            trusted: self.trusted.clone(),
            passed: self.passed.clone(),
        };
        identifier.check_tenants()?;
        Ok(identifier)
    }

    /// Believes the pages of this process, too: tokens (JWT, HS256) under this secret in [`PAGES_HEADER`] with `sub`,
    /// `tenant` and `exp`. They stand for a key.
    #[must_use]
    pub fn with_pages(mut self, secret: &PagesSecret) -> Self {
        self.tokens.push(Arc::new(Token::of_pages(&secret.0)));
        self
    }

    /// All virtual keys.
    pub fn keys(&self) -> impl Iterator<Item = &Arc<KeyRecord>> {
        self.keys.iter()
    }

    /// Who sends a request from `peer`, the address of the connection, at `now_seconds` since 1970.
    ///
    /// # Errors
    /// A refusal means that the request is not served. Whether the person is known is no ground for one.
    pub fn identify(&self, headers: &HeaderMap, peer: IpAddr, now_seconds: u64) -> Result<Speaker, Refusal> {
        // The key first: without one, nobody makes the gateway check signatures.
        let key = self.key(headers)?;
        let token = self.token(headers, now_seconds)?;
        if self.require_key && key.is_none() && !token.as_ref().is_some_and(|token| token.replaces_key) {
            return Err(Refusal::MissingKey);
        }
        let (trusted, untrusted_header) = self.trusted(headers, peer)?;
        let tenants = [
            key.as_ref().map(|key| &key.tenant),
            token.as_ref().and_then(|token| token.tenant.as_ref()),
            trusted.as_ref().and_then(|trusted| trusted.tenant.as_ref()),
        ];
        let tenant = same_tenant(tenants)?.cloned();
        let candidates = [
            (NamedBy::Key, key.as_ref().and_then(|key| key.subject.clone())),
            (NamedBy::Token, token.map(|token| token.subject)),
            (NamedBy::Header, trusted.map(|trusted| trusted.subject)),
        ];
        let named = candidates.into_iter().find_map(|(by, subject)| subject.map(|subject| (by, subject)));
        let (named_by, subject) = named.unzip();
        Ok(Speaker { tenant, subject, named_by, key, untrusted_header })
    }

    /// Takes out what is meant for the gateway alone: virtual keys, tokens, headers that name a person or tell about
    /// one, `candor-…`. Everything else stays as it is, and what the settings pass on.
    pub fn strip(&self, headers: &mut HeaderMap) {
        let is_personal = |name: &HeaderName| self.names_a_person(name) || tells_about_a_person(name);
        let is_ours = |name: &&HeaderName| {
            name.as_str().starts_with(OWN_PREFIX) || is_personal(name) && !self.passed.contains(name)
        };
        let ours: Vec<HeaderName> = headers.keys().filter(is_ours).cloned().collect();
        for name in ours {
            headers.remove(name);
        }
        for name in CREDENTIAL_HEADERS {
            let is_meant_for_us = |value: &HeaderValue| {
                let credential = credential(&name, value);
                is_virtual(credential) || (self.has_token_in(&name) && is_token(credential))
            };
            if !headers.get_all(&name).iter().any(is_meant_for_us) {
                continue;
            }
            let others: Vec<HeaderValue> =
                headers.get_all(&name).iter().filter(|value| !is_meant_for_us(value)).cloned().collect();
            headers.remove(&name);
            for value in others {
                headers.append(name.clone(), value);
            }
        }
    }

    /// The virtual key, if there is one. Without one, whether that is allowed.
    fn key(&self, headers: &HeaderMap) -> Result<Option<Arc<KeyRecord>>, Refusal> {
        let beside = only(headers.get_all(KEY_HEADER).iter().map(HeaderValue::as_bytes))?;
        let usual = only(CREDENTIAL_HEADERS.iter().flat_map(|name| {
            let is_other = move |credential: &&[u8]| !(self.has_token_in(name) && is_token(credential));
            headers.get_all(name).iter().map(move |value| credential(name, value)).filter(is_other)
        }))?;
        let find = |key: &[u8]| self.keys.find(key).ok_or(Refusal::UnknownKey);
        if let Some(beside) = beside {
            let key = find(beside)?;
            let is_passed_on = |usual: &[u8]| key.upstream == UpstreamCredential::Pass && !is_virtual(usual);
            let is_fine = usual.is_none_or(|usual| usual == beside || is_passed_on(usual));
            return if is_fine { Ok(Some(key)) } else { Err(Refusal::ConflictingCredentials) };
        }
        match usual {
            Some(usual) if is_virtual(usual) => find(usual).map(Some),
            _ if !self.require_key || self.may_replace_key(headers) => Ok(None),
            Some(_) => Err(Refusal::UnknownKey),
            None => Err(Refusal::MissingKey),
        }
    }

    /// Whom the token names, if there is one. It must count then: a bad one is no better than a wrong password.
    fn token(&self, headers: &HeaderMap, now_seconds: u64) -> Result<Option<Named>, Refusal> {
        let Some((header, token)) = self.sent_token(headers)? else { return Ok(None) };
        let mut refusal = Refusal::InvalidToken("nobody signs such tokens");
        for accepted in self.tokens.iter().filter(|accepted| accepted.header == *header) {
            match accepted.verify(token, now_seconds) {
                Ok(named) => return Ok(Some(named)),
                Err(reason) => refusal = Refusal::InvalidToken(reason),
            }
        }
        Err(refusal)
    }

    fn sent_token<'a>(&self, headers: &'a HeaderMap) -> Result<Option<(&HeaderName, &'a [u8])>, Refusal> {
        for accepted in self.tokens.iter() {
            let name = &accepted.header;
            let sent = headers.get_all(name).iter().map(|value| credential(name, value));
            let tokens = sent.filter(|credential| *name != AUTHORIZATION || is_token(credential));
            if let Some(token) = only(tokens)? {
                return Ok(Some((name, token)));
            }
        }
        Ok(None)
    }

    /// Whom headers name, if the peer is believed; and whether they were ignored because it is not.
    fn trusted(&self, headers: &HeaderMap, peer: IpAddr) -> Result<(Option<Named>, bool), Refusal> {
        match &self.trusted {
            Some(trusted) if trusted.is_peer(peer) => Ok((trusted.read(headers)?, false)),
            Some(trusted) => Ok((None, trusted.are_in(headers))),
            None => Ok((None, false)),
        }
    }

    fn has_token_in(&self, name: &HeaderName) -> bool {
        self.tokens.iter().any(|token| token.header == *name)
    }

    fn may_replace_key(&self, headers: &HeaderMap) -> bool {
        self.tokens.iter().any(|token| token.replaces_key && headers.contains_key(&token.header))
    }

    fn names_a_person(&self, name: &HeaderName) -> bool {
        let is_token_header = *name != AUTHORIZATION && self.has_token_in(name);
        is_token_header || self.trusted.as_ref().is_some_and(|trusted| trusted.owns(name))
    }

    /// Where people of several tenants come in, whatever names a person must say of which. Otherwise the same token
    /// would name one person with a key of one tenant, and another with a key of the next.
    fn check_tenants(&self) -> Result<(), IdentityError> {
        let of_keys: HashSet<&TenantId> = self.keys.iter().map(|key| &key.tenant).collect();
        let is_default_used = !self.require_key || self.tokens.iter().any(|token| token.replaces_key);
        if of_keys.len() + usize::from(is_default_used) <= 1 {
            return Ok(());
        }
        if let Some(token) = self.tokens.iter().find(|token| !token.says_tenant()) {
            return Err(IdentityError::NoTenant { what: format!("the token in `{}`", token.header) });
        }
        if self.trusted.as_ref().is_some_and(|trusted| !trusted.says_tenant()) {
            return Err(IdentityError::NoTenant { what: "trusted_headers".into() });
        }
        Ok(())
    }
}

/// The credential in a header, without the scheme `Bearer`.
fn credential<'a>(name: &HeaderName, value: &'a HeaderValue) -> &'a [u8] {
    const SCHEME: &[u8] = b"bearer ";
    let value = value.as_bytes().trim_ascii();
    // A token's own header may have the scheme as well; elsewhere a key does not begin like this.
    if *name == CREDENTIAL_HEADERS[1] || *name == CREDENTIAL_HEADERS[2] {
        return value;
    }
    match value.split_at_checked(SCHEME.len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(SCHEME) => rest.trim_ascii(),
        _ if value.eq_ignore_ascii_case(SCHEME.trim_ascii()) => b"",
        _ => value,
    }
}

/// The one value among several that are not empty, which may come twice.
fn only<'a>(values: impl Iterator<Item = &'a [u8]>) -> Result<Option<&'a [u8]>, Refusal> {
    let mut first = None;
    for value in values.filter(|value| !value.is_empty()) {
        if first.is_some_and(|first| first != value) {
            return Err(Refusal::ConflictingCredentials);
        }
        first = Some(value);
    }
    Ok(first)
}

/// The one tenant that is named, if any.
fn same_tenant(named: [Option<&TenantId>; 3]) -> Result<Option<&TenantId>, Refusal> {
    let mut first: Option<&TenantId> = None;
    for tenant in named.into_iter().flatten() {
        if first.is_some_and(|first| first != tenant) {
            return Err(Refusal::OtherTenant);
        }
        first = Some(tenant);
    }
    Ok(first)
}

/// Whether a text can be the name of a person or key.
fn is_name(text: &str) -> bool {
    text.len() <= NAME_BYTES_MAX && !text.trim().is_empty() && !text.contains(char::is_control)
}

/// A header in which a token or name may come. It is taken out before a request goes on, so that one which the
/// protocol or the provider needs would be a slip.
fn header_name(text: &str) -> Result<HeaderName, IdentityError> {
    let wrong = || IdentityError::Header { value: text.to_owned() };
    let name: HeaderName = text.parse().map_err(|_| wrong())?;
    let is_needed = CREDENTIAL_HEADERS[1..].contains(&name)
        || ["host", "cookie", "connection", "transfer-encoding", "te", "user-agent"].contains(&name.as_str())
        || ["content-", "accept", "candor-", "anthropic-", "openai-"]
            .iter()
            .any(|start| name.as_str().starts_with(start));
    if is_needed { Err(wrong()) } else { Ok(name) }
}

fn read(path: &Path, read_file: ReadFile<'_>) -> Result<zeroize::Zeroizing<Vec<u8>>, IdentityError> {
    let bytes = read_file(path).map_err(|source| IdentityError::File { path: path.to_owned(), source })?;
    Ok(zeroize::Zeroizing::new(bytes))
}
