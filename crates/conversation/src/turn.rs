//! One message of a conversation.

use serde::{Deserialize, Serialize};

use crate::{Age, Attachment, File, Region, Tier, Timestamp};

/// Who a turn speaks as. The author may be a person in any role: in crowd-written data people write the
/// assistant's turns too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions from whoever runs the model.
    System,
    /// The person's side.
    User,
    /// The model's side.
    Assistant,
    /// The result of a tool call.
    Tool,
}

impl Role {
    /// The word used in `messages`.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Tool => "tool",
        }
    }
}

/// A piece of a turn's content.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Text as it was written.
    Text(String),
    /// A call of a tool by the model: its name and its arguments as text.
    ToolCall {
        /// Name of the tool.
        name: String,
        /// Arguments, usually JSON.
        arguments: String,
    },
    /// Something that is not text.
    Attachment(Attachment),
}

impl Part {
    /// The file, where this is one whose bytes the source held.
    pub fn file(&self) -> Option<&File> {
        match self {
            Part::Attachment(attachment) => attachment.file(),
            Part::Text(_) | Part::ToolCall { .. } => None,
        }
    }

    /// The same, to drop or to fill in its bytes.
    pub fn file_mut(&mut self) -> Option<&mut File> {
        match self {
            Part::Attachment(attachment) => attachment.file_mut(),
            Part::Text(_) | Part::ToolCall { .. } => None,
        }
    }

    /// Length of the text in bytes; 0 for an attachment.
    pub fn text_bytes(&self) -> usize {
        match self {
            Part::Text(text) => text.len(),
            Part::ToolCall { name, arguments } => name.len() + arguments.len(),
            Part::Attachment(_) => 0,
        }
    }
}

/// Shows sizes only: a person's text never reaches a log through `{:?}`.
impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Part::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Part::ToolCall { .. } => write!(f, "ToolCall({} bytes)", self.text_bytes()),
            Part::Attachment(attachment) => write!(f, "{attachment:?}"),
        }
    }
}

/// A person's thumb on a turn of the model. It never overrides a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Feedback {
    /// Liked.
    Up,
    /// Disliked.
    Down,
}

/// One message, as a source gave it.
///
/// A turn with an `author` is a person's, in whatever role; a turn without one is the operator's (system,
/// tool), the model's (assistant), or an unknown person's (user).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The id that the source gave it; unique within its conversation.
    pub source_id: String,
    /// Index of the turn it answers, always smaller than its own index.
    pub parent: Option<usize>,
    /// Who it speaks as.
    pub role: Role,
    /// The operator's name for the person who wrote it.
    pub author: Option<String>,
    /// When it was said, where the source tells.
    pub at: Option<Timestamp>,
    /// What was said.
    pub parts: Vec<Part>,
    /// Thumb on it, if any.
    pub feedback: Option<Feedback>,
    /// The request itself asked not to be kept (`store:false` and the like). It lowers, never raises.
    pub opted_out: bool,
    /// Tier the author spoke through, where the source tells.
    pub tier: Option<Tier>,
    /// Where the author was, where the source tells.
    pub region: Option<Region>,
    /// The author's age, where the source tells.
    pub age: Option<Age>,
}

impl Turn {
    /// A turn with nothing known but its place, role and content.
    pub fn new(source_id: impl Into<String>, parent: Option<usize>, role: Role, parts: Vec<Part>) -> Self {
        Self {
            source_id: source_id.into(),
            parent,
            role,
            author: None,
            at: None,
            parts,
            feedback: None,
            opted_out: false,
            tier: None,
            region: None,
            age: None,
        }
    }

    /// Whether a person wrote it, known by name or not.
    pub fn is_human(&self) -> bool {
        self.author.is_some() || self.role == Role::User
    }

    /// Bytes of text it holds.
    pub fn text_bytes(&self) -> usize {
        self.parts.iter().map(Part::text_bytes).sum()
    }
}
