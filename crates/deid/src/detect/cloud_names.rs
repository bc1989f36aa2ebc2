//! Names by which clouds know one customer: resource names that hold an account's number, and hosts of one tenant.

use std::ops::Range;

use crate::candidate::Evidence;
use crate::detect::secret::value;
use crate::detect::url;
use crate::identifier::IdentifierKind;
use crate::scan::Scan;

/// What an AWS resource name begins with.
pub(super) const RESOURCE_NAME: &str = "arn:aws";
/// What the hosts of services end in where the label before names the customer.
pub(super) const TENANT_HOSTS: [&str; 44] = [
    ".openai.azure.com",
    ".cognitiveservices.azure.com",
    ".search.windows.net",
    ".database.windows.net",
    ".blob.core.windows.net",
    ".table.core.windows.net",
    ".queue.core.windows.net",
    ".file.core.windows.net",
    ".servicebus.windows.net",
    ".redis.cache.windows.net",
    ".documents.azure.com",
    ".vault.azure.net",
    ".azure-api.net",
    ".azure-devices.net",
    ".azconfig.io",
    ".azurewebsites.net",
    ".azurecr.io",
    ".azuredatabricks.net",
    ".onmicrosoft.com",
    ".sharepoint.com",
    ".okta.com",
    ".oktapreview.com",
    ".okta-emea.com",
    ".onelogin.com",
    ".auth0.com",
    ".snowflakecomputing.com",
    ".cloud.databricks.com",
    ".my.salesforce.com",
    ".atlassian.net",
    ".zendesk.com",
    ".freshdesk.com",
    ".service-now.com",
    ".myshopify.com",
    ".jfrog.io",
    ".firebaseio.com",
    ".supabase.co",
    ".mongodb.net",
    ".looker.com",
    ".grafana.net",
    ".algolia.net",
    ".ingest.sentry.io",
    ".api.infobip.com",
    ".bamboohr.com",
    ".live.dynatrace.com",
];
/// What the hosts of AWS end in, and the services of which a label before names a customer.
pub(super) const AWS_HOSTS: &str = ".amazonaws.com";
const AWS_TENANT_SERVICES: [&str; 9] =
    ["s3", "rds", "execute-api", "elb", "es", "dkr", "cache", "redshift", "cognito-idp"];
/// How long the name of a bucket is.
const BUCKET_BYTES: std::ops::RangeInclusive<usize> = 3..=63;
/// Addresses of buckets.
pub(super) const BUCKETS: [&str; 4] = ["s3://", "gs://", "s3a://", "s3n://"];
/// The longest resource name or host.
const NAME_BYTES_MAX: usize = 256;
/// Digits of an AWS account's number.
const ACCOUNT_DIGITS: usize = 12;

pub(super) fn detect_resource_name(scan: &mut Scan<'_>, start: usize) {
    let end = scan.run_end(start, NAME_BYTES_MAX, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'/' | b'-' | b'_' | b'.')
    });
    let end = start + scan.text[start..end].trim_end_matches(['.', ':', '/', '-']).len();
    let is_account =
        |part: &str| part.len() == ACCOUNT_DIGITS && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = scan.text[start..end].split(':');
    // `arn:partition:service:region:account:resource`: buckets have no account and bear names that are unique.
    let service = parts.nth(2);
    let has_account = parts.nth(1).is_some_and(is_account);
    let names_bucket = service == Some("s3") && parts.next().is_some_and(|bucket| bucket.len() >= 3);
    if has_account || names_bucket {
        scan.claim(start..end, IdentifierKind::Url, Evidence::shape("aws-resource-name"), 0.85);
    }
}

pub(super) fn detect_tenant_host(scan: &mut Scan<'_>, suffix: Range<usize>) {
    let start = scan.run_start(suffix.start, NAME_BYTES_MAX, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')
    });
    let label = &scan.text[start..suffix.start];
    let generic = ["www", "docs", "help", "status", "login", "support", "developer", "portal", "cdn"];
    let goes_on = scan.at(suffix.end).is_ascii_alphanumeric();
    if label.len() >= 3 && !goes_on && !generic.contains(&label) && !value::is_placeholder(label) {
        claim_url(scan, start..suffix.end);
    }
}

/// Judges a host of AWS: `bucket.s3.eu-west-1.amazonaws.com`, `s3.amazonaws.com/bucket`.
pub(super) fn detect_aws_host(scan: &mut Scan<'_>, suffix: Range<usize>) {
    let start = scan.run_start(suffix.start, NAME_BYTES_MAX, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
    });
    let mut labels = scan.text[start..suffix.start].split('.');
    let is_bucket_host = |label: &str| label == "s3" || label.starts_with("s3-");
    let first = labels.next().unwrap_or_default();
    if is_bucket_host(first) {
        let path = suffix.end + usize::from(scan.at(suffix.end) == b'/');
        let end = bucket_end(scan, path);
        if path > suffix.end && is_own_name(&scan.text[path..end]) {
            claim_url(scan, start..end);
        }
    } else if labels.any(|label| AWS_TENANT_SERVICES.contains(&label) || is_bucket_host(label))
        && is_own_name(first)
    {
        claim_url(scan, start..suffix.end);
    }
}

/// Judges the name of a bucket behind its scheme.
pub(super) fn detect_bucket(scan: &mut Scan<'_>, scheme: Range<usize>) {
    let end = bucket_end(scan, scheme.end);
    if !scan.before(scheme.start).is_ascii_alphanumeric() && is_own_name(&scan.text[scheme.end..end]) {
        claim_url(scan, scheme.start..end);
    }
}

fn bucket_end(scan: &mut Scan<'_>, start: usize) -> usize {
    scan.run_end(start, NAME_BYTES_MAX, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
    })
}

/// Whether a name is one that a customer gave by the rules for buckets, and no stand-in for it.
fn is_own_name(name: &str) -> bool {
    const STAND_INS: [&str; 4] = ["bucket", "mybucket", "bucket-name", "bucketname"];
    let parts: Vec<&str> = name.split(['-', '_']).collect();
    let says_bucket = parts.len() <= 2 && parts.last() == Some(&"bucket");
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    BUCKET_BYTES.contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'_'))
        && edge(name.as_bytes().first())
        && edge(name.as_bytes().last())
        && !says_bucket
        && !STAND_INS.contains(&name)
        && !value::is_placeholder(name)
}

/// Claims a host with its scheme and its path.
fn claim_url(scan: &mut Scan<'_>, host: Range<usize>) {
    let before = &scan.text[..host.start];
    let start = ["https://", "http://"].iter().find_map(|scheme| before.strip_suffix(scheme));
    let end = match scan.at(host.end) {
        b'/' | b':' => url::url_end(scan, host.end),
        _ => host.end,
    };
    let range = start.map_or(host.start, str::len)..end;
    scan.claim(range, IdentifierKind::Url, Evidence::shape("tenant-host"), 0.8);
}
