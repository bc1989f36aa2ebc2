//! What a witness holds and signs when many ask at once, and after it was started again.

#[cfg(test)]
mod asking {
    use std::fs;
    use std::sync::Mutex;
    use std::thread;

    use candor_tlog::checkpoint::Checkpoint;
    use candor_tlog::hash::leaf_hash;
    use candor_tlog::note::SignerKey;
    use candor_tlog::tree::{MerkleTree, TreeSize};
    use candor_tlog::witness::{AddCheckpoint, Refusal};
    use candor_witness::{Signed, StoreError, Witness};

    fn log() -> SignerKey {
        SignerKey::from_seed("log.example/log".parse().unwrap(), &[1; 32])
    }

    fn request(old: u64, new: u64) -> Vec<u8> {
        let tree = MerkleTree::new((0..new).map(|n| leaf_hash(&n.to_be_bytes())).collect());
        let proof = tree.consistency_proof(TreeSize(old), tree.size()).unwrap();
        let checkpoint = Checkpoint::new("log.example/log", tree.size(), tree.root()).unwrap();
        let checkpoint = checkpoint.sign(&[&log()]).unwrap();
        AddCheckpoint { old: TreeSize(old), proof, checkpoint }.to_string().into_bytes()
    }

    #[test]
    fn of_many_who_ask_at_once_each_size_is_signed_from_one_state_only() {
        let folder = tempfile::tempdir().unwrap();
        Witness::create(folder.path(), "w.example".parse().unwrap(), &[2; 32]).unwrap();
        fs::write(folder.path().join("logs.keys"), format!("# One.\n\n{}\n", log().verifier())).unwrap();
        let witness = Witness::open(folder.path()).unwrap();
        assert!(matches!(Witness::open(folder.path()), Err(StoreError::Held(_))));
        let steps = Mutex::new(Vec::new());
        let ask = |seed: u64| {
            let mut old = 0;
            for step in 1..40 {
                let new = old + 1 + (seed * step) % 7;
                match witness.add_checkpoint(&request(old, new), 5).unwrap() {
                    Signed::Line(_) => {
                        steps.lock().unwrap().push((old, new));
                        old = new;
                    }
                    Signed::Refused(Refusal::OtherSize { held, .. }) => old = held.0,
                    Signed::Refused(other) => panic!("{other}"),
                }
            }
        };
        thread::scope(|scope| {
            (1..5).for_each(|seed| {
                drop(scope.spawn({
                    let ask = &ask;
                    move || ask(seed)
                }))
            })
        });
        // Each step begins where another ended, and no two begin at one place: one history.
        let mut steps = steps.into_inner().unwrap();
        steps.sort_unstable();
        assert!(steps.len() > 20, "{}", steps.len());
        assert!(steps.windows(2).all(|pair| pair[0].1 == pair[1].0), "{steps:?}");
        let last = steps.last().unwrap().1;
        drop(witness);
        // Started again it goes on from there.
        let witness = Witness::open(folder.path()).unwrap();
        let late = witness.add_checkpoint(&request(0, last + 1), 6).unwrap();
        assert!(matches!(late, Signed::Refused(Refusal::OtherSize { held, .. }) if held.0 == last));
        assert!(matches!(witness.add_checkpoint(&request(last, last + 1), 6).unwrap(), Signed::Line(_)));
        assert!(matches!(
            witness.add_checkpoint(b"old 1\n", 6).unwrap(),
            Signed::Refused(Refusal::Malformed(_))
        ));
    }
}
