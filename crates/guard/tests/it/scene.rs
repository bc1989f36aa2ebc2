//! A tenant with two people and a gateway's view of an answer.

use std::sync::{Arc, LazyLock};

use candor_consent::{
    Decision, Event, EventId, Facts, Moment, Notice, NoticeBook, Permits, Purpose, State, decide, examples,
};
use candor_conversation::{SubjectId, Tier, Timestamp};
use candor_deid::{Engine, Settings};
use candor_guard::{
    Budget, BudgetSettings, Charged, Exchange, Index, OwnValues, Place, Policy, Public, Watch,
};

pub(crate) static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(Settings::streamed()));

/// The one whose details must not reach the asker.
pub(crate) const ALICE: u8 = 1;
/// The asker.
pub(crate) const BOB: u8 = 2;

pub(crate) fn subject(number: u8) -> SubjectId {
    SubjectId::from_bytes([number; 16])
}

impl Scene {
    pub(crate) fn new() -> Self {
        Scene {
            index: Arc::new(Index::new([7; 32], Public::standard())),
            own: Vec::new(),
            asker: Some(subject(BOB)),
        }
    }

    pub(crate) fn said(self, who: u8, text: &str) -> Self {
        self.index.learn(&ENGINE, subject(who), &permits(), text);
        self
    }

    pub(crate) fn asking(mut self, text: &str) -> Self {
        self.own.push(text.to_owned());
        self
    }

    pub(crate) fn budget(stops_max: u32) -> Arc<Budget> {
        Arc::new(Budget::new(BudgetSettings { stops_max, window_ms: 1000 }, 0))
    }

    pub(crate) fn watch(&self, policy: Policy, budget: Arc<Budget>) -> Watch {
        let sent = self.own.clone();
        let own = OwnValues::of(move |show| sent.iter().for_each(|text| show(text)));
        let exchange = Exchange {
            engine: ENGINE.clone(),
            index: Arc::clone(&self.index),
            asker: self.asker,
            own,
            policy,
            budget,
            now_ms: 0,
            charged: Charged::default(),
        };
        Watch::new(Arc::new(exchange), Place::Answer)
    }

    /// The masked answer.
    pub(crate) fn answer(&self, text: &str) -> String {
        run(&mut self.watch(Policy::Mask, Self::budget(1000)), &[text])
    }
}

pub(crate) struct Scene {
    pub(crate) index: Arc<Index>,
    pub(crate) own: Vec<String>,
    pub(crate) asker: Option<SubjectId>,
}

/// All that a watch releases of a text in chunks.
pub(crate) fn run(watch: &mut Watch, chunks: &[&str]) -> String {
    let mut out: String = chunks.iter().map(|chunk| watch.push(chunk).text).collect();
    out.push_str(&watch.finish().text);
    out
}

/// Permits of a turn said today, under our own example notice.
pub(crate) fn permits() -> Permits {
    let notice = Notice::parse(examples::OURS).unwrap();
    let today = notice.effective_at.plus_days(1);
    let given = Event {
        id: EventId([1; 16]),
        subject: subject(ALICE),
        purpose: Purpose::Train,
        state: State::Given,
        notice: notice.id(),
        effective_at: today,
        recorded_at: today,
        attested: false,
        guardian: false,
    };
    let facts = Facts {
        purpose: Purpose::Train,
        moment: Moment::Capture,
        said_at: Some(today.plus_days(1)),
        now: today.plus_days(1),
        tier: Tier::Consumer,
        region: None,
        age: None,
        contract: &[],
        opted_out: false,
        history: &[given],
        notices: &NoticeBook::new(vec![notice]),
    };
    let Decision::Allowed(permit) = decide(&facts) else { panic!("the example notice permits a turn") };
    Permits::new(vec![permit]).unwrap()
}

/// The last moment that [`permits`] promise.
pub(crate) fn kept_until() -> Timestamp {
    permits().keep_until()
}
