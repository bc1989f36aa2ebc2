//! URLs that carry credentials. A URL without them is left alone: it is content.

use crate::candidate::Evidence;
use crate::detect::secret::value::{self, Drawn};
use crate::identifier::IdentifierKind;
use crate::scan::Scan;

/// The longest URL examined, in bytes.
const URL_BYTES_MAX: usize = 2048;
/// The longest scheme, in bytes.
const SCHEME_BYTES_MAX: usize = 20;
/// The most URLs examined within a URL, as in `?next=https://…`.
const NESTED_MAX: usize = 4;
/// The most parameters of one query that are looked at.
const PARAMETERS_MAX: usize = 64;
/// Names of parameters whose value lets its holder in, lower case.
const PARAMETER_NAMES: [&str; 32] = [
    "key",
    "apikey",
    "api_key",
    "api-key",
    "access_key",
    "accesskey",
    "appid",
    "app_key",
    "token",
    "access_token",
    "refresh_token",
    "id_token",
    "auth",
    "auth_token",
    "authtoken",
    "authorization",
    "password",
    "passwd",
    "pass",
    "pwd",
    "secret",
    "client_secret",
    "sig",
    "signature",
    "x-amz-signature",
    "x-amz-credential",
    "x-amz-security-token",
    "x-goog-signature",
    "session",
    "sessionid",
    "session_token",
    "jwt",
];
/// Hosts and paths of webhooks, where the path itself is the secret.
pub(super) const WEBHOOK_HOSTS: [&str; 27] = [
    "hooks.slack.com/services/",
    "hooks.slack.com/workflows/",
    "hooks.slack.com/triggers/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "outlook.office.com/webhook/",
    "outlook.office365.com/webhook/",
    "webhook.office.com/webhookb2/",
    "hooks.zapier.com/hooks/catch/",
    "hook.integromat.com/",
    "hook.eu1.make.com/",
    "hook.us1.make.com/",
    "maker.ifttt.com/trigger/",
    "chat.googleapis.com/v1/spaces/",
    "api.telegram.org/bot",
    "open.feishu.cn/open-apis/bot/v2/hook/",
    "open.larksuite.com/open-apis/bot/v2/hook/",
    "oapi.dingtalk.com/robot/send?access_token=",
    "qyapi.weixin.qq.com/cgi-bin/webhook/send?key=",
    "events.pagerduty.com/integration/",
    "alert.victorops.com/integrations/generic/",
    "hc-ping.com/",
    "mainnet.infura.io/v3/",
    ".g.alchemy.com/v2/",
    "api.honeycomb.io/1/marker/",
    "webhook.site/",
    "thingsboard.cloud/api/v1/",
];
/// The least bytes that a webhook's path has after its prefix.
const WEBHOOK_PATH_BYTES_MIN: usize = 14;

/// The run of URL characters under examination, so that URLs within a URL are few.
#[derive(Default)]
pub(super) struct Progress {
    run_end: usize,
    nested: usize,
}

impl Progress {
    pub(super) fn detect(&mut self, scan: &mut Scan<'_>, colon: usize) {
        self.nested = if colon < self.run_end { self.nested + 1 } else { 0 };
        if self.nested <= NESTED_MAX {
            self.run_end = self.run_end.max(detect(scan, colon));
        }
    }
}

/// Judges the URL around `://`; gives where it ends.
fn detect(scan: &mut Scan<'_>, colon: usize) -> usize {
    let start = scan.run_start(colon, SCHEME_BYTES_MAX, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-')
    });
    let after = colon + 3;
    let end = url_end(scan, after);
    if start == colon || end <= after || !scan.at(start).is_ascii_alphabetic() {
        return end;
    }
    let rest = &scan.text[after..end];
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    if let Some((user, host)) = authority.rsplit_once('@')
        && let Some((name, password)) = user.split_once(':')
        && password_counts(name, password, host)
    {
        scan.claim(start..end, IdentifierKind::Url, Evidence::shape("url-with-password"), 0.95);
    } else if let Some((user, _)) = authority.rsplit_once('@')
        && value::drawn(user.trim_end_matches(':')) == Drawn::Mixed
        && !value::is_placeholder(user)
    {
        scan.claim(start..end, IdentifierKind::Url, Evidence::shape("url-with-user-key"), 0.9);
    } else if has_secret_parameter(rest) {
        scan.claim(start..end, IdentifierKind::Url, Evidence::context("url-with-token"), 0.9);
    }
    end
}

pub(super) fn detect_webhook(scan: &mut Scan<'_>, host: usize, prefix: &str) {
    let path = host + prefix.len();
    let end = url_end(scan, path);
    let given = &scan.text[path..end];
    if given.len() < WEBHOOK_PATH_BYTES_MIN || value::is_placeholder(given) || !value::is_mixed(given) {
        return;
    }
    let subdomain =
        scan.run_start(host, 64, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let before = &scan.text[..subdomain];
    let start = ["https://", "http://", "coap://"].iter().find_map(|scheme| before.strip_suffix(scheme));
    let start = start.map_or(subdomain, str::len);
    scan.claim(start..end, IdentifierKind::Url, Evidence::shape("webhook-url"), 0.95);
}

pub(super) fn url_end(scan: &mut Scan<'_>, from: usize) -> usize {
    let end = scan.run_end(from, URL_BYTES_MAX, |byte| {
        byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b'|' | b'^')
    });
    from + scan.text[from..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '*']).len()
}

fn password_counts(name: &str, password: &str, host: &str) -> bool {
    // What manuals write where a password belongs.
    const STAND_INS: [&str; 8] =
        ["password", "passwd", "pass", "pwd", "pw", "mypassword", "dbpassword", "yourpassword"];
    let hosts = ["localhost", "127.0.0.1", "host", "example.", "hostname", "server"];
    if STAND_INS.iter().any(|word| password.eq_ignore_ascii_case(word))
        && hosts.iter().any(|at| host.starts_with(at))
    {
        return false;
    }
    let stands_in = value::is_placeholder(password) || password.starts_with(['$', '{', '<', '[', '%']);
    let repeats_name = name.len() < 3 && name.eq_ignore_ascii_case(password);
    !(password.is_empty() || stands_in || repeats_name)
}

fn has_secret_parameter(rest: &str) -> bool {
    let Some(query) = rest.find(['?', '#']).and_then(|at| rest.get(at + 1..)) else { return false };
    query.split(['&', ';', '#', '?']).take(PARAMETERS_MAX).any(|parameter| {
        parameter.split_once('=').is_some_and(|(name, given)| {
            let name = name.to_ascii_lowercase();
            let is_password = name.starts_with("pass") || name == "pwd";
            PARAMETER_NAMES.contains(&name.as_str())
                && !value::is_placeholder(given)
                && (value::drawn(given) >= Drawn::Letters
                    || is_password && given.len() >= 4
                    || given.len() >= 10 && value::is_mixed(given))
        })
    })
}
