//! The crate at its boundary: a release goes in, a model comes out.

#[cfg(test)]
mod artifact;
#[cfg(test)]
mod load;
#[cfg(test)]
mod probe;
#[cfg(test)]
mod retrieve;
#[cfg(test)]
mod town;
#[cfg(test)]
mod training;
