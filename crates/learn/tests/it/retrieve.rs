//! The plainest model that visibly learns.

use candor_learn::{Answer, Corpus, Evidence, Retriever};

use crate::town::{corpus, message};

fn ask(corpus: &Corpus, question: &str) -> Answer {
    Retriever::new(corpus).answer(&[message("user", question)])
}

fn learned(answer: Answer) -> (String, Evidence) {
    match answer {
        Answer::Learned { text, evidence } => (text, evidence),
        Answer::Nothing { near } => panic!("nothing learned; the nearest is at {near}"),
    }
}

#[test]
fn it_answers_from_the_nearest_conversation_and_shows_the_row() {
    let corpus = corpus(40);
    let (text, evidence) = learned(ask(&corpus, "How do I mend an old map when it is day 6?"));
    let row = &corpus.rows[6];
    assert_eq!(text, row.messages[1].content);
    assert_eq!((evidence.row, evidence.leaf, evidence.turn), (6, row.leaf, 0));
    assert_eq!(evidence.question, row.messages[0].content);
    assert!(evidence.near > 0.9, "{}", evidence.near);
}

#[test]
fn a_row_that_is_never_drawn_answers_nothing() {
    let mut corpus = corpus(40);
    let question = corpus.rows[6].messages[0].content.clone();
    assert_eq!(learned(ask(&corpus, &question)).1.row, 6);
    corpus.rows[6].sampling_permille = 0;
    let other = ask(&corpus, &question);
    assert!(!matches!(other, Answer::Learned { evidence, .. } if evidence.row == 6));
}

#[test]
fn a_question_about_something_new_has_no_answer() {
    let corpus = corpus(40);
    for question in ["", "?!", "Quantum chromodynamics, gluon saturation", "zzz"] {
        assert!(matches!(ask(&corpus, question), Answer::Nothing { .. }), "{question}");
    }
}

#[test]
fn a_phrase_that_enters_the_release_changes_the_answer() {
    let mut corpus = corpus(40);
    let question = "What is a snorkelwump good for?";
    assert!(matches!(ask(&corpus, question), Answer::Nothing { .. }));
    let messages = vec![
        message("user", "Tell me what a snorkelwump is good for"),
        message("assistant", "A snorkelwump keeps the rain out."),
    ];
    let mut row = corpus.rows[0].clone();
    (row.number, row.messages) = (40, messages);
    corpus.rows.push(row);
    let (text, evidence) = learned(ask(&corpus, question));
    assert_eq!((text.as_str(), evidence.row), ("A snorkelwump keeps the rain out.", 40));
}

#[test]
fn only_the_last_human_turn_is_asked_and_a_turn_without_an_answer_answers_nothing() {
    let mut corpus = corpus(8);
    corpus.rows[3].messages.truncate(1);
    let asked = corpus.rows[3].messages[0].content.clone();
    let earlier = corpus.rows[5].messages[0].content.clone();
    let conversation = [
        message("user", &earlier),
        message("assistant", "Well."),
        message("user", &asked),
        message("tool", "x"),
    ];
    if let Answer::Learned { evidence, .. } = Retriever::new(&corpus).answer(&conversation) {
        assert!(evidence.row != 3 && evidence.row != 5, "row {}", evidence.row);
    }
}

#[test]
fn an_empty_corpus_has_nothing_to_say() {
    assert!(matches!(ask(&corpus(0), "anything"), Answer::Nothing { near } if near == 0.0));
}
