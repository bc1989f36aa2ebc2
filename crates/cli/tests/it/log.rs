//! The log as outsiders see it: what is wrong with one is told by its name, and operators witness each other.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use candor_tlog::checkpoint::Checkpoint;
use candor_tlog::hash::leaf_hash;
use candor_tlog::note::SignerKey;
use candor_tlog::tile::{Edge, TILE_WIDTH, Tile, TileAddress, push_entry};
use candor_tlog::tree::TreeSize;
use candor_tlog::witness::WitnessSigner;

use crate::run::{Answer, World, copy_folder, files};
use crate::town;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn entries(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|number| format!("entry {number}").into_bytes()).collect()
}

fn key(role: &str) -> SignerKey {
    SignerKey::from_seed(format!("chat.example.org/{role}").parse().unwrap(), &[7; 32])
}

/// The log that an operator with this key makes of these entries.
fn write_log(folder: &Path, entries: &[Vec<u8>]) {
    let write = |name: String, bytes: Vec<u8>| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let mut edge = Edge::default();
    let full: Vec<Tile> = edge.append(entries.iter().map(|entry| leaf_hash(entry)));
    for tile in full.into_iter().chain(edge.partial_since(TreeSize(0))) {
        write(tile.address.to_string(), tile.bytes());
    }
    for (index, part) in (0..).zip(entries.chunks(TILE_WIDTH as usize)) {
        let mut bundle = Vec::new();
        part.iter().for_each(|entry| push_entry(&mut bundle, entry).unwrap());
        write(TileAddress { level: 0, index, width: part.len() as u16 }.bundle_path(), bundle);
    }
    let checkpoint = Checkpoint::new("chat.example.org/log", edge.size(), edge.root()).unwrap();
    write("checkpoint".into(), checkpoint.sign(&[&key("log")]).unwrap().to_string().into_bytes());
}

/// A log of 600 entries, what was kept of it, and the same log later with 700.
struct Copies {
    world: World,
    trust: String,
}

impl Copies {
    fn new() -> Self {
        let world = World::empty(crate::run::NOW);
        write_log(&world.beside("older"), &entries(600));
        write_log(&world.beside("newer"), &entries(700));
        let trust = format!("{}\n{}\n", key("operator").verifier(), key("log").verifier());
        let trust = text(&world.write("keys", trust)).to_owned();
        Self { world, trust }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.world.beside(name)
    }

    fn verify(&self, folder: &str, more: &[&str]) -> Answer {
        let folder = self.path(folder);
        let told =
            self.world.run(&[&["log", "verify", text(&folder), "--trust", &self.trust], more].concat());
        self.agree(&folder, more, &told);
        told
    }

    /// The verifier in Python says the same, where there is a Python, and nothing but a checkpoint was kept.
    fn agree(&self, folder: &Path, more: &[&str], told: &Answer) {
        if more.first() == Some(&"--held") && Path::new(more[1]).is_dir() {
            return;
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../verify/candor_log.py");
        let mut command = Command::new("python3");
        command.arg(script).arg(folder).args(["--trust", &self.trust]).args(more);
        let Ok(output) = command.output() else { return println!("no Python: one verifier is tested") };
        let (out, errors) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!((output.status.code(), errors.as_str()), (told.code, ""), "{out}\n{told:?}");
        let faults = [
            "rewritten record",
            "dropped entry",
            "wrong tile",
            "forked log",
            "rolled-back checkpoint",
            "missing witness",
            "wrong witness",
            "is missing",
        ];
        for fault in faults {
            assert_eq!(out.contains(fault), told.out.contains(fault), "{fault}: {out}\n{told:?}");
        }
    }
}

#[test]
fn a_copy_that_only_appended_holds_with_and_without_what_was_kept() {
    let copies = Copies::new();
    let (older, checkpoint) = (copies.path("older"), copies.path("older/checkpoint"));
    for held in [&[][..], &["--held", text(&older)], &["--held", text(&checkpoint)]] {
        let told = copies.verify("newer", held);
        assert_eq!(told.code, Some(0), "{told:?}");
        assert!(told.out.contains("VERIFIED\n  700 entries, root "), "{told:?}");
    }
    assert_eq!(copies.verify("older", &["--held", text(&older)]).code, Some(0));
}

#[test]
fn a_record_that_was_rewritten_is_told_by_its_position() {
    let copies = Copies::new();
    let older = copies.path("older");
    let mut rewritten = entries(700);
    rewritten[300] = b"other 300".to_vec();
    // In the bundle alone.
    let bundle = copies.path("newer/tile/entries/001");
    let bytes = fs::read(&bundle).unwrap();
    let at = memchr::memmem::find(&bytes, b"entry 300").unwrap();
    let mut changed = bytes.clone();
    changed[at..at + 9].copy_from_slice(b"other 300");
    fs::write(&bundle, changed).unwrap();
    copies.verify("newer", &[]).fails(1, "rewritten record: entry 300");
    fs::write(&bundle, bytes).unwrap();
    assert_eq!(copies.verify("newer", &[]).code, Some(0));
    // In the bundle and the tree, under the old checkpoint; and signed anew.
    let checkpoint = fs::read(copies.path("newer/checkpoint")).unwrap();
    write_log(&copies.path("newer"), &rewritten);
    copies.verify("newer", &["--held", text(&older)]).fails(1, "rewritten record: entry 300");
    let signed_anew = copies.verify("newer", &["--held", text(&copies.path("older/checkpoint"))]);
    signed_anew.fails(1, "forked log: of its first 600 entries");
    fs::write(copies.path("newer/checkpoint"), checkpoint).unwrap();
    copies
        .verify("newer", &[])
        .fails(1, "rewritten record: the log's first 700 entries and tiles fit together");
    // In a tile alone.
    let copies = Copies::new();
    let tile = copies.path("newer/tile/1/000.p/2");
    let mut bytes = fs::read(&tile).unwrap();
    bytes[3] ^= 1;
    fs::write(&tile, bytes).unwrap();
    copies.verify("newer", &[]).fails(1, "wrong tile: tile/1/000.p/2");
}

#[test]
fn an_entry_that_was_dropped_is_told_by_its_position() {
    let copies = Copies::new();
    let older = copies.path("older");
    // The tree still has it.
    let mut without = entries(512);
    without.remove(300);
    let mut bundle = Vec::new();
    without[256..].iter().for_each(|entry| push_entry(&mut bundle, entry).unwrap());
    fs::write(copies.path("newer/tile/entries/001"), bundle).unwrap();
    copies.verify("newer", &[]).fails(1, "dropped entry: the log had an entry 300");
    // Nothing has it any more.
    let mut without = entries(700);
    without.remove(300);
    fs::remove_dir_all(copies.path("newer")).unwrap();
    write_log(&copies.path("newer"), &without);
    assert_eq!(copies.verify("newer", &[]).code, Some(0), "by itself it cannot be told");
    copies.verify("newer", &["--held", text(&older)]).fails(1, "dropped entry: the log had an entry 300");
    fs::remove_file(copies.path("newer/tile/entries/000")).unwrap();
    copies.verify("newer", &[]).fails(1, "is missing");
}

#[test]
fn a_forked_log_a_rolled_back_one_and_one_of_another_are_told_apart() {
    let copies = Copies::new();
    let held = copies.path("older/checkpoint");
    let mut fork = entries(600);
    fork[599] = b"another ending".to_vec();
    write_log(&copies.path("fork"), &fork);
    copies.verify("fork", &["--held", text(&held)]).fails(1, "forked log: of its first 600 entries");
    fork.extend(entries(50));
    write_log(&copies.path("fork"), &fork);
    copies.verify("fork", &["--held", text(&held)]).fails(1, "forked log: of its first 600 entries");
    write_log(&copies.path("back"), &entries(599));
    copies
        .verify("back", &["--held", text(&held)])
        .fails(1, "rolled-back checkpoint: the log had 600 entries, and has 599");
    let world = World::new();
    copy_folder(&world.data().join("log"), &copies.path("other"));
    copies.verify("other", &[]).fails(1, "checkpoint does not verify with this log's key");
}

#[test]
fn a_missing_and_a_wrong_witness_are_told_by_name() {
    let copies = Copies::new();
    let signer =
        |number: u8| WitnessSigner::from_seed(format!("w{number}.example").parse().unwrap(), &[number; 32]);
    let policy = format!(
        "witness one {}\nwitness two {}\ngroup both all one two\nquorum both\n",
        signer(1).key(),
        signer(2).key()
    );
    let policy = copies.world.write("policy", policy);
    let checkpoint = copies.path("newer/checkpoint");
    let note = candor_tlog::note::SignedNote::parse(&fs::read(&checkpoint).unwrap()).unwrap();
    let older =
        candor_tlog::note::SignedNote::parse(&fs::read(copies.path("older/checkpoint")).unwrap()).unwrap();
    let with = |lines: &[candor_tlog::note::NoteSignature]| {
        fs::write(&checkpoint, note.clone().with_signatures(lines).unwrap().to_string()).unwrap();
        copies.verify("newer", &["--policy", text(&policy)])
    };
    with(&[signer(1).cosign(&note, 5)]).fails(
        1,
        "missing witness: `both` did not sign this checkpoint; of its witnesses one did, two did not",
    );
    with(&[signer(1).cosign(&note, 5), signer(2).cosign(&older, 5)])
        .fails(1, "wrong witness: the line of `two`");
    let both = with(&[signer(1).cosign(&note, 5), signer(2).cosign(&note, 6)]);
    assert_eq!(both.code, Some(0));
    assert!(both.out.contains("witnessed by one, two"), "{both:?}");
}

#[test]
fn the_operators_own_check_reads_everything_and_finds_what_the_start_does_not_look_at() {
    let world = town::agreed();
    let many: Vec<String> = (0..600).map(|number| format!("extra-{number}")).collect();
    let enrol: Vec<&str> = ["enrol"].into_iter().chain(many.iter().map(String::as_str)).collect();
    world.ok(&enrol);
    let checked = world.json(&["log", "check"]);
    assert_eq!(checked["verified"], true);
    assert!(checked["entries"].as_u64().unwrap() > 600);
    // Far from the right edge: the start reads neither.
    let in_catalogue = world.copy();
    let db = rusqlite::Connection::open(in_catalogue.data().join("catalogue.sqlite")).unwrap();
    db.execute("UPDATE log_entry SET entry = zeroblob(32) WHERE position = 100", []).unwrap();
    in_catalogue.ok(&["recall"]);
    in_catalogue.run(&["log", "check"]).fails(1, "rewritten record: entry 100 in the catalogue");
    let bundle = world.data().join("log/tile/entries/000");
    let mut bytes = fs::read(&bundle).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&bundle, bytes).unwrap();
    world.ok(&["recall"]);
    world.run(&["log", "check"]).fails(1, "rewritten record: entry 255");
}

#[test]
fn partial_tiles_go_when_they_are_full_and_no_other_file_stays() {
    let world = World::new();
    let before = files(&world.data().join("log"));
    assert!(before.contains_key(Path::new("tile/0/000.p/1")), "{:?}", before.keys());
    let many: Vec<String> = (0..255).map(|number| format!("extra-{number}")).collect();
    let enrol: Vec<&str> = ["enrol"].into_iter().chain(many.iter().map(String::as_str)).collect();
    world.ok(&enrol);
    let after: Vec<String> =
        files(&world.data().join("log")).keys().map(|path| path.display().to_string()).collect();
    assert_eq!(after, ["checkpoint", "tile/0/000", "tile/1/000.p/1", "tile/entries/000"]);
    world.ok(&["log", "check"]);
}

#[test]
fn a_receipt_is_held_against_a_newer_log_a_newer_checkpoint_and_a_policy() {
    let world = town::agreed();
    let receipts = town::receipts_of(&world, "cy");
    let receipt = receipts.join(files(&receipts).keys().next().unwrap());
    let trust = world.data().join("trust.keys");
    let verify = |world: &World, more: &[&str]| {
        world.run(&[&["verify", text(&receipt), "--trust", text(&trust)], more].concat())
    };
    let (fork, size) = (world.copy(), world.json(&["log", "check"])["entries"].as_u64().unwrap());
    world.ok(&["enrol", "gus", "hal"]);
    let log = world.data().join("log");
    let told = verify(&world, &["--log", text(&log)]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(
        told.out.contains(&format!("the log has {} entries now and only appended", size + 2)),
        "{told:?}"
    );
    // The checkpoint alone shows nothing; with the proof it does.
    let newer = log.join("checkpoint");
    verify(&world, &["--checkpoint", text(&newer)]).fails(1, "`candor log consistency --from");
    let proof = world.beside("proof");
    world.ok(&["log", "consistency", "--from", &size.to_string(), "--to", text(&proof)]);
    assert!(fs::read_to_string(&proof).unwrap().starts_with(&format!("old {size}\n")));
    let told = verify(&world, &["--checkpoint", text(&proof)]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let older = fs::read_to_string(fork.data().join("log/checkpoint")).unwrap();
    let older = world.write("older", older);
    world.ok(&["log", "consistency", "--from", text(&older), "--to", text(&proof)]);
    assert_eq!(verify(&world, &["--checkpoint", text(&older)]).code, Some(0));
    // The same operator shows somebody else another history, which begins before this receipt.
    let other = World::new();
    fs::remove_dir_all(other.data()).unwrap();
    copy_folder(&fork.data(), &other.data());
    let db = rusqlite::Connection::open(other.data().join("catalogue.sqlite")).unwrap();
    db.execute("DELETE FROM log_entry WHERE position > 1", []).unwrap();
    db.execute("UPDATE log_entry SET entry = $1 WHERE position = 1", [b"{\"type\":\"other\"}".as_slice()])
        .unwrap();
    drop(db);
    let empty = World::empty(crate::run::NOW);
    fs::remove_dir_all(other.data().join("log")).unwrap();
    copy_folder(&empty.data().join("log"), &other.data().join("log"));
    other.run(&["recall"]).fails(3, "checkpoint does not verify with this log's key");
    // Rolled back.
    world.ok(&["recall"]);
    fs::write(log.join("checkpoint"), fs::read(fork.data().join("log/checkpoint")).unwrap()).unwrap();
    let receipts = town::receipts_of(&fork, "cy");
    assert!(!files(&receipts).is_empty());
    let policy = world.write("policy", "quorum none\n");
    assert_eq!(verify(&world, &["--policy", text(&policy)]).code, Some(0));
    let signer = WitnessSigner::from_seed("w.example".parse().unwrap(), &[1; 32]);
    let policy = world.write("policy", format!("witness one {}\nquorum one\n", signer.key()));
    verify(&world, &["--policy", text(&policy)]).fails(1, "missing witness: `one`");
}

/// A witness at work, and where.
struct Witness {
    child: Child,
    address: String,
}

impl Witness {
    fn start(world: &World, abort_at: Option<&str>) -> Self {
        let mut command: Command = world.command(&["witness", "serve", "witness", "--listen", "127.0.0.1:0"]);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        if let Some(step) = abort_at {
            command.env("CANDOR_ABORT_AT", step);
        }
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().unwrap().unwrap();
            if let Some((_, address)) = line.split_once(": http://") {
                break format!("http://{address}");
            }
        };
        // Whoever reads no more must not keep the other from writing.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes a witness beside a world that signs for another one; returns its key.
fn make_witness(world: &World, name: &str, of: &World) -> String {
    let made = world.json(&["witness", "init", "witness", "--name", name]);
    let keys = fs::read_to_string(of.data().join("trust.keys")).unwrap();
    let log = keys.lines().find(|line| line.contains("/log+")).unwrap().to_owned();
    fs::write(world.beside("witness/logs.keys"), log + "\n").unwrap();
    made["key"].as_str().unwrap().to_owned()
}

fn ask(world: &World, key: &str, address: &str) -> Answer {
    let policy = format!("witness other {key} {address}\nquorum other\n");
    fs::write(world.data().join("witness.policy"), policy).unwrap();
    world.run(&["log", "witness"])
}

#[test]
fn two_operators_witness_each_other_and_a_choice_waits_for_neither() {
    let (here, there) = (World::new(), World::new());
    let (our_key, their_key) =
        (make_witness(&here, "here.example", &there), make_witness(&there, "there.example", &here));
    let (ours, theirs) = (Witness::start(&here, None), Witness::start(&there, None));
    for (world, key, witness) in [(&here, &their_key, &theirs), (&there, &our_key, &ours)] {
        let asked = ask(world, key, &witness.address);
        assert_eq!(asked.code, Some(0), "{asked:?}");
        world.ok(&["enrol", "ada"]);
        let published = fs::read_to_string(world.data().join("log/checkpoint")).unwrap();
        assert!(published.contains("\n1\n"), "what is new waits for the quorum: {published}");
        assert!(world.data().join("log/checkpoint.waiting").exists());
        let asked = ask(world, key, &witness.address);
        assert!(asked.out.contains("signed by other") && asked.out.contains("is published"), "{asked:?}");
        let log = world.data().join("log");
        let (trust, policy) = (world.data().join("trust.keys"), world.data().join("witness.policy"));
        assert!(!log.join("checkpoint.waiting").exists());
        let told =
            world.ok(&["log", "verify", text(&log), "--trust", text(&trust), "--policy", text(&policy)]);
        assert!(told.out.contains("2 entries") && told.out.contains("witnessed by other"), "{told:?}");
    }
    // The receipt carries the witness.
    let receipts = town::receipts_of(&here, "ada");
    let receipt = receipts.join(files(&receipts).keys().next().unwrap());
    let (trust, policy) = (here.data().join("trust.keys"), here.data().join("witness.policy"));
    let told = here.ok(&["verify", text(&receipt), "--trust", text(&trust), "--policy", text(&policy)]);
    assert!(told.out.contains("witnessed by other"), "{told:?}");
    // A witness that is gone is told about, and nothing else waits for it.
    let address = theirs.address.clone();
    drop(theirs);
    here.ok(&["enrol", "bo"]);
    let asked = ask(&here, &their_key, &address);
    asked.fails(1, "other did not sign");
    assert!(asked.out.contains("the checkpoint waits for the quorum"), "{asked:?}");
    here.ok(&["consent", "give", "bo", "train"]);
    town::receipts_of(&here, "bo");
}

#[test]
fn a_witness_that_is_killed_remembers_what_it_signed_and_signs_no_second_history() {
    let (world, other) = (World::new(), World::new());
    let key = make_witness(&other, "there.example", &world);
    let base = world.copy();
    world.ok(&["enrol", "ada"]);
    // It dies when it has written what it is about to sign: nobody has the signature, and it counts.
    let dying = Witness::start(&other, Some("witness-held"));
    ask(&world, &key, &dying.address).fails(1, "other did not sign");
    drop(dying);
    for moment in 0..2 {
        let witness = Witness::start(&other, None);
        let fork = base.copy();
        // As many entries as the witness signed, and others.
        fork.ok(&[&["enrol"][..], &["bo", "fay"][..=moment]].concat());
        ask(&fork, &key, &witness.address).fails(1, "it answered 409");
        fork.ok(&["enrol", "cy", "dan", "eve"]);
        ask(&fork, &key, &witness.address).fails(1, "it answered 422");
        let back = ask(&base.copy(), &key, &witness.address);
        back.fails(1, "the log went back");
        let asked = ask(&world, &key, &witness.address);
        assert_eq!(asked.code, Some(0), "{moment}: {asked:?}");
        world.ok(&["enrol", &format!("more-{moment}")]);
        assert_eq!(ask(&world, &key, &witness.address).code, Some(0));
        // Dropped: `kill -9`.
    }
    // One process for a folder.
    let _first = Witness::start(&other, None);
    other
        .run(&["witness", "serve", "witness", "--listen", "127.0.0.1:0"])
        .fails(3, "in use by another witness");
    other.run(&["witness", "init", "witness", "--name", "again.example"]).fails(1, "never overwritten");
}

#[test]
fn a_witness_whose_memory_is_damaged_does_not_start() {
    let (world, other) = (World::new(), World::new());
    let key = make_witness(&other, "there.example", &world);
    let witness = Witness::start(&other, None);
    assert_eq!(ask(&world, &key, &witness.address).code, Some(0));
    drop(witness);
    let held = other.beside("witness/held");
    let file = held.join(files(&held).keys().next().unwrap());
    fs::write(&file, fs::read_to_string(&file).unwrap().replacen("\n1\n", "\n2\n", 1)).unwrap();
    let started = other.run(&["witness", "serve", "witness", "--listen", "127.0.0.1:0"]);
    started.fails(3, "is not a checkpoint that was signed here");
}
