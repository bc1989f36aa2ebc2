//! What reading a file may cost, and why one is not read.

use candor_conversation::Kind;

/// The most that reading one file may take, with everything inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file, and of all files inside it together.
    pub file_bytes_max: usize,
    /// Bytes that its compressed parts may unpack to together.
    pub unpacked_bytes_max: usize,
    /// How many times its packed size a compressed part may unpack to, beyond the first megabyte.
    pub unpacked_ratio_max: usize,
    /// Bytes of text that may come out; more makes the file unreadable, not shorter.
    pub text_bytes_max: usize,
    /// Files in a package, pages, sheets, attachments together.
    pub entries_max: usize,
    /// Steps: tags, cells, drawing operations.
    pub steps_max: usize,
    /// How deep files may lie in one another.
    pub nesting_max: usize,
}

impl Limits {
    /// 32 MiB of file, 128 MiB unpacked and 200 times what was packed, 8 MiB of text, 4,000 entries, 8 million steps,
    /// 4 files in one another.
    pub fn standard() -> Self {
        Self {
            file_bytes_max: 32 << 20,
            unpacked_bytes_max: 128 << 20,
            unpacked_ratio_max: 200,
            text_bytes_max: 8 << 20,
            entries_max: 4_000,
            steps_max: 8_000_000,
            nesting_max: 4,
        }
    }
}

/// Why a file gives no text. Says nothing of what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Unreadable {
    /// A picture: text in it is not seen.
    #[error("the file is an image\nhint: text in pictures is not read")]
    Image,
    /// Sound or film.
    #[error("the file is a recording\nhint: speech is not read")]
    Recording,
    /// It needs a password.
    #[error("the file is encrypted\nhint: save it without a password")]
    Encrypted,
    /// It has no letter and no digit, as of scanned pages.
    #[error("the file holds no text\nhint: a scan needs its text recognised first")]
    WithoutText,
    /// Its letters cannot be told: fonts without a table of characters, or characters that stand for none.
    #[error("the file's letters cannot be told")]
    Garbled,
    /// It begins as a known format and does not go on so.
    #[error("the file is damaged")]
    Damaged,
    /// It, or what it unpacks to, is more than [`Limits`] let through.
    #[error("the file is too large, or unpacks to too much")]
    TooLarge,
    /// None of the formats that are read.
    #[error(
        "the file's format is not known\nhint: PDF, DOCX, XLSX, CSV, e-mail, HTML, JSON and UTF-8 text are read"
    )]
    Unknown,
}

impl Unreadable {
    /// Every reason.
    pub const ALL: [Unreadable; 8] = [
        Unreadable::Image,
        Unreadable::Recording,
        Unreadable::Encrypted,
        Unreadable::WithoutText,
        Unreadable::Garbled,
        Unreadable::Damaged,
        Unreadable::TooLarge,
        Unreadable::Unknown,
    ];

    /// One word for it, for counts.
    pub fn name(self) -> &'static str {
        match self {
            Unreadable::Image => "image",
            Unreadable::Recording => "recording",
            Unreadable::Encrypted => "encrypted",
            Unreadable::WithoutText => "without-text",
            Unreadable::Garbled => "garbled",
            Unreadable::Damaged => "damaged",
            Unreadable::TooLarge => "too-large",
            Unreadable::Unknown => "unknown",
        }
    }

    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

/// What is left of the limits while a file is read.
pub(crate) struct Budget {
    file_bytes: usize,
    unpacked_bytes: usize,
    unpacked_ratio: usize,
    text_bytes: usize,
    entries: usize,
    steps: usize,
    nesting: usize,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            file_bytes: limits.file_bytes_max,
            unpacked_bytes: limits.unpacked_bytes_max,
            unpacked_ratio: limits.unpacked_ratio_max,
            text_bytes: limits.text_bytes_max,
            entries: limits.entries_max,
            steps: limits.steps_max,
            nesting: limits.nesting_max,
        }
    }

    pub(crate) fn take_file(&mut self, bytes: usize) -> Result<(), Unreadable> {
        take(&mut self.file_bytes, bytes)
    }

    pub(crate) fn take_text(&mut self, bytes: usize) -> Result<(), Unreadable> {
        take(&mut self.text_bytes, bytes)
    }

    pub(crate) fn take_entry(&mut self) -> Result<(), Unreadable> {
        take(&mut self.entries, 1)
    }

    pub(crate) fn take_steps(&mut self, steps: usize) -> Result<(), Unreadable> {
        take(&mut self.steps, steps)
    }

    pub(crate) fn take_unpacked(&mut self, bytes: usize) -> Result<(), Unreadable> {
        take(&mut self.unpacked_bytes, bytes)
    }

    /// The most that a part of so many packed bytes may unpack to.
    pub(crate) fn unpacked_max(&self, packed: usize) -> usize {
        const FREE_BYTES: usize = 1 << 20;
        packed.saturating_mul(self.unpacked_ratio).max(FREE_BYTES).min(self.unpacked_bytes)
    }

    /// Reads what lies inside the file at hand.
    pub(crate) fn inside<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Unreadable>,
    ) -> Result<T, Unreadable> {
        take(&mut self.nesting, 1)?;
        let result = read(self);
        self.nesting += 1;
        result
    }
}

fn take(left: &mut usize, wanted: usize) -> Result<(), Unreadable> {
    *left = left.checked_sub(wanted).ok_or(Unreadable::TooLarge)?;
    Ok(())
}
