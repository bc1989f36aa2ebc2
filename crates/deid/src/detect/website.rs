//! URLs and domains that may be a person's own: all whose host is not widely known.

use std::ops::Range;

use super::profile::is_profile;
use crate::candidate::Evidence;
use crate::identifier::IdentifierKind;
use crate::scan::{Scan, is_letter, is_word};

/// The longest URL, in bytes.
const URL_BYTES_MAX: usize = 2048;
/// The longest host, in bytes.
const HOST_BYTES_MAX: usize = 255;
/// Hosts that belong to everybody, with all below them.
#[rustfmt::skip]
const KNOWN: &[&str] = &[
    "wikipedia.org", "wikimedia.org", "wiktionary.org", "wikidata.org", "wikihow.com", "fandom.com", "archive.org", "google.com",
    "google.de", "google.fr", "google.co.uk", "youtube.com", "youtu.be", "goo.gl", "gmail.com", "android.com", "chrome.com",
    "microsoft.com", "office.com", "live.com", "outlook.com", "bing.com", "azure.com", "windows.com", "visualstudio.com",
    "apple.com", "icloud.com", "amazon.com", "amazonaws.com", "facebook.com", "fb.com", "instagram.com", "whatsapp.com",
    "twitter.com", "x.com", "t.co", "linkedin.com", "reddit.com", "redd.it", "imgur.com", "tiktok.com", "snapchat.com",
    "discord.com", "discord.gg", "slack.com", "telegram.org", "t.me", "zoom.us", "twitch.tv", "netflix.com", "spotify.com",
    "github.com", "githubusercontent.com", "gitlab.com", "bitbucket.org", "stackoverflow.com", "stackexchange.com",
    "serverfault.com", "superuser.com", "askubuntu.com", "npmjs.com", "pypi.org", "crates.io", "docs.rs", "rust-lang.org",
    "python.org", "readthedocs.io", "mozilla.org", "w3.org", "w3schools.com", "whatwg.org", "ietf.org", "rfc-editor.org",
    "apache.org", "gnu.org", "kernel.org", "debian.org", "ubuntu.com", "redhat.com", "docker.com", "kubernetes.io", "nodejs.org",
    "reactjs.org", "vuejs.org", "angular.io", "jquery.com", "jsdelivr.net", "cloudflare.com", "unpkg.com", "bootstrapcdn.com",
    "oracle.com", "java.com", "mysql.com", "postgresql.org", "sqlite.org", "mongodb.com", "huggingface.co", "openai.com",
    "anthropic.com", "pytorch.org", "tensorflow.org", "kaggle.com", "arxiv.org", "doi.org", "nature.com", "sciencemag.org",
    "science.org", "springer.com", "sciencedirect.com", "elsevier.com", "wiley.com", "jstor.org", "acm.org", "ieee.org",
    "nih.gov", "cdc.gov", "fda.gov", "nasa.gov", "noaa.gov", "usda.gov", "irs.gov", "state.gov", "whitehouse.gov", "congress.gov",
    "census.gov", "gov.uk", "europa.eu", "who.int", "un.org", "unesco.org", "worldbank.org", "imf.org", "oecd.org", "bbc.com",
    "bbc.co.uk", "cnn.com", "nytimes.com", "washingtonpost.com", "theguardian.com", "reuters.com", "apnews.com", "bloomberg.com",
    "forbes.com", "wsj.com", "npr.org", "time.com", "economist.com", "nationalgeographic.com", "britannica.com",
    "merriam-webster.com", "imdb.com", "rottentomatoes.com", "goodreads.com", "quora.com", "medium.com", "substack.com",
    "wordpress.com", "blogger.com", "tumblr.com", "pinterest.com", "flickr.com", "ebay.com", "etsy.com", "paypal.com",
    "stripe.com", "yahoo.com", "duckduckgo.com", "khanacademy.org", "coursera.org", "edx.org", "udemy.com", "mayoclinic.org",
    "webmd.com", "healthline.com", "yelp.com", "tripadvisor.com", "airbnb.com", "booking.com", "indeed.com", "craigslist.org",
    "dropbox.com", "adobe.com", "openstreetmap.org", "creativecommons.org", "schema.org", "json-schema.org", "example.com",
    "example.org", "example.net", "xmlsoap.org", "nuget.org", "maven.org", "golang.org", "go.dev", "php.net", "ruby-lang.org",
    "rubygems.org", "scipy.org", "numpy.org", "matplotlib.org", "pandas.pydata.org", "scikit-learn.org", "jupyter.org",
    "latex-project.org", "overleaf.com", "booking.com", "asp.net", "vb.net", "ado.net", "socket.io", "draw.io", "amazon.co.uk",
    "amazon.de", "github.io", "steampowered.com", "nvidia.com", "intel.com", "amd.com", "wolframalpha.com", "ted.com",
];
/// First labels of hosts where services explain themselves.
const MANUALS: [&str; 6] = ["docs", "developer", "developers", "help", "support", "status"];
/// Endings of domains that are met without `www.`; endings of files and of sentences are not among them.
#[rustfmt::skip]
pub(super) const ENDINGS: &[&str] = &[
    ".com", ".org", ".net", ".edu", ".gov", ".co.uk", ".org.uk", ".ac.uk", ".de", ".fr", ".es", ".nl", ".ch", ".se", ".dk", ".fi",
    ".ie", ".pt", ".pl", ".cz", ".ca", ".com.au", ".co.nz", ".co.za", ".co.in", ".com.br", ".co.jp", ".ru", ".info", ".biz", ".eu",
    ".online", ".site", ".shop", ".blog", ".xyz", ".io", ".gr", ".hu", ".ro", ".ua", ".it", ".be", ".at", ".no", ".us", ".mx",
];
/// Endings that are words too: they need a path behind them or a `www.` before.
const WORDS: [&str; 12] =
    [".it", ".be", ".at", ".no", ".us", ".info", ".io", ".blog", ".site", ".shop", ".online", ".de"];

/// Judges the URL around `://`.
pub(super) fn detect_url(scan: &mut Scan<'_>, colon: usize) {
    let start = scan.run_start(colon, 5, |byte| byte.is_ascii_alphabetic());
    let scheme = scan.text[start..colon].to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https" | "ftp") || is_word(scan.before(start)) {
        return;
    }
    let end = url_end(scan, colon + 3);
    let host_end = scan.run_end(colon + 3, HOST_BYTES_MAX, is_host);
    if is_own(&scan.text[colon + 3..host_end.min(end)]) || is_profile(&scan.text[colon + 3..end]) {
        scan.claim(start..end, IdentifierKind::Website, Evidence::shape("url"), 0.7);
    }
}

/// Judges the host that begins with `www.`.
pub(super) fn detect_www(scan: &mut Scan<'_>, prefix: Range<usize>) {
    if is_word(scan.before(prefix.start)) || matches!(scan.before(prefix.start), b'/' | b'.' | b'@' | b'-') {
        return;
    }
    let host_end = scan.run_end(prefix.start, HOST_BYTES_MAX, is_host);
    let end = url_end(scan, prefix.start);
    if is_own(&scan.text[prefix.start..host_end.min(end)]) || is_profile(&scan.text[prefix.start..end]) {
        scan.claim(prefix.start..end, IdentifierKind::Website, Evidence::shape("www-domain"), 0.7);
    }
}

/// Judges the domain that ends in a known ending.
pub(super) fn detect_domain(scan: &mut Scan<'_>, ending: Range<usize>) {
    let after = scan.at(ending.end);
    let goes_on = is_host(after) && (after != b'.' || is_word(scan.at(ending.end + 1)))
        || scan.char_at(ending.end).is_some_and(is_letter);
    if goes_on || matches!(after, b'_' | b'(' | b'@' | b'=' | b'[') {
        return;
    }
    let start = scan.run_start(ending.start, HOST_BYTES_MAX, is_host);
    let before = scan.before(start);
    if start == ending.start
        || matches!(before, b'@' | b'/' | b'_' | b'#' | b'$' | b'\\' | b'\'')
        || before >= 0x80
    {
        return;
    }
    let host = &scan.text[start..ending.end];
    let suffix = scan.text[ending.clone()].to_ascii_lowercase();
    let path = after == b'/' && is_word(scan.at(ending.end + 1));
    let last_label = host[..host.len() - suffix.len()].rsplit('.').next().unwrap_or_default();
    let plain = last_label.len() >= 2 && last_label.bytes().any(|byte| byte.is_ascii_alphabetic());
    let shaped = scan.text[ending.clone()] == suffix || host.bytes().all(|byte| !byte.is_ascii_lowercase());
    let is_word_alone = WORDS.contains(&suffix.as_str()) && !path;
    if is_word_alone || !plain || !shaped || host.starts_with(['.', '-']) {
        return;
    }
    let end = if path { url_end(scan, start) } else { ending.end };
    if !is_own(host) && !is_profile(&scan.text[start..end]) {
        return;
    }
    scan.claim(start..end, IdentifierKind::Website, Evidence::shape("domain"), 0.6);
}

/// Whether a host has a domain and is not widely known.
fn is_own(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let known =
        |known: &&str| host.strip_suffix(*known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let labels: Vec<&str> = host.split('.').collect();
    let top = labels.last().copied().unwrap_or_default();
    labels.len() >= 2
        && labels.iter().all(|label| !label.is_empty())
        && top.len() >= 2
        && top.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !KNOWN.iter().any(known)
        && !(labels.len() >= 3 && MANUALS.contains(&labels[0]))
}

fn is_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')
}

fn url_end(scan: &mut Scan<'_>, from: usize) -> usize {
    let end = scan.run_end(from, URL_BYTES_MAX, |byte| {
        byte.is_ascii_graphic()
            && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b'|' | b'^' | b']' | b'}')
    });
    from + scan.text[from..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '*']).len()
}
