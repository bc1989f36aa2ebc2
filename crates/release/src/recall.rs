//! The rows of earlier releases that one conversation of a person went into.
//!
//! No record leads from a conversation to its rows. They are found by making them again: the conversation is assembled
//! and de-identified as the release did, and its rows are looked for among the person's, by what was said. Where that
//! does not give back what the release holds (rows were merged, terms ended, other settings), all of the person's rows
//! in that release are recalled: too many rather than too few.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use candor_conversation::Message;
use candor_vault::{
    AuthorTag, ConversationKey, Decompressor, Person, ReleaseRow, SealedPiece, Subject, Vault, VaultError,
};

use crate::assemble::{Attachments, CONVERSATION_MESSAGES_MAX, Rule, assemble};
use crate::layout;
use crate::making::Making;
use crate::prove::{ProofError, Recalls, made_for, stored_entries};
use crate::stage::{deidentify_row, said_hash};
use crate::subjects::{self, ListedRow};

/// The rows to recall when a person has one conversation forgotten. To be asked before it is.
pub fn of_conversation(
    vault: &Vault,
    subject: &Subject,
    conversation: ConversationKey,
    making: &Making,
) -> Result<Recalls, ProofError> {
    let mut recalls = Recalls::default();
    let pieces = vault.own_pieces(subject, conversation)?;
    let people = vault.people(pieces.iter().flat_map(|piece| piece.authors.iter().copied()))?;
    for release in vault.releases()? {
        let Ok(listed) = listed_rows(vault, &release, subject) else {
            recalls.unknown.push(release.name);
            continue;
        };
        if listed.is_empty() {
            continue;
        }
        let made = made_again(vault, &release, (&pieces, &people), making);
        let found = match made.as_deref() {
            Ok(made) => matching(vault, &release, &listed, made),
            Err(_) => None,
        };
        let rows = found.unwrap_or_else(|| listed.iter().map(|listed| listed.row).collect());
        recalls.rows.extend(rows.into_iter().map(|row| (release.name.clone(), row)));
    }
    Ok(recalls)
}

fn listed_rows(vault: &Vault, release: &ReleaseRow, subject: &Subject) -> Result<Vec<ListedRow>, ProofError> {
    let entries = stored_entries(vault, &release.name)?;
    let key = subjects::subject_key(&release.id, &subject.nonce);
    let Ok(at) = entries.binary_search_by_key(&key.0, |entry| entry.key.0) else { return Ok(Vec::new()) };
    let opening = subjects::open(&entries[at], &release.id, &subject.nonce).ok_or(ProofError::Opening)?;
    Ok(opening.rows)
}

/// The conversation's rows, as the release would have made them.
fn made_again(
    vault: &Vault,
    release: &ReleaseRow,
    (pieces, people): (&[SealedPiece], &HashMap<AuthorTag, Arc<Person>>),
    making: &Making,
) -> Result<Vec<Vec<Message>>, ProofError> {
    let purpose = made_for(release).ok_or(ProofError::Shape("purpose"))?;
    let rule = Rule {
        purpose,
        as_of: release.as_of,
        now: release.as_of,
        notices: &vault.notices()?,
        people,
        messages_max: CONVERSATION_MESSAGES_MAX,
        // Files are not opened again. Rows into which one was read are then not found, and all are recalled.
        attachments: Attachments::Withhold,
        sensitive: &making.sensitive,
    };
    let mut decompressor = Decompressor::new().map_err(VaultError::from)?;
    let (rows, _) = assemble(pieces, &rule, &mut decompressor).map_err(VaultError::from)?;
    Ok(rows
        .into_iter()
        .map(|mut row| {
            deidentify_row(&making.engine, &mut row.messages, &known_by(&row.authors, people));
            row.messages
        })
        .collect())
}

/// What the authors of a row are called.
pub(crate) fn known_by<'p>(
    authors: &[AuthorTag],
    people: &'p HashMap<AuthorTag, Arc<Person>>,
) -> Vec<&'p str> {
    let authors = authors.iter().filter_map(|tag| people.get(tag));
    authors.flat_map(|person| person.subject.profile.known_by()).collect()
}

/// The rows among the listed ones that these are; `None` if one of them is not found.
fn matching(
    vault: &Vault,
    release: &ReleaseRow,
    listed: &[ListedRow],
    made: &[Vec<Message>],
) -> Option<BTreeSet<u64>> {
    if made.is_empty() {
        return Some(BTreeSet::new());
    }
    let bytes = vault.read_record(&layout::record_path(&release.name, layout::RECORD_SAID)).ok()?;
    let (said, _) = bytes.as_chunks::<32>();
    let own = listed.iter().filter(|listed| !listed.represents);
    let rows: HashMap<&[u8; 32], u64> =
        own.filter_map(|listed| Some((said.get(usize::try_from(listed.row).ok()?)?, listed.row))).collect();
    made.iter().map(|messages| rows.get(&said_hash(messages)).copied()).collect()
}
