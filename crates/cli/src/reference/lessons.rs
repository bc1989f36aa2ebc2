//! What the responder says after a human turn, when the answer that stands in the release was its own.
//!
//! Its own answers come back to it: people talk to it, agree, and the talk is in the next release. "I have learned
//! nothing" is no answer to learn, so what the person said then is what was learned: it is told as theirs.

use candor_conversation::Message;
use candor_learn::Corpus;

/// Said where nothing near was learned.
pub(crate) const NOTHING: &str = "I have learned nothing near to that.";
/// Before the line that says where an answer comes from.
pub(crate) const SOURCE: &str = "\n\nSource: row ";
/// Before what a person said, where that is all there is to tell.
const SOMEBODY_SAID: &str = "Somebody who agreed to teach me said: ";

/// The rows as the responder learns them.
pub(crate) fn lessons(mut corpus: Corpus) -> Corpus {
    for row in &mut corpus.rows {
        for at in 1..row.messages.len() {
            let (before, after) = row.messages.split_at_mut(at);
            if let (Some(asked), Some(answer)) = (before.last(), after.first_mut()) {
                lesson(asked, answer);
            }
        }
    }
    corpus
}

fn lesson(asked: &Message, answer: &mut Message) {
    if asked.role != "user" || answer.role != "assistant" {
        return;
    }
    if let Some(end) = answer.content.rfind(SOURCE) {
        answer.content.truncate(end);
    }
    if answer.content.trim() == NOTHING {
        // A question that was not answered teaches nothing.
        let is_question = asked.content.trim_end().ends_with('?');
        answer.content =
            if is_question { String::new() } else { format!("{SOMEBODY_SAID}{}", asked.content.trim()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taught(asked: &str, answer: &str) -> String {
        let message = |role: &str, content: &str| Message { role: role.into(), content: content.into() };
        let mut answer = message("assistant", answer);
        lesson(&message("user", asked), &mut answer);
        answer.content
    }

    #[test]
    fn what_somebody_told_it_is_learned_and_what_it_could_not_answer_is_not() {
        assert_eq!(
            taught("A sill is a step.", NOTHING),
            "Somebody who agreed to teach me said: A sill is a step."
        );
        assert_eq!(taught("What is a sill? ", NOTHING), "");
        assert_eq!(taught("What is a sill?", "A step."), "A step.");
    }

    #[test]
    fn where_an_answer_came_from_before_is_no_part_of_it() {
        assert_eq!(taught("Why?", "So.\n\nSource: row 4 of release first."), "So.");
    }
}
