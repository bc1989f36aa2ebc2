//! What becomes of files: named and withheld, or read into the turn that they are in.

use candor_consent::Permit;
use candor_conversation::{Attachment, Part};
use candor_extract::Limits;
use candor_vault::{Decompressor, OpenPiece, PieceError};
use serde::{Deserialize, Serialize};

/// The most text of one file that a turn takes, in bytes; of a longer one it takes nothing.
const TEXT_BYTES_MAX: usize = 256 << 10;

/// What becomes of files. An image, a recording and a file that cannot be read are withheld whatever is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attachments {
    /// No file is opened; where it was, its kind stands in brackets.
    #[default]
    Withhold,
    /// The text of readable files stands where the file was, behind its kind, and is de-identified with the turn.
    Text,
}

impl Attachments {
    /// As settings and the manifest write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Attachments::Withhold => "withhold",
            Attachments::Text => "text",
        }
    }

    /// The parts of turns, with the bytes of their files where those are wanted and were read with the piece.
    pub(super) fn read(
        self,
        piece: &OpenPiece<'_>,
        permitted: &[(usize, &Permit)],
        decompressor: &mut Decompressor,
    ) -> Result<Vec<Vec<Part>>, PieceError> {
        match self {
            Attachments::Withhold => piece.text(permitted, decompressor),
            Attachments::Text => match piece.text_with_files(permitted, decompressor) {
                Err(PieceError::WithoutFiles) => piece.text(permitted, decompressor),
                read => read,
            },
        }
    }

    /// The text of a turn as it stands in a row; adds what became of each file.
    pub(super) fn content(self, parts: &[Part], outcomes: &mut Vec<String>) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::ToolCall { name, arguments } => format!("{name}({arguments})"),
            Part::Attachment(attachment) => {
                let (outcome, text) = self.outcome(attachment);
                outcomes.push(outcome.to_owned());
                let kind = attachment.kind.to_uppercase();
                text.map_or_else(|| format!("[{kind}]"), |text| format!("[{kind}]\n{text}"))
            }
        };
        parts.iter().map(text).collect::<Vec<_>>().join("\n")
    }

    fn outcome(self, attachment: &Attachment) -> (&'static str, Option<String>) {
        if self == Attachments::Withhold {
            return ("withheld", None);
        }
        let Some(bytes) = attachment.file().and_then(|file| file.bytes()) else {
            return ("not-at-hand", None);
        };
        let limits = Limits { text_bytes_max: TEXT_BYTES_MAX, ..Limits::standard() };
        match candor_extract::read_within(bytes, &limits) {
            Ok(read) => ("read", Some(read.text())),
            Err(unreadable) => (unreadable.name(), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candor_conversation::{File, Held};

    fn said(attachments: Attachments, bytes: &[u8]) -> (String, Vec<String>) {
        let file = Attachment { held: Held::File(File::new(bytes.to_vec())), ..Attachment::of_kind("file") };
        let parts = [Part::Text("See:".into()), Part::Attachment(file)];
        let mut outcomes = Vec::new();
        let text = attachments.content(&parts, &mut outcomes);
        (text, outcomes)
    }

    #[test]
    fn what_is_read_stands_where_the_file_was_and_nothing_else_passes() {
        let (text, withhold) = (Attachments::Text, Attachments::Withhold);
        assert_eq!(said(text, b"a letter"), ("See:\n[FILE]\na letter".into(), vec!["read".into()]));
        assert_eq!(said(withhold, b"a letter"), ("See:\n[FILE]".into(), vec!["withheld".into()]));
        assert_eq!(said(text, b"\xff\xd8\xff picture"), ("See:\n[FILE]".into(), vec!["image".into()]));
        let long = "word ".repeat(TEXT_BYTES_MAX / 4);
        assert_eq!(said(text, long.as_bytes()), ("See:\n[FILE]".into(), vec!["too-large".into()]));
    }

    #[test]
    fn a_file_whose_bytes_are_elsewhere_is_withheld() {
        let mut outcomes = Vec::new();
        let parts = [Part::Attachment(Attachment::of_kind("image"))];
        assert_eq!(Attachments::Text.content(&parts, &mut outcomes), "[IMAGE]");
        assert_eq!(outcomes, ["not-at-hand"]);
    }
}
