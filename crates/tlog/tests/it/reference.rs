//! The definitions once more, written as the RFC and the module pages word them: slow, and sharing no code with
//! the crate.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

pub(crate) type Bytes32 = [u8; 32];

pub(crate) fn sha256(pieces: &[&[u8]]) -> Bytes32 {
    Sha256::digest(pieces.concat()).into()
}

/// `MTH(D[n])` of RFC 6962 section 2.1, over leaf hashes.
pub(crate) fn tree_root(leaves: &[Bytes32]) -> Bytes32 {
    match leaves {
        [] => sha256(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            sha256(&[&[1], &tree_root(left), &tree_root(right)])
        }
    }
}

/// `PATH(m, D[n])` of RFC 6962 section 2.1.1.
pub(crate) fn path(index: usize, leaves: &[Bytes32]) -> Vec<Bytes32> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let middle = split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    if index < middle {
        [path(index, left), vec![tree_root(right)]].concat()
    } else {
        [path(index - middle, right), vec![tree_root(left)]].concat()
    }
}

/// `PROOF(m, D[n])` of RFC 6962 section 2.1.2.
pub(crate) fn consistency(old: usize, leaves: &[Bytes32]) -> Vec<Bytes32> {
    subproof(old, leaves, true)
}

fn subproof(old: usize, leaves: &[Bytes32], whole: bool) -> Vec<Bytes32> {
    if old == leaves.len() {
        return if whole { Vec::new() } else { vec![tree_root(leaves)] };
    }
    let middle = split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    if old <= middle {
        [subproof(old, left, whole), vec![tree_root(right)]].concat()
    } else {
        [subproof(old - middle, right, false), vec![tree_root(left)]].concat()
    }
}

fn split(count: usize) -> usize {
    let mut middle = 1;
    while middle * 2 < count {
        middle *= 2;
    }
    middle
}

pub(crate) type Map = BTreeMap<Bytes32, Bytes32>;

/// Root of the sparse tree, by its definition.
pub(crate) fn sparse_root(map: &Map) -> Bytes32 {
    sha256(&[b"candor-smt1-root", &(map.len() as u64).to_be_bytes(), &subtree(map, 0)])
}

/// Encoded sparse proof, by its definition.
pub(crate) fn sparse_proof(map: &Map, key: &Bytes32) -> Vec<u8> {
    let mut on_way = map.clone();
    let mut siblings = Vec::new();
    while on_way.len() > 1 {
        let depth = siblings.len();
        let (same, beside) = on_way.into_iter().partition(|(other, _)| bit(other, depth) == bit(key, depth));
        siblings.push(subtree(&beside, depth + 1));
        on_way = same;
    }
    let (ending, tail) = match on_way.first_key_value() {
        None => (0, Vec::new()),
        Some((own, value)) if own == key => (1, value.to_vec()),
        Some((other, value)) => (2, [*other, *value].concat()),
    };
    let mut bitmap = vec![0u8; siblings.len().div_ceil(8)];
    let mut hashes = Vec::new();
    for (at, sibling) in siblings.iter().enumerate().filter(|(_, sibling)| **sibling != [0; 32]) {
        bitmap[at / 8] |= 128 >> (at % 8);
        hashes.extend_from_slice(sibling);
    }
    let count = (map.len() as u64).to_be_bytes();
    let depth = (siblings.len() as u16).to_be_bytes();
    [&[1, ending], count.as_slice(), &depth, &bitmap, &hashes, &tail].concat()
}

fn subtree(map: &Map, depth: usize) -> Bytes32 {
    match map.len() {
        0 => [0; 32],
        1 => map.iter().map(|(key, value)| sha256(&[b"candor-smt1-leaf", key, value])).next().unwrap(),
        _ => {
            let (right, left) = map.iter().partition(|(key, _)| bit(key, depth));
            sha256(&[b"candor-smt1-node", &subtree(&left, depth + 1), &subtree(&right, depth + 1)])
        }
    }
}

fn bit(key: &Bytes32, depth: usize) -> bool {
    key[depth / 8] >> (7 - depth % 8) & 1 == 1
}
