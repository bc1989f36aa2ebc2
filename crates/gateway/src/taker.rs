//! Taking what the keeper wrote to where other commands see it, beside the keeper: neither waits for the other.
//!
//! The keeper owns this thread and tells it that a file has ended; when the keeper ends, the thread takes in what is
//! there for the last time, and ends too.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use candor_vault::{Entropy, Vault, VaultError};

use crate::gateway::Gateway;
use crate::keeper::with_causes;

/// Pause before it is tried again, where another command has the vault, or something keeps it from being written.
const RETRY: Duration = Duration::from_millis(500);

/// The keeper's end of the thread.
pub(crate) struct Taker {
    sender: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Taker {
    pub(crate) fn start(root: PathBuf, entropy: Entropy, gateway: Arc<Gateway>) -> std::io::Result<Self> {
        let (sender, told) = sync_channel(1);
        let taking = Taking { root, entropy, last_note: String::new() };
        let thread = std::thread::Builder::new().name("candor-taker".into());
        let thread = thread.spawn(move || taking.run(&gateway, &told))?;
        Ok(Self { sender, thread })
    }

    /// A file has ended.
    pub(crate) fn tell(&self) {
        // If there is no room, it was told already and did not come to it yet.
        let _ = self.sender.try_send(());
    }

    /// Takes in what is there, and waits for it.
    pub(crate) fn end(self) {
        drop(self.sender);
        // A panic in it was told on standard error.
        let _ = self.thread.join();
    }
}

/// What the thread owns.
struct Taking {
    root: PathBuf,
    entropy: Entropy,
    last_note: String,
}

impl Taking {
    fn run(mut self, gateway: &Gateway, told: &Receiver<()>) {
        let mut waits = false;
        loop {
            let next = if waits {
                told.recv_timeout(RETRY)
            } else {
                told.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            let is_over = next == Err(RecvTimeoutError::Disconnected);
            if waits || next.is_ok() {
                waits = !self.take_in(gateway);
            }
            if is_over {
                return;
            }
        }
    }

    /// Whether all is done, as far as can be known.
    fn take_in(&mut self, gateway: &Gateway) -> bool {
        let now = gateway.now();
        let taken = Vault::open_now(&self.root).and_then(|mut vault| {
            match gateway.policy() {
                Some(policy) => vault.absorb_inbox_of(&policy, now, &mut self.entropy)?,
                None => vault.absorb_inbox(now, &mut self.entropy)?,
            };
            gateway.signals.hand_over(|seen| vault.note_signals(seen, &mut self.entropy))
        });
        let note = match taken {
            Ok(()) => String::new(),
            Err(VaultError::Lock(_)) => return false,
            Err(error) => format!("the inbox waits to be taken in: {}", with_causes(&error)),
        };
        if !note.is_empty() && note != self.last_note {
            gateway.note(&note);
        }
        self.last_note = note;
        self.last_note.is_empty()
    }
}
