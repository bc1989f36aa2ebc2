//! From sealed pieces to rows: decide again, keep each path up to its first withheld turn, read what is left.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

mod attachments;
mod sensitive;

pub use attachments::Attachments;
use candor_consent::{Basis, Decision, Facts, Moment, NoticeBook, NoticeId, Permit, Purpose, Reason, decide};
use candor_conversation::{Message, Part, Tier, Timestamp};
use candor_deid::sensitive::Policy;
use candor_vault::{
    AuthorTag, Decompressor, Key, OpenPiece, Person, PieceError, SealedPiece, StoredTurn, TurnReference,
};
pub use sensitive::{Judged, SensitiveCounts, judge};

/// Most messages that all rows of one conversation may hold together; a tree with many leaves repeats its
/// trunk in each. Paths beyond it are left out.
pub const CONVERSATION_MESSAGES_MAX: usize = 1_000_000;

/// What a release is decided by.
pub struct Rule<'a> {
    /// The use.
    pub purpose: Purpose,
    /// The time of the decision.
    pub as_of: Timestamp,
    /// The real time, by which a promised term may be over.
    pub now: Timestamp,
    /// The notices.
    pub notices: &'a NoticeBook,
    /// Everyone who may have written something, by tag; whoever is missing was erased.
    pub people: &'a HashMap<AuthorTag, Arc<Person>>,
    /// Most messages of one conversation's rows together; [`CONVERSATION_MESSAGES_MAX`].
    pub messages_max: usize,
    /// What becomes of files.
    pub attachments: Attachments,
    /// What becomes of sentences that tell something sensitive.
    pub sensitive: &'a Policy,
}

/// One path of a conversation, allowed to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its messages, not yet de-identified.
    pub messages: Vec<Message>,
    /// Everyone who wrote one of them, sorted.
    pub authors: Arc<[AuthorTag]>,
}

/// Turns in and out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnCounts {
    /// Turns of the vault that were looked at.
    pub examined: u64,
    /// Turns that stand in at least one row.
    pub used: u64,
    /// Human turns among them, by what their yes rests on.
    pub basis: BTreeMap<Basis, u64>,
    /// Turns that are in no row, by reason.
    pub withheld: BTreeMap<Reason, u64>,
    /// Paths left out because of [`Rule::messages_max`].
    pub paths_left_out: u64,
    /// Human turns used, by notice in force when they were said.
    pub notices: BTreeMap<NoticeId, u64>,
    /// Files of the used turns, by what became of them: `read`, or why nothing of them is in a row.
    pub attachments: BTreeMap<String, u64>,
    /// Sentences of the used turns, and of those withheld for them, that tell something sensitive.
    pub sensitive: SensitiveCounts,
}

impl TurnCounts {
    /// Adds another count.
    pub fn add(&mut self, other: &TurnCounts) {
        self.examined += other.examined;
        self.used += other.used;
        self.paths_left_out += other.paths_left_out;
        for (basis, count) in &other.basis {
            *self.basis.entry(*basis).or_default() += count;
        }
        for (reason, count) in &other.withheld {
            *self.withheld.entry(*reason).or_default() += count;
        }
        for (notice, count) in &other.notices {
            *self.notices.entry(*notice).or_default() += count;
        }
        for (outcome, count) in &other.attachments {
            *self.attachments.entry(outcome.clone()).or_default() += count;
        }
        for (class, count) in &other.sensitive {
            *self.sensitive.entry(*class).or_default() += count;
        }
    }

    fn withhold(&mut self, reason: Reason, turns: u64) {
        *self.withheld.entry(reason).or_default() += turns;
    }
}

/// The rows of one conversation from all of its pieces, in order of their leaves.
pub fn assemble(
    pieces: &[SealedPiece],
    rule: &Rule<'_>,
    decompressor: &mut Decompressor,
) -> Result<(Vec<Row>, TurnCounts), PieceError> {
    let mut counts = TurnCounts::default();
    let mut open = Vec::with_capacity(pieces.len());
    for sealed in pieces {
        counts.examined += u64::from(sealed.turns);
        let people: Option<Vec<&Arc<Person>>> =
            sealed.authors.iter().map(|tag| rule.people.get(tag)).collect();
        let Some(people) = people else {
            counts.withhold(Reason::Erased, u64::from(sealed.turns));
            continue;
        };
        let keys: Vec<&Key> = people.iter().map(|person| &person.subject.key).collect();
        open.push(sealed.open(&keys, decompressor)?);
    }
    let mut tree = Tree::grow(&open, rule, &mut counts);
    let (mut paths, left_out) = tree.allowed_paths(rule.messages_max);
    counts.paths_left_out = left_out.len() as u64;
    let mut texts = tree.read(&open, (&paths, rule.attachments), decompressor)?;
    tree.judge(&mut texts, rule.sensitive, (&mut paths, &mut counts));
    tree.count_uses(&paths, &left_out, &mut counts);
    for node in paths.iter().flatten() {
        // A turn counts once, however many paths it is on.
        for outcome in texts.get_mut(node).map(|text| std::mem::take(&mut text.files)).unwrap_or_default() {
            *counts.attachments.entry(outcome).or_default() += 1;
        }
    }
    let rows = paths.iter().map(|path| tree.row(path, &texts)).collect();
    Ok((rows, counts))
}

/// A turn in its place.
struct Node<'a> {
    turn: &'a StoredTurn,
    piece: usize,
    index: usize,
    parent: Option<usize>,
    /// Turns from the root down to here, with both.
    depth: usize,
    /// `None` if it is withheld; its own reason, or `AfterWithheld`, is counted.
    allowed: Option<Allowed>,
}

/// What holds down to an allowed turn.
#[derive(Clone)]
struct Allowed {
    /// The combined permit of the human turns down to here; `None` while there was none.
    permit: Option<Permit>,
    /// The turn's own basis, if it is human.
    own: Option<Basis>,
    /// Shared from one turn to the next: a thread may have thousands.
    authors: Arc<[AuthorTag]>,
}

/// What a turn says in a row.
struct Said {
    text: String,
    /// What became of each of its files.
    files: Vec<String>,
}

struct Tree<'a> {
    /// Parents before children, siblings in the order of their source.
    nodes: Vec<Node<'a>>,
}

impl<'a> Tree<'a> {
    fn grow(open: &'a [OpenPiece<'_>], rule: &Rule<'_>, counts: &mut TurnCounts) -> Self {
        let mut found: HashMap<TurnReference, (usize, usize, &StoredTurn)> = HashMap::new();
        for (piece, opened) in open.iter().enumerate() {
            for (index, turn) in opened.turns.iter().enumerate() {
                found.entry(turn.reference).or_insert((piece, index, turn));
            }
        }
        let mut children: HashMap<Option<TurnReference>, Vec<&StoredTurn>> = HashMap::new();
        for (_, _, turn) in found.values() {
            children.entry(turn.parent).or_default().push(turn);
        }
        for siblings in children.values_mut() {
            siblings.sort_by_key(|turn| std::cmp::Reverse((turn.order, turn.reference)));
        }
        let mut nodes: Vec<Node<'a>> = Vec::with_capacity(found.len());
        let roots = children.remove(&None).unwrap_or_default();
        let before_all = Allowed { permit: None, own: None, authors: Arc::default() };
        let mut waiting: Vec<(Option<usize>, &StoredTurn)> = roots.into_iter().map(|t| (None, t)).collect();
        while let Some((parent, turn)) = waiting.pop() {
            let Some((piece, index, turn)) = found.remove(&turn.reference) else { continue };
            let before = parent.map(|parent| nodes[parent].allowed.as_ref());
            let allowed = match before {
                Some(None) => Err(Reason::AfterWithheld),
                Some(Some(before)) => decide_turn(turn, before, rule),
                None => decide_turn(turn, &before_all, rule),
            };
            if let Err(reason) = &allowed {
                counts.withhold(*reason, 1);
            }
            let node = nodes.len();
            let depth = 1 + parent.map_or(0, |parent| nodes[parent].depth);
            nodes.push(Node { turn, piece, index, parent, depth, allowed: allowed.ok() });
            let next = children.remove(&Some(turn.reference)).unwrap_or_default();
            waiting.extend(next.into_iter().map(|child| (Some(node), child)));
        }
        // What no root leads to answers a turn that was withheld at capture or erased since.
        counts.withhold(Reason::AfterWithheld, found.len() as u64);
        counts.withheld.retain(|_, count| *count > 0);
        Self { nodes }
    }

    /// The paths that end where no allowed turn follows and that hold a human turn; and the ends of those that
    /// would make more than `messages_max` messages of all.
    fn allowed_paths(&self, messages_max: usize) -> (Vec<Vec<usize>>, Vec<usize>) {
        let mut goes_on = vec![false; self.nodes.len()];
        for node in &self.nodes {
            if let (Some(parent), Some(_)) = (node.parent, &node.allowed) {
                goes_on[parent] = true;
            }
        }
        let (mut paths, mut messages, mut left_out) = (Vec::new(), 0, Vec::new());
        for (end, node) in self.nodes.iter().enumerate() {
            let ends_row = node.allowed.as_ref().is_some_and(|allowed| allowed.permit.is_some());
            if goes_on[end] || !ends_row {
                continue;
            }
            if messages + node.depth > messages_max {
                left_out.push(end);
                continue;
            }
            messages += node.depth;
            let mut path: Vec<usize> = self.upwards(end).collect();
            path.reverse();
            paths.push(path);
        }
        (paths, left_out)
    }

    /// A turn and all before it, nearest first.
    fn upwards(&self, end: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(end), |node| self.nodes[*node].parent)
    }

    fn count_uses(&self, paths: &[Vec<usize>], left_out: &[usize], counts: &mut TurnCounts) {
        let mut used = vec![false; self.nodes.len()];
        for node in paths.iter().flatten() {
            used[*node] = true;
        }
        let mut on_left_out = vec![false; self.nodes.len()];
        for end in left_out {
            // What stands before a turn that was marked already is marked too.
            let mut unmarked = Vec::new();
            unmarked.extend(self.upwards(*end).take_while(|node| !on_left_out[*node]));
            unmarked.into_iter().for_each(|node| on_left_out[node] = true);
        }
        for (number, node) in self.nodes.iter().enumerate() {
            let Some(allowed) = &node.allowed else { continue };
            if !used[number] {
                // Else it is an opening without a person's turn after it.
                let branches = on_left_out[number];
                counts.withhold(if branches { Reason::TooManyBranches } else { Reason::AfterWithheld }, 1);
                continue;
            }
            counts.used += 1;
            if let (Some(basis), Some(permit)) = (allowed.own, &allowed.permit) {
                *counts.basis.entry(basis).or_default() += 1;
                *counts.notices.entry(permit.binding().notice).or_default() += 1;
            }
        }
    }

    /// The text of every turn on a path, piece by piece, each under its permit.
    fn read(
        &self,
        open: &[OpenPiece<'_>],
        (paths, attachments): (&[Vec<usize>], Attachments),
        decompressor: &mut Decompressor,
    ) -> Result<HashMap<usize, Said>, PieceError> {
        let mut wanted: BTreeMap<usize, BTreeMap<usize, (usize, &Permit)>> = BTreeMap::new();
        for path in paths {
            // The opening of a path is read under the permit of the first person's turn on it.
            let first = path.iter().find_map(|node| self.permit(*node));
            for node in path {
                if let Some(permit) = self.permit(*node).or(first) {
                    let place = &self.nodes[*node];
                    wanted.entry(place.piece).or_default().insert(place.index, (*node, permit));
                }
            }
        }
        let mut texts = HashMap::new();
        for (piece, turns) in wanted {
            let permitted: Vec<(usize, &Permit)> =
                turns.iter().map(|(index, (_, permit))| (*index, *permit)).collect();
            let turns_parts = attachments.read(&open[piece], &permitted, decompressor)?;
            for ((node, _), parts) in turns.values().zip(&turns_parts) {
                let mut files = Vec::new();
                let text = attachments.content(parts, &mut files);
                texts.insert(*node, Said { text, files });
            }
        }
        Ok(texts)
    }

    /// Applies a policy to what the turns on the paths say: sentences are generalised, and a turn that is withheld ends
    /// its path, with what follows it.
    fn judge(
        &mut self,
        texts: &mut HashMap<usize, Said>,
        policy: &Policy,
        (paths, counts): (&mut Vec<Vec<usize>>, &mut TurnCounts),
    ) {
        let (mut withheld, mut judged_counts) = (HashSet::new(), HashMap::new());
        for (node, said) in texts.iter_mut() {
            let Some(judged) = judge(policy, &said.text) else { continue };
            if judged.is_withheld {
                withheld.insert(*node);
            }
            said.text = judged.written(&said.text);
            judged_counts.insert(*node, judged.counts);
        }
        if !withheld.is_empty() {
            self.withhold(&withheld, counts);
            self.shorten(paths);
        }
        let used: HashSet<usize> = paths.iter().flatten().copied().collect();
        for (node, classes) in judged_counts {
            // Of withheld turns those count that nothing before them withholds.
            let is_first = self.nodes[node].parent.is_none_or(|parent| self.nodes[parent].allowed.is_some());
            if used.contains(&node) || self.nodes[node].allowed.is_none() && is_first {
                classes.into_iter().for_each(|(of, count)| *counts.sensitive.entry(of).or_default() += count);
            }
        }
    }

    /// Withholds turns, and what follows them.
    fn withhold(&mut self, turns: &HashSet<usize>, counts: &mut TurnCounts) {
        for node in 0..self.nodes.len() {
            if self.nodes[node].allowed.is_none() {
                continue;
            }
            let follows = self.nodes[node].parent.is_some_and(|parent| self.nodes[parent].allowed.is_none());
            if follows || turns.contains(&node) {
                self.nodes[node].allowed = None;
                counts.withhold(if follows { Reason::AfterWithheld } else { Reason::Sensitive }, 1);
            }
        }
    }

    /// Cuts paths where a turn is withheld, and drops those that are then part of another or hold no person's turn.
    fn shorten(&self, paths: &mut Vec<Vec<usize>>) {
        for path in paths.iter_mut() {
            path.retain(|node| self.nodes[*node].allowed.is_some());
        }
        let mut inner: HashSet<usize> = HashSet::new();
        paths.iter().for_each(|path| inner.extend(path.iter().rev().skip(1)));
        let mut ends = HashSet::new();
        paths.retain(|path| {
            path.last()
                .is_some_and(|end| self.permit(*end).is_some() && !inner.contains(end) && ends.insert(*end))
        });
        paths.sort_by_key(|path| path.last().copied());
    }

    fn permit(&self, node: usize) -> Option<&Permit> {
        self.nodes[node].allowed.as_ref().and_then(|allowed| allowed.permit.as_ref())
    }

    fn row(&self, path: &[usize], texts: &HashMap<usize, Said>) -> Row {
        let message = |node: &usize| Message {
            role: self.nodes[*node].turn.role.as_str().to_owned(),
            content: texts.get(node).map(|said| said.text.clone()).unwrap_or_default(),
        };
        let end = path.last().and_then(|end| self.nodes[*end].allowed.as_ref());
        Row {
            messages: path.iter().map(message).collect(),
            authors: end.map(|allowed| Arc::clone(&allowed.authors)).unwrap_or_default(),
        }
    }
}

/// The decision about one turn, given what holds before it.
fn decide_turn(turn: &StoredTurn, before: &Allowed, rule: &Rule<'_>) -> Result<Allowed, Reason> {
    let Some(author) = turn.author else {
        let bound = turn.bindings.iter().any(|binding| binding.purpose == rule.purpose);
        if !bound {
            return Err(Reason::NotBound);
        }
        if !turn.complete {
            // Nobody is to learn from it that an answer ends in the middle.
            return Err(Reason::BrokenOff);
        }
        return Ok(Allowed { own: None, ..before.clone() });
    };
    let person = rule.people.get(&author).ok_or(Reason::Erased)?;
    let facts = Facts {
        purpose: rule.purpose,
        moment: Moment::Use(&turn.bindings),
        said_at: turn.said_at,
        now: rule.as_of,
        tier: stricter(turn.tier, person.subject.profile.tier),
        region: turn.region.as_ref(),
        age: [turn.age, person.subject.profile.age].into_iter().flatten().min(),
        contract: &person.contract,
        opted_out: false,
        history: person.history(rule.purpose),
        notices: rule.notices,
    };
    let own = match decide(&facts) {
        // A promise to delete holds by the real time, however early the decision is dated.
        Decision::Allowed(permit) if permit.keep_until() <= rule.as_of.max(rule.now) => {
            return Err(Reason::RetentionEnded);
        }
        Decision::Allowed(permit) => permit,
        Decision::Withheld(reason) => return Err(reason),
    };
    let basis = own.basis();
    let permit = match &before.permit {
        Some(before) => Permit::for_reply(&[before, &own]).ok_or(Reason::AfterWithheld)?,
        None => own,
    };
    let authors = match before.authors.binary_search(&author) {
        Ok(_) => Arc::clone(&before.authors),
        Err(at) => [&before.authors[..at], &[author], &before.authors[at..]].concat().into(),
    };
    Ok(Allowed { permit: Some(permit), own: Some(basis), authors })
}

/// The account that asks for more: what is learned later of a person counts for what they said before.
fn stricter(stored: Tier, known: Tier) -> Tier {
    if matches!(known, Tier::Business | Tier::Education) { known } else { stored }
}

/// The text of a turn as it stands in a release before it is judged: its parts, one below the other; what is not text,
/// or a file that is withheld or cannot be read, is named in brackets.
pub fn content(parts: &[Part], attachments: Attachments) -> String {
    attachments.content(parts, &mut Vec::new())
}
