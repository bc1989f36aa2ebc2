//! A thread of turns: a line in most sources, a tree where people edit and regenerate.

use std::collections::HashSet;

use crate::{TenantId, Turn};

/// Most turns that one conversation may hold; longer ones are refused, not cut.
pub const TURNS_MAX: usize = 100_000;

/// Turns that do not make a conversation.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidConversation {
    /// Nothing in it.
    #[error("the conversation has no turns")]
    Empty,
    /// More than [`TURNS_MAX`] turns.
    #[error("the conversation has {0} turns, more than {TURNS_MAX}")]
    TooLong(usize),
    /// A parent that does not come before its child.
    #[error("turn {turn} names turn {parent} as its parent, which does not come before it")]
    Parent {
        /// Index of the child.
        turn: usize,
        /// Index it names.
        parent: usize,
    },
    /// Two turns with one id.
    #[error("two turns share the id of turn {0}")]
    Repeated(usize),
}

/// A conversation as a source gave it: turns in an order in which parents come before children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// The id that the source gave it; unique within its tenant.
    pub source_id: String,
    /// The organisation it belongs to, where the source tells.
    pub tenant: Option<TenantId>,
    turns: Vec<Turn>,
}

impl Conversation {
    /// Checks that parents come first and ids are unique.
    pub fn new(source_id: impl Into<String>, turns: Vec<Turn>) -> Result<Self, InvalidConversation> {
        if turns.is_empty() {
            return Err(InvalidConversation::Empty);
        }
        if turns.len() > TURNS_MAX {
            return Err(InvalidConversation::TooLong(turns.len()));
        }
        let mut ids = HashSet::with_capacity(turns.len());
        for (index, turn) in turns.iter().enumerate() {
            if let Some(parent) = turn.parent.filter(|parent| *parent >= index) {
                return Err(InvalidConversation::Parent { turn: index, parent });
            }
            if !ids.insert(turn.source_id.as_str()) {
                return Err(InvalidConversation::Repeated(index));
            }
        }
        Ok(Self { source_id: source_id.into(), tenant: None, turns })
    }

    /// The turns, parents first.
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// The turns, to fill in what a flag or a profile knows; ids and parents must stay.
    pub fn turns_mut(&mut self) -> impl Iterator<Item = &mut Turn> {
        self.turns.iter_mut()
    }

    /// Indices from root to leaf, one path for each leaf, in order of the leaves.
    ///
    /// A tree of `n` turns can hold paths of `n²/2` turns in all; use it on trees whose size is known.
    pub fn paths(&self) -> Vec<Vec<usize>> {
        let mut has_child = vec![false; self.turns.len()];
        for turn in &self.turns {
            if let Some(parent) = turn.parent {
                has_child[parent] = true;
            }
        }
        let leaves = (0..self.turns.len()).filter(|index| !has_child[*index]);
        leaves.map(|leaf| self.path_to(leaf)).collect()
    }

    /// Indices from the root to a turn.
    pub fn path_to(&self, turn: usize) -> Vec<usize> {
        let mut path = vec![turn];
        let mut at = turn;
        while let Some(parent) = self.turns[at].parent {
            path.push(parent);
            at = parent;
        }
        path.reverse();
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Part, Role};

    fn turn(id: &str, parent: Option<usize>) -> Turn {
        Turn::new(id, parent, Role::User, vec![Part::Text(id.into())])
    }

    #[test]
    fn a_tree_has_one_path_for_each_leaf() {
        let turns = vec![turn("a", None), turn("b", Some(0)), turn("c", Some(0)), turn("d", Some(1))];
        let tree = Conversation::new("x", turns).unwrap();
        assert_eq!(tree.paths(), vec![vec![0, 2], vec![0, 1, 3]]);
    }

    #[test]
    fn a_parent_that_comes_later_is_refused() {
        let result = Conversation::new("x", vec![turn("a", Some(0))]);
        assert_eq!(result.unwrap_err(), InvalidConversation::Parent { turn: 0, parent: 0 });
    }

    #[test]
    fn two_turns_with_one_id_are_refused() {
        let result = Conversation::new("x", vec![turn("a", None), turn("a", Some(0))]);
        assert_eq!(result.unwrap_err(), InvalidConversation::Repeated(1));
    }
}
