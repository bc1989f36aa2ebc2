//! The guard from outside: what passes, what does not, and laws for every text and every way to cut it.

#[cfg(test)]
mod indexing;
#[cfg(test)]
mod masking;
#[cfg(test)]
mod pieces;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod watching;
