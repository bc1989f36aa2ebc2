//! What was hidden in conversations that go on by the id of an answer (OpenAI's `previous_response_id`): the request
//! does not hold what was said before, so the placeholders must be remembered. In memory only.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use candor_guard::Mask;

/// Whose answer, and its id: nobody goes on from another's.
pub(crate) type AnswerKey = (String, String);

/// Conversations whose placeholders are remembered; of more the oldest is forgotten.
const ANSWERS_MAX: usize = 1_000;

/// Masks by answer.
#[derive(Default)]
pub(crate) struct Masks(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    masks: HashMap<AnswerKey, Mask>,
    order: VecDeque<AnswerKey>,
}

impl Masks {
    /// What was hidden up to an answer; nothing, if it is not known.
    pub(crate) fn up_to(&self, answer: &AnswerKey) -> Mask {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).masks.get(answer).cloned().unwrap_or_default()
    }

    pub(crate) fn remember(&self, answer: AnswerKey, mask: Mask) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.masks.insert(answer.clone(), mask).is_none() {
            remembered.order.push_back(answer);
        }
        while remembered.order.len() > ANSWERS_MAX {
            if let Some(oldest) = remembered.order.pop_front() {
                remembered.masks.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candor_deid::{Engine, Settings};

    #[test]
    fn a_conversation_goes_on_with_its_placeholders_for_the_same_person_only() {
        let engine = Engine::new(Settings::standard());
        let mut mask = Mask::new();
        mask.hide(&engine, "I am ada@lovelace.org").unwrap();
        let masks = Masks::default();
        masks.remember(("ada".into(), "resp_1".into()), mask);
        let mut again = masks.up_to(&("ada".into(), "resp_1".into()));
        assert_eq!(again.hide(&engine, "ada@lovelace.org, bo@lovelace.org").unwrap(), "[EMAIL_1], [EMAIL_2]");
        assert!(masks.up_to(&("ben".into(), "resp_1".into())).is_empty());
    }

    #[test]
    fn the_oldest_conversations_are_forgotten() {
        let masks = Masks::default();
        for number in 0..=ANSWERS_MAX {
            masks.remember((String::new(), number.to_string()), Mask::new());
        }
        let remembered = masks.0.lock().unwrap();
        assert_eq!(remembered.masks.len(), ANSWERS_MAX);
        assert!(!remembered.masks.contains_key(&(String::new(), "0".into())));
    }
}
