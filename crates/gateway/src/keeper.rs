//! Writing what may be kept, beside the relay: one thread takes exchanges as they end, a group at a time.
//!
//! Before a group is written, what decides is read again; what is no longer permitted is dropped (N3). A group is on
//! disk before it is counted. While the catalogue cannot be read nothing is written and the queue fills; what comes
//! then is relayed, not kept, and counted. What was written is taken into the vault by a thread that the keeper owns.

use std::error::Error as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use candor_conversation::Timestamp;
use candor_vault::{Entropy, Fresh, Inbox, Policy, Vault, VaultError};
use candor_wire::reply::{Reply, ReplyReader};
use candor_wire::surface::Surface;

use crate::exchange::Heard;
use crate::gateway::Gateway;
use crate::metrics::CauseLabels;
use crate::record::Ended;
use crate::settings::Capture;
use crate::taker::Taker;
use crate::thread::{Answers, lay_out};

/// Exchanges that are written together at most.
const GROUP_MAX: usize = 256;
/// How often what decides is read again while nothing is said.
const REFRESH: Duration = Duration::from_millis(200);
/// Pause before a group that could not be written is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// The way into the keeper. It never waits.
pub(crate) struct Queue {
    sender: SyncSender<Heard>,
    waiting_bytes: Arc<AtomicUsize>,
    bytes_max: usize,
}

/// The queue is full.
pub(crate) struct Full;

impl Queue {
    pub(crate) fn new(capture: &Capture) -> (Self, Waiting) {
        let (sender, receiver) = sync_channel(capture.queue_exchanges_max);
        let waiting_bytes = Arc::new(AtomicUsize::new(0));
        let waiting = Waiting { receiver, waiting_bytes: Arc::clone(&waiting_bytes) };
        (Self { sender, waiting_bytes, bytes_max: capture.queue_bytes_max }, waiting)
    }

    pub(crate) fn offer(&self, heard: Heard) -> Result<(), Full> {
        let bytes = heard.bytes();
        let before = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes > self.bytes_max || self.sender.try_send(heard).is_err() {
            self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            return Err(Full);
        }
        Ok(())
    }
}

/// The other end of a [`Queue`].
pub(crate) struct Waiting {
    receiver: Receiver<Heard>,
    waiting_bytes: Arc<AtomicUsize>,
}

impl Waiting {
    /// The next group; empty after a while in which nothing came.
    fn group(&self) -> Vec<Heard> {
        let Ok(first) = self.receiver.recv_timeout(REFRESH) else { return Vec::new() };
        let mut group = vec![first];
        group.extend(self.receiver.try_iter().take(GROUP_MAX - 1));
        let bytes = group.iter().map(Heard::bytes).sum();
        self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
        group
    }
}

/// Everything that the keeper's thread owns.
pub(crate) struct Keeper {
    root: PathBuf,
    inbox: Inbox,
    entropy: Entropy,
    answers: Answers,
    absorb_ms: i64,
    answer_bytes_max: usize,
    file_bytes_max: usize,
    /// Whether something was written that the taker was not told of.
    has_written: bool,
}

impl Keeper {
    /// Opens what it writes to. What an earlier process left in the inbox is taken in first, so that
    /// conversations go on across a restart.
    pub(crate) fn open(
        root: &Path,
        capture: &Capture,
        mut entropy: Entropy,
        now: Timestamp,
    ) -> Result<Self, VaultError> {
        Vault::open(root)?.absorb_inbox(now, &mut entropy)?;
        let inbox = Inbox::open(root, entropy.fork())?;
        let absorb_ms = i64::try_from(capture.absorb_seconds.max(1) * 1000).unwrap_or(i64::MAX);
        let answer_bytes_max = capture.exchange_bytes_max;
        Ok(Self {
            root: root.to_owned(),
            inbox,
            entropy,
            answers: Answers::default(),
            absorb_ms,
            answer_bytes_max,
            file_bytes_max: capture.file_bytes_max,
            has_written: false,
        })
    }

    pub(crate) fn policy(&self) -> Policy {
        self.inbox.policy().clone()
    }

    /// Runs until the gateway closes and everything that waits is written.
    pub(crate) fn start(
        mut self,
        gateway: Arc<Gateway>,
        waiting: Waiting,
    ) -> std::io::Result<JoinHandle<()>> {
        let taker = Taker::start(self.root.clone(), self.entropy.fork(), Arc::clone(&gateway))?;
        let thread = std::thread::Builder::new().name("candor-keeper".into());
        thread.spawn(move || {
            self.run(&gateway, &waiting, &taker);
            taker.end();
        })
    }

    fn run(mut self, gateway: &Gateway, waiting: &Waiting, taker: &Taker) {
        let mut ended_at = gateway.now();
        loop {
            let is_closing = gateway.is_closing();
            let group = waiting.group();
            if group.is_empty() && is_closing {
                break;
            }
            let fresh: Vec<Fresh> =
                group.into_iter().filter_map(|heard| self.fresh(heard, gateway)).collect();
            self.write(gateway, &fresh);
            let now = gateway.now();
            // A clock that was set back must not put it off for long.
            let since = now.millis().saturating_sub(ended_at.millis());
            if !(0..self.absorb_ms).contains(&since) {
                ended_at = now;
                self.end_file(gateway, taker);
            }
        }
        self.end_file(gateway, taker);
    }

    /// Writes a group, and reads what decides even when there is none. A group that cannot be written waits, and
    /// all behind it: what comes when the queue is full is shed.
    fn write(&mut self, gateway: &Gateway, fresh: &[Fresh]) {
        loop {
            match self.inbox.append(fresh, gateway.now()) {
                Ok(appended) => {
                    if appended.policy_changed || gateway.policy().is_none() {
                        gateway.set_policy(Some(self.policy()));
                    }
                    self.has_written |= appended.bytes > 0;
                    if !fresh.is_empty() {
                        gateway.metrics.durable_exchanges.inc_by(fresh.len() as u64);
                        gateway.metrics.durable_turns.inc_by(appended.turns);
                        gateway.metrics.durable_files.inc_by(appended.files);
                        gateway.metrics.left_out_files.inc_by(appended.files_left_out);
                    }
                    return;
                }
                Err(error) => {
                    // Who said no since cannot be known now: nothing more is promised to be kept.
                    gateway.set_policy(None);
                    gateway.metrics.capture_failures.inc();
                    gateway.note(&format!("what is said waits to be written: {}", with_causes(&error)));
                    std::thread::sleep(RETRY);
                    if gateway.is_closing() {
                        return;
                    }
                    if self.inbox.refresh().is_ok() {
                        gateway.set_policy(Some(self.policy()));
                    }
                }
            }
        }
    }

    /// What is to be written of an exchange.
    fn fresh(&mut self, heard: Heard, gateway: &Gateway) -> Option<Fresh> {
        let Heard { mut exchange, answer, ended } = heard;
        exchange.read_files();
        let reply = exchange.keeps_answer().then(|| read(&exchange, (&answer, ended), self.answer_bytes_max));
        let reply = reply.filter(|reply| !reply.failed && !reply.over_limit);
        let before = self.answers.find(&exchange);
        let mut thread = lay_out(&exchange, before.as_deref(), reply.as_ref(), gateway.now());
        thread.drop_files_beyond(self.file_bytes_max);
        if thread.fresh_from >= thread.path.len() {
            gateway.metrics.shed.get_or_create(&CauseLabels { cause: "nothing-new" }).inc();
            return None;
        }
        // An answer that is not here yet (OpenAI's `background`) is no path to go on from: its text would be missing.
        let said =
            reply.as_ref().filter(|reply| reply.choices.first().is_some_and(|parts| !parts.is_empty()));
        // Only there a request goes on from an answer by its id.
        let is_continued = exchange.surface == Surface::Responses;
        if let Some(id) = said.filter(|_| is_continued).and_then(|reply| reply.id.clone()) {
            self.answers.remember(&exchange, id, &thread);
        }
        Some(Fresh {
            tenant: exchange.tenant,
            conversation: thread.conversation,
            path: thread.path,
            fresh_from: thread.fresh_from,
            author: exchange.author,
            spoken: exchange.spoken,
            ruling: exchange.permits,
            reply_may_be_kept: exchange.distillable && !thread.is_cut,
            complete: reply.is_none_or(|reply| reply.is_finished()),
        })
    }

    /// Ends the file that is written, so that it can be taken in.
    fn end_file(&mut self, gateway: &Gateway, taker: &Taker) {
        if let Err(error) = self.inbox.roll() {
            gateway.note(&format!("a file of the inbox could not be ended: {error}"));
        }
        if std::mem::take(&mut self.has_written) || gateway.signals.are_waiting() {
            taker.tell();
        }
    }
}

/// An error with what caused it, in one line.
pub(crate) fn with_causes(error: &VaultError) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}

fn read(
    exchange: &crate::exchange::Exchange,
    (answer, ended): (&[bytes::Bytes], Ended),
    bytes_max: usize,
) -> Reply {
    let mut reader = ReplyReader::new(exchange.surface, exchange.answer_is_stream, bytes_max);
    answer.iter().for_each(|piece| reader.push(piece));
    reader.finish(ended != Ended::Whole)
}
