//! Entries of a log, as many as a tile has hashes, in one file.

/// The longest entry, in bytes: its length is written in two.
pub const ENTRY_BYTES_MAX: usize = u16::MAX as usize;

/// An entry that fits into no bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a log entry of {bytes} bytes; the most is {ENTRY_BYTES_MAX}")]
pub struct EntryTooLong {
    /// Its length.
    pub bytes: usize,
}

/// Bytes that are no bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bundle ends within its entry {entry}")]
pub struct BundleError {
    /// Which entry, counted from the bundle's first.
    pub entry: usize,
}

/// Adds an entry at the end of a bundle.
///
/// # Errors
/// [`EntryTooLong`]; the bundle is as it was.
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), EntryTooLong> {
    let bytes = entry.len();
    let length = u16::try_from(bytes).map_err(|_| EntryTooLong { bytes })?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle, in their order.
///
/// # Errors
/// [`BundleError`] when the bytes end before an entry does.
pub fn entries_of(bundle: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    let mut rest = bundle;
    while !rest.is_empty() {
        let cut = BundleError { entry: entries.len() };
        let (length, after) = rest.split_first_chunk().ok_or(cut)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(cut)?;
        entries.push(entry);
        rest = after;
    }
    Ok(entries)
}
