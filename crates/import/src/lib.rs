//! Candor: import.
