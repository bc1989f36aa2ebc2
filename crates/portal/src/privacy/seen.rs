//! Evidence of what was shown: each form of a choice brings back, under a seal of its session, which form it was and
//! when it was shown. The record of the answer holds it, and so does the receipt.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use candor_consent::{Evidence, Method, NoticeVersion, Purpose};
use candor_conversation::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::locale::Locale;
use crate::refusal::Refusal;
use crate::session::Session;

/// The field of a form that holds the evidence.
pub(super) const SEEN: &str = "seen";

/// What a form asks, and of whom.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) session: &'a Session,
    pub(crate) locale: Locale,
    pub(crate) notice: NoticeVersion,
    pub(crate) now: Timestamp,
}

/// What only this session can send back.
#[derive(Default)]
pub(crate) struct Secrets {
    pub(crate) form_token: String,
    pub(crate) seen: String,
}

/// Writes a form twice: without its secrets, which gives the hash of what is shown, then with them.
pub(crate) fn form(
    asking: Asking<'_>,
    purpose: Purpose,
    write: impl Fn(&Secrets) -> askama::Result<String>,
) -> Result<String, Refusal> {
    let broken = |_| Refusal::Broken("write form of a choice");
    let layout = URL_SAFE_NO_PAD.encode(Sha256::digest(write(&Secrets::default()).map_err(broken)?));
    let clear = format!("{}.{}.{layout}", asking.locale.tag(), asking.now.millis());
    let mac = seal(asking.session, (purpose, asking.notice), &clear).ok_or(Refusal::Broken("seal form"))?;
    let seen = format!("{clear}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
    write(&Secrets { form_token: asking.session.form_token.clone(), seen }).map_err(broken)
}

/// What a form brought back, if it is one that this session was shown about this purpose and notice.
pub(super) fn open(session: &Session, about: (Purpose, NoticeVersion), seen: &str) -> Option<Evidence> {
    let (clear, mac) = seen.rsplit_once('.')?;
    seal(session, about, clear)?.verify_slice(&URL_SAFE_NO_PAD.decode(mac).ok()?).ok()?;
    let mut parts = clear.splitn(3, '.');
    let (locale, shown_at, layout) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Evidence {
        method: Method::Form,
        locale: locale.to_owned(),
        layout: Some(URL_SAFE_NO_PAD.decode(layout).ok()?.try_into().ok()?),
        shown_at: Timestamp::from_millis(shown_at.parse().ok()?),
        despite: None,
    })
}

fn seal(session: &Session, (purpose, notice): (Purpose, NoticeVersion), clear: &str) -> Option<Hmac<Sha256>> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(session.form_token.as_bytes()).ok()?;
    mac.update(format!("candor-seen-1 {purpose} {notice} {clear}").as_bytes());
    Some(mac)
}
