//! What took a while to find out, held for a minute.

use std::sync::{Arc, Mutex, PoisonError};

use candor_conversation::Timestamp;

/// For how long.
const HELD_MS: i64 = 60_000;

/// Something that is found out again when it is a minute old, or when a number that it follows from changed.
pub(crate) struct Held<T>(Mutex<Option<Found<T>>>);

struct Found<T> {
    follows_from: usize,
    at: Timestamp,
    what: Arc<T>,
}

impl<T> Default for Held<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Held<T> {
    /// What is held, if it still holds.
    pub(crate) fn fresh(&self, follows_from: usize, now: Timestamp) -> Option<Arc<T>> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = found.as_ref().filter(|found| found.follows_from == follows_from)?;
        let age = now.millis() - found.at.millis();
        (0..HELD_MS).contains(&age).then(|| Arc::clone(&found.what))
    }

    /// Holds something from now on.
    pub(crate) fn hold(&self, follows_from: usize, at: Timestamp, what: T) -> Arc<T> {
        let what = Arc::new(what);
        let found = Found { follows_from, at, what: Arc::clone(&what) };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        what
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_ends_with_its_minute_and_with_what_it_follows_from() {
        let held = Held::default();
        let at = Timestamp::from_millis;
        assert!(held.fresh(1, at(0)).is_none());
        held.hold(1, at(0), "found");
        assert_eq!(held.fresh(1, at(HELD_MS - 1)).as_deref(), Some(&"found"));
        assert!(held.fresh(2, at(1)).is_none());
        assert!(held.fresh(1, at(HELD_MS)).is_none());
        assert!(held.fresh(1, at(-1)).is_none(), "a clock that was turned back");
    }
}
