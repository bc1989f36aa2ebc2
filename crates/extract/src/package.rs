//! Office files: ZIP packages, opened part by part within the budget.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::kind::FileKind;
use crate::limits::{Budget, Unreadable};

/// A package with the names of its parts.
pub(crate) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
}

impl<'a> Package<'a> {
    pub(crate) fn open(source: Cursor<&'a [u8]>, budget: &mut Budget) -> Result<Self, Unreadable> {
        let archive = ZipArchive::new(source).map_err(|_| Unreadable::Damaged)?;
        let mut names = Vec::new();
        for name in archive.file_names() {
            budget.take_entry()?;
            names.push(name.map_err(|_| Unreadable::Damaged)?.into_owned());
        }
        Ok(Self { archive, names })
    }

    /// Names of the parts that begin and end so, shorter ones first, then in order of the alphabet: `sheet2` before
    /// `sheet10`.
    pub(crate) fn names(&self, start: &str, end: &str) -> Vec<String> {
        let fits = |name: &&String| name.starts_with(start) && name.ends_with(end);
        let mut names: Vec<String> = self.names.iter().filter(fits).cloned().collect();
        names.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        names.dedup();
        names
    }

    /// A part's text, if there is such a part.
    pub(crate) fn part(&mut self, name: &str, budget: &mut Budget) -> Result<Option<String>, Unreadable> {
        let file = match self.archive.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::InvalidPassword) => return Err(Unreadable::Encrypted),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                return Err(Unreadable::Encrypted);
            }
            Err(_) => return Err(Unreadable::Damaged),
        };
        let packed = usize::try_from(file.compressed_size()).map_err(|_| Unreadable::TooLarge)?;
        // The size that the package states is a claim; what comes out is counted.
        let most = budget.unpacked_max(packed);
        let mut bytes = Vec::new();
        file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(|_| Unreadable::Damaged)?;
        if bytes.len() > most {
            return Err(Unreadable::TooLarge);
        }
        budget.take_unpacked(bytes.len())?;
        crate::plain::decoded(&bytes).map(|text| Some(text.into_owned())).map_err(|_| Unreadable::Damaged)
    }
}

/// The part that makes a package a text document.
pub(crate) const DOCUMENT: &str = "word/document.xml";
/// The part that makes a package a workbook.
pub(crate) const WORKBOOK: &str = "xl/workbook.xml";

/// Which of the packages that are read it is.
pub(crate) fn kind(source: Cursor<&[u8]>, budget: &mut Budget) -> Result<FileKind, Unreadable> {
    let package = Package::open(source, budget)?;
    let holds = |name: &str| package.names.iter().any(|other| other == name);
    match (holds(DOCUMENT), holds(WORKBOOK)) {
        (true, _) => Ok(FileKind::Document),
        (false, true) => Ok(FileKind::Workbook),
        (false, false) => Err(Unreadable::Unknown),
    }
}
