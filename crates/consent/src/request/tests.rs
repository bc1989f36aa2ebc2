use proptest::prelude::*;

use super::*;

const DAY_MS: i64 = 86_400_000;

fn request(kind: RequestKind, regime: Regime, at: i64) -> Request {
    let at = Timestamp::from_millis(at);
    Request::open(RequestId::from_bytes([7; 16]), (kind, regime), at, at).unwrap()
}

#[test]
fn the_states_follow_this_table() {
    let mut table = String::new();
    for from in RequestState::ALL {
        let next = RequestState::ALL.into_iter().filter(|next| from.may_become(*next));
        table += &format!("{from} -> {}\n", next.map(RequestState::as_str).collect::<Vec<_>>().join(" "));
    }
    insta::assert_snapshot!(table, @"
    open -> in_progress fulfilled revoked denied expired
    in_progress -> in_progress fulfilled revoked denied expired
    fulfilled -> 
    revoked -> 
    denied -> 
    expired -> 
    ");
}

#[test]
fn what_shows_or_destroys_waits_for_identity_and_what_lowers_does_not() {
    let done = Step::Fulfilled { evidence: "done".into() };
    for kind in RequestKind::ALL {
        let open = request(kind, Regime::Gdpr, 0);
        let now = Timestamp::from_millis(1);
        assert_eq!(open.after(&done, now).is_ok(), kind.only_lowers(), "{kind}");
        let verified = open.after(&Step::IdentityVerified { method: "signed in".into() }, now).unwrap();
        assert_eq!(verified.after(&done, now).unwrap().state, RequestState::Fulfilled);
        let failed = open.after(&Step::IdentityFailed, now).unwrap();
        assert_eq!(failed.after(&done, now).is_ok(), kind.only_lowers(), "{kind}");
    }
}

#[test]
fn reasons_say_something_and_a_request_comes_from_the_past() {
    let open = request(RequestKind::Access, Regime::Gdpr, 5);
    let now = Timestamp::from_millis(6);
    for wordless in [
        Step::Extended { reason: " ".into() },
        Step::IdentityAsked { reason: String::new() },
        Step::Denied { reason: Denial::Other, words: None },
    ] {
        assert!(matches!(open.after(&wordless, now), Err(RequestError::Wordless { .. })), "{wordless:?}");
    }
    let denied = open.after(&Step::Denied { reason: Denial::NoMatch, words: None }, now).unwrap();
    assert_eq!((denied.state, denied.denial), (RequestState::Denied, Some(Denial::NoMatch)));
    let early = Request::open(open.id, (open.kind, open.regime), now, Timestamp::from_millis(5));
    assert!(matches!(early, Err(RequestError::Future { .. })));
}

#[test]
fn words_are_read_as_they_are_written() {
    for kind in RequestKind::ALL {
        assert_eq!(kind.as_str().parse::<RequestKind>().unwrap(), kind);
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
    for denial in Denial::ALL {
        assert_eq!(denial.as_str().parse::<Denial>().unwrap(), denial);
        assert_eq!(serde_json::to_value(denial).unwrap(), denial.as_str());
    }
    for state in RequestState::ALL {
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
    }
    let unknown = "acess".parse::<RequestKind>().unwrap_err().to_string();
    assert!(unknown.contains("access, portability"), "{unknown}");
}

fn steps() -> impl Strategy<Value = Step> {
    let words = || "[a-z]{1,4}";
    prop_oneof![
        words().prop_map(|reason| Step::IdentityAsked { reason }),
        words().prop_map(|method| Step::IdentityVerified { method }),
        Just(Step::IdentityFailed),
        words().prop_map(|reason| Step::Extended { reason }),
        words().prop_map(|evidence| Step::Fulfilled { evidence }),
        prop::sample::select(&Denial::ALL[..])
            .prop_map(|reason| Step::Denied { reason, words: Some("no".into()) }),
        Just(Step::Revoked),
        Just(Step::Expired),
        Just(Step::Opened),
    ]
}

proptest! {
    /// Whatever happens to a request in whatever order: it ends once, nobody is shown or erased who did not show who
    /// they are, and what is overdue stays so.
    #[test]
    fn every_way_through_a_request_keeps_its_rules(
        kind in prop::sample::select(&RequestKind::ALL[..]),
        regime in prop::sample::select(&Regime::ALL[..]),
        way in prop::collection::vec((steps(), 0..60 * DAY_MS), 1..12),
    ) {
        let mut now = 1_700_000_000_000;
        let mut request = request(kind, regime, now);
        let mut shown = false;
        for (step, later) in way {
            now += later;
            let at = Timestamp::from_millis(now);
            let was_overdue = request.is_overdue(at);
            match request.after(&step, at) {
                Ok(next) => {
                    prop_assert!(request.state.may_become(next.state) && !request.state.is_final());
                    match step {
                        Step::IdentityVerified { .. } => shown = true,
                        Step::IdentityAsked { .. } | Step::IdentityFailed => shown = false,
                        _ => {}
                    }
                    prop_assert!(next.state != RequestState::Fulfilled || shown || kind.only_lowers());
                    prop_assert_eq!(next.closed_at.is_some(), next.state.is_final());
                    prop_assert!(!was_overdue || next.state.is_final() || next.is_overdue(at));
                    request = next;
                }
                Err(error) => {
                    let is_closed = matches!(error, RequestError::Closed { .. });
                    prop_assert!(!request.state.is_final() || is_closed);
                }
            }
            let told = serde_json::to_value(&request).unwrap();
            prop_assert_eq!(serde_json::from_value::<Request>(told).unwrap(), request.clone());
        }
    }
}
