//! Passwords that commands, calls and settings of devices take, without a name for them: `mysql -pSesame`.

use std::ops::Range;

use crate::candidate::Evidence;
use crate::detect::secret::login::{PAIR_BYTES_MAX, is_delimiter};
use crate::detect::secret::value;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_word};

/// How far before a flag its command may stand, in bytes.
pub(super) const LINE_BYTES_MAX: usize = 84;
/// What the flags of a password alone begin with, and the commands that have them.
pub(crate) const PASSWORD_FLAGS: [&str; 4] = [" -p", " -a ", " /p:", " -k "];
const PASSWORD_COMMANDS: [&str; 18] = [
    "psexec",
    "psexec64",
    "paexec",
    "mysql",
    "mysqldump",
    "mysqladmin",
    "mariadb",
    "sshpass",
    "mongo",
    "mongosh",
    "mongodump",
    "mongorestore",
    "redis-cli",
    "rabbitmqadmin",
    "docker",
    "podman",
    "az login",
    "openssl",
];
/// What comes right before a password in commands and in settings of network devices.
pub(crate) const OPENINGS: [&str; 9] = [
    "snmp-server community ",
    "tacacs-server key ",
    "radius-server key ",
    "key-string 7 ",
    "password 7 ",
    "secret 0 ",
    "password 0 ",
    "wpa-psk ascii 0 ",
    "-passin pass:",
];
/// Names of calls that take a password in quotes, and which of their quoted arguments it is.
pub(crate) static CALLS: [(&str, usize); 3] =
    [("convertto-securestring", 0), ("networkcredential(", 1), ("usernamepasswordcredentials(", 1)];
/// How much may stand between a call and its first argument, and between arguments, in bytes.
const BETWEEN_BYTES_MAX: usize = 16;
/// The shortest and longest password in a call.
const QUOTED_BYTES: std::ops::RangeInclusive<usize> = 4..=64;
/// The longest name of the user of a share, and how far before it the command may stand, in bytes.
const SHARE_USER_BYTES_MAX: usize = 40;
const SHARE_COMMAND_BYTES_MAX: usize = 40;
/// The shortest password behind a flag or an opening.
const PASSWORD_BYTES_MIN: usize = 4;
/// What the user of a Windows share begins with; the password follows or comes before.
pub(crate) const SHARE_USER: &str = " /user:";
/// What stands before user and password in an address of Oracle's driver.
pub(crate) const THIN_DRIVER: &str = ":oracle:thin:";

/// Reads the password behind a flag of a command that takes one.
pub(crate) fn detect_password_flag(scan: &mut Scan<'_>, flag: Range<usize>) {
    let start = scan.run_end(flag.end, 2, |byte| matches!(byte, b' ' | b'"' | b'\''));
    let end = scan.run_end(start, PAIR_BYTES_MAX, |byte| byte.is_ascii_graphic() && !is_delimiter(byte));
    let number = scan.bytes[start..end].iter().all(|byte| byte.is_ascii_digit() || *byte == b':');
    if !number
        && is_password(&scan.text[start..end])
        && scan.context_within(flag.start, LINE_BYTES_MAX, &PASSWORD_COMMANDS)
    {
        scan.claim(start..end, IdentifierKind::Secret, Evidence::context("password-flag"), 0.7);
    }
}

/// Reads the word behind an opening.
pub(crate) fn detect_opening(scan: &mut Scan<'_>, opening: Range<usize>) {
    let end =
        scan.run_end(opening.end, PAIR_BYTES_MAX, |byte| byte.is_ascii_graphic() && !is_delimiter(byte));
    if !is_word(scan.before(opening.start)) && is_password(&scan.text[opening.end..end]) {
        scan.claim(opening.end..end, IdentifierKind::Secret, Evidence::context("password-flag"), 0.7);
    }
}

/// Reads the quoted argument of a call.
pub(crate) fn detect_call(scan: &mut Scan<'_>, call: Range<usize>, argument: usize) {
    let mut at = call.end;
    for place in 0..=argument {
        let quote = scan.run_end(at, BETWEEN_BYTES_MAX, |byte| !matches!(byte, b'"' | b'\'' | b'\n' | b'$'));
        let (start, mark) = (quote + 1, scan.at(quote));
        if !matches!(mark, b'"' | b'\'') {
            return;
        }
        let end = scan
            .run_end(start, QUOTED_BYTES.end() + 1, |byte| byte.is_ascii_graphic() && !is_delimiter(byte));
        if scan.at(end) != mark {
            return;
        }
        if place == argument && QUOTED_BYTES.contains(&(end - start)) && is_password(&scan.text[start..end]) {
            scan.claim(start..end, IdentifierKind::Secret, Evidence::context("password-argument"), 0.7);
        }
        at = end + 1;
    }
}

/// Reads the password behind the user of a share: `net use \\\\host\\share /user:ada sesame`.
pub(crate) fn detect_share(scan: &mut Scan<'_>, mark: Range<usize>) {
    let user_end = scan.run_end(mark.end, SHARE_USER_BYTES_MAX, |byte| {
        byte.is_ascii_graphic() && !is_delimiter(byte) || byte == b'\\'
    });
    let start = user_end + usize::from(scan.at(user_end) == b' ');
    let end = scan.run_end(start, PAIR_BYTES_MAX, |byte| byte.is_ascii_graphic() && !is_delimiter(byte));
    let joined = scan.context_within(mark.start, SHARE_COMMAND_BYTES_MAX, &["net use", "cmdkey", "runas"]);
    if start > user_end && joined && is_password(&scan.text[start..end]) {
        scan.claim(start..end, IdentifierKind::Secret, Evidence::context("password-flag"), 0.7);
    }
}

/// Reads `user/password@` in an address of Oracle's driver.
pub(crate) fn detect_thin_driver(scan: &mut Scan<'_>, mark: Range<usize>) {
    let end = scan.run_end(mark.end, PAIR_BYTES_MAX, |byte| {
        byte.is_ascii_graphic() && !is_delimiter(byte) && byte != b'@'
    });
    let pair = &scan.text[mark.end..end];
    let told = pair.split_once('/').is_some_and(|(user, password)| !user.is_empty() && is_password(password));
    if scan.at(end) == b'@' && told {
        scan.claim(mark.end..end, IdentifierKind::Secret, Evidence::shape("name-and-password"), 0.8);
    }
}

/// Whether a word can be a password: no variable, no other flag, no path.
fn is_password(given: &str) -> bool {
    given.len() >= PASSWORD_BYTES_MIN
        && !given.starts_with(['$', '-', '/', '{', '%', '.', '<'])
        && !value::is_placeholder(given)
}
