//! Conversations and the people in them: ids, subjects, turns, parts and their canonical bytes.
//!
//! Every other crate speaks in these types. This one knows nothing of storage, consent or HTTP, and reads
//! neither a clock nor a random source.
//!
//! ```
//! use candor_conversation::{Conversation, Part, Role, Turn};
//!
//! let question = Turn::new("t1", None, Role::User, vec![Part::Text("What is a lichen?".into())]);
//! let answer = Turn::new("t2", Some(0), Role::Assistant, vec![Part::Text("A fungus and an alga.".into())]);
//! let conversation = Conversation::new("chat-1", vec![question, answer]).unwrap();
//! assert_eq!(conversation.paths(), vec![vec![0, 1]]);
//! ```

mod attachment;
mod canonical;
mod id;
mod kind;
mod person;
mod time;
mod tree;
mod turn;

pub use attachment::{Attachment, File, FileDigest, Held};
pub use canonical::{CanonicalBytes, Message, row_bytes, row_bytes_of};
pub use id::{ConversationId, InvalidId, RequestId, SubjectId, TenantId, TurnId};
pub use kind::Kind;
pub use person::{Age, InvalidPerson, Region, Tier};
pub use time::{InvalidTime, MomentOrDay, Timestamp};
pub use tree::{Conversation, InvalidConversation, TURNS_MAX};
pub use turn::{Feedback, Part, Role, Turn};
