//! A conversation read for what it says of the names in it.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::candidate::Span;
use crate::identifier::IdentifierKind;
use crate::public::{Public, Reason, cues, key};

/// What a conversation says of each name in it.
pub struct Reading {
    verdicts: HashMap<(IdentifierKind, String), Verdict>,
}

/// Whether a name may stay, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It may stay where the policy keeps public names.
    Public(Reason),
    /// It goes.
    Private(Veto),
}

/// Why a name is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Veto {
    /// It is not notable, or of a kind that has no public names.
    NotNotable,
    /// One part of a name, and no public figure with it is named in full.
    PartAlone,
    /// Many bear the name, and nothing near it speaks of a public figure.
    Common,
    /// It is spoken of as somebody the writer knows: `my neighbour …`.
    Acquaintance,
    /// The writer says or signs it as their own.
    OwnName,
    /// An e-mail address, a phone number or a postal address stands beside it.
    ContactBeside,
    /// The writer lives there.
    OwnPlace,
    /// The writer works or studies there.
    OwnOrganisation,
}

/// A name where it stands.
struct Mention<'t> {
    kind: IdentifierKind,
    key: String,
    text: &'t str,
    range: Range<usize>,
    contacts: Vec<Range<usize>>,
}

impl Public {
    /// Reads the turns of a conversation, each with its spans.
    ///
    /// One mention that is private makes the name, and every part of it, private in all turns.
    pub fn read(&self, turns: &[(&str, &[Span])]) -> Reading {
        let mentions: Vec<Mention<'_>> =
            turns.iter().flat_map(|(text, spans)| mentions(text, spans)).collect();
        let mut vetoes: HashMap<(IdentifierKind, String), Veto> = HashMap::new();
        for mention in &mentions {
            if let Some(veto) = veto(mention) {
                vetoes.insert((mention.kind, mention.key.clone()), veto);
            }
        }
        let mut spoken_of = HashSet::new();
        for mention in &mentions {
            if cues::is_spoken_of_in_public(mention.text, &mention.range) {
                spoken_of.insert(mention.key.as_str());
            }
        }
        let mut verdicts = HashMap::new();
        for mention in mentions.iter().filter(|mention| !is_part(mention)) {
            let verdict = self.whole(mention, &vetoes, spoken_of.contains(mention.key.as_str()));
            verdicts.insert((mention.kind, mention.key.clone()), verdict);
        }
        for mention in mentions.iter().filter(|mention| !mention.key.contains(' ')) {
            let of_figure = part(&mention.key, &vetoes, &verdicts);
            let name = (mention.kind, mention.key.clone());
            // A surname may be taken for a place where the name before it is gone.
            let is_open =
                is_part(mention) || verdicts.get(&name) == Some(&Verdict::Private(Veto::NotNotable));
            if is_open && (is_part(mention) || matches!(of_figure, Verdict::Public(_))) {
                verdicts.insert(name, of_figure);
            }
        }
        Reading { verdicts }
    }

    fn whole(
        &self,
        mention: &Mention<'_>,
        vetoes: &HashMap<(IdentifierKind, String), Veto>,
        spoken_of: bool,
    ) -> Verdict {
        let parts: Vec<&str> = mention.key.split(' ').collect();
        let of_person = mention.kind == IdentifierKind::Person;
        let own = vetoes.get(&(mention.kind, mention.key.clone()));
        // A surname or given name that is private by itself makes the whole name private.
        let of_part =
            || parts.iter().find_map(|part| vetoes.get(&(IdentifierKind::Person, (*part).to_owned())));
        if let Some(veto) = own.or_else(|| if of_person { of_part() } else { None }) {
            return Verdict::Private(*veto);
        }
        let of_figure = |reason| matches!(reason, Reason::PublicFigure | Reason::Work);
        match kinds_of(mention).iter().find_map(|kind| self.is_notable(*kind, &mention.key)) {
            None => Verdict::Private(Veto::NotNotable),
            Some(reason) if of_person && of_figure(reason) && self.is_common(&mention.key) && !spoken_of => {
                Verdict::Private(Veto::Common)
            }
            Some(reason) => Verdict::Public(reason),
        }
    }
}

impl Reading {
    /// What is said of a name; private for one that was not read.
    pub fn verdict(&self, kind: IdentifierKind, covered: &str) -> Verdict {
        let key = key(covered);
        let known = self.verdicts.get(&(kind_of(kind, &key), key)).copied();
        known.unwrap_or(Verdict::Private(Veto::NotNotable))
    }
}

const NAMED: [IdentifierKind; 3] =
    [IdentifierKind::Person, IdentifierKind::Location, IdentifierKind::Organisation];

/// The kind that a name is judged as.
///
/// What the model takes a name for depends on the words around it, and those change when their names are replaced. So
/// names of several words are judged alike, whatever they were taken for: what stays then stays when it is read again.
fn kind_of(kind: IdentifierKind, key: &str) -> IdentifierKind {
    if NAMED.contains(&kind) && key.contains(' ') { IdentifierKind::Person } else { kind }
}

/// The kinds that a name may be of.
fn kinds_of(mention: &Mention<'_>) -> &'static [IdentifierKind] {
    let own = NAMED.iter().position(|kind| *kind == mention.kind);
    own.map_or(&[], |own| if mention.key.contains(' ') { &NAMED } else { &NAMED[own..=own] })
}

fn is_part(mention: &Mention<'_>) -> bool {
    mention.kind == IdentifierKind::Person && !mention.key.contains(' ')
}

/// A part of a name is public as a part of a public one, unless it is a part of a private one too.
fn part(
    key: &str,
    vetoes: &HashMap<(IdentifierKind, String), Veto>,
    wholes: &HashMap<(IdentifierKind, String), Verdict>,
) -> Verdict {
    if let Some(veto) = vetoes.get(&(IdentifierKind::Person, key.to_owned())) {
        return Verdict::Private(*veto);
    }
    let has_part = |whole: &str| whole.contains(' ') && whole.split(' ').any(|part| part == key);
    let of = wholes.iter().filter(|((kind, whole), _)| *kind == IdentifierKind::Person && has_part(whole));
    let mut verdict = Verdict::Private(Veto::PartAlone);
    for (_, whole) in of {
        match whole {
            Verdict::Private(veto) => return Verdict::Private(*veto),
            Verdict::Public(Reason::PublicFigure | Reason::Work) => {
                verdict = Verdict::Public(Reason::PartOfFigure);
            }
            Verdict::Public(_) => {}
        }
    }
    verdict
}

fn mentions<'t>(text: &'t str, spans: &[Span]) -> Vec<Mention<'t>> {
    let is_contact = |span: &&Span| {
        matches!(
            span.kind,
            IdentifierKind::Email | IdentifierKind::Phone | IdentifierKind::Address | IdentifierKind::Handle
        )
    };
    let contacts: Vec<Range<usize>> =
        spans.iter().filter(is_contact).map(|span| span.range.clone()).collect();
    let spans = spans.iter().filter(|span| NAMED.contains(&span.kind));
    let mention = |span: &Span| {
        let covered = text.get(span.range.clone())?;
        let (key, range) = (key(covered), span.range.clone());
        Some(Mention { kind: kind_of(span.kind, &key), key, text, range, contacts: contacts.clone() })
    };
    spans.filter_map(mention).collect()
}

fn veto(mention: &Mention<'_>) -> Option<Veto> {
    let Mention { text, range, .. } = mention;
    let may_be = |kind| kinds_of(mention).contains(&kind);
    if may_be(IdentifierKind::Person) {
        if cues::is_own_name(text, range) {
            return Some(Veto::OwnName);
        }
        if cues::is_acquaintance(text, range) {
            return Some(Veto::Acquaintance);
        }
        if cues::has_contact_beside(range, &mention.contacts) {
            return Some(Veto::ContactBeside);
        }
    }
    if may_be(IdentifierKind::Location) && cues::is_own_place(text, range) {
        return Some(Veto::OwnPlace);
    }
    (may_be(IdentifierKind::Organisation) && cues::is_own_work(text, range)).then_some(Veto::OwnOrganisation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidate::Evidence;

    /// The verdict on the first name, of a kind, in turns where each name of `names` is a span.
    fn verdict(turns: &[&str], kind: IdentifierKind, names: &[&str]) -> Verdict {
        let spans: Vec<Vec<Span>> = turns
            .iter()
            .map(|turn| {
                let of = |name: &&str| {
                    let kind = if name.contains('@') { IdentifierKind::Email } else { kind };
                    let at = turn.match_indices(*name).map(|(at, _)| at..at + name.len());
                    at.map(move |range| Span::new(range, kind, Evidence::shape("test"), 1.0))
                        .collect::<Vec<_>>()
                };
                names.iter().flat_map(of).collect()
            })
            .collect();
        let turns: Vec<(&str, &[Span])> =
            turns.iter().copied().zip(spans.iter().map(Vec::as_slice)).collect();
        Public::shipped().read(&turns).verdict(kind, names[0])
    }

    fn person(turns: &[&str], names: &[&str]) -> Verdict {
        verdict(turns, IdentifierKind::Person, names)
    }

    #[test]
    fn a_public_figure_stays_and_a_neighbour_of_the_same_name_goes() {
        let curie = ["Marie Curie"];
        assert_eq!(
            person(&["What did Marie Curie discover?"], &curie),
            Verdict::Public(Reason::PublicFigure)
        );
        let hero = ["My hero Marie Curie won two prizes."];
        assert_eq!(person(&hero, &curie), Verdict::Public(Reason::PublicFigure));
        for (text, veto) in [
            ("Write a letter to my neighbour Marie Curie about the noise.", Veto::Acquaintance),
            ("Marie Curie is my dentist.", Veto::Acquaintance),
            ("Meine Kollegin Marie Curie ist krank.", Veto::Acquaintance),
            ("Hi, my name is Marie Curie and I need help.", Veto::OwnName),
            ("I'm Marie Curie.", Veto::OwnName),
            ("See you soon.\nBest regards,\nMarie Curie", Veto::OwnName),
        ] {
            assert_eq!(person(&[text], &curie), Verdict::Private(veto), "{text}");
        }
        let beside = ["Invite Marie Curie, marie@curie.example, on Monday."];
        assert_eq!(
            person(&beside, &["Marie Curie", "marie@curie.example"]),
            Verdict::Private(Veto::ContactBeside)
        );
    }

    #[test]
    fn one_private_mention_makes_the_name_private_in_every_turn() {
        let turns =
            ["Tell me about Marie Curie.", "Oh, I meant my neighbour Marie Curie.", "What would Curie say?"];
        assert_eq!(person(&turns, &["Marie Curie", "Curie"]), Verdict::Private(Veto::Acquaintance));
        assert_eq!(person(&turns, &["Curie", "Marie Curie"]), Verdict::Private(Veto::Acquaintance));
    }

    #[test]
    fn a_surname_stays_only_beside_the_full_name() {
        let turns = ["Who was Albert Einstein?", "When did Einstein die?"];
        assert_eq!(person(&turns, &["Einstein", "Albert Einstein"]), Verdict::Public(Reason::PartOfFigure));
        assert_eq!(person(&["Einstein called me again."], &["Einstein"]), Verdict::Private(Veto::PartAlone));
        let both = ["Albert Einstein was a physicist.", "My boss Rob Einstein is late."];
        assert_eq!(
            person(&both, &["Einstein", "Albert Einstein", "Rob Einstein"]),
            Verdict::Private(Veto::Acquaintance)
        );
    }

    #[test]
    fn a_common_name_needs_a_word_that_speaks_of_a_public_figure() {
        assert_eq!(
            person(&["John Smith asked for the key."], &["John Smith"]),
            Verdict::Private(Veto::Common)
        );
        let singer = ["Which album by Michael Jackson sold best?"];
        assert_eq!(person(&singer, &["Michael Jackson"]), Verdict::Public(Reason::PublicFigure));
        assert_eq!(
            person(&["Ask Terrence Okonkwo."], &["Terrence Okonkwo"]),
            Verdict::Private(Veto::NotNotable)
        );
    }

    #[test]
    fn places_and_organisations_stay_unless_they_are_the_writers_own() {
        let place = |text: &str, name: &str| verdict(&[text], IdentifierKind::Location, &[name]);
        assert_eq!(place("What is the capital of Peru?", "Peru"), Verdict::Public(Reason::Country));
        assert_eq!(place("Plan a trip to Lisbon.", "Lisbon"), Verdict::Public(Reason::City));
        assert_eq!(place("How high is the Eiffel Tower?", "Eiffel Tower"), Verdict::Public(Reason::Place));
        assert_eq!(place("I live in Lisbon.", "Lisbon"), Verdict::Private(Veto::OwnPlace));
        assert_eq!(
            place("It rains in Kleinkleckersdorf.", "Kleinkleckersdorf"),
            Verdict::Private(Veto::NotNotable)
        );
        let firm = |text: &str, name: &str| verdict(&[text], IdentifierKind::Organisation, &[name]);
        assert_eq!(firm("Who founded Microsoft?", "Microsoft"), Verdict::Public(Reason::Organisation));
        assert_eq!(firm("I work for Microsoft.", "Microsoft"), Verdict::Private(Veto::OwnOrganisation));
    }
}
