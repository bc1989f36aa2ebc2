//! Candor: tlog.
