use proptest::prelude::*;

use super::*;

#[test]
fn a_key_speaks_for_its_tenant_wherever_clients_put_it() {
    let identifier = identifier(&two_tenants(""));
    let (acme, bolt) = (key(1).0, key(2).0);
    for (name, value) in [
        ("authorization", format!("Bearer {acme}")),
        ("authorization", format!("bearer   {acme}")),
        ("authorization", acme.clone()),
        ("x-api-key", acme.clone()),
        ("api-key", acme.clone()),
        ("candor-key", acme),
    ] {
        assert_eq!(said(ask(&identifier, &[(name, &value)])), "acme/nobody", "{name}");
    }
    assert_eq!(said(ask(&identifier, &[("x-api-key", &bolt)])), "bolt/nobody");
}

#[test]
fn a_request_without_a_known_key_is_refused() {
    let identifier = identifier(&two_tenants(""));
    let known = key(1).0;
    for (value, expected) in [
        (String::new(), "missing-key"),
        (key(3).0, "unknown-key"),
        (known[..46].to_owned(), "unknown-key"),
        (format!("{known}A"), "unknown-key"),
        (known.to_uppercase(), "unknown-key"),
        (key(1).1, "unknown-key"),
        ("sk-of-a-provider".into(), "unknown-key"),
        ("cdr_".into(), "unknown-key"),
    ] {
        assert_eq!(said(ask(&identifier, &[("x-api-key", &value)])), expected, "{value}");
    }
    assert_eq!(said(ask(&identifier, &[])), "missing-key");
    assert_eq!(said(ask(&identifier, &[("authorization", "Bearer ")])), "missing-key");
}

#[test]
fn two_different_credentials_are_refused_and_the_same_one_twice_is_not() {
    let identifier = identifier(&two_tenants(""));
    let (acme, bolt) = (key(1).0, key(2).0);
    let bearer = format!("Bearer {acme}");
    let conflict = "conflicting-credentials";
    assert_eq!(said(ask(&identifier, &[("authorization", &bearer), ("x-api-key", &acme)])), "acme/nobody");
    assert_eq!(said(ask(&identifier, &[("authorization", &bearer), ("x-api-key", &bolt)])), conflict);
    assert_eq!(said(ask(&identifier, &[("x-api-key", &acme), ("x-api-key", &bolt)])), conflict);
    assert_eq!(said(ask(&identifier, &[("authorization", &bearer), ("x-api-key", "sk-1")])), conflict);
    assert_eq!(said(ask(&identifier, &[("candor-key", &acme), ("x-api-key", &bolt)])), conflict);
    assert_eq!(said(ask(&identifier, &[("candor-key", &acme), ("candor-key", &bolt)])), conflict);
}

#[test]
fn a_provider_credential_beside_a_key_is_for_keys_that_pass_it_on() {
    let key = key(1).0;
    let sent = [("candor-key", key.as_str()), ("x-api-key", "sk-1")];
    let passing = identifier(&one_key("upstream = 'pass'", ""));
    assert_eq!(said(ask(&passing, &sent)), "acme/nobody");
    assert_eq!(said(ask(&identifier(&one_key("", "")), &sent)), "conflicting-credentials");

    let mut headers = map(&sent);
    passing.strip(&mut headers);
    assert_eq!(headers, map(&[("x-api-key", "sk-1")]));
}

#[test]
fn where_no_key_is_required_a_wrong_one_is_still_refused() {
    let identifier = identifier(&format!("require_key = false\n{}", one_key("", "")));
    assert_eq!(said(ask(&identifier, &[("authorization", "Bearer sk-1")])), "default/nobody");
    assert_eq!(said(ask(&identifier, &[])), "default/nobody");
    assert_eq!(said(ask(&identifier, &[("x-api-key", &key(1).0)])), "acme/nobody");
    assert_eq!(said(ask(&identifier, &[("x-api-key", &key(9).0)])), "unknown-key");
}

#[test]
fn the_body_is_believed_from_keys_that_say_so() {
    let all = ["ada", "5f2c", "u-7"];
    assert_eq!(hinted("", all), None);
    assert_eq!(hinted("hints = true", all).as_deref(), Some("ada"));
    assert_eq!(hinted("hints = true", [" ", "5f2c", "u-7"]).as_deref(), Some("5f2c"));
    assert_eq!(hinted("hints = true", ["", "a\nb", "u-7"]).as_deref(), Some("u-7"));
    assert_eq!(hinted("hints = true", ["", "", &"x".repeat(257)]), None);
    assert_eq!(hinted("hints = true\nsubject = 'bo'", all).as_deref(), Some("bo"));
}

/// Whom a request with the key of `acme` and these hints names.
fn hinted(of_key: &str, [user, safety_identifier, metadata_user_id]: [&str; 3]) -> Option<String> {
    let speaker = ask(&identifier(&one_key(of_key, "")), &[("x-api-key", &key(1).0)]).unwrap();
    speaker.subject_with(&Hints {
        user: Some(user.into()),
        safety_identifier: Some(safety_identifier.into()),
        metadata_user_id: Some(metadata_user_id.into()),
        ..Hints::default()
    })
}

#[test]
fn without_a_key_the_body_names_nobody() {
    let speaker = ask(&identifier("require_key = false"), &[]).unwrap();
    assert_eq!(speaker.subject_with(&Hints { user: Some("ada".into()), ..Hints::default() }), None);
}

#[test]
fn a_key_in_place_of_its_hash_is_refused_without_showing_it() {
    let (key, hash) = key(1);
    let settings = |hash: &str| format!("[[key]]\nname = 'a'\ntenant = 'acme'\nsha256 = '{hash}'\n");
    for hash in [key.as_str(), "", &hash[..63], &hash.replace(|_| true, "é")] {
        let error = wrong(&settings(hash));
        assert!(error.contains("64 hexadecimal digits") && !error.contains(&key), "{error}");
    }
    assert!(made(&settings(&hash.to_uppercase())).is_ok());
}

#[test]
fn the_same_name_or_hash_twice_is_refused() {
    let settings = |name: &str, byte: u8| {
        format!("[[key]]\nname = '{name}'\ntenant = 'acme'\nsha256 = '{}'\n", key(byte).1)
    };
    let error = wrong(&[settings("a", 1), settings("a", 2)].concat());
    assert!(error.contains("`a`") && error.contains("twice"), "{error}");
    let error = wrong(&[settings("a", 1), settings("b", 1)].concat());
    assert!(error.contains("same hash"), "{error}");
}

#[test]
fn unknown_settings_are_refused() {
    for text in ["keys = []", "[[key]]\nname = 'a'\ntenant = 'b'\nsha256 = ''\nsecret = 'x'"] {
        assert!(toml::from_str::<IdentitySettings>(text).is_err(), "{text}");
    }
}

#[test]
fn a_new_key_is_its_prefix_and_32_bytes_and_is_found_by_its_hash() {
    let (key, hash) = new_key([0xff; 32]);
    assert_eq!((key.len(), hash.len()), (47, 64));
    assert_eq!(key, format!("cdr_{}8", "_".repeat(42)));
    let settings = format!("[[key]]\nname = 'a'\ntenant = 'acme'\nsha256 = '{hash}'\n");
    assert_eq!(said(ask(&identifier(&settings), &[("x-api-key", &key)])), "acme/nobody");
}

#[test]
fn neither_keys_nor_hashes_nor_people_are_printed() {
    let (key, hash) = key(1);
    let text = one_key("subject = 'ada@example.org'", "");
    let settings: IdentitySettings = toml::from_str(&text).unwrap();
    let speaker = ask(&identifier(&text), &[("x-api-key", &key)]).unwrap();
    assert_eq!(speaker.subject.as_deref(), Some("ada@example.org"));
    let printed = format!("{speaker:?} {:?} {:?}", settings.keys[0].sha256, speaker.key);
    assert!(printed.contains("acme"), "{printed}");
    for secret in [&key[4..], &hash, "ada"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert!(!format!("{settings:?}").contains(&hash));
}

proptest! {
    #[test]
    fn a_key_never_speaks_for_another_tenant(
        seeds in proptest::collection::btree_set(any::<[u8; 32]>(), 1..40),
        position in 4..47_usize,
        letter in "[A-Za-z0-9_-]",
    ) {
        let keys: Vec<_> = seeds.into_iter().map(new_key).collect();
        let tables = keys.iter().enumerate().map(|(index, (_, hash))| {
            format!("[[key]]\nname = 'k{index}'\ntenant = 't{index}'\nsha256 = '{hash}'\n")
        });
        let identifier = identifier(&tables.collect::<String>());
        for (index, (key, _)) in keys.iter().enumerate() {
            prop_assert_eq!(said(ask(&identifier, &[("x-api-key", key)])), format!("t{index}/nobody"));
            let mut other = key.clone();
            other.replace_range(position..=position, &letter);
            if !keys.iter().any(|(key, _)| *key == other) {
                prop_assert_eq!(said(ask(&identifier, &[("x-api-key", &other)])), "unknown-key");
            }
        }
    }
}
