//! Whose is whose: learning, forgetting, expiring.

use proptest::prelude::*;

use candor_deid::IdentifierKind::{Email, Phone};
use candor_guard::{Public, VALUES_PER_SUBJECT_MAX};

use crate::scene::{ALICE, BOB, ENGINE, Scene, kept_until, permits, subject};

#[test]
fn a_value_has_its_owners_in_any_spelling_until_they_are_forgotten() {
    let scene = Scene::new().said(ALICE, "jo@orchard.org, +44 20 7183 8750").said(BOB, "JO@orchard.org");
    assert_eq!(scene.index.owners(&ENGINE, Email, "Jo@Orchard.org"), 2);
    assert_eq!(scene.index.owners(&ENGINE, Phone, "020 7183 8750"), 1);
    scene.index.forget(subject(ALICE));
    assert_eq!(scene.index.owners(&ENGINE, Email, "jo@orchard.org"), 1);
    assert_eq!(scene.index.owners(&ENGINE, Phone, "020 7183 8750"), 0);
    scene.index.forget(subject(BOB));
    assert!(scene.index.is_empty());
}

#[test]
fn nothing_outlives_the_retention_that_was_promised() {
    let scene = Scene::new().said(ALICE, "jo@orchard.org");
    scene.index.expire(kept_until());
    assert_eq!(scene.index.len(), 1);
    scene.index.expire(kept_until().plus_days(1));
    assert!(scene.index.is_empty());
    assert_eq!(scene.said(ALICE, "jo@orchard.org").index.len(), 1);
}

#[test]
fn one_subject_cannot_fill_the_memory_and_public_values_take_none() {
    let scene = Scene::new();
    for number in 0..VALUES_PER_SUBJECT_MAX + 50 {
        scene.index.learn(
            &ENGINE,
            subject(ALICE),
            &permits(),
            &format!("a{number}@orchard.org support@shop{number}.org"),
        );
    }
    assert_eq!(scene.index.len(), VALUES_PER_SUBJECT_MAX);
}

#[test]
fn an_operators_list_counts_from_when_it_is_published() {
    let scene = Scene::new().said(ALICE, "call +1 212-736-5000");
    assert_eq!(scene.answer("+1 212-736-5000"), "[PHONE]");
    let mut public = Public::standard();
    assert!(public.add_value(&ENGINE, "+1 (212) 736-5000"));
    scene.index.publish(public);
    assert_eq!(scene.answer("+1 212-736-5000"), "+1 212-736-5000");
}

#[test]
fn debug_output_holds_no_value() {
    let scene = Scene::new().said(ALICE, "jo@orchard.org");
    assert_eq!(format!("{:?}", scene.index), "Index(1 values of 1 subjects)");
}

proptest! {
    #[test]
    fn the_index_counts_owners_as_a_plain_list_does(
        acts in proptest::collection::vec((0..4_u8, 0..5_usize, any::<bool>()), 0..40),
    ) {
        let scene = Scene::new();
        let mut list = std::collections::BTreeSet::new();
        for (who, value, forget) in acts {
            if forget && value == 0 {
                scene.index.forget(subject(who));
                list.retain(|(owner, _)| *owner != who);
            } else {
                scene.index.learn(&ENGINE, subject(who), &permits(), &format!("v{value}@orchard.org"));
                list.insert((who, value));
            }
        }
        for value in 0..5 {
            let wanted = list.iter().filter(|(_, held)| *held == value).count();
            prop_assert_eq!(scene.index.owners(&ENGINE, Email, &format!("v{value}@orchard.org")), wanted);
        }
    }
}
