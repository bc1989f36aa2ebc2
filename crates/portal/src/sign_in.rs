//! Showing who one is, choosing a language, and leaving.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_conversation::{Age, Region, TenantId, Tier, Timestamp};
use candor_vault::{Author, Profile};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use crate::form::{Submitted, is_own_site};
use crate::locale::{LANGUAGE_COOKIE, Locale};
use crate::openid;
use crate::page::{Frame, own_path, page, see, set_cookie};
use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::session::SESSION_COOKIE;
use crate::settings::{LocalPerson, SettingsError, SignIn, SignedLink};
use crate::visitor::Visitor;

/// Shortest secret, in bytes: the size of the hash (RFC 7518, section 3.2).
const SECRET_BYTES_MIN: usize = 32;
/// How far in the future a token may end, in seconds.
const TOKEN_SECONDS_MAX: i64 = 300;
/// Tokens that are remembered as used until they end.
const USED_MAX: usize = 100_000;
/// For how long a chosen language is remembered.
const LANGUAGE_SECONDS: u32 = 365 * 86_400;

/// The words of the page for signing in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInText {
    title: String,
    local: String,
    continue_as: String,
    by_link: String,
    begin: String,
    nobody: String,
    spent: String,
    by_provider: String,
    trouble: String,
}

/// Checks the tokens of the host application.
pub(crate) struct LinkKey {
    secret: Vec<u8>,
    tenant: TenantId,
    /// Tokens that were used, with the second in which they end.
    used: Mutex<BTreeMap<String, i64>>,
}

/// What a token says.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    jti: String,
    tenant: Option<TenantId>,
    tier: Option<Tier>,
    region: Option<Region>,
    age: Option<Age>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

impl LinkKey {
    pub(crate) fn read(link: &SignedLink) -> Result<Self, SettingsError> {
        let secret = std::fs::read(&link.secret_file)
            .map_err(|source| SettingsError::File { path: link.secret_file.clone(), source })?;
        let secret = secret.trim_ascii().to_vec();
        if secret.len() < SECRET_BYTES_MIN {
            let text =
                format!("{}: a secret has {SECRET_BYTES_MIN} bytes or more", link.secret_file.display());
            return Err(SettingsError::Value(text));
        }
        Ok(Self { secret, tenant: link.tenant.clone(), used: Mutex::default() })
    }

    /// Whom a token names, once.
    fn redeem(&self, token: &str, now: Timestamp) -> Option<(TenantId, Profile)> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.secret).ok()?;
        mac.update(signed.as_bytes());
        mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        let second = now.millis() / 1000;
        if header.alg != "HS256" || !(second..=second + TOKEN_SECONDS_MAX).contains(&claims.exp) {
            return None;
        }
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, ends| *ends >= second);
        if used.len() >= USED_MAX || used.insert(claims.jti, claims.exp).is_some() {
            return None;
        }
        let profile = Profile {
            name: claims.sub,
            tier: claims.tier.unwrap_or(Tier::Consumer),
            region: claims.region,
            age: claims.age,
            called: Vec::new(),
        };
        Some((claims.tenant.unwrap_or_else(|| self.tenant.clone()), profile))
    }
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    frame: Frame<'a>,
    text: &'a SignInText,
    next: &'a str,
    local: &'a [LocalPerson],
    begin_at: Option<&'a str>,
    provider: Option<ShownProvider<'a>>,
    alert: Option<&'a str>,
}

/// An OpenID provider, to be chosen.
struct ShownProvider<'a> {
    name: &'a str,
    begin: String,
}

/// What the page is asked with.
#[derive(Deserialize)]
pub(crate) struct Asked {
    next: Option<String>,
    token: Option<String>,
    trouble: Option<String>,
}

/// The page for signing in; with a token, signs in.
pub(crate) async fn show(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Response {
    let next = own_path(asked.next.as_deref());
    let named = match (&portal.link_key, &asked.token) {
        (Some(key), Some(token)) => key.redeem(token, portal.now()),
        _ => None,
    };
    let answer = match named {
        Some((tenant, profile)) => begin(&portal, tenant, profile, next).await,
        None => {
            let text = portal.texts.sign_in.of(visitor.locale);
            let SignIn { link, openid, local } = &portal.settings.sign_in;
            let escaped: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            page(&SignInPage {
                frame: Frame::new(&portal, &visitor),
                text,
                next,
                local,
                begin_at: link.as_ref().and_then(|link| link.begin_at.as_deref()),
                provider: openid.as_ref().map(|provider| ShownProvider {
                    name: &provider.name,
                    begin: format!("{}?next={escaped}", openid::BEGIN),
                }),
                alert: match (&asked.token, &asked.trouble) {
                    (Some(_), _) => Some(&text.spent),
                    (None, Some(_)) => Some(&text.trouble),
                    (None, None) => None,
                },
            })
        }
    };
    answer.unwrap_or_else(|refusal| refusal.answer(&portal, &visitor))
}

/// Signs in somebody to play.
pub(crate) async fn local(State(portal): State<Arc<Portal>>, visitor: Visitor, form: Submitted) -> Response {
    let answer = async {
        let chosen = form.field("person")?;
        let person = portal.settings.sign_in.local.iter().find(|person| person.name == chosen);
        let person = person.ok_or(Refusal::NotFound)?;
        begin(&portal, person.tenant.clone(), person.profile(), own_path(form.optional("next"))).await
    };
    answer.await.unwrap_or_else(|refusal| refusal.answer(&portal, &visitor))
}

/// Enrols whoever comes for the first time, and begins a session.
pub(crate) async fn begin(
    portal: &Arc<Portal>,
    tenant: TenantId,
    profile: Profile,
    next: &str,
) -> Result<Response, Refusal> {
    let now = portal.now();
    let name = profile.name.clone();
    let known = portal.desk.policy()?.author(&tenant, &name);
    match known {
        Author::Person(_) => {}
        Author::Erased => return Err(Refusal::Erased),
        Author::Nobody => {
            let tenant = tenant.clone();
            portal.record(move |group, entropy| Ok(group.enrol(&tenant, &[profile], now, entropy)?)).await?;
        }
    }
    let secret = portal.sessions.begin((tenant, name), (portal.random(), portal.random()), now);
    let mut response = see(next);
    set_cookie(&mut response, portal, (SESSION_COOKIE, &secret), None);
    Ok(response)
}

/// Leaves.
pub(crate) async fn end(State(portal): State<Arc<Portal>>, headers: HeaderMap, _form: Submitted) -> Response {
    portal.sessions.end(&headers);
    let mut response = see("/sign-in");
    set_cookie(&mut response, &portal, (SESSION_COOKIE, ""), Some(0));
    response
}

/// Chooses a language. Nobody needs to be signed in for it.
pub(crate) async fn language(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    headers: HeaderMap,
    form: Submitted,
) -> Response {
    let locale = form.optional("language").and_then(Locale::of_tag);
    let (Some(locale), true) = (locale, is_own_site(&headers)) else {
        return Refusal::Form.answer(&portal, &visitor);
    };
    let mut response = see(own_path(form.optional("next")));
    set_cookie(&mut response, &portal, (LANGUAGE_COOKIE, locale.tag()), Some(LANGUAGE_SECONDS));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"a secret that is long enough for it";

    fn key() -> LinkKey {
        LinkKey { secret: SECRET.to_vec(), tenant: "home".parse().unwrap(), used: Mutex::default() }
    }

    fn token(header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(SECRET).unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    #[test]
    fn a_token_works_once_and_not_after_its_end() {
        let key = key();
        let claims = r#"{"sub":"anna","exp":1100,"jti":"a","region":"DE","age":"34"}"#;
        let good = token(r#"{"alg":"HS256"}"#, claims);
        let at = |second: i64| Timestamp::from_millis(second * 1000);
        assert!(key.redeem(&good, at(1101)).is_none());
        assert!(key.redeem(&good, at(700)).is_none());
        let (tenant, profile) = key.redeem(&good, at(1000)).unwrap();
        assert_eq!((tenant.as_str(), profile.name.as_str()), ("home", "anna"));
        assert!(key.redeem(&good, at(1000)).is_none());
    }

    #[test]
    fn a_token_that_somebody_else_made_names_nobody() {
        let key = key();
        let at = Timestamp::from_millis(1_000_000);
        let claims = r#"{"sub":"anna","exp":1100,"jti":"b"}"#;
        assert!(key.redeem(&token(r#"{"alg":"none"}"#, claims), at).is_none());
        let mut forged = token(r#"{"alg":"HS256"}"#, claims);
        forged.replace_range(forged.len() - 4.., "AAAA");
        assert!(key.redeem(&forged, at).is_none());
        assert!(key.redeem("", at).is_none());
        assert!(key.redeem("..", at).is_none());
    }
}
