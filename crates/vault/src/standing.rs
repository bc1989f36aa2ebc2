//! Asking again about turns that were captured.

use candor_consent::{Binding, Decision, Facts, Moment, NoticeBook, Permit, Purpose, Reason, decide};
use candor_conversation::{Age, Region, Tier, Timestamp};

use crate::Person;
use crate::piece::{AuthorTag, StoredTurn};
use crate::profile::is_organisation;

/// As of when, and under which notices, it is asked.
pub(crate) struct Asking<'a> {
    pub(crate) notices: &'a NoticeBook,
    pub(crate) now: Timestamp,
}

/// What of a stored turn bears on the decision about it.
pub(crate) struct Captured<'a> {
    pub(crate) author: Option<AuthorTag>,
    pub(crate) said_at: Option<Timestamp>,
    pub(crate) tier: Tier,
    pub(crate) region: Option<&'a Region>,
    pub(crate) age: Option<Age>,
    pub(crate) bindings: &'a [Binding],
}

impl Asking<'_> {
    /// Whether a turn may still be held for a purpose, given the turns of its piece and everyone behind it.
    ///
    /// A human turn is asked about with its bindings; a reply stands as long as everyone behind it does.
    pub(crate) fn ask(
        &self,
        purpose: Purpose,
        turn: &StoredTurn,
        all: &[StoredTurn],
        people: &[&Person],
    ) -> Result<Permit, Reason> {
        let captured = Captured {
            author: turn.author,
            said_at: turn.said_at.or_else(|| all.iter().filter_map(|other| other.said_at).max()),
            tier: turn.tier,
            region: turn.region.as_ref(),
            age: turn.age,
            bindings: &turn.bindings,
        };
        self.ask_about(purpose, &captured, people)
    }

    /// The same of a turn whose time is filled in.
    pub(crate) fn ask_about(
        &self,
        purpose: Purpose,
        turn: &Captured<'_>,
        people: &[&Person],
    ) -> Result<Permit, Reason> {
        let facts = |person: &Person, moment| {
            let profile = &person.subject.profile;
            // A reply was stored without the tier and place of the people behind it.
            let (tier, region) = match turn.author {
                // What is learned later of a person counts for what they said before, when it asks for more.
                Some(_) if is_organisation(profile.tier) => (profile.tier, turn.region),
                Some(_) => (turn.tier, turn.region),
                None => (profile.tier, turn.region.or(profile.region.as_ref())),
            };
            decide(&Facts {
                purpose,
                moment,
                said_at: turn.said_at,
                now: self.now,
                tier,
                region,
                age: [turn.age, profile.age].into_iter().flatten().min(),
                contract: &person.contract,
                opted_out: false,
                history: person.history(purpose),
                notices: self.notices,
            })
        };
        let allowed = |decision| match decision {
            Decision::Allowed(permit) => Ok(permit),
            Decision::Withheld(reason) => Err(reason),
        };
        if let Some(author) = turn.author {
            let person = people.iter().find(|person| person.subject.tag == author);
            let person = person.ok_or(Reason::UnknownSubject)?;
            return allowed(facts(person, Moment::Use(turn.bindings)));
        }
        let mut permits = Vec::with_capacity(people.len());
        for person in people {
            permits.push(allowed(facts(person, Moment::Capture))?);
        }
        let permits: Vec<&Permit> = permits.iter().collect();
        Permit::for_reply(&permits).ok_or(Reason::AfterWithheld)
    }
}
