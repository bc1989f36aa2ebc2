//! What an operator sets about who is speaking.

use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;

use candor_conversation::TenantId;
use serde::{Deserialize, Serialize};

use crate::hex;

/// Section `[identity]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IdentitySettings {
    /// Whether a request needs a virtual key. If not, a provider's own credential passes, in the default tenant.
    pub require_key: bool,
    /// Requests a minute that all clients without a key may make together; no limit if not set.
    pub unkeyed_requests_per_minute: Option<NonZeroU32>,
    /// Virtual keys.
    #[serde(rename = "key")]
    pub keys: Vec<KeySettings>,
    /// Signed tokens that say who is speaking.
    #[serde(rename = "token")]
    pub tokens: Vec<TokenSettings>,
    /// Headers that say who is speaking, believed from named addresses only.
    pub trusted_headers: Option<TrustedHeaderSettings>,
    /// Headers that name a person, or tell about one, and go upstream all the same. Without it none of them does.
    pub pass_headers: Vec<String>,
}

/// A `[[identity.key]]`: a key that Candor gave out. Only its hash is held.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySettings {
    /// What it is called in logs and metrics.
    pub name: String,
    /// The tenant for whom it speaks.
    pub tenant: TenantId,
    /// SHA-256 of the key, in hexadecimal digits.
    pub sha256: KeyHash,
    /// The one person who uses it; several people, if not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Whether the body says who is speaking, where nothing stronger does: `user`, else `safety_identifier`, else
    /// `metadata.user_id`. For an operator's own backend, which speaks for many people.
    #[serde(default)]
    pub hints: bool,
    /// Requests a minute; no limit if not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<NonZeroU32>,
    /// Whose credential goes upstream.
    #[serde(default)]
    pub upstream: UpstreamCredential,
}

/// Whose credential goes upstream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UpstreamCredential {
    /// The gateway's, from the route.
    #[default]
    Own,
    /// The client's, sent beside a virtual key in `candor-key`.
    Pass,
}

/// SHA-256 of a key; prints as `***`.
///
/// Text of another shape is kept as "no hash" and refused when the settings are used: an error of the TOML reader
/// would quote the line, and with it the key that someone put here in place of its hash.
#[derive(Clone, Copy, Deserialize)]
#[serde(from = "String")]
pub struct KeyHash(pub(super) Option<[u8; 32]>);

impl From<String> for KeyHash {
    fn from(text: String) -> Self {
        Self(hex::decode(&zeroize::Zeroizing::new(text)))
    }
}

impl Serialize for KeyHash {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let bytes = self.0.ok_or_else(|| serde::ser::Error::custom("a key's hash is not 64 digits"))?;
        to.serialize_str(&hex::encode(&bytes))
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A `[[identity.token]]`: a JSON Web Token (RFC 7519) that names the person.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSettings {
    /// The header that carries it.
    #[serde(default = "open_webui_header")]
    pub header: String,
    /// The algorithms that are accepted; with `secret_file` only `HS…`, with `jwks_file` only the others.
    pub algorithms: Vec<TokenAlgorithm>,
    /// A file with the issuer's public keys (JWK Set, RFC 7517).
    pub jwks_file: Option<PathBuf>,
    /// A file with the secret shared with the issuer, 32 bytes or more; an end of line at its end does not count.
    pub secret_file: Option<PathBuf>,
    /// What `iss` must be.
    pub issuer: Option<String>,
    /// What `aud` must be or hold. Needed with `jwks_file`: such an issuer signs for other services, too.
    pub audience: Option<String>,
    /// The claim that names the person.
    #[serde(default = "subject_claim")]
    pub subject_claim: String,
    /// The tenant of everyone it names.
    pub tenant: Option<TenantId>,
    /// The claim that names the tenant.
    pub tenant_claim: Option<String>,
    /// By how many seconds the issuer's clock may differ, 300 at most.
    #[serde(default = "leeway_seconds")]
    pub leeway_seconds: u64,
    /// Whether it stands for a virtual key where one is required.
    #[serde(default)]
    pub replaces_key: bool,
}

/// How a token is signed (RFC 7518, section 3.1; RFC 8037). There is no `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum TokenAlgorithm {
    /// HMAC with SHA-256.
    #[serde(rename = "HS256")]
    Hs256,
    /// HMAC with SHA-384.
    #[serde(rename = "HS384")]
    Hs384,
    /// HMAC with SHA-512.
    #[serde(rename = "HS512")]
    Hs512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    #[serde(rename = "RS384")]
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    #[serde(rename = "RS512")]
    Rs512,
    /// RSASSA-PSS with SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
    /// RSASSA-PSS with SHA-384.
    #[serde(rename = "PS384")]
    Ps384,
    /// RSASSA-PSS with SHA-512.
    #[serde(rename = "PS512")]
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// ECDSA on P-384 with SHA-384.
    #[serde(rename = "ES384")]
    Es384,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// Section `[identity.trusted_headers]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedHeaderSettings {
    /// The addresses that are believed, such as `127.0.0.1/32`. From any other, these headers are ignored.
    pub peers: Vec<String>,
    /// The header that names the person, such as `x-openwebui-user-id`.
    pub subject: String,
    /// The tenant of everyone it names.
    pub tenant: Option<TenantId>,
    /// The header that names the tenant.
    pub tenant_header: Option<String>,
    /// The header that names where the request comes from, such as `cf-ipcountry`: for house rules about where the
    /// service is offered.
    pub region_header: Option<String>,
}

impl Default for IdentitySettings {
    fn default() -> Self {
        Self {
            require_key: true,
            unkeyed_requests_per_minute: None,
            keys: Vec::new(),
            tokens: Vec::new(),
            trusted_headers: None,
            pass_headers: Vec::new(),
        }
    }
}

fn open_webui_header() -> String {
    "x-openwebui-user-jwt".into()
}

fn subject_claim() -> String {
    "sub".into()
}

fn leeway_seconds() -> u64 {
    30
}
