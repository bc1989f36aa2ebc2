//! The integration tests of the vault crate with the catalogue in PostgreSQL (see `place.rs`), and those of what only
//! a server can do.

#[cfg(test)]
#[path = "../it/main.rs"]
mod it;
#[cfg(test)]
mod server;
