//! Integration tests of the vault crate: stores that fail, keys that die, bytes that change. On both databases: this
//! file is a module of `tests/postgres/main.rs`, too.

#[cfg(test)]
mod appending;
#[cfg(test)]
mod capturing;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod dying;
#[cfg(test)]
mod failing;
#[cfg(test)]
mod files;
#[cfg(test)]
mod forgetting;
#[cfg(test)]
mod inbox;
#[cfg(test)]
mod learning;
#[cfg(test)]
mod own;
#[cfg(test)]
pub(crate) mod place;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod serving;
#[cfg(test)]
pub(crate) mod speech;
#[cfg(test)]
mod states;
