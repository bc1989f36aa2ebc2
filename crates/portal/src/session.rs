//! Who is signed in. Sessions live in memory alone: a restart signs everybody out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_conversation::{TenantId, Timestamp};
use sha2::{Digest, Sha256};

use crate::chat::{Load, Shelf};
use crate::held::Held;
use crate::presence::InRelease;
use crate::receipts::Paper;

/// The cookie that holds a session's secret.
pub(crate) const SESSION_COOKIE: &str = "candor_session";
/// Sessions that are held; beyond it the one that was idle longest ends.
const SESSIONS_MAX: usize = 10_000;
/// A session that nobody used for so long is over.
const IDLE_MS_MAX: i64 = 12 * 3_600_000;
/// However much it is used, a session ends after so long.
const AGE_MS_MAX: i64 = 7 * 24 * 3_600_000;

/// Somebody who is signed in.
pub(crate) struct Session {
    pub(crate) tenant: TenantId,
    pub(crate) name: String,
    /// What every form must bring back.
    pub(crate) form_token: String,
    /// Conversations on the chat page.
    pub(crate) shelf: Shelf,
    /// Their acts, as listed last.
    pub(crate) papers: Held<Vec<Paper>>,
    /// Their part in each release, as found last.
    pub(crate) presence: Held<Vec<InRelease>>,
    began_at: Timestamp,
    used_ms: AtomicI64,
}

impl Session {
    fn is_over(&self, now: Timestamp) -> bool {
        now.millis() - self.used_ms.load(Ordering::Relaxed) > IDLE_MS_MAX
            || now.millis() - self.began_at.millis() > AGE_MS_MAX
    }
}

/// A hash of a session's secret: what is in memory opens no session.
type Key = [u8; 32];

/// All sessions.
#[derive(Default)]
pub(crate) struct Sessions {
    open: Mutex<HashMap<Key, Arc<Session>>>,
    load: Load,
}

impl Sessions {
    /// Begins a session; the secret for its cookie.
    pub(crate) fn begin(
        &self,
        (tenant, name): (TenantId, String),
        (secret, form_token): ([u8; 32], [u8; 32]),
        now: Timestamp,
    ) -> String {
        let secret = URL_SAFE_NO_PAD.encode(secret);
        let session = Session {
            tenant,
            name,
            form_token: URL_SAFE_NO_PAD.encode(form_token),
            shelf: Shelf::new(Arc::clone(&self.load)),
            papers: Held::default(),
            presence: Held::default(),
            began_at: now,
            used_ms: AtomicI64::new(now.millis()),
        };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= SESSIONS_MAX {
            open.retain(|_, session| !session.is_over(now));
        }
        if open.len() >= SESSIONS_MAX {
            let idlest = open.iter().min_by_key(|(_, session)| session.used_ms.load(Ordering::Relaxed));
            if let Some(key) = idlest.map(|(key, _)| *key) {
                open.remove(&key);
            }
        }
        open.insert(key(&secret), Arc::new(session));
        secret
    }

    /// The session of a request.
    pub(crate) fn of_request(&self, headers: &HeaderMap, now: Timestamp) -> Option<Arc<Session>> {
        let key = key(cookie(headers, SESSION_COOKIE)?);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let session = open.get(&key)?;
        if session.is_over(now) {
            open.remove(&key);
            return None;
        }
        session.used_ms.store(now.millis(), Ordering::Relaxed);
        Some(Arc::clone(session))
    }

    /// Ends the sessions that are over, and drops conversations that nobody goes on with. To be called now and then:
    /// what is only in memory is to be gone also when nobody asks for a page.
    pub(crate) fn tidy(&self, now: Timestamp) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, session| !session.is_over(now));
        open.values().for_each(|session| drop(session.shelf.list(now)));
    }

    /// Ends the session of a request.
    pub(crate) fn end(&self, headers: &HeaderMap) {
        if let Some(secret) = cookie(headers, SESSION_COOKIE) {
            self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(secret));
        }
    }

    /// Ends all sessions of a person, such as when everything of theirs was erased.
    pub(crate) fn end_all_of(&self, tenant: &TenantId, name: &str) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, session| session.tenant != *tenant || session.name != name);
    }
}

fn key(secret: &str) -> Key {
    Sha256::digest(secret.as_bytes()).into()
}

/// The value of a cookie.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with_cookie(secret: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let line = format!("other=1; {SESSION_COOKIE}={secret}");
        headers.insert(COOKIE, HeaderValue::from_str(&line).unwrap());
        headers
    }

    fn anna() -> (TenantId, String) {
        ("home".parse().unwrap(), "anna".into())
    }

    #[test]
    fn a_session_ends_when_nobody_uses_it_and_after_a_week_whatever_happens() {
        let sessions = Sessions::default();
        let at = Timestamp::from_millis;
        let headers = with_cookie(&sessions.begin(anna(), ([1; 32], [2; 32]), at(0)));
        assert!(sessions.of_request(&headers, at(IDLE_MS_MAX)).is_some());
        assert!(sessions.of_request(&headers, at(2 * IDLE_MS_MAX + 1)).is_none());
        let headers = with_cookie(&sessions.begin(anna(), ([3; 32], [2; 32]), at(0)));
        let mut now = 0;
        while now <= AGE_MS_MAX {
            assert!(sessions.of_request(&headers, at(now)).is_some());
            now += IDLE_MS_MAX;
        }
        assert!(sessions.of_request(&headers, at(now)).is_none());
    }

    #[test]
    fn the_one_that_was_idle_longest_makes_room() {
        let sessions = Sessions::default();
        let secret = |number: usize| {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&number.to_le_bytes());
            (bytes, [0; 32])
        };
        let all: Vec<String> = (0..=SESSIONS_MAX)
            .map(|number| sessions.begin(anna(), secret(number), Timestamp::from_millis(number as i64)))
            .collect();
        let now = Timestamp::from_millis(SESSIONS_MAX as i64);
        assert!(sessions.of_request(&with_cookie(&all[0]), now).is_none());
        assert!(sessions.of_request(&with_cookie(&all[1]), now).is_some());
        sessions.end_all_of(&anna().0, "anna");
        assert!(sessions.of_request(&with_cookie(&all[1]), now).is_none());
    }
}
