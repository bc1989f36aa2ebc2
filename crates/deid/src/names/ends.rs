//! Where names end, whatever the model thinks: initials and legal forms belong to them, offices do not, and a house
//! number belongs to its street.

use std::ops::Range;

use super::mark::{Mention, Names};
use crate::identifier::IdentifierKind;

/// The most that stands between two parts of an address, in bytes.
const ADDRESS_GAP_BYTES: usize = 6;
/// How near a place stands to what is part of its address, in bytes.
const BESIDE_BYTES: usize = 3;
/// The digits of a long house number or a postal code by itself.
const POSTAL_DIGITS: std::ops::RangeInclusive<usize> = 3..=6;
/// Offices and ranks that stand before a name and are no part of it, in lower case.
#[rustfmt::skip]
const OFFICES: [&str; 24] = [
    "president", "senator", "congressman", "congresswoman", "governor", "mayor", "minister", "chancellor", "ambassador", "judge",
    "justice", "king", "queen", "prince", "princess", "pope", "sheikh", "imam", "rabbi", "ayatollah", "general", "colonel",
    "lieutenant", "sergeant",
];

/// Words before a letter that counts things, in lower case.
#[rustfmt::skip]
const COUNTED: [&str; 32] = [
    "plan", "option", "part", "section", "vitamin", "type", "class", "grade", "exhibit", "appendix", "hepatitis", "figure", "table",
    "step", "group", "team", "version", "phase", "schedule", "column", "point", "item", "annex", "level", "block", "room", "gate",
    "terminal", "choice", "answer", "model", "series",
];
/// Legal forms that are words in some language when they are written small.
const WORDS: [&str; 8] = ["SE", "SA", "AB", "SAS", "UG", "SL", "ME", "AG"];
/// Legal forms as they stand behind names, the longer before those that they begin with.
#[rustfmt::skip]
const LEGAL_FORMS: [&str; 62] = [
    "GmbH & Co. KG", "Stiftung & Co. KGaA", "KGaA", "GbR", "GmbH", "AG", "KG", "OHG", "UG", "SE", "e.V.", "e.K.", "SARL", "SAS",
    "SNC", "EURL", "S.A.S.", "S.A. de C.V.", "S.A.", "SA", "S. Coop.", "S.Coop.", "S.Com.", "S.L.U.", "S.L.", "SLU", "SL", "S.p.A.",
    "SpA", "S.r.l.", "Srl", "S.n.c.", "B.V.", "BV", "N.V.", "NV", "VOF",
    "Ltda.", "Ltda", "Lda.", "Lda", "EIRELI", "- ME", "ME", "sp. z o.o.", "sp. j.", "sp. k.", "Ltd.", "Ltd", "Limited", "PLC", "plc",
    "LLC", "L.L.C.", "LLP", "Inc.", "Inc", "Corp.", "Corp", "Oy", "AB", "ApS",
];

/// Brings names to where they begin and end. Mentions are sorted, and none reaches into what is taken or into another.
pub(super) fn settle(names: &Names, text: &str, taken: &[Range<usize>], found: &mut Vec<Mention>) {
    let starts: Vec<usize> = found.iter().skip(1).map(|mention| mention.range.start).collect();
    let mut settled: Vec<Mention> = Vec::with_capacity(found.len());
    for (at, mut mention) in found.drain(..).enumerate() {
        let behind = taken.partition_point(|range| range.end <= mention.range.start);
        let before = behind.checked_sub(1).map_or(0, |at| taken[at].end);
        let free = before.max(settled.last().map_or(0, |last| last.range.end));
        let next = taken.get(behind).map_or(text.len(), |range| range.start);
        let limit = next.min(starts.get(at).copied().unwrap_or(text.len()));
        let text = &text[..limit.max(mention.range.end)];
        let range = &mut mention.range;
        (range.start, range.end) =
            (hyphen_start(text, free, range.start), hyphen_end(names, text, range.end));
        match mention.kind {
            IdentifierKind::Person => {
                range.start += office_bytes(&text[range.clone()]);
                range.start = particle_start(text, free, initials_start(text, free, range));
            }
            IdentifierKind::Address => {
                range.start = house_number_start(text, free, initials_start(text, free, range));
                range.end = region_end(text, address_end(text, range.end));
            }
            IdentifierKind::Location => {
                let in_address = is_in_address(text, settled.last(), range.start);
                let end = if in_address { postal_end(text, range.end) } else { range.end };
                let end = if end == range.end { address_end(text, end) } else { end };
                range.end = region_end(text, end);
            }
            IdentifierKind::Organisation => {
                range.start = particle_start(text, free, range.start);
                range.end = legal_form_end(text, range.end);
            }
            _ => {}
        }
        settled.push(mention);
    }
    *found = joined(text, settled);
}

/// Mentions of which those that are parts of one name are one.
fn joined(text: &str, mentions: Vec<Mention>) -> Vec<Mention> {
    let mut joined: Vec<Mention> = Vec::with_capacity(mentions.len());
    for mention in mentions {
        match joined.last_mut().filter(|last| is_one_name(text, last, &mention)) {
            Some(last) => {
                last.range.end = mention.range.end;
                last.probability = last.probability.max(mention.probability);
            }
            None => joined.push(mention),
        }
    }
    joined
}

/// Leaves out what was taken for an address and is a number of another sort. Mentions are sorted.
pub(super) fn drop_bare_numbers(text: &str, found: &mut Vec<Mention>) {
    let is_bare = |at: usize| {
        let beside = [at.checked_sub(1).and_then(|before| found.get(before)), found.get(at + 1)];
        is_bare_number(text, &found[at], beside)
    };
    let mut kept = (0..found.len()).map(|at| !is_bare(at)).collect::<Vec<_>>().into_iter();
    found.retain(|_| kept.next().unwrap_or(true));
}

/// Whether what was taken for an address is a number of another sort: it has no word, and nothing near it is a place.
fn is_bare_number(text: &str, mention: &Mention, beside: [Option<&Mention>; 2]) -> bool {
    let covered = &text[mention.range.clone()];
    let longest = covered.split(|c: char| !c.is_alphabetic()).map(|word| word.chars().count()).max();
    let near = |other: &Mention| {
        let is_place = matches!(other.kind, IdentifierKind::Address | IdentifierKind::Location);
        let between = other.range.end.min(mention.range.end)..other.range.start.max(mention.range.start);
        is_place && between.len() <= BESIDE_BYTES
    };
    mention.kind == IdentifierKind::Address
        && longest.unwrap_or(0) < 3
        && !POSTAL_DIGITS.contains(&covered.bytes().filter(u8::is_ascii_digit).count())
        && !beside.into_iter().flatten().any(near)
}

/// Where an address ends behind which the number of a door or a British postal code in small letters stands.
fn address_end(text: &str, end: usize) -> usize {
    let rest = &text[end..];
    let door = rest.strip_prefix('/').map_or(0, |door| 1 + digits_at(door));
    if (2..=5).contains(&door) && text[..end].ends_with(|c: char| c.is_ascii_digit()) {
        return end + door;
    }
    let joint = rest.len() - rest.trim_start_matches([',', ' ', '\n']).len();
    let code = rest[joint..].bytes().take_while(u8::is_ascii_uppercase).count();
    let closes = rest[joint + code..].starts_with(['.', ',', '\n', ' ']) || joint + code == rest.len();
    let sentence = rest[joint + code..].starts_with(' ') && digits_at(&rest[joint + code + 1..]) == 0;
    if joint == 1 && code == 2 && closes && !sentence {
        return end + joint + code;
    }
    if let Some(whole) = british_code_around(text, end) {
        return whole;
    }
    match british_code_length(&rest[joint..]) {
        length if length > 0 && (1..=3).contains(&joint) => end + joint + length,
        _ => end,
    }
}

/// Where a British postal code ends of which the last two to six characters before `end` are the beginning.
fn british_code_around(text: &str, end: usize) -> Option<usize> {
    (2..=6).find_map(|back| {
        let start = end.checked_sub(back)?;
        let (before, code) = text.split_at_checked(start)?;
        let length = british_code_length(code);
        let is_free = before.ends_with([' ', ',', '\n']);
        (length > back && is_free).then_some(start + length)
    })
}

fn digits_at(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// How long the British postal code is that a text begins with, in bytes; 0 without one.
fn british_code_length(text: &str) -> usize {
    let is_shaped = |(byte, shape): (&u8, u8)| match shape {
        b'9' => byte.is_ascii_digit(),
        b'a' => byte.is_ascii_alphabetic(),
        mark => *byte == mark,
    };
    let fits = |code: &&str| {
        let ends = text.as_bytes().get(code.len()).is_none_or(|next| !next.is_ascii_alphanumeric());
        ends && text.len() >= code.len() && text.as_bytes().iter().zip(code.bytes()).all(is_shaped)
    };
    let codes = ["aa99 9aa", "aa9a 9aa", "aa9 9aa", "a99 9aa", "a9a 9aa", "a9 9aa"];
    codes.into_iter().find(fits).map_or(0, str::len)
}

/// Where a name begins that is the end of a hyphenated word: `X-ray technician`.
fn hyphen_start(text: &str, free: usize, start: usize) -> usize {
    let before = text.get(free..start).and_then(|before| before.strip_suffix('-')).unwrap_or_default();
    let word = before.len() - before.trim_end_matches(char::is_alphanumeric).len();
    if word > 0 { free + before.len() - word } else { start }
}

/// Where a name ends that is the beginning of a hyphenated word: `Hauta-aho`, but not `Tolstoy-like`.
fn hyphen_end(names: &Names, text: &str, end: usize) -> usize {
    let rest = text[end..].strip_prefix('-').unwrap_or_default();
    let word = &rest[..rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len())];
    if word.is_empty() || names.known(word).is_plain_word() { end } else { end + 1 + word.len() }
}

/// Whether what begins here follows a part of an address.
fn is_in_address(text: &str, last: Option<&Mention>, start: usize) -> bool {
    last.is_some_and(|last| {
        let is_part = matches!(last.kind, IdentifierKind::Address | IdentifierKind::Location);
        let gap = &text[last.range.end..start];
        is_part && gap.len() <= ADDRESS_GAP_BYTES && !gap.contains(char::is_alphanumeric)
    })
}

/// Where a place in an address ends that a postal code follows: `Austria 25173`.
fn postal_end(text: &str, end: usize) -> usize {
    let rest = &text[end..];
    let joint = rest.len() - rest.trim_start_matches([' ', '\n']).len();
    let digits = digits_at(&rest[joint..]);
    let ends =
        !rest[joint + digits..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | ':' | '-'));
    let ends = ends || rest[joint + digits..].starts_with('.') && digits_at(&rest[joint + digits + 1..]) == 0;
    if (1..=3).contains(&joint) && (4..=6).contains(&digits) && ends { end + joint + digits } else { end }
}

/// Where an address ends behind which the two letters of its region stand: `Moraes / TO`, `Brufa (PG)`, `, OK 69945`.
fn region_end(text: &str, end: usize) -> usize {
    let rest = &text[end..];
    let letters = |at: usize| rest[at..].bytes().take_while(u8::is_ascii_alphabetic).count();
    let upper = |at: usize| rest[at..].bytes().take(2).all(|byte| byte.is_ascii_uppercase());
    match () {
        () if rest.starts_with(" / ") && letters(3) == 2 => end + 5,
        () if rest.starts_with(" (") && letters(2) == 2 && rest[4..].starts_with(')') => end + 5,
        () if rest.starts_with(", ") && letters(2) == 2 && rest[4..].starts_with(' ') => {
            // The postal code may have been found before: then the text ends in front of it.
            match digits_at(&rest[5..]) {
                5 => end + 10,
                0 if rest.len() == 5 && upper(2) => end + 4,
                _ => end,
            }
        }
        () => end,
    }
}

/// Where an organisation or a person's name begins in front of which `van`, `de` or the like stands.
fn particle_start(text: &str, free: usize, start: usize) -> usize {
    let mut start = start;
    while let Some(before) = text.get(free..start).and_then(|before| before.strip_suffix(' ')) {
        let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        if !["van", "von", "der", "den", "ter", "ten", "'t"].contains(&word) {
            break;
        }
        start = free + before.len() - word.len();
    }
    start
}

/// Where an organisation ends behind which its legal form stands: `Kern GmbH & Co. KG`.
fn legal_form_end(text: &str, end: usize) -> usize {
    let rest = text[end..].trim_start_matches([' ', ',']);
    let joint = text.len() - end - rest.len();
    let is_form = |form: &&&str| {
        rest.split_at_checked(form.len()).is_some_and(|(written, behind)| {
            let alike = written == **form || !WORDS.contains(form) && written.eq_ignore_ascii_case(form);
            alike && !behind.starts_with(char::is_alphanumeric)
        })
    };
    match LEGAL_FORMS.iter().find(is_form) {
        Some(form) if (1..=2).contains(&joint) => end + joint + form.len(),
        _ => end,
    }
}

/// Where an address begins whose street begins at `start`: at the number and the word for a street before it.
fn house_number_start(text: &str, free: usize, start: usize) -> usize {
    let before = text.get(free..start).unwrap_or_default();
    let street = ["ul. ", "Ul. ", "ul ", "al. ", "pl. ", "os. ", "st. ", "St. "];
    let rest = street.iter().find_map(|word| before.strip_suffix(word)).unwrap_or(before);
    let Some(line) = rest.strip_suffix(' ') else { return start };
    let digits = line.len() - line.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let number = line.len() - digits;
    let stands_alone = line[..number].chars().next_back().is_none_or(|c| matches!(c, '\n' | ' ' | ','));
    match (1..=5).contains(&digits) && stands_alone {
        true => free + number,
        false => free + rest.len(),
    }
}

/// How many bytes of a name an office in front of it takes; 0 without one.
fn office_bytes(name: &str) -> usize {
    let first = name.find(char::is_whitespace).unwrap_or(name.len());
    let is_office = OFFICES.contains(&name[..first].to_lowercase().as_str());
    let rest = name[first..].trim_start();
    if is_office && !rest.is_empty() { name.len() - rest.len() } else { 0 }
}

/// Where a name begins that has initials in front of it: `A. J. ` of `A. J. Noel Kramer`. A letter behind a word that
/// counts things, as in `plan A. Noel left`, is none.
fn initials_start(text: &str, free: usize, name: &Range<usize>) -> usize {
    let mut start = name.start;
    while let Some(rest) = text.get(free..start).and_then(|before| before.strip_suffix(". ")) {
        let Some(initial) = rest.chars().next_back().filter(|c| c.is_alphabetic()) else { break };
        let rest = &rest[..rest.len() - initial.len_utf8()];
        let counted = rest.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default().to_lowercase();
        let is_free =
            rest.chars().next_back().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '"' | '“'));
        if !is_free || COUNTED.contains(&counted.as_str()) {
            break;
        }
        start = free + rest.len();
    }
    start
}

/// Whether two mentions are one name: cut at an initial, turned round between marks as mail programs write it, or the
/// partners of a firm. What
/// stands between them is a mark and a space, hence nothing that is taken.
fn is_one_name(text: &str, first: &Mention, second: &Mention) -> bool {
    let named = |kind| matches!(kind, IdentifierKind::Person | IdentifierKind::Organisation);
    if !named(first.kind) || !named(second.kind) || second.range.start < first.range.end {
        return false;
    }
    let name = &text[first.range.clone()];
    let are_people = first.kind == second.kind && first.kind == IdentifierKind::Person;
    match &text[first.range.end..second.range.start] {
        ". " if are_people => {
            let mut last = name.chars().rev();
            last.next().is_some_and(char::is_uppercase) && last.next() == Some(' ')
        }
        " and " | " & " => name.contains(", ") && first.kind == IdentifierKind::Organisation,
        ", " if are_people => {
            let opens = text[..first.range.start].ends_with('"');
            let behind = &text[second.range.end..];
            !name.contains(' ') && (opens && behind.starts_with('"') || behind.starts_with(" <"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::mark::tests::people_in;
    use super::*;

    fn settled<'t>(text: &'t str, people: &[&str]) -> Vec<&'t str> {
        let mut found = people_in(text, people);
        settle(Names::built_in().unwrap(), text, &[], &mut found);
        found.into_iter().map(|mention| &text[mention.range]).collect()
    }

    #[test]
    fn initials_belong_to_a_name_and_offices_do_not() {
        assert_eq!(settled("to Marlene D. Hilliard,", &["Marlene D", "Hilliard"]), ["Marlene D. Hilliard"]);
        assert_eq!(settled("A. J. Noel Kramer", &["Noel Kramer"]), ["A. J. Noel Kramer"]);
        assert_eq!(settled("see plan A. Noel", &["Noel"]), ["Noel"]);
        assert_eq!(settled("President Ada Byron", &["President Ada Byron"]), ["Ada Byron"]);
        assert_eq!(settled("I asked King", &["King"]), ["King"]);
    }

    #[test]
    fn hyphenated_words_are_taken_whole_unless_their_end_is_a_word() {
        assert_eq!(settled("says Hauta-aho.", &["Hauta"]), ["Hauta-aho"]);
        assert_eq!(settled("an X-ray technician", &["ray technician"]), ["X-ray technician"]);
        assert_eq!(settled("a Tolstoy-like beard", &["Tolstoy"]), ["Tolstoy"]);
    }

    #[test]
    fn a_surname_written_first_is_the_same_person_and_a_list_is_not() {
        assert_eq!(settled("\"Byron, Ada\" wrote", &["Byron", "Ada"]), ["Byron, Ada"]);
        assert_eq!(settled("Byron, Ada <ada@x.org>", &["Byron", "Ada"]), ["Byron, Ada"]);
        assert_eq!(settled("Byron, Ada and I", &["Byron", "Ada"]), ["Byron", "Ada"]);
    }

    #[test]
    fn a_house_number_belongs_to_its_street() {
        let start = |text: &str, street: &str| house_number_start(text, 0, text.find(street).unwrap());
        assert_eq!(start("Box\n3037 ul. Dolna 73", "Dolna"), 4);
        assert_eq!(start("19902 Dobra 13", "Dobra"), 0);
        assert_eq!(start("in v1.19902 Dobra 13", "Dobra"), 12);
        assert_eq!(start("at ul. Dolna 73", "Dolna"), 3);
    }

    #[test]
    fn what_belongs_to_an_address_or_a_company_is_taken_with_it() {
        assert_eq!(address_end("aleja Dolna 90/10, Lodz", 14), 17);
        assert_eq!(address_end("smith shoal, traceymouth, so5 9yx.", 24), 33);
        assert_eq!(address_end("smith shoal, so5 9yxa", 11), 11);
        assert_eq!(address_end("smith shoal, w9 9hq btw", 17), 19);
        assert_eq!(address_end("Suite 104 Dolna VE.", 15), 18);
        assert_eq!(address_end("12 Elm St OK then", 9), 9);
        assert_eq!(region_end("Moraes / TO.", 6), 11);
        assert_eq!(region_end("Brufa (PG).", 5), 10);
        assert_eq!(region_end("lake sally, or 81925.", 10), 20);
        assert_eq!(region_end("lake sally, or 8.", 10), 10);
        assert_eq!(postal_end("Austria 25173", 7), 13);
        assert_eq!(postal_end("Austria 25173-9", 7), 7);
        assert_eq!(legal_form_end("Kern GmbH & Co. KG, Bonn", 4), 18);
        assert_eq!(legal_form_end("Kern SAudi", 4), 4);
        assert_eq!(particle_start("bei van der Buuren", 0, 12), 4);
    }

    #[test]
    fn a_number_by_itself_is_no_address_and_beside_a_place_it_may_be() {
        let of = |kind, range| Mention { range, kind, probability: 0.5 };
        let number = of(IdentifierKind::Address, 0..12);
        let place = of(IdentifierKind::Location, 13..18);
        assert!(is_bare_number("4571-6565-79 Paris", &number, [None, None]));
        assert!(!is_bare_number("4571-6565-79 Paris", &number, [None, Some(&place)]));
        assert!(!is_bare_number("12 Elm Grove", &number, [None, None]));
    }
}
