//! Public names.
pub(crate) mod lists;
