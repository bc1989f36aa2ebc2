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
                limiter: Arc::new(RateLimiter::direct_with_clock(Quota::per_minute(requests_per_minute), clock.clone())),
            },
        };
        let limited = identifier.keys().filter_map(|key| Some((key, key.requests_per_minute?)));
        let by_key = limited
            .map(|(key, rate)| (key.name.clone(), allowance(rate, earlier.and_then(|e| e.by_key.get(&key.name)))))
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
