//! The gateway: relays every request unchanged and keeps only what was agreed to.

pub mod identity;
pub mod limit;
