//! Sentences that tell something sensitive of a particular person or firm, though no identifier stands in them.
//!
//! `I was diagnosed with X` has nothing for [`crate::Engine`] to find. A linear model over words, pairs of words and
//! lexicons labels such sentences by class, where at least one word of the class's lexicon stands in them; a [`Policy`] says what happens with each class. A sentence that speaks of
//! nobody in particular (`Diabetes is a disease`) is never labelled, and code is not.
//!
//! The model learnt from sentences generated from templates in English, with few in German, French and Spanish, where
//! it finds less, and from harmless sentences of volunteers. What it misses is measured in `crates/deid/weights/SENSITIVE-LICENCE.md`.
//!
//! ```
//! use candor_deid::sensitive::{Class, Sensitive};
//!
//! let sensitive = Sensitive::shipped();
//! let labels = sensitive.label("I was diagnosed with epilepsy last year.");
//! assert_eq!(labels.iter().map(|label| label.class).collect::<Vec<_>>(), [Class::Health]);
//! assert!(labels[0].words.iter().any(|word| word.contains("epilepsy")));
//! assert!(sensitive.label("Epilepsy is a disease of the nervous system.").is_empty());
//! ```

mod features;
mod lexicon;
mod model;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use crate::sensitive::features::{Sentence, is_code, read, read_with_class, sentences};
use crate::sensitive::model::Model;

static SHIPPED: &[u8] = include_bytes!("../weights/sensitive.bin");
/// The probability from which a sentence has a class.
const THRESHOLD: f32 = 0.5;
/// Words that are given as evidence.
const WORDS_MAX: usize = 4;

/// What a sentence tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Illness, disability, pregnancy, medication, states of mind.
    Health,
    /// What a person earns, owns or owes.
    Money,
    /// Whom a person loves or sleeps with, and gender identity.
    Sexuality,
    /// What a person believes.
    Religion,
    /// What a person votes for or campaigns for.
    Politics,
    /// Membership of a trade union and what a person does there.
    Union,
    /// Descent, skin colour, people.
    Ethnicity,
    /// What a body is recognised by: fingerprints, face, genome.
    Biometrics,
    /// A particular child.
    Minors,
    /// Arrests, charges, sentences.
    Criminal,
    /// What a firm knows of a customer, client, patient or applicant.
    CustomerData,
    /// Figures, deals and plans of a firm that are not published.
    Business,
    /// What somebody told in confidence.
    Confidence,
}

impl Class {
    /// Every class.
    pub const ALL: [Class; 13] = [
        Class::Health,
        Class::Money,
        Class::Sexuality,
        Class::Religion,
        Class::Politics,
        Class::Union,
        Class::Ethnicity,
        Class::Biometrics,
        Class::Minors,
        Class::Criminal,
        Class::CustomerData,
        Class::Business,
        Class::Confidence,
    ];

    /// The word for it on a card and in settings.
    pub fn name(self) -> &'static str {
        match self {
            Class::Health => "health",
            Class::Money => "money",
            Class::Sexuality => "sexuality",
            Class::Religion => "religion",
            Class::Politics => "politics",
            Class::Union => "union",
            Class::Ethnicity => "ethnicity",
            Class::Biometrics => "biometrics",
            Class::Minors => "minors",
            Class::Criminal => "criminal-record",
            Class::CustomerData => "customer-data",
            Class::Business => "business",
            Class::Confidence => "confidence",
        }
    }

    /// What stands for a sentence of this class where a policy generalises.
    pub fn generalised(self) -> &'static str {
        match self {
            Class::Health => "[something about health]",
            Class::Money => "[something about money]",
            Class::Sexuality => "[something about sexuality]",
            Class::Religion => "[something about religion]",
            Class::Politics => "[something about politics]",
            Class::Union => "[something about union membership]",
            Class::Ethnicity => "[something about ethnicity]",
            Class::Biometrics => "[something about biometrics]",
            Class::Minors => "[something about a child]",
            Class::Criminal => "[something about a criminal record]",
            Class::CustomerData => "[something about a customer]",
            Class::Business => "[something internal to a firm]",
            Class::Confidence => "[something told in confidence]",
        }
    }
}

/// A class that a sentence has.
#[derive(Clone, PartialEq)]
pub struct Label {
    /// Which.
    pub class: Class,
    /// How sure, 0 to 1: the model's probability, not calibrated on real text.
    pub score: f32,
    /// The words that weighed most, heaviest first, in lower case without accents. They are the person's: never log them.
    pub words: Vec<String>,
}

/// What happens to a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// It stays.
    Keep,
    /// [`Class::generalised`] stands for it.
    Generalise,
    /// Its turn is withheld.
    Withhold,
}

/// What happens to the sentences of each class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The classes with what happens to them; a class that is missing is kept.
    pub actions: BTreeMap<Class, Action>,
}

/// Labels sentences.
pub struct Sensitive {
    model: Model,
}

impl Sensitive {
    /// With the weights that are shipped.
    pub fn shipped() -> Self {
        Self { model: Model::read(SHIPPED) }
    }

    /// The classes of one sentence, the surest first.
    pub fn label(&self, sentence: &str) -> Vec<Label> {
        if is_code(sentence) {
            return Vec::new();
        }
        let Some(sentence) = read_with_class(sentence).filter(|sentence| sentence.persons.any()) else {
            return Vec::new();
        };
        let scored =
            sentence.classes.iter().copied().map(|class| (class, self.model.probability(class, &sentence)));
        let mut labels: Vec<Label> = scored
            .filter(|(_, score)| *score >= THRESHOLD)
            .map(|(class, score)| Label { class, score, words: self.words(class, &sentence) })
            .collect();
        labels.sort_by(|a, b| b.score.total_cmp(&a.score));
        labels
    }

    /// The sentences of a text that have a class, by their bytes.
    pub fn label_text(&self, text: &str) -> Vec<(Range<usize>, Vec<Label>)> {
        let labelled = sentences(text).into_iter().map(|range| (range.clone(), self.label(&text[range])));
        labelled.filter(|(_, labels)| !labels.is_empty()).collect()
    }

    fn words(&self, class: Class, sentence: &Sentence) -> Vec<String> {
        let mut sums: BTreeMap<&str, f32> = BTreeMap::new();
        for feature in sentence.features.iter().filter(|feature| !feature.words.is_empty()) {
            *sums.entry(&feature.words).or_default() += self.model.weight(class, feature.bucket);
        }
        let mut words: Vec<(&str, f32)> = sums.into_iter().filter(|(_, weight)| *weight > 0.0).collect();
        words.sort_by(|a, b| b.1.total_cmp(&a.1));
        words.into_iter().take(WORDS_MAX).map(|(words, _)| words.to_owned()).collect()
    }
}

impl Policy {
    /// Withholds what is of others, who were never asked, since an answer would tell it again; generalises the rest.
    pub fn standard() -> Self {
        use Class as C;
        let withheld = [C::Minors, C::CustomerData, C::Business, C::Confidence];
        let action = |class| if withheld.contains(&class) { Action::Withhold } else { Action::Generalise };
        Self { actions: C::ALL.into_iter().map(|class| (class, action(class))).collect() }
    }

    /// Keeps all; sentences are only counted.
    pub fn keeping() -> Self {
        Self { actions: Class::ALL.into_iter().map(|class| (class, Action::Keep)).collect() }
    }

    /// What happens to a sentence with these labels: the strictest of what its classes ask for.
    pub fn action(&self, labels: &[Label]) -> Action {
        let actions = labels.iter().filter_map(|label| self.actions.get(&label.class));
        actions.copied().max().unwrap_or(Action::Keep)
    }
}

/// Whether a sentence is one that a model of harmless text may learn from: the writer says nothing of themselves or of
/// somebody they know, or uses no word of any class.
pub fn is_background(sentence: &str) -> bool {
    let sentence = read(sentence);
    sentence.persons.any() && (!sentence.persons.near() || sentence.classes.is_empty())
}

/// The sentences of a text, by their bytes.
pub fn split(text: &str) -> Vec<Range<usize>> {
    sentences(text)
}

/// The bytes of the weights that these sentences, with their classes, teach.
///
/// What `cargo xtask train-deid sensitive` writes to `weights/sensitive.bin`.
pub fn learn(rows: &[(String, Vec<Class>)]) -> Vec<u8> {
    model::learn(rows)
}

/// Shows the class and the score, never the words.
impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Label({} {:.2})", self.class.name(), self.score)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_of_the_classes_decides() {
        let label = |class| Label { class, score: 0.9, words: vec!["secret".into()] };
        let policy = Policy::standard();
        assert_eq!(policy.action(&[]), Action::Keep);
        assert_eq!(policy.action(&[label(Class::Health)]), Action::Generalise);
        assert_eq!(policy.action(&[label(Class::Health), label(Class::Minors)]), Action::Withhold);
        assert_eq!(Policy::keeping().action(&[label(Class::Health)]), Action::Keep);
    }

    #[test]
    fn a_label_never_shows_words() {
        let labels = Sensitive::shipped().label("I was diagnosed with epilepsy.");
        assert!(!labels.is_empty() && !format!("{labels:?}").contains("epilepsy"));
    }

    #[test]
    fn the_sentences_of_a_text_are_labelled_where_they_stand() {
        let text = "Hello there!\nI was diagnosed with epilepsy. What is 3.5 plus 4?";
        let labelled = Sensitive::shipped().label_text(text);
        let sentences: Vec<&str> = labelled.iter().map(|(range, _)| text[range.clone()].trim()).collect();
        assert_eq!(sentences, ["I was diagnosed with epilepsy."]);
    }
}
