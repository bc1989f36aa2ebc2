use candor_tlog::note::{
    KeyName, NOTE_BYTES_MAX, NoteError, SIGNATURES_MAX, SignedNote, SignerKey, VerifierKey,
};

pub(crate) fn key(name: &str, seed: u8) -> SignerKey {
    SignerKey::from_seed(name.parse().unwrap(), &[seed; 32])
}

fn trusted(keys: &[&SignerKey]) -> Vec<VerifierKey> {
    keys.iter().map(|key| key.verifier().clone()).collect()
}

fn bytes_32(hex: &str) -> [u8; 32] {
    hex.parse::<candor_tlog::hash::Hash>().unwrap().0
}

#[test]
fn the_example_of_the_signed_note_specification_holds() {
    // Key, text and signature as published at c2sp.org/signed-note.
    let key: VerifierKey =
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k".parse().unwrap();
    let note = concat!(
        "This is an example message.\n\n— example.com/foo ",
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
    );
    let verified = SignedNote::parse(note.as_bytes()).unwrap().verify(std::slice::from_ref(&key)).unwrap();
    assert_eq!(verified.text, "This is an example message.\n");
    assert_eq!(verified.signers, [key.name().clone()]);
    assert!(verified.unknown.is_empty());
}

#[test]
fn signatures_are_those_of_rfc_8032() {
    // RFC 8032 section 7.1, tests 1 and 2.
    let tests = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            b"".as_slice(),
            [
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155",
                "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ],
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            &[0x72],
            [
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
                "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ],
        ),
    ];
    for (seed, public, message, signature) in tests {
        let key = SignerKey::from_seed("rfc8032".parse().unwrap(), &bytes_32(seed));
        assert_eq!(*key.verifier().public(), bytes_32(public));
        assert_eq!(key.sign(message).to_vec(), signature.map(bytes_32).concat());
        assert!(key.verifier().verify(message, &key.sign(message)));
    }
}

#[test]
fn a_verifier_key_survives_its_text_form() {
    // The key of Go's public checksum database, in wide use.
    let text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
    assert_eq!(text.parse::<VerifierKey>().unwrap().to_string(), text);
}

#[test]
fn keys_with_a_flaw_are_refused() {
    let good = key("log.example", 1).verifier().to_string();
    let (start, _) = good.rsplit_once('+').unwrap();
    let flawed = [
        "".to_owned(),
        "log.example".to_owned(),
        start.to_owned(),
        format!("{good}A"),
        format!(" {good}"),
        good.replacen("log", "lag", 1),
        good.to_uppercase(),
        format!("{start}+{}", "A".repeat(44)),
        // Type 2, an ECDSA key.
        good.replacen('A', "B", 1),
    ];
    for text in &flawed {
        assert!(text.parse::<VerifierKey>().is_err(), "{text}");
    }
    let identity = {
        let mut point = [0; 32];
        point[0] = 1;
        point
    };
    VerifierKey::from_public("weak".parse().unwrap(), &identity).unwrap_err();
    for name in ["", "a b", "a+b", "a\u{a0}b", "a\nb", "a\u{2003}b", &"n".repeat(257)] {
        assert!(name.parse::<KeyName>().is_err(), "{name:?}");
    }
}

#[test]
fn a_private_key_is_not_shown() {
    assert_eq!(format!("{:?}", key("log.example", 1)), "SignerKey(log.example, ***)");
}

#[test]
fn trusted_signers_are_named_and_others_kept_apart() {
    let (log, witness, stranger) =
        (key("log.example", 1), key("witness.example", 2), key("stranger.example", 3));
    let text = "first\n\nafter an empty line\n";
    let note = SignedNote::sign(text, &[&log, &stranger, &witness]).unwrap();
    let read = SignedNote::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(read, note);

    let verified = read.verify(&trusted(&[&witness, &log])).unwrap();
    assert_eq!(verified.text, text);
    assert_eq!(verified.signers, [log.verifier().name().clone(), witness.verifier().name().clone()]);
    assert_eq!(verified.unknown.len(), 1);
    assert_eq!(verified.unknown[0].id(), stranger.verifier().id());
}

#[test]
fn a_note_without_a_trusted_signature_is_denied() {
    let note = SignedNote::sign("text\n", &[&key("log.example", 1)]).unwrap();
    // Same name, another key; and no key at all.
    for keys in [trusted(&[&key("log.example", 2)]), Vec::new()] {
        let error = note.verify(&keys).unwrap_err();
        assert_eq!(error, NoteError::Untrusted { signers: "log.example".to_owned() });
    }
}

#[test]
fn one_wrong_signature_of_a_trusted_key_spoils_the_note() {
    let (log, witness) = (key("log.example", 1), key("witness.example", 2));
    let other = SignedNote::sign("another text\n", &[&witness]).unwrap();
    let note = SignedNote::sign("text\n", &[&log]).unwrap();
    let spoiled = format!("{note}{}\n", other.signatures()[0]);
    let spoiled = SignedNote::parse(spoiled.as_bytes()).unwrap();
    let name = witness.verifier().name().clone();
    assert_eq!(spoiled.verify(&trusted(&[&log, &witness])), Err(NoteError::WrongSignature { name }));
    assert!(spoiled.verify(&trusted(&[&log])).is_ok());
}

#[test]
fn every_changed_bit_of_a_note_is_refused() {
    let log = key("log.example", 1);
    let note = SignedNote::sign("log.example\n12\n", &[&log]).unwrap().to_string().into_bytes();
    for bit in 0..note.len() * 8 {
        let mut changed = note.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let opened = SignedNote::parse(&changed).and_then(|note| note.verify(&trusted(&[&log])));
        opened.expect_err(&format!("bit {bit}"));
    }
}

#[test]
fn notes_of_another_form_are_refused() {
    let line = SignedNote::sign("text\n", &[&key("log.example", 1)]).unwrap().signatures()[0].to_string();
    let signature = line.rsplit_once(' ').unwrap().1;
    let malformed = [
        String::new(),
        "text\n".to_owned(),
        "text\n\n".to_owned(),
        format!("text\n{line}\n"),
        format!("text\n\n{line}"),
        format!("text\n\n{line}\n\n"),
        format!("\n\n\n{line} \n"),
        format!("text\r\n\n{line}\n"),
        format!("te\0xt\n\n{line}\n"),
        format!("text\n\n- log.example {signature}\n"),
        format!("text\n\n—  log.example {signature}\n"),
        format!("text\n\n—log.example {signature}\n"),
        format!("text\n\n— log.example  {signature}\n"),
        format!("text\n\n— log.example {signature}=\n"),
        format!("text\n\n— log+example {signature}\n"),
        "text\n\n— log.example AAAAAA==\n".to_owned(),
        format!("text\n\n{line}\nmore\n"),
    ];
    for note in &malformed {
        assert!(SignedNote::parse(note.as_bytes()).is_err(), "{note:?}");
    }
    SignedNote::parse(&[b"text \xFF\n\n".as_slice(), line.as_bytes(), b"\n"].concat()).unwrap_err();
    SignedNote::parse(format!("text\n\n{line}\n").as_bytes()).unwrap();
    let twice = SignedNote::parse(format!("text\n\n{line}\n{line}\n").as_bytes());
    assert!(matches!(twice, Err(NoteError::SignedTwice { .. })));
}

#[test]
fn texts_that_cannot_be_signed_are_refused() {
    let log = key("log.example", 1);
    for text in ["", "no newline", "tab\there\n", "\u{1}\n"] {
        assert!(SignedNote::sign(text, &[&log]).is_err(), "{text:?}");
    }
    assert!(SignedNote::sign("text\n", &[]).is_err());
    assert!(matches!(SignedNote::sign("text\n", &[&log, &log]), Err(NoteError::SignedTwice { .. })));
    // A text that itself looks like a signed note stays whole.
    let nested = SignedNote::sign("text\n", &[&log]).unwrap().to_string();
    let outer = SignedNote::sign(&nested, &[&log]).unwrap().to_string();
    assert_eq!(SignedNote::parse(outer.as_bytes()).unwrap().unverified_text(), nested);
}

#[test]
fn limits_hold() {
    let keys: Vec<_> = (0..=SIGNATURES_MAX).map(|at| key(&format!("key-{at}"), at as u8)).collect();
    let keys: Vec<_> = keys.iter().collect();
    let most = SignedNote::sign("text\n", &keys[1..]).unwrap();
    let read = SignedNote::parse(most.to_string().as_bytes()).unwrap();
    assert_eq!(read.verify(&trusted(&keys)).unwrap().signers.len(), SIGNATURES_MAX);
    let count = SIGNATURES_MAX + 1;
    assert_eq!(SignedNote::sign("text\n", &keys), Err(NoteError::TooManySignatures { count }));
    let extra = SignedNote::sign("text\n", &keys[..1]).unwrap();
    let over = format!("{most}{}\n", extra.signatures()[0]);
    assert_eq!(SignedNote::parse(over.as_bytes()), Err(NoteError::TooManySignatures { count }));

    let long = format!("{}\n", "x".repeat(NOTE_BYTES_MAX));
    assert!(matches!(SignedNote::sign(&long, &keys[..1]), Err(NoteError::TooLong { .. })));
    assert!(matches!(SignedNote::parse(long.as_bytes()), Err(NoteError::TooLong { .. })));
}
