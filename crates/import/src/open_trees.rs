//! Trees whose rows are still arriving.
//!
//! Rows of one tree are usually neighbours, so a bounded window is enough: when it is full, the tree that has
//! waited longest is closed. What is in the window follows from the rows alone, so that a reader that starts
//! again from the first open row finds the same.

use std::collections::{BTreeMap, HashMap};

use candor_conversation::Conversation;

use crate::format::{Row, tree};
use crate::split::Place;
use crate::{Limits, Reason};

/// A row and the place before it in its stream.
struct Waiting {
    row: Row,
    place: Place,
}

struct OpenTree {
    rows: Vec<Waiting>,
    bytes: usize,
    /// Number of the row that came last.
    touched: u64,
}

/// What closing a tree gives: its conversation, and a reason for each row that is not in it.
pub(crate) struct Closed {
    pub(crate) conversation: Option<Conversation>,
    pub(crate) failures: Vec<(Place, Reason)>,
}

/// The window of open trees of one stream.
#[derive(Default)]
pub(crate) struct OpenTrees {
    trees: HashMap<String, OpenTree>,
    by_touch: BTreeMap<u64, String>,
    bytes: usize,
}

impl OpenTrees {
    /// Adds the row that was found at `place`; returns the trees that had to be closed for it.
    pub(crate) fn add(&mut self, row: Row, place: Place, limits: &Limits) -> Vec<Closed> {
        self.insert(row, place);
        let mut closed = Vec::new();
        let full = |trees: &Self| {
            trees.bytes > limits.open_tree_bytes_max || trees.trees.len() > limits.open_trees_max
        };
        // The newest tree stays whatever its size, unless it is over the limit for any value.
        while full(self) && self.trees.len() > 1 {
            closed.extend(self.close_oldest());
        }
        if self.bytes > limits.value_bytes_max {
            let bytes_max = limits.value_bytes_max as u64;
            closed.extend(self.close_oldest().map(|tree| tree.refused(&Reason::TooLarge { bytes_max })));
        }
        closed
    }

    /// Adds a row that an earlier reader had added, with no closing.
    pub(crate) fn restore(&mut self, row: Row, place: Place) {
        self.insert(row, place);
    }

    /// Closes every tree, the one that has waited longest first.
    pub(crate) fn close_all(&mut self) -> Vec<Closed> {
        std::iter::from_fn(|| self.close_oldest()).collect()
    }

    /// Whether a tree of this id waits for rows.
    pub(crate) fn holds(&self, tree: &str) -> bool {
        self.trees.contains_key(tree)
    }

    /// The first row of each open tree, in the order of the stream.
    pub(crate) fn first_rows(&self) -> Vec<Place> {
        let mut places: Vec<Place> =
            self.trees.values().filter_map(|tree| tree.rows.first()).map(|waiting| waiting.place).collect();
        places.sort_unstable_by_key(|place| place.number);
        places
    }

    fn insert(&mut self, row: Row, place: Place) {
        let bytes = row.bytes();
        self.bytes += bytes;
        self.by_touch.insert(place.number, row.tree.clone());
        match self.trees.get_mut(&row.tree) {
            Some(tree) => {
                self.by_touch.remove(&tree.touched);
                tree.touched = place.number;
                tree.bytes += bytes;
                tree.rows.push(Waiting { row, place });
            }
            None => {
                let name = row.tree.clone();
                let rows = vec![Waiting { row, place }];
                self.trees.insert(name, OpenTree { rows, bytes, touched: place.number });
            }
        }
    }

    fn close_oldest(&mut self) -> Option<Closed> {
        let (_, name) = self.by_touch.pop_first()?;
        let tree = self.trees.remove(&name)?;
        self.bytes -= tree.bytes;
        Some(close(tree.rows))
    }
}

impl Closed {
    fn refused(mut self, reason: &Reason) -> Self {
        self.conversation = None;
        self.failures.iter_mut().for_each(|(_, was)| *was = reason.clone());
        self
    }
}

/// Orders the rows of a tree, parents first and siblings as they came, and finds those that cannot be in it.
fn close(rows: Vec<Waiting>) -> Closed {
    let mut failures = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::with_capacity(rows.len());
    let mut kept: Vec<Option<Waiting>> = Vec::with_capacity(rows.len());
    for waiting in rows {
        if index.contains_key(&waiting.row.id) {
            failures.push((waiting.place, Reason::RepeatedTurn));
            continue;
        }
        index.insert(waiting.row.id.clone(), kept.len());
        kept.push(Some(waiting));
    }
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); kept.len()];
    // Rows to visit, the last first: row, parent among the turns so far, whether something above was deleted.
    let mut next: Vec<(usize, Option<usize>, bool)> = Vec::new();
    for (at, waiting) in kept.iter().enumerate().rev() {
        let Some(Waiting { row, .. }) = waiting else { continue };
        match &row.parent {
            None => next.push((at, None, false)),
            Some(parent) => {
                if let Some(parent) = index.get(parent) {
                    children[*parent].push(at);
                }
            }
        }
    }
    let mut ordered = Vec::with_capacity(kept.len());
    let mut first = None;
    while let Some((at, parent, deleted_above)) = next.pop() {
        let Some(Waiting { row, place }) = kept[at].take() else { continue };
        let deleted = deleted_above || row.deleted;
        let turn = ordered.len();
        next.extend(children[at].iter().map(|child| (*child, (!deleted).then_some(turn), deleted)));
        if deleted {
            failures.push((place, Reason::DeletedAtSource));
        } else {
            first = first.or(Some(place));
            ordered.push((row, parent));
        }
    }
    // What no root leads to hangs below a row that is not there, or in a circle.
    failures.extend(kept.into_iter().flatten().map(|waiting| (waiting.place, Reason::ParentMissing)));
    let conversation = match (ordered.is_empty(), first) {
        (false, Some(place)) => tree(ordered).map_err(|reason| failures.push((place, reason))).ok(),
        _ => None,
    };
    failures.sort_by_key(|(place, _)| place.number);
    Closed { conversation, failures }
}
