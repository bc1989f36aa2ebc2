use proptest::prelude::*;

use super::*;

fn ada() -> Held {
    Held {
        enrolled: true,
        epochs: BTreeSet::from([Epoch(2)]),
        text: true,
        files: true,
        dropped: false,
        releases: BTreeSet::from(["first".to_owned()]),
        gateway_keys: BTreeSet::from(["backend".to_owned()]),
    }
}

fn read(exposed: &[Exposed], held: &Held) -> String {
    let readable = opens(&exposed.iter().cloned().collect(), held);
    readable.iter().map(|readable| readable.as_str()).collect::<Vec<_>>().join(", ")
}

#[test]
fn each_thing_alone_and_with_others_opens_what_the_table_says() {
    use Exposed::*;
    let (key, old_key) = (|| EpochKey(Epoch(2)), || EpochKey(Epoch(1)));
    let all = "metadata, profile, record of choices, text, files";
    for (exposed, expected) in [
        (vec![], ""),
        (vec![Catalogue], "metadata"),
        (vec![Objects], "metadata"),
        (vec![Inbox], "metadata"),
        (vec![key()], ""),
        (vec![MasterKey], ""),
        (vec![OperatorKey, AccessLog], ""),
        (vec![Catalogue, Objects, Inbox], "metadata"),
        (vec![Objects, key()], "metadata"),
        (vec![Objects, MasterKey], "metadata"),
        (vec![Catalogue, key()], "metadata, profile, record of choices"),
        (vec![Catalogue, old_key(), Objects], "metadata"),
        (vec![Catalogue, key(), Objects], all),
        (vec![Catalogue, key(), Inbox], all),
        (vec![Catalogue, MasterKey, Objects], all),
        (vec![Release("first".into())], "de-identified rows"),
        (vec![Release("second".into())], ""),
        (vec![GatewayKey("backend".into())], "speaking as them"),
        (vec![GatewayKey("other".into())], ""),
    ] {
        assert_eq!(read(&exposed, &ada()), expected, "{exposed:?}");
    }
}

#[test]
fn what_was_not_there_is_not_opened() {
    use Exposed::*;
    let exposed = [Catalogue, Objects, MasterKey];
    let nowhere = Held { enrolled: false, epochs: BTreeSet::new(), text: false, files: false, ..ada() };
    assert_eq!(read(&exposed, &nowhere), "");
    let silent = Held { text: false, files: false, ..ada() };
    assert_eq!(read(&exposed, &silent), "metadata, profile, record of choices");
    let dropped = Held { dropped: true, ..silent };
    assert_eq!(read(&exposed, &dropped), "metadata, profile, record of choices, text dropped since");
}

#[test]
fn text_files_and_a_voice_are_a_high_risk_and_random_ids_are_a_low_one() {
    let of = |readable: &[Readable]| Risk::of(&readable.iter().copied().collect());
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[Readable::Metadata]), Some(Risk::Low));
    assert_eq!(of(&[Readable::Metadata, Readable::Profile]), Some(Risk::Medium));
    for high in [Readable::Text, Readable::Files, Readable::Voice] {
        assert_eq!(of(&[Readable::Metadata, high]), Some(Risk::High));
    }
}

fn thing() -> impl Strategy<Value = Exposed> {
    let name = prop::sample::select(vec!["a", "b"]).prop_map(str::to_owned);
    prop_oneof![
        Just(Exposed::Catalogue),
        Just(Exposed::Objects),
        Just(Exposed::Inbox),
        (1..4_u32).prop_map(|epoch| Exposed::EpochKey(Epoch(epoch))),
        Just(Exposed::MasterKey),
        Just(Exposed::OperatorKey),
        Just(Exposed::AccessLog),
        name.clone().prop_map(Exposed::Release),
        name.prop_map(Exposed::GatewayKey),
    ]
}

fn person() -> impl Strategy<Value = Held> {
    let names = || prop::collection::btree_set(prop::sample::select(vec!["a".to_owned(), "b".into()]), 0..3);
    let epochs = prop::collection::btree_set((1..4_u32).prop_map(Epoch), 0..3);
    let facts = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (facts, epochs, names(), names()).prop_map(
        |((enrolled, text, files, dropped), epochs, releases, keys)| Held {
            enrolled,
            epochs,
            text,
            files,
            dropped,
            releases,
            gateway_keys: keys,
        },
    )
}

proptest! {
    #[test]
    fn more_exposed_never_opens_less(
        exposed in prop::collection::btree_set(thing(), 0..8),
        more in thing(),
        people in prop::collection::vec(person(), 1..6),
    ) {
        let mut all = exposed.clone();
        all.insert(more);
        for held in &people {
            let (before, after) = (opens(&exposed, held), opens(&all, held));
            prop_assert!(before.is_subset(&after), "{before:?} {after:?}");
            prop_assert!(Risk::of(&before) <= Risk::of(&after));
        }
    }
}
