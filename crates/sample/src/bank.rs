//! What people talk about: sentences with slots, by language and topic. All written for this crate.

mod code;
mod cooking;
mod everyday;
mod french;
mod gardening;
mod german;
mod health;
mod languages;
mod letters;
mod money;
mod repairs;
mod school;
mod spanish;
mod travel;

pub(crate) use everyday::ENGLISH;
pub(crate) use french::FRENCH;
pub(crate) use german::GERMAN;
pub(crate) use spanish::SPANISH;

/// A list of words that fill the slot of this name.
pub(crate) struct Words(pub(crate) &'static str, pub(crate) &'static [&'static str]);

/// What conversations in one language share.
pub(crate) struct Language {
    pub(crate) words: &'static [Words],
    pub(crate) greetings: &'static [&'static str],
    pub(crate) thanks: &'static [&'static str],
    /// What people add about themselves, whatever the topic.
    pub(crate) contexts: &'static [&'static str],
    /// What a second person says on joining a thread.
    pub(crate) joins: &'static [&'static str],
    /// Questions and answers that fit anywhere.
    pub(crate) follow_ups: &'static [(&'static str, &'static str)],
    pub(crate) systems: &'static [&'static str],
    pub(crate) topics: &'static [&'static Topic],
}

/// A field of life with threads about it.
pub(crate) struct Topic {
    pub(crate) words: &'static [Words],
    /// Advice that fits each of its threads.
    pub(crate) details: &'static [&'static str],
    pub(crate) threads: &'static [Thread],
}

/// One thing people ask, in several ways, and what there is to say about it.
pub(crate) struct Thread {
    pub(crate) asks: &'static [&'static str],
    /// What the asker adds.
    pub(crate) contexts: &'static [&'static str],
    /// First sentences of the answer to the ask of the same number; further asks share the last.
    pub(crate) answers: &'static [&'static str],
    /// Further sentences, in any order.
    pub(crate) details: &'static [&'static str],
    /// A later question and the first sentence of its answer.
    pub(crate) follow_ups: &'static [(&'static str, &'static str)],
}
