//! `/privacy/kept`: what is held of a person, conversation by conversation, and deleting one.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use candor_consent::Purpose;
use candor_conversation::Role;
use candor_release::{Attachments, assemble, recall};
use candor_vault::{Beginning, ConversationKey, Entropy, OwnList, OwnSummary, PurposeSummary, Vault, Wanted};
use serde::Deserialize;

use crate::form::Submitted;
use crate::page::{Frame, page, see};
use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::standing::{StandingText, minute};
use crate::visitor::Visitor;

mod conversation;
pub(crate) mod file;
mod side_by_side;

use conversation::{Shown, ShownMessage};

/// Conversations on a page.
const CONVERSATIONS: usize = 20;

/// The words of these pages.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptText {
    title: String,
    intro: String,
    total: String,
    nothing: String,
    nothing_for: String,
    filter: String,
    any: String,
    show: String,
    messages: String,
    joint: String,
    allowed_of: String,
    newer: String,
    older: String,
    earlier: String,
    later: String,
    pages: String,
    untitled: String,
    back: String,
    conversation: String,
    you: String,
    model: String,
    system: String,
    tool: String,
    kept_for: String,
    said: String,
    said_by_model: String,
    seen: String,
    marked: String,
    same: String,
    left_out: String,
    cut: String,
    whole: String,
    broken_off: String,
    file: String,
    save: String,
    not_kept: String,
    forget: String,
    forget_title: String,
    forget_what: String,
    forget_turns: String,
    forget_logs: String,
    forget_rows: String,
    forget_stays: String,
    forget_others: String,
    forget_copies: String,
    forget_record: String,
    forget_do: String,
    forget_not: String,
    forgotten_title: String,
    forgotten: String,
}

/// What a list or a conversation is asked with.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(rename = "for")]
    purpose: Option<String>,
    #[serde(default)]
    page: usize,
}

#[derive(Template)]
#[template(path = "kept.html")]
struct ListPage<'a> {
    frame: Frame<'a>,
    text: &'a KeptText,
    standing: &'a StandingText,
    list: OwnList,
    purpose: Option<Purpose>,
    page: usize,
}

#[derive(Template)]
#[template(path = "kept_conversation.html")]
struct ConversationPage<'a> {
    frame: Frame<'a>,
    text: &'a KeptText,
    standing: &'a StandingText,
    shown: Shown,
}

#[derive(Template)]
#[template(path = "kept_forget.html")]
struct ForgetPage<'a> {
    frame: Frame<'a>,
    text: &'a KeptText,
    /// `None` once it is done.
    key: Option<ConversationKey>,
}

/// The list.
pub(crate) async fn list(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Response {
    let answer = async {
        // An empty choice in the form is no filter.
        let purpose = asked.purpose.as_deref().filter(|word| !word.is_empty());
        let purpose = purpose.map(str::parse).transpose().map_err(|_| Refusal::NotFound)?;
        let skip = asked.page.saturating_mul(CONVERSATIONS);
        let wanted = Wanted { purpose, skip, limit: CONVERSATIONS };
        let list = portal.look(visitor.signed_in()?, move |own, look| Ok(own.list(look, wanted)?)).await?;
        if list.conversations.is_empty() && asked.page > 0 {
            return Err(Refusal::NotFound);
        }
        page(&ListPage {
            frame: Frame::new(&portal, &visitor),
            text: portal.texts.kept.of(visitor.locale),
            standing: portal.texts.standing.of(visitor.locale),
            list,
            purpose,
            page: asked.page,
        })
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// One conversation, as it was said and as training would see it.
pub(crate) async fn conversation(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let answer = async {
        let key = parsed(&key)?;
        let making = portal.making.clone();
        let shown = portal.look(visitor.signed_in()?, move |own, look| {
            let mut opened = own.open_conversation(look, key)?.ok_or(Refusal::NotFound)?;
            // How large files are only they tell; most conversations have none.
            if file::are_in(&opened) {
                opened = own.open_conversation_with_files(look, key)?.ok_or(Refusal::NotFound)?;
            }
            let known: Vec<&str> = look.person.subject.profile.known_by().collect();
            conversation::shown(opened, (&making, &known), asked.page)
        });
        page(&ConversationPage {
            shown: shown.await?,
            frame: Frame::new(&portal, &visitor),
            text: portal.texts.kept.of(visitor.locale),
            standing: portal.texts.standing.of(visitor.locale),
        })
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// The whole text of one message, as a file.
pub(crate) async fn whole(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Path((key, turn)): Path<(String, String)>,
) -> Response {
    let answer = async {
        let key = parsed(&key)?;
        let opened = portal.look(visitor.signed_in()?, move |own, look| {
            own.open_conversation(look, key)?.ok_or(Refusal::NotFound)
        });
        let opened = opened.await?;
        let turn = opened.turns.into_iter().find(|other| conversation::name(&other.turn) == turn);
        let text = assemble::content(&turn.ok_or(Refusal::NotFound)?.parts, Attachments::Withhold);
        Ok(download("text/plain; charset=utf-8", "message.txt", text.into_bytes()))
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// Says what goes and what stays.
pub(crate) async fn ask_to_forget(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Path(key): Path<String>,
) -> Response {
    let answer = async {
        let key = held(&portal, &visitor, &key).await?;
        forget_page(&portal, &visitor, Some(key))
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// Deletes a conversation.
pub(crate) async fn forget(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Path(key): Path<String>,
    _form: Submitted,
) -> Response {
    let answer = async {
        let key = held(&portal, &visitor, &key).await?;
        forget_one(&portal, visitor.signed_in()?, key).await?;
        Ok(see("/privacy/kept/deleted"))
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// Deletes a conversation of whoever is signed in, with everything that rests on it.
pub(crate) async fn forget_one(
    portal: &Arc<Portal>,
    session: &Arc<Session>,
    key: ConversationKey,
) -> Result<(), Refusal> {
    let (now, making, session) = (portal.now(), portal.making.clone(), Arc::clone(session));
    let act = move |vault: &mut Vault, entropy: &mut Entropy| {
        let subject = vault.subject(&session.tenant, &session.name)?;
        let recalls = recall::of_conversation(vault, &subject, key, &making);
        let recalls = recalls.map_err(|_| Refusal::Broken("look up rows to recall"))?;
        vault.forget_conversation(&subject, key, &recalls.rows, (now, entropy))?;
        Ok(())
    };
    portal.act(act).await
}

/// The key in an address, if it is that of a conversation of whoever asks.
async fn held(portal: &Arc<Portal>, visitor: &Visitor, key: &str) -> Result<ConversationKey, Refusal> {
    let key = parsed(key)?;
    let opened =
        portal.look(visitor.signed_in()?, move |own, look| Ok(own.open_conversation(look, key)?)).await?;
    opened.map(|_| key).ok_or(Refusal::NotFound)
}

/// Says that it is done.
pub(crate) async fn forgotten(State(portal): State<Arc<Portal>>, visitor: Visitor) -> Response {
    forget_page(&portal, &visitor, None).unwrap_or_else(|refusal| refusal.answer(&portal, &visitor))
}

fn forget_page(
    portal: &Portal,
    visitor: &Visitor,
    key: Option<ConversationKey>,
) -> Result<Response, Refusal> {
    let text = portal.texts.kept.of(visitor.locale);
    page(&ForgetPage { frame: Frame::new(portal, visitor), text, key })
}

fn parsed(key: &str) -> Result<ConversationKey, Refusal> {
    key.parse().map_err(|_| Refusal::NotFound)
}

/// Something to save, which no browser shows as a page of ours; `name` has no quotes and no control characters.
pub(crate) fn download(media_type: &str, name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_DISPOSITION, disposition(name)),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ];
    (headers, bytes).into_response()
}

/// The name to save under, as RFC 6266 has it: in ASCII for old browsers, in full for others where it needs more.
fn disposition(name: &str) -> String {
    let ascii: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    if ascii == name {
        return format!("attachment; filename=\"{name}\"");
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let escaped = name
        .bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") });
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", escaped.collect::<String>())
}

impl ListPage<'_> {
    fn purposes(&self) -> [Purpose; 5] {
        Purpose::ALL
    }

    /// The number of the first one listed.
    fn first(&self) -> usize {
        self.page * CONVERSATIONS + 1
    }

    fn query(&self, page: usize) -> String {
        let purpose = self.purpose.map_or_else(String::new, |purpose| format!("for={purpose}&"));
        format!("/privacy/kept?{purpose}page={page}")
    }

    fn begins<'s>(&'s self, summary: &'s OwnSummary) -> &'s str {
        summary.begins.as_ref().map_or(&self.text.untitled, Beginning::as_str)
    }

    fn when(&self, summary: &OwnSummary) -> String {
        summary.last_at.map_or_else(String::new, minute)
    }

    fn reasons(&self, standing: &PurposeSummary) -> String {
        let words: Vec<&str> = standing.reasons.iter().map(|reason| self.standing.reason(reason)).collect();
        words.join("; ")
    }
}

impl ConversationPage<'_> {
    fn who(&self, message: &ShownMessage) -> &str {
        match message.role {
            _ if message.is_own => &self.text.you,
            Role::System => &self.text.system,
            Role::Tool => &self.text.tool,
            _ => &self.text.model,
        }
    }
}
