//! Candor: release.
