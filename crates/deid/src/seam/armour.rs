//! Private keys in PEM armour, as far as telling when one is over needs.
//!
//! The detector reads words; this reads characters and is later, never earlier, in taking a block for ended.

/// The longest label, in bytes.
const LABEL_BYTES_MAX: usize = 48;
const LABEL_OF_PRIVATE_KEYS: &[u8] = b"PRIVATE KEY";
/// The dashes on each side of a label.
const DASHES: usize = 5;
/// The least length of a word that may be a line of base64.
const LINE_BYTES_MIN: usize = 20;
/// The most words in a row that are no line of base64 before the block is over.
const SHORT_WORDS_MAX: usize = 12;

#[derive(Clone, Debug, Default)]
pub(super) struct Armour {
    dashes: usize,
    /// How many of the dashes closed the header of a block within a block.
    header_dashes: usize,
    /// How much of which word was read behind five dashes.
    letters: usize,
    word: Word,
    part: Part,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Word {
    #[default]
    Begin,
    End,
}

/// Whether a block began in another, one of which may go on where the other ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Nesting {
    Alone,
    Within,
}

#[derive(Clone, Debug, Default)]
enum Part {
    #[default]
    Outside,
    /// What is read of a label, and the block that goes on if it is no private key's.
    Label(Vec<u8>, Option<Body>),
    /// The dashes behind a label of a private key.
    Closing(usize, Nesting),
    Body(Body),
    EndLabel(usize, Nesting),
    EndClosing(usize, Nesting),
}

#[derive(Clone, Debug, Default)]
struct Body {
    short_words: usize,
    /// Letters and digits in the word, those of a written-out `\n` left aside.
    has_letters: bool,
    after_backslash: bool,
    run: usize,
    longest_run: usize,
}

impl Armour {
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.part, Part::Outside)
    }

    /// Whether a block was completed with this byte or just before it.
    pub(super) fn step(&mut self, byte: u8) -> bool {
        let is_outside = matches!(self.part, Part::Outside);
        if is_outside && self.dashes == 0 && byte != b'-' {
            return false;
        }
        let read = self.read_word(byte);
        let mut complete = false;
        self.part = match std::mem::take(&mut self.part) {
            Part::Body(_) if let Some((Word::End, nesting)) = read => Part::EndLabel(0, nesting),
            Part::Body(body) if read.is_some() => Part::Label(Vec::new(), Some(body)),
            Part::Body(body) => body.step(byte),
            _ if matches!(read, Some((Word::Begin, _))) => Part::Label(Vec::new(), None),
            Part::Label(label, body) => step_label(label, body, byte),
            Part::Closing(_, _) if byte != b'-' => Part::Outside,
            Part::Closing(dashes, nesting) if dashes + 1 == DASHES => {
                // The dashes of a header are not those of its own END line, but may be those of the outer block's.
                self.dashes = if nesting == Nesting::Within { DASHES } else { 0 };
                self.header_dashes = self.dashes;
                Part::Body(Body::default())
            }
            Part::Closing(dashes, nesting) => Part::Closing(dashes + 1, nesting),
            Part::EndLabel(length, nesting) if is_label(byte) && length < LABEL_BYTES_MAX => {
                Part::EndLabel(length + 1, nesting)
            }
            Part::EndLabel(_, nesting) if byte == b'-' => Part::EndClosing(1, nesting),
            Part::EndClosing(dashes, nesting) if byte == b'-' && dashes + 1 < DASHES => {
                Part::EndClosing(dashes + 1, nesting)
            }
            Part::EndLabel(_, nesting) | Part::EndClosing(_, nesting) => {
                complete = true;
                if nesting == Nesting::Within { Part::Body(Body::default()) } else { Part::Outside }
            }
            Part::Outside => Part::Outside,
        };
        complete
    }

    /// The word that has just been read whole behind five dashes, and whether those were a header's too.
    fn read_word(&mut self, byte: u8) -> Option<(Word, Nesting)> {
        if self.letters == 0 {
            self.word = if byte.eq_ignore_ascii_case(&b'E') { Word::End } else { Word::Begin };
        }
        let letters: &[u8] = if self.word == Word::End { b"END" } else { b"BEGIN" };
        if byte == b'-' {
            self.dashes = if self.letters == 0 { self.dashes + 1 } else { 1 };
            self.letters = 0;
        } else if self.dashes >= DASHES && letters[self.letters].eq_ignore_ascii_case(&byte) {
            self.letters += 1;
        } else {
            self.dashes = 0;
            self.letters = 0;
        }
        if self.dashes <= 1 {
            self.header_dashes = 0;
        }
        if self.letters < letters.len() {
            return None;
        }
        let shared = self.header_dashes > 0 && self.dashes < self.header_dashes + DASHES;
        self.dashes = 0;
        self.letters = 0;
        self.header_dashes = 0;
        Some((self.word, if shared { Nesting::Within } else { Nesting::Alone }))
    }
}

fn step_label(mut label: Vec<u8>, body: Option<Body>, byte: u8) -> Part {
    let belongs = byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ';
    if belongs && label.len() < LABEL_BYTES_MAX {
        label.push(byte);
        return Part::Label(label, body);
    }
    let is_private = label.windows(LABEL_OF_PRIVATE_KEYS.len()).any(|part| part == LABEL_OF_PRIVATE_KEYS);
    if byte == b'-' && is_private {
        return Part::Closing(1, if body.is_some() { Nesting::Within } else { Nesting::Alone });
    }
    body.map_or(Part::Outside, |body| body.step(byte))
}

fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b' '
}

impl Body {
    fn step(mut self, byte: u8) -> Part {
        if byte.is_ascii_whitespace() {
            let is_line = self.longest_run >= LINE_BYTES_MIN;
            let short_words = match (is_line, self.has_letters) {
                (true, _) => 0,
                (false, true) => self.short_words + 1,
                (false, false) => self.short_words,
            };
            if short_words > SHORT_WORDS_MAX {
                return Part::Outside;
            }
            return Part::Body(Body { short_words, ..Body::default() });
        }
        let is_base64 = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        self.has_letters |= byte.is_ascii_alphanumeric() && !self.after_backslash;
        self.after_backslash = byte == b'\\';
        self.run = if is_base64 { self.run + 1 } else { 0 };
        self.longest_run = self.longest_run.max(self.run);
        Part::Body(self)
    }
}
