//! Candor: vault.
