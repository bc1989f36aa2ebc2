//! Signing in with an OpenID provider: the code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636).
//!
//! The token comes straight from the provider's token endpoint over TLS, which stands in for its signature (section
//! 3.1.3.7, point 6). What was begun in one browser ends in no other: a cookie holds the state.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, HeaderValue, Method, Request};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use candor_conversation::Timestamp;
use candor_vault::Profile;
use form_urlencoded::Serializer;
use http_body_util::{BodyExt as _, Full, Limited};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::client::{Client, client};
use crate::page::{own_path, see, set_cookie};
use crate::portal::{Portal, PortalError};
use crate::refusal::Refusal;
use crate::session::cookie;
use crate::settings::{OpenId, SettingsError};
use crate::sign_in;
use crate::visitor::Visitor;

/// Where a sign-in begins.
pub(crate) const BEGIN: &str = "/sign-in/openid";
/// Where the provider sends people back to.
pub(crate) const BACK: &str = "/sign-in/openid/back";
/// The page for signing in, where something went wrong.
const TROUBLE: &str = "/sign-in?trouble=provider";
/// Holds the state of what was begun in this browser.
const COOKIE: &str = "candor_openid";
/// For how long somebody may take at the provider.
const SECONDS_MAX: i64 = 600;
/// Sign-ins that are under way at once.
const BEGUN_MAX: usize = 10_000;
/// For how long what the provider says of itself is remembered.
const FOUND_MS: i64 = 3_600_000;
/// Time for an answer of the provider.
const ANSWER: Duration = Duration::from_secs(10);
/// Longest answer of the provider, in bytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// A provider, and the sign-ins that are under way there.
pub(crate) struct Provider {
    settings: OpenId,
    secret: Option<String>,
    client: Client,
    found: Mutex<Option<(Timestamp, Arc<Endpoints>)>>,
    begun: Mutex<BTreeMap<String, Begun>>,
}

/// What the provider says of itself.
#[derive(Deserialize)]
struct Endpoints {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
}

/// A sign-in that is under way.
struct Begun {
    nonce: String,
    verifier: String,
    next: String,
    at: Timestamp,
}

/// What a page is asked with.
#[derive(Deserialize)]
pub(crate) struct Asked {
    next: Option<String>,
}

/// What the provider sends people back with.
#[derive(Deserialize)]
pub(crate) struct Returned {
    code: Option<String>,
    state: Option<String>,
}

impl Provider {
    pub(crate) fn new(settings: &OpenId) -> Result<Self, PortalError> {
        let read = |path: &std::path::PathBuf| {
            std::fs::read_to_string(path)
                .map(|secret| secret.trim().to_owned())
                .map_err(|source| SettingsError::File { path: path.clone(), source })
        };
        let secret = settings.client_secret_file.as_ref().map(read).transpose()?;
        let (client, found, begun) = (client()?, Mutex::default(), Mutex::default());
        Ok(Self { settings: settings.clone(), secret, client, found, begun })
    }

    /// What the provider says of itself, as of an hour ago or less (OpenID Connect Discovery 1.0).
    async fn endpoints(&self, now: Timestamp) -> Option<Arc<Endpoints>> {
        let known = self.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, found)) = known
            && (0..FOUND_MS).contains(&(now.millis() - at.millis()))
        {
            return Some(found);
        }
        let issuer = &self.settings.issuer;
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let mut request = Request::new(Full::default());
        *request.uri_mut() = address.parse().ok()?;
        let found: Endpoints = serde_json::from_value(self.ask(request).await?).ok()?;
        let is_safe = |url: &String| OpenId::is_safe(url);
        if found.issuer != *issuer
            || ![&found.authorization_endpoint, &found.token_endpoint].into_iter().all(is_safe)
        {
            return None;
        }
        let found = Arc::new(found);
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&found)));
        Some(found)
    }

    async fn ask(&self, request: Request<Full<Bytes>>) -> Option<Value> {
        let answer = async {
            let response = self.client.request(request).await.ok().filter(|it| it.status().is_success())?;
            let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await.ok()?;
            serde_json::from_slice(&body.to_bytes()).ok()
        };
        tokio::time::timeout(ANSWER, answer).await.ok().flatten()
    }

    /// Who came back from the provider, and where they were going.
    async fn returned(
        &self,
        portal: &Portal,
        headers: &HeaderMap,
        with: &Returned,
    ) -> Option<(String, String)> {
        let (state, now) = (with.state.as_deref()?, portal.now());
        // What was begun in another browser, maybe by somebody who wants us to use their account, is not gone on with.
        let begun = self.take(state, now).filter(|_| cookie(headers, COOKIE) == Some(state))?;
        let claims = self.redeem(with.code.as_deref()?, (&begun, &back(portal, headers)?), now).await?;
        Some((self.name(&claims, &begun, now)?, begun.next))
    }

    /// Exchanges a code for a token; what it says, not yet checked.
    async fn redeem(&self, code: &str, (begun, back): (&Begun, &str), now: Timestamp) -> Option<Value> {
        let endpoints = self.endpoints(now).await?;
        let mut request = Request::new(Full::new(Bytes::from(self.exchange(code, begun, back))));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = endpoints.token_endpoint.parse().ok()?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(secret) = &self.secret {
            let escaped = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", escaped(&self.settings.client_id), escaped(secret));
            let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).ok()?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let token = self.ask(request).await?;
        let claims = token.get("id_token")?.as_str()?.split('.').nth(1)?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    /// The form with which a code is exchanged (RFC 6749, section 4.1.3; RFC 7636, section 4.5).
    fn exchange(&self, code: &str, begun: &Begun, back: &str) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code").append_pair("code", code);
        form.append_pair("redirect_uri", back).append_pair("code_verifier", &begun.verifier);
        if self.secret.is_none() {
            form.append_pair("client_id", &self.settings.client_id);
        }
        form.finish()
    }

    /// Whom a token names, if it is for us, for this sign-in, and still holds.
    fn name(&self, claims: &Value, begun: &Begun, now: Timestamp) -> Option<String> {
        let is = |claim: &str, wanted: &str| claims.get(claim).and_then(Value::as_str) == Some(wanted);
        let client = self.settings.client_id.as_str();
        let for_us = match claims.get("aud")? {
            Value::String(audience) => audience == client,
            Value::Array(all) => all.iter().any(|one| one == client) && (all.len() == 1 || is("azp", client)),
            _ => false,
        };
        let holds = claims.get("exp")?.as_i64()? > now.millis() / 1000;
        let fits = for_us && holds && is("iss", &self.settings.issuer) && is("nonce", &begun.nonce);
        let name = claims.get(&self.settings.name_claim)?.as_str()?;
        (fits && !name.is_empty()).then(|| name.to_owned())
    }

    fn profile(&self, name: String) -> Profile {
        let OpenId { tier, region, age, .. } = &self.settings;
        Profile { name, tier: *tier, region: region.clone(), age: *age, called: Vec::new() }
    }

    /// Remembers a sign-in; `None` while too many are under way.
    fn remember(&self, state: &str, begun: Begun) -> Option<()> {
        let mut all = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= BEGUN_MAX {
            let now = begun.at;
            all.retain(|_, one| !one.is_over(now));
        }
        (all.len() < BEGUN_MAX).then(|| drop(all.insert(state.to_owned(), begun)))
    }

    /// What was begun with a state, once.
    fn take(&self, state: &str, now: Timestamp) -> Option<Begun> {
        let taken = self.begun.lock().unwrap_or_else(PoisonError::into_inner).remove(state);
        taken.filter(|one| !one.is_over(now))
    }
}

impl Begun {
    fn is_over(&self, now: Timestamp) -> bool {
        now.millis() - self.at.millis() > SECONDS_MAX * 1000
    }
}

/// Sends somebody to the provider.
pub(crate) async fn begin(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Response {
    let Some(provider) = &portal.provider else { return Refusal::NotFound.answer(&portal, &visitor) };
    let now = portal.now();
    let random = || URL_SAFE_NO_PAD.encode(portal.random::<32>());
    let begun = Begun {
        nonce: random(),
        verifier: random(),
        next: own_path(asked.next.as_deref()).to_owned(),
        at: now,
    };
    let state = random();
    let address = async {
        let endpoints = provider.endpoints(now).await?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(begun.verifier.as_bytes()));
        let mut query = Serializer::new(String::new());
        query.append_pair("response_type", "code").append_pair("scope", "openid");
        query.append_pair("client_id", &provider.settings.client_id);
        query.append_pair("redirect_uri", &back(&portal, &headers)?);
        query.append_pair("state", &state).append_pair("nonce", &begun.nonce);
        query.append_pair("code_challenge", &challenge).append_pair("code_challenge_method", "S256");
        let joint = if endpoints.authorization_endpoint.contains('?') { '&' } else { '?' };
        Some(format!("{}{joint}{}", endpoints.authorization_endpoint, query.finish()))
    };
    let Some(address) = address.await else {
        portal.note(
            "sign-in: the OpenID provider cannot be reached, or is not the issuer that the settings name",
        );
        return see(TROUBLE);
    };
    if provider.remember(&state, begun).is_none() {
        return see(TROUBLE);
    }
    let mut response = see(&address);
    set_cookie(&mut response, &portal, (COOKIE, &state), u32::try_from(SECONDS_MAX).ok());
    response
}

/// Takes somebody in who comes back from the provider.
pub(crate) async fn back_again(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(returned): Query<Returned>,
) -> Response {
    let Some(provider) = &portal.provider else { return Refusal::NotFound.answer(&portal, &visitor) };
    let mut response = match provider.returned(&portal, &headers, &returned).await {
        Some((name, next)) => {
            let tenant = provider.settings.tenant.clone();
            let begun = sign_in::begin(&portal, tenant, provider.profile(name), &next).await;
            begun.unwrap_or_else(|refusal| refusal.answer(&portal, &visitor))
        }
        None => see(TROUBLE),
    };
    set_cookie(&mut response, &portal, (COOKIE, ""), Some(0));
    response
}

/// Our address for coming back, as people see it.
fn back(portal: &Portal, headers: &HeaderMap) -> Option<String> {
    match &portal.settings.public_url {
        Some(url) => Some(format!("{url}{BACK}")),
        // Only our own names are served.
        None => Some(format!("http://{}{BACK}", headers.get(HOST)?.to_str().ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_767_600_000;

    fn provider() -> Provider {
        let settings: OpenId = toml::from_str(
            "name = \"Test\"\nissuer = \"https://login.example.org\"\nclient_id = \"candor\"\ntenant = \"home\"\n\
             tier = \"consumer\"",
        )
        .unwrap();
        Provider::new(&settings).unwrap()
    }

    fn begun(at: i64) -> Begun {
        let at = Timestamp::from_millis(at * 1000);
        Begun { nonce: "n".into(), verifier: "v".into(), next: "/privacy".into(), at }
    }

    fn claims() -> Value {
        json!({ "iss": "https://login.example.org", "aud": "candor", "sub": "anna", "nonce": "n", "exp": NOW + 60 })
    }

    #[test]
    fn a_token_names_somebody_only_if_it_is_from_this_issuer_for_us_for_this_sign_in_and_holds() {
        let (provider, now) = (provider(), Timestamp::from_millis(NOW * 1000));
        let name = |claims: &Value| provider.name(claims, &begun(NOW), now);
        assert_eq!(name(&claims()).as_deref(), Some("anna"));
        let several = json!(["other", "candor"]);
        for (claim, wrong) in [
            ("iss", json!("https://login.example.com")),
            ("aud", json!("other")),
            ("aud", several.clone()),
            ("aud", json!(null)),
            ("nonce", json!("m")),
            ("exp", json!(NOW)),
            ("exp", json!("soon")),
            ("sub", json!("")),
            ("sub", json!(7)),
        ] {
            let mut claims = claims();
            claims[claim] = wrong;
            assert_eq!(name(&claims), None, "{claims}");
            claims.as_object_mut().unwrap().remove(claim);
            assert_eq!(name(&claims), None, "{claims}");
        }
        let mut for_several = claims();
        (for_several["aud"], for_several["azp"]) = (several, json!("candor"));
        assert_eq!(name(&for_several).as_deref(), Some("anna"));
    }

    #[test]
    fn a_sign_in_ends_once_and_within_ten_minutes() {
        let provider = provider();
        let at = |second: i64| Timestamp::from_millis(second * 1000);
        provider.remember("a", begun(NOW)).unwrap();
        provider.remember("b", begun(NOW)).unwrap();
        assert!(provider.take("a", at(NOW + 600)).is_some());
        assert!(provider.take("a", at(NOW + 600)).is_none());
        assert!(provider.take("b", at(NOW + 601)).is_none());
        for number in 0..BEGUN_MAX {
            provider.remember(&number.to_string(), begun(NOW)).unwrap();
        }
        assert!(provider.remember("more", begun(NOW)).is_none());
        assert!(provider.remember("later", begun(NOW + 601)).is_some());
    }

    #[test]
    fn only_addresses_that_nobody_can_listen_to_are_asked() {
        for safe in
            ["https://login.example.org", "http://127.0.0.1:9/a", "http://localhost", "http://[::1]:80"]
        {
            assert!(OpenId::is_safe(safe), "{safe}");
        }
        for unsafe_one in [
            "http://login.example.org",
            "http://127.0.0.1.example.org",
            "ftp://a",
            "http://127.0.0.1:80@evil.example",
        ] {
            assert!(!OpenId::is_safe(unsafe_one), "{unsafe_one}");
        }
    }
}
