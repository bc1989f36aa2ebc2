//! What the values of one stream add up to: conversations, failures, or a file that is none of our business.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::format::{Parsed, Row};
use crate::open_trees::{Closed, OpenTrees};
use crate::split::Place;
use crate::{Failure, Ignored, IgnoredReason, Item, Limits, Reason, Source};

/// The state of one stream between two of its values.
#[derive(Default)]
pub(crate) struct Fold {
    file: Arc<str>,
    judged: Judged,
    trees: OpenTrees,
}

/// Whether the stream holds conversations, as far as it has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Judged {
    /// A value in a known format was found.
    recognised: bool,
    /// A value could not be read.
    failed: bool,
    /// Values in no known format, as (first number, count): failures once a conversation is found beside them.
    unknown: Vec<(u64, u64)>,
}

/// A [`Fold`] as a position keeps it: open rows by number only, their content is read again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FoldPosition {
    judged: Judged,
    /// The first row of the open trees.
    replay_from: Option<Place>,
    /// Numbers of the rows that opened a tree that is open still.
    open: Vec<u64>,
}

impl FoldPosition {
    /// The place to read from again to have all open rows.
    pub(crate) fn replay_from(&self) -> Option<Place> {
        self.replay_from
    }
}

impl Fold {
    /// The state at the start of a stream.
    pub(crate) fn begin(file: Arc<str>) -> Self {
        Self { file, ..Self::default() }
    }

    /// The state at a position, but for the open rows, which [`Fold::replay`] adds.
    pub(crate) fn restore(file: Arc<str>, position: &FoldPosition) -> Self {
        Self { file, judged: position.judged.clone(), trees: OpenTrees::default() }
    }

    /// Adds a row again, if its tree was open at the position.
    pub(crate) fn replay(&mut self, row: Row, place: Place, position: &FoldPosition) {
        if self.trees.holds(&row.tree) || position.open.binary_search(&place.number).is_ok() {
            self.trees.restore(row, place);
        }
    }

    /// What [`Fold::restore`] needs.
    pub(crate) fn position(&self) -> FoldPosition {
        let first_rows = self.trees.first_rows();
        let open = first_rows.iter().map(|place| place.number).collect();
        FoldPosition { judged: self.judged.clone(), replay_from: first_rows.first().copied(), open }
    }

    /// Takes a value that was cut out whole.
    pub(crate) fn value(
        &mut self,
        place: Place,
        parsed: Result<Parsed, Reason>,
        limits: &Limits,
        items: &mut Vec<Item>,
    ) {
        match parsed {
            Err(Reason::UnknownFormat) if !self.judged.recognised => self.remember_unknown(place.number),
            Err(
                reason @ (Reason::InvalidJson
                | Reason::InvalidUtf8
                | Reason::Truncated
                | Reason::UnknownFormat),
            ) => self.broken(place, reason, items),
            Err(reason) => {
                self.recognise(items);
                items.push(self.failure(Some(place), reason));
            }
            Ok(Parsed::Conversation(conversation)) => {
                self.recognise(items);
                items.push(Item::Conversation(conversation));
            }
            Ok(Parsed::Row(row)) => {
                self.recognise(items);
                let closed = self.trees.add(*row, place, limits);
                self.deliver(closed, items);
            }
        }
    }

    /// Takes a value that could not be cut out.
    pub(crate) fn broken(&mut self, place: Place, reason: Reason, items: &mut Vec<Item>) {
        self.judged.failed = true;
        items.push(self.failure(Some(place), reason));
    }

    /// Takes the news that the stream could not be read to its end.
    pub(crate) fn cut(&mut self, reason: Reason, items: &mut Vec<Item>) {
        self.judged.failed = true;
        items.push(self.failure(None, reason));
    }

    /// Closes what is open; returns the file if it held no conversation.
    pub(crate) fn end(&mut self, items: &mut Vec<Item>) -> Option<Ignored> {
        let closed = self.trees.close_all();
        self.deliver(closed, items);
        let failed_only = self.judged.failed && self.judged.unknown.is_empty();
        let none = !self.judged.recognised && !failed_only;
        none.then(|| Ignored { file: self.file.clone(), reason: IgnoredReason::NoConversation })
    }

    fn remember_unknown(&mut self, number: u64) {
        match self.judged.unknown.last_mut() {
            Some((first, count)) if *first + *count == number => *count += 1,
            _ => self.judged.unknown.push((number, 1)),
        }
    }

    fn recognise(&mut self, items: &mut Vec<Item>) {
        self.judged.recognised = true;
        for (first, count) in std::mem::take(&mut self.judged.unknown) {
            for number in first..first + count {
                let source = Source { file: self.file.clone(), element: Some(number + 1), offset: None };
                items.push(Item::Failure(Failure { source, reason: Reason::UnknownFormat }));
            }
        }
    }

    fn deliver(&self, closed: Vec<Closed>, items: &mut Vec<Item>) {
        for tree in closed {
            items.extend(tree.conversation.map(|tree| Item::Conversation(Box::new(tree))));
            items.extend(tree.failures.into_iter().map(|(place, reason)| self.failure(Some(place), reason)));
        }
    }

    fn failure(&self, place: Option<Place>, reason: Reason) -> Item {
        let element = place.map(|place| place.number + 1);
        let offset = place.map(|place| place.offset);
        Item::Failure(Failure { source: Source { file: self.file.clone(), element, offset }, reason })
    }
}
