//! Writing so that it lasts, with a name for every step after which a crash must be harmless.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::OnceLock;

/// Environment variable that names the step at which a debug build ends itself, for crash tests.
const ABORT_AT: &str = "CANDOR_ABORT_AT";

/// Marks a durable step by name.
///
/// A debug build whose environment names this step (`name` or `name:3` for its third passage) ends there at
/// once, as `kill -9` would; a release build does nothing.
#[expect(clippy::disallowed_methods, reason = "crash tests steer debug builds from outside the process")]
pub fn step(name: &'static str) {
    static PLAN: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static PASSAGES: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    if !cfg!(debug_assertions) {
        return;
    }
    let plan = PLAN.get_or_init(|| {
        let value = std::env::var(ABORT_AT).ok()?;
        let (step, passage) = value.split_once(':').unwrap_or((&value, "1"));
        Some((step.to_owned(), passage.parse().ok()?))
    });
    let Some((wanted, passage)) = plan else { return };
    if wanted == name && PASSAGES.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1 == *passage {
        std::process::abort();
    }
}

/// Writes a whole file so that after a crash it is either absent (or as it was) or complete.
pub fn write_file(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let temporary = path.with_extension("partial");
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    set_mode(&mut options, mode);
    let mut file = options.open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&temporary, path)?;
    sync_directory_of(path)
}

/// Makes the entry of a new or renamed file in its directory last.
pub fn sync_directory_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        _ => Ok(()),
    }
}

/// Removes a file; one that is gone already is no error.
pub fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => sync_directory_of(path),
    }
}

#[cfg(unix)]
pub(crate) fn set_mode(options: &mut fs::OpenOptions, mode: u32) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(mode);
}

#[cfg(not(unix))]
pub(crate) fn set_mode(_: &mut fs::OpenOptions, _: u32) {}
