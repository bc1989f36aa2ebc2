//! Vendors whose keys have no mark of their own, with the forms in which they are issued, by field.
//!
//! A row reads: the rule's name, how the vendor is named in lower case, and each form: alphabet, shortest, longest.
//! Forms are those of the vendors' documentation and key consoles.

mod business;
mod data;
mod developers;
mod messages;
mod money;
mod unformed;

use super::service::Service;

/// Every name of a vendor, with the vendor.
pub(crate) fn names() -> impl Iterator<Item = (&'static str, &'static Service)> {
    let formed = all().flat_map(|vendor| vendor.names.iter().map(move |name| (*name, vendor)));
    formed.chain(unformed::NAMES.split_whitespace().map(|name| (name, &unformed::SERVICE)))
}

/// Every vendor whose keys have a form.
pub(crate) fn all() -> impl Iterator<Item = &'static Service> {
    [business::SERVICES, data::SERVICES, developers::SERVICES, messages::SERVICES, money::SERVICES]
        .into_iter()
        .flatten()
}
