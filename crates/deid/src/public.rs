//! Public names: those of public figures, works, places and organisations, which may stay by choice of policy.
//!
//! What is shipped masks every name. With this choice a name stays when it is notable **and** the conversation does
//! not speak of it as somebody's own: a question about Marie Curie keeps her name, `my neighbour Marie Curie` loses
//! it, in every turn. The reason is given for each name, so that the rule can be looked at.
//!
//! Notable people, works and landmarks come from a filter made of a list of Wikidata entries (see
//! `crates/deid/weights/PUBLIC-LICENCE.md`); countries, large cities and organisations from lists written here. A filter
//! says yes to a name outside it in one of 65,536 cases.
//!
//! ```
//! use candor_deid::public::{Public, Reason};
//! use candor_deid::IdentifierKind;
//!
//! let public = Public::shipped();
//! assert_eq!(public.is_notable(IdentifierKind::Person, "Marie Curie"), Some(Reason::PublicFigure));
//! assert_eq!(public.is_notable(IdentifierKind::Person, "Terrence Okonkwo"), None);
//! ```

mod cues;
mod filter;
pub(crate) mod lists;
mod reading;

use std::collections::HashSet;

use crate::identifier::IdentifierKind;
use crate::plain::plain;
use crate::public::filter::Filter;
pub use crate::public::reading::{Reading, Verdict, Veto};
use crate::surrogate::people::{Role, listed};

static SHIPPED: &[u8] = include_bytes!("../weights/public.bin");

/// Names that many people know.
pub struct Public {
    filter: Filter,
    countries: HashSet<String>,
    cities: HashSet<String>,
    organisations: HashSet<String>,
    common_surnames: HashSet<String>,
}

/// Why a name is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The full name of a person with articles in at least ten languages.
    PublicFigure,
    /// The title of a work, or a character in one.
    Work,
    /// A state.
    Country,
    /// A city of about a million people or more, or a capital.
    City,
    /// A region, a river, a landmark: a place that is no settlement.
    Place,
    /// An organisation that is widely written about.
    Organisation,
    /// A part of the full name of a public figure who is named in the same conversation.
    PartOfFigure,
}

/// A sort of name in the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tier {
    /// Full names of people.
    Figure,
    /// Titles of works, and characters.
    Work,
    /// Places that are no settlements.
    Place,
}

impl Public {
    /// The names that are shipped.
    pub fn shipped() -> Self {
        let set = |list: &'static str| lists::entries(list).map(key).collect();
        Self {
            filter: Filter::read(SHIPPED),
            countries: set(lists::COUNTRIES),
            cities: set(lists::CITIES),
            organisations: set(lists::ORGANISATIONS),
            common_surnames: set(lists::COMMON_SURNAMES),
        }
    }

    /// Why a name is notable, by the name alone; `None` for a name that is not, and for kinds that have no names.
    ///
    /// A person needs a full name, of two parts or more.
    pub fn is_notable(&self, kind: IdentifierKind, name: &str) -> Option<Reason> {
        let key = key(name);
        let holds = |tier: Tier| self.filter.holds(hash(tier, &key));
        match kind {
            IdentifierKind::Person if !key.contains(' ') => None,
            IdentifierKind::Person if holds(Tier::Figure) => Some(Reason::PublicFigure),
            IdentifierKind::Person if holds(Tier::Work) => Some(Reason::Work),
            IdentifierKind::Organisation if self.organisations.contains(&key) => Some(Reason::Organisation),
            IdentifierKind::Location if self.countries.contains(&key) => Some(Reason::Country),
            IdentifierKind::Location if self.cities.contains(&key) => Some(Reason::City),
            IdentifierKind::Location if holds(Tier::Place) => Some(Reason::Place),
            _ => None,
        }
    }

    /// Whether so many people may bear a name of two parts that it says little: its surname is a common one.
    fn is_common(&self, key: &str) -> bool {
        let parts: Vec<&str> = key.split(' ').collect();
        let [_, surname] = parts.as_slice() else { return false };
        self.common_surnames.contains(*surname)
            || listed(surname).iter().any(|place| place.1 == Role::Surname)
    }
}

/// The bytes of a filter for these names; `None` when they make none, which no list of names does.
///
/// What `cargo xtask train-deid public` writes to `weights/public.bin`.
pub fn pack<'n>(names: impl Iterator<Item = (Tier, &'n str)>) -> Option<Vec<u8>> {
    let hashes: HashSet<u64> = names.map(|(tier, name)| hash(tier, &key(name))).collect();
    filter::build(&hashes)
}

/// One spelling: lower case, no accents, words of letters, digits, `'` and `-`, no possessive.
fn key(name: &str) -> String {
    let plain = plain(&name.replace(['’', '‘', 'ʼ'], "'"));
    let kept = |c: char| if c.is_alphanumeric() || matches!(c, '\'' | '-') { c } else { ' ' };
    let words: String = plain.chars().map(kept).collect();
    let joined = words.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.strip_suffix("'s").map_or(joined.clone(), str::to_owned)
}

/// FNV-1a over the tier and the key.
fn hash(tier: Tier, key: &str) -> u64 {
    let tier = match tier {
        Tier::Figure => 1,
        Tier::Work => 2,
        Tier::Place => 3,
    };
    let bytes = std::iter::once(tier).chain(key.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
