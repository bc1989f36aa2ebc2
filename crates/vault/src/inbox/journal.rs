//! One file of the inbox while it is written: whole groups, each durable before it is acknowledged.
//!
//! A file comes into being under another name and is locked before it gets its own, so that nobody takes it for one
//! that a crashed writer left: `NAME.new`, then `NAME.open` while it is written, `NAME.full` when it is not any more.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::{Entropy, durable};

pub(super) const NEW: &str = "new";
pub(super) const OPEN: &str = "open";
pub(super) const FULL: &str = "full";
/// Names that are tried: another process may take a new file for one that is left over.
const NAMES_MAX: u32 = 8;

/// Where bytes are appended: a file, and in tests a disk that is full.
pub(super) trait Medium {
    /// Appends all bytes, or an unknown part of them and an error.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes what was appended last.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts off what comes after `length` bytes.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

impl Medium for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.sync_data()
    }
}

/// A file of whole groups. Dropping it leaves what is in it for whoever reads the inbox.
pub(super) struct Journal<M> {
    medium: M,
    path: PathBuf,
    bytes: u64,
}

impl Journal<File> {
    /// Makes a new file in `folder`, held by this process.
    pub(super) fn create(folder: &Path, entropy: &mut Entropy) -> io::Result<Self> {
        let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
        for _ in 0..NAMES_MAX {
            let name = format!("{:032x}", u128::from_be_bytes(entropy.bytes()));
            let (new, path) =
                (folder.join(&name).with_extension(NEW), folder.join(&name).with_extension(OPEN));
            let mut options = File::options();
            options.append(true).create_new(true);
            durable::set_mode(&mut options, 0o600);
            let file = options.open(&new)?;
            let taken = match file.try_lock() {
                Ok(()) => fs::rename(&new, &path).and_then(|()| durable::sync_directory_of(&path)),
                Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
                Err(TryLockError::Error(error)) => return Err(error),
            };
            match taken {
                Ok(()) => return Ok(Self::over(file, path)),
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::WouldBlock) => {
                    last = error;
                }
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    /// Ends the file, so that it can be taken in; returns its name from then on.
    pub(super) fn roll(self) -> io::Result<PathBuf> {
        let full = self.path.with_extension(FULL);
        fs::rename(&self.path, &full)?;
        durable::sync_directory_of(&full)?;
        durable::step("inbox-rolled");
        Ok(full)
    }
}

impl<M: Medium> Journal<M> {
    fn over(medium: M, path: PathBuf) -> Self {
        Self { medium, path, bytes: 0 }
    }

    /// Bytes of the groups that are durable.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Appends a group. It is durable when this returns; after an error there is nothing of it in the file, or,
    /// where even cutting failed, something that nobody was told about.
    ///
    /// After an error the file is not to be written to: what the system did with its bytes is not known for certain.
    pub(super) fn append(&mut self, group: &[u8]) -> io::Result<()> {
        let written = self.medium.append(group).and_then(|()| {
            durable::step("inbox-written");
            self.medium.sync()
        });
        match written {
            Ok(()) => {
                durable::step("inbox-synced");
                self.bytes += group.len() as u64;
                Ok(())
            }
            Err(error) => {
                // The error that counts is the first one.
                let _ = self.medium.cut(self.bytes);
                Err(error)
            }
        }
    }

    /// Removes the file if there is nothing in it.
    pub(super) fn discard(self) -> io::Result<()> {
        if self.bytes == 0 { durable::remove_file(&self.path) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A disk with so many bytes free.
    #[derive(Default)]
    struct SmallDisk {
        bytes: Vec<u8>,
        room: usize,
    }

    impl Medium for SmallDisk {
        fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
            let fits = bytes.len().min(self.room - self.bytes.len());
            self.bytes.extend_from_slice(&bytes[..fits]);
            if fits == bytes.len() { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
        }

        fn sync(&mut self) -> io::Result<()> {
            Ok(())
        }

        fn cut(&mut self, length: u64) -> io::Result<()> {
            self.bytes.truncate(length as usize);
            Ok(())
        }
    }

    proptest! {
        #[test]
        fn a_full_disk_loses_no_acknowledged_group_and_keeps_no_other(
            groups in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..30), 1..12),
            room in 0..200usize,
        ) {
            let disk = SmallDisk { room, ..SmallDisk::default() };
            let mut journal = Journal::over(disk, PathBuf::new());
            let mut acknowledged = Vec::new();
            for group in &groups {
                match journal.append(group) {
                    Ok(()) => acknowledged.extend_from_slice(group),
                    Err(error) => prop_assert_eq!(error.kind(), io::ErrorKind::StorageFull),
                }
                prop_assert_eq!(&journal.medium.bytes, &acknowledged);
                prop_assert_eq!(journal.bytes(), acknowledged.len() as u64);
            }
        }
    }
}
