//! The decision: named situations with what they come to, and laws that hold for all of them.

#[cfg(test)]
mod case;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod model;
#[cfg(test)]
mod situations;
