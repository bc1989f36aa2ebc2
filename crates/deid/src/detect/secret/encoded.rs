//! Runs of base64 and of percent signs: what they hold is searched, and what a run by itself gives away.

use std::ops::Range;

use crate::candidate::{Evidence, Span};
use crate::detect::base_codes::{base58check_version, base64, is_stellar_seed};
use crate::detect::secret::value::{self, Drawn};
use crate::identifier::IdentifierKind;
use crate::scan::Scan;

/// The shortest and longest run of base64 that is decoded, in bytes.
const BASE64_BYTES: std::ops::RangeInclusive<usize> = 24..=4096;
/// The longest run with percent signs that is decoded.
const PERCENT_BYTES_MAX: usize = 2048;
/// The shortest and longest value of any alphabet that is believed under a name that says nothing.
const UNNAMED_BYTES: std::ops::RangeInclusive<usize> = 24..=100;
/// The longest mark of a key that is known for one by its mark, and the least length of what follows.
const MARK_BYTES_MAX: usize = 12;
const MARKED_BYTES_MIN: usize = 20;
/// The same where what follows mixes fewer kinds of characters.
const PLAIN_BYTES_MIN: usize = 32;
/// How far before a value its name may reach, in bytes.
const NAME_BYTES_MAX: usize = 40;
/// Parts of names whose values are random and public, in lower case.
const PUBLIC_NAMES: &[&str] = &[
    "hash",
    "sha",
    "md5",
    "sum",
    "digest",
    "integrity",
    "etag",
    "commit",
    "rev",
    "version",
    "build",
    "uuid",
    "guid",
    "src",
    "href",
    "url",
    "uri",
    "path",
    "file",
    "image",
    "img",
    "data",
    "content",
    "base64",
    "cert",
    "public",
    "print",
    "font",
    "icon",
    "svg",
    "class",
    "style",
    "name",
    "title",
    "cid",
    "address",
    "query",
    "seed",
    "text",
    "link",
    "tree",
    "parent",
    "object",
    "block",
    "chunk",
    "asset",
    "bundle",
    "main",
    "app",
    "index",
];
/// What public random values begin with: digests, public keys, names by content, pictures, fonts and archives.
const PUBLIC_HEADS: [&str; 16] = [
    "sha1-", "sha256-", "sha384-", "sha512-", "AAAA", "Qm", "bafy", "iVBOR", "R0lGOD", "/9j/", "UklGR",
    "d09GR", "PHN2", "H4sI", "UEsDB", "MII",
];
/// The least confidence of a claim within a decoded run that makes the run a secret.
const INNER_CONFIDENCE_MIN: f32 = 0.6;

/// Searches a decoded text, and gives what is claimed there and how many bytes were examined.
pub(crate) type Search<'s> = &'s dyn Fn(&str) -> (Vec<Span>, u64);

/// Visits each long run of base64 and each run with percent signs, once.
pub(crate) fn detect(scan: &mut Scan<'_>, search: Search<'_>) {
    let bytes = scan.bytes;
    let mut at = 0;
    let mut percent_to = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| is_base64(**byte)).count();
        let padding = bytes[at + length..].iter().take(2).take_while(|byte| **byte == b'=').count();
        if BASE64_BYTES.contains(&length) {
            detect_run(scan, at..at + length + padding, search);
        }
        at += length;
        if bytes.get(at) == Some(&b'%') && at >= percent_to {
            percent_to = detect_percent(scan, at, search);
        }
        at += 1;
    }
}

fn detect_run(scan: &mut Scan<'_>, run: Range<usize>, search: Search<'_>) {
    let text = &scan.text[run.clone()];
    let bytes = text.as_bytes();
    if !bytes.iter().any(u8::is_ascii_digit) {
        return;
    }
    scan.note_work(run.len());
    if let Some(rule) = wallet_key(bytes) {
        scan.claim(run, IdentifierKind::Secret, Evidence::checksum(rule), 0.99);
    } else if let Some(inner) = decoded_text(bytes) {
        let (claims, work) = search(&inner);
        scan.note_work(work as usize);
        if let Some(found) = strongest(claims) {
            let evidence = Evidence { rule: "secret-in-base64", ..found.evidence };
            scan.claim(run, found.kind, evidence, found.confidence);
        }
    } else {
        let end = match scan.at(run.end) {
            // A key may have parts, which dots join.
            b'.' => scan.run_end(run.end, *UNNAMED_BYTES.end(), |byte| is_base64(byte) || byte == b'.'),
            _ => run.end,
        };
        let run = run.start..run.start + scan.text[run.start..end].trim_end_matches('.').len();
        if let Some(rule) = unnamed(scan, &run) {
            scan.claim(run, IdentifierKind::Secret, Evidence::context(rule), 0.55);
        }
    }
}

/// The rule by which a run is a key though no word says so.
fn unnamed(scan: &mut Scan<'_>, run: &Range<usize>) -> Option<&'static str> {
    let text = &scan.text[run.clone()];
    let after = scan.at(run.end);
    let joined = is_visible(after) && !matches!(after, b'\'' | b')' | b']' | b'}' | b',' | b';' | b'&');
    if joined
        || !UNNAMED_BYTES.contains(&text.len())
        || text.len() < PLAIN_BYTES_MIN && !has_all_kinds(text)
        || value::drawn(text) != Drawn::Mixed
        || value::is_placeholder(text)
        || value::is_uuid(text)
        || text.starts_with("0x")
        || text.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    if is_marked(text) && !matches!(scan.before(run.start), b'/' | b'.' | b'#') {
        return Some("marked-random");
    }
    if is_assigned(scan, run.start) {
        return Some("assigned-random");
    }
    if is_said(scan, run) {
        return Some("said-random");
    }
    is_bare(scan, run).then_some("bare-random")
}

/// Whether a text is a short word, a sign, and something of all kinds of characters: `vendor_4fG5…`.
fn is_marked(text: &str) -> bool {
    let (Some(first), Some(last)) = (text.find(['_', '-']), text.rfind(['_', '-'])) else { return false };
    let (mark, tail) = (&text[..first], &text[last + 1..]);
    // What a word announces begins behind the word.
    let announced =
        ["secret", "token", "key", "access", "private"].iter().any(|word| text[..last].contains(word));
    let digits = tail.bytes().filter(u8::is_ascii_digit).count();
    let random =
        tail.len() >= MARKED_BYTES_MIN && has_all_kinds(tail) || tail.len() >= PLAIN_BYTES_MIN && digits >= 6;
    (2..=MARK_BYTES_MAX).contains(&mark.len())
        && mark.bytes().all(|byte| byte.is_ascii_lowercase())
        && !PUBLIC_NAMES.iter().any(|public| mark.contains(public))
        && random
        && !announced
        && !text.contains(['/', '+', '.'])
}

/// Whether a text has small letters, capitals and digits.
fn has_all_kinds(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits >= 2
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
        && text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// The rule of a private key of a wallet, whose checksum holds.
fn wallet_key(text: &[u8]) -> Option<&'static str> {
    const BITCOIN_KEY_VERSIONS: [u8; 2] = [0x80, 0xef];
    let version = match text.len() {
        51 => base58check_version::<37>(text),
        52 => base58check_version::<38>(text),
        56 if text[0] == b'S' && is_stellar_seed(text) => return Some("stellar-seed"),
        _ => None,
    };
    version.filter(|version| BITCOIN_KEY_VERSIONS.contains(version)).map(|_| "bitcoin-private-key")
}

/// The text that a run decodes to, when it is all text.
fn decoded_text(run: &[u8]) -> Option<String> {
    let head = base64(&run[..run.len().min(12)])?;
    let plain = |bytes: &[u8]| bytes.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    plain(&head).then_some(())?;
    base64(run).filter(|bytes| plain(bytes)).and_then(|bytes| String::from_utf8(bytes).ok())
}

fn strongest(claims: Vec<Span>) -> Option<Span> {
    let secret = |span: &Span| span.kind <= IdentifierKind::Secret && span.confidence >= INNER_CONFIDENCE_MIN;
    claims.into_iter().filter(secret).max_by(|left, right| left.confidence.total_cmp(&right.confidence))
}

/// Whether a value is assigned to a name, and the name is not one of public things.
fn is_assigned(scan: &mut Scan<'_>, start: usize) -> bool {
    let joint = scan.run_start(start, 6, |byte| matches!(byte, b' ' | b'"' | b'\'' | b'=' | b':'));
    let signs = &scan.bytes[joint..start];
    let assigned = signs.contains(&b'=');
    let told = signs.contains(&b':') && signs.len() > 1;
    if !assigned && !told {
        return false;
    }
    let name_start = scan.run_start(joint, NAME_BYTES_MAX, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
    });
    let name = scan.text[name_start..joint].to_ascii_lowercase();
    let in_query = matches!(scan.before(name_start), b'&' | b'?');
    name.len() >= 3
        && !in_query
        && !name.ends_with("id")
        && !PUBLIC_NAMES.iter().any(|public| name.contains(public))
}

/// Whether a run stands between blanks, quotes or brackets, within a line, and nothing can have made it but chance.
fn is_bare(scan: &Scan<'_>, run: &Range<usize>) -> bool {
    let text = &scan.text[run.clone()];
    let (before, after) = (scan.before(run.start), scan.at(run.end));
    // Armour and mails have lines of nothing but base64.
    let alone = matches!(before, 0 | b'\n') && matches!(after, 0 | b'\n' | b'\r');
    matches!(before, 0 | b' ' | b'\n' | b'"' | b'\'' | b'(' | b'`' | b'>' | b'|' | b'[' | b',')
        && !alone
        && !PUBLIC_HEADS.iter().any(|head| text.starts_with(head))
        && value::is_dense(text)
}

/// Whether a line begins with a name and a value.
fn is_said(scan: &mut Scan<'_>, run: &Range<usize>) -> bool {
    if scan.before(run.start) != b' ' {
        return false;
    }
    let name_end = run.start - 1;
    let name_start = scan.run_start(name_end, NAME_BYTES_MAX, |byte| is_base64(byte) || byte == b'.');
    let name = scan.text[name_start..name_end].to_ascii_lowercase();
    let begins_line = scan.before(name_start) == b'\n' || name_start == 0 && scan.begins_text;
    begins_line
        && name.len() >= 3
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && !PUBLIC_NAMES.iter().any(|public| name.contains(public))
}

/// Searches the decoded form of the run of visible characters around a percent sign; gives where the run ends.
fn detect_percent(scan: &mut Scan<'_>, percent: usize, search: Search<'_>) -> usize {
    let start = scan.run_start(percent, PERCENT_BYTES_MAX / 8, is_visible);
    let end = scan.run_end(percent, PERCENT_BYTES_MAX, is_visible);
    let run = &scan.bytes[start..end];
    if !run.iter().any(u8::is_ascii_digit)
        || !is_escape(&scan.bytes[percent..end]) && !run.windows(3).any(is_escape)
    {
        return end;
    }
    let (decoded, origins) = unescape(run);
    let Ok(decoded) = String::from_utf8(decoded) else { return end };
    let (claims, work) = search(&decoded);
    scan.note_work(work as usize);
    for claim in claims {
        let range = start + origins[claim.range.start]..start + origins[claim.range.end];
        if claim.kind <= IdentifierKind::Secret && claim.confidence >= INNER_CONFIDENCE_MIN {
            scan.claim(range, claim.kind, claim.evidence, claim.confidence);
        }
    }
    end
}

fn is_escape(bytes: &[u8]) -> bool {
    bytes.len() >= 3 && bytes[0] == b'%' && bytes[1..3].iter().all(u8::is_ascii_hexdigit)
}

/// A run with its escapes resolved, and for each of its bytes and its end where they came from.
fn unescape(run: &[u8]) -> (Vec<u8>, Vec<usize>) {
    let (mut decoded, mut origins) = (Vec::with_capacity(run.len()), Vec::with_capacity(run.len() + 1));
    let mut at = 0;
    while at < run.len() {
        origins.push(at);
        let escaped = run.get(at..at + 3).filter(|bytes| is_escape(bytes));
        let digits = escaped.and_then(|bytes| std::str::from_utf8(&bytes[1..]).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(byte.unwrap_or(run[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    origins.push(run.len());
    (decoded, origins)
}

/// What stands within a run: nothing that lies between words.
fn is_visible(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'`' | b'|')
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}
