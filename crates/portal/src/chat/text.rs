//! The words of the chat page.

use serde::Deserialize;

use super::Alert;
use super::shelf::{Ending, Full};
use crate::gateway::Unanswered;

/// The words of the chat page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChatText {
    pub(super) title: String,
    pub(super) new: String,
    pub(super) yours: String,
    pub(super) here: String,
    pub(super) kept_list: String,
    pub(super) older: String,
    pub(super) untitled: String,
    pub(super) only_here: String,
    pub(super) temporary: String,
    pub(super) temporary_is: String,
    pub(super) temporary_mark: String,
    pub(super) conversation: String,
    pub(super) earlier: String,
    pub(super) newest: String,
    pub(super) you: String,
    pub(super) model: String,
    pub(super) message: String,
    pub(super) file: String,
    pub(super) file_limit: String,
    pub(super) ask_model: String,
    pub(super) send: String,
    pub(super) stop: String,
    pub(super) answering: String,
    pub(super) answered: String,
    pub(super) lost: String,
    pub(super) delete: String,
    pub(super) delete_what: String,
    pub(super) delete_do: String,
    pub(super) choices: String,
    pub(super) choices_next: String,
    pub(super) answers_too: String,
    pub(super) kept_for: String,
    pub(super) kept_nothing: String,
    pub(super) writing: String,
    pub(super) written: String,
    pub(super) each: String,
    pub(super) is_kept: String,
    pub(super) good: String,
    pub(super) bad: String,
    pub(super) rate: String,
    pub(super) rated_question: String,
    pub(super) rated_yes: String,
    pub(super) rated_no: String,
    pub(super) rated_private: String,
    pub(super) rated_kept: String,
    alerts: Alerts,
    endings: Endings,
    gateway: GatewayReasons,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Alerts {
    empty: String,
    text_too_long: String,
    file_too_large: String,
    gone: String,
    answering: String,
    too_many: String,
    too_long: String,
    no_room: String,
    not_resumed: String,
    unreachable: String,
    too_often: String,
    too_large: String,
    refused: String,
    failed: String,
    file_again: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Endings {
    stopped: String,
    broken: String,
    too_long: String,
}

/// Why the gateway keeps nothing, where it is none of a person's choices.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GatewayReasons {
    unread: String,
    unreadable: String,
    capture_off: String,
    no_policy: String,
    other: String,
}

impl ChatText {
    pub(super) fn alert(&self, alert: &Alert) -> &str {
        let alerts = &self.alerts;
        match *alert {
            Alert::Empty => &alerts.empty,
            Alert::TextTooLong => &alerts.text_too_long,
            Alert::FileTooLarge => &alerts.file_too_large,
            Alert::NotTaken(Full::Gone) => &alerts.gone,
            Alert::NotTaken(Full::Answering) => &alerts.answering,
            Alert::NotTaken(Full::TooMany) => &alerts.too_many,
            Alert::NotTaken(Full::TooLong) => &alerts.too_long,
            Alert::NotTaken(Full::NoRoom) => &alerts.no_room,
            Alert::NotResumed => &alerts.not_resumed,
            Alert::Unanswered(Unanswered::Unreachable) => &alerts.unreachable,
            Alert::Unanswered(Unanswered::Refused(429)) => &alerts.too_often,
            Alert::Unanswered(Unanswered::Refused(413)) => &alerts.too_large,
            Alert::Unanswered(Unanswered::Refused(400..500)) => &alerts.refused,
            Alert::Unanswered(Unanswered::Refused(_)) => &alerts.failed,
        }
    }

    /// What is added where a message was not sent: a browser keeps no file.
    pub(super) fn file_again(&self) -> &str {
        &self.alerts.file_again
    }

    pub(super) fn ending(&self, ending: &Ending) -> Option<&str> {
        match ending {
            Ending::Whole => None,
            Ending::Stopped => Some(&self.endings.stopped),
            Ending::Broken => Some(&self.endings.broken),
            Ending::TooLong => Some(&self.endings.too_long),
        }
    }

    pub(super) fn gateway_reason(&self, code: &str) -> &str {
        match code {
            "unread" => &self.gateway.unread,
            "unreadable" => &self.gateway.unreadable,
            "capture-off" => &self.gateway.capture_off,
            "no-policy" => &self.gateway.no_policy,
            _ => &self.gateway.other,
        }
    }
}
