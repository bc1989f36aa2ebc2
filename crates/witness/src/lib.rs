//! Witnesses over HTTP: a server that signs what other logs show it, and a client that asks such servers
//! (C2SP `tlog-witness`).
//!
//! What a witness may sign is decided by [`candor_tlog::witness::judge`]; here it is held on disk, asked for and
//! answered. The crate knows nothing of what entries mean, and reads no clock: the caller gives one.

mod client;
mod server;
mod store;

pub use client::{AskError, Asked, Client};
pub use server::serve;
pub use store::{Signed, StoreError, Witness};
