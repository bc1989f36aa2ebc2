//! Asking witnesses to sign a log's checkpoint.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Method, Request, StatusCode};
use candor_conversation::Kind;
use candor_tlog::checkpoint::Checkpoint;
use candor_tlog::note::{NoteError, NoteSignature, SignedNote};
use candor_tlog::policy::{Policy, Witness};
use candor_tlog::tree::TreeSize;
use candor_tlog::witness::Cosignature;
use candor_vault::{LogError, LogFiles};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// Time for one answer.
const ANSWER: Duration = Duration::from_secs(10);
/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// Attempts with one witness: the first may learn from which size on it wants proof, and another log process may
/// have asked in between.
const ATTEMPTS_MAX: usize = 3;

/// Why a witness did not sign.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Its line in the policy has no address.
    #[error("the policy names no address for it")]
    NoAddress,
    /// It cannot be reached, or does not answer in time.
    #[error("{url}: {reason}")]
    Unreachable {
        /// Its address.
        url: String,
        /// Why, in words.
        reason: String,
    },
    /// It answered with another status than 200.
    #[error("it answered {status}: {words}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Its words.
        words: String,
    },
    /// It signed a larger tree of this log than there is: the log went back, or forked.
    #[error("it signed a checkpoint with {held} entries, this one has {size}: the log went back")]
    Ahead {
        /// What it signed.
        held: TreeSize,
        /// What it was asked for.
        size: TreeSize,
    },
    /// What it answered is not its signature of this checkpoint.
    #[error("its answer is no signature of this checkpoint by the key in the policy")]
    WrongSignature,
    /// No proof could be made for it.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The checkpoint with its line is no note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// No client can be had.
    #[error("reach witnesses")]
    Start(#[from] io::Error),
}

impl AskError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        match self {
            AskError::NoAddress => Kind::Invalid,
            AskError::Ahead { .. } => Kind::Corrupt,
            AskError::Log(error) => error.kind(),
            _ => Kind::Unavailable,
        }
    }
}

/// What became of asking all witnesses of a policy.
#[derive(Debug)]
pub struct Asked {
    /// The checkpoint with the signatures that came.
    pub checkpoint: SignedNote,
    /// Who signed, by the names in the policy.
    pub signed: Vec<String>,
    /// Who did not, and why.
    pub failed: Vec<(String, AskError)>,
}

/// Asks witnesses, one after another.
pub struct Client {
    runtime: tokio::runtime::Runtime,
    http: hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// What each witness signed last, as far as it told.
    known: HashMap<String, TreeSize>,
}

impl Client {
    /// A client that knows nothing of any witness.
    pub fn new() -> Result<Self, AskError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(ANSWER));
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()?
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { runtime, http, known: HashMap::new() })
    }

    /// Asks every witness of a policy to sign the newest checkpoint of a log. One that fails keeps no other from
    /// being asked.
    pub fn ask_all(&mut self, policy: &Policy, files: &LogFiles) -> Result<Asked, AskError> {
        let mut asked = Asked { checkpoint: files.newest()?, signed: Vec::new(), failed: Vec::new() };
        for witness in policy.witnesses() {
            match self.ask(witness, files, &asked.checkpoint) {
                Ok(line) => {
                    asked.checkpoint = asked.checkpoint.clone().with_signatures(&[line])?;
                    asked.signed.push(witness.name.clone());
                }
                Err(error) => asked.failed.push((witness.name.clone(), error)),
            }
        }
        Ok(asked)
    }

    /// Asks one witness; its signature is checked.
    fn ask(
        &mut self,
        witness: &Witness,
        files: &LogFiles,
        checkpoint: &SignedNote,
    ) -> Result<NoteSignature, AskError> {
        let address = witness.url.as_deref().ok_or(AskError::NoAddress)?;
        let url = format!("{}/add-checkpoint", address.trim_end_matches('/'));
        let claimed = Checkpoint::from_text(checkpoint.unverified_text()).map_err(LogError::from)?;
        let size = claimed.size();
        let mut last = AskError::WrongSignature;
        for _ in 0..ATTEMPTS_MAX {
            let old = self.known.get(&url).copied().unwrap_or(TreeSize(0));
            if old > size {
                return Err(AskError::Ahead { held: old, size });
            }
            let body = files.consistency(old, checkpoint.clone())?.to_string();
            let (status, words) = self.post(&url, body)?;
            if status == StatusCode::OK {
                let line = line_of(witness, checkpoint, &words)?;
                self.known.insert(url, size);
                return Ok(line);
            }
            last = AskError::Refused { status: status.as_u16(), words: words.trim().to_owned() };
            let held = words.trim().parse().map(TreeSize).ok();
            match held.filter(|held| status == StatusCode::CONFLICT && *held != old) {
                Some(held) => drop(self.known.insert(url.clone(), held)),
                None => break,
            }
        }
        Err(last)
    }

    fn post(&self, url: &str, body: String) -> Result<(StatusCode, String), AskError> {
        let unreachable = |reason: String| AskError::Unreachable { url: url.to_owned(), reason };
        let request = Request::builder().method(Method::POST).uri(url).body(Full::new(Bytes::from(body)));
        let request = request.map_err(|error| unreachable(error.to_string()))?;
        let exchange = async {
            let answer = self.http.request(request).await.map_err(|error| unreachable(error.to_string()))?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
            let body = body.map_err(|error| unreachable(error.to_string()))?.to_bytes();
            Ok((status, String::from_utf8_lossy(&body).into_owned()))
        };
        self.runtime.block_on(async {
            let answered = tokio::time::timeout(ANSWER, exchange).await;
            answered.unwrap_or_else(|_| Err(unreachable("no answer in time".to_owned())))
        })
    }
}

/// The line of a witness in its answer, which may have others.
fn line_of(witness: &Witness, checkpoint: &SignedNote, answer: &str) -> Result<NoteSignature, AskError> {
    let lines = answer.lines().filter_map(|line| NoteSignature::parse(line).ok());
    let own = |line: &NoteSignature| line.name() == witness.key.name() && line.id() == witness.key.id();
    for line in lines.filter(own) {
        let signed = checkpoint.clone().with_signatures(std::slice::from_ref(&line))?;
        if matches!(witness.key.check(&signed), Cosignature::Holds { .. }) {
            return Ok(line);
        }
    }
    Err(AskError::WrongSignature)
}
