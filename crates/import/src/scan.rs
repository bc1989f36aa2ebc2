//! Where a JSON value ends, found without building it and across any cuts of the input.

/// Deepest nesting that is read; `serde_json` refuses more.
pub(crate) const DEPTH_MAX: u32 = 127;

/// How closely the grammar is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Care {
    /// Any step outside the grammar stops the scan, so that a cut value is noticed at once.
    Strict,
    /// Only brackets and quotes are counted: finds the likely end of a value that is known to be broken.
    Lenient,
}

/// What a call of [`Scan::advance`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// All bytes are used and the value goes on.
    More,
    /// The value ends before this index.
    Done(usize),
    /// The first element of a top-level `conversations` list ends before this index.
    FirstListed(usize),
    /// The byte at this index cannot be there.
    Wrong(usize),
    /// The bracket at this index nests too deep.
    TooDeep(usize),
}

/// Place of the list under a top-level key `conversations`, as indices from the value's first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Index after the list's opening bracket.
    pub(crate) start: usize,
    /// Index of its first element's first byte, once seen.
    pub(crate) first: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrClose,
    Key,
    KeyOrClose,
    Colon,
    CommaOrClose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Between,
    Text { escaped: bool, key: bool },
    Scalar,
}

/// A scan of one value, resumable at any byte.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    care: Care,
    depth: u32,
    /// One bit for each open bracket within [`DEPTH_MAX`], the lowest the innermost: 1 for an object.
    kinds: u128,
    expect: Expect,
    token: Token,
    key_start: usize,
    list_next: bool,
    watch: bool,
    /// The top-level `conversations` list, once its bracket is seen.
    pub(crate) listed: Option<Listed>,
}

const LIST_KEY: &[u8] = b"\"conversations\"";

impl Scan {
    /// A scan that starts at a value's first byte.
    pub(crate) fn new(care: Care) -> Self {
        Self {
            care,
            depth: 0,
            kinds: 0,
            expect: Expect::Value,
            token: Token::Between,
            key_start: 0,
            list_next: false,
            watch: false,
            listed: None,
        }
    }

    /// A strict scan that also reports a top-level `conversations` list.
    pub(crate) fn watching() -> Self {
        Self { watch: true, ..Self::new(Care::Strict) }
    }

    /// A scan that starts after a member of a top-level object: finds the end of the object.
    pub(crate) fn inside_object() -> Self {
        Self { depth: 1, kinds: 1, expect: Expect::CommaOrClose, ..Self::new(Care::Strict) }
    }

    /// Stops looking for a `conversations` list.
    pub(crate) fn unwatch(&mut self) {
        self.watch = false;
    }

    /// Follows only brackets and quotes from here on.
    pub(crate) fn relax(&mut self) {
        self.care = Care::Lenient;
    }

    /// Scans `bytes[from..]`; `bytes` starts at the value's first byte, or anywhere when nothing is watched.
    pub(crate) fn advance(&mut self, bytes: &[u8], from: usize) -> Step {
        let mut at = from;
        while at < bytes.len() {
            let step = match self.token {
                Token::Text { escaped, key } => self.text(bytes, &mut at, escaped, key),
                Token::Scalar => self.scalar(bytes, &mut at),
                Token::Between => self.between(bytes, &mut at),
            };
            if let Some(step) = step {
                return step;
            }
        }
        Step::More
    }

    fn text(&mut self, bytes: &[u8], at: &mut usize, escaped: bool, key: bool) -> Option<Step> {
        if escaped {
            self.token = Token::Text { escaped: false, key };
            *at += 1;
            return None;
        }
        let Some(found) = memchr::memchr3(b'"', b'\\', b'\n', &bytes[*at..]) else {
            *at = bytes.len();
            return None;
        };
        let index = *at + found;
        *at = index + 1;
        match bytes[index] {
            b'\\' => self.token = Token::Text { escaped: true, key },
            // A line break inside a string is no JSON: the value was cut, or lost a quote.
            b'\n' if self.care == Care::Strict => {
                *at = index;
                return Some(Step::Wrong(index));
            }
            b'\n' => {
                self.token = Token::Between;
                return self.value_ended(*at);
            }
            _ if key => {
                self.token = Token::Between;
                self.expect = Expect::Colon;
                self.list_next =
                    self.watch && self.depth == 1 && bytes.get(self.key_start..*at) == Some(LIST_KEY);
            }
            _ => {
                self.token = Token::Between;
                return self.value_ended(*at);
            }
        }
        None
    }

    fn scalar(&mut self, bytes: &[u8], at: &mut usize) -> Option<Step> {
        let rest = &bytes[*at..];
        let length = rest.iter().position(|byte| !is_scalar(*byte)).unwrap_or(rest.len());
        *at += length;
        if *at == bytes.len() {
            return None;
        }
        self.token = Token::Between;
        self.value_ended(*at)
    }

    fn between(&mut self, bytes: &[u8], at: &mut usize) -> Option<Step> {
        let byte = bytes[*at];
        let index = *at;
        *at += 1;
        if self.care == Care::Lenient && self.depth == 0 && matches!(byte, b',' | b']') {
            *at = index;
            return Some(Step::Done(index));
        }
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => None,
            b'{' | b'[' => self.open(byte == b'{', index),
            b'}' | b']' => self.close(byte == b'}', index),
            b'"' => {
                let key = matches!(self.expect, Expect::Key | Expect::KeyOrClose);
                if !key && !self.takes_value() {
                    return self.wrong(index, at);
                }
                self.mark_first(index);
                self.key_start = index;
                self.token = Token::Text { escaped: false, key };
                None
            }
            b',' if self.expect == Expect::CommaOrClose && self.depth > 0 => {
                self.expect = if self.in_object() { Expect::Key } else { Expect::Value };
                None
            }
            b':' if self.expect == Expect::Colon => {
                self.expect = Expect::Value;
                None
            }
            _ if is_scalar(byte) && self.takes_value() => {
                self.mark_first(index);
                self.token = Token::Scalar;
                None
            }
            _ => self.wrong(index, at),
        }
    }

    fn open(&mut self, object: bool, index: usize) -> Option<Step> {
        if self.care == Care::Strict {
            if !self.takes_value() {
                return Some(Step::Wrong(index));
            }
            if self.depth >= DEPTH_MAX {
                return Some(Step::TooDeep(index));
            }
        }
        self.mark_first(index);
        self.depth = self.depth.saturating_add(1);
        self.kinds = (self.kinds << 1) | u128::from(object);
        self.expect = if object { Expect::KeyOrClose } else { Expect::ValueOrClose };
        if self.list_next && !object && self.depth == 2 {
            self.listed = Some(Listed { start: index + 1, first: None });
            self.watch = false;
        }
        self.list_next = false;
        None
    }

    fn close(&mut self, object: bool, index: usize) -> Option<Step> {
        let may_close = matches!(self.expect, Expect::CommaOrClose)
            || (object && self.expect == Expect::KeyOrClose)
            || (!object && self.expect == Expect::ValueOrClose);
        if self.care == Care::Strict && (!may_close || self.in_object() != object) {
            return Some(Step::Wrong(index));
        }
        self.depth = self.depth.saturating_sub(1);
        self.kinds >>= 1;
        if self.depth < 2 {
            self.listed = None;
        }
        self.value_ended(index + 1)
    }

    fn value_ended(&mut self, end: usize) -> Option<Step> {
        self.expect = Expect::CommaOrClose;
        if self.depth == 0 {
            return Some(Step::Done(end));
        }
        let first_listed = self.depth == 2 && self.listed.is_some_and(|listed| listed.first.is_some());
        first_listed.then_some(Step::FirstListed(end))
    }

    /// Forgets the `conversations` list: it belongs to one record.
    pub(crate) fn forget_list(&mut self) {
        self.listed = None;
    }

    fn mark_first(&mut self, index: usize) {
        if self.depth == 2
            && let Some(listed) = &mut self.listed
        {
            listed.first.get_or_insert(index);
        }
    }

    fn takes_value(&self) -> bool {
        self.care == Care::Lenient || matches!(self.expect, Expect::Value | Expect::ValueOrClose)
    }

    fn in_object(&self) -> bool {
        self.kinds & 1 == 1
    }

    /// Stays at the wrong byte in a strict scan; goes past it in a lenient one.
    fn wrong(&self, index: usize, at: &mut usize) -> Option<Step> {
        if self.care == Care::Lenient {
            return None;
        }
        *at = index;
        Some(Step::Wrong(index))
    }
}

fn is_scalar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}
