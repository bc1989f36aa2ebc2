//! The chat page: what it shows, gathered, and the template.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use candor_consent::Purpose;
use candor_vault::{Beginning, ConversationKey, OwnSummary, Person, Policy, Wanted};

use super::shelf::{By, FILE_BYTES_MAX, Message, Rating, Seen, Thumb};
use super::text::ChatText;
use super::told::{Holds, Progress, spoken};
use super::{Alert, asker, gateway, person, request};
use crate::assets;
use crate::page::Frame;
use crate::portal::Portal;
use crate::privacy::{Choices, PrivacyText};
use crate::refusal::Refusal;
use crate::standing::StandingText;
use crate::visitor::Visitor;

/// Conversations of the vault that are listed beside those of the session.
const KEPT_LISTED: usize = 30;
/// Messages that are shown at once, and the text after which there are no more, in bytes: pages are light.
const SHOWN_MAX: usize = 20;
const SHOWN_BYTES_MAX: usize = 12 << 10;

/// What to open, and what was not done with it.
#[derive(Default)]
pub(super) struct Open {
    pub(super) id: Option<String>,
    /// Of a long conversation only what was said before the message of this number.
    pub(super) until: Option<usize>,
    pub(super) alert: Option<Alert>,
    /// What somebody wrote that was not sent.
    pub(super) draft: String,
    pub(super) is_temporary: bool,
    pub(super) model: Option<String>,
}

/// Everything on the page, without words.
pub(super) struct ChatPage {
    open: Open,
    choices: Choices,
    here: Vec<Entry>,
    kept: Vec<Entry>,
    has_older: bool,
    current: Option<Current>,
    keeps_history: bool,
    models: Vec<String>,
    model: String,
    path: String,
}

/// A conversation in the list.
struct Entry {
    path: String,
    title: String,
    is_temporary: bool,
    is_here: bool,
}

struct Current {
    id: String,
    is_temporary: bool,
    is_answering: bool,
    lines: Vec<Line>,
    has_earlier: bool,
    has_later: bool,
}

/// A message on the page.
struct Line {
    number: usize,
    by: By,
    pieces: Vec<Piece>,
    file: Option<String>,
    message: Message,
    /// For which purposes it is kept now.
    kept_for: Vec<Purpose>,
    progress: Progress,
    /// Each purpose, under what a person wrote.
    holds: Vec<(Purpose, Holds)>,
    /// Whether it is part of an answer that is coming.
    is_coming: bool,
}

/// A stretch of a message.
struct Piece {
    is_code: bool,
    text: String,
}

impl ChatPage {
    pub(super) async fn of(portal: &Arc<Portal>, visitor: &Visitor, open: Open) -> Result<Self, Refusal> {
        let session = visitor.signed_in()?;
        let now = portal.now();
        let (policy, person) = person(portal, session)?;
        let wanted = Wanted { purpose: None, skip: 0, limit: KEPT_LISTED };
        let kept = portal.look(session, move |own, look| Ok(own.list(look, wanted)?)).await?;
        let models = gateway(portal)?.models(asker(session), now).await;
        let listed = session.shelf.list(now);
        let seen = open.id.as_deref().and_then(|id| session.shelf.see(id));
        let held: HashMap<ConversationKey, &OwnSummary> =
            kept.conversations.iter().map(|summary| (summary.key, summary)).collect();
        let keys: Vec<ConversationKey> =
            listed.iter().map(|listed| request::key(&policy, &person.subject, &listed.name)).collect();
        let own_turns = seen.as_ref().map_or(0, |seen| {
            let key = request::key(&policy, &person.subject, &seen.name);
            held.get(&key).map_or(0, |summary| summary.own_turns as usize)
        });
        let named =
            seen.as_ref().and_then(|seen| seen.messages.iter().rev().find_map(|said| said.model.clone()));
        let now_ruled = policy.rule_each(&person, &spoken(now, now, Default::default()));
        let here = listed.into_iter().map(|listed| Entry {
            path: super::path(&listed.id),
            is_here: open.id.as_ref() == Some(&listed.id),
            title: listed.title,
            is_temporary: listed.is_temporary,
        });
        let elsewhere = kept.conversations.iter().filter(|summary| !keys.contains(&summary.key));
        let path = open.id.as_deref().map_or_else(|| "/chat".to_owned(), super::path);
        Ok(Self {
            choices: Choices::of(portal, visitor, &path)?,
            here: here.collect(),
            kept: elsewhere.map(entry).collect(),
            has_older: kept.has_older,
            current: seen.map(|seen| Current::of(seen, (&policy, &person), own_turns, now).cut(open.until)),
            keeps_history: now_ruled
                .iter()
                .any(|(purpose, ruled)| *purpose == Purpose::History && ruled.is_ok()),
            models: offered(&models, &portal.settings.model),
            model: open.model.clone().or(named).unwrap_or_else(|| portal.settings.model.clone()),
            path,
            open,
        })
    }

    pub(super) fn template<'a>(&'a self, portal: &'a Portal, visitor: &'a Visitor) -> ChatTemplate<'a> {
        let frame = Frame { path: &self.path, ..Frame::new(portal, visitor) };
        ChatTemplate {
            frame,
            text: portal.texts.chat.of(visitor.locale),
            choice_text: portal.texts.privacy.of(visitor.locale),
            standing: portal.texts.standing.of(visitor.locale),
            choices: &self.choices,
            page: self,
            chat_script: assets::CHAT.path(),
        }
    }
}

fn entry(summary: &OwnSummary) -> Entry {
    Entry {
        path: format!("/chat/kept/{}", summary.key),
        title: summary.begins.as_ref().map_or("", Beginning::as_str).to_owned(),
        is_temporary: false,
        is_here: false,
    }
}

/// Models to choose from: those that are listed, with the one of the settings.
fn offered(models: &[String], own: &str) -> Vec<String> {
    let own = (!models.iter().any(|model| model == own)).then(|| own.to_owned());
    own.into_iter().chain(models.iter().cloned()).collect()
}

impl Current {
    fn of(
        seen: Seen,
        (policy, person): (&Policy, &Person),
        held: usize,
        now: candor_conversation::Timestamp,
    ) -> Self {
        let mut lines: Vec<Line> = Vec::with_capacity(seen.messages.len());
        let mut kept_before = 0;
        let last = seen.messages.len().saturating_sub(1);
        // An answer takes the most restrictive decision of what people said before it.
        let mut for_answers: Vec<Purpose> = Purpose::ALL.to_vec();
        let mut progress = Progress::Nothing;
        for (number, message) in seen.messages.into_iter().enumerate() {
            let mut holds = Vec::new();
            if let Some(told) = &message.told {
                holds = told.holds((policy, person), (message.at, now));
                progress = told.progress((held, kept_before));
                kept_before += usize::from(told.is_kept());
            }
            let held_now = |purpose: &Purpose| holds.contains(&(*purpose, Holds::Kept));
            let kept_for = if message.by == By::Person {
                for_answers.retain(held_now);
                Purpose::ALL.into_iter().filter(held_now).collect()
            } else {
                for_answers.clone()
            };
            lines.push(Line {
                number,
                by: message.by,
                pieces: pieces(&message.text),
                file: message.file.as_ref().map(|file| described(&file.name, file.bytes.len())),
                kept_for,
                progress,
                holds,
                is_coming: seen.is_answering && number == last,
                message,
            });
        }
        Self {
            id: seen.id,
            is_temporary: seen.is_temporary,
            is_answering: seen.is_answering,
            lines,
            has_earlier: false,
            has_later: false,
        }
    }
}

impl Current {
    /// Without what there is no room for before a message, the last one if none is named.
    fn cut(mut self, until: Option<usize>) -> Self {
        let end = until.unwrap_or(self.lines.len()).clamp(1.min(self.lines.len()), self.lines.len());
        self.has_later = end < self.lines.len();
        self.lines.truncate(end);
        let mut bytes = 0;
        let fits = |line: &&Line| {
            bytes += line.message.text.len();
            bytes <= SHOWN_BYTES_MAX
        };
        let shown = self.lines.iter().rev().take(SHOWN_MAX).take_while(fits).count().max(1);
        let first = self.lines.len().saturating_sub(shown);
        self.has_earlier = first > 0;
        self.lines.drain(..first);
        self
    }

    fn first(&self) -> usize {
        self.lines.first().map_or(0, |line| line.number)
    }
}

fn described(name: &str, bytes: usize) -> String {
    let (size, unit) = if bytes < 10_000 { (bytes, "B") } else { (bytes / 1000, "kB") };
    format!("{name} ({size} {unit})")
}

/// A text in stretches of prose and of code between lines of three backticks; nothing else of Markdown is read.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut is_code = false;
    let mut begins = true;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            begins = true;
            continue;
        }
        match pieces.last_mut().filter(|_| !begins) {
            Some(piece) => piece.text.push_str(line),
            None => pieces.push(Piece { is_code, text: line.to_owned() }),
        }
        begins = false;
    }
    for piece in &mut pieces {
        piece.text.truncate(piece.text.trim_end_matches('\n').len());
    }
    pieces
}

#[derive(Template)]
#[template(path = "chat.html")]
pub(super) struct ChatTemplate<'a> {
    frame: Frame<'a>,
    text: &'a ChatText,
    choice_text: &'a PrivacyText,
    standing: &'a StandingText,
    choices: &'a Choices,
    page: &'a ChatPage,
    chat_script: &'static str,
}

impl ChatTemplate<'_> {
    fn heading(&self) -> &str {
        let current = self.page.here.iter().find(|entry| entry.is_here).map(|entry| self.named(entry));
        current.unwrap_or(&self.text.title)
    }

    fn named<'s>(&'s self, entry: &'s Entry) -> &'s str {
        if entry.title.is_empty() { &self.text.untitled } else { &entry.title }
    }

    fn file_megabytes(&self) -> usize {
        FILE_BYTES_MAX >> 20
    }

    fn purposes(&self, line: &Line) -> String {
        let names: Vec<&str> = line.kept_for.iter().map(|purpose| self.standing.purpose(purpose)).collect();
        names.join(", ")
    }

    fn holds(&self, holds: &Holds) -> String {
        match holds {
            Holds::Kept => self.text.is_kept.clone(),
            Holds::Not(reason) => format!("{} {}", self.standing.withheld, self.standing.reason(reason)),
            Holds::NotKept(code) => {
                format!("{} {}", self.standing.withheld, self.text.gateway_reason(code))
            }
        }
    }

    fn is_writing(&self, line: &Line) -> bool {
        line.progress == Progress::Writing
    }

    fn is_by_person(&self, line: &Line) -> bool {
        line.by == By::Person
    }

    fn is_thumb(&self, line: &Line, up: bool) -> bool {
        match line.message.rating {
            Rating::None => false,
            Rating::Asked(thumb) | Rating::Private(thumb) | Rating::Kept(thumb) => (thumb == Thumb::Up) == up,
        }
    }

    fn is_asked(&self, line: &Line) -> bool {
        matches!(line.message.rating, Rating::Asked(_))
    }

    fn rated(&self, line: &Line) -> Option<&str> {
        match line.message.rating {
            Rating::None | Rating::Asked(_) => None,
            Rating::Private(_) => Some(&self.text.rated_private),
            Rating::Kept(_) => Some(&self.text.rated_kept),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stands_apart_and_everything_else_is_text_as_it_was_written() {
        let text = "a *b*\n```rust\nlet x = \"<b>\";\n```\n\nend";
        let pieces: Vec<(bool, String)> =
            pieces(text).into_iter().map(|piece| (piece.is_code, piece.text)).collect();
        let expected = [(false, "a *b*"), (true, "let x = \"<b>\";"), (false, "\nend")];
        assert_eq!(pieces, expected.map(|(is_code, text)| (is_code, text.to_owned())));
        assert_eq!(super::pieces("```\nopen").len(), 1);
        assert!(super::pieces("").is_empty());
    }
}
