//! Headers in which a chat product or a proxy tells its next server about a person: name, e-mail address, role, chat.
//! They are meant for the gateway and end there, unless the operator passes them on.

use hyper::header::HeaderName;

/// How such headers begin, in lower case, by whoever sets them.
const BEGINNINGS: [&str; 18] = [
    // Open WebUI, with ENABLE_FORWARD_USER_INFO_HEADERS.
    "x-openwebui-",
    // Chat products whose headers the operator writes, by custom.
    "x-user-id",
    "x-user-name",
    "x-user-email",
    "x-user-role",
    // oauth2-proxy.
    "x-auth-request-",
    "x-forwarded-user",
    "x-forwarded-email",
    "x-forwarded-preferred-username",
    "x-forwarded-groups",
    // Web servers and Authelia.
    "remote-user",
    "remote-name",
    "remote-email",
    "remote-groups",
    "x-remote-user",
    // authentik, and access proxies of cloud providers.
    "x-authentik-",
    "cf-access-",
    "x-amzn-oidc-",
];

/// Whether a header tells about a person.
pub(super) fn tells_about_a_person(name: &HeaderName) -> bool {
    BEGINNINGS.iter().any(|begin| name.as_str().starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_about_people_are_known_and_those_of_providers_are_not() {
        for name in ["x-openwebui-user-email", "x-openwebui-chat-id", "x-forwarded-email", "remote-user"] {
            assert!(tells_about_a_person(&HeaderName::from_static(name)), "{name}");
        }
        for name in
            ["openai-organization", "anthropic-beta", "user-agent", "x-request-id", "x-forwarded-proto"]
        {
            assert!(!tells_about_a_person(&HeaderName::from_static(name)), "{name}");
        }
    }
}
