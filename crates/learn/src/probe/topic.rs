//! Topics without labels: each conversation is filed under the most telling of the words that many share.

use std::collections::{BTreeMap, BTreeSet};

use crate::load::Row;

/// Share of the rows that must have a word before it can name a topic: a word of few would name them.
const SHARE_MIN: f64 = 0.02;
/// Fewest rows that must have it, whatever the share.
const ROWS_MIN: usize = 10;
/// A word that more of the rows have says nothing about any of them.
const SHARE_MAX: f64 = 0.25;
/// Shortest word that can name a topic, in characters.
const CHARACTERS_MIN: usize = 4;
/// What rows without such a word are filed under.
const OTHER: &str = "(other)";

/// A topic for each row, in their order.
///
/// Of the words of its people's turns that between 2 and 25 % of the rows have (and at least 10), the one it says most
/// often for how common it is (term frequency times inverse document frequency, Spärck Jones 1972).
pub fn topics(rows: &[Row]) -> Vec<String> {
    let words: Vec<BTreeMap<String, u32>> = rows.iter().map(words).collect();
    let mut having: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words.iter().flat_map(BTreeMap::keys) {
        *having.entry(word).or_default() += 1;
    }
    let count = rows.len() as f64;
    let fewest = ((count * SHARE_MIN) as usize).max(ROWS_MIN);
    let common: BTreeSet<&str> = having
        .iter()
        .filter(|(_, rows)| **rows >= fewest && (**rows as f64) <= count * SHARE_MAX)
        .map(|(word, _)| *word)
        .collect();
    words
        .iter()
        .map(|of| telling(of, (&common, &having), count).unwrap_or_else(|| OTHER.to_owned()))
        .collect()
}

/// The word that says most, of those that may name a topic.
fn telling(
    of: &BTreeMap<String, u32>,
    (common, having): (&BTreeSet<&str>, &BTreeMap<&str, usize>),
    rows: f64,
) -> Option<String> {
    let weighed = of.iter().filter(|(word, _)| common.contains(word.as_str())).map(|(word, times)| {
        let weight = f64::from(*times) * (rows / having[word.as_str()] as f64).ln();
        (weight, word)
    });
    weighed.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1))).map(|(_, word)| word.clone())
}

fn words(row: &Row) -> BTreeMap<String, u32> {
    let mut words = BTreeMap::new();
    for message in row.messages.iter().filter(|message| message.role == "user") {
        let said = message.content.split(|c: char| !c.is_alphabetic());
        for word in said.filter(|word| word.chars().count() >= CHARACTERS_MIN) {
            *words.entry(word.to_lowercase()).or_default() += 1;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use candor_conversation::Message;

    fn row(text: String) -> Row {
        let messages = vec![Message { role: "user".into(), content: text }];
        Row::made_up(0, messages)
    }

    #[test]
    fn rows_are_filed_under_what_they_are_about() {
        let things = ["bread", "engine", "garden", "violin", "harbour"];
        let rows: Vec<Row> =
            (0..100).map(|at| row(format!("please tell about {}", things[at % 5]))).collect();
        let topics = topics(&rows);
        assert!(topics.iter().enumerate().all(|(at, topic)| topic == things[at % 5]), "{topics:?}");
    }

    #[test]
    fn a_word_of_few_names_no_topic() {
        let mut rows: Vec<Row> = (0..99).map(|at| row(format!("word number{at}"))).collect();
        rows.push(row("Zebulon asks".into()));
        assert_eq!(topics(&rows)[99], OTHER);
    }
}
