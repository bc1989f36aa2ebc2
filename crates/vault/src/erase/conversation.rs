//! Forgetting one conversation of one person, at once and for good.

use std::collections::HashMap;

use candor_conversation::Timestamp;

use super::write_recalls;
use crate::capture::Segment;
use crate::catalogue::{CatalogueError, Db, Tx, values};
use crate::piece::{AuthorTag, SealedPiece};
use crate::records::check_clock;
use crate::{ConversationKey, Entropy, Subject, Vault, VaultError, change, durable};

/// What went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Turns: the person's, and all replies that rest on them.
    pub turns: u64,
    /// Rows of releases that were recalled.
    pub recalled_rows: u64,
}

impl Vault {
    /// Forgets what a person wrote in a conversation, and every reply that rests on it, also on others' words: writes
    /// the recall entries, removes the pieces, and leaves a keyed tombstone, all or none. What was said in the
    /// conversation by this person until now is withheld as erased from then on, from wherever it comes. What others
    /// wrote in it is theirs and stays.
    ///
    /// A copy of the segments that was taken before opens for as long as the person's key exists.
    pub fn forget_conversation(
        &mut self,
        subject: &Subject,
        conversation: ConversationKey,
        recalls: &[(String, u64)],
        (now, entropy): (Timestamp, &mut Entropy),
    ) -> Result<Forgotten, VaultError> {
        check_clock(&self.db, now)?;
        // So that it reaches what is waiting there too.
        self.absorb_inbox(now, entropy)?;
        self.remove_orphans()?;
        let mut forgotten = Forgotten { turns: 0, recalled_rows: recalls.len() as u64 };
        let (mut old, mut fresh) = (Vec::new(), Vec::new());
        for row in self.segments_of(subject)? {
            let is_held = |piece: &SealedPiece| {
                piece.conversation == conversation.0 && piece.authors.contains(&subject.tag)
            };
            if !self.read_segment(&row)?.iter().any(is_held) {
                continue;
            }
            let pieces = self.read_segment_with_files(&row)?;
            let (going, staying): (Vec<_>, Vec<_>) = pieces.into_iter().partition(is_held);
            forgotten.turns += going.iter().map(|piece| u64::from(piece.turns)).sum::<u64>();
            if !staying.is_empty() {
                // Under the same bucket: the authors are the same.
                let segment = Segment {
                    expires_day: row.expires_day,
                    bucket: row.bucket,
                    bucket_bits: row.bucket_bits,
                    pieces: staying,
                };
                fresh.push(self.put_segment(&segment, entropy)?);
                durable::step("conversation-rewritten");
            }
            old.push(row);
        }
        let tx = self.db.begin("forget a conversation")?;
        write_recalls(&tx, recalls, "erased", now)?;
        old.iter().try_for_each(|row| row.delete(&tx))?;
        fresh.iter().try_for_each(|row| row.insert(&tx))?;
        leave_tombstone(&tx, (conversation, subject.tag), now)?;
        change::person(&tx, subject.id.as_bytes())?;
        crate::capture::forget_unfinished_jobs(&tx)?;
        tx.commit()?;
        durable::step("conversation-forgotten");
        old.iter().try_for_each(|row| self.remove_segment(row))?;
        match self.db.clear_deleted() {
            // It holds nothing of what was said; the next retention run clears it.
            Ok(()) | Err(CatalogueError::Busy) => Ok(forgotten),
            Err(error) => Err(error.into()),
        }
    }

    /// The pieces of a conversation that a person stands behind, and those of others that lie beside them.
    pub fn own_pieces(
        &self,
        subject: &Subject,
        conversation: ConversationKey,
    ) -> Result<Vec<SealedPiece>, VaultError> {
        let mut pieces = Vec::new();
        for row in self.segments_of(subject)? {
            pieces.extend(self.read_segment(&row)?);
            pieces.retain(|piece: &SealedPiece| piece.conversation == conversation.0);
        }
        Ok(pieces)
    }
}

fn leave_tombstone(
    tx: &Tx<'_>,
    (conversation, author): (ConversationKey, AuthorTag),
    now: Timestamp,
) -> Result<(), CatalogueError> {
    let sql = "INSERT INTO forgotten (conversation, author, forgotten_at) VALUES ($1, $2, $3) \
               ON CONFLICT (conversation, author) DO UPDATE SET forgotten_at = excluded.forgotten_at";
    let tombstone = values![&conversation.0, &author.0, now.millis()];
    tx.execute("leave tombstone of a conversation", sql, tombstone).map(|_| ())
}

/// Whoever had a conversation forgotten, with the time up to which that reaches.
#[derive(Clone, Default)]
pub(crate) struct ForgottenBy(HashMap<AuthorTag, Timestamp>);

impl ForgottenBy {
    /// What the catalogue says of a conversation.
    pub(crate) fn read(db: &Db, conversation: &[u8; 16]) -> Result<Self, CatalogueError> {
        let sql = "SELECT author, forgotten_at FROM forgotten WHERE conversation = $1";
        let forgotten = db.all("read tombstones of a conversation", sql, values![conversation], |row| {
            Ok::<_, CatalogueError>((AuthorTag(row.get(0)?), Timestamp::from_millis(row.get(1)?)))
        })?;
        Ok(Self(forgotten.into_iter().collect()))
    }

    /// Whether something that was said, or that rests on what these people said, is not to be kept any more. What
    /// nobody knows the time of may have been said before.
    pub(crate) fn reaches<'t>(
        &self,
        mut authors: impl Iterator<Item = &'t AuthorTag>,
        said_at: Option<Timestamp>,
    ) -> bool {
        let is_reached = |at: &Timestamp| said_at.is_none_or(|said_at| said_at <= *at);
        !self.0.is_empty() && authors.any(|author| self.0.get(author).is_some_and(is_reached))
    }
}
