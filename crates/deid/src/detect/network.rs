//! Addresses of machines: IPv4, IPv6 and MAC.
//!
//! Left alone, because they belong to nobody: unspecified, loopback, broadcast, netmasks, multicast, and the public
//! resolvers that every manual names. Documentation ranges (192.0.2.0/24 and so on) are redacted: people put them in
//! place of their own, and redacting them costs nothing. Private ranges are redacted, with less confidence.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use crate::candidate::Evidence;
use crate::detect::number::Phrase;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_word};

/// The longest text of an IPv6 address, in bytes, with an embedded IPv4 address.
const IPV6_BYTES_MAX: usize = 45;
const PUBLIC_RESOLVERS: [Ipv4Addr; 7] = [
    Ipv4Addr::new(8, 8, 8, 8),
    Ipv4Addr::new(8, 8, 4, 4),
    Ipv4Addr::new(1, 1, 1, 1),
    Ipv4Addr::new(1, 0, 0, 1),
    Ipv4Addr::new(9, 9, 9, 9),
    Ipv4Addr::new(208, 67, 222, 222),
    Ipv4Addr::new(208, 67, 220, 220),
];
const VERSION_WORDS: [&str; 14] = [
    "v", "ver", "version", "versions", "release", "build", "firmware", "section", "sec", "chapter", "clause",
    "article", "update", "patch",
];
const ADDRESS_WORDS: [&str; 14] = [
    "ip", "ips", "ipv4", "address", "addr", "host", "server", "ping", "gateway", "router", "from", "network",
    "subnet", "dns",
];

pub(super) fn detect_ipv4(scan: &mut Scan<'_>, phrase: &Phrase) {
    let mut first = 0;
    while first + 4 <= phrase.groups.len() {
        let groups = &phrase.groups[first..first + 4];
        let range = groups[0].start..groups[3].end;
        let dotted = range.len() <= 15
            && groups.windows(2).all(|pair| &scan.bytes[pair[0].end..pair[1].start] == b".");
        if dotted {
            judge_ipv4(scan, range);
        }
        first += if dotted { 4 } else { 1 };
    }
}

fn judge_ipv4(scan: &mut Scan<'_>, range: Range<usize>) {
    let (before, after) = (scan.before(range.start), scan.at(range.end));
    let joined = is_word(before)
        || matches!(before, b'.' | b'-' | b'+')
        || is_word(after)
        || matches!(after, b'.' | b'-' | b'+') && is_word(scan.at(range.end + 1));
    let Ok(address) = scan.text[range.clone()].parse::<Ipv4Addr>() else { return };
    if joined || is_nobodys(address) || scan.context_in_line(range.start, &VERSION_WORDS) {
        return;
    }
    let named = scan.context_before(range.start, &ADDRESS_WORDS);
    let reads_as_numbering = address.octets().iter().all(|octet| *octet < 20);
    let confidence = match (named, reads_as_numbering, address.is_private()) {
        (true, _, _) => 0.97,
        (false, true, _) => 0.4,
        (false, false, true) => 0.7,
        (false, false, false) => 0.9,
    };
    scan.claim(range, IdentifierKind::Ip, Evidence::library("ipv4"), confidence);
}

fn is_nobodys(address: Ipv4Addr) -> bool {
    address.octets()[0] == 0
        || address.octets()[0] == 255
        || address.is_loopback()
        || address.is_multicast()
        || PUBLIC_RESOLVERS.contains(&address)
}

/// Examines the address around a colon; gives where it ends, so that its other colons are not examined again.
pub(super) fn detect_colons(scan: &mut Scan<'_>, colon: usize) -> usize {
    let is_part = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let start = scan.run_start(colon, 5, |byte| byte.is_ascii_hexdigit());
    let run_end = scan.run_end(colon, usize::MAX, is_part);
    if run_end - start > IPV6_BYTES_MAX + 2 {
        return run_end;
    }
    let end = start + scan.text[start..run_end].trim_end_matches(['.', ':']).len();
    let long_enough = (3..=IPV6_BYTES_MAX).contains(&end.saturating_sub(start));
    if !long_enough || is_word(scan.before(start)) || is_word(scan.at(end)) || scan.before(start) == b':' {
        return run_end;
    }
    let text = &scan.text[start..end];
    if is_mac(text, b':') {
        scan.claim(start..end, IdentifierKind::Mac, Evidence::shape("mac-address"), 0.9);
    } else if let Ok(address) = text.parse::<Ipv6Addr>() {
        let groups = text.split(':').filter(|group| !group.is_empty()).count();
        // `a::b` is a path in several programming languages.
        let reads_as_code = groups < 3 && !text.bytes().any(|byte| byte.is_ascii_digit());
        if !address.is_loopback()
            && !address.is_unspecified()
            && !address.is_multicast()
            && groups >= 2
            && !reads_as_code
        {
            let confidence = if groups >= 4 { 0.95 } else { 0.7 };
            scan.claim(start..end, IdentifierKind::Ip, Evidence::library("ipv6"), confidence);
        }
    }
    run_end
}

/// Looks for `00-1A-2B-3C-4D-5E`, whose colon-less form the number pass meets at its first digit.
pub(super) fn detect_dashed_mac(scan: &mut Scan<'_>, dash: usize) {
    let Some(start) = dash.checked_sub(2) else { return };
    let end = start + 17;
    if is_word(scan.before(start))
        || scan.before(start) == b'-'
        || is_word(scan.at(end))
        || scan.at(end) == b'-'
    {
        return;
    }
    scan.note_work(17);
    if scan
        .text
        .get(start..end)
        .is_some_and(|text| is_mac(text, b'-') && text.bytes().any(|byte| byte.is_ascii_alphabetic()))
    {
        scan.claim(start..end, IdentifierKind::Mac, Evidence::shape("mac-address"), 0.9);
    }
}

/// Six pairs of hexadecimal digits, not all the same, joined by one separator.
fn is_mac(text: &str, separator: u8) -> bool {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 17
        && bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| if at % 3 == 2 { *byte == separator } else { byte.is_ascii_hexdigit() });
    shaped && bytes.chunks(3).any(|pair| pair[..2] != bytes[..2])
}
