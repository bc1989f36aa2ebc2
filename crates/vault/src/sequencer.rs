//! Many who record at once: what comes while a group is written makes the next group.
//!
//! Nobody waits for a clock. A lone act is written at once; under load a group grows to as many as came meanwhile, so
//! that the waits for the disk are shared. Everybody is answered after the group is in the catalogue and in the log.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::{Entropy, Group, Vault, VaultError};

/// Acts that wait at most; whoever brings more waits to be let in.
const QUEUE_ACTS_MAX: usize = 4_096;
/// Acts of a group at most, so that a group is written within a fifth of a second.
const GROUP_ACTS_MAX: usize = 1_024;
/// Groups that are written before other processes get their turn with the data directory.
const GROUPS_IN_A_ROW_MAX: usize = 16;
/// How long they get: longer than somebody who waits for it sleeps between two attempts.
const TURN_OF_OTHERS: Duration = Duration::from_millis(25);
/// How long a group waits for another process to be done with the data directory.
const VAULT_WAIT_MAX: Duration = Duration::from_secs(20);

/// An act on its way: it writes, and then waits for the group's fate to be told.
type Job = Box<dyn FnOnce(Turn<'_, '_>) -> Option<Tell> + Send>;
/// Tells whoever waits, with the reason why the group was not written, if it was not.
type Tell = Box<dyn FnOnce(Option<&Arc<VaultError>>) + Send>;

enum Turn<'a, 'g> {
    Write(&'a Group<'g>, &'a mut Entropy),
    NoVault(&'a Arc<VaultError>),
}

/// Records acts in groups, on a thread of its own that has the vault only while it writes.
pub struct Sequencer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// An act that is on its way into the log.
pub struct Recording<T, E> {
    answer: Receiver<Result<T, E>>,
}

impl Sequencer {
    /// Starts the thread, for the data directory `root`.
    pub fn start(root: &Path, entropy: Entropy) -> io::Result<Self> {
        let (jobs, queue) = sync_channel(QUEUE_ACTS_MAX);
        let root = root.to_owned();
        let thread = thread::Builder::new().name("candor-sequencer".into());
        let thread = thread.spawn(move || run(&root, &queue, entropy))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Brings an act; [`Recording::wait`] tells what became of it. If `write` fails nothing that it did stays, and
    /// nobody else is concerned.
    pub fn record<T, E>(
        &self,
        write: impl FnOnce(&Group<'_>, &mut Entropy) -> Result<T, E> + Send + 'static,
    ) -> Recording<T, E>
    where
        T: Send + 'static,
        E: From<VaultError> + Send + 'static,
    {
        let (teller, answer) = sync_channel(1);
        let job: Job = Box::new(move |turn| {
            // Whoever does not wait any more is not told.
            let tell = move |told: Result<T, E>| drop(teller.send(told));
            match turn {
                Turn::NoVault(error) => {
                    tell(Err(VaultError::Group(Arc::clone(error)).into()));
                    None
                }
                Turn::Write(group, entropy) => {
                    let written = group.attempt(|group| write(group, entropy));
                    let last: Tell = Box::new(move |failed| match failed {
                        Some(error) => tell(Err(VaultError::Group(Arc::clone(error)).into())),
                        None => tell(written),
                    });
                    Some(last)
                }
            }
        });
        // The thread ends only when the queue does: it takes what is sent.
        if let Some(jobs) = &self.jobs {
            drop(jobs.send(job));
        }
        Recording { answer }
    }
}

impl Drop for Sequencer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // What panicked there was told on standard error; those who waited hear that it is gone.
            let _ = thread.join();
        }
    }
}

impl<T, E: From<VaultError>> Recording<T, E> {
    /// Waits until the act is in the log, or cannot be.
    pub fn wait(self) -> Result<T, E> {
        self.answer.recv().unwrap_or_else(|_| Err(VaultError::SequencerGone.into()))
    }
}

fn run(root: &Path, queue: &Receiver<Job>, mut entropy: Entropy) {
    while let Ok(first) = queue.recv() {
        let mut group = vec![first];
        group.extend(queue.try_iter().take(GROUP_ACTS_MAX - 1));
        let mut vault = match Vault::open_within(root, VAULT_WAIT_MAX) {
            Ok(vault) => vault,
            Err(error) => {
                let error = Arc::new(error);
                group.into_iter().for_each(|job| drop(job(Turn::NoVault(&error))));
                continue;
            }
        };
        let mut is_over = false;
        for _ in 0..GROUPS_IN_A_ROW_MAX {
            write(&mut vault, std::mem::take(&mut group), &mut entropy);
            group.extend(queue.try_iter().take(GROUP_ACTS_MAX));
            is_over = group.is_empty();
            if is_over {
                break;
            }
        }
        // What was taken from the queue last is written before others get their turn.
        write(&mut vault, group, &mut entropy);
        drop(vault);
        if !is_over {
            thread::sleep(TURN_OF_OTHERS);
        }
    }
}

/// Writes a group, if there is one, and tells everybody.
fn write(vault: &mut Vault, jobs: Vec<Job>, entropy: &mut Entropy) {
    if jobs.is_empty() {
        return;
    }
    let mut tells: Vec<Tell> = Vec::with_capacity(jobs.len());
    let written: Result<(), VaultError> = vault.together(|group| {
        tells.extend(jobs.into_iter().filter_map(|job| job(Turn::Write(group, entropy))));
        Ok(())
    });
    let failed = written.err().map(Arc::new);
    tells.into_iter().for_each(|tell| tell(failed.as_ref()));
}
