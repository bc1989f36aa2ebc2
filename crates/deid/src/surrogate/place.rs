//! Addresses, places and organisations: words that say what sort they are stay, names are invented.

use crate::identifier::IdentifierKind;
use crate::plain::plain;
use crate::public::lists::{CITIES, COUNTRIES, entries};
use crate::surrogate::draw::Stream;
use crate::surrogate::shape::{in_case_of, map_words, same_classes};
use crate::surrogate::words::invented;

/// Words of an address that say what it is, and where on a street.
const STREET: &str = "street st avenue ave road rd boulevard blvd lane ln drive dr court ct place pl square sq terrace way \
                      parkway pkwy highway hwy circle cir crescent close gardens mews row walk alley trail loop route rte \
                      apt apartment suite ste unit floor fl flat room building bldg block house no po p o box north south \
                      east west n s e w ne nw se sw upper lower near the of and at in c rue avenue boulevard chemin \
                      impasse allée quai place cours calle avenida av plaza paseo carretera camino via viale piazza corso \
                      largo vicolo rua travessa praça straße strasse str weg platz allee gasse ring ufer damm am an der \
                      den dem im zum zur auf de del della di da do du des la le les el los las d l laan straat plein \
                      gracht kade ulica ul aleja bis ter og och";
/// Endings that make a street of a word, as German and Dutch join them.
const STREET_ENDINGS: [&str; 14] = [
    "straße", "strasse", "str", "weg", "platz", "allee", "gasse", "ring", "ufer", "damm", "straat", "laan",
    "plein", "gracht",
];
/// Words of an organisation's name that say what sort it is.
const ORGANISATION: &str = "inc incorporated ltd limited llc llp plc corp corporation co company gmbh ag kg ohg ug se sa \
                            sas sarl srl spa bv nv ab as oy oyj aps pty group holding holdings partners associates sons \
                            brothers university college school academy institute hospital clinic centre center bank \
                            insurance foundation trust society association club church ministry department office agency \
                            council committee union museum library theatre hotel restaurant cafe café bakery pharmacy \
                            consulting services solutions systems technologies technology tech software labs laboratory \
                            media press news radio studio studios games energy pharma foods motors airlines logistics \
                            capital ventures investments securities bancorp bros industries international global national \
                            federal royal universität hochschule schule klinik krankenhaus verein stiftung université \
                            école hôpital banque universidad escuela banco università scuola banca of the and for in de del \
                            der die das für und du des la le les el y e et & van von st saint";
/// Words of a place's name that say what sort it is.
const PLACE: &str = "new north south east west northern southern eastern western upper lower saint st san santa city town \
                     village county state district province region island islands lake river mount mountain mountains \
                     valley bay beach park forest hills hill port fort cape airport station bridge square street national \
                     of the and de del la le el los las am an der den bad sur les upon";

/// A surrogate of the same form.
pub(super) fn write(kind: IdentifierKind, covered: &str, stream: &mut Stream) -> Option<String> {
    match kind {
        IdentifierKind::Address => Some(address(covered, stream)),
        IdentifierKind::Organisation => Some(named(covered, ORGANISATION, stream)),
        IdentifierKind::Location => Some(location(covered, stream)),
        _ => None,
    }
}

/// Numbers and postal codes of the same shape; names of streets and towns invented, a state's two letters kept.
fn address(covered: &str, stream: &mut Stream) -> String {
    map_words(covered, |word| {
        let key = word.to_lowercase();
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        let is_state = letters == 2 && word.chars().all(char::is_uppercase);
        if is_one_of(STREET, &key) || is_state {
            return word.to_owned();
        }
        if word.chars().any(char::is_numeric) {
            return numbered(word, stream);
        }
        let ending =
            STREET_ENDINGS.iter().find(|ending| key.len() > ending.len() + 1 && key.ends_with(*ending));
        let name = invented(stream);
        let ending = ending.map_or("", |ending| &key[key.len() - ending.len()..]);
        in_case_of(word, &format!("{name}{ending}"))
    })
}

/// `12b`, `10115`, `SW1A`; an ordinal such as `5th` keeps its ending.
fn numbered(word: &str, stream: &mut Stream) -> String {
    let lower = word.to_lowercase();
    let ordinal = ["st", "nd", "rd", "th"].iter().any(|ending| lower.ends_with(ending));
    if ordinal && word.len() > 2 && word[..word.len() - 2].bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("{}th", 4 + stream.below(16));
    }
    same_classes(word, stream)
}

/// A country for a country, a large city for a large city, an invented name for any other.
fn location(covered: &str, stream: &mut Stream) -> String {
    let key = plain(covered);
    for list in [COUNTRIES, CITIES] {
        if entries(list).any(|entry| plain(entry) == key) {
            let same_length = |entry: &&str| entry.split(' ').count() == covered.split(' ').count();
            let plain_name =
                |entry: &&str| entry.chars().all(|c| c.is_alphabetic() || c == ' ') && entry.len() > 3;
            let fitting: Vec<_> = entries(list).filter(plain_name).filter(same_length).collect();
            if let Some(entry) = stream.pick(&fitting) {
                return map_case(covered, entry);
            }
        }
    }
    named(covered, PLACE, stream)
}

fn map_case(pattern: &str, entry: &str) -> String {
    if pattern.chars().any(char::is_lowercase) && pattern.chars().any(char::is_uppercase) {
        entry.to_owned()
    } else {
        in_case_of(pattern, entry)
    }
}

/// Each word that does not say what sort it is, invented; a short word in capitals becomes other capitals.
fn named(covered: &str, kept: &str, stream: &mut Stream) -> String {
    let all_kept =
        crate::surrogate::shape::words(covered).iter().all(|word| is_one_of(kept, &word.to_lowercase()));
    map_words(covered, |word| {
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        if !all_kept && is_one_of(kept, &word.to_lowercase()) {
            word.to_owned()
        } else if word.chars().any(char::is_numeric)
            || letters <= 5
                && word.chars().all(char::is_uppercase)
                && covered.chars().all(|c| !c.is_lowercase())
        {
            same_classes(word, stream)
        } else {
            in_case_of(word, &invented(stream))
        }
    })
}

fn is_one_of(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|entry| entry == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surrogate::draw::Draws;

    fn surrogate(kind: IdentifierKind, covered: &str) -> String {
        write(kind, covered, &mut Draws::new(&[2; 32], "").stream("", covered, 0)).unwrap()
    }

    #[test]
    fn an_address_keeps_its_form_and_loses_its_names() {
        let address = surrogate(IdentifierKind::Address, "221b Baker Street, London NW1 6XE");
        assert!(address.contains(" Street, ") && !address.contains("Baker") && !address.contains("London"));
        assert_eq!(address.split(' ').count(), 6);
        let address = surrogate(IdentifierKind::Address, "Lindenstraße 14, 10969 Berlin");
        assert!(
            address.contains("straße ") && !address.contains("Linden") && !address.contains("10969"),
            "{address}"
        );
        let address = surrogate(IdentifierKind::Address, "PO Box 77, Springfield, IL 62701");
        assert!(address.starts_with("PO Box ") && address.contains(", IL "), "{address}");
    }

    #[test]
    fn a_place_becomes_one_of_its_sort() {
        let country = surrogate(IdentifierKind::Location, "Portugal");
        assert!(entries(COUNTRIES).any(|entry| entry == country));
        let city = surrogate(IdentifierKind::Location, "LONDON");
        assert!(entries(CITIES).any(|entry| entry.to_uppercase() == city), "{city}");
        assert!(surrogate(IdentifierKind::Location, "Lake Wobegon").starts_with("Lake "));
    }

    #[test]
    fn an_organisation_keeps_what_it_is() {
        assert!(surrogate(IdentifierKind::Organisation, "Schulz Maschinenbau GmbH").ends_with(" GmbH"));
        assert!(
            surrogate(IdentifierKind::Organisation, "University of Smallville").starts_with("University of ")
        );
        let letters = surrogate(IdentifierKind::Organisation, "XQZT");
        assert!(letters.len() == 4 && letters.chars().all(char::is_uppercase));
    }
}
