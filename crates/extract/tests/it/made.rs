//! Files made for the tests.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A ZIP package of these parts.
pub(crate) fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A DOCX whose body is this XML.
pub(crate) fn document(body: &str) -> Vec<u8> {
    let xml =
        format!("<?xml version=\"1.0\"?><w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
    let header = "<w:hdr xmlns:w=\"w\"><w:p><w:r><w:t>Curriculum vitae</w:t></w:r></w:p></w:hdr>";
    package(&[("[Content_Types].xml", "<Types/>"), ("word/document.xml", &xml), ("word/header1.xml", header)])
}

/// An XLSX with one sheet of these rows, shared strings, and style 1 as a date.
pub(crate) fn workbook(rows: &str, shared: &[&str]) -> Vec<u8> {
    let shared: String = shared.iter().map(|text| format!("<si><t>{text}</t></si>")).collect();
    package(&[
        ("xl/workbook.xml", "<workbook><sheets><sheet name=\"Staff\" sheetId=\"1\"/></sheets></workbook>"),
        ("xl/sharedStrings.xml", &format!("<sst>{shared}</sst>")),
        (
            "xl/styles.xml",
            "<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"dd/mm/yyyy\"/></numFmts>\
             <cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"170\"/></cellXfs></styleSheet>",
        ),
        ("xl/worksheets/sheet1.xml", &format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")),
    ])
}

/// A PDF with one page for each content stream; fonts: `F1` Helvetica, `F2` composite and without a table.
pub(crate) fn pdf(pages: &[&str]) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    let kids: String = (0..pages.len()).map(|page| format!("{} 0 R ", 10 + 2 * page)).collect();
    let mut objects = vec![
        (1, "<< /Type /Catalog /Pages 2 0 R >>".to_owned()),
        (2, format!("<< /Type /Pages /Kids [ {kids}] /Count {} >>", pages.len())),
        (3, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned()),
        (4, "<< /Type /Font /Subtype /Type0 /BaseFont /Own /Encoding /Identity-H >>".to_owned()),
    ];
    for (number, content) in pages.iter().enumerate() {
        let (page, stream) = (10 + 2 * number, 11 + 2 * number);
        objects.push((
            page,
            format!(
                "<< /Type /Page /Parent 2 0 R /Contents {stream} 0 R \
                 /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>"
            ),
        ));
        let length = content.len();
        objects.push((stream, format!("<< /Length {length} >>\nstream\n{content}\nendstream")));
    }
    for (number, body) in objects {
        places.push((number, out.len()));
        out.extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
    }
    let table = out.len();
    out.extend_from_slice(b"xref\n0 1\n0000000000 65535 f \n");
    for (number, place) in &places {
        out.extend_from_slice(format!("{number} 1\n{place:010} 00000 n \n").as_bytes());
    }
    let size = 12 + 2 * pages.len();
    out.extend_from_slice(
        format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").as_bytes(),
    );
    out
}

/// A message with a plain body, a page of it, and a file.
pub(crate) fn mail(file: &[u8]) -> Vec<u8> {
    let mut hex = Vec::new();
    for byte in file {
        // Quoted-printable needs no library.
        let _ = write!(hex, "={byte:02X}");
        if hex.len() % 72 == 0 {
            hex.extend_from_slice(b"=\r\n");
        }
    }
    let mut out = b"From: =?utf-8?q?Ad=C3=A1?= <ada@lovelace.org>\r\nTo: Bob <bob@example.org>\r\n\
        Subject: The plan\r\nDate: Thu, 1 Jan 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=\"X\"\r\n\r\n--X\r\n\
        Content-Type: multipart/alternative; boundary=\"Y\"\r\n\r\n--Y\r\nContent-Type: text/plain\r\n\r\n\
        See you at five.\r\n--Y\r\nContent-Type: text/html\r\n\r\n<p>See you at <b>five</b>.</p>\r\n--Y--\r\n\
        --X\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"x.bin\"\r\n\
        Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        .to_vec();
    out.extend_from_slice(&hex);
    out.extend_from_slice(b"\r\n--X--\r\n");
    out
}
