//! How many requests a minute a key may make (the generic cell rate algorithm, by the crate `governor`).
//!
//! There is one state for each key that has a limit, and one for all clients without a key: what clients send
//! cannot make it more. A full allowance can be used at once and comes back evenly over a minute.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::identity::{Identifier, IdentitySettings, KeyRecord};

/// After how many whole seconds, at least one, the next request passes: what `retry-after` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("too many requests\nhint: try again in {0} s")]
pub struct RetryAfterSeconds(pub u64);

/// The limits of all keys.
pub struct Limits {
    clock: GivenTime,
    by_key: HashMap<String, Allowance>,
    unkeyed: Option<Allowance>,
}

#[derive(Clone)]
struct Allowance {
    requests_per_minute: NonZeroU32,
    limiter: Arc<RateLimiter<NotKeyed, InMemoryState, GivenTime, NoOpMiddleware<Nanos>>>,
}

impl Limits {
    /// The limits that settings name, with nothing used.
    pub fn new(settings: &IdentitySettings, identifier: &Identifier) -> Self {
        Self::with_clock(settings, identifier, None)
    }

    /// The limits of new settings. A key whose limit did not change goes on with what it has used.
    pub fn renew(&self, settings: &IdentitySettings, identifier: &Identifier) -> Self {
        Self::with_clock(settings, identifier, Some(self))
    }

    /// Counts one request, at `now` since any fixed moment: of a key, or of the clients without one.
    ///
    /// # Errors
    /// The limit is reached; the request does not count.
    pub fn check(&self, key: Option<&KeyRecord>, now: Duration) -> Result<(), RetryAfterSeconds> {
        let allowance = match key {
            Some(key) => self.by_key.get(&key.name),
            None => self.unkeyed.as_ref(),
        };
        let Some(allowance) = allowance else { return Ok(()) };
        self.clock.advance_to(now);
        allowance.limiter.check().map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            RetryAfterSeconds((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
        })
    }

    fn with_clock(settings: &IdentitySettings, identifier: &Identifier, earlier: Option<&Self>) -> Self {
        let clock = earlier.map_or_else(GivenTime::default, |earlier| earlier.clock.clone());
        let allowance = |requests_per_minute: NonZeroU32, used: Option<&Allowance>| match used {
            Some(used) if used.requests_per_minute == requests_per_minute => used.clone(),
            _ => Allowance {
                requests_per_minute,
                limiter: Arc::new(RateLimiter::direct_with_clock(
                    Quota::per_minute(requests_per_minute),
                    clock.clone(),
                )),
            },
        };
        let limited = identifier.keys().filter_map(|key| Some((key, key.requests_per_minute?)));
        let by_key = limited
            .map(|(key, rate)| {
                (key.name.clone(), allowance(rate, earlier.and_then(|e| e.by_key.get(&key.name))))
            })
            .collect();
        let unkeyed = settings
            .unkeyed_requests_per_minute
            .map(|rate| allowance(rate, earlier.and_then(|earlier| earlier.unkeyed.as_ref())));
        Self { by_key, unkeyed, clock }
    }
}

/// The latest time that a caller gave, so that threads which give theirs in another order do not turn it back.
#[derive(Clone, Default)]
struct GivenTime(Arc<AtomicU64>);

impl GivenTime {
    fn advance_to(&self, now: Duration) {
        let now_nanos = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX / 2);
        self.0.fetch_max(now_nanos, Ordering::Relaxed);
    }
}

impl Clock for GivenTime {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::new_key;

    fn settings(rates: &[(&str, Option<u32>)], unkeyed: Option<u32>) -> (IdentitySettings, Identifier) {
        let table = |(index, (name, rate)): (usize, &(&str, Option<u32>))| {
            let rate = rate.map_or(String::new(), |rate| format!("requests_per_minute = {rate}\n"));
            let hash = new_key([index as u8; 32]).1;
            format!("[[key]]\nname = '{name}'\ntenant = 'acme'\nsha256 = '{hash}'\n{rate}")
        };
        let unkeyed = unkeyed.map_or(String::new(), |rate| format!("unkeyed_requests_per_minute = {rate}\n"));
        let text = unkeyed + &rates.iter().enumerate().map(table).collect::<String>();
        let settings: IdentitySettings = toml::from_str(&text).unwrap();
        let identifier = Identifier::new(&settings, &|_| unreachable!()).unwrap();
        (settings, identifier)
    }

    fn record(identifier: &Identifier, name: &str) -> Arc<KeyRecord> {
        identifier.keys().find(|key| key.name == name).unwrap().clone()
    }

    fn passed(limits: &Limits, key: Option<&KeyRecord>, seconds: u64) -> usize {
        (0..1_000).take_while(|_| limits.check(key, Duration::from_secs(seconds)).is_ok()).count()
    }

    #[test]
    fn an_allowance_is_used_at_once_and_comes_back_over_a_minute() {
        let (settings, identifier) = settings(&[("a", Some(6)), ("b", Some(6)), ("free", None)], None);
        let limits = Limits::new(&settings, &identifier);
        let (a, b) = (record(&identifier, "a"), record(&identifier, "b"));
        assert_eq!(passed(&limits, Some(&a), 100), 6);
        assert_eq!(limits.check(Some(&a), Duration::from_secs(100)), Err(RetryAfterSeconds(10)));
        assert_eq!(limits.check(Some(&a), Duration::from_millis(109_500)), Err(RetryAfterSeconds(1)));
        assert_eq!(passed(&limits, Some(&b), 109), 6, "another key has its own");
        assert_eq!(passed(&limits, Some(&a), 110), 1);
        assert_eq!(passed(&limits, Some(&a), 1_000), 6);
        assert_eq!(passed(&limits, Some(&record(&identifier, "free")), 1_000), 1_000);
    }

    #[test]
    fn clients_without_a_key_share_one_allowance() {
        let (settings, identifier) = settings(&[("free", None)], Some(3));
        let limits = Limits::new(&settings, &identifier);
        assert_eq!(passed(&limits, None, 0), 3);
        assert_eq!(passed(&limits, Some(&record(&identifier, "free")), 0), 1_000);
    }

    #[test]
    fn new_settings_do_not_give_back_what_is_used_unless_the_limit_changes() {
        let (before, identifier) = settings(&[("a", Some(6)), ("b", Some(6))], Some(2));
        let limits = Limits::new(&before, &identifier);
        let names = ["a", "b"].map(|name| record(&identifier, name));
        names.iter().for_each(|key| assert_eq!(passed(&limits, Some(key), 5), 6));
        assert_eq!(passed(&limits, None, 5), 2);

        let (after, identifier) = settings(&[("a", Some(6)), ("b", Some(9))], Some(2));
        let renewed = limits.renew(&after, &identifier);
        let used = names.map(|key| passed(&renewed, Some(&key), 5));
        assert_eq!((used, passed(&renewed, None, 5)), ([0, 9], 0));
    }

    #[test]
    fn time_that_goes_back_neither_gives_nor_takes() {
        let (settings, identifier) = settings(&[("a", Some(60))], None);
        let limits = Limits::new(&settings, &identifier);
        let a = record(&identifier, "a");
        assert_eq!(passed(&limits, Some(&a), 50), 60);
        assert_eq!(passed(&limits, Some(&a), 10), 0);
        assert_eq!(passed(&limits, Some(&a), 51), 1);
        assert!(limits.check(Some(&a), Duration::MAX).is_ok());
    }

    #[test]
    fn threads_together_get_one_allowance() {
        let (settings, identifier) = settings(&[("a", Some(100))], None);
        let (limits, a) = (Limits::new(&settings, &identifier), record(&identifier, "a"));
        let total: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| passed(&limits, Some(&a), 1))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(total, 100);
    }
}
