//! The transparency log's mathematics: trees, signed checkpoints, and proofs that a stranger can check.
//!
//! Every function here is pure: bytes in, bytes or an error out. The crate reads no file, clock, random source
//! or environment, and knows nothing of what an entry means. Storing entries, and never signing two histories,
//! is the business of the vault.
//!
//! Three structures, each with a proof:
//!
//! * [`tree`]: the RFC 6962 tree of a log or of a release's rows. Proves that a leaf is in it, and that a later
//!   tree only appended to an earlier one. [`tile`] keeps it as files, so that a large one needs no memory.
//! * [`sparse`]: a map from 256-bit keys to 256-bit values. Proves that a key is in it, *or that it is not*.
//! * [`checkpoint`] over [`note`]: a signed statement "this log has this many entries and this root".
//!   [`proof_file`] joins leaf, path and checkpoint into one file that verifies offline. [`witness`] is what
//!   others sign who saw that a log only appended, and [`policy`] says whose word is enough.
//!
//! Each module's first page gives the exact bytes, so that a verifier can be written from it alone. In those
//! pages `‖` joins bytes, `U64` is eight bytes big-endian, and `U16` two bytes big-endian.
//!
//! ```
//! use candor_tlog::checkpoint::Checkpoint;
//! use candor_tlog::hash::leaf_hash;
//! use candor_tlog::note::SignerKey;
//! use candor_tlog::proof_file::LogProof;
//! use candor_tlog::tree::{LeafIndex, MerkleTree};
//!
//! let leaves: Vec<_> = (0..5u8).map(|entry| leaf_hash(&[entry])).collect();
//! let tree = MerkleTree::new(leaves);
//!
//! let key = SignerKey::from_seed("log.example/consent".parse()?, &[7; 32]);
//! let checkpoint = Checkpoint::new("log.example/consent", tree.size(), tree.root())?;
//! let path = tree.inclusion_proof(LeafIndex(3), tree.size())?;
//! let proof = LogProof::new(LeafIndex(3), path, checkpoint.sign(&[&key])?)?;
//!
//! let received = LogProof::parse(proof.to_string().as_bytes())?;
//! assert_eq!(received.verify(&leaf_hash(&[3]), &key.verifier())?, checkpoint);
//! assert!(received.verify(&leaf_hash(&[4]), &key.verifier()).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod hash;
pub mod tree;

pub mod tile;

pub mod sparse;

pub mod note;

pub mod checkpoint;

pub mod proof_file;

pub mod witness;

pub mod policy;

mod decimal;
