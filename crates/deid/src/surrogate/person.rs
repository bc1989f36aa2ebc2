//! Names of people: each part has one surrogate, so that a part agrees with the whole.

use std::collections::{HashMap, HashSet};

use crate::plain::plain;
use crate::surrogate::draw::Draws;
use crate::surrogate::people::{Locale, Role, all_names, listed, locale_by_ending, names};
use crate::surrogate::shape::{essence, in_case_of, map_words, words};
use crate::surrogate::words::invented;

/// Words inside a name that stay as they are.
const PARTICLES: [&str; 32] = [
    "van", "von", "de", "der", "den", "del", "della", "di", "da", "dos", "das", "du", "la", "le", "el", "al",
    "bin", "ibn", "ter", "ten", "y", "e", "af", "av", "zu", "zur", "zum", "und", "and", "of", "the", "st",
];
/// Forms of address and what follows a name; they stay as they are.
const TITLES: [&str; 40] = [
    "mr",
    "mrs",
    "ms",
    "miss",
    "mx",
    "dr",
    "prof",
    "professor",
    "doctor",
    "sir",
    "dame",
    "lord",
    "lady",
    "herr",
    "frau",
    "señor",
    "señora",
    "sr",
    "sra",
    "don",
    "doña",
    "mme",
    "mlle",
    "monsieur",
    "madame",
    "signor",
    "signora",
    "jr",
    "ii",
    "iii",
    "phd",
    "md",
    "esq",
    "rev",
    "sgt",
    "captain",
    "judge",
    "aunt",
    "uncle",
    "nurse",
];
/// Draws of a part before a name is invented.
const LISTED_ATTEMPTS: u32 = 48;
/// Draws of a part at most; an invented name is free long before.
const ATTEMPTS_MAX: u32 = 512;

/// The parts of names that were met in a conversation, with their surrogates.
#[derive(Default)]
pub(super) struct People {
    /// Plain part to surrogate.
    parts: HashMap<String, String>,
    /// Essences of surrogates that were given.
    taken: HashSet<String>,
}

impl People {
    /// The surrogate of a mention of a person; none where the name is not in Latin letters.
    ///
    /// `entity` is the fullest name known of the person; it says what the parts of a shorter mention are.
    pub(super) fn name(
        &mut self,
        draws: &Draws,
        real: &HashSet<String>,
        entity: &str,
        mention: &str,
    ) -> Option<String> {
        if !mention.chars().any(char::is_alphabetic) || !mention.chars().chain(entity.chars()).all(is_latin) {
            return None;
        }
        let whole = Whole::of(entity, mention);
        let surrogate = map_words(mention, |word| {
            let (stem, clitic) = without_clitic(word);
            let key = plain(stem);
            if is_kept(stem) {
                return word.to_owned();
            }
            let written = if stem.chars().count() == 1 {
                self.initial(draws, real, &whole, stem)
            } else {
                in_case_of(stem, &self.part(draws, real, &key, &whole))
            };
            format!("{written}{clitic}")
        });
        Some(surrogate)
    }

    /// The surrogate of a part that may be one of a name: known here, or listed.
    pub(super) fn known_or_listed(
        &mut self,
        draws: &Draws,
        real: &HashSet<String>,
        part: &str,
    ) -> Option<String> {
        let key = plain(part);
        if let Some(surrogate) = self.parts.get(&key) {
            return Some(surrogate.clone());
        }
        let is_name = key.chars().count() > 2 && !listed(&key).is_empty();
        is_name.then(|| self.part(draws, real, &key, &Whole::of(part, part)))
    }

    /// The surrogate of a known part that these letters begin or end with, and what is left of the letters.
    pub(super) fn known_inside<'l>(&self, letters: &'l str) -> Option<(&'l str, String, &'l str)> {
        let mut keys: Vec<_> =
            self.parts.keys().filter(|key| key.len() > 2 && letters.contains(*key)).collect();
        keys.sort_by_key(|key| (std::cmp::Reverse(key.len()), (*key).clone()));
        let key = keys.first()?;
        let (before, after) = letters.split_once(key.as_str())?;
        Some((before, self.parts[*key].clone(), after))
    }

    /// The surrogate of the one known part that begins with these letters.
    pub(super) fn beginning_with(&self, letters: &str) -> Option<String> {
        let mut known = self.parts.iter().filter(|(part, _)| part.starts_with(letters));
        let only = known.next()?.1.clone();
        known.next().is_none().then_some(only)
    }

    /// The first letter of the surrogate of the part that a letter stands for.
    fn initial(&mut self, draws: &Draws, real: &HashSet<String>, whole: &Whole, letter: &str) -> String {
        let key = plain(letter);
        let begins = |part: &&String| part.starts_with(&key) && part.chars().count() > 1;
        let mut known: Vec<String> = whole.parts.iter().filter(begins).cloned().collect();
        if known.is_empty() {
            known = self.parts.keys().filter(begins).cloned().collect();
        }
        let surrogate = match known.as_slice() {
            [part, ..] if known.len() == 1 || whole.parts.contains(part) => {
                self.part(draws, real, part, whole)
            }
            _ => draws.stream("initial", &key, 0).letter().to_string(),
        };
        let first = surrogate.chars().next().unwrap_or('X').to_string();
        in_case_of(letter, &first)
    }

    fn part(&mut self, draws: &Draws, real: &HashSet<String>, key: &str, whole: &Whole) -> String {
        if let Some(surrogate) = self.parts.get(key) {
            return surrogate.clone();
        }
        if let Some((first, second)) = key.split_once('-').filter(|(a, b)| !a.is_empty() && !b.is_empty()) {
            let joined =
                format!("{}-{}", self.part(draws, real, first, whole), self.part(draws, real, second, whole));
            self.parts.insert(key.to_owned(), joined.clone());
            return joined;
        }
        let role = whole.role(draws, key);
        let near: Vec<_> = names(whole.locale, role).collect();
        let far = all_names(whole.locale, role);
        let candidate = |attempt: u32| {
            let mut stream = draws.stream("name", key, attempt);
            let list = if attempt < LISTED_ATTEMPTS / 2 { &near } else { &far };
            let listed = stream.pick(list).map(|name| (*name).to_owned());
            if attempt < LISTED_ATTEMPTS { listed } else { Some(invented(&mut stream)) }
        };
        let free = |name: &String| {
            let essence = essence(name);
            essence != self::essence(key)
                && !self.taken.contains(&essence)
                && !real.contains(&essence)
                && !self.parts.contains_key(&essence)
        };
        let surrogate = (0..ATTEMPTS_MAX).filter_map(candidate).find(free);
        // So many draws fail only where a text lists every name there could be.
        let surrogate = surrogate.unwrap_or_else(|| format!("Xa{}", self.parts.len()));
        self.taken.insert(essence(&surrogate));
        self.parts.insert(key.to_owned(), surrogate.clone());
        surrogate
    }
}

/// The fullest name known of a person, as plain parts, and the locale it speaks for.
struct Whole {
    parts: Vec<String>,
    locale: Locale,
    /// Whether the surname comes first: `Delgado, Maria`.
    reversed: bool,
    /// Whether a form of address stands before a lone part, which is a surname then.
    titled: bool,
}

impl Whole {
    fn of(entity: &str, mention: &str) -> Self {
        let parts_of = |text: &str| {
            let stems = words(text).into_iter().map(|word| without_clitic(word).0);
            stems.filter(|stem| !is_kept(stem)).map(plain).collect::<Vec<_>>()
        };
        let (of_entity, of_mention) = (parts_of(entity), parts_of(mention));
        let parts = if of_entity.len() >= of_mention.len() { of_entity } else { of_mention };
        let titled = words(mention).first().is_some_and(|word| TITLES.contains(&plain(word).as_str()));
        let is = |part: Option<&String>, surname: bool| {
            let places = part.map_or(&[][..], |part| listed(part));
            !places.is_empty() && places.iter().all(|place| (place.1 == Role::Surname) == surname)
        };
        let surname_first = parts.len() == 2 && is(parts.first(), true) && is(parts.last(), false);
        let reversed = mention.contains(", ") || surname_first;
        Self { locale: locale_of(&parts), parts, reversed, titled }
    }

    fn role(&self, draws: &Draws, key: &str) -> Role {
        let places = listed(key);
        let given = |(locale, role): &&(Locale, Role)| *role != Role::Surname && *locale == self.locale;
        let given =
            places.iter().find(given).or_else(|| places.iter().find(|place| place.1 != Role::Surname));
        let is_listed_surname = places.iter().any(|place| place.1 == Role::Surname);
        let is_last = if self.reversed { self.parts.first() } else { self.parts.last() };
        let is_last = is_last.is_some_and(|last| last == key);
        if self.parts.len() > 1 && is_last || self.parts.len() == 1 && self.titled {
            return Role::Surname;
        }
        match given {
            Some((_, role)) => *role,
            None if is_listed_surname => Role::Surname,
            None if key.ends_with('a') => Role::Female,
            None => [Role::Female, Role::Male][draws.stream("gender", key, 0).below(2)],
        }
    }
}

fn locale_of(parts: &[String]) -> Locale {
    let mut votes: Vec<(Locale, usize)> = Vec::new();
    for part in parts {
        let mut locales: Vec<Locale> = listed(part).iter().map(|place| place.0).collect();
        locales.dedup();
        for locale in locales {
            match votes.iter_mut().find(|vote| vote.0 == locale) {
                Some(vote) => vote.1 += 1,
                None => votes.push((locale, 1)),
            }
        }
    }
    let most = votes.iter().map(|vote| vote.1).max();
    let elected = votes.iter().find(|vote| Some(vote.1) == most).map(|vote| vote.0);
    let by_ending = || parts.iter().rev().find_map(|part| locale_by_ending(part));
    elected.or_else(by_ending).unwrap_or(Locale::English)
}

fn is_kept(word: &str) -> bool {
    let word = word.to_lowercase();
    PARTICLES.contains(&word.as_str()) && word.len() > 1
        || TITLES.contains(&word.as_str())
        || word.chars().all(char::is_numeric)
}

/// A word and its possessive ending.
fn without_clitic(word: &str) -> (&str, &str) {
    let at = ["'s", "’s", "'", "’"].iter().find_map(|clitic| word.strip_suffix(clitic)).map(str::len);
    word.split_at(at.filter(|at| *at > 0).unwrap_or(word.len()))
}

fn is_latin(c: char) -> bool {
    !c.is_alphabetic() || c < '\u{250}' || ('\u{1e00}'..='\u{1eff}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(people: &mut People, entity: &str, mention: &str) -> String {
        let real = HashSet::from(["maria", "delgado"].map(str::to_owned));
        people.name(&Draws::new(&[7; 32], ""), &real, entity, mention).unwrap()
    }

    #[test]
    fn a_part_agrees_with_the_whole_in_every_spelling() {
        let mut people = People::default();
        let whole = name(&mut people, "maria delgado", "Maria Delgado");
        let (given, surname) = whole.split_once(' ').unwrap();
        assert_eq!(name(&mut people, "maria delgado", "Maria"), given);
        assert_eq!(name(&mut people, "maria delgado", "DELGADO's"), format!("{}'s", surname.to_uppercase()));
        assert_eq!(
            name(&mut people, "maria delgado", "delgado, maria"),
            format!("{surname}, {given}").to_lowercase()
        );
        let initial = given.chars().next().unwrap();
        assert_eq!(name(&mut people, "maria delgado", "M. Delgado"), format!("{initial}. {surname}"));
        assert_eq!(name(&mut people, "maria delgado", "Dr. Maria Delgado"), format!("Dr. {whole}"));
    }

    #[test]
    fn locale_and_gender_stay() {
        let mut people = People::default();
        for (whole, locale, role) in [
            ("Maria Delgado", Locale::Spanish, Role::Female),
            ("Jürgen Schröder", Locale::German, Role::Male),
            ("Priya Raghunathan", Locale::Indian, Role::Female),
            ("Pierre Dupont", Locale::French, Role::Male),
            ("Kowalczyk Zofia", Locale::Polish, Role::Female),
        ] {
            let surrogate = name(&mut people, &whole.to_lowercase(), whole);
            let parts: Vec<_> = surrogate.split(' ').map(listed).collect();
            assert!(
                parts.iter().copied().flatten().any(|place| *place == (locale, role)),
                "{whole}: {surrogate}"
            );
            assert!(parts.iter().all(|places| places.iter().any(|place| place.0 == locale)), "{surrogate}");
        }
    }

    #[test]
    fn no_two_parts_share_a_surrogate_even_when_the_lists_run_out() {
        let mut people = People::default();
        let letters = |n: usize| {
            [n / 26 / 26, n / 26, n].map(|n| char::from(b'a' + (n % 26) as u8)).iter().collect::<String>()
        };
        let given: HashSet<String> =
            (0..900).map(|n| name(&mut people, "", &format!("N{}m", letters(n)))).collect();
        assert_eq!(given.len(), 900);
    }

    #[test]
    fn a_name_in_another_script_gets_none() {
        let real = HashSet::new();
        assert_eq!(People::default().name(&Draws::new(&[7; 32], ""), &real, "", "Иван Петров"), None);
    }
}
