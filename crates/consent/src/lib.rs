//! Candor: consent.
