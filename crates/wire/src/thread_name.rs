//! The name under which a conversation is kept, from what its client calls it.

use candor_conversation::{CanonicalBytes, SubjectId};
use sha2::{Digest, Sha256};

/// The name of a person's conversation that their client gave a name.
///
/// Two people who give their conversations the same name have two conversations.
///
/// ```
/// use candor_conversation::SubjectId;
/// use candor_wire::thread_name::named;
///
/// let (ada, bo) = (SubjectId::from_bytes([1; 16]), SubjectId::from_bytes([2; 16]));
/// assert_ne!(named(ada, "chat-1"), named(bo, "chat-1"));
/// ```
pub fn named(author: SubjectId, name: &str) -> String {
    scoped(author, "named", name)
}

/// The name of a person's conversation that has none, by the name of its first turn.
pub fn begun(author: SubjectId, first_turn: &str) -> String {
    scoped(author, "begun", first_turn)
}

fn scoped(author: SubjectId, how: &str, name: &str) -> String {
    let mut bytes = CanonicalBytes::new("candor-gateway-conversation-1");
    bytes.field(author.as_bytes()).field(how.as_bytes()).field(name.as_bytes());
    hex_of(&bytes.into_bytes())
}

/// 128 bits of SHA-256, in hexadecimal.
pub fn hex_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
