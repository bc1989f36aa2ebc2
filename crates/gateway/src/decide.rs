//! The decision about keeping an exchange, from what is in memory.

use std::sync::Arc;

use bytes::Bytes;
use candor_consent::Reason;
use candor_conversation::{Region, SubjectId, TenantId, Timestamp};
use candor_vault::{Author, Lowered, Spoken};
use candor_wire::capture_header;
use candor_wire::opt_out::read_headers;
use candor_wire::request::{Request, read_request};
use candor_wire::surface::Surface;
use hyper::header::{HeaderMap, HeaderValue};

use crate::body::Seen;
use crate::exchange::Exchange;
use crate::gateway::{Current, Gateway};
use crate::identity::Speaker;
use crate::settings::{Guarding, Route};
use crate::signals::lowered;

/// Whether people talk on a surface. Only there anything is read or kept.
pub(crate) fn is_conversation(surface: Surface) -> bool {
    matches!(surface, Surface::Chat | Surface::Responses | Surface::Messages | Surface::Completions)
}

/// What the decision is made from, beside the body.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) current: &'a Current,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) speaker: &'a Speaker,
    pub(crate) surface: Surface,
    pub(crate) route: &'a Route,
    /// Where the request comes from, if a believed address says so.
    pub(crate) region: Option<&'a Region>,
}

/// What was decided.
pub(crate) struct Decision {
    header: HeaderValue,
    code: &'static str,
    /// Who asks, if they are known.
    pub(crate) asker: Option<SubjectId>,
    /// What may be kept.
    pub(crate) exchange: Option<Box<Exchange>>,
    /// What was asked, where it may not be kept: for the guard, which forgets it with the answer.
    unkept: Option<Arc<Request>>,
}

impl Decision {
    fn withheld(code: &'static str) -> Self {
        let header = HeaderValue::try_from(capture_header::withheld(code));
        let header = header.unwrap_or(HeaderValue::from_static("withheld"));
        Self { header, code, asker: None, exchange: None, unkept: None }
    }

    fn kept(exchange: Exchange) -> Self {
        let purposes: Vec<&'static str> =
            exchange.permits.all().iter().map(|permit| permit.purpose().as_str()).collect();
        let header = HeaderValue::try_from(capture_header::kept(&purposes));
        let header = header.unwrap_or(HeaderValue::from_static("kept"));
        let exchange = Some(Box::new(exchange));
        Self { header, code: "kept", asker: None, exchange, unkept: None }
    }

    /// What was asked, if it could be read.
    pub(crate) fn request(&self) -> Option<&Arc<Request>> {
        self.exchange.as_ref().map(|exchange| &exchange.request).or(self.unkept.as_ref())
    }

    /// What the client is told: the decision, not a promise that it is on disk.
    pub(crate) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// `kept`, or the reason why not.
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }
}

/// Among whose people somebody speaks.
pub(crate) fn tenant_of<'a>(current: &'a Current, speaker: &'a Speaker) -> &'a TenantId {
    speaker.tenant.as_ref().unwrap_or(&current.settings.capture.tenant)
}

/// The person who speaks, where something stronger than a body names one.
pub(crate) fn asker_of(gateway: &Gateway, tenant: &TenantId, speaker: &Speaker) -> Option<SubjectId> {
    match gateway.policy()?.author(tenant, speaker.subject.as_deref()?) {
        Author::Person(person) => Some(person.subject.id),
        Author::Erased | Author::Nobody => None,
    }
}

/// Decides. What is withheld is dropped with the copy it was read from.
pub(crate) fn decide(gateway: &Gateway, question: Question<'_>, seen: &Seen) -> Decision {
    let capture = &question.current.settings.capture;
    let nobody_asks = question.route.guard == Guarding::Off && !gateway.ways.spans.are_wanted();
    if !capture.enabled && nobody_asks {
        drop(seen.take());
        return Decision::withheld("capture-off");
    }
    let speaker = question.speaker;
    let tenant = tenant_of(question.current, speaker);
    let (body, request) = match read(question.surface, seen) {
        Ok(read) => read,
        Err(code) => return Decision::withheld(code),
    };
    let subject = speaker.subject_with(&request.hints);
    match (subject, gateway.policy()) {
        (_, _) if !capture.enabled => unkept("capture-off", request),
        (_, None) => unkept("no-policy", request),
        (Some(subject), Some(policy)) => {
            let author = policy.author(tenant, &subject);
            let spoken = spoken(&question, &request, gateway.now());
            let ruling = policy.rule(&author, &spoken);
            let asker = match &author {
                Author::Person(person) => Some(person.subject.id),
                Author::Erased | Author::Nobody => None,
            };
            if let Some(asker) = asker.filter(|_| spoken.lowered != Lowered::Nothing) {
                gateway.signals.note(asker, question.headers, &request, spoken.at);
            }
            let rules = policy.notices().rules();
            let is_kept_nowhere = question.region.is_some() && rules.keeps_nothing_from(question.region);
            let ruling = if is_kept_nowhere { Err(Reason::RegionNotKept) } else { ruling };
            let mut decision = match (ruling, author) {
                (Ok(permits), Author::Person(author)) => Decision::kept(Exchange {
                    tenant: tenant.clone(),
                    author,
                    spoken,
                    permits,
                    surface: question.surface,
                    conversation: conversation_of(question.headers, &request),
                    distillable: question.route.distillable,
                    answer_is_stream: false,
                    request_bytes: body.len(),
                    body: Exchange::body_with_files(&request, body),
                    request,
                }),
                (Ok(_), _) => unkept(Reason::UnknownSubject.code(), request),
                (Err(reason), _) => unkept(reason.code(), request),
            };
            decision.asker = asker;
            decision
        }
        (None, Some(_)) => unkept(Reason::UnknownSubject.code(), request),
    }
}

/// The request and its bytes, or why there is no reading it.
fn read(surface: Surface, seen: &Seen) -> Result<(Bytes, Arc<Request>), &'static str> {
    let body = seen.take().into_bytes().ok_or("unread")?;
    let request = read_request(surface, &body).map_err(|_| "unreadable")?;
    Ok((body, Arc::new(request)))
}

fn unkept(code: &'static str, request: Arc<Request>) -> Decision {
    Decision { unkept: Some(request), ..Decision::withheld(code) }
}

/// The facts of this request: what it asks for can only lower what may be kept (N4).
fn spoken(question: &Question<'_>, request: &Request, now: Timestamp) -> Spoken {
    let headers = question.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let (in_headers, _) = read_headers(headers);
    let lowered = lowered(in_headers.max(request.opt_out));
    Spoken { at: now, now, lowered, tier: None, region: None, age: None }
}

/// Headers in which clients name a conversation.
const CONVERSATION_HEADERS: [&str; 5] = [
    "candor-conversation",
    "x-openwebui-chat-id",
    "x-claude-code-session-id",
    "x-opencode-session",
    "session_id",
];
/// Longest name of a conversation, in bytes.
const CONVERSATION_BYTES_MAX: usize = 256;

fn conversation_of(headers: &HeaderMap, request: &Request) -> Option<String> {
    let in_headers = CONVERSATION_HEADERS.iter().find_map(|name| headers.get(*name)?.to_str().ok());
    let named = in_headers.map(str::to_owned);
    let named =
        named.or_else(|| request.hints.conversation.clone()).or_else(|| request.hints.session.clone());
    named.filter(|name| !name.is_empty() && name.len() <= CONVERSATION_BYTES_MAX)
}
