//! Whose identifiers are whose: keyed fingerprints of what people wrote in captured conversations.
//!
//! The index holds no value, only fingerprints under the tenant's key, and lives in memory: it is filled as turns are
//! captured and forgets a person when they are erased. Nothing enters it without the permits of the turn (N3), and
//! nothing outlives the retention that they promise.
//!
//! Memory: an entry takes 40 bytes in the tree and 16 in its owner's list, slack of both (up to a factor of 2.3)
//! aside; an identifier that several people wrote takes 8 more for each of them.
//!
//! To read a phone number that has no country code is dear: it is tried by the plan of each region. Fingerprints of
//! phone numbers therefore begin with one of the last digits alone, which no plan changes, and lie in order.

use std::collections::{BTreeMap, HashMap, HashSet, btree_map};
use std::fmt;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use candor_consent::Permits;
use candor_conversation::{SubjectId, Timestamp};
use candor_deid::{Engine, IdentifierKind};

use crate::candidates;
use crate::fingerprint::{Fingerprint, Fingerprinter};
use crate::public::Public;

/// A value that more subjects than this wrote is public knowledge: a help line, a shop's address. It passes.
pub const OWNERS_MAX: usize = 8;
/// The most identifiers remembered for one subject; more are not learnt, so that nobody can fill the memory.
pub const VALUES_PER_SUBJECT_MAX: usize = 4096;

/// The index of one tenant. Shared: every method takes `&self`.
pub struct Index {
    prints: Fingerprinter,
    entries: RwLock<Entries>,
    public: RwLock<Public>,
}

#[derive(Default)]
struct Entries {
    owners: BTreeMap<Fingerprint, Owners>,
    values: HashMap<u32, HashSet<Fingerprint>>,
    numbers: HashMap<SubjectId, u32>,
    next_number: u32,
}

/// The subjects of a value by number; next to always there is one.
enum Owners {
    One(Owner),
    Many(Vec<Owner>),
}

#[derive(Clone, Copy)]
struct Owner {
    subject: u32,
    /// The last day on which the value may be remembered, as days since 1970.
    until_day: i32,
}

/// To whom a value belongs, as far as one asker is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// No captured conversation held it.
    Nobody,
    /// The asker wrote it at some time.
    Asker,
    /// To others only.
    Another,
    /// To more than [`OWNERS_MAX`] subjects: public knowledge.
    Many,
}

impl Index {
    /// An empty index under a tenant's key.
    pub fn new(key: [u8; 32], public: Public) -> Self {
        Self { prints: Fingerprinter::new(key), entries: RwLock::default(), public: RwLock::new(public) }
    }

    /// Remembers the identifiers of a text that a subject wrote, as long as its permits allow; gives their number.
    ///
    /// Public values are not remembered.
    pub fn learn(&self, engine: &Engine, subject: SubjectId, permits: &Permits, text: &str) -> usize {
        let until_day = day(permits.keep_until());
        let found: Vec<Fingerprint> = {
            let public = self.public();
            let named = candidates::detected(engine, text).into_iter();
            let named = named.map(|found| (found.kind, found.canonical(engine, text)));
            named
                .filter(|(kind, canonical)| !public.contains(*kind, canonical))
                .map(|(kind, canonical)| self.prints.print_canonical(kind, &canonical))
                .collect()
        };
        if found.is_empty() {
            return 0;
        }
        let mut entries = self.write();
        let number = entries.number(subject);
        found.into_iter().filter(|print| entries.add(number, *print, until_day)).count()
    }

    /// Forgets all that a subject wrote: on erasure, or when the last purpose is withdrawn.
    pub fn forget(&self, subject: SubjectId) {
        let mut entries = self.write();
        let Some(number) = entries.numbers.remove(&subject) else { return };
        for print in entries.values.remove(&number).unwrap_or_default() {
            entries.disown(print, |owner| owner.subject == number);
        }
    }

    /// Forgets what may be kept no longer. Call it at least once a day.
    pub fn expire(&self, now: Timestamp) {
        let today = day(now);
        let mut entries = self.write();
        let Entries { owners, values, .. } = &mut *entries;
        owners.retain(|print, holders| {
            holders.retain(|owner| {
                let keep = owner.until_day >= today;
                if !keep && let Some(prints) = values.get_mut(&owner.subject) {
                    prints.remove(print);
                }
                keep
            })
        });
        let Entries { numbers, values, .. } = &mut *entries;
        values.retain(|_, prints| !prints.is_empty());
        numbers.retain(|_, number| values.contains_key(number));
    }

    /// The number of subjects that a value belongs to.
    pub fn owners(&self, engine: &Engine, kind: IdentifierKind, value: &str) -> usize {
        let print = self.prints.print(engine, kind, value);
        self.read().owners.get(&print).map_or(0, |owners| owners.as_slice().len())
    }

    /// The number of identifiers remembered.
    pub fn len(&self) -> usize {
        self.read().owners.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.read().owners.is_empty()
    }

    /// Takes another list of public values, for all checks from now on.
    pub fn publish(&self, public: Public) {
        *self.public.write().unwrap_or_else(PoisonError::into_inner) = public;
    }

    pub(crate) fn fingerprint(&self, kind: IdentifierKind, canonical: &str) -> Fingerprint {
        self.prints.print_canonical(kind, canonical)
    }

    pub(crate) fn is_public(&self, kind: IdentifierKind, canonical: &str) -> bool {
        self.public().contains(kind, canonical)
    }

    /// Whether no number that anyone wrote ends like this one, as far as that shows without reading it by any plan.
    pub(crate) fn knows_no_phone(&self, covered: &str) -> bool {
        let Some(beginning) = self.prints.phone_beginning(covered) else { return false };
        let first = Fingerprint::first_with(beginning);
        self.read().owners.range(first..).next().is_none_or(|(print, _)| !print.begins_with(beginning))
    }

    pub(crate) fn belongs(&self, print: Fingerprint, asker: Option<SubjectId>) -> Whose {
        let entries = self.read();
        let Some(owners) = entries.owners.get(&print).map(Owners::as_slice) else { return Whose::Nobody };
        let asker = asker.and_then(|asker| entries.numbers.get(&asker));
        if asker.is_some_and(|asker| owners.iter().any(|owner| owner.subject == *asker)) {
            Whose::Asker
        } else if owners.len() > OWNERS_MAX {
            Whose::Many
        } else {
            Whose::Another
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Entries> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn public(&self) -> RwLockReadGuard<'_, Public> {
        self.public.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows sizes only.
impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.read();
        write!(f, "Index({} values of {} subjects)", entries.owners.len(), entries.numbers.len())
    }
}

impl Entries {
    fn number(&mut self, subject: SubjectId) -> u32 {
        *self.numbers.entry(subject).or_insert_with(|| {
            self.next_number = self.next_number.wrapping_add(1);
            self.next_number
        })
    }

    /// Whether the value was new for the subject; one already known is kept for the longer of the two times.
    fn add(&mut self, subject: u32, print: Fingerprint, until_day: i32) -> bool {
        let values = self.values.entry(subject).or_default();
        let new = !values.contains(&print);
        if new && values.len() >= VALUES_PER_SUBJECT_MAX {
            return false;
        }
        values.insert(print);
        let owner = Owner { subject, until_day };
        match self.owners.entry(print) {
            btree_map::Entry::Vacant(vacant) => {
                vacant.insert(Owners::One(owner));
            }
            btree_map::Entry::Occupied(mut holders) => holders.get_mut().add(owner),
        }
        new
    }

    fn disown(&mut self, print: Fingerprint, leaves: impl Fn(&Owner) -> bool) {
        if let Some(holders) = self.owners.get_mut(&print)
            && !holders.retain(|owner| !leaves(owner))
        {
            self.owners.remove(&print);
        }
    }
}

impl Owners {
    fn as_slice(&self) -> &[Owner] {
        match self {
            Owners::One(owner) => std::slice::from_ref(owner),
            Owners::Many(owners) => owners,
        }
    }

    fn add(&mut self, owner: Owner) {
        let mut owners = self.as_slice().to_vec();
        match owners.iter_mut().find(|known| known.subject == owner.subject) {
            Some(known) => known.until_day = known.until_day.max(owner.until_day),
            None => owners.push(owner),
        }
        *self = Self::of(owners);
    }

    /// Drops the owners that are not to be kept; false when none is left.
    fn retain(&mut self, mut keep: impl FnMut(&Owner) -> bool) -> bool {
        let owners: Vec<Owner> = self.as_slice().iter().filter(|owner| keep(owner)).copied().collect();
        let some_left = !owners.is_empty();
        if some_left {
            *self = Self::of(owners);
        }
        some_left
    }

    fn of(owners: Vec<Owner>) -> Self {
        match owners.as_slice() {
            [owner] => Owners::One(*owner),
            _ => Owners::Many(owners),
        }
    }
}

fn day(moment: Timestamp) -> i32 {
    i32::try_from(moment.day()).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_as_small_as_the_documentation_says() {
        assert_eq!(size_of::<(Fingerprint, Owners)>(), 40);
        assert_eq!((size_of::<Fingerprint>(), size_of::<Owner>()), (16, 8));
    }
}
