//! Keys that vendors give a published form: a prefix, an alphabet and a length.

use std::ops::RangeInclusive;

use crate::candidate::Evidence;
use crate::detect::base_codes::base62;
use crate::detect::hashes::crc_32;
use crate::detect::secret::value;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_word};

/// One vendor's form.
pub(crate) struct Vendor {
    /// The name of the rule.
    rule: &'static str,
    /// What the key begins with, in this case.
    pub(crate) prefix: &'static str,
    /// What follows the prefix.
    alphabet: Alphabet,
    /// How many bytes follow the prefix.
    length: RangeInclusive<usize>,
    /// What else must hold.
    check: Check,
}

#[derive(Clone, Copy)]
enum Alphabet {
    /// `0-9 a-f`, either case.
    Hexadecimal,
    /// `A-Z 2-7` and, as issued by some, all digits.
    UpperAndDigits,
    /// Letters and digits.
    Letters,
    /// Letters, digits, `-`, `_`.
    Url,
    /// Letters, digits, `-`, `_`, `.`.
    Parts,
    /// Letters, digits, `-`, `_`, `.`, and what base64 adds: `+`, `/`, `=`.
    Dotted,
}

#[derive(Clone, Copy, PartialEq)]
enum Check {
    /// Length and alphabet suffice.
    Form,
    /// The tail must hold a digit and a letter: the prefix is also a word.
    Mixed,
    /// The last six characters are the CRC-32 of the others, in base62. One that fails still counts by its form.
    GithubCrc,
    /// Two base64url parts at least; the first decodes to a JSON object by its prefix.
    Jwt,
}

const fn vendor(
    rule: &'static str,
    prefix: &'static str,
    alphabet: Alphabet,
    length: RangeInclusive<usize>,
) -> Vendor {
    Vendor { rule, prefix, alphabet, length, check: Check::Form }
}

const fn checked(vendor: Vendor, check: Check) -> Vendor {
    Vendor { check, ..vendor }
}

use Alphabet::{Dotted, Hexadecimal, Letters, Parts, UpperAndDigits, Url};

/// Forms as the vendors' own documentation and key consoles show them.
pub(crate) static VENDORS: [Vendor; 83] = [
    vendor("aws-access-key", "AKIA", UpperAndDigits, 16..=16),
    vendor("aws-access-key", "ASIA", UpperAndDigits, 16..=16),
    vendor("aws-access-key", "ABIA", UpperAndDigits, 16..=16),
    vendor("aws-access-key", "A3T0", UpperAndDigits, 16..=16),
    vendor("aws-bedrock-key", "ABSK", Dotted, 100..=300),
    checked(vendor("github-token", "ghp_", Letters, 36..=36), Check::GithubCrc),
    checked(vendor("github-token", "gho_", Letters, 36..=36), Check::GithubCrc),
    checked(vendor("github-token", "ghu_", Letters, 36..=36), Check::GithubCrc),
    checked(vendor("github-token", "ghs_", Letters, 36..=36), Check::GithubCrc),
    vendor("github-refresh-token", "ghr_", Letters, 36..=80),
    vendor("github-fine-grained-token", "github_pat_", Url, 60..=100),
    vendor("gitlab-token", "glpat-", Dotted, 20..=64),
    vendor("gitlab-token", "gldt-", Url, 20..=64),
    vendor("gitlab-token", "glrt-", Dotted, 20..=64),
    vendor("gitlab-token", "glptt-", Hexadecimal, 40..=40),
    vendor("gitlab-token", "glcbt-", Url, 20..=64),
    checked(vendor("slack-token", "xoxb-", Url, 20..=120), Check::Mixed),
    checked(vendor("slack-token", "xoxp-", Url, 20..=120), Check::Mixed),
    checked(vendor("slack-token", "xoxa-", Url, 20..=120), Check::Mixed),
    checked(vendor("slack-token", "xoxr-", Url, 20..=120), Check::Mixed),
    checked(vendor("slack-token", "xoxs-", Url, 20..=120), Check::Mixed),
    checked(vendor("slack-token", "xoxe", Dotted, 20..=200), Check::Mixed),
    checked(vendor("slack-app-token", "xapp-", Dotted, 20..=120), Check::Mixed),
    vendor("stripe-key", "sk_live_", Letters, 16..=120),
    vendor("stripe-key", "sk_test_", Letters, 16..=120),
    vendor("stripe-key", "rk_live_", Letters, 16..=120),
    vendor("stripe-key", "rk_test_", Letters, 16..=120),
    vendor("stripe-webhook-secret", "whsec_", Dotted, 24..=80),
    vendor("google-api-key", "AIza", Url, 35..=35),
    vendor("google-oauth-token", "ya29.", Url, 20..=400),
    vendor("google-oauth-secret", "GOCSPX-", Url, 28..=28),
    vendor("google-refresh-token", "1//0", Url, 40..=120),
    checked(vendor("anthropic-key", "sk-ant-", Url, 32..=140), Check::Mixed),
    checked(vendor("openai-key", "sk-proj-", Url, 32..=180), Check::Mixed),
    checked(vendor("openai-key", "sk-svcacct-", Url, 32..=180), Check::Mixed),
    checked(vendor("openrouter-key", "sk-or-v1-", Hexadecimal, 64..=64), Check::Mixed),
    checked(vendor("openai-key", "sk-", Letters, 32..=64), Check::Mixed),
    vendor("hugging-face-token", "hf_", Letters, 34..=40),
    vendor("npm-token", "npm_", Letters, 36..=36),
    vendor("pypi-token", "pypi-AgE", Url, 50..=250),
    vendor("sendgrid-key", "SG.", Dotted, 60..=70),
    vendor("twilio-key", "SK", Hexadecimal, 32..=32),
    vendor("twilio-account", "AC", Hexadecimal, 32..=32),
    vendor("mailgun-key", "key-", Hexadecimal, 32..=32),
    vendor("mailchimp-webhook-key", "md-", Url, 22..=22),
    vendor("sendinblue-key", "xkeysib-", Url, 80..=90),
    vendor("shopify-token", "shpat_", Hexadecimal, 32..=32),
    vendor("shopify-token", "shpss_", Hexadecimal, 32..=32),
    vendor("shopify-token", "shpca_", Hexadecimal, 32..=32),
    vendor("shopify-token", "shppa_", Hexadecimal, 32..=32),
    vendor("digitalocean-token", "dop_v1_", Hexadecimal, 64..=64),
    vendor("digitalocean-token", "doo_v1_", Hexadecimal, 64..=64),
    vendor("digitalocean-token", "dor_v1_", Hexadecimal, 64..=64),
    vendor("databricks-token", "dapi", Hexadecimal, 32..=32),
    vendor("grafana-token", "glc_", Dotted, 32..=200),
    vendor("grafana-token", "glsa_", Url, 40..=44),
    vendor("new-relic-key", "NRAK-", UpperAndDigits, 27..=27),
    vendor("new-relic-key", "NRIQ-", Url, 32..=32),
    vendor("hubspot-token", "pat-na1-", Url, 36..=36),
    vendor("hubspot-token", "pat-eu1-", Url, 36..=36),
    vendor("square-token", "sq0atp-", Url, 22..=22),
    vendor("square-token", "sq0csp-", Url, 43..=43),
    vendor("square-token", "EAAA", Url, 60..=60),
    vendor("figma-token", "figd_", Url, 40..=48),
    vendor("linear-key", "lin_api_", Letters, 40..=48),
    vendor("notion-token", "ntn_", Letters, 40..=50),
    vendor("postman-key", "PMAK-", Url, 59..=59),
    vendor("planetscale-token", "pscale_tkn_", Url, 32..=64),
    vendor("doppler-token", "dp.pt.", Letters, 40..=44),
    vendor("terraform-vault-token", "hvs.", Url, 24..=120),
    vendor("docker-token", "dckr_pat_", Url, 27..=27),
    vendor("groq-key", "gsk_", Letters, 48..=56),
    vendor("xai-key", "xai-", Letters, 70..=90),
    vendor("perplexity-key", "pplx-", Letters, 40..=56),
    vendor("replicate-token", "r8_", Letters, 37..=40),
    vendor("tavily-key", "tvly-", Url, 28..=40),
    vendor("jina-key", "jina_", Letters, 56..=64),
    vendor("segment-token", "sgp_", Letters, 60..=68),
    vendor("facebook-token", "EAAC", Letters, 60..=300),
    vendor("age-secret-key", "AGE-SECRET-KEY-1", UpperAndDigits, 58..=58),
    vendor("sentry-token", "sntrys_", Dotted, 60..=300),
    vendor("telegram-bot-token", ":AA", Url, 33..=33),
    checked(vendor("json-web-token", "eyJ", Parts, 30..=4096), Check::Jwt),
];

/// The fewest different bytes that a tail may have for each eight of its length, up to this many.
const DISTINCT_MAX_NEEDED: usize = 8;

pub(crate) fn detect(scan: &mut Scan<'_>, start: usize, vendor: &Vendor) {
    let tail = start + vendor.prefix.len();
    let telegram = vendor.prefix.starts_with(':');
    let part_of_token = vendor.check == Check::Jwt && contains(Parts, scan.before(start));
    let joined = part_of_token || scan.before(start).is_ascii_alphanumeric() && !telegram;
    if joined || &scan.bytes[start..tail] != vendor.prefix.as_bytes() {
        return;
    }
    let alphabet = vendor.alphabet;
    let run_end = scan.run_end(tail, vendor.length.end() + 1, |byte| contains(alphabet, byte));
    let end = tail + scan.text[tail..run_end].trim_end_matches(['.', '-', '/']).len();
    let text = &scan.text[tail..end];
    let needed = DISTINCT_MAX_NEEDED.min(text.len() / 4);
    let fits = vendor.length.contains(&text.len())
        && !(is_word(scan.at(end)) && end == run_end)
        && value::distinct_bytes(text) >= needed
        && !value::is_placeholder(text);
    if !fits {
        return;
    }
    let start = if telegram { bot_id_start(scan, start) } else { Some(start) };
    let (Some(start), Some((evidence, confidence))) = (start, judge(vendor, text)) else { return };
    scan.claim(start..end, IdentifierKind::Secret, evidence, confidence);
}

fn judge(vendor: &Vendor, tail: &str) -> Option<(Evidence, f32)> {
    let shape = Some((Evidence::shape(vendor.rule), 0.9));
    match vendor.check {
        Check::Form => shape,
        Check::Mixed => shape.filter(|_| value::is_mixed(tail)),
        Check::GithubCrc => {
            let (random, checksum) = tail.as_bytes().split_at(tail.len() - 6);
            let holds = base62(checksum) == Some(u64::from(crc_32(random)));
            if holds { Some((Evidence::checksum(vendor.rule), 0.99)) } else { shape }
        }
        Check::Jwt => {
            let parts: Vec<&str> = tail.split('.').collect();
            let long_enough = parts.len() >= 2 && parts[0].len() >= 12 && parts[1].len() >= 12;
            shape.filter(|_| long_enough)
        }
    }
}

/// Where the eight to ten digits before a bot token's colon start.
fn bot_id_start(scan: &mut Scan<'_>, colon: usize) -> Option<usize> {
    let start = scan.run_start(colon, 11, |byte| byte.is_ascii_digit());
    ((8..=10).contains(&(colon - start)) && !is_word(scan.before(start))).then_some(start)
}

fn contains(alphabet: Alphabet, byte: u8) -> bool {
    match alphabet {
        Hexadecimal => byte.is_ascii_hexdigit(),
        UpperAndDigits => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        Letters => byte.is_ascii_alphanumeric(),
        Url => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
        Parts => contains(Url, byte) || byte == b'.',
        Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+' | b'/' | b'='),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_github_token_with_its_checksum_is_believed_more() {
        let random = "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ";
        let mut checksum = u64::from(crc_32(random.as_bytes()));
        let mut letters = Vec::new();
        for _ in 0..6 {
            let digit = (checksum % 62) as u8;
            letters.push(match digit {
                0..=9 => b'0' + digit,
                10..=35 => b'A' + digit - 10,
                _ => b'a' + digit - 36,
            });
            checksum /= 62;
        }
        letters.reverse();
        let right = format!("{random}{}", String::from_utf8(letters).unwrap());
        let wrong = format!("{random}000000");
        let github = VENDORS.iter().find(|vendor| vendor.prefix == "ghp_").unwrap();
        assert_eq!(judge(github, &right), Some((Evidence::checksum("github-token"), 0.99)));
        assert_eq!(judge(github, &wrong), Some((Evidence::shape("github-token"), 0.9)));
    }

    #[test]
    fn at_least_25_vendors_are_known() {
        let rules: std::collections::HashSet<_> = VENDORS.iter().map(|vendor| vendor.rule).collect();
        assert!(rules.len() >= 25);
    }
}
