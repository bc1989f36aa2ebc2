use proptest::prelude::*;

use super::*;

const FROM_PROXY: &str =
    "[trusted_headers]\npeers = ['10.0.0.0/8', '::1/128']\nsubject = 'x-openwebui-user-id'\n";

#[test]
fn headers_name_a_person_from_named_addresses_only() {
    let identifier = identifier(&one_key("", FROM_PROXY));
    let key = key(1).0;
    let sent = [("x-api-key", key.as_str()), ("x-openwebui-user-id", "ada"), ("x-forwarded-for", "10.0.0.1")];
    for (peer, expected, is_ignored) in [
        ("10.1.2.3", "acme/ada", false),
        ("::ffff:10.1.2.3", "acme/ada", false),
        ("::1", "acme/ada", false),
        ("192.0.2.7", "acme/nobody", true),
        ("::2", "acme/nobody", true),
    ] {
        let speaker = ask_from(&identifier, &sent, peer).unwrap();
        assert_eq!(speaker.untrusted_header, is_ignored, "{peer}");
        assert_eq!(said(Ok(speaker)), expected, "{peer}");
    }
    assert!(!ask(&identifier, &sent[..1]).unwrap().untrusted_header);
}

#[test]
fn a_believed_address_still_needs_a_key() {
    let identifier = identifier(&one_key("", FROM_PROXY));
    assert_eq!(said(ask_from(&identifier, &[("x-openwebui-user-id", "ada")], "10.0.0.1")), "missing-key");
}

#[test]
fn a_name_that_a_client_added_before_the_proxy_is_refused() {
    let identifier = identifier(&one_key("", FROM_PROXY));
    let key = key(1).0;
    let sent = [("x-api-key", key.as_str()), ("x-openwebui-user-id", "eve"), ("x-openwebui-user-id", "ada")];
    assert_eq!(said(ask_from(&identifier, &sent, "10.0.0.1")), "conflicting-credentials");
}

#[test]
fn a_header_names_the_tenant_only_together_with_the_key() {
    let identifier = identifier(&two_tenants(&format!("{FROM_PROXY}tenant_header = 'x-org'")));
    let ask = |org: &str| {
        let key = key(1).0;
        let sent = [("x-api-key", key.as_str()), ("x-openwebui-user-id", "ada"), ("x-org", org)];
        said(ask_from(&identifier, &sent, "10.0.0.1"))
    };
    assert_eq!(ask("acme"), "acme/ada");
    assert_eq!(ask("bolt"), "other-tenant");
    assert_eq!(ask(""), "acme/nobody");
    assert_eq!(ask("Not A Tenant"), "acme/nobody");
}

#[test]
fn with_several_tenants_headers_must_say_which() {
    let error = wrong(&two_tenants(FROM_PROXY));
    assert!(error.contains("trusted_headers") && error.contains("hint: set tenant"), "{error}");
    assert!(made(&two_tenants(&format!("{FROM_PROXY}tenant = 'acme'"))).is_ok());
    assert!(made(&format!("require_key = false\n{}", one_key("", FROM_PROXY))).is_err());
}

#[test]
fn a_name_that_is_no_text_is_nobodys() {
    let identifier = identifier(&one_key("", FROM_PROXY));
    let mut headers = map(&[("x-api-key", &key(1).0)]);
    headers.insert("x-openwebui-user-id", HeaderValue::from_bytes(b"\xff\xfe").unwrap());
    let speaker = identifier.identify(&headers, IpAddr::from([10, 0, 0, 1]), NOW);
    assert_eq!(said(speaker), "acme/nobody");
}

#[test]
fn slips_in_settings_are_named() {
    let with = |from: &str, to: &str| wrong(&one_key("", &FROM_PROXY.replace(from, to)));
    assert!(with("10.0.0.0/8", "0.0.0.0/0").contains("`0.0.0.0/0`"));
    for name in
        ["authorization", "x-api-key", "content-type", "host", "candor-user", "two words", "openai-project"]
    {
        assert!(with("x-openwebui-user-id", name).contains(&format!("`{name}`")), "{name}");
    }
    let both = format!("{FROM_PROXY}tenant = 'a'\ntenant_header = 'x-org'");
    assert!(wrong(&one_key("", &both)).contains("both"));
}

#[test]
fn what_is_meant_for_the_gateway_does_not_go_on_and_all_else_does() {
    let token = "[[token]]\nalgorithms = ['HS256']\nsecret_file = 'secret'\n";
    let identifier = identifier(&one_key("", &format!("{token}{FROM_PROXY}tenant_header = 'x-org'")));
    let key = key(1).0;
    let bearer = format!("Bearer {key}");
    let mut headers = map(&[
        ("authorization", &bearer),
        ("x-api-key", &key),
        ("candor-key", &key),
        ("candor-temporary", "true"),
        ("x-openwebui-user-jwt", "a.b.c"),
        ("x-openwebui-user-id", "ada"),
        ("x-org", "acme"),
        ("openai-organization", "org-1"),
        ("x-unknown", "  spaced\tout "),
        ("x-unknown", "twice"),
        ("cookie", "a=b"),
    ]);
    identifier.strip(&mut headers);
    let expected =
        [("openai-organization", "org-1"), ("x-unknown", "  spaced\tout "), ("x-unknown", "twice")];
    assert_eq!(headers, map(&[&expected[..], &[("cookie", "a=b")]].concat()));
}

#[test]
fn what_tells_about_a_person_goes_on_only_if_the_operator_says_so() {
    let about = [
        ("x-openwebui-user-id", "ada"),
        ("x-openwebui-user-name", "Ada"),
        ("x-openwebui-user-email", "ada@example.org"),
        ("x-openwebui-user-role", "admin"),
        ("x-openwebui-chat-id", "c1"),
        ("x-forwarded-email", "ada@example.org"),
    ];
    let plainly = one_key("", FROM_PROXY);
    let stripped = |settings: &str| {
        let mut headers = map(&about);
        identifier(settings).strip(&mut headers);
        headers
    };
    assert_eq!(stripped(&plainly), map(&[]));
    assert_eq!(stripped("require_key = false"), map(&[]), "also where nobody reads them");
    let passing = format!("pass_headers = ['X-OpenWebUI-Chat-Id', 'x-openwebui-user-id']\n{plainly}");
    assert_eq!(stripped(&passing), map(&[about[0], about[4]]));
    assert!(wrong("pass_headers = ['candor-key']").contains("`candor-key`"));
}

#[test]
fn a_provider_credential_goes_on_as_it_came() {
    let identifier = identifier("require_key = false");
    for value in ["Bearer sk-1", "bearer  sk-1 ", "Basic YTpi", "eyJh.eyJi.c2ln"] {
        let mut headers = map(&[("authorization", value), ("api-key", "sk-2"), ("api-key", &key(9).0)]);
        identifier.strip(&mut headers);
        assert_eq!(headers, map(&[("authorization", value), ("api-key", "sk-2")]));
    }
}

fn any_headers() -> impl Strategy<Value = HeaderMap> {
    let name = prop_oneof![
        Just("authorization"),
        Just("x-api-key"),
        Just("api-key"),
        Just("candor-key"),
        Just("x-openwebui-user-jwt"),
        Just("x-openwebui-user-id"),
        Just("x-org"),
        Just("x-other"),
    ];
    let bytes = proptest::collection::vec(prop_oneof![32..=126_u8, 128..=255_u8, Just(b'\t')], 0..80);
    let value = prop_oneof![
        bytes,
        "(?i:bearer)? *(cdr_)?[A-Za-z0-9_.-]{0,60}".prop_map(String::into_bytes),
        Just(key(1).0.into_bytes()),
        Just(format!("Bearer {}", key(2).0).into_bytes()),
    ];
    proptest::collection::vec((name, value), 0..8).prop_map(|pairs| {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(&value).unwrap());
        }
        headers
    })
}

proptest! {
    #[test]
    fn no_headers_make_it_panic_or_cross_tenants_or_let_a_key_out(
        headers in any_headers(),
        peer in any::<IpAddr>(),
        now in any::<u64>(),
    ) {
        let token = "[[token]]\nheader = 'authorization'\nalgorithms = ['HS256']\nsecret_file = 'secret'\ntenant = 'acme'\n";
        let identifier = identifier(&two_tenants(&format!("{token}{FROM_PROXY}tenant_header = 'x-org'")));
        if let Ok(speaker) = identifier.identify(&headers, peer, now) {
            let key = speaker.key.unwrap();
            prop_assert_eq!(Some(&key.tenant), speaker.tenant.as_ref());
            let sent = new_key([if key.name == "acme" { 1 } else { 2 }; 32]).0;
            let holds = |value: &HeaderValue| value.as_bytes().windows(47).any(|window| window == sent.as_bytes());
            prop_assert!(headers.values().any(holds));
        }
        let mut stripped = headers.clone();
        identifier.strip(&mut stripped);
        for name in CREDENTIAL_HEADERS {
            for value in stripped.get_all(&name) {
                prop_assert!(!is_virtual(credential(&name, value)));
            }
        }
        let others = |headers: &HeaderMap| headers.get_all("x-other").iter().cloned().collect::<Vec<_>>();
        prop_assert_eq!(others(&stripped), others(&headers));
    }
}
