//! What a turn tells that names nobody: kept, generalised, or withheld with its turn, as a policy has it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use candor_deid::sensitive::{Action, Class, Policy, Sensitive};

static SENSITIVE: LazyLock<Sensitive> = LazyLock::new(Sensitive::shipped);

/// Sentences of each class, by what became of them.
pub type SensitiveCounts = BTreeMap<(Class, Action), u64>;

/// What a policy makes of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Whether the turn is withheld; what follows holds for one that is not.
    pub is_withheld: bool,
    /// The sentences that are generalised, by their bytes, each with what stands for it; in order.
    pub generalised: Vec<(Range<usize>, &'static str)>,
    /// Its sentences that have a class. One with several counts under each, with what became of it.
    pub counts: SensitiveCounts,
}

/// What a policy makes of a text; nothing where no sentence has a class.
pub fn judge(policy: &Policy, text: &str) -> Option<Judged> {
    let labelled = SENSITIVE.label_text(text);
    if labelled.is_empty() {
        return None;
    }
    let is_withheld = labelled.iter().any(|(_, labels)| policy.action(labels) == Action::Withhold);
    let mut judged = Judged { is_withheld, generalised: Vec::new(), counts: BTreeMap::new() };
    for (range, labels) in labelled {
        let action = if is_withheld { Action::Withhold } else { policy.action(&labels) };
        for label in &labels {
            *judged.counts.entry((label.class, action)).or_default() += 1;
        }
        // Of classes that are generalised the surest names the sentence.
        let asks = |class: Class| policy.actions.get(&class) == Some(&Action::Generalise);
        if let Some(label) = labels.iter().find(|label| action == Action::Generalise && asks(label.class)) {
            judged.generalised.push((trimmed(text, range), label.class.generalised()));
        }
    }
    Some(judged)
}

impl Judged {
    /// The text with what stands for its sentences.
    pub fn written(&self, text: &str) -> String {
        let mut written = String::with_capacity(text.len());
        let mut from = 0;
        for (range, label) in &self.generalised {
            written.push_str(&text[from..range.start]);
            written.push_str(label);
            from = range.end;
        }
        written.push_str(&text[from..]);
        written
    }
}

/// The range without the white space around what is in it.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let sentence = &text[range.clone()];
    let start = range.start + sentence.len() - sentence.trim_start().len();
    start..start + sentence.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "Hello there!\n  I was diagnosed with epilepsy last year. What is a good diet?";
    const OF_ANOTHER: &str = "My friend told me in strict confidence that she is leaving her husband.";

    #[test]
    fn a_sentence_is_generalised_where_it_stands_and_the_rest_is_as_it_was() {
        let judged = judge(&Policy::standard(), TOLD).unwrap();
        assert_eq!(judged.written(TOLD), "Hello there!\n  [something about health] What is a good diet?");
        assert_eq!(judged.counts, [((Class::Health, Action::Generalise), 1)].into());
        assert!(!judged.is_withheld);
    }

    #[test]
    fn what_another_told_withholds_the_turn_and_all_sentences_count_as_withheld() {
        let both = format!("{TOLD} {OF_ANOTHER}");
        let judged = judge(&Policy::standard(), &both).unwrap();
        assert!(judged.is_withheld && judged.generalised.is_empty());
        assert!(judged.counts.keys().all(|(_, action)| *action == Action::Withhold));
        assert!(judged.counts.contains_key(&(Class::Health, Action::Withhold)), "{:?}", judged.counts);
    }

    #[test]
    fn what_is_kept_is_counted_and_harmless_text_is_not() {
        let judged = judge(&Policy::keeping(), TOLD).unwrap();
        assert_eq!(judged.written(TOLD), TOLD);
        assert_eq!(judged.counts, [((Class::Health, Action::Keep), 1)].into());
        assert_eq!(judge(&Policy::standard(), "Epilepsy is a disease. What is 3.5 plus 4?"), None);
    }
}
