//! From fingerprints to exact spans.

use std::collections::HashMap;

use candor_conversation::Message;

use super::winnow::{Characters, MATCH_CHARACTERS_MIN, Print};
use super::{Evidence, Origin, Span, SpanKind, Winnower, is_answer, is_person};

/// Most places that are kept of one fingerprint: a table's rule or a licence's header stands in many answers.
const PLACES_MAX: usize = 64;
/// Characters that are compared for each character of a turn, at most. Only text that repeats itself needs more;
/// of such text the matches found by then stand.
const COMPARED_MAX: usize = 256;

impl Winnower {
    /// The origin of every byte of the persons' turns of a row. `elsewhere` are answers that the same person got in
    /// other conversations and that may hold parts of it (see [`super::Answers`]).
    pub fn trace(&self, messages: &[Message], elsewhere: &[&str]) -> Origin {
        let mut seen = Seen::default();
        for text in elsewhere {
            let text = Characters::of(text);
            let prints = self.prints(&text);
            seen.take(Voice::Elsewhere, text, &prints);
        }
        let mut spans = Vec::new();
        for (number, message) in messages.iter().enumerate() {
            let person = is_person(message);
            if !person && !is_answer(message) {
                continue;
            }
            let text = Characters::of(&message.content);
            let prints = self.prints(&text);
            if person {
                let pasted = seen.matches(&text, &prints);
                let pasted = pasted.iter().map(|found| seen.span(number, &text, found)).collect::<Vec<_>>();
                spans.extend(partition(number, message, &pasted));
            }
            seen.take(if person { Voice::Person } else { Voice::Answer(number) }, text, &prints);
        }
        Origin { spans }
    }

    /// Fingerprints of a row's turns. Without [`RowPrints::quotes`] and answers from elsewhere there is nothing to
    /// trace: the origin is [`Origin::unknown`].
    pub fn prints_of_row(&self, messages: &[Message]) -> RowPrints {
        let mut is_own: HashMap<u64, bool> = HashMap::new();
        let (mut found, mut quotes) = (Vec::new(), false);
        for (number, message) in messages.iter().enumerate() {
            let (person, answer) = (is_person(message), is_answer(message));
            if !(person || answer) || message.content.len() < MATCH_CHARACTERS_MIN {
                continue;
            }
            for print in self.prints(&Characters::of(&message.content)) {
                let persons = *is_own.entry(print.hash).or_insert_with(|| {
                    if person {
                        found.push((print.hash, number, false));
                    }
                    person
                });
                quotes |= person && !persons;
                if answer && !persons {
                    found.push((print.hash, number, true));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        RowPrints { found, quotes }
    }
}

/// Fingerprints of a row's turns.
pub struct RowPrints {
    /// Those by which the turns can be found from other rows: of answers what is not the person's own, of persons'
    /// turns what no earlier turn of the row has. Each with the message, and whether it is an answer.
    pub found: Vec<(u64, usize, bool)>,
    /// Whether a person's turn may hold a part of an earlier answer of the row.
    pub quotes: bool,
}

impl Origin {
    /// The origin where nothing is known.
    pub fn unknown(messages: &[Message]) -> Self {
        let persons = messages.iter().enumerate().filter(|(_, message)| is_person(message));
        Self { spans: persons.flat_map(|(number, message)| partition(number, message, &[])).collect() }
    }
}

/// Who said a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Voice {
    Person,
    /// The model, in this message of the row.
    Answer(usize),
    /// The model, in another conversation.
    Elsewhere,
}

/// The texts so far and where their fingerprints are.
#[derive(Default)]
struct Seen {
    texts: Vec<(Voice, Characters)>,
    /// Where each fingerprint was met; `None` if it was a person who first said it.
    places: HashMap<u64, Option<Vec<(usize, usize)>>>,
}

/// A run of characters of a turn that stands in an earlier text too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Match {
    start: usize,
    end: usize,
    text: usize,
    text_start: usize,
}

impl Seen {
    fn take(&mut self, voice: Voice, text: Characters, prints: &[Print]) {
        for print in prints {
            let first = || (voice != Voice::Person).then(Vec::new);
            if let Some(places) = self.places.entry(print.hash).or_insert_with(first)
                && places.len() < PLACES_MAX
                && voice != Voice::Person
            {
                places.push((self.texts.len(), print.at));
            }
        }
        self.texts.push((voice, text));
    }

    /// Runs of at least [`MATCH_CHARACTERS_MIN`] characters of `text` that answers hold, in order and apart.
    fn matches(&self, text: &Characters, prints: &[Print]) -> Vec<Match> {
        let mut found: Vec<Match> = Vec::new();
        let mut budget = text.len() * COMPARED_MAX;
        for print in prints {
            let Some(Some(places)) = self.places.get(&print.hash) else { continue };
            for (source, at) in places {
                let along = |m: &Match| {
                    m.text == *source
                        && m.start <= print.at
                        && print.at < m.end
                        && m.text_start + print.at == at + m.start
                };
                if found.iter().rev().take(PLACES_MAX).any(along) {
                    continue;
                }
                let run = self.extend(text, print.at, (*source, *at));
                budget = budget.saturating_sub(run.end - run.start + 1);
                if run.end - run.start >= MATCH_CHARACTERS_MIN {
                    found.push(run);
                }
                if budget == 0 {
                    return apart(found);
                }
            }
        }
        apart(found)
    }

    /// The longest run around `at` that equals the source around its own place.
    fn extend(&self, text: &Characters, at: usize, (source, source_at): (usize, usize)) -> Match {
        let (here, there) = (&text.characters, &self.texts[source].1.characters);
        let after = here[at..].iter().zip(&there[source_at..]).take_while(|(a, b)| a == b).count();
        let before = here[..at].iter().rev().zip(there[..source_at].iter().rev());
        let before = before.take_while(|(a, b)| a == b).count();
        Match { start: at - before, end: at + after, text: source, text_start: source_at - before }
    }

    fn span(&self, message: usize, text: &Characters, found: &Match) -> Span {
        let (voice, source) = &self.texts[found.text];
        let evidence = match voice {
            Voice::Answer(message) => Evidence::Answer {
                message: *message,
                start: source.byte(found.text_start),
                end: source.byte(found.text_start + found.end - found.start),
            },
            Voice::Person | Voice::Elsewhere => Evidence::OtherConversation,
        };
        let (start, end) = (text.byte(found.start), text.byte(found.end));
        Span { message, start, end, kind: SpanKind::PastedFromAssistant, evidence }
    }
}

/// Matches that overlap are cut where the one before ends; of two that begin together the longer stands.
fn apart(mut found: Vec<Match>) -> Vec<Match> {
    found.sort_unstable_by_key(|m| (m.start, std::cmp::Reverse(m.end), m.text));
    let mut apart: Vec<Match> = Vec::new();
    for mut m in found {
        let taken = apart.last().map_or(0, |last| last.end).saturating_sub(m.start);
        if m.start + taken < m.end {
            m.start += taken;
            m.text_start += taken;
            apart.push(m);
        }
    }
    apart
}

/// All of a turn in spans: the pasted ones, and what is between them.
fn partition(number: usize, message: &Message, pasted: &[Span]) -> Vec<Span> {
    let unknown =
        |start, end| Span { message: number, start, end, kind: SpanKind::Unknown, evidence: Evidence::None };
    let mut spans = Vec::with_capacity(pasted.len() * 2 + 1);
    let mut done = 0;
    for span in pasted {
        if span.start > done {
            spans.push(unknown(done, span.start));
        }
        spans.push(*span);
        done = span.end;
    }
    if message.content.len() > done {
        spans.push(unknown(done, message.content.len()));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANSWER: &str = "A lichen is a partnership of a fungus and an alga; neither lives as well alone.";

    fn row(turns: &[(&str, &str)]) -> Vec<Message> {
        turns.iter().map(|(role, text)| Message { role: (*role).into(), content: (*text).into() }).collect()
    }

    /// The pasted parts of a row's last turn.
    fn pasted(turns: &[(&str, &str)], elsewhere: &[&str]) -> Vec<(String, Evidence)> {
        let row = row(turns);
        let origin = Winnower::new([1, 2]).trace(&row, elsewhere);
        let last = row.len() - 1;
        let spans = origin.spans.iter().filter(|span| span.message == last && span.kind.is_pasted());
        spans.map(|span| (row[last].content[span.start..span.end].to_owned(), span.evidence)).collect()
    }

    #[test]
    fn a_quoted_answer_is_found_with_its_place_whatever_case_and_spacing() {
        let asked = format!("Ünd so: {} Really?", ANSWER.to_uppercase().replace(' ', "\n "));
        let found = pasted(&[("user", "What?"), ("assistant", ANSWER), ("user", &asked)], &[]);
        assert_eq!(found.len(), 1);
        assert!(found[0].0.starts_with("A\n LICHEN") && found[0].0.trim_end().ends_with("ALONE."));
        assert!(matches!(found[0].1, Evidence::Answer { message: 1, start: 0, .. }));
    }

    #[test]
    fn what_the_answer_took_over_from_the_person_stays_the_persons() {
        let words = "My grandmother's recipe says to fold the egg whites in with a wooden spoon.";
        let answer = format!("You say: {words} Good.");
        assert!(pasted(&[("user", words), ("assistant", &answer), ("user", words)], &[]).is_empty());
    }

    #[test]
    fn a_later_answer_is_no_source() {
        let row = row(&[("user", ANSWER), ("assistant", ANSWER)]);
        assert_eq!(Winnower::new([1, 2]).trace(&row, &[]).human_bytes(), ANSWER.len() as u64);
    }

    #[test]
    fn an_answer_of_another_conversation_is_found_and_not_named() {
        let found =
            pasted(&[("user", ANSWER)], &["Something else entirely, which is long enough too.", ANSWER]);
        assert_eq!(found, [(ANSWER.to_owned(), Evidence::OtherConversation)]);
    }

    #[test]
    fn two_answers_run_together_are_two_spans() {
        let other = "Mosses have no roots; they take up water through their leaves, all over.";
        let asked = format!("{ANSWER}{other}");
        let found = pasted(&[("assistant", ANSWER), ("assistant", other), ("user", &asked)], &[]);
        assert_eq!(found.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>(), [ANSWER, other]);
    }

    #[test]
    fn text_that_repeats_itself_ends() {
        let long = "na ".repeat(20_000);
        let found = pasted(&[("assistant", &long), ("user", &long)], &[]);
        assert!(!found.is_empty());
    }

    #[test]
    fn fingerprints_for_other_rows_leave_out_what_is_the_persons_own() {
        let winnower = Winnower::new([1, 2]);
        let prints =
            winnower.prints_of_row(&row(&[("user", ANSWER), ("assistant", ANSWER), ("user", ANSWER)])).found;
        assert!(
            !prints.is_empty() && prints.iter().all(|(_, message, is_answer)| *message == 0 && !is_answer)
        );
        let prints = winnower.prints_of_row(&row(&[("assistant", ANSWER), ("user", ANSWER)])).found;
        assert!(
            !prints.is_empty() && prints.iter().all(|(_, message, is_answer)| *message == 0 && *is_answer)
        );
    }

    proptest! {
        #[test]
        fn every_verbatim_run_of_forty_characters_is_found(
            answer in "[a-d ]{40,200}", from in 0..160_usize, before in "[w-z]{0,50}", after in "[w-z]{0,50}",
        ) {
            let answer = answer.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assume!(answer.len() >= MATCH_CHARACTERS_MIN);
            let from = from.min(answer.len() - MATCH_CHARACTERS_MIN);
            let copied = &answer[from..from + MATCH_CHARACTERS_MIN];
            let asked = format!("{before}{copied}{after}");
            let row = row(&[("assistant", &answer), ("user", &asked)]);
            let origin = Winnower::new([1, 2]).trace(&row, &[]);
            let shown: u64 = origin.person_bytes() - origin.human_bytes();
            prop_assert!(shown >= copied.len() as u64);
            for span in origin.spans.iter().filter(|span| span.kind.is_pasted()) {
                let Evidence::Answer { start, end, .. } = span.evidence else { panic!("{span:?}") };
                prop_assert_eq!(&asked[span.start..span.end], &answer[start..end]);
            }
        }

        #[test]
        fn every_byte_is_in_one_span(texts in proptest::collection::vec(("[aé \n]{0,90}", any::<bool>()), 0..6)) {
            let turns: Vec<(&str, &str)> =
                texts.iter().map(|(text, person)| (if *person { "user" } else { "assistant" }, text.as_str())).collect();
            let row = row(&turns);
            let origin = Winnower::new([1, 2]).trace(&row, &[]);
            for (number, message) in row.iter().enumerate().filter(|(_, message)| is_person(message)) {
                let spans: Vec<_> = origin.spans.iter().filter(|span| span.message == number).collect();
                prop_assert_eq!(spans.iter().map(|s| s.bytes()).sum::<usize>(), message.content.len());
                prop_assert!(spans.windows(2).all(|pair| pair[0].end == pair[1].start));
            }
        }
    }
}
