//! Names by which clouds know one customer: resource names that hold an account's number, and hosts of one tenant.

use std::ops::Range;

use crate::candidate::Evidence;
use crate::detect::secret::value;
use crate::identifier::IdentifierKind;
use crate::scan::Scan;

/// What an AWS resource name begins with.
pub(super) const RESOURCE_NAME: &str = "arn:aws";
/// What the hosts of services end in where the label before names the customer.
pub(super) const TENANT_HOSTS: [&str; 46] = [
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
    ".rds.amazonaws.com",
    ".execute-api.us-east-1.amazonaws.com",
    ".looker.com",
    ".grafana.net",
    ".algolia.net",
    ".ingest.sentry.io",
    ".api.infobip.com",
    ".bamboohr.com",
    ".live.dynatrace.com",
];
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
        scan.claim(start..suffix.end, IdentifierKind::Url, Evidence::shape("tenant-host"), 0.8);
    }
}
