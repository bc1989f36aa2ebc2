//! What was hidden in conversations that go on by the id of an answer (OpenAI's `previous_response_id`): the request
//! does not hold what was said before, so the placeholders must be remembered. In memory only, and no longer than the
//! person is known.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use candor_conversation::TenantId;
use candor_guard::Mask;

/// Who goes on with a conversation: nobody goes on from another's answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    pub(crate) tenant: TenantId,
    /// The virtual key, where there is one.
    pub(crate) key: Option<String>,
    /// The operator's name for the person, if they are known.
    pub(crate) person: Option<String>,
}

/// Whose answer, and its id.
pub(crate) type AnswerKey = (Scope, String);

/// What all placeholders that are remembered may take up, in bytes; of more the oldest are forgotten.
const BYTES_MAX: usize = 16 << 20;
/// What an entry takes beside its texts, in bytes.
const ENTRY_BYTES: usize = 256;

/// Masks by answer.
pub(crate) struct Masks(Mutex<Remembered>);

struct Remembered {
    masks: HashMap<Arc<AnswerKey>, Mask>,
    /// The oldest first.
    order: VecDeque<Arc<AnswerKey>>,
    bytes: usize,
    bytes_max: usize,
}

impl Default for Masks {
    fn default() -> Self {
        Self::up_to_bytes(BYTES_MAX)
    }
}

impl Masks {
    fn up_to_bytes(bytes_max: usize) -> Self {
        let (masks, order) = (HashMap::new(), VecDeque::new());
        Self(Mutex::new(Remembered { masks, order, bytes: 0, bytes_max }))
    }

    /// What was hidden up to an answer; nothing, if it is not known.
    pub(crate) fn up_to(&self, answer: &AnswerKey) -> Mask {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).masks.get(answer).cloned().unwrap_or_default()
    }

    pub(crate) fn remember(&self, answer: AnswerKey, mask: Mask) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(Arc::new(answer), mask);
    }

    /// Forgets the conversations of those who are gone.
    pub(crate) fn forget(&self, mut is_gone: impl FnMut(&Scope) -> bool) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let gone: Vec<_> = remembered.order.iter().filter(|answer| is_gone(&answer.0)).cloned().collect();
        if !gone.is_empty() {
            gone.iter().for_each(|answer| remembered.remove(answer));
            let Remembered { masks, order, .. } = &mut *remembered;
            order.retain(|answer| masks.contains_key(answer));
        }
    }
}

impl Remembered {
    fn add(&mut self, answer: Arc<AnswerKey>, mask: Mask) {
        let bytes = bytes_of(&answer, &mask);
        if bytes > self.bytes_max {
            return;
        }
        if self.masks.contains_key(&answer) {
            self.remove(&answer);
        } else {
            self.order.push_back(Arc::clone(&answer));
        }
        self.bytes += bytes;
        self.masks.insert(answer, mask);
        while self.bytes > self.bytes_max
            && let Some(oldest) = self.order.pop_front()
        {
            self.remove(&oldest);
        }
    }

    /// Drops a mask; its place in the order stays.
    fn remove(&mut self, answer: &AnswerKey) {
        if let Some(mask) = self.masks.remove(answer) {
            self.bytes -= bytes_of(answer, &mask);
        }
    }
}

fn bytes_of((scope, id): &AnswerKey, mask: &Mask) -> usize {
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    ENTRY_BYTES + length(&scope.key) + length(&scope.person) + id.len() + mask.bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use candor_deid::{Engine, Settings};
    use proptest::prelude::*;

    fn scope(person: &str) -> Scope {
        Scope { tenant: "home".parse().unwrap(), key: Some("chat".into()), person: Some(person.into()) }
    }

    fn hiding(text: &str) -> Mask {
        let mut mask = Mask::new();
        mask.hide(&Engine::new(Settings::streamed()), text).unwrap();
        mask
    }

    #[test]
    fn a_conversation_goes_on_with_its_placeholders_for_the_same_person_only() {
        let masks = Masks::default();
        masks.remember((scope("ada"), "resp_1".into()), hiding("I am ada@lovelace.org"));
        let mut again = masks.up_to(&(scope("ada"), "resp_1".into()));
        let engine = Engine::new(Settings::streamed());
        assert_eq!(again.hide(&engine, "ada@lovelace.org, bo@lovelace.org").unwrap(), "[EMAIL_1], [EMAIL_2]");
        assert!(masks.up_to(&(scope("ben"), "resp_1".into())).is_empty());
        let elsewhere = Scope { tenant: "work".parse().unwrap(), ..scope("ada") };
        assert!(masks.up_to(&(elsewhere, "resp_1".into())).is_empty());
    }

    #[test]
    fn who_is_gone_is_forgotten_and_nobody_else() {
        let masks = Masks::default();
        for person in ["ada", "bo"] {
            masks.remember((scope(person), "resp_1".into()), hiding("I am ada@lovelace.org"));
        }
        masks.forget(|scope| scope.person.as_deref() == Some("ada"));
        assert!(masks.up_to(&(scope("ada"), "resp_1".into())).is_empty());
        assert!(!masks.up_to(&(scope("bo"), "resp_1".into())).is_empty());
        let remembered = masks.0.lock().unwrap();
        assert_eq!((remembered.masks.len(), remembered.order.len()), (1, 1));
    }

    #[test]
    fn the_oldest_conversations_are_forgotten_when_there_are_too_many_bytes() {
        let masks = Masks::up_to_bytes(10_000);
        let answer = |number: usize| (scope("ada"), format!("{number}{}", "x".repeat(1000)));
        let mask = hiding("I am ada@lovelace.org");
        (0..10).for_each(|number| masks.remember(answer(number), mask.clone()));
        assert!(masks.up_to(&answer(0)).is_empty());
        assert!(!masks.up_to(&answer(9)).is_empty());
        masks.remember((scope("ada"), "y".repeat(10_000)), mask);
        assert!(!masks.up_to(&answer(9)).is_empty());
    }

    proptest! {
        #[test]
        fn bytes_are_counted_exactly_and_never_too_many(
            steps in prop::collection::vec((0..3_usize, 0..4_usize, 0..3_000_usize, prop::bool::weighted(0.1)), 0..40),
        ) {
            let masks = Masks::up_to_bytes(10_000);
            for (person, id, length, forgets) in steps {
                let person = ["ada", "bo", "cy"][person];
                masks.remember((scope(person), format!("{id}{}", "x".repeat(length / 700 * 700))), Mask::new());
                if forgets {
                    masks.forget(|scope| scope.person.as_deref() == Some("bo"));
                }
                let remembered = masks.0.lock().unwrap();
                let bytes: usize = remembered.masks.iter().map(|(answer, mask)| bytes_of(answer, mask)).sum();
                prop_assert_eq!(bytes, remembered.bytes);
                prop_assert!(bytes <= 10_000);
                prop_assert_eq!(remembered.order.len(), remembered.masks.len());
            }
        }
    }
}
