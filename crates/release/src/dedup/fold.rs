//! Folding of case, punctuation and width, and the words that remain.
//!
//! What a reader would call "the same words" must fold to the same text; what changes the meaning must not.
//! Hence: letters lose case, prose punctuation becomes a space, an apostrophe inside a word vanishes. Digits
//! stay, with the point, comma or colon inside a number and the sign before it. Symbols (currency, per cent,
//! arithmetic, braces, emoji) stay as words of their own: `C++` is not `C`, `$5` is not `5`, `a != b` is not
//! `a = b`. A number and the letters after it are parted, so that `5pm` is `5 pm`.

use std::borrow::Cow;

use candor_conversation::Message;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use super::lexicon;

/// Folds `text`: Unicode NFKC, case, punctuation and white space. Folding twice is folding once.
pub fn normalise(text: &str) -> String {
    let (mut folded, mut words) = (String::with_capacity(text.len() + 8), Vec::new());
    fold_into(text, &mut folded, &mut words);
    folded
}

/// A conversation made ready to be compared: its folded text, cut into words, message by message.
///
/// It holds readable text: keep it in memory only. There is no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Folded {
    text: String,
    words: Vec<Word>,
    messages: Vec<Span>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    start: u32,
    end: u32,
    /// Begins with a capital where no sentence begins.
    pub(super) is_capital: bool,
}

#[derive(Clone, PartialEq, Eq)]
struct Span {
    role: Cow<'static, str>,
    words_end: u32,
    core: (u32, u32),
}

impl Folded {
    /// Folds a conversation, its messages in order. Costs time linear in the text.
    pub fn new(messages: &[Message]) -> Self {
        let bytes = messages.iter().map(|message| message.content.len() + 8).sum();
        let mut folded = Self {
            text: String::with_capacity(bytes),
            words: Vec::with_capacity(bytes / 5),
            messages: Vec::with_capacity(messages.len()),
        };
        for message in messages {
            let first = folded.words.len();
            fold_into(&message.content, &mut folded.text, &mut folded.words);
            folded.text.push('\n');
            forget_capitals_of_headlines(&mut folded.words[first..]);
            let words = &folded.words[first..];
            let (from, to) =
                lexicon::core(&FoldedMessage { role: "", text: &folded.text, words, core: (0, 0) });
            folded.messages.push(Span {
                role: role(&message.role),
                words_end: folded.words.len() as u32,
                core: (from as u32, to as u32),
            });
        }
        folded
    }

    /// How many messages there are.
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// The folded messages, each ended by a line feed.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn messages(&self) -> impl Iterator<Item = FoldedMessage<'_>> {
        let mut first = 0;
        self.messages.iter().map(move |span| {
            let words = &self.words[first..span.words_end as usize];
            first = span.words_end as usize;
            let core = (span.core.0 as usize, span.core.1 as usize);
            FoldedMessage { role: &span.role, text: &self.text, words, core }
        })
    }
}

/// One message of a folded conversation.
#[derive(Clone, Copy)]
pub(super) struct FoldedMessage<'a> {
    pub(super) role: &'a str,
    text: &'a str,
    pub(super) words: &'a [Word],
    /// The words without the courtesy at both ends.
    pub(super) core: (usize, usize),
}

impl<'a> FoldedMessage<'a> {
    pub(super) fn word(&self, index: usize) -> &'a str {
        let word = &self.words[index];
        &self.text[word.start as usize..word.end as usize]
    }

    /// The text from one word up to, not including, another.
    pub(super) fn slice(&self, from: usize, to: usize) -> &'a str {
        if from >= to {
            return "";
        }
        &self.text[self.words[from].start as usize..self.words[to - 1].end as usize]
    }
}

/// The role's name, without memory of its own for the usual ones.
fn role(name: &str) -> Cow<'static, str> {
    match name {
        "user" => "user".into(),
        "assistant" => "assistant".into(),
        "system" => "system".into(),
        "tool" => "tool".into(),
        other => other.to_owned().into(),
    }
}

/// In a headline or a shout every word has a capital, so a capital names nothing.
fn forget_capitals_of_headlines(words: &mut [Word]) {
    let capitals = words.iter().filter(|word| word.is_capital).count();
    if words.len() > 3 && capitals * 4 > words.len() * 3 {
        for word in words {
            word.is_capital = false;
        }
    }
}

fn fold_into(text: &str, folded: &mut String, words: &mut Vec<Word>) {
    if text.is_ascii() {
        return Folder::new(folded, words).fold(text);
    }
    let composed = compose(text);
    let first = words.len();
    let start = folded.len();
    Folder::new(folded, words).fold(&composed);
    // Lower case can leave marks in another order, or letters that compose: settle on a fixed point.
    for _ in 0..REFOLDS_MAX {
        let tail = &folded[start..];
        // Folded text in ASCII is its own fold; most text with only curly quotes or dashes ends here.
        if tail.is_ascii() {
            return;
        }
        let mut again = String::with_capacity(tail.len());
        let mut again_words = Vec::new();
        let composed = compose(tail);
        Folder::new(&mut again, &mut again_words).fold(&composed);
        if again == tail {
            return;
        }
        let kept: Vec<bool> = words[first..].iter().map(|word| word.is_capital).collect();
        folded.truncate(start);
        words.truncate(first);
        folded.push_str(&again);
        for (index, word) in again_words.into_iter().enumerate() {
            let is_capital = kept.get(index).copied().unwrap_or(false);
            let offset = start as u32;
            words.push(Word { start: word.start + offset, end: word.end + offset, is_capital });
        }
    }
}

/// The text in NFKC. Most text is in it already, and the quick check says so at a fraction of the cost; what
/// [`Spelled`] would change is never in it.
fn compose(text: &str) -> Cow<'_, str> {
    match is_nfkc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(Spelled::new(text).nfkc().collect()),
    }
}

/// Rounds until folding settles. Two have been enough for every text seen; the bound keeps it finite.
const REFOLDS_MAX: usize = 4;

/// Spells out what NFKC would run together: `10²` is not `102`, `1½` is not `11/2`.
struct Spelled<'a> {
    chars: std::str::Chars<'a>,
    waiting: Option<char>,
}

impl<'a> Spelled<'a> {
    fn new(text: &'a str) -> Self {
        Self { chars: text.chars(), waiting: None }
    }
}

impl Iterator for Spelled<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        if let Some(waiting) = self.waiting.take() {
            return Some(waiting);
        }
        let c = self.chars.next()?;
        let before = match c {
            '¹' | '²' | '³' | '\u{2070}'..='\u{207E}' => '^',
            '\u{2080}'..='\u{208E}' | '¼'..='¾' | '\u{2150}'..='\u{215F}' => ' ',
            _ => return Some(c),
        };
        self.waiting = Some(c);
        Some(before)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    Space,
    /// A word of its own.
    Symbol,
    /// Nothing at all: marks of direction, joiners, soft hyphens.
    Nothing,
    /// Depends on what stands beside it.
    Mark,
}

struct Folder<'a> {
    folded: &'a mut String,
    words: &'a mut Vec<Word>,
    first_byte: usize,
    open: bool,
    last: char,
    sentence_start: bool,
}

impl<'a> Folder<'a> {
    fn new(folded: &'a mut String, words: &'a mut Vec<Word>) -> Self {
        let first_byte = folded.len();
        Self { folded, words, first_byte, open: false, last: ' ', sentence_start: true }
    }

    fn fold(mut self, text: &str) {
        let mut previous = ' ';
        let mut at = 0;
        let bytes = text.as_bytes();
        while let Some(c) = text[at..].chars().next() {
            let run = bytes[at..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            if run > 1 {
                self.letters(&text[at..at + run]);
                previous = self.last;
                at += run;
                continue;
            }
            let after = &text[at + c.len_utf8()..];
            let mut skipped = 0;
            match class(c) {
                Class::Letter => self.letter(c),
                Class::Digit => self.push(c, false),
                Class::Space => {
                    self.close();
                    self.sentence_start |= c == '\n';
                }
                Class::Symbol => {
                    self.close();
                    self.push(c, false);
                    self.close();
                }
                Class::Nothing => {}
                Class::Mark => skipped = self.mark(previous, c, after),
            }
            if class(c) != Class::Nothing {
                previous = c;
            }
            at += c.len_utf8() + skipped;
            if skipped > 0 {
                previous = ']';
            }
        }
        self.close();
    }

    /// A run of ASCII letters: most of most texts, so it takes the short way.
    #[inline]
    fn letters(&mut self, run: &str) {
        let (first, rest) = run.split_at(1);
        first.chars().for_each(|c| self.letter(c));
        let from = self.folded.len();
        self.folded.push_str(rest);
        self.folded[from..].make_ascii_lowercase();
        self.last = self.folded.as_bytes()[self.folded.len() - 1] as char;
    }

    #[inline]
    fn letter(&mut self, c: char) {
        if self.open && self.last.is_ascii_digit() {
            self.close();
        }
        if c.is_ascii() {
            self.push(c.to_ascii_lowercase(), c.is_ascii_uppercase());
        } else if c == 'ß' || c == 'ẞ' {
            self.push('s', false);
            self.push('s', false);
        } else if c == 'ς' {
            self.push('σ', false);
        } else {
            let is_capital = c.is_uppercase();
            for lower in c.to_lowercase() {
                self.push(lower, is_capital);
            }
        }
        if is_own_word(c) {
            self.close();
        }
    }

    #[inline]
    fn push(&mut self, c: char, is_capital: bool) {
        if !self.open || is_own_word(c) {
            self.close();
            if self.folded.len() > self.first_byte && !(is_own_word(c) && is_own_word(self.last)) {
                self.folded.push(' ');
            }
            let start = self.folded.len() as u32;
            let is_capital = is_capital && !self.sentence_start;
            self.words.push(Word { start, end: start, is_capital });
            self.open = true;
            self.sentence_start = false;
        }
        self.folded.push(c);
        self.last = c;
    }

    #[inline]
    fn close(&mut self) {
        if self.open {
            if let Some(word) = self.words.last_mut() {
                word.end = self.folded.len() as u32;
            }
            self.open = false;
        }
    }

    /// Decides on a mark by its neighbours; returns how many bytes of `after` it took with it.
    fn mark(&mut self, previous: char, c: char, after: &str) -> usize {
        let next = after.chars().next().unwrap_or(' ');
        let in_number = self.open && self.last.is_ascii_digit() && next.is_ascii_digit();
        let begun = self.folded.len() > self.first_byte;
        let stands_alone = begun && previous == ' ' && next == ' ';
        match c {
            '\'' | '’' | 'ʼ' | '‘' if self.open && self.last.is_alphabetic() && next.is_alphabetic() => {
            }
            '.' | ',' | ':' if in_number => self.push(c, false),
            '.' if next.is_ascii_digit() && (matches!(previous, '-' | '−') && self.open) => {
                self.push(c, false)
            }
            '.' if next.is_ascii_digit() && !previous.is_alphanumeric() && previous != '.' => {
                self.close();
                self.push(c, false);
            }
            '-' | '−' if is_signed(after) && !previous.is_alphanumeric() && !"-−)]".contains(previous) => {
                self.close();
                self.push('-', false);
            }
            '*' if stands_alone || (previous.is_alphanumeric() && next.is_alphanumeric()) => self.symbol('*'),
            '/' | '⁄' if stands_alone || (previous.is_ascii_digit() && next.is_ascii_digit()) => {
                self.symbol('/');
            }
            '#' if self.open && self.last.is_alphabetic() && !next.is_alphanumeric() => self.push(c, false),
            '!' if next == '=' => {
                self.close();
                self.push('!', false);
                self.push('=', false);
                self.close();
                return 1;
            }
            '[' => return self.placeholder(after),
            _ => {
                self.close();
                self.sentence_start |= ends_sentence(c);
            }
        }
        0
    }

    fn symbol(&mut self, c: char) {
        self.close();
        self.push(c, false);
        self.close();
    }

    /// Keeps `[EMAIL_1]`, which stands for what was taken out, as one word.
    fn placeholder(&mut self, after: &str) -> usize {
        self.close();
        let Some(end) = after.bytes().take(PLACEHOLDER_BYTES_MAX).position(|byte| byte == b']') else {
            return 0;
        };
        let Some((kind, number)) = after[..end].rsplit_once('_') else { return 0 };
        let is_kind = !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        if !is_kind || number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return 0;
        }
        self.push('[', false);
        for c in after[..=end].chars() {
            self.push(c.to_ascii_lowercase(), false);
        }
        self.close();
        end + 1
    }
}

/// Longest placeholder looked for, in bytes.
const PLACEHOLDER_BYTES_MAX: usize = 40;

fn is_signed(after: &str) -> bool {
    let bytes = after.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    is_digit(0) || (bytes.first() == Some(&b'.') && is_digit(1))
}

fn ends_sentence(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | ':' | '"' | '“' | '(' | '¿' | '¡' | '。' | '…' | '-' | '–' | '—' | '*')
}

/// Scripts written without spaces between words: every character counts as a word.
#[inline]
pub(crate) fn is_own_word(c: char) -> bool {
    c >= '\u{0E00}'
        && matches!(c, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
            | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
            | '\u{20000}'..='\u{3FFFF}')
}

#[inline]
fn class(c: char) -> Class {
    if c.is_ascii() { ASCII[c as usize] } else { class_beyond_ascii(c) }
}

const ASCII: [Class; 128] = {
    let mut table = [Class::Mark; 128];
    let mut at = 0;
    while at < 128 {
        table[at] = match at as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            0..=b' ' | 127 => Class::Space,
            b'$' | b'%' | b'+' | b'=' | b'<' | b'>' | b'|' | b'^' | b'&' | b'~' => Class::Symbol,
            b'{' | b'}' | b'\\' | b'@' => Class::Symbol,
            _ => Class::Mark,
        };
        at += 1;
    }
    table
};

fn class_beyond_ascii(c: char) -> Class {
    match c {
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' => {
            Class::Nothing
        }
        '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}' => Class::Nothing,
        '\u{2030}'..='\u{2031}' => Class::Symbol,
        'ʼ' | '−' | '⁄' => Class::Mark,
        _ if c.is_whitespace() || c.is_control() => Class::Space,
        _ if c.is_alphanumeric() => Class::Letter,
        '\u{A1}' | '\u{A7}' | '\u{AB}' | '\u{B6}' | '\u{B7}' | '\u{BB}' | '\u{BF}' => Class::Mark,
        '\u{2010}'..='\u{205E}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{301F}' | '・' => Class::Mark,
        '\u{55A}'..='\u{55F}' | '\u{589}' | '\u{5BE}' | '\u{5C0}' | '\u{5C3}' | '\u{5F3}' | '\u{5F4}' => {
            Class::Mark
        }
        '\u{60C}' | '\u{61B}' | '\u{61F}' | '\u{66A}'..='\u{66D}' | '\u{6D4}' | '\u{964}' | '\u{965}' => {
            Class::Mark
        }
        '\u{2E00}'..='\u{2E7F}' => Class::Mark,
        '\u{A2}'..='\u{BF}' | '×' | '÷' | '\u{20A0}'..='\u{20CF}' | '\u{2100}'..='\u{2BFF}' => {
            Class::Symbol
        }
        '\u{1F000}'..='\u{1FAFF}' => Class::Symbol,
        _ => Class::Letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn same(a: &str, b: &str) {
        assert_eq!(normalise(a), normalise(b));
    }

    fn differ(a: &str, b: &str) {
        assert_ne!(normalise(a), normalise(b));
    }

    #[test]
    fn case_punctuation_and_spacing_vanish() {
        same("Hello, World!", "hello world");
        same("  what's   up?? ", "Whats up");
        same("check-in at 5pm", "Check in at 5 PM.");
        same("“Naïve” — she said…", "naïve she said");
        same("Straße", "STRASSE");
        same("ﬁne ＡＢＣ", "fine abc");
        same("¿Dónde está?", "dónde está");
        same("don’t", "don't");
    }

    #[test]
    fn what_carries_meaning_stays() {
        differ("C++", "C");
        differ("C#", "C");
        differ("$5", "5");
        differ("5%", "5");
        differ("2.5", "25");
        differ("2.5", "2 5");
        differ(".5", "5");
        differ("-5", "5");
        differ("−5", "5");
        differ("it is -.5", "it is .5");
        same("it is −.5", "it is -.5");
        differ("5:30", "530");
        differ("1,000", "1 000");
        differ("10²", "102");
        differ("1½", "11/2");
        differ("a != b", "a = b");
        differ("2 * 3", "2 / 3");
        differ("a < b", "a > b");
        differ("€5", "£5");
        differ("I am 😀", "I am 😢");
        differ("[EMAIL_1]", "[EMAIL_2]");
        differ("[EMAIL_1]", "email 1");
    }

    #[test]
    fn words_are_cut_where_scripts_have_no_spaces() {
        let message = Message { role: "user".into(), content: "你好 world".into() };
        let folded = Folded::new(&[message]);
        let message = folded.messages().next().unwrap();
        assert_eq!(message.words.len(), 3);
        assert_eq!(message.word(0), "你");
        assert_eq!(message.slice(0, 2), "你好");
    }

    #[test]
    fn capitals_count_inside_a_sentence_only() {
        let message = Message { role: "user".into(), content: "Meet Anna. She knows Bob".into() };
        let folded = Folded::new(&[message]);
        let capitals: Vec<bool> =
            folded.messages().next().unwrap().words.iter().map(|w| w.is_capital).collect();
        assert_eq!(capitals, [false, true, false, false, true]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,24}") {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn folding_marks_twice_is_folding_once(text in "[a-cA-C0-2 .,:;'*/!=#+\\-\\[\\]_()%$\n²½ßİς你é\u{301}−⁄]{0,16}") {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn words_are_the_folded_text(text in "\\PC{0,24}") {
            let folded = Folded::new(&[Message { role: "user".into(), content: text.clone() }]);
            let message = folded.messages().next().unwrap();
            let joined: String = (0..message.words.len()).map(|index| message.word(index)).collect();
            prop_assert_eq!(joined, normalise(&text).replace(' ', ""));
        }
    }
}
