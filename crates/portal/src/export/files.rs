//! The files of an export: each once, named by its digest, in a folder beside the document that names them.

use std::collections::HashMap;

use candor_consent::AccessPermit;
use candor_conversation::{Attachment, FileDigest};
use candor_vault::{Subject, Vault, VaultError};

/// The folder of the files, within that of the export.
const FOLDER: &str = "files";
/// Longest extension that is taken from a file's name, in bytes.
const EXTENSION_BYTES_MAX: usize = 8;

/// Where the files are that were written, by digest: paths within the export.
pub type WrittenFiles = HashMap<FileDigest, String>;

/// Gives all files of a person to `write`, each with its path within the export.
///
/// # Errors
/// When the vault cannot be read, or `write` fails.
pub fn export_files<E: From<VaultError>>(
    vault: &Vault,
    (subject, permit): (&Subject, &AccessPermit),
    mut write: impl FnMut(&str, &[u8]) -> Result<(), E>,
) -> Result<WrittenFiles, E> {
    let mut written = WrittenFiles::new();
    vault.export_files(subject, permit, |attachment, file| {
        let place = format!("{FOLDER}/{}.{}", file.digest(), extension(attachment));
        write(&place, file.bytes().unwrap_or_default())?;
        written.insert(file.digest(), place);
        Ok::<_, E>(())
    })?;
    Ok(written)
}

/// The extension by which programs know a file: by its media type, else the one that its author gave it.
pub(crate) fn extension(attachment: &Attachment) -> String {
    let known = known(attachment).map(|(_, extension)| extension);
    let named = || {
        let (_, extension) = attachment.name.as_deref()?.rsplit_once('.')?;
        let is_plain = extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let fits = (1..=EXTENSION_BYTES_MAX).contains(&extension.len());
        (is_plain && fits).then(|| extension.to_ascii_lowercase())
    };
    known.map(str::to_owned).or_else(named).unwrap_or_else(|| "bin".to_owned())
}

/// The media type by which a file may be sent: one that models take, as it is written here; of any other kind a browser
/// learns nothing.
pub(crate) fn media_type(attachment: &Attachment) -> &'static str {
    known(attachment).map_or("application/octet-stream", |(media_type, _)| media_type)
}

fn known(attachment: &Attachment) -> Option<(&'static str, &'static str)> {
    let media_type = attachment.media_type.as_deref()?.to_ascii_lowercase();
    EXTENSIONS.into_iter().find(|(known, _)| *known == media_type)
}

/// Extensions of the media types that models take.
const EXTENSIONS: [(&str, &str); 19] = [
    ("application/json", "json"),
    ("application/pdf", "pdf"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("audio/aac", "aac"),
    ("audio/flac", "flac"),
    ("audio/mpeg", "mp3"),
    ("audio/ogg", "ogg"),
    ("audio/wav", "wav"),
    ("image/gif", "gif"),
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("text/csv", "csv"),
    ("text/markdown", "md"),
    ("text/plain", "txt"),
    ("video/mp4", "mp4"),
    ("video/webm", "webm"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_extension_of_its_kind_and_never_a_path() {
        for (media_type, name, expected) in [
            (Some("image/PNG"), None, "png"),
            (Some("text/plain"), Some("notes.md"), "txt"),
            (None, Some("a.b.PDF"), "pdf"),
            (Some("odd/kind"), Some("letter.odt"), "odt"),
            (None, Some("x./../../etc/passwd"), "bin"),
            (None, Some("x.é"), "bin"),
            (None, Some("x."), "bin"),
            (None, Some("x.muchtoolong"), "bin"),
            (None, None, "bin"),
        ] {
            let attachment = Attachment {
                media_type: media_type.map(str::to_owned),
                name: name.map(str::to_owned),
                ..Attachment::of_kind("file")
            };
            assert_eq!(extension(&attachment), expected, "{media_type:?} {name:?}");
        }
    }
}
