use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use ring::hmac;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::*;

const SHARED: &str = "[[token]]\nalgorithms = ['HS256']\nsecret_file = 'secret'\nissuer = 'open-webui'\n";
const PUBLIC: &str = "[[token]]\nalgorithms = ['RS256', 'PS256', 'ES256', 'EdDSA']\njwks_file = 'keys.json'\n\
                      issuer = 'https://id.example'\naudience = 'candor'\n";

/// RSA and P-256 public keys, and tokens for `ada` that their private halves signed before they were thrown away.
fn signed(name: &str) -> String {
    let all: Value = serde_json::from_str(include_str!("signed.json")).unwrap();
    all[name].as_str().unwrap().to_owned()
}

pub(super) fn key_set() -> String {
    let ed = URL_SAFE_NO_PAD.encode(edwards_key().public_key());
    json!({ "keys": [
        { "kty": "RSA", "kid": "rsa", "use": "sig", "n": signed("n"), "e": "AQAB" },
        { "kty": "EC", "kid": "ec", "crv": "P-256", "x": signed("x"), "y": signed("y") },
        { "kty": "OKP", "kid": "ed", "crv": "Ed25519", "alg": "EdDSA", "x": ed },
        { "kty": "RSA", "kid": "enc", "use": "enc", "n": signed("n"), "e": "AQAB" },
        { "kty": "EC", "kid": "p521", "crv": "P-521", "x": "AA", "y": "AA" },
        { "kty": "unheard-of", "kid": "new" },
    ] })
    .to_string()
}

fn edwards_key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

/// What Open WebUI writes into its token.
fn claims() -> Value {
    json!({
        "sub": "ada", "email": "ada@example.org", "name": "Ada", "role": "user",
        "iss": "open-webui", "iat": NOW - 5, "exp": NOW + 300,
    })
}

fn with(claims: Value, name: &str, value: Value) -> Value {
    let mut claims = claims;
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn hmac_token(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let message = unsigned(header, claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn shared(claims: &Value) -> String {
    hmac_token(&json!({ "alg": "HS256", "typ": "JWT" }), claims, SECRET)
}

fn edwards(header: &Value, claims: &Value, key: &Ed25519KeyPair) -> String {
    let message = unsigned(header, claims);
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes())))
}

fn public_claims() -> Value {
    json!({ "sub": "ada", "iss": "https://id.example", "aud": ["other", "candor"], "exp": NOW + 300 })
}

/// Whom a request with the key of `acme` and a token names, or why not.
fn with_token(settings: &str, token: &str) -> String {
    let key = key(1).0;
    let answer = ask(&identifier(settings), &[("x-api-key", &key), ("x-openwebui-user-jwt", token)]);
    match answer {
        Err(Refusal::InvalidToken(reason)) => reason.to_owned(),
        answer => said(answer),
    }
}

#[test]
fn the_token_that_open_webui_forwards_names_the_person() {
    let settings = one_key("", SHARED);
    assert_eq!(with_token(&settings, &shared(&claims())), "acme/ada");
    assert_eq!(with_token(&settings, &format!("Bearer {}", shared(&claims()))), "acme/ada");
    let by_email = one_key("", &format!("{SHARED}subject_claim = 'email'"));
    assert_eq!(with_token(&by_email, &shared(&claims())), "acme/ada@example.org");
    let number = with(claims(), "sub", json!(42));
    assert_eq!(with_token(&settings, &shared(&number)), "acme/42");
}

#[test]
fn a_token_that_does_not_hold_is_refused_and_says_why() {
    let settings = one_key("", SHARED);
    let sign = |header: Value| hmac_token(&header, &claims(), SECRET);
    for (token, expected) in [
        (shared(&with(claims(), "exp", json!(NOW - 30))), "it has expired"),
        (shared(&with(claims(), "exp", json!(0))), "it has expired"),
        (shared(&with(claims(), "exp", json!("never"))), "one of its times is no time"),
        (shared(&with(claims(), "exp", json!(-1))), "one of its times is no time"),
        (shared(&without("exp")), "it never expires"),
        (shared(&with(claims(), "nbf", json!(NOW + 31))), "it is not valid yet"),
        (shared(&with(claims(), "iat", json!(NOW + 31))), "it is not valid yet"),
        (shared(&with(claims(), "iss", json!("eve"))), "it is from another issuer"),
        (shared(&without("iss")), "it has no issuer or no audience"),
        (shared(&with(claims(), "aud", json!("another service"))), "it is for another audience"),
        (shared(&without("sub")), "it names nobody"),
        (shared(&with(claims(), "sub", json!(""))), "it names nobody"),
        (shared(&with(claims(), "sub", json!("a\u{0}b"))), "it names nobody"),
        (shared(&with(claims(), "sub", json!(true))), "it names nobody"),
        (shared(&with(claims(), "sub", json!(["ada"]))), "it cannot be read"),
        (hmac_token(&json!({ "alg": "HS256" }), &claims(), b"a guess"), "its signature is wrong"),
        (hmac_token(&json!({ "alg": "HS256" }), &claims(), b""), "its signature is wrong"),
        (sign(json!({ "alg": "HS512" })), "its algorithm is not accepted"),
        (sign(json!({ "alg": "RS256" })), "its algorithm is not accepted"),
        (sign(json!({ "alg": "HS256", "crit": ["b64"], "b64": false })), "it asks for an extension"),
        ("a".repeat(20_000), "it is too long"),
    ] {
        assert_eq!(with_token(&settings, &token), expected, "{token}");
    }
}

#[test]
fn a_token_without_a_signature_is_refused_however_it_is_spelt() {
    let unreadable = "its header cannot be read, or its algorithm is unknown";
    for settings in [one_key("", SHARED), one_key("", PUBLIC)] {
        for algorithm in ["none", "None", "NONE", "nOnE", ""] {
            for end in [".", ".AAAA", ""] {
                let token = format!("{}{end}", unsigned(&json!({ "alg": algorithm }), &claims()));
                assert_eq!(with_token(&settings, &token), unreadable, "{algorithm}{end}");
            }
        }
        let cut = unsigned(&json!({ "alg": "HS256" }), &claims());
        assert!(with_token(&settings, &format!("{cut}.")).starts_with("its "), "an empty signature");
        for text in ["", ".", "..", "...", "a.b.c", "a.b.c.d.e"] {
            let said = with_token(&settings, text);
            assert!(said == unreadable || (text.is_empty() && said == "acme/nobody"), "{text}: {said}");
        }
    }
}

#[test]
fn every_kind_of_public_key_verifies() {
    let settings = one_key("", PUBLIC);
    for name in ["RS256", "PS256", "ES256"] {
        assert_eq!(with_token(&settings, &signed(name)), "acme/ada", "{name}");
        let (message, signature) =
            signed(name).rsplit_once('.').map(|(m, s)| (m.to_owned(), s.to_owned())).unwrap();
        let other = unsigned(
            &json!({ "alg": name, "kid": if name == "ES256" { "ec" } else { "rsa" } }),
            &with(public_claims(), "sub", json!("eve")),
        );
        assert_ne!(message, other);
        assert_eq!(
            with_token(&settings, &format!("{other}.{signature}")),
            "its signature is wrong",
            "{name}"
        );
    }
    let header = json!({ "alg": "EdDSA", "kid": "ed" });
    assert_eq!(with_token(&settings, &edwards(&header, &public_claims(), &edwards_key())), "acme/ada");
    let nameless = json!({ "alg": "EdDSA" });
    assert_eq!(with_token(&settings, &edwards(&nameless, &public_claims(), &edwards_key())), "acme/ada");
}

#[test]
fn a_public_key_is_no_shared_secret() {
    let settings = one_key("", PUBLIC);
    let modulus = URL_SAFE_NO_PAD.decode(signed("n")).unwrap();
    for secret in [modulus.as_slice(), signed("n").as_bytes(), key_set().as_bytes(), b""] {
        for kid in ["rsa", "ec", "ed"] {
            let token = hmac_token(&json!({ "alg": "HS256", "kid": kid }), &public_claims(), secret);
            assert_eq!(with_token(&settings, &token), "its algorithm is not accepted");
            // The same bytes under the algorithm that is accepted are no signature.
            let token = hmac_token(&json!({ "alg": "RS256", "kid": "rsa" }), &public_claims(), secret);
            assert_eq!(with_token(&settings, &token), "its signature is wrong");
        }
    }
    let mixed = one_key("", &PUBLIC.replace("'EdDSA'", "'HS256'"));
    assert!(wrong(&mixed).contains("no key fits"), "{}", wrong(&mixed));
    let mixed = one_key("", &SHARED.replace("'HS256'", "'HS256', 'RS256'"));
    assert!(wrong(&mixed).contains("no key fits"), "{}", wrong(&mixed));
}

#[test]
fn a_token_does_not_choose_its_own_key() {
    let settings = one_key("", PUBLIC);
    let eve = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    let x = URL_SAFE_NO_PAD.encode(eve.public_key());
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "ed" });
    for (header, expected) in [
        (
            json!({ "alg": "EdDSA", "kid": "ed", "jwk": jwk, "jku": "https://eve.example" }),
            "its signature is wrong",
        ),
        (json!({ "alg": "EdDSA", "jwk": jwk }), "its signature is wrong"),
        (json!({ "alg": "EdDSA", "kid": "eve" }), "no key fits it"),
        (json!({ "alg": "EdDSA", "kid": "rsa" }), "no key fits it"),
        (json!({ "alg": "RS256", "kid": "enc" }), "no key fits it"),
    ] {
        assert_eq!(with_token(&settings, &edwards(&header, &public_claims(), &eve)), expected, "{header}");
    }
}

#[test]
fn a_token_for_another_service_of_the_same_issuer_is_refused() {
    let settings = one_key("", PUBLIC);
    let header = json!({ "alg": "EdDSA", "kid": "ed" });
    for (audience, expected) in [
        (json!("candor"), "acme/ada"),
        (json!("another"), "it is for another audience"),
        (json!(["another"]), "it is for another audience"),
        (json!([]), "it is for another audience"),
        (json!(null), "it has no issuer or no audience"),
        (json!(7), "it has no issuer or no audience"),
    ] {
        let claims = with(public_claims(), "aud", audience.clone());
        assert_eq!(with_token(&settings, &edwards(&header, &claims, &edwards_key())), expected, "{audience}");
    }
}

#[test]
fn clocks_may_differ_by_the_leeway_and_no_more() {
    let settings = one_key("", &format!("{SHARED}leeway_seconds = 10"));
    for (name, time, is_fine) in [
        ("exp", NOW - 9, true),
        ("exp", NOW - 10, false),
        ("exp", u64::MAX, true),
        ("nbf", NOW + 10, true),
        ("nbf", NOW + 11, false),
        ("iat", NOW + 10, true),
    ] {
        let said = with_token(&settings, &shared(&with(claims(), name, json!(time))));
        assert_eq!(said == "acme/ada", is_fine, "{name} {time}: {said}");
    }
    let fraction = shared(&with(claims(), "exp", json!(NOW as f64 + 0.5)));
    assert_eq!(with_token(&settings, &fraction), "acme/ada");
}

#[test]
fn an_address_that_nobody_verified_names_nobody() {
    let settings = one_key("", &format!("{SHARED}subject_claim = 'email'"));
    for value in [json!(false), json!("true"), json!(null)] {
        let token = shared(&with(claims(), "email_verified", value));
        assert_eq!(with_token(&settings, &token), "its e-mail address is not verified");
    }
    let token = shared(&with(claims(), "email_verified", json!(true)));
    assert_eq!(with_token(&settings, &token), "acme/ada@example.org");
}

#[test]
fn a_token_of_one_tenant_does_not_go_with_the_key_of_another() {
    let by_claim = identifier(&two_tenants(&format!("{SHARED}tenant_claim = 'org'")));
    let fixed = identifier(&two_tenants(&format!("{SHARED}tenant = 'bolt'")));
    let token = shared(&with(claims(), "org", json!("bolt")));
    for identifier in [by_claim, fixed] {
        let ask = |byte: u8| {
            said(ask(&identifier, &[("x-api-key", &key(byte).0), ("x-openwebui-user-jwt", &token)]))
        };
        assert_eq!(ask(1), "other-tenant");
        assert_eq!(ask(2), "bolt/ada");
        assert_eq!(ask(3), "unknown-key");
    }
    let error = wrong(&two_tenants(SHARED));
    assert!(error.contains("x-openwebui-user-jwt") && error.contains("hint: set tenant"), "{error}");
}

#[test]
fn the_secret_of_one_tenant_signs_for_no_other() {
    let of = |tenant: &str, file: &str| {
        format!("[[token]]\nalgorithms = ['HS256']\nsecret_file = '{file}'\ntenant = '{tenant}'\n")
    };
    let identifier = identifier(&two_tenants(&[of("acme", "other-secret"), of("bolt", "secret")].concat()));
    let token = shared(&claims());
    let ask =
        |byte: u8| said(ask(&identifier, &[("x-api-key", &key(byte).0), ("x-openwebui-user-jwt", &token)]));
    assert_eq!((ask(2), ask(1)), ("bolt/ada".into(), "other-tenant".into()));
}

#[test]
fn a_token_stands_for_a_key_only_where_that_is_set() {
    let in_authorization = SHARED.replace("algorithms", "header = 'authorization'\nalgorithms");
    let bearer = format!("Bearer {}", shared(&claims()));
    let forged = format!("Bearer {}", hmac_token(&json!({ "alg": "HS256" }), &claims(), b"a guess"));
    let needs_key = identifier(&one_key("", &in_authorization));
    assert_eq!(said(ask(&needs_key, &[("authorization", &bearer)])), "missing-key");
    assert_eq!(said(ask(&needs_key, &[("authorization", &bearer), ("x-api-key", &key(1).0)])), "acme/ada");
    assert_eq!(
        said(ask(&needs_key, &[("authorization", &forged), ("x-api-key", &key(1).0)])),
        "invalid-token"
    );

    let stands = identifier(&format!("{in_authorization}replaces_key = true\ntenant = 'acme'"));
    assert_eq!(said(ask(&stands, &[("authorization", &bearer)])), "acme/ada");
    assert_eq!(said(ask(&stands, &[("authorization", &forged)])), "invalid-token");
    assert_eq!(said(ask(&stands, &[("authorization", "Bearer sk-1")])), "missing-key");
    assert_eq!(said(ask(&stands, &[("authorization", &bearer), ("x-api-key", "sk-1")])), "acme/ada");
    let mut headers = map(&[("authorization", &bearer), ("x-api-key", "sk-1")]);
    stands.strip(&mut headers);
    assert_eq!(headers, map(&[("x-api-key", "sk-1")]));
}

#[test]
fn of_two_kinds_in_one_header_only_the_one_that_may_stands_for_a_key() {
    let kind = |file: &str, more: &str| {
        format!("[[token]]\nalgorithms = ['HS256']\nsecret_file = '{file}'\ntenant = 'acme'\n{more}\n")
    };
    let identifier = identifier(&[kind("other-secret", "replaces_key = true"), kind("secret", "")].concat());
    assert_eq!(said(ask(&identifier, &[("x-openwebui-user-jwt", &shared(&claims()))])), "missing-key");
}

#[test]
fn the_strongest_that_names_a_person_counts() {
    let trusted = "[trusted_headers]\npeers = ['10.0.0.1']\nsubject = 'x-user'\n";
    let name = |of_key: &str, with_token: bool| {
        let (key, token) = (key(1).0, shared(&claims()));
        let mut sent = vec![("x-api-key", key.as_str()), ("x-user", "from-header")];
        sent.extend(with_token.then_some(("x-openwebui-user-jwt", token.as_str())));
        let identifier = identifier(&one_key(of_key, &format!("{SHARED}{trusted}")));
        let speaker = ask_from(&identifier, &sent, "10.0.0.1").unwrap();
        let hints = Hints { user: Some("from-body".into()), ..Hints::default() };
        (speaker.named_by.unwrap(), speaker.subject_with(&hints).unwrap())
    };
    assert_eq!(name("hints = true", false), (NamedBy::Header, "from-header".into()));
    assert_eq!(name("hints = true", true), (NamedBy::Token, "ada".into()));
    assert_eq!(name("subject = 'bo'", true), (NamedBy::Key, "bo".into()));
}

#[test]
fn slips_in_settings_are_named() {
    for (settings, expected) in [
        (SHARED.replace("'secret'", "'short'"), "shorter than 32 bytes"),
        (SHARED.replace("'secret'", "'missing'"), "read missing"),
        (SHARED.replace("'HS256'", ""), "algorithms is empty"),
        (SHARED.replace("secret_file = 'secret'", ""), "either secret_file or jwks_file"),
        (format!("{SHARED}jwks_file = 'keys.json'"), "either secret_file or jwks_file"),
        (format!("{SHARED}leeway_seconds = 301"), "leeway_seconds"),
        (format!("{SHARED}tenant = 'a'\ntenant_claim = 'b'"), "both tenant and tenant_claim"),
        (format!("{SHARED}header = 'x-api-key'"), "`x-api-key`"),
        (PUBLIC.replace("audience = 'candor'", ""), "without audience"),
        (PUBLIC.replace("keys.json", "text"), "not a JWK Set"),
        (PUBLIC.replace("keys.json", "oct.json"), "shared secret"),
    ] {
        let error = wrong(&one_key("", &settings));
        assert!(error.contains(expected), "{error}");
    }
    let inline = one_key("", &SHARED.replace("secret_file", "secret"));
    assert!(toml::from_str::<IdentitySettings>(&inline).is_err());
    assert!(toml::from_str::<IdentitySettings>(&SHARED.replace("HS256", "none")).is_err());
}

#[test]
fn a_token_changed_anywhere_is_refused() {
    let identifier = identifier(&one_key("", SHARED));
    let (key, token) = (key(1).0, shared(&claims()));
    for position in 0..token.len() {
        for letter in ["A", "B", "-", ".", "="] {
            let mut changed = token.clone();
            changed.replace_range(position..=position, letter);
            if changed != token {
                let answer = ask(&identifier, &[("x-api-key", &key), ("x-openwebui-user-jwt", &changed)]);
                assert!(matches!(answer, Err(Refusal::InvalidToken(_))), "{letter} at {position}");
            }
        }
    }
}

proptest! {
    #[test]
    fn claims_of_any_kind_do_not_make_it_panic_or_show_in_what_is_said(
        name in prop_oneof![Just("exp"), Just("iss"), Just("aud"), Just("sub"), Just("nbf"), Just("iat"), Just("org")],
        value in prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[A-Z]{12,20}".prop_map(Value::from),
            Just(json!([{ "SECRETVALUE": [] }])),
            Just(Value::Null),
        ],
    ) {
        let token = shared(&with(claims(), name, value));
        let settings = identifier(&one_key("", &format!("{SHARED}tenant_claim = 'org'")));
        let sent = [("x-api-key", key(1).0), ("x-openwebui-user-jwt", token)];
        let sent: Vec<_> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
        match ask(&settings, &sent) {
            Ok(speaker) => prop_assert_eq!(speaker.tenant, "acme".parse().ok()),
            Err(refusal) => {
                let printed = format!("{refusal} {refusal:?}");
                prop_assert!(!printed.contains(|letter: char| letter.is_ascii_digit()), "{}", printed);
                let words = printed.split(|letter: char| !letter.is_uppercase());
                prop_assert!(words.map(str::len).max() < Some(5), "{}", printed);
            }
        }
    }
}

#[test]
fn pages_of_this_process_name_anybody_and_no_other_process_does() {
    let claims = json!({ "sub": "ada", "tenant": "home", "exp": NOW + 60 });
    let by = |secret: [u8; 32], claims: &Value| {
        let settings = identifier(&two_tenants("")).with_pages(&PagesSecret([1; 32]));
        let token = hmac_token(&json!({ "alg": "HS256" }), claims, &secret);
        said(ask(&settings, &[("candor-person", &token)]))
    };
    assert_eq!(by([1; 32], &claims), "home/ada");
    assert_eq!(by([2; 32], &claims), "invalid-token");
    assert_eq!(by([1; 32], &with(claims.clone(), "exp", json!(NOW))), "invalid-token");
    assert_eq!(by([1; 32], &with(claims.clone(), "tenant", json!(null))), "invalid-token");
    // Where there are no pages the header names nobody.
    let token = hmac_token(&json!({ "alg": "HS256" }), &claims, &[1; 32]);
    assert_eq!(said(ask(&identifier(&two_tenants("")), &[("candor-person", &token)])), "missing-key");
    let mut headers = map(&[("candor-person", &token)]);
    identifier(&two_tenants("")).strip(&mut headers);
    assert!(headers.is_empty());
}
