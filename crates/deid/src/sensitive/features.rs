//! A sentence as hashed features: words, pairs of words, words of each class, and whom it speaks of.

use crate::plain::plain;
use crate::sensitive::Class;
use crate::sensitive::lexicon::{GENERAL, LEXICON, MACHINES, PEOPLE};
use crate::surrogate::people::{Role, listed};
use std::collections::HashMap;
use std::sync::LazyLock;

/// How many features there are: a power of two.
pub(super) const BUCKETS: usize = 1 << 14;
/// Words of a sentence that are looked at.
const WORDS_MAX: usize = 120;

/// Whom a sentence speaks of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Persons {
    first: bool,
    third: bool,
    kin: bool,
    named: bool,
    /// Somebody a firm deals with: `the guest`, `the account holder`.
    patron: bool,
}

/// A feature: where its weight is, and the word or words that it comes from.
pub(super) struct Feature {
    pub(super) bucket: usize,
    pub(super) words: String,
}

/// A sentence read.
pub(super) struct Sentence {
    pub(super) features: Vec<Feature>,
    pub(super) persons: Persons,
    /// The classes that have a word in it.
    pub(super) classes: Vec<Class>,
}

impl Persons {
    /// Whether the writer speaks of themselves, or of somebody they know.
    pub(super) fn near(self) -> bool {
        self.first || self.kin
    }

    /// Whether it speaks of a particular person, the writer or another.
    pub(super) fn any(self) -> bool {
        self.first || self.third || self.kin || self.named || self.patron
    }
}

const FIRST: &str = "i;i'm;im;i've;i'd;i'll;my;me;mine;myself;we;we're;we've;our;ours;us;ich;mir;mich;mein;meine;meinem;meinen;\
meiner;meines;wir;uns;unser;unsere;unserem;unseren;je;j'ai;moi;mon;ma;mes;nous;notre;nos;yo;mi;mis;me;nosotros;nuestro;\
nuestra;soy;tengo;estoy";
const THIRD: &str = "he;she;he's;she's;his;her;him;hers;they've;sie;er;ihr;ihre;ihm;seine;sein;seinen;il;elle;son;sa;ses;lui;\
el;ella;su;sus";
const OWNERS: &str = "my;our;his;her;mein;meine;meinem;meinen;meiner;unser;unsere;mon;ma;mes;notre;nos;mi;mis;nuestro;nuestra;\
a;an";
const PATRONS: &str = "customer;client;patient;tenant;guest;applicant;candidate;account;policyholder;claimant;caller;buyer;\
subscriber;customers;clients;patients;tenants;guests;applicants;candidates";
const ADDRESS: &str = "mr;mrs;ms;miss;dr;prof;herr;frau;madame;monsieur;mme;senor;senora;familie";

/// What stands in code and hardly in what people say.
const CODE: [&str; 10] = ["=", "{", "}", "::", "()", "->", "_", "</", "/>", "\\"];

/// Whether a sentence is code or markup, in which no word means what it says. A sum of money is none.
pub(super) fn is_code(sentence: &str) -> bool {
    let signs = CODE.iter().any(|sign| sentence.contains(sign));
    let variable = sentence
        .match_indices('$')
        .any(|(at, _)| sentence[at + 1..].starts_with(|c: char| c.is_alphabetic()));
    signs || variable
}

/// Reads a sentence.
pub(super) fn read(sentence: &str) -> Sentence {
    let words = words(sentence);
    let hits = hits(&words);
    read_words(sentence, &words, hits)
}

/// Reads a sentence that has a word of a class; the others, which are nearly all, at a fraction of the work.
pub(super) fn read_with_class(sentence: &str) -> Option<Sentence> {
    let words = words(sentence);
    let hits = hits(&words);
    (!hits.is_empty()).then(|| read_words(sentence, &words, hits))
}

fn read_words(sentence: &str, words: &[String], hits: Vec<(Class, Vec<String>)>) -> Sentence {
    let persons = persons(sentence, words);
    let general = words.iter().take(4).any(|word| has(GENERAL, word));
    let machines = words.iter().any(|word| has(MACHINES, word));
    let mut features = Vec::new();
    let mut push = |name: String, words: &str| {
        features.push(Feature { bucket: bucket(&name), words: words.to_owned() });
    };
    push("bias".to_owned(), "");
    for (at, word) in words.iter().enumerate() {
        push(format!("w {word}"), word);
        if let Some(next) = words.get(at + 1) {
            push(format!("b {word} {next}"), &format!("{word} {next}"));
        }
    }
    let marks = [
        (persons.first, "first"),
        (persons.third, "third"),
        (persons.kin, "kin"),
        (persons.named, "named"),
        (persons.patron, "patron"),
        (!persons.any(), "nobody"),
        (general, "general"),
        (machines, "machines"),
    ];
    for (_, mark) in marks.iter().filter(|(holds, _)| *holds) {
        push(format!("p {mark}"), "");
    }
    let classes = hits.iter().map(|(class, _)| *class).collect();
    for (class, hits) in hits {
        push(format!("l {class:?}"), &hits[0]);
        if hits.len() > 1 {
            push(format!("l2 {class:?}"), &hits[1]);
        }
        for (_, mark) in marks.iter().filter(|(holds, _)| *holds) {
            push(format!("lp {class:?} {mark}"), &hits[0]);
        }
    }
    Sentence { features, persons, classes }
}

/// The sentences of a text: up to a full stop, a question or exclamation mark before a blank, or a line's end.
pub(super) fn sentences(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut sentences = Vec::new();
    let mut from = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let after = at + c.len_utf8();
        let blank_follows = characters.peek().is_none_or(|(_, next)| next.is_whitespace());
        if c == '\n' || matches!(c, '.' | '!' | '?') && blank_follows {
            sentences.push(from..after);
            from = after;
        }
    }
    sentences.push(from..text.len());
    sentences.retain(|range| text[range.clone()].chars().any(char::is_alphabetic));
    sentences
}

/// The words that each class has in the sentence.
fn hits(words: &[String]) -> Vec<(Class, Vec<String>)> {
    let mut hits: Vec<(Class, Vec<String>)> = Vec::new();
    let mut hit = |classes: &[Class], words: String| {
        for class in classes {
            match hits.iter_mut().find(|(of, _)| of == class) {
                Some((_, list)) => list.push(words.clone()),
                None => hits.push((*class, vec![words.clone()])),
            }
        }
    };
    for (at, word) in words.iter().enumerate() {
        if let Some(classes) = WHOLE.get(word.as_str()) {
            hit(classes, word.clone());
        }
        if let Some(pair) = words.get(at + 1).map(|next| format!("{word} {next}"))
            && let Some(classes) = WHOLE.get(pair.as_str())
        {
            hit(classes, pair);
        }
        let stems = word.get(..STEM_KEY).and_then(|key| STEMS.get(key));
        for (_, class) in stems.into_iter().flatten().filter(|(stem, _)| word.starts_with(stem)) {
            hit(&[*class], word.clone());
        }
    }
    hits
}

static WHOLE: LazyLock<HashMap<&'static str, Vec<Class>>> = LazyLock::new(|| {
    let mut whole: HashMap<&'static str, Vec<Class>> = HashMap::new();
    for (class, entry) in entries().filter(|(_, entry)| !entry.ends_with('*')) {
        whole.entry(entry).or_default().push(class);
    }
    whole
});
/// Stems by their first bytes.
static STEMS: LazyLock<HashMap<&'static str, Vec<(&'static str, Class)>>> = LazyLock::new(|| {
    let mut stems: HashMap<&'static str, Vec<(&'static str, Class)>> = HashMap::new();
    for (class, entry) in entries() {
        if let Some((stem, key)) =
            entry.strip_suffix('*').and_then(|stem| Some((stem, stem.get(..STEM_KEY)?)))
        {
            stems.entry(key).or_default().push((stem, class));
        }
    }
    stems
});
/// Bytes that stems are looked up by: the shortest stem has as many.
const STEM_KEY: usize = 3;

fn entries() -> impl Iterator<Item = (Class, &'static str)> {
    LEXICON.into_iter().flat_map(|(class, list)| list.split(';').map(move |entry| (class, entry.trim())))
}

fn persons(sentence: &str, words: &[String]) -> Persons {
    let kin = words.windows(2).any(|pair| has(OWNERS, &pair[0]) && has(PEOPLE, &pair[1]))
        || words.windows(3).any(|three| has(OWNERS, &three[0]) && has(PEOPLE, &three[2]));
    Persons {
        first: words.iter().any(|word| has(FIRST, word)),
        third: words.iter().any(|word| has(THIRD, word)),
        kin,
        named: is_named(sentence),
        patron: words.windows(2).any(|pair| pair[0] == "the" && has(PATRONS, &pair[1])),
    }
}

/// Whether a common given name stands in it, or a form of address before a capitalised word.
fn is_named(sentence: &str) -> bool {
    let mut before = "";
    sentence.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).any(|word| {
        let capital = word.starts_with(char::is_uppercase);
        let given = || listed(word).iter().any(|place| place.1 != Role::Surname);
        let addressed = has(ADDRESS, &plain(before));
        before = word;
        capital && (addressed || word.chars().count() > 2 && given())
    })
}

fn words(sentence: &str) -> Vec<String> {
    // The country, before lower case makes it the pronoun.
    let sentence = plain(&sentence.replace('’', "'").replace(" US ", " USA ").replace("US$", "$"));
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '-');
    let words = sentence.split(|c| !is_word(c)).map(|word| word.trim_matches(['\'', '-']));
    words.filter(|word| !word.is_empty()).take(WORDS_MAX).map(numberless).collect()
}

/// Numbers count by how many digits they have; every age is the same word.
fn numberless(word: &str) -> String {
    if ["-year-old", "-year-olds", "-month-old"].iter().any(|age| word.ends_with(age)) {
        return "year-old".to_owned();
    }
    if word.bytes().all(|byte| byte.is_ascii_digit()) { "0".repeat(word.len()) } else { word.to_owned() }
}

fn has(list: &'static str, word: &str) -> bool {
    static SETS: LazyLock<HashMap<&'static str, std::collections::HashSet<&'static str>>> =
        LazyLock::new(|| {
            let lists = [FIRST, THIRD, OWNERS, PATRONS, ADDRESS, PEOPLE, GENERAL, MACHINES];
            lists.into_iter().map(|list| (list, list.split(';').map(str::trim).collect())).collect()
        });
    SETS.get(list).is_some_and(|set| set.contains(word))
}

/// FNV-1a, folded to a bucket.
fn bucket(name: &str) -> usize {
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    (hash ^ hash >> 29 ^ hash >> 47) as usize % BUCKETS
}
