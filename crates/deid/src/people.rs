//! Once a person, always that person: what one conversation says of people, put together.
//!
//! A name that is found once is looked for everywhere in the conversation: whole, in parts, as initials, as a handle.
//! All its forms are one person, so that they get one placeholder.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use crate::candidate::{Evidence, Span};
use crate::identifier::IdentifierKind;
use crate::names::Names;
use crate::names::tokens::{Class, Token, tokens};

/// A single word that the model is less sure of makes no person of other occurrences.
const SURE: f32 = 0.7;
/// The shortest part of a name that is looked for by itself, in characters.
const PART_CHARACTERS_MIN: usize = 3;
/// The most initials that are taken for one name.
const INITIALS_MAX: usize = 4;
/// Letters with full stops that are words, in lower case.
const ABBREVIATIONS: [&str; 12] = ["am", "pm", "eg", "ie", "us", "uk", "ad", "bc", "cf", "nb", "ps", "zb"];
/// The most people of one conversation that are remembered.
const PEOPLE_MAX: usize = 4096;

/// The people of one conversation.
#[derive(Default)]
pub(crate) struct People {
    /// The words of each full name, in lower case.
    full: BTreeMap<String, Vec<String>>,
    /// For each part of a name the one full name it belongs to; none where it is of several.
    parts: HashMap<String, Option<String>>,
    /// The initials of each full name, in lower case.
    initials: HashSet<String>,
    /// Single words that are names of people, in lower case.
    single: HashSet<String>,
}

impl People {
    /// Takes note of the people that a text names.
    pub(crate) fn meet(&mut self, text: &str, spans: &[Span]) {
        for span in spans.iter().filter(|span| span.kind == IdentifierKind::Person) {
            if self.full.len() + self.single.len() < PEOPLE_MAX {
                self.meet_name(&text[span.range.clone()], span.confidence);
            }
        }
    }

    /// Takes note of a name; how sure it is one only matters for a single word.
    pub(crate) fn meet_name(&mut self, name: &str, confidence: f32) {
        let words = words_of(name);
        let long: Vec<&String> = words.iter().filter(|word| is_part(word)).collect();
        match long[..] {
            [] => {}
            [only] if words.len() == 1 => {
                if confidence >= SURE {
                    self.single.insert(only.clone());
                }
            }
            _ => {
                let key = words.join(" ");
                for part in long {
                    let owner = self.parts.entry(part.clone()).or_insert_with(|| Some(key.clone()));
                    if owner.as_ref().is_some_and(|owner| *owner != key && !same_person(owner, &key)) {
                        *owner = None;
                    }
                }
                self.initials.insert(words.iter().filter_map(|word| word.chars().next()).collect());
                self.full.insert(key, words);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.full.is_empty() && self.single.is_empty()
    }

    /// Whether every word of a text is part of a person's name.
    pub(crate) fn is_person(&self, covered: &str) -> bool {
        let words = words_of(covered);
        let is_known = |word: &String| self.parts.contains_key(word) || self.single.contains(word);
        !words.is_empty() && words.iter().all(is_known)
    }

    /// The one spelling for all forms of a person's name.
    pub(crate) fn canonical(&self, name: &str) -> String {
        let words = words_of(name);
        if words.len() > 1 && words.iter().all(|word| word.chars().count() == 1) {
            return self.of_initials(&words.concat()).unwrap_or_else(|| words.join(" "));
        }
        let long: Vec<&String> = words.iter().filter(|word| is_part(word)).collect();
        let owners = long.iter().filter_map(|word| self.parts.get(*word)?.as_ref());
        let owners: HashSet<&String> = owners.collect();
        let mut owners = owners.into_iter().filter(|owner| {
            let owned = &self.full[*owner];
            long.iter().all(|word| owned.contains(word))
        });
        match (owners.next(), owners.next()) {
            (Some(only), None) => self.longest(only),
            _ => words.join(" "),
        }
    }

    /// The full name with these initials, where just one has them.
    fn of_initials(&self, initials: &str) -> Option<String> {
        let fits =
            |words: &Vec<String>| words.iter().filter_map(|word| word.chars().next()).eq(initials.chars());
        let mut full = self.full.iter().filter(|(_, words)| fits(words)).map(|(key, _)| key);
        match (full.next(), full.next()) {
            (Some(only), None) => Some(self.longest(only)),
            _ => None,
        }
    }

    /// The full name that a full name is a part of, where there is just one: `maria delgado` of `maria luisa delgado`.
    fn longest(&self, name: &str) -> String {
        let mut wider = self.full.keys().filter(|other| other.len() > name.len() && same_person(name, other));
        match (wider.next(), wider.next()) {
            (Some(only), None) => only.clone(),
            _ => name.to_owned(),
        }
    }

    /// Where else the people are named in a text: outside `taken`, which is sorted and disjoint.
    pub(crate) fn mentions(&self, text: &str, taken: &[Range<usize>], names: Option<&Names>) -> Vec<Span> {
        if self.is_empty() {
            return Vec::new();
        }
        let tokens = tokens(text, taken);
        let mut found = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let length =
                self.mention_at(text, &tokens[at..], names).max(self.initials_at(text, &tokens[at..]));
            if length > 0 {
                let range = tokens[at].range.start..tokens[at + length - 1].range.end;
                found.push(Span::new(range, IdentifierKind::Person, Evidence::MENTION, SURE));
            }
            at += length.max(1);
        }
        found
    }

    /// How many tokens the mention that begins here has; 0 where none does.
    fn mention_at(&self, text: &str, tokens: &[Token], names: Option<&Names>) -> usize {
        let part = |token: &Token| {
            let word = &text[token.range.clone()];
            token.class == Class::Word && self.is_mention(word, names)
        };
        if !tokens.first().is_some_and(part) {
            return 0;
        }
        let more = tokens[1..].iter().take_while(|token| part(token) && token.lines_before == 0);
        1 + more.count()
    }

    /// How many tokens the initials of a person have that begin here, as `M.D.` of Maria Delgado has; 0 where none do.
    fn initials_at(&self, text: &str, tokens: &[Token]) -> usize {
        let is_letter = |token: &Token| {
            let mut chars = text[token.range.clone()].chars();
            token.class == Class::Word
                && chars.next().is_some_and(char::is_alphabetic)
                && chars.next().is_none()
        };
        let is_stop = |token: &Token| text[token.range.clone()] == *"." && !token.space_before;
        let pairs = tokens.chunks(2).take(INITIALS_MAX);
        let count = pairs
            .enumerate()
            .take_while(|(place, pair)| {
                let joined = *place == 0 || !pair[0].space_before;
                joined && is_letter(&pair[0]) && pair.get(1).is_some_and(is_stop)
            })
            .count();
        if count < 2 {
            return 0;
        }
        let letters: String = tokens[..2 * count].iter().step_by(2).map(|t| &text[t.range.clone()]).collect();
        let lower = letters.to_lowercase();
        let is_word = letters == lower && ABBREVIATIONS.contains(&lower.as_str());
        if !is_word && self.initials.contains(&lower) { 2 * count } else { 0 }
    }

    fn is_mention(&self, word: &str, names: Option<&Names>) -> bool {
        let lower = word.to_lowercase();
        if !(self.parts.contains_key(&lower) || self.single.contains(&lower)) {
            return false;
        }
        // `Will` and `May` in lower case are words again, and so is a surname such as `Baker`.
        let is_name = |names: &Names| {
            let known = names.known(word);
            known.0 == 0 || !known.is_plain_word() && known.is(crate::names::lexicon::Known::ANY_NAME)
        };
        word.chars().next().is_some_and(char::is_uppercase) || names.is_none_or(is_name)
    }
}

/// Whether all words of one name are in the other.
fn same_person(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short.split(' ').all(|word| long.split(' ').any(|other| fits(word, other)))
}

/// Whether two words are the same, or one is the initial of the other.
fn fits(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short == long || short.chars().count() == 1 && long.starts_with(short)
}

fn is_part(word: &str) -> bool {
    word.chars().count() >= PART_CHARACTERS_MIN
        && !matches!(
            word,
            "von"
                | "van"
                | "der"
                | "den"
                | "del"
                | "los"
                | "las"
                | "bin"
                | "ben"
                | "the"
                | "mrs"
                | "miss"
                | "prof"
        )
}

fn words_of(name: &str) -> Vec<String> {
    let words = tokens(name, &[]).into_iter().filter(|token| token.class == Class::Word);
    let mut words: Vec<Range<usize>> = words.map(|token| token.range).collect();
    // `Maria's` is two words, the second of which names nobody.
    let is_owned =
        |word: &Range<usize>| name[..word.start].ends_with(['\'', '’']) && name[word.clone()] == *"s";
    if words.len() > 1 && words.last().is_some_and(is_owned) {
        words.pop();
    }
    words.into_iter().map(|word| name[word].to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(names: &[&str]) -> People {
        let mut people = People::default();
        names.iter().for_each(|name| people.meet_name(name, 1.0));
        people
    }

    #[test]
    fn all_forms_of_a_name_are_one_person_and_a_shared_part_is_nobodys() {
        let one = people(&["Maria Delgado"]);
        for form in ["maria delgado", "Maria", "DELGADO", "M. Delgado", "Delgado, Maria"] {
            assert_eq!(one.canonical(form), "maria delgado", "{form}");
        }
        let two = people(&["Maria Delgado", "Juan Delgado"]);
        assert_eq!(two.canonical("Delgado"), "delgado");
        assert_eq!(two.canonical("Juan"), "juan delgado");
        assert_eq!(
            people(&["Maria Delgado", "Maria Luisa Delgado"]).canonical("Maria"),
            "maria luisa delgado"
        );
    }

    #[test]
    fn initials_stand_for_the_one_person_who_has_them() {
        let people = people(&["Maria Delgado", "Juan Ruiz"]);
        let text = "Sign it M.D. or j.r., not U.S. or M. Plan B.";
        let found = people.mentions(text, &[], None);
        let found: Vec<_> = found.into_iter().map(|span| &text[span.range]).collect();
        assert_eq!(found, ["M.D.", "j.r."]);
        assert_eq!(people.canonical("M.D."), "maria delgado");
        assert_eq!(people.canonical("U.S."), "u s");
    }

    #[test]
    fn a_person_met_once_is_found_again_in_parts() {
        let people = people(&["Maria Delgado"]);
        let text = "Ask Maria. Or call ms delgado, not DELGADOS.";
        let found = people.mentions(text, &[], None);
        let found: Vec<_> = found.into_iter().map(|span| &text[span.range]).collect();
        assert_eq!(found, ["Maria", "delgado"]);
    }
}
