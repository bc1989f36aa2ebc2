//! Any cut between two batches: a reader resumed there gives exactly what was left.

use std::path::PathBuf;

use candor_import::{Item, Limits, Position, Reader};
use proptest::prelude::*;

use crate::support::{gzipped, records, row, zipped, zstandard};

/// A run that stops after each batch whose index is in `cuts`, writes its position down and is resumed.
fn run(paths: &[PathBuf], limits: Limits, cuts: &[usize]) -> Vec<Item> {
    let mut reader = Reader::open(paths, limits).unwrap();
    let mut items = Vec::new();
    for index in 0.. {
        let Some(batch) = reader.next_batch().unwrap() else { break };
        items.extend(batch.items);
        if cuts.contains(&index) {
            let written = serde_json::to_string(&batch.position).unwrap();
            let position: Position = serde_json::from_str(&written).unwrap();
            assert_eq!(position, batch.position);
            reader = Reader::resume(paths, limits, &position).unwrap();
        }
    }
    items
}

/// Rows of several trees shuffled into each other by `order`, with some bad lines among them.
fn interleaved(order: &[u8]) -> String {
    let mut next = [0; 6];
    let mut log = String::new();
    for pick in order {
        let tree = usize::from(*pick % 6);
        let number = next[tree];
        next[tree] += 1;
        let parent = (number > 0).then(|| format!("t{tree}-{}", number - 1));
        log += &row(&format!("t{tree}"), &format!("t{tree}-{number}"), parent.as_deref());
        match pick {
            250.. => log += "{\"cut\n",
            240..250 => log += "{\"event\":1}\n",
            _ => {}
        }
    }
    log
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_cut_resumed_equals_the_uninterrupted_run(
        order in proptest::collection::vec(any::<u8>(), 0..60),
        batch_bytes in 1..3000usize,
        open_tree_bytes_max in 1..6000usize,
        cuts in proptest::collection::vec(0..60usize, 1..12),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let rows = interleaved(&order);
        let array = format!("[{}]", records(9).trim_end().replace('\n', ",\n"));
        let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        write("a.jsonl", rows.as_bytes());
        write("b.json", array.as_bytes());
        write("c.gz", &gzipped(rows.as_bytes()));
        write("d.zst", &zstandard(format!("{{\"event\":0}}\nbroken\n{}", records(5)).as_bytes()));
        let inner = zipped(&[("1", array.as_bytes()), ("2", b"\x89PNG"), ("3", rows.as_bytes())]);
        write("e.zip", &zipped(&[("x", rows.as_bytes()), ("y", &inner), ("z", b"{\"user\":1}")]));
        write("f.zip", b"PK\x03\x04 cut");
        let paths = [folder.path().to_owned()];
        let limits = Limits { batch_bytes, open_tree_bytes_max, ..Limits::default() };
        let whole = run(&paths, limits, &[]);
        prop_assert_eq!(&run(&paths, limits, &cuts), &whole);
        prop_assert_eq!(&run(&paths, Limits { open_tree_bytes_max, ..Limits::default() }, &[]), &whole);
    }
}

#[test]
fn every_single_batch_can_be_the_last_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.zip"), zipped(&[("a", records(20).as_bytes())])).unwrap();
    let paths = [folder.path().to_owned()];
    let limits = Limits { batch_bytes: 1, ..Limits::default() };
    let cuts: Vec<usize> = (0..100).collect();
    let items = run(&paths, limits, &cuts);
    assert_eq!(items.len(), 20);
    assert_eq!(items, run(&paths, limits, &[]));
}

#[test]
fn a_position_is_refused_when_its_file_has_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    std::fs::write(&path, records(20)).unwrap();
    let limits = Limits { batch_bytes: 100, ..Limits::default() };
    let paths = [path.clone()];
    let position = Reader::open(&paths, limits).unwrap().next_batch().unwrap().unwrap().position;
    assert_eq!(position.file().unwrap().name, "log.jsonl");
    std::fs::write(&path, records(20).replace("question 3", "question 9")).unwrap();
    let error = Reader::resume(&paths, limits, &position).err().unwrap().to_string();
    assert!(error.contains("`log.jsonl` is not what it was"), "{error}");
    std::fs::write(&path, records(21)).unwrap();
    assert!(Reader::resume(&paths, limits, &position).is_err());
    std::fs::write(&path, records(20)).unwrap();
    assert!(Reader::resume(&paths, limits, &position).is_ok());
}

#[test]
fn a_position_holds_no_content() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    std::fs::write(&path, row("tree-canary", "id-canary", None)).unwrap();
    let limits = Limits { batch_bytes: 1, ..Limits::default() };
    let batch = Reader::open(&[path], limits).unwrap().next_batch().unwrap().unwrap();
    let written = serde_json::to_string(&batch.position).unwrap();
    assert!(!written.contains("canary"), "{written}");
}
