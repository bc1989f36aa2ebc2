//! What the words around a name say: that it is somebody's own, or that it is talked of in public.

use std::ops::Range;

use crate::plain::plain;

/// Words before a name that make it somebody's own; `my` and up to three words may stand between.
const OWNERS: &str = "my our his her their mine mein meine meinem meinen meiner unser unsere mon ma mes notre nos mi mis \
                      nuestro nuestra";
/// Kin, friends and people one deals with.
const ACQUAINTANCES: &str = "mother mom mum mommy father dad daddy parents brother sister son daughter baby kid child wife \
                             husband spouse partner girlfriend boyfriend fiance fiancee ex uncle aunt cousin nephew niece \
                             grandmother grandma grandfather grandpa granny friend bestie buddy mate roommate flatmate \
                             neighbour neighbor colleague coworker co-worker boss manager supervisor employee assistant \
                             client customer patient tenant landlord landlady teacher tutor student pupil classmate \
                             teammate doctor dentist therapist psychologist lawyer accountant nurse nanny babysitter \
                             mutter vater mama papa bruder schwester sohn tochter frau mann freund freundin nachbar nachbarin \
                             kollege kollegin chef chefin tante onkel oma opa arzt mere pere frere soeur fils fille femme \
                             mari ami amie voisin voisine collegue patron patronne tante oncle madre padre hermano hermana \
                             hijo hija esposa esposo marido amigo amiga vecino vecina jefe jefa primo prima tia tio abuela \
                             abuelo";
/// What one may own of a public person: admiration and work about them.
const ADMIRED: &str = "hero heroine idol inspiration favourite favorite role model essay paper thesis report homework \
                       presentation book report class project question quiz exam course playlist collection copy poster \
                       lieblings vorbild referat";
/// What people say before their own name.
const SELF: [&str; 18] = [
    "my name is",
    "my name's",
    "i am",
    "i'm",
    "im",
    "this is",
    "call me",
    "name:",
    "signed",
    "i am called",
    "mein name ist",
    "ich bin",
    "ich heisse",
    "je m'appelle",
    "je suis",
    "me llamo",
    "mi nombre es",
    "soy",
];
/// What closes a letter.
const CLOSINGS: [&str; 10] = [
    "regards,",
    "sincerely,",
    "best,",
    "cheers,",
    "thanks,",
    "yours,",
    "love,",
    "gruessen",
    "grussen",
    "cordialement,",
];
/// What people say before where they live or where they work.
const OWN_PLACE: [&str; 20] = [
    "i live in",
    "i live near",
    "we live in",
    "living in",
    "i am from",
    "i'm from",
    "i was born in",
    "i grew up in",
    "my hometown is",
    "my home town is",
    "i moved to",
    "we moved to",
    "i am based in",
    "i'm based in",
    "i reside in",
    "ich wohne in",
    "ich lebe in",
    "ich komme aus",
    "j'habite a",
    "vivo en",
];
const OWN_WORK: [&str; 20] = [
    "i work at",
    "i work for",
    "i work in",
    "we work at",
    "working at",
    "working for",
    "my employer",
    "my company",
    "our company",
    "my school",
    "my university",
    "i study at",
    "i am employed at",
    "i'm employed by",
    "my job at",
    "my boss at",
    "i was fired from",
    "i got fired from",
    "ich arbeite bei",
    "je travaille chez",
];
/// Words that speak of a name in public: works, offices, sciences, times.
const PUBLIC: &str = "born died wrote written author novel novels book books film films movie movies actor actress starring \
                      singer song songs album albums band lyrics president minister chancellor king queen emperor empress \
                      pope philosopher philosophy physicist physics scientist mathematician chemist chemistry biologist \
                      painter painting paintings sculptor composer composed symphony theory theorem equation law laws nobel \
                      prize oscar grammy century biography historical history famous celebrity politician senator governor \
                      election championship olympics footballer basketball player quarterback director directed inventor \
                      invented discovered discovery founder founded ceo poem poems poet poetry quote quotes speech war \
                      empire dynasty war general explorer astronaut economist economics character fictional style works \
                      who biografie dichter schriftsteller ecrivain peintre escritor pintor";

/// Bytes around a name that are looked at.
const WINDOW: usize = 120;
/// Bytes between a name and its owner's contact details.
const BESIDE: usize = 48;
/// Words between `my` and a name: `my old friend and neighbour Ada`.
const OWNED_WORDS: usize = 6;

/// Whether the words before or after a name make it that of somebody the writer knows.
pub(super) fn is_acquaintance(text: &str, name: &Range<usize>) -> bool {
    let before = words(before(text, name));
    let near = &before[before.len().saturating_sub(OWNED_WORDS)..];
    let owned = near.iter().rposition(|word| has(OWNERS, word));
    if let Some(at) = owned {
        let between = &near[at + 1..];
        let admired = between.iter().any(|word| has(ADMIRED, word));
        if !admired && (between.is_empty() || between.iter().any(|word| has(ACQUAINTANCES, word))) {
            return true;
        }
    }
    let after = words(after(text, name));
    let near = &after[..after.len().min(OWNED_WORDS)];
    near.iter().position(|word| has(OWNERS, word)).is_some_and(|at| {
        let owned = near.get(at + 1..).unwrap_or_default();
        owned.iter().take(2).any(|word| has(ACQUAINTANCES, word))
    })
}

/// Whether the name is said, or signed, as the writer's own.
pub(super) fn is_own_name(text: &str, name: &Range<usize>) -> bool {
    let lead = plain(before(text, name));
    let lead = lead.trim_end_matches([' ', ':', '"', '*']);
    SELF.iter().any(|phrase| ends_with_phrase(lead, phrase))
        || CLOSINGS.iter().any(|closing| plain(before(text, name)).trim_end().ends_with(closing))
}

/// Whether contact details stand beside the name: spans of the same text, by their ranges.
pub(super) fn has_contact_beside(name: &Range<usize>, contacts: &[Range<usize>]) -> bool {
    contacts.iter().any(|contact| {
        contact.start >= name.end && contact.start - name.end <= BESIDE
            || name.start >= contact.end && name.start - contact.end <= BESIDE
    })
}

pub(super) fn is_own_place(text: &str, name: &Range<usize>) -> bool {
    follows(text, name, &OWN_PLACE)
}

pub(super) fn is_own_work(text: &str, name: &Range<usize>) -> bool {
    follows(text, name, &OWN_WORK)
}

/// Whether a word near the name speaks of it in public.
pub(super) fn is_spoken_of_in_public(text: &str, name: &Range<usize>) -> bool {
    words(before(text, name)).into_iter().chain(words(after(text, name))).any(|word| has(PUBLIC, &word))
}

/// Whether one of these phrases stands before the name, with at most three words between.
fn follows(text: &str, name: &Range<usize>, phrases: &[&str]) -> bool {
    let lead = plain(before(text, name));
    let sentence = lead.rsplit(['.', '!', '?', '\n']).next().unwrap_or_default();
    phrases.iter().any(|phrase| {
        let found = sentence.rfind(phrase).map(|at| &sentence[at + phrase.len()..]);
        found.is_some_and(|rest| rest.split_whitespace().count() <= 3)
    })
}

fn ends_with_phrase(lead: &str, phrase: &str) -> bool {
    let rest = lead.strip_suffix(phrase);
    rest.is_some_and(|rest| !rest.chars().next_back().is_some_and(char::is_alphanumeric))
}

fn before<'t>(text: &'t str, name: &Range<usize>) -> &'t str {
    let from = text.ceil_char_boundary(name.start.saturating_sub(WINDOW));
    text.get(from..name.start).unwrap_or_default()
}

fn after<'t>(text: &'t str, name: &Range<usize>) -> &'t str {
    let to = text.floor_char_boundary((name.end + WINDOW).min(text.len()));
    text.get(name.end..to).unwrap_or_default()
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '-');
    words.filter(|word| !word.is_empty()).map(plain).collect()
}

fn has(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|entry| entry == word)
}
