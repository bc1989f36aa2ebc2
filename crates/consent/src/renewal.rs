//! Who must be asked again, because the notice grew beyond what they agreed to.

use candor_conversation::Timestamp;

use crate::{Event, NoticeBook, NoticeVersion, Purpose, State, is_broader, last_answer, may_be_asked_from};

/// A yes that the notice in force has outgrown. Until it is renewed it covers nothing that is said: silence is a no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgrown {
    /// The notice that was agreed to.
    pub agreed: NoticeVersion,
    /// When the person was asked to renew it last, since the notice in force was.
    pub asked_at: Option<Timestamp>,
    /// From when on they may be asked; `None` if they may be now.
    pub not_before: Option<Timestamp>,
}

/// Whether a person's yes for a purpose is outgrown.
pub fn outgrown(
    history: &[Event],
    notices: &NoticeBook,
    purpose: Purpose,
    now: Timestamp,
) -> Option<Outgrown> {
    let answer = last_answer(history).filter(|answer| answer.state.permits())?;
    let (_, current) = notices.in_force(now)?;
    current.purposes.get(&purpose)?;
    let agreed = notices.by_id(answer.notice)?;
    if !is_broader(agreed, current, purpose) {
        return None;
    }
    let asked = history.iter().rfind(|event| event.state == State::Requested);
    Some(Outgrown {
        agreed: agreed.version,
        asked_at: asked.map(|asked| asked.recorded_at).filter(|at| *at >= current.effective_at),
        not_before: may_be_asked_from(history).filter(|from| *from > now),
    })
}
