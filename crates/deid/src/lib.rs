//! Candor: deid.
