//! Having the log witnessed, once or for as long as a server runs.

use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use candor_vault::{LogFiles, Vault};
use candor_witness::{Asked, Client};

use super::log::read_policy;
use crate::context::Context;
use crate::failure::WrongInput;

/// How often a server looks whether there is a checkpoint that nobody signed yet.
const ROUND: Duration = Duration::from_secs(5);

/// What became of one round.
pub(crate) struct Round {
    /// Who signed.
    pub(crate) signed: Vec<String>,
    /// Who did not, and why.
    pub(crate) failed: Vec<(String, String)>,
    /// Whether everybody is shown the checkpoint now.
    pub(crate) published: bool,
}

/// Asks all witnesses of the data directory's policy, and publishes what they signed.
pub(crate) fn ask(context: &Context, client: &mut Client) -> anyhow::Result<Round> {
    let path = context.data.join("witness.policy");
    if !path.is_file() {
        let text = format!("{} is missing\nhint: docs/log.md says what stands in it", path.display());
        return Err(WrongInput(text).into());
    }
    round(&context.data, client)
}

fn round(data: &Path, client: &mut Client) -> anyhow::Result<Round> {
    let policy = read_policy(&data.join("witness.policy"))?;
    let asked = client.ask_all(&policy, &LogFiles::at(&data.join("log")))?;
    let Asked { checkpoint, signed, failed } = asked;
    // The data directory is taken only when there is something to write to it.
    let published =
        policy.check(&checkpoint).is_ok() && Vault::open(data)?.publish_checkpoint(&checkpoint)?;
    let failed = failed.into_iter().map(|(name, why)| (name, format!("{:#}", anyhow::Error::from(why))));
    Ok(Round { signed, failed: failed.collect(), published })
}

/// A thread that has new checkpoints witnessed.
pub(crate) struct Witnessing {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Witnessing {
    /// Starts it if there is a policy. What fails is told by `remark` when it is another failure than the last.
    pub(crate) fn start(data: &Path, remark: fn(&str)) -> anyhow::Result<Option<Self>> {
        if !data.join("witness.policy").is_file() {
            return Ok(None);
        }
        let (stop, stopped) = channel();
        let (data, client) = (data.to_owned(), Client::new()?);
        let thread = std::thread::Builder::new().name("candor-witnessing".into());
        let thread = thread.spawn(move || keep_asking(&data, client, (&stopped, remark)))?;
        Ok(Some(Self { stop, thread }))
    }

    /// Stops after the round that runs.
    pub(crate) fn stop(self) -> io::Result<()> {
        // It may have ended by itself.
        let _ = self.stop.send(());
        self.thread.join().map_err(|_| io::Error::other("the thread that has the log witnessed panicked"))
    }
}

fn keep_asking(data: &Path, mut client: Client, (stopped, remark): (&Receiver<()>, fn(&str))) {
    let (mut done, mut told) = (String::new(), String::new());
    while stopped.recv_timeout(ROUND) == Err(RecvTimeoutError::Timeout) {
        let newest = LogFiles::at(&data.join("log")).newest();
        let newest = newest.map(|note| note.unverified_text().to_owned()).unwrap_or_default();
        if newest == done {
            continue;
        }
        let failure = match round(data, &mut client) {
            Ok(round) => {
                if round.published && round.failed.is_empty() {
                    done = newest;
                }
                let failed =
                    round.failed.iter().map(|(name, why)| format!("witness {name} did not sign: {why}"));
                failed.collect::<Vec<_>>().join("; ")
            }
            Err(error) => format!("the log is not witnessed: {error:#}"),
        };
        if !failure.is_empty() && failure != told {
            remark(&failure);
        }
        told = failure;
    }
}
