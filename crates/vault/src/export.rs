//! Everything the vault holds of one person, for that person.

use candor_consent::receipt::Receipt;
use candor_consent::{AccessPermit, Event, Purpose};
use candor_conversation::{ConversationId, Part};

use crate::capture::bucket_of;
use crate::compress::Decompressor;
use crate::piece::StoredTurn;
use crate::{Subject, Vault, VaultError};

/// A conversation as its author sees it: turns with their parts, in order.
pub type OwnConversation = (ConversationId, Vec<(StoredTurn, Vec<Part>)>);

/// What a person gets when they ask for everything.
#[derive(Debug)]
pub struct Export {
    /// Their choices, by purpose.
    pub events: Vec<Event>,
    /// Receipts of all their acts.
    pub receipts: Vec<Receipt>,
    /// Their turns and the replies that only they stand behind, by conversation, in order.
    pub conversations: Vec<OwnConversation>,
    /// Replies that others wrote before, too; they are not shown, because others' words may be in them.
    pub joint_turns: u64,
}

impl Vault {
    /// Gathers everything of one person.
    pub fn export(&self, subject: &Subject, permit: &AccessPermit) -> Result<Export, VaultError> {
        let mut export = Export {
            events: Vec::new(),
            receipts: self.receipts(subject)?,
            conversations: Vec::new(),
            joint_turns: 0,
        };
        for purpose in Purpose::ALL {
            export.events.extend(self.history(subject.id, purpose)?);
        }
        let mut decompressor = Decompressor::new()?;
        let mut turns = Vec::new();
        for row in self.segment_rows()? {
            if row.joint_pieces == 0 && bucket_of(subject.tag, row.bucket_bits) != row.bucket {
                continue;
            }
            for sealed in self.read_segment(&row)? {
                if sealed.authors != [subject.tag] {
                    let concerned = sealed.authors.contains(&subject.tag);
                    export.joint_turns += if concerned { u64::from(sealed.turns) } else { 0 };
                    continue;
                }
                let open = sealed.open(&[&subject.key], &mut decompressor)?;
                let Some(parts) = open.text_for_author(subject.tag, permit, &mut decompressor)? else {
                    continue;
                };
                let conversation = open.conversation;
                turns.extend(
                    open.turns.into_iter().zip(parts).map(|(turn, parts)| (conversation, turn, parts)),
                );
            }
        }
        turns.sort_by_key(|(conversation, turn, _)| (*conversation, turn.order));
        for (conversation, turn, parts) in turns {
            match export.conversations.last_mut() {
                Some((last, list)) if *last == conversation => list.push((turn, parts)),
                _ => export.conversations.push((conversation, vec![(turn, parts)])),
            }
        }
        Ok(export)
    }
}
