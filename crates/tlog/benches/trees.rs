//! Times the trees at a million entries: `cargo bench -p candor-tlog`.
//!
//! Prints one figure a line, name and value. Best of three for builds, the copy of
//! their input included; averages over many keys for proofs.

use std::hint::black_box;
use std::time::Duration;

use candor_tlog::hash::{Hash, leaf_hash};
use candor_tlog::sparse::{Key, Outcome, SparseProof, SparseTree, Value};
use candor_tlog::tree::{LeafIndex, MerkleTree, RootBuilder, verify_inclusion};

const ENTRIES: u64 = 1_000_000;
const PROOFS: u64 = 100_000;
const ROUNDS: usize = 3;

fn main() {
    sparse_figures();
    row_figures();
}

fn sparse_figures() {
    let entries: Vec<_> = (0..ENTRIES).map(|n| (Key(mixed("key", n)), Value(mixed("value", n)))).collect();
    let (build, tree) = best(|| SparseTree::build(entries.clone()));
    let Ok(tree) = tree else { return show("sparse build", "repeated key") };
    show("sparse_build_1m_ms", build.as_millis());

    let absent: Vec<_> = (0..PROOFS).map(|n| Key(mixed("absent", n))).collect();
    let (prove, proofs) = once(|| absent.iter().map(|key| tree.prove(key).encode()).collect::<Vec<_>>());
    let total: usize = proofs.iter().map(Vec::len).sum();
    show("absence_proof_bytes_avg", total / proofs.len());
    show("absence_proof_bytes_max", proofs.iter().map(Vec::len).max().unwrap_or(0));
    show("absence_prove_encode_ns_avg", prove.as_nanos() / u128::from(PROOFS));

    let root = tree.root();
    let (verify, held) = once(|| {
        let pairs = proofs.iter().zip(&absent);
        pairs.filter(|(bytes, key)| says(bytes, &root, key) == Some(Outcome::Absent)).count()
    });
    show("absence_decode_verify_ns_avg", verify.as_nanos() / u128::from(PROOFS));
    show("absence_proofs_that_hold", format!("{held} of {PROOFS}"));
}

fn row_figures() {
    let leaves: Vec<_> = (0..ENTRIES).map(|n| leaf_hash(&n.to_be_bytes())).collect();
    let (build, tree) = best(|| MerkleTree::new(leaves.clone()));
    show("row_tree_build_1m_ms", build.as_millis());
    let (stream, root) = once(|| {
        let mut builder = RootBuilder::new();
        builder.extend(leaves.iter().copied());
        builder.root()
    });
    show("row_root_stream_1m_ms", stream.as_millis());
    let (prove, held) = once(|| {
        let indexes = (0..PROOFS).map(|n| LeafIndex(n * 7 % ENTRIES));
        indexes.filter(|index| row_holds(&tree, &root, *index)).count()
    });
    show("row_prove_verify_ns_avg", prove.as_nanos() / u128::from(PROOFS));
    show("row_proofs_that_hold", format!("{held} of {PROOFS}"));
}

fn says(bytes: &[u8], root: &Hash, key: &Key) -> Option<Outcome> {
    SparseProof::decode(bytes).ok()?.verify(root, key).ok()
}

fn row_holds(tree: &MerkleTree, root: &Hash, index: LeafIndex) -> bool {
    let (Ok(leaf), Ok(proof)) = (tree.leaf(index), tree.inclusion_proof(index, tree.size())) else {
        return false;
    };
    verify_inclusion(&leaf, index, tree.size(), &proof, root).is_ok()
}

fn mixed(tag: &str, number: u64) -> [u8; 32] {
    leaf_hash(&[tag.as_bytes(), &number.to_be_bytes()].concat()).0
}

fn best<T>(mut work: impl FnMut() -> T) -> (Duration, T) {
    let mut fastest = once(&mut work);
    for _ in 1..ROUNDS {
        let next = once(&mut work);
        if next.0 < fastest.0 {
            fastest = next;
        }
    }
    fastest
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock; nothing else in the crate does")]
fn once<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = std::time::Instant::now();
    let result = black_box(work());
    (start.elapsed(), result)
}

#[expect(clippy::print_stdout, reason = "figures are the benchmark's output")]
fn show(name: &str, value: impl std::fmt::Display) {
    println!("{name} {value}");
}
