//! What is read of each format, and where.

use candor_extract::{Extracted, FileKind, Unreadable, read};

use crate::made;

fn places(read: &Extracted) -> Vec<String> {
    read.parts.iter().map(|part| format!("{}: {}", part.place, part.text)).collect()
}

#[test]
fn a_document_reads_by_paragraphs_without_what_was_deleted() {
    let body = "<w:p><w:r><w:t>Ada </w:t></w:r><w:r><w:t xml:space=\"preserve\">Lovelace&amp;</w:t></w:r>\
        <w:r><w:tab/><w:t>&#49;815</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>\
        <w:p/><w:p><w:r><w:instrText>PAGE</w:instrText><w:t>second</w:t></w:r></w:p>";
    let read = read(&made::document(body)).unwrap();
    assert_eq!(read.kind, FileKind::Document);
    assert_eq!(
        places(&read),
        [
            "header, paragraph 1: Curriculum vitae",
            "text, paragraph 1: Ada Lovelace&\t1815",
            "text, paragraph 2: second"
        ]
    );
}

#[test]
fn a_workbook_reads_by_rows_with_dates_and_whole_numbers() {
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"inlineStr\"><is><t>Phone</t></is></c></row>\
        <row r=\"2\"><c r=\"A2\" s=\"1\"><v>31245</v></c><c r=\"B2\"><v>4.42071838750E11</v></c><c r=\"C2\"/>\
        <c r=\"D2\" t=\"b\"><v>1</v></c><c r=\"E2\" t=\"s\"><v>99</v></c></row><row r=\"3\"/>";
    let read = read(&made::workbook(rows, &["Born"])).unwrap();
    assert_eq!(read.kind, FileKind::Workbook);
    assert_eq!(
        places(&read),
        [
            "whole file: Staff",
            "sheet 1, A1:B1: Born\tPhone",
            "sheet 1, A2:D2: 1985-07-17\t442071838750\tTRUE"
        ]
    );
}

#[test]
fn pages_read_in_order_with_the_spaces_that_positions_make() {
    let first = "BT /F1 12 Tf 72 700 Td [(Ada) -300 (Love) 20 (lace)] TJ 0 -14 Td (second line) Tj ET";
    let read = read(&made::pdf(&[first, "BT /F1 9 Tf (caf\\351) Tj ET"])).unwrap();
    assert_eq!(read.kind, FileKind::Pdf);
    assert_eq!(places(&read), ["page 1: Ada Lovelace\nsecond line\n", "page 2: caf\u{e9}\n"]);
}

#[test]
fn a_message_reads_with_its_headers_and_the_files_in_it() {
    let read = read(&made::mail(&made::document("<w:p><w:r><w:t>Inside</w:t></w:r></w:p>"))).unwrap();
    assert_eq!(read.kind, FileKind::Mail);
    assert_eq!(
        places(&read),
        [
            "header From: From: Ad\u{e1} <ada@lovelace.org>",
            "header To: To: Bob <bob@example.org>",
            "header Date: Date: 2026-01-01T10:00:00Z",
            "header Subject: Subject: The plan",
            "body: See you at five.",
            "file 1, header, paragraph 1: Curriculum vitae",
            "file 1, text, paragraph 1: Inside",
        ]
    );
    assert_eq!(read.left_out, []);
}

#[test]
fn an_image_in_a_message_is_left_out_and_said() {
    let read = read(&made::mail(b"\x89PNG\r\n\x1a\n and so on")).unwrap();
    assert_eq!(read.left_out, [Unreadable::Image]);
    assert!(!read.text().contains("and so on"));
}

#[test]
fn what_is_text_already_reads_as_it_is() {
    let kind = |bytes: &[u8]| read(bytes).map(|read| (read.kind, read.text()));
    assert_eq!(kind(b"# Title\n\nWords."), Ok((FileKind::Text, "# Title\n\nWords.".into())));
    assert_eq!(kind(b"{\"a\": \"x\\u0040y\"}"), Ok((FileKind::Json, "{\"a\": \"x@y\"}".into())));
    assert_eq!(
        kind("\u{feff}name;born\nAda;1815\n".as_bytes()),
        Ok((FileKind::Table, "name;born\nAda;1815".into()))
    );
    assert_eq!(kind(b"<html><p>Dear Ada</p></html>"), Ok((FileKind::Markup, "Dear Ada".into())));
    let wide: Vec<u8> = "\u{feff}Ad\u{e1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(kind(&wide), Ok((FileKind::Text, "Ad\u{e1}".into())));
}

#[test]
fn a_long_table_is_told_apart_by_lines() {
    let table: String = (0..250).map(|row| format!("{row},\"two\nlines\",x\n")).collect();
    let read = read(table.as_bytes()).unwrap();
    assert_eq!(read.text() + "\n", table);
    let last = read.parts.last().unwrap().place.to_string();
    assert!(read.parts.len() == 5 && last.ends_with("to 500"), "{} {last}", read.parts.len());
}

#[test]
fn what_cannot_be_read_says_why() {
    let why = |bytes: &[u8]| read(bytes).unwrap_err();
    assert_eq!(why(b""), Unreadable::WithoutText);
    assert_eq!(why(b" \n--\n"), Unreadable::WithoutText);
    assert_eq!(why(b"\xff\xd8\xff\xe0 photograph"), Unreadable::Image);
    assert_eq!(why(b"\0\0\0\x20ftypheic...."), Unreadable::Image);
    assert_eq!(why(b"\0\0\0\x20ftypisom...."), Unreadable::Recording);
    assert_eq!(why(b"{\\rtf1 Ada}"), Unreadable::Unknown);
    assert_eq!(why(b"caf\xe9"), Unreadable::Unknown);
    assert_eq!(why(b"PK\x03\x04 and then nothing"), Unreadable::Damaged);
    assert_eq!(why(&made::package(&[("mimetype", "application/epub+zip")])), Unreadable::Unknown);
    assert_eq!(why(&made::pdf(&["0 0 m 9 9 l S", "q Q"])), Unreadable::WithoutText);
    assert_eq!(why(&made::pdf(&["BT /F2 9 Tf <0001000200030004> Tj ET"])), Unreadable::Garbled);
    let mut sealed = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    assert_eq!(why(&sealed), Unreadable::Unknown);
    sealed.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(why(&sealed), Unreadable::Encrypted);
    let encrypted = String::from_utf8(made::pdf(&["BT ET"])).unwrap();
    let password = "41".repeat(32);
    let locked = format!("/Encrypt << /Filter /Standard /V 1 /R 2 /O <{password}> /U <{password}> /P -4 >>");
    let encrypted = encrypted.replace("/Root 1 0 R", &format!("/Root 1 0 R /ID [<41> <41>] {locked}"));
    assert_eq!(why(encrypted.as_bytes()), Unreadable::Encrypted);
}

#[test]
fn nothing_shows_what_a_file_says() {
    let read = read(&made::document("<w:p><w:r><w:t>canary</w:t></w:r></w:p>")).unwrap();
    let shown = format!("{read:?} {:?}", read.parts);
    assert!(!shown.contains("canary") && shown.contains("2 parts"), "{shown}");
}
