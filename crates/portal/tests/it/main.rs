//! Integration tests of the pages: a real vault, real HTTP on loopback.

#[cfg(test)]
mod asking;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod chat;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod leaving;
#[cfg(test)]
mod place;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod talking;
