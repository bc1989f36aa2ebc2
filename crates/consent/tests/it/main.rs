//! The decision: named situations with what they come to, and laws that hold for all of them.

mod case;
mod laws;
mod model;
mod situations;
