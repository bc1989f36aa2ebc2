//! Vendors whose keys have no mark of their own, with the forms in which they are issued, by field.
//!
//! A row reads: the rule's name, how the vendor is named in lower case, and each form: alphabet, shortest, longest.
//! Forms are those of the vendors' documentation and key consoles.

mod business;
mod data;
mod developers;
mod messages;
mod money;

use super::service::Service;

/// Every vendor.
pub(crate) fn all() -> impl Iterator<Item = &'static Service> {
    [business::SERVICES, data::SERVICES, developers::SERVICES, messages::SERVICES, money::SERVICES]
        .into_iter()
        .flatten()
}
