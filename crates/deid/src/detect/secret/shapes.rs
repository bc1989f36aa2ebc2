//! The published forms of keys, as vendors' documentation and key consoles show them, by field.
//!
//! A row reads: the rule's name, the mark, the alphabet of what follows, how many characters follow.

mod cloud;
mod code;
mod data;
mod hashed;
mod messages;
mod models;
mod payment;
mod platforms;
mod watching;

use super::shape::Shape;

/// Every form.
pub(crate) fn all() -> impl Iterator<Item = &'static Shape> {
    [
        cloud::SHAPES,
        code::SHAPES,
        data::SHAPES,
        hashed::SHAPES,
        messages::SHAPES,
        models::SHAPES,
        payment::SHAPES,
        platforms::SHAPES,
        watching::SHAPES,
    ]
    .into_iter()
    .flatten()
}
