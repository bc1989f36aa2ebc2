//! Chores that CI and developers run with `cargo xtask`. Nothing here is part of the product.
//!
//! Standard library and `anyhow` only, so that the checks themselves cost little to build.

pub mod ci;
pub mod e2e;
pub mod interop;
pub mod node;
pub mod program;
pub mod reference;
pub mod train_deid;
pub mod train_encoder;
