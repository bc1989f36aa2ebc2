//! Numbers of cards, accounts, papers, devices and wallets: the same shape, and never a valid one.

use crate::identifier::IdentifierKind;
use crate::surrogate::check::{is_iban, may_be_valid};
use crate::surrogate::draw::Stream;
use crate::surrogate::shape::{same_classes, with_digits};

/// Draws until a number fails every check; each draw fails with a chance of about a third.
const DRAWS_MAX: usize = 200;
const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const HEX: &[u8] = b"0123456789abcdef";

/// A number of the same shape as the one covered; none when no draw is surely invalid.
pub(super) fn write(kind: IdentifierKind, covered: &str, stream: &mut Stream) -> Option<String> {
    match kind {
        IdentifierKind::Crypto => return Some(wallet(covered, stream)),
        IdentifierKind::NationalId if is_social_security(covered) => {
            return Some(social_security(covered, stream));
        }
        _ => {}
    }
    let keeps = match kind {
        // The scheme of the card, or the country of the account, stays.
        IdentifierKind::Card => 1,
        IdentifierKind::Iban => 2,
        _ => 0,
    };
    let at = covered.char_indices().nth(keeps).map_or(covered.len(), |(at, _)| at);
    let (kept, rest) = covered.split_at(at);
    let draws = (0..DRAWS_MAX).map(|_| format!("{kept}{}", same_classes(rest, stream)));
    draws.into_iter().find(|number| is_invalid(kind, number))
}

/// Another pair somewhere between the polar circles, with as many decimals.
pub(super) fn coordinates(covered: &str, stream: &mut Stream) -> Option<String> {
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let mut out = String::with_capacity(covered.len());
    let mut rest = covered;
    let mut bounds = [60, 170].into_iter();
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(at);
        let end = number.find(|c| !is_number(c)).unwrap_or(number.len());
        let decimals = number[..end].split_once('.').map_or(0, |(_, decimals)| decimals.len());
        out.push_str(before);
        out.push_str(&stream.below(bounds.next()?).to_string());
        if decimals > 0 {
            out.push('.');
            out.extend((0..decimals).map(|_| stream.digit()));
        }
        rest = &number[end..];
    }
    out.push_str(rest);
    bounds.next().is_none().then_some(out)
}

fn is_invalid(kind: IdentifierKind, number: &str) -> bool {
    match kind {
        IdentifierKind::Iban => {
            let letters: Vec<char> = number.chars().filter(char::is_ascii_alphanumeric).collect();
            !is_iban(&letters)
        }
        _ => !may_be_valid(number),
    }
}

/// `123-45-6789`, or nine digits: as the United States write them.
fn is_social_security(covered: &str) -> bool {
    let groups: Vec<usize> = covered.split(['-', ' ']).map(str::len).collect();
    groups == [3, 2, 4] && covered.bytes().filter(u8::is_ascii_digit).count() == 9
}

/// Areas from 900 were never given out, and with a middle group below 50 they are no taxpayer number either.
fn social_security(covered: &str, stream: &mut Stream) -> String {
    let number = format!("9{:02}{:02}{:04}", stream.below(100), 1 + stream.below(49), 1 + stream.below(9999));
    with_digits(covered, &number)
}

/// The prefix that tells the chain, then letters of its alphabet: a checksum of 32 bits fails but for one in 2^32.
fn wallet(covered: &str, stream: &mut Stream) -> String {
    let lower = covered.to_ascii_lowercase();
    let is_hex = lower.starts_with("0x");
    let (kept, alphabet) = if is_hex {
        (2, HEX)
    } else if let Some(at) = lower.rfind('1').filter(|at| *at > 1 && *at < 6) {
        (at + 2, BECH32)
    } else {
        (1, BASE58)
    };
    let mut out = String::with_capacity(covered.len());
    for (place, c) in covered.chars().enumerate() {
        let drawn = if place < kept || !c.is_alphanumeric() {
            c
        } else {
            char::from(alphabet[stream.below(alphabet.len())])
        };
        out.push(if !is_hex && alphabet == BECH32 && c.is_uppercase() {
            drawn.to_ascii_uppercase()
        } else {
            drawn
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surrogate::draw::Draws;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn shape_stays_and_no_check_digit_holds(key: [u8; 32], digits in "[1-9][0-9]{8,18}") {
            let mut stream = Draws::new(&key, "").stream("", &digits, 0);
            for kind in [IdentifierKind::Card, IdentifierKind::NationalId, IdentifierKind::Device] {
                let number = write(kind, &digits, &mut stream).unwrap();
                prop_assert_eq!(number.len(), digits.len());
                prop_assert!(!may_be_valid(&number), "{}", number);
            }
            let iban = write(IdentifierKind::Iban, "GB82 WEST 1234 5698 7654 32", &mut stream).unwrap();
            prop_assert_eq!(iban.match_indices(' ').map(|at| at.0).collect::<Vec<_>>(), [4, 9, 14, 19, 24]);
            prop_assert!(iban.starts_with("GB"));
        }

        #[test]
        fn a_social_security_number_was_never_given_out(key: [u8; 32]) {
            let mut stream = Draws::new(&key, "").stream("", "", 0);
            let number = write(IdentifierKind::NationalId, "460-89-9847", &mut stream).unwrap();
            let groups: Vec<u32> = number.split('-').map(|group| group.parse().unwrap()).collect();
            prop_assert!(groups[0] >= 900 && (1..50).contains(&groups[1]) && number.len() == 11, "{}", number);
        }
    }

    #[test]
    fn a_wallet_keeps_its_chain() {
        let mut stream = Draws::new(&[1; 32], "").stream("", "", 0);
        for (wallet, prefix) in [
            ("0x52908400098527886E0F7030069857D2E4169EE7", "0x"),
            ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "bc1q"),
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1"),
        ] {
            let surrogate = write(IdentifierKind::Crypto, wallet, &mut stream).unwrap();
            assert!(surrogate.starts_with(prefix) && surrogate.len() == wallet.len(), "{surrogate}");
        }
    }
}
