//! Which of the providers' interfaces a request speaks to, and how errors look there.

use serde::Serialize;

use crate::path::normal_form;

/// An interface that we can read. Everything else is relayed unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Surface {
    /// `POST /v1/chat/completions`.
    Chat,
    /// `POST /v1/responses`.
    Responses,
    /// `POST /v1/messages`.
    Messages,
    /// `POST /v1/completions`, the old text interface.
    Completions,
    /// `POST /v1/embeddings`.
    Embeddings,
    /// `POST /v1/messages/count_tokens`.
    CountTokens,
    /// `GET /v1/models` and `GET /v1/models/{id}`.
    Models,
    /// What is below `/v1/responses`, and `/v1/conversations`: answers and conversations that the provider stored.
    StoredResponses,
    /// Stored chat completions: `GET /v1/chat/completions`, and what is below.
    StoredChat,
    /// Files in which answers may stand, one in a line: `GET /v1/files/{id}/content`, also of containers, and
    /// `GET /v1/messages/batches/{id}/results`.
    StoredFile,
    /// Anything else: relayed, never read.
    Other,
}

impl Surface {
    /// The surface of a request from its method and path, however the path is spelt: an upstream may take
    /// `/v1//Chat/completions/` for what it resembles. A query after `?` is ignored.
    ///
    /// ```
    /// use candor_wire::surface::Surface;
    ///
    /// assert_eq!(Surface::of("POST", "/v1/chat/completions"), Surface::Chat);
    /// assert_eq!(Surface::of("POST", "/v1//chat%2Fcompletions/?a=b"), Surface::Chat);
    /// assert_eq!(Surface::of("GET", "/v1/chat/completions/chat_1"), Surface::StoredChat);
    /// ```
    pub fn of(method: &str, path: &str) -> Self {
        let path = normal_form(path).to_ascii_lowercase();
        let words: Vec<&str> = path.split('/').skip(1).collect();
        let mut found = Surface::Other;
        for words in below_roots(&words) {
            found = match (method, words) {
                ("POST", ["chat", "completions"]) => Surface::Chat,
                ("POST", ["responses"]) => Surface::Responses,
                ("POST", ["messages"]) => Surface::Messages,
                ("POST", ["completions"]) => Surface::Completions,
                ("POST", ["embeddings"]) => Surface::Embeddings,
                ("POST", ["messages", "count_tokens"]) => Surface::CountTokens,
                (_, ["responses" | "conversations", ..]) => Surface::StoredResponses,
                (_, ["chat", "completions", ..]) => Surface::StoredChat,
                ("GET", ["files" | "containers", .., "content"]) => Surface::StoredFile,
                ("GET", ["messages", "batches", .., "results"]) => Surface::StoredFile,
                // Below it there may be a root again.
                ("GET", ["models", ..]) => {
                    found = Surface::Models;
                    continue;
                }
                _ => continue,
            };
            return found;
        }
        found
    }

    /// Whether it gives what a model said earlier.
    pub fn is_stored(self) -> bool {
        matches!(self, Surface::StoredResponses | Surface::StoredChat | Surface::StoredFile)
    }

    /// The surface in whose events it streams.
    pub fn streamed(self) -> Self {
        match self {
            Surface::StoredResponses => Surface::Responses,
            Surface::StoredChat => Surface::Chat,
            other => other,
        }
    }

    /// The id of the stored answer or conversation that a path leads to.
    ///
    /// ```
    /// use candor_wire::surface::Surface;
    ///
    /// assert_eq!(Surface::stored_id("/v1/responses/resp_1/input_items?limit=9").as_deref(), Some("resp_1"));
    /// ```
    pub fn stored_id(path: &str) -> Option<String> {
        let path = normal_form(path);
        let lower = path.to_ascii_lowercase();
        let words: Vec<&str> = lower.split('/').skip(1).collect();
        let after = below_roots(&words).find_map(|words| match words {
            ["responses" | "conversations", after @ ..] | ["chat", "completions", after @ ..] => {
                Some(after.len())
            }
            _ => None,
        });
        // Ids keep their case.
        path.split('/').skip(1).nth(words.len() - after?).map(str::to_owned)
    }

    /// Its name in telemetry.
    pub fn as_str(self) -> &'static str {
        match self {
            Surface::Chat => "chat",
            Surface::Responses => "responses",
            Surface::Messages => "messages",
            Surface::Completions => "completions",
            Surface::Embeddings => "embeddings",
            Surface::CountTokens => "count_tokens",
            Surface::Models => "models",
            Surface::StoredResponses => "stored-responses",
            Surface::StoredChat => "stored-chat",
            Surface::StoredFile => "stored-file",
            Surface::Other => "other",
        }
    }
}

/// Whose conventions apply: errors, headers, credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Namespace {
    /// `/v1/...` as OpenAI has it.
    OpenAi,
    /// `/v1/messages...`, and shared paths when the client sends an `anthropic-version` header.
    Anthropic,
}

impl Namespace {
    /// The namespace of a path. `speaks_anthropic` tells whether the request had an `anthropic-version` header,
    /// which decides for the paths that both have (`/v1/models`, `/v1/files`).
    pub fn of(path: &str, speaks_anthropic: bool) -> Self {
        let path = normal_form(path).to_ascii_lowercase();
        let words: Vec<&str> = path.split('/').skip(1).collect();
        let known = below_roots(&words).find_map(|words| match words.first()? {
            &"messages" | &"complete" => Some(Namespace::Anthropic),
            &"chat" | &"responses" | &"completions" | &"embeddings" | &"conversations" => {
                Some(Namespace::OpenAi)
            }
            _ => None,
        });
        known.unwrap_or(if speaks_anthropic { Namespace::Anthropic } else { Namespace::OpenAi })
    }
}

/// What follows where the providers' paths may begin: at the root, after a version (`v1`, `v4`, `v1beta`), after
/// `openai`, and after `deployments/NAME` as Azure has it.
fn below_roots<'a>(words: &'a [&'a str]) -> impl Iterator<Item = &'a [&'a str]> {
    let is_root = |at: &usize| match words[..*at] {
        [] | [.., "openai"] | [.., "deployments", _] => true,
        [.., last] => {
            last.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        }
    };
    (0..words.len()).filter(is_root).map(|at| &words[at..])
}

/// Why we answer instead of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request makes no sense, or contradicts itself.
    Invalid,
    /// No key, or one that is not known.
    Authentication,
    /// A key that does not permit this.
    Permission,
    /// No route leads there.
    NotFound,
    /// More bytes than the limit.
    TooLarge,
    /// More requests than the limit.
    RateLimit,
    /// A fault of ours.
    Internal,
    /// The upstream could not be reached, or broke off.
    Upstream,
    /// Too busy: retry later.
    Overloaded,
    /// The upstream took longer than the limit.
    Timeout,
}

impl ErrorKind {
    /// HTTP status as the provider would give it; SDKs choose their exception by it.
    pub fn status(self, namespace: Namespace) -> u16 {
        match (self, namespace) {
            (ErrorKind::Invalid, _) => 400,
            (ErrorKind::Authentication, _) => 401,
            (ErrorKind::Permission, _) => 403,
            (ErrorKind::NotFound, _) => 404,
            (ErrorKind::TooLarge, _) => 413,
            (ErrorKind::RateLimit, _) => 429,
            (ErrorKind::Internal, _) => 500,
            (ErrorKind::Upstream, _) => 502,
            (ErrorKind::Overloaded, Namespace::OpenAi) => 503,
            (ErrorKind::Overloaded, Namespace::Anthropic) => 529,
            (ErrorKind::Timeout, _) => 504,
        }
    }

    fn openai_type(self) -> &'static str {
        match self {
            ErrorKind::Invalid | ErrorKind::Authentication | ErrorKind::NotFound | ErrorKind::TooLarge => {
                "invalid_request_error"
            }
            ErrorKind::Permission => "permission_error",
            ErrorKind::RateLimit => "requests",
            ErrorKind::Internal | ErrorKind::Upstream | ErrorKind::Overloaded | ErrorKind::Timeout => {
                "server_error"
            }
        }
    }

    fn openai_code(self) -> Option<&'static str> {
        match self {
            ErrorKind::Invalid | ErrorKind::Internal => None,
            ErrorKind::Authentication => Some("invalid_api_key"),
            ErrorKind::Permission => Some("permission_denied"),
            ErrorKind::NotFound => Some("not_found"),
            ErrorKind::TooLarge => Some("request_too_large"),
            ErrorKind::RateLimit => Some("rate_limit_exceeded"),
            ErrorKind::Upstream => Some("upstream_unavailable"),
            ErrorKind::Overloaded => Some("overloaded"),
            ErrorKind::Timeout => Some("timeout"),
        }
    }

    fn anthropic_type(self) -> &'static str {
        match self {
            ErrorKind::Invalid => "invalid_request_error",
            ErrorKind::Authentication => "authentication_error",
            ErrorKind::Permission => "permission_error",
            ErrorKind::NotFound => "not_found_error",
            ErrorKind::TooLarge => "request_too_large",
            ErrorKind::RateLimit => "rate_limit_error",
            ErrorKind::Internal | ErrorKind::Upstream => "api_error",
            ErrorKind::Overloaded => "overloaded_error",
            ErrorKind::Timeout => "timeout_error",
        }
    }
}

/// Status and JSON body of an error, in the namespace's own envelope.
///
/// ```
/// use candor_wire::surface::{ErrorKind, Namespace, error_body};
///
/// let (status, body) = error_body(Namespace::Anthropic, ErrorKind::NotFound, "no such model");
/// assert_eq!(status, 404);
/// assert!(body.starts_with(br#"{"type":"error","error":{"type":"not_found_error","#));
/// ```
pub fn error_body(namespace: Namespace, kind: ErrorKind, message: &str) -> (u16, Vec<u8>) {
    let body = match namespace {
        Namespace::OpenAi => json(&OpenAiBody { error: OpenAiError::new(kind, message) }),
        Namespace::Anthropic => json(&AnthropicBody::new(kind, message)),
    };
    (kind.status(namespace), body)
}

/// The event that ends a stream with an error, for a stream whose status line has gone out already.
///
/// The caller closes a half-sent event with a blank line first.
pub fn error_event(surface: Surface, kind: ErrorKind, message: &str) -> Vec<u8> {
    let (name, body) = match surface.streamed() {
        Surface::Messages | Surface::CountTokens => ("error", json(&AnthropicBody::new(kind, message))),
        Surface::Responses => ("error", json(&ResponsesError::new(kind, message))),
        _ => ("", json(&OpenAiBody { error: OpenAiError::new(kind, message) })),
    };
    let mut event = Vec::with_capacity(body.len() + 32);
    if !name.is_empty() {
        event.extend_from_slice(b"event: ");
        event.extend_from_slice(name.as_bytes());
        event.push(b'\n');
    }
    event.extend_from_slice(b"data: ");
    event.extend_from_slice(&body);
    event.extend_from_slice(b"\n\n");
    event
}

/// Strings and a few nulls always serialise, so the fallback is never seen.
fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_else(|_| b"{}".to_vec())
}

#[derive(Serialize)]
struct OpenAiBody<'a> {
    error: OpenAiError<'a>,
}

#[derive(Serialize)]
struct OpenAiError<'a> {
    message: &'a str,
    r#type: &'static str,
    param: Option<&'a str>,
    code: Option<&'static str>,
}

impl<'a> OpenAiError<'a> {
    fn new(kind: ErrorKind, message: &'a str) -> Self {
        Self { message, r#type: kind.openai_type(), param: None, code: kind.openai_code() }
    }
}

#[derive(Serialize)]
struct ResponsesError<'a> {
    r#type: &'static str,
    code: Option<&'static str>,
    message: &'a str,
    param: Option<&'a str>,
    sequence_number: u64,
}

impl<'a> ResponsesError<'a> {
    fn new(kind: ErrorKind, message: &'a str) -> Self {
        let code = kind.openai_code().or(Some("server_error"));
        Self { r#type: "error", code, message, param: None, sequence_number: 0 }
    }
}

#[derive(Serialize)]
struct AnthropicBody<'a> {
    r#type: &'static str,
    error: AnthropicError<'a>,
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct AnthropicError<'a> {
    r#type: &'static str,
    message: &'a str,
}

impl<'a> AnthropicBody<'a> {
    fn new(kind: ErrorKind, message: &'a str) -> Self {
        let error = AnthropicError { r#type: kind.anthropic_type(), message };
        Self { r#type: "error", error, request_id: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_their_surface() {
        let cases = [
            ("POST", "/v1/chat/completions?x=1", Surface::Chat),
            ("POST", "/v1/chat/completions/", Surface::Chat),
            ("POST", "/v1/responses", Surface::Responses),
            ("GET", "/v1/responses/resp_1?stream=true", Surface::StoredResponses),
            ("POST", "/v1/responses/compact", Surface::StoredResponses),
            ("GET", "/v1/conversations/conv_1/items", Surface::StoredResponses),
            ("GET", "/v1/chat/completions", Surface::StoredChat),
            ("GET", "/v1/chat/completions/chat_1/messages", Surface::StoredChat),
            ("GET", "/v1/files/file_1/content", Surface::StoredFile),
            ("GET", "/v1/files/file_1", Surface::Other),
            ("GET", "/v1/messages/batches/b_1/results", Surface::StoredFile),
            ("GET", "/v1/messages/batches/b_1", Surface::Other),
            ("GET", "/v1/models/x/v1/responses/resp_1", Surface::StoredResponses),
            ("POST", "/v1/threads/t_1/messages", Surface::Other),
            ("POST", "/V1//Chat/Completions", Surface::Chat),
            ("POST", "/v1/messages%2Fcount_tokens", Surface::CountTokens),
            ("POST", "/openai/deployments/mine/chat/completions?api-version=1", Surface::Chat),
            ("POST", "/v1/messages", Surface::Messages),
            ("POST", "/v1/messages/count_tokens", Surface::CountTokens),
            ("POST", "/v1/messages/batches", Surface::Other),
            ("GET", "/v1/models", Surface::Models),
            ("GET", "/v1/models/gpt-x", Surface::Models),
            ("GET", "/v1/modelsx", Surface::Other),
            ("POST", "/chat/completions", Surface::Chat),
            ("POST", "", Surface::Other),
        ];
        for (method, path, surface) in cases {
            assert_eq!(Surface::of(method, path), surface, "{method} {path}");
        }
    }

    #[test]
    fn shared_paths_take_the_namespace_that_the_client_speaks() {
        assert_eq!(Namespace::of("/v1/models", true), Namespace::Anthropic);
        assert_eq!(Namespace::of("/v1/models", false), Namespace::OpenAi);
        assert_eq!(Namespace::of("/v1/messages/batches", false), Namespace::Anthropic);
        assert_eq!(Namespace::of("/v1/chat/completions", true), Namespace::OpenAi);
    }

    #[test]
    fn errors_have_the_native_envelope() {
        let (status, body) = error_body(Namespace::OpenAi, ErrorKind::Authentication, "no \"key\"");
        assert_eq!(status, 401);
        assert_eq!(
            String::from_utf8(body).unwrap(),
            r#"{"error":{"message":"no \"key\"","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#
        );
        let (status, body) = error_body(Namespace::Anthropic, ErrorKind::Overloaded, "busy");
        assert_eq!(status, 529);
        assert_eq!(
            String::from_utf8(body).unwrap(),
            r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"},"request_id":null}"#
        );
    }

    #[test]
    fn a_stream_ends_with_the_error_event_of_its_surface() {
        let event = |surface| String::from_utf8(error_event(surface, ErrorKind::Upstream, "gone")).unwrap();
        assert!(event(Surface::Chat).starts_with("data: {\"error\":{\"message\":\"gone\""));
        assert!(event(Surface::Responses).starts_with("event: error\ndata: {\"type\":\"error\",\"code\":"));
        assert!(event(Surface::Messages).starts_with("event: error\ndata: {\"type\":\"error\",\"error\":"));
        assert!(event(Surface::Messages).ends_with("}\n\n"));
    }
}
