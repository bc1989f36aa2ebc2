//! One request: who asks, where it goes, what may be kept of it, and the answer on its way back.
//!
//! The order is the promise. The request goes upstream before anything is decided about keeping it, and nothing
//! that is decided changes a byte of it or of its answer but the header `candor-capture` (N5).

use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use candor_conversation::{Region, SubjectId, TenantId};
use candor_vault::Author;
use candor_wire::request::Hints;
use candor_wire::surface::{ErrorKind, Namespace, Surface};
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, Version};

use crate::answer::{Answer, Treatment};
use crate::body::{BodyError, RequestBody, RequestBounds, Seen};
use crate::decide::{self, Decision, Question};
use crate::edit::{self, AnswerKind, Edit};
use crate::gateway::{Current, Gateway};
use crate::guarding::{self, Asking, Guarded};
use crate::headers::{CAPTURE, end_to_end, for_upstream, without_range};
use crate::identity::{Speaker, UpstreamCredential};
use crate::masks::Scope;
use crate::record::{Ended, Record, Trace};
use crate::refusal::Refusal;
use crate::route::Found;
use crate::settings::{Guarding, Masking};
use crate::telemetry;

/// Answers a request, always: what goes wrong is told in the provider's own words.
pub(crate) async fn answer(
    gateway: Arc<Gateway>,
    request: Request<Incoming>,
    peer: IpAddr,
) -> Response<Answer> {
    let current = gateway.current();
    let mut record = Record::start(Arc::clone(&gateway), request.method().clone());
    match relay(&gateway, &current, (request, peer), &mut record).await {
        Ok((response, treatment)) => {
            let (parts, upstream) = response.into_parts();
            Response::from_parts(parts, Answer::relayed(upstream, treatment, record))
        }
        Err(refusal) => {
            record.answered(refusal.status());
            record.exchange = None;
            record.end(Ended::Refused, None);
            refusal.into_response()
        }
    }
}

async fn relay(
    gateway: &Arc<Gateway>,
    current: &Current,
    (request, peer): (Request<Incoming>, IpAddr),
    record: &mut Record,
) -> Result<(Response<Incoming>, Treatment), Refusal> {
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let found = find(current, &parts, &path)?;
    let surface = Surface::of(parts.method.as_str(), found.path);
    record.surface = surface;
    let region = current.identifier.region(&parts.headers, peer);
    let speaker = identify(gateway, current, (&parts.headers, peer), &found)?;
    refuse_elsewhere(gateway, current, (&speaker, region.as_ref()), &found)?;
    record.key = speaker.key.clone();
    record.tenant = speaker.tenant.as_ref().map(ToString::to_string);
    let guarding = (found.upstream.route.guard, current.settings.guard.before_ready);
    guarding::awaits(&gateway.guard, guarding, (surface, found.namespace))?;
    // Read after they have gone upstream, changed.
    let asked = decide::is_conversation(surface).then(|| parts.headers.clone());
    current.identifier.strip(&mut parts.headers);
    let passes_own = speaker.key.as_ref().is_some_and(|key| key.upstream == UpstreamCredential::Pass);
    let key = if passes_own { None } else { found.upstream.key(found.namespace) };
    let is_searched = surface.is_stored() && found.upstream.route.is_treated();
    for_upstream(&mut parts.headers, key.as_ref(), is_searched || asked.is_some());
    if is_searched {
        without_range(&mut parts.headers);
    }
    let (body, seen, mask) =
        prepare(gateway, current, (&found, surface, &speaker), (&mut parts.headers, body)).await?;
    let outgoing = outgoing(parts, &found, body)?;

    let mut sending = pin!(found.upstream.client.request(outgoing));
    let early = std::future::poll_fn(|context| Poll::Ready(sending.as_mut().poll(context))).await;
    let ask = |seen: &Option<Seen>| {
        let (seen, headers) = seen.as_ref().zip(asked.as_ref())?;
        let route = &found.upstream.route;
        let region = region.as_ref();
        let question = Question { current, headers, speaker: &speaker, surface, route, region };
        Some(decide::decide(gateway, question, seen))
    };
    // A body that is here already is read while the upstream thinks.
    let decided = if seen.as_ref().is_some_and(Seen::is_whole) { ask(&seen) } else { None };
    let limit = current.settings.limits.first_byte();
    let waited = match early {
        Poll::Ready(response) => Ok(response),
        Poll::Pending => tokio::time::timeout(limit, sending).await,
    };
    let response = waited
        .map_err(|_| {
            refuse(&found, ErrorKind::Timeout, format!("the model did not answer within {limit:?}"))
        })?
        .map_err(|error| unreachable(&found, &error))?;
    let decision = decided.or_else(|| ask(&seen));
    finish(gateway, current, (response, decision, mask), (&found, record), (asked.as_ref(), &speaker))
}

fn find<'a>(current: &Current, parts: &Parts, path: &'a str) -> Result<Found<'a>, Refusal> {
    let speaks_anthropic = parts.headers.contains_key("anthropic-version");
    let refusal = |kind, text: &str| Refusal::new(Namespace::of(path, speaks_anthropic), kind, text);
    if parts.method == Method::CONNECT || crate::route::is_devious(parts.uri.path()) {
        return Err(refusal(ErrorKind::Invalid, "this path cannot be relayed"));
    }
    let found = current.routes.find(path, speaks_anthropic);
    let found = found.ok_or_else(|| refusal(ErrorKind::NotFound, "no route of this gateway leads there"))?;
    if current.routes.is_certain((&found, &parts.method), (path, speaks_anthropic)) {
        Ok(found)
    } else {
        Err(refusal(
            ErrorKind::NotFound,
            "no such path: write it without empty segments and needless encoding",
        ))
    }
}

fn identify(
    gateway: &Gateway,
    current: &Current,
    (headers, peer): (&HeaderMap, IpAddr),
    found: &Found<'_>,
) -> Result<Speaker, Refusal> {
    let now_seconds = (gateway.now().millis() / 1000).max(0) as u64;
    let speaker = current
        .identifier
        .identify(headers, peer, now_seconds)
        .map_err(|refused| refuse(found, ErrorKind::Authentication, refused.to_string()))?;
    if speaker.untrusted_header {
        gateway.metrics.untrusted_identity.inc();
    }
    current.limits.check(speaker.key.as_deref(), gateway.uptime()).map_err(|after| {
        let mut refusal = refuse(found, ErrorKind::RateLimit, "too many requests with this key");
        refusal.retry_after_seconds = Some(after.0);
        refusal
    })?;
    Ok(speaker)
}

/// Refuses whoever is where the service is not offered: where the request comes from, if that is known, else where
/// whoever asks signed up. A person whom only the body names is not known here yet.
fn refuse_elsewhere(
    gateway: &Gateway,
    current: &Current,
    (speaker, region): (&Speaker, Option<&Region>),
    found: &Found<'_>,
) -> Result<(), Refusal> {
    let Some(policy) = gateway.policy() else { return Ok(()) };
    let rules = policy.notices().rules();
    if rules.not_served.is_empty() {
        return Ok(());
    }
    let author =
        speaker.subject.as_ref().map(|name| policy.author(decide::tenant_of(current, speaker), name));
    let signed_up = match &author {
        Some(Author::Person(person)) => person.subject.profile.region.as_ref(),
        _ => None,
    };
    rules.not_served_in(region.or(signed_up)).map_or(Ok(()), |there| {
        let text = format!("this service is not offered in {there}, where this request or account is from");
        Err(refuse(found, ErrorKind::Permission, text))
    })
}

/// A body whose search takes long enough for others to notice, in bytes.
const LONG_BYTES: usize = 256 << 10;

/// The body on its way: as it is, unless the route changes every request.
async fn prepare(
    gateway: &Gateway,
    current: &Current,
    (found, surface, speaker): (&Found<'_>, Surface, &Speaker),
    (headers, body): (&mut HeaderMap, Incoming),
) -> Result<(RequestBody, Option<Seen>, Option<edit::Masked>), Refusal> {
    let limits = &current.settings.limits;
    let bounds = RequestBounds {
        bytes_max: limits.body_bytes_max,
        copied_bytes_max: current.settings.capture.exchange_bytes_max,
        idle: limits.body_idle(),
    };
    let is_read = decide::is_conversation(surface);
    let route = &found.upstream.route;
    let failed = |error: BodyError| match error {
        BodyError::TooLarge(_) => refuse(found, ErrorKind::TooLarge, error.to_string()),
        BodyError::Idle(_) => refuse(found, ErrorKind::Timeout, error.to_string()),
        BodyError::Broken(_) => refuse(found, ErrorKind::Invalid, "the request's body broke off"),
    };
    let is_prompt = is_read || matches!(surface, Surface::CountTokens | Surface::Embeddings);
    let masks = is_prompt && route.masking != Masking::Off;
    if !(masks || is_read && route.force_store_false) {
        let (body, seen) = RequestBody::new(body, is_read, bounds).await.map_err(failed)?;
        return Ok((body, seen, None));
    }
    let bytes = RequestBody::collect(body, bounds).await.map_err(failed)?;
    let seen = is_read.then(|| Seen::whole(&bytes, bounds.copied_bytes_max));
    let change =
        || edit::request(gateway, (route, surface), (&bytes, |hints| scope((current, speaker), hints)));
    // The other requests of this thread go on meanwhile.
    let is_long = bytes.len() > LONG_BYTES;
    let changed = if is_long { tokio::task::block_in_place(change) } else { change() };
    let changed = changed.map_err(|reason| refuse(found, ErrorKind::Invalid, reason))?;
    let bytes = changed.bytes.unwrap_or(bytes);
    if headers.contains_key(CONTENT_LENGTH) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    }
    Ok((RequestBody::Whole(Some(bytes)), seen, changed.masked))
}

/// Whose conversations a speaker may go on with.
fn scope((current, speaker): (&Current, &Speaker), hints: &Hints) -> Scope {
    Scope {
        tenant: decide::tenant_of(current, speaker).clone(),
        key: speaker.key.as_ref().map(|key| key.name.clone()),
        person: speaker.subject_with(hints),
    }
}

fn outgoing(parts: Parts, found: &Found<'_>, body: RequestBody) -> Result<Request<RequestBody>, Refusal> {
    let uri = found.upstream.uri(found.path);
    let uri = uri.ok_or_else(|| refuse(found, ErrorKind::Invalid, "this path cannot be relayed"))?;
    let mut request = Request::new(body);
    *request.method_mut() = parts.method;
    *request.uri_mut() = uri;
    *request.version_mut() = Version::HTTP_11;
    *request.headers_mut() = parts.headers;
    Ok(request)
}

/// What is said about keeping an answer that is fetched later: it was decided about when it was asked for, and is not
/// kept again.
const FETCHED: &str = "fetched";
const FETCHED_CAPTURE: &str = "withheld; reason=fetched";

/// The answer's headers, and how its body is treated.
fn finish(
    gateway: &Arc<Gateway>,
    current: &Current,
    (mut response, decision, mut mask): (Response<Incoming>, Option<Decision>, Option<edit::Masked>),
    (found, record): (&Found<'_>, &mut Record),
    (asked, speaker): (Option<&HeaderMap>, &Speaker),
) -> Result<(Response<Incoming>, Treatment), Refusal> {
    record.answered(response.status().as_u16());
    let is_success = response.status().is_success();
    let is_stream = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    // An upstream's version is that of its own connection: a client of ours is not to lose the end of a body by it.
    *response.version_mut() = Version::HTTP_11;
    let headers = response.headers_mut();
    end_to_end(headers);
    headers.remove(CAPTURE);
    let tenant = decide::tenant_of(current, speaker);
    let mut copied_bytes_max = None;
    let mut guarded = None;
    if let Some(decision) = decision {
        headers.insert(CAPTURE, decision.header());
        record.decision = Some(decision.code());
        record.subject = decision.asker;
        record.trace = asked.and_then(|asked| trace(gateway, (&decision, found), asked));
        guarded = guard(gateway, found, (tenant, decision.asker, decision.request()));
        if let Some(mut exchange) = decision.exchange {
            exchange.answer_is_stream = is_stream;
            copied_bytes_max = exchange.keeps_answer().then_some(current.settings.capture.exchange_bytes_max);
            record.exchange = Some(exchange);
        }
    }
    if record.surface.is_stored() {
        headers.insert(CAPTURE, HeaderValue::from_static(FETCHED_CAPTURE));
        record.decision = Some(FETCHED);
        let asker = decide::asker_of(gateway, tenant, speaker);
        guarded = guard(gateway, found, (tenant, asker, None));
        mask = edit::of_stored(
            gateway,
            &found.upstream.route,
            (scope((current, speaker), &Hints::default()), found.path),
        );
    }
    let must_be_read = matches!(found.upstream.route.guard, Guarding::Mask | Guarding::Stop);
    let is_encoded = headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity");
    if guarded.is_some() && must_be_read && is_encoded {
        return Err(refuse(
            found,
            ErrorKind::Upstream,
            "the model's answer is compressed and cannot be checked",
        ));
    }
    let edits = guarded.is_some() || mask.is_some();
    let edit = edits.then(|| {
        let namespace = found.namespace;
        let kind = AnswerKind { surface: record.surface, namespace, is_stream, is_success };
        Edit::new(gateway, kind, mask, guarded)
    });
    if edit.is_some() {
        headers.remove(CONTENT_LENGTH);
    }
    let idle = current.settings.limits.stream_idle();
    Ok((response, Treatment { surface: record.surface, is_stream, edit, copied_bytes_max, idle }))
}

/// What is told of an exchange to those who trace requests: settings and numbers, never content.
fn trace(
    gateway: &Gateway,
    (decision, found): (&Decision, &Found<'_>),
    asked: &HeaderMap,
) -> Option<Box<Trace>> {
    if !gateway.ways.spans.are_wanted() {
        return None;
    }
    let request = decision.request();
    let (trace, parent) = telemetry::parent_of(asked).unzip();
    let sampling = request.map(|request| &request.sampling);
    let values = sampling.map(|sampling| {
        [
            ("gen_ai.request.temperature", sampling.temperature),
            ("gen_ai.request.top_p", sampling.top_p),
            ("gen_ai.request.top_k", sampling.top_k),
            ("gen_ai.request.max_tokens", sampling.max_tokens.map(|count| count as f64)),
            ("gen_ai.request.choice.count", sampling.choices.map(|count| count as f64)),
        ]
    });
    let values = values.into_iter().flatten();
    Some(Box::new(Trace {
        trace: trace.unwrap_or_else(|| gateway.random()),
        parent,
        provider: if found.namespace == Namespace::Anthropic { "anthropic" } else { "openai" },
        server: found.upstream.route.upstream.host().unwrap_or_default().to_owned(),
        model: request.and_then(|request| request.model.clone()),
        stream: request.is_some_and(|request| request.stream),
        sampling: values.filter_map(|(key, value)| value.map(|value| (key, value))).collect(),
    }))
}

/// What the answer is checked against, where the route asks for it.
fn guard(
    gateway: &Gateway,
    found: &Found<'_>,
    (tenant, asker, request): (&TenantId, Option<SubjectId>, Option<&Arc<candor_wire::request::Request>>),
) -> Option<Arc<Guarded>> {
    let now_ms = gateway.uptime().as_millis() as u64;
    let asking = Asking { tenant, asker, request, now_ms };
    let shared = (&gateway.guard, &gateway.metrics, &gateway.engine);
    Guarded::new(shared, found.upstream.route.guard, &asking).map(Arc::new)
}

fn refuse(found: &Found<'_>, kind: ErrorKind, text: impl Into<String>) -> Refusal {
    Refusal::new(found.namespace, kind, text)
}

fn unreachable(found: &Found<'_>, error: &hyper_util::client::legacy::Error) -> Refusal {
    let what = if error.is_connect() { "could not be reached" } else { "broke off before it answered" };
    // A body that the client never sent whole is no fault of the upstream.
    let cause = std::error::Error::source(error).and_then(|e| e.source());
    match cause.and_then(|cause| cause.downcast_ref::<BodyError>()) {
        Some(BodyError::TooLarge(max)) => {
            refuse(found, ErrorKind::TooLarge, BodyError::TooLarge(*max).to_string())
        }
        Some(BodyError::Idle(time)) => refuse(found, ErrorKind::Timeout, BodyError::Idle(*time).to_string()),
        _ => refuse(found, ErrorKind::Upstream, format!("the model {what}")),
    }
}
