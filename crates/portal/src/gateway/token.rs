//! Tokens by which the gateway of the same process knows for whom the pages ask (JWT, HS256).

use axum::http::HeaderName;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_conversation::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use super::Asker;

/// The header that carries one.
pub(super) const HEADER: HeaderName = HeaderName::from_static("candor-person");
/// For how many seconds one holds.
const SECONDS: i64 = 60;

/// A token for a person.
pub(super) fn of(secret: &[u8; 32], asker: Asker<'_>, now: Timestamp) -> String {
    let claims = json!({
        "sub": asker.name,
        "tenant": asker.tenant.as_str(),
        "exp": now.millis() / 1000 + SECONDS,
    });
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({ "alg": "HS256", "typ": "JWT" })), part(&claims));
    // A key of any length is taken.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(secret) else { return String::new() };
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}
