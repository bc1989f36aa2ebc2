//! Witnesses: others who sign that a log, as far as they saw, only appended (C2SP `tlog-cosignature`, `tlog-witness`).
//!
//! **Keys and cosignatures**, Ed25519:
//!
//! | what | bytes |
//! | --- | --- |
//! | key id | first 4 bytes of SHA-256(name ‖ `0x0A` ‖ `0x04` ‖ public key (32)) |
//! | verifier key, as text | name `+` 8 lower-case hexadecimal digits of the key id `+` base64(`0x04` ‖ public key) |
//! | signature in a checkpoint's line | `U64` seconds since 1970 ‖ Ed25519 signature (64) |
//! | what is signed | `"cosignature/v1\ntime "` seconds, ASCII decimal, newline ‖ text of the checkpoint's note |
//!
//! **The request** to a witness, [`AddCheckpoint`], which is also our form for a consistency proof in a file:
//!
//! ```text
//! "old " tree size that the witness signed last, or 0; newline
//! zero or more:  base64 of a 32-byte hash, newline          (consistency proof from there to the checkpoint)
//! an empty line
//! the signed checkpoint, byte for byte
//! ```
//!
//! **The answer** is the witness's signature lines, or a status: [`judge`] makes all of the decision, and the
//! witness has only to hold what it signed last, durably, before it answers.
//!
//! Source: c2sp.org/tlog-cosignature@v1.0.0, c2sp.org/tlog-witness@v1.0.0.

mod cosign;
mod request;

pub use cosign::{Cosignature, WitnessKey, WitnessSigner};
pub use request::{AddCheckpoint, CONSISTENCY_LINES_MAX, REQUEST_BYTES_MAX, Refusal, judge};
