//! OpenAssistant message rows: one message a line, joined by `message_tree_id` and `parent_id`.
//! Source: the OASST1 data card (Köpf et al. 2023, "OpenAssistant Conversations").

use candor_conversation::{Conversation, Part, Role, Turn};
use serde_json::{Map, Value};

use super::{Format, Parsed, conversation};
use crate::Reason;
use crate::fields::{self, Person};

pub(super) const FORMAT: Format = Format { recognises, read };

/// One message of a tree, with the tree's id.
pub(crate) struct Row {
    pub(crate) tree: String,
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
    pub(crate) deleted: bool,
    role: Role,
    text: String,
    person: Person,
}

impl Row {
    /// Bytes that the row holds while it waits for its tree.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Row>()
            + self.text.len()
            + self.id.len()
            + self.tree.len()
            + self.parent.as_ref().map_or(0, String::len)
    }

    /// The turn of this message below the turn at `parent`. In these data people write both sides, so that
    /// each row has its author, whatever its role.
    fn into_turn(self, parent: Option<usize>) -> Turn {
        let parts = if self.text.is_empty() { Vec::new() } else { vec![Part::Text(self.text)] };
        let mut turn = Turn::new(self.id, parent, self.role, parts);
        turn.at = self.person.at;
        self.person.fill(&mut turn);
        turn
    }
}

/// The conversation of a tree; each row comes with the index of its parent among the rows before it.
pub(crate) fn tree(rows: Vec<(Row, Option<usize>)>) -> Result<Conversation, Reason> {
    let name = rows.first().map(|(row, _)| row.tree.clone()).ok_or(Reason::EmptyConversation)?;
    let tenant = rows.iter().find_map(|(row, _)| row.person.tenant.clone());
    let turns = rows.into_iter().map(|(row, parent)| row.into_turn(parent)).collect();
    let mut tree = conversation(format!("oasst:{name}"), turns)?;
    tree.tenant = tenant;
    Ok(tree)
}

fn recognises(record: &Map<String, Value>) -> bool {
    ["message_id", "message_tree_id", "text", "role"].iter().all(|field| record.contains_key(*field))
}

fn read(mut record: Map<String, Value>) -> Result<Parsed, Reason> {
    let role = match record.get("role").and_then(Value::as_str) {
        Some("prompter") => Role::User,
        Some("assistant") => Role::Assistant,
        _ => return Err(Reason::InvalidField { field: "role" }),
    };
    let parent = match record.get("parent_id") {
        None | Some(Value::Null) => None,
        Some(value) => Some(fields::id(value).ok_or(Reason::InvalidField { field: "parent_id" })?),
    };
    let deleted = match record.get("deleted") {
        None | Some(Value::Null) => false,
        Some(value) => value.as_bool().ok_or(Reason::InvalidField { field: "deleted" })?,
    };
    let person = Person::read(&record)?;
    let Some(Value::String(text)) = record.remove("text") else {
        return Err(Reason::InvalidField { field: "text" });
    };
    let id =
        |field: &'static str| record.get(field).and_then(fields::id).ok_or(Reason::InvalidField { field });
    let (tree, id) = (id("message_tree_id")?, id("message_id")?);
    Ok(Parsed::Row(Box::new(Row { tree, id, parent, deleted, role, text, person })))
}
