//! A thumb on an answer. It is the person's own mark on the page; whether it is kept is a question of its own, and a
//! thumb never answers it. Where people may not read the messages, it is not asked.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use candor_consent::{Permits, Purpose};
use candor_conversation::{Part, Role, Turn};
use candor_vault::{Fresh, Lowered, Person, Policy};

use super::shelf::{Message, Rating, Seen, Thumb};
use super::told::{Holds, spoken};
use super::{path, person};
use crate::form::Submitted;
use crate::page::see;
use crate::portal::Portal;
use crate::refusal::Refusal;
use crate::session::Session;
use crate::visitor::Visitor;

/// Notes a thumb on the page, and asks whether it may be kept.
pub(crate) async fn rate(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Path(id): Path<String>,
    form: Submitted,
) -> Response {
    let answer = || {
        let session = visitor.signed_in()?;
        let thumb = match form.field("thumb")? {
            "up" => Thumb::Up,
            "down" => Thumb::Down,
            _ => return Err(Refusal::Form),
        };
        let (number, rated) = rated(session, &id, &form)?;
        let (policy, person) = person(&portal, session)?;
        let may_ask = may_be_kept(&portal, (&policy, &person), &rated);
        let rating = if may_ask { Rating::Asked(thumb) } else { Rating::Private(thumb) };
        session.shelf.rate(&id, number, rating);
        Ok(see(&format!("{}#message-{number}", path(&id))))
    };
    answer().unwrap_or_else(|refusal| refusal.answer(&portal, &visitor))
}

/// Takes the answer to that question.
pub(crate) async fn keep_rating(
    State(portal): State<Arc<Portal>>,
    visitor: Visitor,
    Path(id): Path<String>,
    form: Submitted,
) -> Response {
    let answer = async {
        let session = visitor.signed_in()?;
        let (number, rated) = rated(session, &id, &form)?;
        let Rating::Asked(thumb) = rated.answer.rating else { return Err(Refusal::Denied) };
        let (policy, person) = person(&portal, session)?;
        let is_kept = match form.field("keep")? {
            "yes" if may_be_kept(&portal, (&policy, &person), &rated) => {
                keep(&portal, (&policy, person), rated, thumb).await?
            }
            "yes" | "no" => false,
            _ => return Err(Refusal::Form),
        };
        let rating = if is_kept { Rating::Kept(thumb) } else { Rating::Private(thumb) };
        session.shelf.rate(&id, number, rating);
        Ok(see(&format!("{}#message-{number}", path(&id))))
    };
    answer.await.unwrap_or_else(|refusal: Refusal| refusal.answer(&portal, &visitor))
}

/// An answer and what it answers.
struct Rated {
    question: Message,
    answer: Message,
}

fn rated(session: &Session, id: &str, form: &Submitted) -> Result<(usize, Rated), Refusal> {
    let number: usize = form.field("message")?.parse().map_err(|_| Refusal::Form)?;
    let Seen { mut messages, .. } = session.shelf.see(id).ok_or(Refusal::NotFound)?;
    if number == 0 || number >= messages.len() || messages[number].by != super::shelf::By::Model {
        return Err(Refusal::NotFound);
    }
    let answer = messages.swap_remove(number);
    let question = messages.swap_remove(number - 1);
    Ok((number, Rated { question, answer }))
}

/// Whether people may read the message that was answered: as it was when it was sent, and now.
fn may_be_kept(portal: &Portal, (policy, person): (&Policy, &Person), rated: &Rated) -> bool {
    let Some(told) = &rated.question.told else { return false };
    let holds = told.holds((policy, person), (rated.question.at, portal.now()));
    holds.contains(&(Purpose::HumanReview, Holds::Kept))
}

/// Writes the two messages and the thumb to the inbox, for people to read and for nothing else.
async fn keep(
    portal: &Arc<Portal>,
    (policy, author): (&Policy, Arc<Person>),
    rated: Rated,
    thumb: Thumb,
) -> Result<bool, Refusal> {
    let now = portal.now();
    let spoken = spoken(now, now, Lowered::Nothing);
    let review = policy.rule_each(&author, &spoken).into_iter().filter_map(|(_, ruled)| ruled.ok());
    let review = review.filter(|permit| permit.purpose() == Purpose::HumanReview).collect();
    let Some(ruling) = Permits::new(review) else { return Ok(false) };
    let tenant = author.subject.tenant.clone();
    let conversation = format!("rating-{:032x}", u128::from_le_bytes(portal.random()));
    let word = match thumb {
        Thumb::Up => "rating: good",
        Thumb::Down => "rating: bad",
    };
    let turn = |(at, (role, text)): (usize, (Role, String))| {
        let parent = at.checked_sub(1);
        let mut turn = Turn::new(format!("{at}"), parent, role, vec![Part::Text(text)]);
        turn.at = Some(now);
        turn
    };
    let said =
        [(Role::User, rated.question.text), (Role::Assistant, rated.answer.text), (Role::User, word.into())];
    let fresh = Fresh {
        tenant,
        conversation,
        path: said.into_iter().enumerate().map(turn).collect(),
        fresh_from: 0,
        author,
        spoken,
        ruling,
        // The rights of a model's author are about training; this is for people to read alone.
        reply_may_be_kept: true,
        complete: true,
    };
    let portal = Arc::clone(portal);
    let kept = tokio::task::spawn_blocking(move || portal.desk.keep(fresh, now)).await;
    Ok(kept.map_err(|_| Refusal::Broken("keep a rating"))??)
}
