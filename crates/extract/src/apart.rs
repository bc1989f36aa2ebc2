//! Reading on a thread of its own, so that a reader that panics costs one file.
//!
//! The formats are read by libraries whose authors did not promise never to panic. A panic ends the thread, and the
//! file is [`Unreadable::Damaged`]. What it says may quote the file, so it is not printed. Recursion is bounded in those
//! libraries; the stack is larger than their bounds need, because running out of it would end the process.

use std::panic;
use std::sync::Once;
use std::thread;

use crate::limits::Unreadable;

const THREAD: &str = "candor-extract";
const STACK_BYTES: usize = 16 << 20;

/// Runs `read` apart.
pub(crate) fn run<T: Send>(read: impl FnOnce() -> Result<T, Unreadable> + Send) -> Result<T, Unreadable> {
    silence();
    thread::scope(|scope| {
        let builder = thread::Builder::new().name(THREAD.into()).stack_size(STACK_BYTES);
        // Without a thread to spare the file stays closed, which is the safe side.
        let handle = builder.spawn_scoped(scope, read).map_err(|_| Unreadable::TooLarge)?;
        handle.join().unwrap_or(Err(Unreadable::Damaged))
    })
}

/// Makes panics of these threads, and of no others, silent.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().name() != Some(THREAD) {
                before(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_panics_costs_its_file_only() {
        let read = run(|| -> Result<(), Unreadable> { panic!("quotes the file") });
        assert_eq!(read, Err(Unreadable::Damaged));
        assert_eq!(run(|| Ok(3)), Ok(3));
    }
}
