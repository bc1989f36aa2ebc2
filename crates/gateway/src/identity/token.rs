//! Signed tokens that name a person: every claim that is relied on is checked, and nothing is fetched.
//!
//! A token cannot choose how it is checked. Which algorithms are accepted is set, each key is bound to the
//! algorithms of its own type, and keys in a token's header (`jwk`, `jku`, `x5c`) are not looked at.

use candor_conversation::TenantId;
use hyper::header::HeaderName;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, Header, Validation, decode, decode_header};
use serde_json::{Map, Value};

use super::key::is_virtual;
use super::settings::{TokenAlgorithm, TokenSettings};
use super::{IdentityError, Named, PAGES_HEADER, ReadFile, header_name, is_name, read, signature};

/// Longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 16 << 10;
/// Most keys in one set.
const KEYS_MAX: usize = 100;
/// By how many seconds two clocks may differ.
const LEEWAY_SECONDS_MAX: u64 = 300;
/// Shortest shared secret, in bytes: the size of the hash (RFC 7518, section 3.2).
const SECRET_BYTES_MIN: usize = 32;

/// One kind of token that is accepted.
pub(super) struct Token {
    pub(super) header: HeaderName,
    pub(super) replaces_key: bool,
    keys: Vec<VerifyingKey>,
    /// One for each accepted algorithm.
    validations: Vec<Validation>,
    subject_claim: String,
    tenant: TokenTenant,
    leeway_seconds: u64,
}

enum TokenTenant {
    Unsaid,
    Fixed(TenantId),
    Claim(String),
}

/// A key with the algorithms that its type allows.
struct VerifyingKey {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// Whether a credential looks like a signed token: three parts, and no virtual key.
pub(super) fn is_token(credential: &[u8]) -> bool {
    !is_virtual(credential) && credential.iter().filter(|byte| **byte == b'.').count() == 2
}

impl Token {
    /// The tokens of this process's own pages: signed with a secret that lives as long as the process, and naming the
    /// tenant always.
    pub(super) fn of_pages(secret: &[u8; SECRET_BYTES_MIN]) -> Self {
        signature::install();
        let mut validation = Validation::new(Algorithm::HS256);
        without_the_time(&mut validation);
        Self {
            header: PAGES_HEADER,
            replaces_key: true,
            keys: vec![VerifyingKey {
                id: None,
                algorithms: vec![Algorithm::HS256],
                key: DecodingKey::from_secret(secret),
            }],
            validations: vec![validation],
            subject_claim: "sub".into(),
            tenant: TokenTenant::Claim("tenant".into()),
            leeway_seconds: 0,
        }
    }

    pub(super) fn new(settings: &TokenSettings, read_file: ReadFile<'_>) -> Result<Self, IdentityError> {
        signature::install();
        let wrong = |problem| IdentityError::Token { header: settings.header.clone(), problem };
        if settings.leeway_seconds > LEEWAY_SECONDS_MAX {
            return Err(wrong("leeway_seconds is more than 300"));
        }
        if settings.algorithms.is_empty() {
            return Err(wrong("algorithms is empty\nhint: Open WebUI signs with \"HS256\""));
        }
        let keys = match (&settings.secret_file, &settings.jwks_file) {
            (Some(file), None) => vec![shared_secret(&read(file, read_file)?).map_err(wrong)?],
            (None, Some(file)) if settings.audience.is_some() => {
                key_set(&read(file, read_file)?).map_err(wrong)?
            }
            (None, Some(_)) => {
                let problem = "jwks_file without audience\nhint: say for whom its tokens must be made out";
                return Err(wrong(problem));
            }
            _ => return Err(wrong("it needs either secret_file or jwks_file")),
        };
        let algorithms: Vec<Algorithm> = settings.algorithms.iter().copied().map(algorithm).collect();
        if !algorithms.iter().all(|wanted| keys.iter().any(|key| key.algorithms.contains(wanted))) {
            return Err(wrong(
                "no key fits one of its algorithms\nhint: a shared secret is for HS…, a key set for the others",
            ));
        }
        let tenant = match (&settings.tenant, &settings.tenant_claim) {
            (None, None) => TokenTenant::Unsaid,
            (Some(tenant), None) => TokenTenant::Fixed(tenant.clone()),
            (None, Some(claim)) => TokenTenant::Claim(claim.clone()),
            (Some(_), Some(_)) => return Err(wrong("it has both tenant and tenant_claim")),
        };
        Ok(Self {
            header: header_name(&settings.header)?,
            replaces_key: settings.replaces_key,
            keys,
            validations: algorithms.into_iter().map(|algorithm| validation(settings, algorithm)).collect(),
            subject_claim: settings.subject_claim.clone(),
            tenant,
            leeway_seconds: settings.leeway_seconds,
        })
    }

    pub(super) fn says_tenant(&self) -> bool {
        !matches!(self.tenant, TokenTenant::Unsaid)
    }

    /// The person whom a token names, or why it does not count. The reason holds nothing of the token.
    pub(super) fn verify(&self, token: &[u8], now_seconds: u64) -> Result<Named, &'static str> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err("it is too long");
        }
        let header =
            decode_header(token).map_err(|_| "its header cannot be read, or its algorithm is unknown")?;
        if header.crit.is_some() {
            return Err("it asks for an extension");
        }
        let of_algorithm = |validation: &&Validation| validation.algorithms.contains(&header.alg);
        let validation = self.validations.iter().find(of_algorithm).ok_or("its algorithm is not accepted")?;
        let key = self.key_for(&header)?;
        let token = decode::<Map<String, Value>>(token, &key.key, validation)
            .map_err(|error| reason(error.kind()))?;
        self.check_time(&token.claims, now_seconds)?;
        self.named(&token.claims)
    }

    fn key_for(&self, header: &Header) -> Result<&VerifyingKey, &'static str> {
        let is_meant = |key: &&VerifyingKey| header.kid.is_none() || key.id.is_none() || key.id == header.kid;
        let mut fitting =
            self.keys.iter().filter(|key| key.algorithms.contains(&header.alg)).filter(is_meant);
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err("no key fits it"),
            (Some(_), Some(_)) => Err("several keys fit it"),
        }
    }

    fn check_time(&self, claims: &Map<String, Value>, now_seconds: u64) -> Result<(), &'static str> {
        let latest = now_seconds.saturating_add(self.leeway_seconds);
        let expires = seconds(claims, "exp")?.ok_or("it never expires")?;
        if now_seconds >= expires.saturating_add(self.leeway_seconds) {
            return Err("it has expired");
        }
        for name in ["nbf", "iat"] {
            if seconds(claims, name)?.is_some_and(|start| start > latest) {
                return Err("it is not valid yet");
            }
        }
        Ok(())
    }

    fn named(&self, claims: &Map<String, Value>) -> Result<Named, &'static str> {
        if self.subject_claim == "email" && claims.get("email_verified").is_some_and(|value| value != true) {
            return Err("its e-mail address is not verified");
        }
        let subject = match claims.get(&self.subject_claim) {
            Some(Value::String(text)) if is_name(text) => text.clone(),
            Some(Value::Number(number)) if number.is_u64() => number.to_string(),
            _ => return Err("it names nobody"),
        };
        let tenant = match &self.tenant {
            TokenTenant::Unsaid => None,
            TokenTenant::Fixed(tenant) => Some(tenant.clone()),
            TokenTenant::Claim(claim) => {
                let tenant = claims.get(claim).and_then(Value::as_str).and_then(|text| text.parse().ok());
                Some(tenant.ok_or("it names no tenant")?)
            }
        };
        Ok(Named { subject, tenant, replaces_key: self.replaces_key })
    }
}

/// Time is checked by us, because the library would ask its own clock.
fn without_the_time(validation: &mut Validation) {
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.required_spec_claims.clear();
}

/// What is asked of issuer and audience.
fn validation(settings: &TokenSettings, algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    without_the_time(&mut validation);
    if let Some(issuer) = &settings.issuer {
        validation.set_issuer(&[issuer]);
        validation.required_spec_claims.insert("iss".into());
    }
    if let Some(audience) = &settings.audience {
        validation.set_audience(&[audience]);
        validation.required_spec_claims.insert("aud".into());
    }
    validation
}

fn shared_secret(bytes: &[u8]) -> Result<VerifyingKey, &'static str> {
    let secret = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let secret = secret.strip_suffix(b"\r").unwrap_or(secret);
    if secret.len() < SECRET_BYTES_MIN {
        return Err("the shared secret is shorter than 32 bytes");
    }
    let algorithms = AlgorithmFamily::Hmac.algorithms().to_vec();
    Ok(VerifyingKey { id: None, algorithms, key: DecodingKey::from_secret(secret) })
}

/// The keys of a set that verify signatures; others, such as those for encryption, are left out.
fn key_set(bytes: &[u8]) -> Result<Vec<VerifyingKey>, &'static str> {
    let set: JwkSet = serde_json::from_slice(bytes).map_err(|_| "jwks_file is not a JWK Set")?;
    if set.keys.len() > KEYS_MAX {
        return Err("jwks_file holds more than 100 keys");
    }
    if set.keys.iter().any(|jwk| matches!(jwk.algorithm, AlgorithmParameters::OctetKey(_))) {
        return Err("jwks_file holds a shared secret\nhint: put it in a file of its own, as secret_file");
    }
    Ok(set.keys.iter().filter_map(verifying_key).collect())
}

fn verifying_key(jwk: &Jwk) -> Option<VerifyingKey> {
    let common = &jwk.common;
    let for_signatures = common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
    let verifies = common.key_operations.as_ref().is_none_or(|all| all.contains(&KeyOperations::Verify));
    if !for_signatures || !verifies {
        return None;
    }
    let mut algorithms = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => AlgorithmFamily::Rsa.algorithms().to_vec(),
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => vec![Algorithm::ES256],
            EllipticCurve::P384 => vec![Algorithm::ES384],
            _ => return None,
        },
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            vec![Algorithm::EdDSA]
        }
        _ => return None,
    };
    if let Some(named) = common.key_algorithm {
        let named = Algorithm::try_from(named).ok()?;
        algorithms.retain(|algorithm| *algorithm == named);
    }
    Some(VerifyingKey { id: common.key_id.clone(), algorithms, key: DecodingKey::from_jwk(jwk).ok()? })
}

/// A time in seconds since 1970; a fraction is cut off.
fn seconds(claims: &Map<String, Value>, name: &str) -> Result<Option<u64>, &'static str> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let fraction = || value.as_f64().filter(|seconds| *seconds >= 0.0).map(|seconds| seconds as u64);
    value.as_u64().or_else(fraction).map(Some).ok_or("one of its times is no time")
}

fn reason(error: &ErrorKind) -> &'static str {
    match error {
        ErrorKind::InvalidSignature => "its signature is wrong",
        ErrorKind::InvalidIssuer => "it is from another issuer",
        ErrorKind::InvalidAudience => "it is for another audience",
        ErrorKind::MissingRequiredClaim(_) => "it has no issuer or no audience",
        _ => "it cannot be read",
    }
}

fn algorithm(named: TokenAlgorithm) -> Algorithm {
    match named {
        TokenAlgorithm::Hs256 => Algorithm::HS256,
        TokenAlgorithm::Hs384 => Algorithm::HS384,
        TokenAlgorithm::Hs512 => Algorithm::HS512,
        TokenAlgorithm::Rs256 => Algorithm::RS256,
        TokenAlgorithm::Rs384 => Algorithm::RS384,
        TokenAlgorithm::Rs512 => Algorithm::RS512,
        TokenAlgorithm::Ps256 => Algorithm::PS256,
        TokenAlgorithm::Ps384 => Algorithm::PS384,
        TokenAlgorithm::Ps512 => Algorithm::PS512,
        TokenAlgorithm::Es256 => Algorithm::ES256,
        TokenAlgorithm::Es384 => Algorithm::ES384,
        TokenAlgorithm::EdDsa => Algorithm::EdDSA,
    }
}
