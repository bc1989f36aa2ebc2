//! Signals that came with requests, until the vault has them: who, which dialect, on which day. Nothing of a request.
//!
//! Each lowered its own request already. They are remembered so that people can be shown what their programs say, and
//! each of a person is written once a day. They are lost if the process is killed before the vault had them, and come
//! again with the next request.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use candor_conversation::{SubjectId, Timestamp};
use candor_vault::{Lowered, SignalSeen};
use candor_wire::opt_out::{Dialect, OptOut, Row, refusals};
use candor_wire::request::Request;
use hyper::header::HeaderMap;

/// Signals of one day that are held; what comes beyond is not remembered.
const SIGNALS_MAX: usize = 200_000;

/// What came today.
#[derive(Default)]
pub(crate) struct Signals(Mutex<Today>);

#[derive(Default)]
struct Today {
    day: i64,
    /// What each asks for, and whether the vault has it.
    seen: HashMap<(SubjectId, &'static str), (Lowered, bool)>,
    waiting: usize,
}

/// How far a request lowers what its author agreed to.
pub(crate) fn lowered(opt_out: OptOut) -> Lowered {
    match opt_out {
        OptOut::None => Lowered::Nothing,
        OptOut::Training => Lowered::AllButHistory,
        OptOut::Everything => Lowered::Everything,
    }
}

impl Signals {
    /// Notes what a request asked for. A temporary conversation is a choice for that conversation alone, and leaves
    /// nothing behind.
    pub(crate) fn note(&self, subject: SubjectId, headers: &HeaderMap, request: &Request, now: Timestamp) {
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let rows = refusals(headers).chain(request.dialect.and_then(Dialect::row));
        let mut today = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if today.day != now.day() && today.waiting == 0 {
            *today = Today { day: now.day(), ..Today::default() };
        }
        for Row { code, means, .. } in rows.filter(|row| row.dialect != Dialect::CandorTemporary) {
            let is_new = !today.seen.contains_key(&(subject, code));
            if is_new && today.seen.len() < SIGNALS_MAX {
                today.seen.insert((subject, code), (lowered(*means), false));
                today.waiting += 1;
            }
        }
    }

    /// Whether the vault lacks some.
    pub(crate) fn are_waiting(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).waiting > 0
    }

    /// Gives those that the vault lacks to `write`, which says whether it has them then.
    pub(crate) fn hand_over<E>(&self, write: impl FnOnce(&[SignalSeen]) -> Result<(), E>) -> Result<(), E> {
        let (at, waiting) = {
            let today = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let lacking = today.seen.iter().filter(|(_, (_, is_written))| !is_written);
            let lacking: Vec<_> = lacking.map(|(key, (lowered, _))| (*key, *lowered)).collect();
            (Timestamp::of_day(today.day), lacking)
        };
        if waiting.is_empty() {
            return Ok(());
        }
        let seen = |((subject, dialect), lowered): &((SubjectId, &str), Lowered)| SignalSeen {
            subject: *subject,
            dialect: (*dialect).to_owned(),
            lowered: *lowered,
            at,
        };
        write(&waiting.iter().map(seen).collect::<Vec<_>>())?;
        let mut today = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, lowered) in waiting {
            today.seen.insert(key, (lowered, true));
        }
        today.waiting = today.seen.values().filter(|(_, is_written)| !is_written).count();
        Ok(())
    }
}
