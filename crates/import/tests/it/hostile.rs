//! Input that is broken, cut, or meant to harm: a clear reason, and everything around it is read.

use std::io::Write;

use candor_import::{Limits, OpenError, Reader};
use zip::write::SimpleFileOptions;

use crate::support::{file, gzipped, read, read_bytes, read_with, record, records, zipped, zstandard};

#[test]
fn compressed_files_and_archives_are_told_by_their_bytes_and_not_by_their_names() {
    let log = records(3);
    let inner = zipped(&[("deep.jsonl", log.as_bytes())]);
    let outer = zipped(&[("a.txt", log.as_bytes()), ("b.bin", &inner), ("c", &gzipped(log.as_bytes()))]);
    for (bytes, expected) in [(gzipped(log.as_bytes()), 3), (zstandard(log.as_bytes()), 3), (outer, 9)] {
        let outcome = read_bytes(bytes);
        assert_eq!((outcome.conversations().len(), outcome.codes()), (expected, vec![]));
    }
}

#[test]
fn an_archive_in_an_archive_in_an_archive_is_refused() {
    let log = records(1);
    let deep = zipped(&[("x", &zipped(&[("y", &zipped(&[("z", log.as_bytes())]))])), ("w", log.as_bytes())]);
    let outcome = read_bytes(deep);
    assert_eq!((outcome.conversations().len(), outcome.codes()), (1, vec!["nested-too-deep"]));
    assert_eq!(read_bytes(gzipped(&gzipped(log.as_bytes()))).codes(), ["nested-too-deep"]);
}

#[test]
fn a_stored_inner_archive_is_read_in_place_whatever_its_size() {
    let inner = zipped(&[("log", records(50).as_bytes())]);
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    archive.start_file("inner.zip", stored).unwrap();
    archive.write_all(&inner).unwrap();
    let bytes = archive.finish().unwrap().into_inner();
    let limits = Limits { nested_archive_bytes_max: 8, ..Limits::default() };
    let (_folder, path) = file("x", bytes);
    assert_eq!(read_with(&path, limits).conversations().len(), 50);
    let (_folder, path) = file("x", zipped(&[("inner.zip", &inner)]));
    assert_eq!(read_with(&path, limits).codes(), ["nested-too-large"]);
}

#[test]
fn an_archive_that_is_cut_anywhere_is_a_failure_and_never_a_panic() {
    let whole = zipped(&[("a.jsonl", records(5).as_bytes()), ("b.jsonl", records(5).as_bytes())]);
    for length in 4..whole.len() {
        let outcome = read_bytes(&whole[..length]);
        assert!(!outcome.codes().is_empty(), "cut at {length} of {}", whole.len());
    }
    assert_eq!(read_bytes(&whole[..whole.len() / 2]).codes(), ["truncated-archive"]);
}

#[test]
fn compressed_files_that_are_cut_give_what_they_hold_and_a_failure() {
    let log = records(20_000);
    for whole in [gzipped(log.as_bytes()), zstandard(log.as_bytes())] {
        let outcome = read_bytes(&whole[..whole.len() - 9]);
        assert!(outcome.conversations().len() > 1000);
        assert!(outcome.codes().contains(&"truncated-archive"), "{:?}", outcome.codes());
    }
}

#[test]
fn a_flipped_byte_in_an_archive_is_noticed() {
    let mut bytes = zipped(&[("a.jsonl", records(200).as_bytes())]);
    let middle = bytes.len() / 3;
    bytes[middle] ^= 0x10;
    let outcome = read_bytes(bytes);
    let noticed = ["damaged-archive", "truncated-archive"];
    assert!(outcome.codes().iter().any(|code| noticed.contains(code)), "{:?}", outcome.codes());
}

#[test]
fn bombs_are_refused_by_ratio_and_by_total() {
    let limits = Limits { expanded_floor_bytes: 1 << 16, expanded_ratio_max: 50, ..Limits::default() };
    let spaces = vec![b' '; 4 << 20];
    let bomb = [records(1).as_bytes(), &spaces].concat();
    for bytes in [zipped(&[("bomb", &bomb)]), gzipped(&bomb), zstandard(&bomb)] {
        let (_folder, path) = file("x", bytes);
        assert!(read_with(&path, limits).codes().contains(&"expands-too-much"));
    }
    let log = records(100);
    let entries: Vec<(String, &[u8])> = (0..10).map(|n| (format!("{n}"), log.as_bytes())).collect();
    let entries: Vec<(&str, &[u8])> = entries.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let total = Limits { expanded_bytes_max: log.len() as u64 * 3 + 10, ..Limits::default() };
    let (_folder, path) = file("x", zipped(&entries));
    let outcome = read_with(&path, total);
    assert_eq!((outcome.conversations().len(), outcome.codes().len()), (300, 7));
    let few = Limits { entries_max: 9, ..Limits::default() };
    assert_eq!(read_with(&path, few).codes(), ["too-many-entries"]);
}

#[test]
fn names_that_lead_out_links_and_folders_in_archives_are_not_read() {
    let log = records(1);
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.add_directory("folder/", SimpleFileOptions::default()).unwrap();
    archive.add_symlink("link", "/etc/hostname", SimpleFileOptions::default()).unwrap();
    archive.start_file("folder/log.jsonl", SimpleFileOptions::default()).unwrap();
    archive.write_all(log.as_bytes()).unwrap();
    let outcome = read_bytes(archive.finish().unwrap().into_inner());
    assert_eq!((outcome.conversations().len(), outcome.codes()), (1, vec!["symbolic-link"]));
    // The writer tidies names, so that the evil ones are written over names of the same length.
    for evil in ["../../evil.json", "/absolute1.json", "C:\\windows.json", "a/../../ev.json"] {
        let bytes = zipped(&[("placeholder1234", log.as_bytes()), ("good.jsonl", log.as_bytes())]);
        let text: Vec<u8> = bytes;
        let evil_bytes = replace(&text, b"placeholder1234", evil.as_bytes());
        let outcome = read_bytes(evil_bytes);
        assert_eq!((outcome.conversations().len(), outcome.codes()), (1, vec!["unsafe-path"]), "{evil}");
    }
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut out = bytes.to_vec();
    for at in 0..=bytes.len() - from.len() {
        if &bytes[at..at + from.len()] == from {
            out[at..at + to.len()].copy_from_slice(to);
        }
    }
    out
}

#[test]
fn empty_files_and_archives_are_no_failures() {
    for bytes in [Vec::new(), zipped(&[])] {
        let outcome = read_bytes(bytes);
        assert!(outcome.items.is_empty());
    }
}

#[cfg(unix)]
#[test]
fn links_in_folders_are_not_followed() {
    let (outside, target) = file("log.jsonl", records(1));
    let (folder, _path) = file("own.jsonl", records(2));
    std::os::unix::fs::symlink(&target, folder.path().join("link.jsonl")).unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("linked-folder")).unwrap();
    let outcome = read(folder.path());
    assert_eq!(outcome.conversations().len(), 2);
    let links = [("link.jsonl".to_owned(), "symbolic-link"), ("linked-folder".to_owned(), "symbolic-link")];
    assert_eq!(outcome.ignored, links);
}

#[cfg(unix)]
#[test]
fn a_folder_without_permission_is_an_error_that_names_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let closed = folder.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    let result = Reader::open(&[folder.path().to_owned()], Limits::default());
    if std::fs::read_dir(&closed).is_ok() {
        println!("skipped: this user may read every folder");
        return;
    }
    let error = result.err().unwrap();
    assert!(matches!(&error, OpenError::Unreadable { path, .. } if path.ends_with("closed")), "{error}");
}

#[test]
fn a_path_that_does_not_exist_is_an_error_that_names_it() {
    let error = Reader::open(&["no-such-file".into()], Limits::default()).err().unwrap();
    assert_eq!(error.to_string(), "`no-such-file` does not exist");
}

#[test]
fn bytes_that_are_not_utf8_cost_their_line_only() {
    let mut log = records(2).into_bytes();
    log.extend_from_slice(b"{\"messages\":[{\"role\":\"user\",\"content\":\"\xff\xfe\"}]}\n");
    log.extend_from_slice(records(2).as_bytes());
    let outcome = read_bytes(log);
    assert_eq!((outcome.conversations().len(), outcome.codes()), (4, vec!["invalid-utf-8"]));
    assert_eq!(outcome.failures()[0].source.element, Some(3));
}

#[test]
fn lines_that_are_cut_cost_themselves_only() {
    let whole = record(0);
    for length in 1..whole.len() {
        let log = format!("{}{}\n{}", records(2), &whole[..length], records(3));
        let outcome = read_bytes(log);
        assert_eq!(outcome.conversations().len(), 5, "cut at {length}");
        assert_eq!(outcome.codes().len(), 1, "cut at {length}");
    }
}

#[test]
fn a_file_whose_first_line_was_cut_is_read_from_the_second() {
    let log = records(3);
    let outcome = read_bytes(&log[10..]);
    assert_eq!((outcome.conversations().len(), outcome.codes()), (2, vec!["invalid-json"]));
}

#[test]
fn an_array_that_is_cut_gives_its_whole_elements_and_one_failure() {
    let array = format!("[{},{}]", record(0), record(1));
    let first = record(0).len() + 1;
    for length in first..array.len() {
        let outcome = read_bytes(&array[..length]);
        let whole = outcome.conversations().len();
        assert_eq!(whole, if length + 1 < array.len() { 1 } else { 2 }, "cut at {length}");
        assert_eq!(outcome.codes(), ["truncated"], "cut at {length}");
    }
}

#[test]
fn a_broken_element_of_an_array_costs_itself_only() {
    for broken in ["nope", "{\"a\" 1}", "{\"messages\":[{]}", "\"open", "{\"a\":\"b\nc\"}", "@"] {
        let array = format!("[{},\n{broken},\n{}]", record(0), record(1));
        let outcome = read_bytes(array);
        let (read, failed) = (outcome.conversations().len(), outcome.codes().len());
        assert!(read >= 1 && failed >= 1, "{broken}: {read} read, {failed} failed");
        // A bracket that closes another, and a raw line break in a string, may take their neighbour along.
        if !broken.contains("{]") && !broken.contains('\n') {
            assert_eq!((read, failed), (2, 1), "{broken}");
        }
    }
}

#[test]
fn nesting_ten_thousand_deep_costs_its_value_only() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    for log in
        [format!("{}{deep}\n{}", records(1), records(1)), format!("[{},{deep},{}]", record(0), record(0))]
    {
        let outcome = read_bytes(log);
        assert_eq!((outcome.conversations().len(), outcome.codes()), (2, vec!["too-deep"]));
    }
}

#[test]
fn a_value_over_the_limit_is_passed_over_in_lines_arrays_and_lists() {
    let limits = Limits { value_bytes_max: 1 << 10, ..Limits::default() };
    let long = format!("{{\"messages\":[{{\"role\":\"user\",\"content\":\"{}\"}}]}}", "x".repeat(1 << 21));
    let chat = "{\"id\":\"abc\",\"mapping\":{\"q\":{\"message\":{\"author\":{\"role\":\"user\"},\"content\":{\"parts\":[\"x\"]}}}}}";
    let list = format!("{{\"conversations\":[{{\"id\":\"{}\"}},{chat},{chat}]}}", "x".repeat(1 << 21));
    for log in [
        format!("{}{long}\n{}", records(1), records(1)),
        format!("[{},{long},{}]", record(0), record(0)),
        list,
    ] {
        let (_folder, path) = file("x", log);
        let outcome = read_with(&path, limits);
        assert_eq!((outcome.conversations().len(), outcome.codes()), (2, vec!["too-large"]));
    }
}
