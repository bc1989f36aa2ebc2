//! Addresses of machines and places on the net, out of the ranges set aside for documentation.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::identifier::IdentifierKind;
use crate::surrogate::draw::Stream;
use crate::surrogate::shape::in_case_of;
use crate::surrogate::words::plain_word;

/// Domains that nobody can register (RFC 2606).
pub(super) const DOMAINS: [&str; 3] = ["example.org", "example.com", "example.net"];
/// Networks for documentation (RFC 5737).
const NETWORKS: [[u8; 3]; 3] = [[192, 0, 2], [198, 51, 100], [203, 0, 113]];

pub(super) fn write(kind: IdentifierKind, covered: &str, stream: &mut Stream) -> Option<String> {
    match kind {
        IdentifierKind::Ip => Some(internet_address(covered, stream)),
        IdentifierKind::Mac => Some(hardware_address(covered, stream)),
        IdentifierKind::Website => Some(website(covered, stream)),
        _ => None,
    }
}

/// RFC 5737 or RFC 3849; a port or a prefix length stays.
fn internet_address(covered: &str, stream: &mut Stream) -> String {
    if covered.parse::<Ipv6Addr>().is_ok() || covered.matches(':').count() > 1 {
        let (subnet, host) = (stream.below(0x1_0000), 1 + stream.below(0xffff));
        let address = format!("2001:db8:{subnet:x}::{host:x}");
        return if covered.chars().any(|c| c.is_ascii_uppercase()) {
            address.to_uppercase()
        } else {
            address
        };
    }
    let [a, b, c] = NETWORKS[stream.below(NETWORKS.len())];
    let address = Ipv4Addr::new(a, b, c, 1 + stream.below(254) as u8);
    let tail = covered.find(['/', ':']).map_or("", |at| &covered[at..]);
    format!("{address}{tail}")
}

/// `00-00-5E-00-53-00` to `-FF` (RFC 7042), separators and case as they were.
fn hardware_address(covered: &str, stream: &mut Stream) -> String {
    let digits = format!("00005e0053{:02x}", stream.below(256));
    let mut digits = digits.chars();
    let upper = covered.chars().any(|c| c.is_ascii_uppercase());
    let each = covered.chars().map(|c| match c {
        c if c.is_ascii_hexdigit() => digits.next().unwrap_or('0'),
        c => c,
    });
    let address: String = each.collect();
    if upper { address.to_uppercase() } else { address }
}

/// An invented host under an example domain; scheme, `www.` and the number of path segments stay.
fn website(covered: &str, stream: &mut Stream) -> String {
    let (scheme, rest) = covered.find("://").map_or(("", covered), |at| covered.split_at(at + 3));
    let (www, rest) =
        if rest.to_ascii_lowercase().starts_with("www.") { rest.split_at(4) } else { ("", rest) };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let mut out = format!("{scheme}{www}{}.{}", plain_word(stream), DOMAINS[stream.below(DOMAINS.len())]);
    out = in_case_of_host(host, out);
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            out.push('/');
        }
        if segment.chars().any(char::is_alphanumeric) {
            out.push_str(&in_case_of(segment, &plain_word(stream)));
        }
    }
    out
}

fn in_case_of_host(host: &str, written: String) -> String {
    let letters = host.chars().filter(|c| c.is_alphabetic());
    if letters.clone().count() > 1 && letters.clone().all(char::is_uppercase) {
        written.to_uppercase()
    } else {
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surrogate::draw::Draws;

    #[test]
    fn addresses_are_out_of_the_ranges_for_documentation() {
        let mut stream = Draws::new(&[3; 32], "").stream("", "", 0);
        for _ in 0..50 {
            let four = write(IdentifierKind::Ip, "86.121.97.248", &mut stream).unwrap();
            assert!(NETWORKS.contains(&four.parse::<Ipv4Addr>().unwrap().octets()[..3].try_into().unwrap()));
            let six = write(IdentifierKind::Ip, "fe80::1:2:3", &mut stream).unwrap();
            assert_eq!(six.parse::<Ipv6Addr>().unwrap().segments()[..2], [0x2001, 0xdb8]);
            let mac = write(IdentifierKind::Mac, "AC:DE:48:00:11:22", &mut stream).unwrap();
            assert!(mac.starts_with("00:00:5E:00:53:") && mac.len() == 17, "{mac}");
            let mac = write(IdentifierKind::Mac, "acde.4800.1122", &mut stream).unwrap();
            assert!(mac.starts_with("0000.5e00.53"), "{mac}");
        }
        assert!(internet_address("10.0.0.1/24", &mut stream).ends_with("/24"));
    }

    #[test]
    fn a_website_keeps_its_form() {
        let mut stream = Draws::new(&[3; 32], "").stream("", "", 0);
        let site = website("https://www.ada-lovelace.org/about/me", &mut stream);
        assert!(
            site.starts_with("https://www.") && site.contains(".example.") && site.matches('/').count() == 4
        );
    }
}
