//! What to generate.

use candor_conversation::Timestamp;

/// Turns of the model and of people that a conversation has on average; see [`crate::outline`].
const TURNS_AVERAGE: u32 = 4;
const NOTICE_1_DAYS_AGO: i64 = 300;
const NOTICE_2_DAYS_AGO: i64 = 60;
/// 2026-01-01T00:00:00Z: the benchmark has no use for a real date.
const BENCHMARK_NOW_MS: i64 = 1_767_225_600_000;

/// What to generate; the same plan gives the same bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Another seed, other people and other conversations.
    pub seed: u64,
    /// How many people speak. From 14 on, each [`crate::Story`] is told at least once.
    pub people: u32,
    /// How many conversations are written, near copies among them.
    pub conversations: u32,
    /// The end of the nine months that the conversations spread over.
    pub now: Timestamp,
    /// Share of conversations that repeat an earlier one, from 0 to 0.5.
    pub near_copy_share: f32,
    /// Typical length of a turn in bytes; a model's turns are longer than this, people's shorter.
    pub turn_bytes: usize,
}

impl Plan {
    /// 60 people with 400 conversations of about 1,600 turns: small enough to read.
    pub fn quickstart(now: Timestamp) -> Self {
        Self { seed: 7, people: 60, conversations: 400, now, near_copy_share: 0.08, turn_bytes: 190 }
    }

    /// `turns` turns of about 400 bytes, a fifth of the conversations near copies, 100 turns for each person.
    ///
    /// The number of turns is met to within 64.
    pub fn benchmark(seed: u64, turns: u32) -> Self {
        Self {
            seed,
            people: (turns / 100).max(60),
            conversations: turns / TURNS_AVERAGE,
            now: Timestamp::from_millis(BENCHMARK_NOW_MS),
            near_copy_share: 0.2,
            turn_bytes: 400,
        }
    }

    /// `days` before the plan's end, on a whole second.
    pub(crate) fn days_ago(&self, days: i64) -> Timestamp {
        let now_seconds = self.now.millis().div_euclid(1000);
        Timestamp::from_millis((now_seconds - days * 86_400) * 1000)
    }

    /// The near copies among the first `conversations`, so that the share is met exactly at any length.
    pub(crate) fn copies_before(&self, conversations: u32) -> u32 {
        // Whole millionths: the nearest binary fraction of 0.08 lies below it and would lose a copy.
        let share_ppm = (f64::from(self.near_copy_share.clamp(0.0, 0.5)) * 1e6).round() as u64;
        (u64::from(conversations) * share_ppm / 1_000_000) as u32
    }
}

/// When the two notices take effect: the first, and the broader one that replaces it.
pub fn notice_times(plan: &Plan) -> (Timestamp, Timestamp) {
    (plan.days_ago(NOTICE_1_DAYS_AGO), plan.days_ago(NOTICE_2_DAYS_AGO))
}
