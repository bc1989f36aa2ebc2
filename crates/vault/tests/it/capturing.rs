//! What is captured, with whom, and how much room it takes.

use candor_consent::{AfterWithdrawal, Notice, NoticeVersion, Purpose, State, examples};
use candor_conversation::{Conversation, Part, Role, Turn};
use candor_vault::{Act, Capture, Decompressor, Job, Key, SealedPiece, Vault};

use super::place::{Place, defaults, person, pieces, thread, time};

fn capture(place: &mut Place, vault: &mut Vault, conversations: Vec<Conversation>) -> u64 {
    let now = time("2026-01-05T00:00:00Z");
    let mut capture = Capture::begin(vault, defaults(), now, &mut place.entropy).unwrap();
    let imported = capture.add(conversations).unwrap().imported;
    capture.commit(None).unwrap();
    imported
}

#[test]
fn a_reply_takes_no_more_sealed_bytes_for_the_many_people_before_it() {
    const PEOPLE: usize = 1_500;
    // Key, nonce and authentication tag.
    const WRAPPED_KEY_BYTES: usize = 32 + 24 + 16;
    let mut place = Place::new();
    let mut vault = place.open();
    let names: Vec<String> = (0..PEOPLE).map(|number| format!("person-{number}")).collect();
    place.enrol(&mut vault, names.clone());
    let authors: Vec<&str> = names.iter().map(String::as_str).collect();
    let imported = capture(&mut place, &mut vault, vec![thread("crowd", &authors)]);
    assert_eq!(imported, 2 * PEOPLE as u64);

    let pieces = pieces(&vault).unwrap();
    // The first reply shares the piece of the turn that it answers.
    assert_eq!(pieces.len(), 2 * PEOPLE - 1);
    let sealed_bytes = |piece: &SealedPiece| piece.wrapped_key.len() + piece.meta.len() + piece.text.len();
    let reply_to = |count| pieces.iter().find(|piece| piece.authors.len() == count).unwrap();
    let (early, last) = (reply_to(2), reply_to(PEOPLE));
    assert!(pieces.iter().all(|piece| piece.wrapped_key.len() == WRAPPED_KEY_BYTES));
    let most = pieces.iter().map(sealed_bytes).max().unwrap();
    assert!(most < 2 * sealed_bytes(early), "{most} bytes, and {} with two authors", sealed_bytes(early));

    let people: Vec<_> = names.iter().map(|name| person(&vault, name)).collect();
    let key_of = |tag| &people.iter().find(|person| person.tag == tag).unwrap().key;
    let mut keys: Vec<&Key> = last.authors.iter().map(|tag| key_of(*tag)).collect();
    let mut decompressor = Decompressor::new().unwrap();
    assert_eq!(last.open(&keys, &mut decompressor).unwrap().turns.len(), 1);
    keys[PEOPLE / 2] = keys[0];
    assert!(last.open(&keys, &mut decompressor).is_err(), "one key of many is missing");
}

fn turn(id: &str, parent: Option<usize>, author: Option<&str>) -> Turn {
    let role = author.map_or(Role::System, |_| Role::User);
    let mut turn = Turn::new(id.to_owned(), parent, role, vec![Part::Text(format!("text of {id}"))]);
    turn.author = author.map(str::to_owned);
    turn
}

#[test]
fn what_opens_a_thread_goes_with_the_first_kept_turn_under_it() {
    let mut place = Place::new();
    let mut vault = place.open();
    let turns = vec![
        turn("rules", None, None),
        turn("more-rules", Some(0), None),
        turn("stranger", Some(1), Some("nobody")),
        turn("bo", Some(1), Some("bo")),
        turn("ada", Some(0), Some("ada")),
        turn("unheard-rules", None, None),
        turn("unheard-stranger", Some(5), Some("nobody")),
    ];
    let thread = Conversation::new("opened".to_owned(), turns).unwrap();
    assert_eq!(
        capture(&mut place, &mut vault, vec![thread]),
        4,
        "the rules that nobody kept went under stay out"
    );
    let (ada, bo) = (person(&vault, "ada"), person(&vault, "bo"));
    let pieces = pieces(&vault).unwrap();
    let turns_of = |tag| {
        let of_one = pieces.iter().filter(|piece| piece.authors == [tag]);
        of_one.map(|piece| piece.turns).sum::<u32>()
    };
    assert_eq!((turns_of(ada.tag), turns_of(bo.tag)), (1, 3));
    assert_eq!(pieces.len(), 2);
}

#[test]
fn the_files_that_an_unfinished_import_names_are_not_read_from_the_catalogue_and_go_with_an_erasure() {
    let mut place = Place::new();
    let mut vault = place.open();
    let job = Job {
        source: vault.job_source(&["/exports/ada-lovelace.json".into()]),
        position: Some(r#"{"file":"ada-lovelace.json","at":1815}"#.into()),
        counts: r#"{"examined":1852}"#.into(),
    };
    let now = time("2026-01-05T00:00:00Z");
    let mut capture = Capture::begin(&mut vault, defaults(), now, &mut place.entropy).unwrap();
    capture.add(vec![thread("first", &["ada"])]).unwrap();
    capture.commit(Some(&job)).unwrap();
    drop(capture);
    let bytes = place.catalogue_bytes();
    for secret in ["ada-lovelace", "1815", "1852"] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
    assert_eq!(vault.unfinished_job(&job.source).unwrap(), Some(job.clone()));

    let ada = person(&vault, "ada");
    vault.erase(&ada, &[], now).unwrap();
    assert_eq!(vault.unfinished_job(&job.source).unwrap(), None);
}

#[test]
fn the_state_of_one_import_does_not_pass_for_that_of_another() {
    let mut place = Place::new();
    let mut vault = place.open();
    let source = vault.job_source(&["one".into()]);
    let job = Job { source: source.clone(), position: Some("here".into()), counts: "{}".into() };
    let now = time("2026-01-05T00:00:00Z");
    Capture::begin(&mut vault, defaults(), now, &mut place.entropy).unwrap().commit(Some(&job)).unwrap();
    drop(vault);
    place.tamper("UPDATE import_job SET source = 'another'");
    let vault = place.open();
    assert_eq!(vault.unfinished_job(&source).unwrap(), None);
    assert!(vault.unfinished_job("another").is_err());
}

#[test]
fn what_one_notice_keeps_after_a_withdrawal_holds_back_nothing_that_another_promised_to_purge() {
    let mut place = Place::new();
    let mut vault = place.open();
    let ours = Notice::parse(examples::OURS).unwrap();
    let newer = time("2026-01-05T00:00:00Z");
    let keeping = Notice {
        version: NoticeVersion(ours.version.0 + 1),
        effective_at: newer,
        after_withdrawal: AfterWithdrawal::Keep,
        ..ours
    };
    let notice = vault.publish_notice(&keeping, newer).unwrap();
    let ada = person(&vault, "ada");
    let act = |state, effective_at| {
        [Purpose::History, Purpose::Train].map(|purpose| Act {
            subject: ada.id,
            purpose,
            state,
            notice,
            effective_at,
            attested_by: None,
            evidence: None,
        })
    };
    vault.record(&act(State::Renewed, newer), newer, &mut place.entropy).unwrap();
    let mut turns = vec![turn("older", None, Some("ada")), turn("newer", Some(0), Some("ada"))];
    turns[0].at = Some(time("2026-01-04T12:00:00Z"));
    turns[1].at = Some(time("2026-01-05T12:00:00Z"));
    let now = time("2026-01-06T00:00:00Z");
    let mut capture = Capture::begin(&mut vault, defaults(), now, &mut place.entropy).unwrap();
    let thread = Conversation::new("both".to_owned(), turns).unwrap();
    assert_eq!(capture.add(vec![thread]).unwrap().imported, 2);
    capture.commit(None).unwrap();
    drop(capture);
    let before = pieces(&vault).unwrap();
    assert_eq!(before.len(), 2);
    assert_eq!(before[0].expires_day, before[1].expires_day, "only the notices tell them apart");

    vault.record(&act(State::Withdrawn, now), now, &mut place.entropy).unwrap();
    assert_eq!(vault.run_retention(now, &mut place.entropy).unwrap().turns_purged, 1);
    let after = pieces(&vault).unwrap();
    assert_eq!(after.len(), 1, "the newer notice keeps its turn");
    let mut decompressor = Decompressor::new().unwrap();
    let open = after[0].open(&[&ada.key], &mut decompressor).unwrap();
    assert_eq!(open.turns[0].said_at, Some(time("2026-01-05T12:00:00Z")));
}
