//! Inputs and what they become.

use candor_deid::{Engine, IdentifierKind, Pseudonyms, Settings};

fn redact(text: &str) -> String {
    Pseudonyms::new().redact(&Engine::new(Settings::rules()), text).text
}

/// Asserts each pair of an input and its redaction, all with one engine and a fresh conversation each.
fn assert_redactions(pairs: &[(&str, &str)]) {
    assert_redactions_by(Settings::rules(), pairs);
}

fn assert_redactions_by(settings: Settings, pairs: &[(&str, &str)]) {
    let engine = Engine::new(settings);
    for (text, wanted) in pairs {
        let redacted = Pseudonyms::new().redact(&engine, text);
        assert_eq!(redacted.text, *wanted, "from {text}\n{:?}", engine.detect(text));
    }
}

/// Asserts that texts hold nothing that needs no sentence around it: dates are another matter.
fn assert_unchanged(texts: &[&str]) {
    assert_redactions_by(Settings::streamed(), &texts.iter().map(|text| (*text, *text)).collect::<Vec<_>>());
}

#[test]
fn people_and_their_numbers_are_replaced() {
    assert_redactions(&[
        ("mail jo.march+x@orchard.org, please.", "mail [EMAIL_1], please."),
        ("<jo@orchard.co.uk>", "<[EMAIL_1]>"),
        ("请联系jo@orchard.org谢谢", "请联系[EMAIL_1]谢谢"),
        ("call +44 20 7183 8750.", "call [PHONE_1]."),
        ("call (212) 736-5000 ext. 12 now", "call [PHONE_1] now"),
        ("it is 212-736-5000 or 212.736.5000", "it is [PHONE_1] or [PHONE_1]"),
        ("Tel: 0171 2345678", "Tel: [PHONE_1]"),
        ("pay with 4111 1111 1111 1111 today", "pay with [CARD_1] today"),
        ("4111111111111111, 4111-1111-1111-1111", "[CARD_1], [CARD_1]"),
        ("amex 378282246310005", "amex [CARD_1]"),
        ("IBAN GB82 WEST 1234 5698 7654 32.", "IBAN [IBAN_1]."),
        ("gb82west12345698765432", "[IBAN_1]"),
        ("SSN: 460-89-9847", "SSN: [NATIONAL_ID_1]"),
        ("social security 460899847", "social security [NATIONAL_ID_1]"),
        ("\u{ff12}\u{ff11}\u{ff12}-736-\u{ff15}000", "[PHONE_1]"),
    ]);
}

#[test]
fn machines_and_chains_are_replaced() {
    assert_redactions(&[
        ("host 86.121.97.248:8080", "host [IP_1]:8080"),
        ("at 2a00:1450:4001:81b::200e now", "at [IP_1] now"),
        ("mac 00:1A:2B:3C:4D:5E and 00-1a-2b-3c-4d-5e", "mac [MAC_1] and [MAC_1]"),
        ("send to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "send to [CRYPTO_1]"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "[CRYPTO_1]"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "[CRYPTO_1]"),
    ]);
}

#[test]
fn secrets_are_replaced_and_their_names_stay() {
    assert_redactions(&[
        ("AWS_ACCESS_KEY_ID=AKIAQ3EGRXZ7KDPWJ4TN", "AWS_ACCESS_KEY_ID=[SECRET_1]"),
        ("token: glpat-x8Kd92mVq_3LpZt7RwNc", "token: [SECRET_1]"),
        ("password = \"tr0ub4dor&3\"", "password = \"[SECRET_1]\""),
        ("my password is 'correct1horse'", "my password is '[SECRET_1]'"),
        ("Authorization: Bearer mF9zB5f41JqMtRw77xQ", "Authorization: Bearer [SECRET_1]"),
        ("postgres://jo:b0ttle@db.orchard.org/x", "[URL_1]"),
        ("see https://api.orchard.org/v1?city=Rome&api_key=fWfSMcDzyHfMuH8BW6ji.", "see [URL_1]."),
        ("bot 1234567890:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawQ", "bot [SECRET_1]"),
        ("algolia_api_key = \"ij1mut5oe606wlrf5z4u8u31264z3gag\"", "algolia_api_key = \"[SECRET_1]\""),
        ("Atlassian_key = 'DjayBenyJrtpvydFCzAphcqc'", "Atlassian_key = '[SECRET_1]'"),
        ("moonclerk SECRET 5179f75c4209d75c79f4d5f420d9a75c", "moonclerk SECRET [SECRET_1]"),
        ("gitter-token-5179f75c4209d75c79f4d5f420d9a75c75f1d79f", "gitter-token-[SECRET_1]"),
        ("anything = 'Zk3jR8sLq0PxT5vW9yBnM2cD6fG1hJ4k'", "anything = '[SECRET_1]'"),
        ("abc_Zk3jR8sLq0PxT5vW9yBnM2cD6fG1 is it", "[SECRET_1] is it"),
    ]);
}

#[test]
fn passwords_are_replaced_however_they_are_told() {
    assert_redactions(&[
        ("my password is hunter2", "my password is [SECRET_1]"),
        ("the password for user 'ada' is 'sesame'.", "the password for user 'ada' is '[SECRET_1]'."),
        ("psexec \\\\host -u admin -p Secret1 cmd", "psexec \\\\host -u admin -p [SECRET_1] cmd"),
        ("mysql -u root -pMyPass1 db", "mysql -u root -p[SECRET_1] db"),
        ("curl -u ada:lovelace1 http://h.org/x", "curl -u [SECRET_1] [WEBSITE_1]"),
        ("docker run -u 1000:1000 image", "docker run -u 1000:1000 image"),
        ("machine h.org login ada password 0u7side", "machine h.org login ada password [SECRET_1]"),
        ("Server=db,1433;Uid=sa;Pwd=winter;Trusted=no", "Server=db,1433;Uid=sa;Pwd=[SECRET_1];Trusted=no"),
        ("MYSQL_ROOT_PASSWORD=winter\nNEXT=1", "MYSQL_ROOT_PASSWORD=[SECRET_1]\nNEXT=1"),
        ("<password>winterreise</password>", "<password>[SECRET_1]</password>"),
        ("<add key=\"Password\" value=\"winter$\"/>", "<add key=\"Password\" value=\"[SECRET_1]\"/>"),
        ("Authorization: Basic YWRhOmxvdmVsYWNlMQ==", "Authorization: Basic [SECRET_1]"),
        ("root:$1$OKgLCmVl$d02jECa4DXn/oXX0R.MoQ/:18000", "root:[SECRET_1]:18000"),
        ("$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", "[SECRET_1]"),
    ]);
}

#[test]
fn what_is_encoded_is_read_and_replaced_whole() {
    assert_redactions(&[
        // `password=tr0ub4dor&3`
        ("blob cGFzc3dvcmQ9dHIwdWI0ZG9yJjM= end", "blob [SECRET_1] end"),
        ("?next=%2Fa%3Ftoken%3DZk3jR8sLq0PxT5vW9yBnM2cD", "?next=%2Fa%3Ftoken%3D[SECRET_1]"),
        // `just some harmless text, 1 line`
        (
            "blob anVzdCBzb21lIGhhcm1sZXNzIHRleHQsIDEgbGluZQ== end",
            "blob anVzdCBzb21lIGhhcm1sZXNzIHRleHQsIDEgbGluZQ== end",
        ),
        ("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ", "[SECRET_1]"),
        (
            "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTK",
            "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTK",
        ),
    ]);
}

#[test]
fn names_of_one_customer_of_a_cloud_are_replaced() {
    let redacted = redact("arn:aws:iam::123456789012:user/ada at analytical.openai.azure.com, docs.okta.com");
    assert_eq!(redacted, "[URL_1] at [URL_2], docs.okta.com");
}

#[test]
fn what_only_looks_like_a_secret_stays() {
    assert_unchanged(&[
        "let password = read_password(); token: Option<String>, key: windows_sys::core::PCWSTR",
        "SignatureScheme::ECDSA_NISTP256_SHA256, fn test_bit_index_u32_iterator_all_set() {}",
        "secret_key = ${SECRET_KEY}, token=<your-token>, api_key: {{ api_key }}, PASSWORD=$PW",
        "\"integrity\": \"sha512-q8K2yR8Zb0Yg1kq0a8pT5vW9yBnM2cD6fG1hJ4kZk3jR8sLq0PxT5vW9yBnM2cD6fG1\"",
        "sonarqube-scanner-2.5.0.tgz#ff704cbddf355d38a52c5e9479d6bb5c1ff28eac",
        "commit 3b335d612137949d2f21fcc6c8c8164db7603227",
        "Enter a password of at least 12 characters; your password must contain 1 digit.",
        "The key difference is 1234567890; the token bucket holds 100 tokens per second.",
        "dapiDataGetTopLongShortPositionRatio and sk-learn-compatible-estimator-2024",
        "login with ssh -p 2222 host, tar -pxzf file, docker run -p 8080:8080 image",
        "password: string; pass: 12 tests passed; tests_pass = \"allow\"",
        "std::vec::Vec::<u8>::new(), a::get, :::: and :::",
    ]);
}

#[test]
fn a_private_key_goes_whole_even_when_cut_off_or_in_a_string() {
    let body = "MIIEpAIBAAKCAQEA3Tz2mr7SZiAMfQyuvBjM9OiZ1BjP5CE/Wm/Rr500P\n".repeat(3);
    let whole = format!("a\n-----BEGIN RSA PRIVATE KEY-----\n{body}-----END RSA PRIVATE KEY-----\nb");
    assert_eq!(redact(&whole), "a\n[PRIVATE_KEY_1]\nb");
    let literal = whole.replace('\n', "\\n");
    assert_eq!(redact(&literal), "a\\n[PRIVATE_KEY_1]\\nb");
    let cut = format!("-----BEGIN PRIVATE KEY-----\n{body}\nThat was it, thanks");
    assert_eq!(redact(&cut), "[PRIVATE_KEY_1]\n\nThat was it, thanks");
    let public = format!("-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----");
    assert_eq!(redact(&public), public);
}

#[test]
fn numbers_that_are_something_else_stay() {
    assert_unchanged(&[
        "order 4929-3813-3266 of 2023-10-05 12:30:45",
        "ISBN 978-3-16-148410-0, ISBN-10 0-306-40615-2",
        "v1.2.3.4 and version 10.0.19041.1 and 127.0.0.1 and 255.255.255.0 and 8.8.8.8",
        "550e8400-e29b-41d4-a716-446655440000",
        "$1,234,567.89 or 12.345.678,90 EUR",
        "x = 3.14159265358979 * 1000000007",
        "in 1990-1995 and 05/10/1990, 05.10.1990",
        "1234567890123456 (no card), timestamp 1696500000000",
        "555-0123 is half a number; 10-20-3000 is none",
        "std::vec::Vec, a::b, 10:30, 12:30:45:99",
        "git clone git@github.com:org/name.git",
        "npm i @types/node@1.2.3 logo@2x.png @decorator",
        "https://orchard.org/search?q=key&page=2#top",
        "the key is to listen; the password is required; token = tokens[0]",
        "api_key = \"YOUR_API_KEY\", password=os.environ['PW'], sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "3d6f0a1e9b5c4c2f8f7e6d5c4b3a291807f6e5d4 is a commit",
    ]);
}

#[test]
fn one_conversation_numbers_each_identifier_once_in_order_of_appearance() {
    let engine = Engine::new(Settings::rules());
    let mut pseudonyms = Pseudonyms::new();
    pseudonyms.reserve("someone typed [EMAIL_2] here");
    let mut redact = |text: &str| pseudonyms.redact(&engine, text).text;
    assert_eq!(redact("a@x.org b@x.org A@X.ORG"), "[EMAIL_1] [EMAIL_3] [EMAIL_1]");
    assert_eq!(redact("b@x.org, +1 212 736 5000, (212) 736-5000"), "[EMAIL_3], [PHONE_1], [PHONE_1]");
    assert_eq!(redact("[PHONE_2] and 646-736-5000"), "[PHONE_2] and [PHONE_3]");
}

#[test]
fn settings_choose_kinds_and_threshold() {
    let text = "a@x.org at 10.1.2.33";
    let only = |kinds, threshold| {
        let settings = Settings { kinds, threshold, ..Settings::standard() };
        Engine::new(settings).detect(text).into_iter().map(|span| span.kind).collect::<Vec<_>>()
    };
    assert_eq!(only(IdentifierKind::ALL.to_vec(), 0.5), [IdentifierKind::Email, IdentifierKind::Ip]);
    assert_eq!(only(vec![IdentifierKind::Ip], 0.5), [IdentifierKind::Ip]);
    assert_eq!(only(IdentifierKind::ALL.to_vec(), 0.9), [IdentifierKind::Email]);
}

#[test]
fn what_only_words_tell_is_replaced() {
    assert_redactions(&[
        (
            "Ms. Ada lives at 329 Olivera St., Apt 4, Springfield, IL 62704.",
            "[TITLE_1] Ada lives at [ADDRESS_1].",
        ),
        ("he lives at 90 whitchurch road, on monday", "he lives at [ADDRESS_1], on [DATE_1]"),
        ("Wir wohnen in der Lindenstraße 12, 10115 Berlin.", "Wir wohnen in der [ADDRESS_1]."),
        ("j'habite 12 rue de la Paix à Lyon", "j'habite [ADDRESS_1] à Lyon"),
        ("abito in Via Tasso 129 a Roma", "abito in [ADDRESS_1] a Roma"),
        ("Write to P.O. Box 287 or SW1A 2AB.", "Write to [ADDRESS_1] or [ADDRESS_2]."),
        ("born on 12 March 1987 in Leeds", "born on [BIRTH_DATE_1] in Leeds"),
        ("geboren am 3. Mai 1990", "geboren am [BIRTH_DATE_1]"),
        ("né le 1er août 1975", "né le [BIRTH_DATE_1]"),
        ("We met on Tuesday, June 5th, 2019 at 10:30 am.", "We met on [DATE_1]."),
        ("on 2019-06-05T10:30:00Z or 05/06/2019", "on [DATE_1] or [DATE_2]"),
        ("It was founded in 1977.", "It was founded in [DATE_1]."),
        (
            "I'm 34, he is a 60-year-old and she turned 41.",
            "I'm [AGE_1], he is a [AGE_2]-year-old and she turned [AGE_3].",
        ),
        (
            "Ich bin 34 Jahre alt; j'ai 27 ans; tengo 52 años",
            "Ich bin [AGE_1] Jahre alt; j'ai [AGE_2] ans; tengo [AGE_3] años",
        ),
        ("My passport number is C01X00T47", "My passport number is [PASSPORT_1]"),
        ("driver's license: D123-4567-8901", "driver's license: [DRIVING_LICENCE_1]"),
        ("MRN: 00123456, policy no. XK 4471 2290", "MRN: [MEDICAL_RECORD_1], policy no. [MEDICAL_RECORD_2]"),
        (
            "sort code 12-34-56, account number 12345678",
            "sort code [BANK_ACCOUNT_1], account number [BANK_ACCOUNT_2]",
        ),
        (
            "routing number 021000021, SWIFT DEUTDEFF500",
            "routing number [BANK_ACCOUNT_1], SWIFT [BANK_ACCOUNT_2]",
        ),
        ("my licence plate is AB12 CDE", "my licence plate is [VEHICLE_1]"),
        ("VIN 1M8GDM9AXKP042788 and IMEI 490154203237518", "VIN [VEHICLE_1] and IMEI [DEVICE_1]"),
        ("I am at 48.858370, 2.294481 now", "I am at [COORDINATES_1] now"),
        ("at 40°26'46\"N 79°58'56\"W", "at [COORDINATES_1]"),
        (
            "follow @ada_l or u/ada1815, instagram: ada.l_1815",
            "follow [HANDLE_1] or [HANDLE_2], instagram: [HANDLE_3]",
        ),
        ("see https://ada-lovelace.name/cv and www.orchard.org", "see [WEBSITE_1] and [WEBSITE_2]"),
    ]);
}

#[test]
fn numbers_of_people_are_found_in_many_countries() {
    assert_redactions(&[
        ("my NI number is AB 12 34 56 C, ok?", "my NI number is [NATIONAL_ID_1], ok?"),
        ("Steuer-ID: 36574261809", "Steuer-ID: [NATIONAL_ID_1]"),
        ("codice fiscale RCCMNL83S18D969H", "codice fiscale [NATIONAL_ID_1]"),
        ("DNI 12345678Z, NIE X1234567L", "DNI [NATIONAL_ID_1], NIE [NATIONAL_ID_2]"),
        ("CPF 111.444.777-35 e CNPJ 11.222.333/0001-81", "CPF [NATIONAL_ID_1] e CNPJ [NATIONAL_ID_2]"),
        ("mein BSN is 111222333", "mein BSN is [NATIONAL_ID_1]"),
        ("PESEL: 44051401359", "PESEL: [NATIONAL_ID_1]"),
        ("身份证 11010519491231002X", "身份证 [NATIONAL_ID_1]"),
        ("aadhaar 2341 2341 2346", "aadhaar [NATIONAL_ID_1]"),
        ("personnummer 811218-9876 og 15108695088", "personnummer [NATIONAL_ID_1] og [NATIONAL_ID_2]"),
        ("my SIN is 046 454 286, my TFN 123 456 782", "my SIN is [NATIONAL_ID_1], my TFN [NATIONAL_ID_2]"),
    ]);
}

#[test]
fn numbers_are_told_by_the_record_they_stand_in() {
    let engine = Engine::new(Settings::rules());
    let redacted = |text: &str| Pseudonyms::new().redact(&engine, text).text;
    for (text, wanted) in [
        ("name;phone\nAnn;030273946\n", "name;phone\nAnn;[PHONE_1]\n"),
        (
            "| Name | Phone |\n|---|---|\n| Bo | 0612267228 |",
            "| Name | Phone |\n|---|---|\n| Bo | [PHONE_1] |",
        ),
        ("(17, 'jo@orchard.org', '07400867228')", "(17, '[EMAIL_1]', '[PHONE_1]')"),
        ("Kind regards,\nJo March\n0612267228", "Kind regards,\nJo March\n[PHONE_1]"),
        ("bedankt, mijn nummer is 0612267228", "bedankt, mijn nummer is [PHONE_1]"),
        ("my nino is ab 12 34 56 c", "my nino is [NATIONAL_ID_1]"),
        ("passports X1234567 and X1234568", "passports [PASSPORT_1] and [PASSPORT_2]"),
        ("my plate is gr-884-te", "my plate is [VEHICLE_1]"),
        ("My grandmother is 93 and lives alone.", "My grandmother is [AGE_1] and lives alone."),
    ] {
        assert_eq!(redacted(text), wanted);
    }
    for text in [
        "item;count\nAnn;030273946\n",
        "The total was\n0612267228",
        "he has ab 12 34 56 c on his desk",
        "plate 100mm wide",
        "The answer, of course, is 42 and nothing else.",
        "Order 0612267228 was sent.",
    ] {
        assert_eq!(redacted(text), text);
    }
}
