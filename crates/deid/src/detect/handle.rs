//! Names of accounts: `@ada`, `u/ada`, `instagram: ada_l`, `my discord is ada#1815`.

use std::ops::Range;

use crate::candidate::Evidence;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_letter, is_word};

/// The shortest and longest name of an account, in bytes.
const NAME_BYTES: std::ops::RangeInclusive<usize> = 3..=32;
/// Words behind an `@` that are code, or address everybody.
#[rustfmt::skip]
const NOT_NAMES: [&str; 64] = [
    "media", "import", "property", "override", "param", "params", "return", "returns", "throws", "keyframes", "font-face",
    "charset", "supports", "page", "namespace", "include", "mixin", "extend", "use", "apply", "tailwind", "layer", "everyone",
    "here", "channel", "all", "autowired", "bean", "component", "service", "entity", "test", "deprecated", "author", "see",
    "since", "version", "example", "type", "typedef", "class", "static", "staticmethod", "classmethod", "dataclass",
    "pytest", "app", "interface", "end", "implementation", "synthesize", "selector", "objc", "mainactor", "state", "published",
    "nullable", "notnull", "data", "getter", "setter", "query", "injectable", "input",
];
/// Services that give accounts names, lower case.
#[rustfmt::skip]
pub(super) const PLATFORMS: &[&str] = &[
    "instagram", "insta", "twitter", "tiktok", "snapchat", "telegram", "discord", "github", "skype", "steam", "reddit",
    "facebook", "linkedin", "username", "user name", "handle", "gamertag", "psn", "wechat", "twitch", "mastodon", "bluesky",
    "ig", "benutzername", "nom d'utilisateur", "usuario", "login", "screen name", "nickname", "line id", "kik",
];
/// Words between a service and a name.
const BETWEEN: [&str; 9] = ["handle", "username", "name", "account", "id", "tag", "profile", "is", "user"];

/// Looks for `@name`.
pub(super) fn detect_at(scan: &mut Scan<'_>, at_sign: usize) {
    let before = scan.before(at_sign);
    let free = before == 0
        || matches!(
            before,
            b' ' | b'\n' | b'\t' | b'(' | b'[' | b',' | b':' | b'"' | b'\'' | b'>' | b'*' | b'-'
        );
    if !free {
        return;
    }
    let Some(end) = name_end(scan, at_sign + 1) else { return };
    let name = scan.text[at_sign + 1..end].to_lowercase();
    let after = scan.at(end);
    let head = scan.text[..at_sign].trim_end_matches([' ', '\t']);
    let line_start = head.is_empty() || head.ends_with('\n');
    let annotates = line_start && !matches!(after, b' ' | b',' | b':' | b'!' | b'?');
    let code = matches!(after, b'(' | b'/' | b'@' | b'{' | b'=' | b'[' | b';');
    if annotates && after != 0
        || code
        || NOT_NAMES.contains(&name.as_str())
        || !name.bytes().any(|byte| byte.is_ascii_lowercase())
    {
        return;
    }
    scan.claim(at_sign..end, IdentifierKind::Handle, Evidence::shape("at-handle"), 0.65);
}

/// Looks for `u/name` behind `u/`.
pub(super) fn detect_reddit(scan: &mut Scan<'_>, prefix: Range<usize>) {
    let start = if scan.before(prefix.start) == b'/' { prefix.start - 1 } else { prefix.start };
    let free = matches!(scan.before(start), 0 | b' ' | b'\n' | b'(' | b'"' | b'[');
    let lower = scan.at(prefix.start) == b'u';
    if let Some(end) = name_end(scan, prefix.end)
        && free
        && lower
        && scan.at(end) != b'/'
    {
        scan.claim(start..end, IdentifierKind::Handle, Evidence::shape("reddit-user"), 0.7);
    }
}

/// Looks for a name behind the name of a service.
pub(super) fn detect_named(scan: &mut Scan<'_>, platform: Range<usize>) {
    if !scan.is_whole_word(&platform)
        || is_word(scan.before(platform.start))
        || is_word(scan.at(platform.end))
    {
        return;
    }
    let mut at = platform.end;
    let mut said = false;
    for _ in 0..4 {
        let gap = scan.skip(at, 3, b" :=-\"'`(");
        said |= scan.bytes[at..gap].iter().any(|byte| matches!(byte, b':' | b'='));
        at = gap;
        let word = scan.word_at(at).to_lowercase();
        if !BETWEEN.contains(&word.as_str())
            || matches!(scan.at(at + word.len()), b'_' | b'0'..=b'9' | b'.' | b'#')
        {
            break;
        }
        said |= word == "is";
        at += word.len();
    }
    let start = at + usize::from(scan.at(at) == b'@');
    let Some(end) = account_end(scan, start) else { return };
    let name = &scan.text[start..end];
    let marked = name.contains(['_', '#', '.']) || name.bytes().any(|byte| byte.is_ascii_digit());
    let has_letters = name.bytes().any(|byte| byte.is_ascii_alphabetic());
    let code = matches!(scan.at(end), b'(' | b'[' | b'=' | b'{');
    if said && !code && at > platform.end && has_letters && (marked || start > at) && !name.contains("..") {
        scan.claim(at..end, IdentifierKind::Handle, Evidence::context("named-handle"), 0.7);
    }
}

fn name_end(scan: &mut Scan<'_>, start: usize) -> Option<usize> {
    let end = scan.run_end(start, *NAME_BYTES.end() + 1, |byte| is_word(byte) || matches!(byte, b'.' | b'-'));
    let end = start + scan.text[start..end].trim_end_matches(['.', '-']).len();
    let joined = scan.char_at(end).is_some_and(is_letter);
    (NAME_BYTES.contains(&(end - start)) && !joined).then_some(end)
}

fn account_end(scan: &mut Scan<'_>, start: usize) -> Option<usize> {
    let end = name_end(scan, start)?;
    let tag = scan.run_end(end + 1, 5, |byte| byte.is_ascii_digit());
    Some(if scan.at(end) == b'#' && tag == end + 5 { tag } else { end })
}
