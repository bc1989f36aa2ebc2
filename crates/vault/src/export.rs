//! Everything the vault holds of one person, for that person.

use std::collections::HashSet;

use candor_consent::receipt::Receipt;
use candor_consent::{AccessPermit, Event, Purpose};
use candor_conversation::{Attachment, ConversationId, File, Part};

use crate::capture::{SegmentRow, bucket_of};
use crate::compress::Decompressor;
use crate::piece::StoredTurn;
use crate::{Filed, Subject, Vault, VaultError};

/// A conversation as its author sees it: turns with their parts, in order.
pub type OwnConversation = (ConversationId, Vec<(StoredTurn, Vec<Part>)>);

/// What a person gets when they ask for everything.
#[derive(Debug)]
pub struct Export {
    /// Their choices, by purpose, and who vouched for them.
    pub events: Vec<(Event, Option<String>)>,
    /// Receipts of all their acts, and of the steps of their requests.
    pub receipts: Vec<Receipt>,
    /// What they asked for about their rights.
    pub requests: Vec<Filed>,
    /// Their turns and the replies that only they stand behind, by conversation, in order. Files are named by their
    /// digests; [`Vault::export_files`] gives them.
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
            requests: self.requests_by(subject)?,
            conversations: Vec::new(),
            joint_turns: 0,
        };
        for filed in &export.requests {
            let receipts = self.request_receipts(filed.request.id)?;
            export.receipts.extend(receipts.into_iter().map(|(_, receipt)| receipt));
        }
        for purpose in Purpose::ALL {
            for event in self.history(subject.id, purpose)? {
                let attested_by = self.attested_by(subject, &event)?;
                export.events.push((event, attested_by));
            }
        }
        let mut decompressor = Decompressor::new()?;
        let mut turns = Vec::new();
        for row in self.segments_of(subject)? {
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

    /// Calls `visit` with each file of a person's turns, and of the replies that only they stand behind: once, with its
    /// bytes. Those of one piece at a time are in memory.
    pub fn export_files<E: From<VaultError>>(
        &self,
        subject: &Subject,
        permit: &AccessPermit,
        mut visit: impl FnMut(&Attachment, &File) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut decompressor = Decompressor::new().map_err(VaultError::from)?;
        let mut seen = HashSet::new();
        for row in self.segments_of(subject)?.into_iter().filter(|row| row.files_bytes > 0) {
            for sealed in self.read_segment_with_files(&row)? {
                if sealed.authors != [subject.tag] {
                    continue;
                }
                let open = sealed.open(&[&subject.key], &mut decompressor).map_err(VaultError::from)?;
                let parts = open.text_with_files_for_author(subject.tag, permit, &mut decompressor);
                for part in parts.map_err(VaultError::from)?.iter().flatten().flatten() {
                    let Part::Attachment(attachment) = part else { continue };
                    let Some(file) = attachment.file().filter(|file| file.bytes().is_some()) else {
                        continue;
                    };
                    if seen.insert(file.digest()) {
                        visit(attachment, file)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The segments in which something of a person may be.
    pub(crate) fn segments_of(&self, subject: &Subject) -> Result<Vec<SegmentRow>, VaultError> {
        let mut rows = self.segment_rows()?;
        rows.retain(|row| row.joint_pieces > 0 || bucket_of(subject.tag, row.bucket_bits) == row.bucket);
        Ok(rows)
    }
}
