//! What decides, held in memory.

use std::collections::HashMap;
use std::sync::Arc;

use candor_consent::{NoticeBook, Permit, Purpose, Reason};
use candor_conversation::{ConversationId, TenantId};

use crate::asking::{Answers, Circumstances, Ruling, Spoken, ask_every, ruling};
use crate::capture::conversation_reference;
use crate::change::Sequence;
use crate::keys::Index;
use crate::people::subject_reference;
use crate::piece::AuthorTag;
use crate::{Author, ConversationKey, Person};

/// Parts of the table of people; a change copies one of them where somebody else still holds it.
const SHARDS: usize = 64;

type Shard = HashMap<[u8; 16], Author>;
type Tagged = HashMap<AuthorTag, Arc<Person>>;

/// All notices and people at one moment. A clone is cheap, and stays as it is when the original is refreshed.
///
/// It holds the keys of everyone in it: whoever keeps one refreshes it within seconds, also when nobody speaks,
/// so that an erased person's key goes from memory too.
#[derive(Clone)]
pub struct Policy {
    index: Arc<Index>,
    notices: Arc<NoticeBook>,
    shards: Arc<Vec<Arc<Shard>>>,
    tagged: Arc<Vec<Arc<Tagged>>>,
    pub(crate) sequence: Sequence,
}

impl Policy {
    pub(super) fn new(index: Arc<Index>, notices: NoticeBook, sequence: Sequence) -> Self {
        let shards = Arc::new(vec![Arc::default(); SHARDS]);
        let tagged = Arc::new(vec![Arc::default(); SHARDS]);
        Self { index, notices: Arc::new(notices), shards, tagged, sequence }
    }

    /// Who an operator's name for a person stands for.
    pub fn author(&self, tenant: &TenantId, name: &str) -> Author {
        let found = self.by_reference(&self.reference(tenant, name));
        found.cloned().unwrap_or(Author::Nobody)
    }

    /// For which purposes a turn that somebody says now may be kept, or why for none.
    ///
    /// The permits are good for what is said at [`Spoken::at`] by this author, and for nothing else.
    pub fn rule(&self, author: &Author, spoken: &Spoken) -> Ruling {
        match author {
            Author::Person(person) => ruling(&self.ask(person, &spoken.by(&person.subject.profile))),
            Author::Erased => Err(Reason::Erased),
            Author::Nobody => Err(Reason::UnknownSubject),
        }
    }

    /// The same for each purpose apart, in the order of [`Purpose::ALL`], for telling a person.
    pub fn rule_each(&self, person: &Person, spoken: &Spoken) -> Vec<(Purpose, Result<Permit, Reason>)> {
        Purpose::ALL.into_iter().zip(self.ask(person, &spoken.by(&person.subject.profile))).collect()
    }

    /// The key of a conversation in its author's lists, from the tenant and from what its source calls it.
    pub fn conversation_key(&self, tenant: &TenantId, source_id: &str) -> ConversationKey {
        let id = ConversationId::derive(tenant, source_id);
        ConversationKey(conversation_reference(&self.index, &id))
    }

    /// All published notices.
    pub fn notices(&self) -> &NoticeBook {
        &self.notices
    }

    /// Everyone who is enrolled.
    pub fn people(&self) -> impl Iterator<Item = &Arc<Person>> {
        self.shards.iter().flat_map(|shard| shard.values()).filter_map(|author| match author {
            Author::Person(person) => Some(person),
            Author::Erased | Author::Nobody => None,
        })
    }

    /// How many people are known, erased ones included.
    pub fn people_count(&self) -> usize {
        self.shards.iter().map(|shard| shard.len()).sum()
    }

    pub(crate) fn ask(&self, person: &Person, about: &Circumstances<'_>) -> Answers {
        ask_every(person, about, &self.notices)
    }

    /// How the catalogue knows a person.
    pub(crate) fn reference(&self, tenant: &TenantId, name: &str) -> [u8; 16] {
        subject_reference(&self.index, tenant, name)
    }

    pub(crate) fn by_reference(&self, reference: &[u8; 16]) -> Option<&Author> {
        self.shards.get(shard_of(reference))?.get(reference)
    }

    /// The enrolled person whom segments name by a tag.
    pub(crate) fn by_tag(&self, tag: &AuthorTag) -> Option<&Arc<Person>> {
        self.tagged.get(shard_of(&tag.0))?.get(tag)
    }

    pub(super) fn set(&mut self, reference: [u8; 16], author: Author) {
        if let Some(Author::Person(before)) = self.by_reference(&reference) {
            let tag = before.subject.tag;
            self.tagged_with(&tag).map(|tagged| tagged.remove(&tag));
        }
        if let Author::Person(person) = &author {
            let tag = person.subject.tag;
            self.tagged_with(&tag).map(|tagged| tagged.insert(tag, Arc::clone(person)));
        }
        let Some(shard) = Arc::make_mut(&mut self.shards).get_mut(shard_of(&reference)) else { return };
        let shard = Arc::make_mut(shard);
        match author {
            Author::Nobody => shard.remove(&reference),
            known => shard.insert(reference, known),
        };
    }

    fn tagged_with(&mut self, tag: &AuthorTag) -> Option<&mut Tagged> {
        Arc::make_mut(&mut self.tagged).get_mut(shard_of(&tag.0)).map(Arc::make_mut)
    }
}

/// References and tags are keyed hashes: any of their bits spread people evenly.
fn shard_of(reference: &[u8; 16]) -> usize {
    usize::from(reference[0]) % SHARDS
}
