use candor_tlog::checkpoint::Checkpoint;
use candor_tlog::hash::{Hash, leaf_hash};
use candor_tlog::note::{NoteSignature, SignedNote, SignerKey, VerifierKey};
use candor_tlog::policy::{Policy, PolicyError};
use candor_tlog::tree::{MerkleTree, TreeHead, TreeSize};
use candor_tlog::witness::{AddCheckpoint, Cosignature, Refusal, WitnessKey, WitnessSigner, judge};

const ORIGIN: &str = "log.example/log";

fn log() -> SignerKey {
    SignerKey::from_seed(ORIGIN.parse().unwrap(), &[1; 32])
}

fn witness(number: u8) -> WitnessSigner {
    WitnessSigner::from_seed(format!("witness.example/w{number}").parse().unwrap(), &[number; 32])
}

/// A log of `count` entries that begin with `salt`.
fn tree(salt: u8, count: u64) -> MerkleTree {
    MerkleTree::new((0..count).map(|n| leaf_hash(&[&[salt], n.to_be_bytes().as_slice()].concat())).collect())
}

fn signed(tree: &MerkleTree) -> SignedNote {
    Checkpoint::new(ORIGIN, tree.size(), tree.root()).unwrap().sign(&[&log()]).unwrap()
}

fn head(tree: &MerkleTree) -> TreeHead {
    TreeHead { size: tree.size(), root: tree.root() }
}

fn request(tree: &MerkleTree, old: u64) -> AddCheckpoint {
    let proof = tree.consistency_proof(TreeSize(old), tree.size()).unwrap();
    AddCheckpoint { old: TreeSize(old), proof, checkpoint: signed(tree) }
}

/// The line in the specification's example: its time is the one that the example names.
#[test]
fn the_cosignature_of_the_specification_has_the_time_that_it_names() {
    let line = "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==";
    let parsed = NoteSignature::parse(line).unwrap();
    assert_eq!((parsed.name().as_str(), parsed.id().0), ("witness.example.com/w1", [0x8d, 0x66, 0xcf, 0x3f]));
    assert_eq!(parsed.to_string(), line);
    let own = witness(1).cosign(&signed(&tree(0, 3)), 1_679_315_147).to_string();
    let bytes = |line: &str| {
        use base64::Engine as _;
        let word = line.rsplit(' ').next().unwrap().to_owned();
        base64::engine::general_purpose::STANDARD.decode(word).unwrap()
    };
    assert_eq!(bytes(line)[4..12], bytes(&own)[4..12]);
    assert_eq!(bytes(line).len(), bytes(&own).len());
}

/// What is signed, put together by hand.
#[test]
fn a_cosignature_is_over_the_header_the_time_and_the_note_and_holds_for_nothing_else() {
    let (signer, note) = (witness(1), signed(&tree(0, 3)));
    let line = signer.cosign(&note, 1_700_000_000);
    let cosigned = note.clone().with_signatures(std::slice::from_ref(&line)).unwrap();
    assert_eq!(signer.key().check(&cosigned), Cosignature::Holds { at_seconds: 1_700_000_000 });
    assert_eq!(signer.key().check(&note), Cosignature::Missing);
    let message = format!("cosignature/v1\ntime 1700000000\n{}", note.unverified_text());
    // The same seed under the other kind of key signs the same bytes.
    let plain = SignerKey::from_seed("witness.example/w1".parse().unwrap(), &[1; 32]);
    let expected = [1_700_000_000_u64.to_be_bytes().as_slice(), &plain.sign(message.as_bytes())].concat();
    let encoded = {
        use base64::Engine as _;
        let id = signer.key().id().0;
        base64::engine::general_purpose::STANDARD.encode([id.as_slice(), &expected].concat())
    };
    assert_eq!(line.to_string(), format!("— witness.example/w1 {encoded}"));
    assert_ne!(plain.verifier().id(), signer.key().id());
    // Another checkpoint, and the log's own verification, are not touched.
    let other = signed(&tree(0, 4)).with_signatures(&[line]).unwrap();
    assert_eq!(signer.key().check(&other), Cosignature::Wrong);
    Checkpoint::open(&cosigned, log().verifier()).unwrap();
    let text = signer.key().to_string();
    assert_eq!(text.parse::<WitnessKey>().unwrap(), *signer.key());
    assert!(text.parse::<VerifierKey>().is_err());
    assert!(plain.verifier().to_string().parse::<WitnessKey>().is_err());
}

#[test]
fn a_witness_signs_what_only_appended_and_answers_everything_else_with_the_status_of_the_specification() {
    let key = log();
    let known = Some(key.verifier());
    let (small, large, fork) = (tree(0, 5), tree(0, 12), tree(9, 12));
    let held = Some(head(&small));
    let status = |request: &AddCheckpoint, log, held| judge(request, log, held).map_err(|no| no.status());
    assert_eq!(status(&request(&small, 0), known, None), Ok(head(&small)));
    assert_eq!(status(&request(&large, 5), known, held), Ok(head(&large)));
    assert_eq!(status(&request(&small, 5), known, held), Ok(head(&small)));
    // Nobody told of the log; somebody else signed it.
    assert_eq!(status(&request(&large, 5), None, held), Err(404));
    let stranger = SignerKey::from_seed(ORIGIN.parse().unwrap(), &[2; 32]);
    assert_eq!(status(&request(&large, 5), Some(stranger.verifier()), held), Err(403));
    // Too late, rolled back, forked.
    let late = judge(&request(&large, 0), known, held).unwrap_err();
    assert_eq!((late.status(), late.held()), (409, Some(TreeSize(5))));
    assert_eq!(status(&request(&small, 5), known, Some(head(&large))), Err(409));
    let same_size = judge(&request(&fork, 12), known, Some(head(&large))).unwrap_err();
    assert!(matches!(same_size, Refusal::Forked { .. }));
    assert_eq!((same_size.status(), same_size.held()), (409, Some(TreeSize(12))));
    assert_eq!(status(&request(&fork, 5), known, held), Err(422));
    let mut no_proof = request(&large, 5);
    no_proof.proof.clear();
    assert_eq!(status(&no_proof, known, held), Err(422));
    let mut proof_from_nothing = request(&large, 0);
    proof_from_nothing.proof.push(Hash([0; 32]));
    assert_eq!(status(&proof_from_nothing, known, None), Err(422));
    let backwards = AddCheckpoint { old: TreeSize(13), ..request(&large, 5) };
    assert_eq!(status(&backwards, known, held), Err(400));
}

#[test]
fn a_request_is_read_as_it_is_written_and_one_byte_off_is_malformed() {
    let request = request(&tree(0, 12), 5);
    let text = request.to_string();
    assert!(text.starts_with("old 5\n"));
    assert_eq!(AddCheckpoint::parse(text.as_bytes()).unwrap(), request);
    let wrong = [
        text.replacen("old 5", "old 05", 1),
        text.replacen("old 5", "Old 5", 1),
        text.replacen("old 5\n", "old 5 \n", 1),
        text.replacen("\n\n", "\n", 1),
        text.replacen("old 5\n", &format!("old 5\n{}", "A".repeat(44) + "\n").repeat(64), 1),
        text.trim_end().to_owned(),
        String::new(),
    ];
    for text in wrong {
        let refusal = AddCheckpoint::parse(text.as_bytes()).unwrap_err();
        assert_eq!(refusal.status(), 400, "{text}");
    }
    let too_many =
        format!("old 5\n{}\n{}", format!("{}\n", Hash([1; 32]).to_base64()).repeat(64), signed(&tree(0, 12)));
    assert_eq!(AddCheckpoint::parse(too_many.as_bytes()).unwrap_err().status(), 400);
}

fn policy(text: &str) -> Result<Policy, String> {
    Policy::parse(text.as_bytes()).map_err(|error| error.to_string())
}

/// The example of the specification, with keys.
fn two_levels() -> String {
    let mut text = format!("# Two organisations.\nlog {}\n\n", log().verifier());
    for number in 1..=6 {
        let name = if number <= 3 { format!("X{number}") } else { format!("Y{}", number - 3) };
        text += &format!("witness {name} {} https://w{number}.example\n", witness(number).key());
    }
    text + "group X-witnesses 2 X1 X2 X3\ngroup\tY-witnesses any Y1 Y2 Y3\n group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
}

#[test]
fn a_quorum_of_two_levels_asks_for_two_here_and_one_there() {
    let policy = policy(&two_levels()).unwrap();
    let note = signed(&tree(0, 3));
    let signed_by = |numbers: &[u8]| {
        let lines: Vec<NoteSignature> = numbers.iter().map(|n| witness(*n).cosign(&note, 7)).collect();
        note.clone().with_signatures(&lines).unwrap()
    };
    assert_eq!(policy.check(&signed_by(&[1, 3, 5])).unwrap(), ["X1", "X3", "Y2"]);
    policy.check(&signed_by(&[1, 2, 3, 4, 5, 6])).unwrap();
    for too_few in [&[][..], &[1, 2], &[1, 4, 5, 6], &[4]] {
        let error = policy.check(&signed_by(too_few)).unwrap_err();
        assert!(matches!(error, PolicyError::Quorum { .. }), "{too_few:?}");
    }
    let told = policy.check(&signed_by(&[1, 4])).unwrap_err().to_string();
    assert_eq!(
        told,
        "missing witness: `X-and-Y` did not sign this checkpoint; of its witnesses X1, Y1 did, X2, X3, Y2, Y3 did not"
    );
    // A line of a witness for another checkpoint spoils it, whatever the others say.
    let borrowed = witness(6).cosign(&signed(&tree(0, 4)), 7);
    let spoilt = signed_by(&[1, 2, 4]).with_signatures(&[borrowed]).unwrap();
    assert_eq!(policy.check(&spoilt).unwrap_err(), PolicyError::WrongWitness("Y3".into()));
    let other_log = SignerKey::from_seed(ORIGIN.parse().unwrap(), &[2; 32]);
    let of_other = Checkpoint::new(ORIGIN, TreeSize(0), candor_tlog::hash::empty_root()).unwrap();
    let of_other = of_other.sign(&[&other_log]).unwrap();
    assert!(matches!(policy.check(&of_other), Err(PolicyError::Log(_))));
}

#[test]
fn a_policy_that_is_not_one_names_its_line() {
    let (w1, w2) = (witness(1).key().to_string(), witness(2).key().to_string());
    assert!(policy("quorum none\n").unwrap().asks_nobody());
    assert!(!policy(&format!("witness a {w1}\nquorum a")).unwrap().asks_nobody());
    let log = log().verifier().to_string();
    for (text, words) in [
        (String::new(), "no `quorum` line"),
        ("quorum a\n".into(), "line 1: no line before this one defines `a`"),
        ("quorum none\nquorum none\n".into(), "line 2: there is a `quorum` line already"),
        (format!("witness a {w1}\nwitness a {w2}\n"), "line 2: the name `a` is taken"),
        (format!("witness a {w1}\nwitness b {w1}\n"), "line 2: this key stands here twice"),
        (format!("log {log}\nlog {log}\n"), "line 2: this key stands here twice"),
        (format!("witness none {w1}\n"), "line 1: the name `none` is taken"),
        (format!("witness a {log}\n"), "line 1: "),
        (format!("witness a {w1}\ngroup g 2 a\n"), "line 2: a group of 1 needs"),
        (format!("witness a {w1}\ngroup g any a\ngroup h any a\n"), "line 3: `a` is in a group already"),
        (format!("witness a {w1}\ngroup g 01 a\n"), "line 2: a group of 1 needs"),
        ("group g any\n".into(), "line 1: `group` with what follows"),
        ("witnes a\n".into(), "line 1: `witnes` with what follows"),
        ("quorum none\r\n".into(), "line 1: it has a control character"),
    ] {
        let told = policy(&text).unwrap_err();
        assert!(told.contains(words), "{text}: {told}");
    }
}
