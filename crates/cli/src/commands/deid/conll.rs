//! Marked text as columns: one word on a line, its tag in the last column, an empty line between sentences.

use std::ops::Range;

use super::gold::Draft;
use crate::failure::WrongInput;

/// The comment before a sentence that tells how it was written.
const AS_WRITTEN: &str = "# text = ";
/// The line that begins a document in CoNLL 2003.
const DOCUMENT_START: &str = "-DOCSTART-";

/// A sentence while it is read.
#[derive(Default)]
struct Sentence {
    as_written: Option<String>,
    words: Vec<(String, String)>,
}

/// Reads sentences; each is a document.
///
/// Universal NER has five columns, of which the first numbers the words and the third is the tag; elsewhere the first
/// is the word and the last the tag. Words stand where the comment `# text = ` has them, or with one blank between.
pub(super) fn read(text: &str) -> Result<Vec<Draft>, WrongInput> {
    let mut drafts = Vec::new();
    let mut sentence = Sentence::default();
    for (at, line) in text.split('\n').enumerate() {
        let line = line.trim_end_matches('\r');
        if line.trim().is_empty() || line.starts_with(DOCUMENT_START) {
            drafts.extend(std::mem::take(&mut sentence).draft());
        } else if line.starts_with('#') && is_comment(line) {
            if let Some(written) = line.strip_prefix(AS_WRITTEN) {
                sentence.as_written = Some(written.to_owned());
            }
        } else {
            sentence.words.push(columns(line).ok_or_else(|| {
                let hint = "hint: a word and its tag on each line, or JSON with `text` and `spans`";
                WrongInput(format!("line {}: no word with a tag such as O or B-PER\n{hint}", at + 1))
            })?);
        }
    }
    drafts.extend(sentence.draft());
    Ok(drafts)
}

/// A comment is `#`, a blank and more than one column would hold; a word `#` has a tag after it.
fn is_comment(line: &str) -> bool {
    columns(line).is_none() || line.starts_with("# ") && line.contains('=')
}

/// The word and the tag of a line.
fn columns(line: &str) -> Option<(String, String)> {
    let cells: Vec<&str> = if line.contains('\t') {
        line.split('\t').map(str::trim).collect()
    } else {
        line.split_whitespace().collect()
    };
    let is_number = |cell: &str| !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
    let (word, tag) = match cells.as_slice() {
        [number, word, tag, _, ..] if is_number(number) && is_tag(tag) => (word, tag),
        [word, .., tag] => (word, tag),
        _ => return None,
    };
    (is_tag(tag) && !word.is_empty()).then(|| ((*word).to_owned(), (*tag).to_owned()))
}

fn is_tag(cell: &str) -> bool {
    cell == "O"
        || matches!(cell.split_once('-'), Some(("B" | "I" | "E" | "S" | "L" | "U", name)) if !name.is_empty())
}

impl Sentence {
    fn draft(self) -> Option<Draft> {
        if self.words.is_empty() {
            return None;
        }
        let (text, words) = self.placed();
        let mut spans: Vec<(Range<usize>, String)> = Vec::new();
        let mut open = false;
        for ((_, tag), place) in self.words.iter().zip(&words) {
            let Some((position, name)) = tag.split_once('-') else {
                open = false;
                continue;
            };
            match spans.last_mut() {
                Some((range, last)) if open && matches!(position, "I" | "E" | "L") && last == name => {
                    range.end = place.end;
                }
                _ => spans.push((place.clone(), name.to_owned())),
            }
            open = !matches!(position, "E" | "L" | "S" | "U");
        }
        Some(Draft { text, spans, words: Some(words), ..Draft::default() })
    }

    /// The text and where its words stand, by characters.
    fn placed(&self) -> (String, Vec<Range<usize>>) {
        if let Some(written) = &self.as_written
            && let Some(words) = self.within(written)
        {
            return (written.clone(), words);
        }
        let mut text = String::new();
        let (mut at, mut words) = (0, Vec::new());
        for (word, _) in &self.words {
            if at > 0 {
                text.push(' ');
                at += 1;
            }
            text.push_str(word);
            let end = at + word.chars().count();
            words.push(at..end);
            at = end;
        }
        (text, words)
    }

    /// Where the words stand in the text as it was written, if they all stand there in order.
    fn within(&self, written: &str) -> Option<Vec<Range<usize>>> {
        let (mut byte, mut at) = (0, 0);
        let place = |(word, _): &(String, String)| {
            let found = byte + written[byte..].find(word.as_str())?;
            let start = at + written[byte..found].chars().count();
            let end = start + word.chars().count();
            (byte, at) = (found + word.len(), end);
            Some(start..end)
        };
        self.words.iter().map(place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let tell = |draft: Draft| {
            let characters: Vec<char> = draft.text.chars().collect();
            let spans = draft.spans.iter().map(|(range, name)| {
                format!("{name} {}", characters[range.clone()].iter().collect::<String>())
            });
            std::iter::once(draft.text.clone()).chain(spans).collect::<Vec<_>>().join(" | ")
        };
        read(text).unwrap().into_iter().map(tell).collect()
    }

    #[test]
    fn two_columns_are_joined_by_blanks() {
        let text = "Zoë\tB-person\nRuiz\tI-person\nmet\tO\nBo\tB-person\nAl\tB-person\n\t\nhi\tO\n";
        assert_eq!(told(text), ["Zoë Ruiz met Bo Al | person Zoë Ruiz | person Bo | person Al", "hi"]);
    }

    #[test]
    fn the_tag_is_last_and_may_begin_with_i() {
        assert_eq!(told("010 I-MISC\nis O\n# O\n"), ["010 is # | MISC 010"]);
        assert_eq!(told("U.N. NNP I-NP I-ORG\nsits VBZ I-VP O\n"), ["U.N. sits | ORG U.N."]);
    }

    #[test]
    fn universal_ner_keeps_the_text_as_it_was_written() {
        let text = "# sent_id = a-1\n# text = “Bo”'s in Rome.\n1\t“\tO\t-\t-\n2\tBo\tB-PER\t-\tx\n3\t”\tO\t-\t-\n\
            4\t's\tO\t-\t-\n5\tin\tO\t-\t-\n6\tRome\tB-LOC\t-\tx\n7\t.\tO\t-\t-\n";
        assert_eq!(told(text), ["“Bo”'s in Rome. | PER Bo | LOC Rome"]);
    }

    #[test]
    fn what_is_no_column_file_is_told_with_its_line() {
        let Err(error) = read("a\tO\nplain text here\n") else { panic!() };
        assert!(error.0.starts_with("line 2: no word with a tag"), "{}", error.0);
    }
}
