//! Files that mean harm, and files that are broken.

use candor_extract::{Limits, Unreadable, read, read_within};
use proptest::prelude::*;

use crate::made;

#[test]
fn a_package_that_unpacks_to_too_much_is_refused() {
    let body = "<w:p><w:r><w:t>".to_owned() + &"0".repeat(64 << 20) + "</w:t></w:r></w:p>";
    let bomb = made::document(&body);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(read(&bomb), Err(Unreadable::TooLarge));
}

#[test]
fn entities_of_a_document_type_are_not_expanded_and_nothing_is_fetched() {
    let source = "<!DOCTYPE d [<!ENTITY a \"haha\"><!ENTITY b \"&a;&a;&a;\">\
        <!ENTITY f SYSTEM \"file:///etc/passwd\">]><w:document><w:p><w:t>x&b;y&f;z</w:t></w:p></w:document>";
    let read = read(&made::package(&[("word/document.xml", source)])).unwrap();
    assert_eq!(read.text(), "x y z");
}

#[test]
fn messages_in_messages_end_somewhere() {
    let mut message = made::mail(b"innermost");
    for _ in 0..8 {
        message = made::mail(&message);
    }
    assert_eq!(read(&message), Err(Unreadable::TooLarge));
}

#[test]
fn a_cell_shown_a_million_times_counts_each_time() {
    let row = "<row><c r=\"A1\" t=\"s\"><v>0</v></c></row>".repeat(20_000);
    let long = "word ".repeat(2_000);
    assert_eq!(read(&made::workbook(&row, &[&long])), Err(Unreadable::TooLarge));
}

#[test]
fn a_form_that_draws_itself_ends() {
    let text = String::from_utf8(made::pdf(&["/X Do"])).unwrap();
    let form = "<< /Type /XObject /Subtype /Form /Length 5 >>\nstream\n/X Do\nendstream";
    let text = text.replace("<< /Font <<", "<< /XObject << /X 5 0 R >> /Font <<");
    let text = text.replacen("3 0 obj", &format!("5 0 obj\n{form}\nendobj\n3 0 obj"), 1);
    let result = read(text.as_bytes());
    assert!(matches!(result, Err(Unreadable::TooLarge | Unreadable::WithoutText)), "{result:?}");
}

#[test]
fn deep_nesting_does_not_end_the_process() {
    for (open, close) in [("[", "]"), ("<<", ">>"), ("(", ")"), ("<a>", "</a>"), ("{\"a\":", "}")] {
        let deep = open.repeat(100_000) + &close.repeat(100_000);
        let _ = read(deep.as_bytes());
        let _ = read(&made::document(&deep));
        let _ = read(&made::pdf(&[&deep]));
        let object = String::from_utf8(made::pdf(&["BT ET"])).unwrap();
        let _ = read(object.replace("/Root 1 0 R", &format!("/Root 1 0 R /Deep {deep}")).as_bytes());
    }
    let boundary = "--X\r\nContent-Type: multipart/mixed; boundary=\"X\"\r\n\r\n".repeat(20_000);
    let _ = read(
        format!(
            "From: a@b.org\r\nTo: c@d.org\r\nMIME-Version: 1.0\r\nContent-Type: \
        multipart/mixed; boundary=\"X\"\r\n\r\n{boundary}"
        )
        .as_bytes(),
    );
}

#[test]
fn each_limit_holds() {
    let document = made::document("<w:p><w:r><w:t>some words</w:t></w:r></w:p>");
    assert!(read(&document).is_ok());
    let within = |change: fn(&mut Limits)| {
        let mut limits = Limits::standard();
        change(&mut limits);
        read_within(&document, &limits)
    };
    assert_eq!(within(|limits| limits.file_bytes_max = 100), Err(Unreadable::TooLarge));
    assert_eq!(within(|limits| limits.unpacked_bytes_max = 100), Err(Unreadable::TooLarge));
    assert_eq!(within(|limits| limits.text_bytes_max = 9), Err(Unreadable::TooLarge));
    assert_eq!(within(|limits| limits.entries_max = 3), Err(Unreadable::TooLarge));
    assert_eq!(within(|limits| limits.steps_max = 5), Err(Unreadable::TooLarge));
    let mail = made::mail(&document);
    assert_eq!(
        read_within(&mail, &Limits { nesting_max: 0, ..Limits::standard() }),
        Err(Unreadable::TooLarge)
    );
}

/// One good file of each format.
fn good() -> Vec<Vec<u8>> {
    vec![
        made::document("<w:p><w:r><w:t>Ada &amp; Bob</w:t></w:r></w:p>"),
        made::workbook("<row><c r=\"A1\" t=\"s\"><v>0</v></c><c s=\"1\"><v>31245</v></c></row>", &["Born"]),
        made::pdf(&["BT /F1 12 Tf [(Ada) -300 (B)] TJ 0 -14 Td (two) Tj ET", "BT /F2 9 Tf (x) Tj ET"]),
        made::mail(b"name,phone,city\nAda,1,London\n"),
        b"<html><p>A &amp; B<script>x</script><a href='>'>c</a></html>".to_vec(),
        b"{\"a\": [\"\\u0041\\ud83d\\ude00\", 1]}".to_vec(),
        b"a;b\n\"1\n2\";3\n".to_vec(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// A panic inside would be [`Unreadable::Damaged`] too; one outside, or a process that ends, fails here.
    #[test]
    fn broken_files_are_read_or_refused(
        which in 0..7_usize,
        cut in 0.0..1.0_f64,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
    ) {
        let mut bytes = good().swap_remove(which);
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if cut < 0.5 {
            bytes.truncate((bytes.len() as f64 * cut * 2.0) as usize);
        }
        if let Ok(read) = read(&bytes) {
            prop_assert!(read.text().chars().any(char::is_alphanumeric));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_text_is_read_as_it_is(text in "[a-zA-Z ,.\u{e4}\u{4e2d}]{1,80}") {
        if let Ok(read) = read(text.as_bytes()) {
            prop_assert_eq!(read.text(), text);
        }
    }
}
