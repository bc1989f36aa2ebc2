//! A small vault with two releases, and both verifiers.

use std::path::{Path, PathBuf};
use std::process::Command;

use candor_consent::receipt::Receipt;
use candor_consent::{Notice, Purpose, State, examples};
use candor_conversation::{Conversation, Part, Role, TenantId, Tier, Timestamp, Turn};
use candor_deid::Settings;
use candor_release::{MEMORY_BYTES, Plan, TrustedKeys, build, prove, verify};
use candor_vault::{Act, Capture, Defaults, Entropy, Profile, Subject, Vault};
use serde_json::Value;
use tempfile::TempDir;

pub(super) const FIRST: &str = "first";
pub(super) const SECOND: &str = "second";

/// What was said: the author, and the texts of the author and the model in turn.
const SAID: [(&str, &[&str]); 6] = [
    ("ada", &["How do I keep bread fresh for a week?", "In a cloth bag, cut side down."]),
    ("ada", &["how do I keep bread fresh for a week", "In a cloth bag, cut side down."]),
    ("ada", &["Wie koche ich Linsen? Ich habe 200 g.", "Zwanzig Minuten in Wasser.", "Danke!", "Gern."]),
    ("ada", &["Name three rivers in France.", "Loire, Seine and Rhône."]),
    ("ben", &["My lamp flickers at night, what is wrong?", "Check the socket."]),
    ("eve", &["Write a verse about snow 🌨.", "White and slow, on roofs below."]),
];

pub(super) struct World {
    pub(super) root: TempDir,
    pub(super) vault: Vault,
    pub(super) trusted: TrustedKeys,
    tenant: TenantId,
    python: Option<PathBuf>,
}

impl World {
    /// Ada and Eve agree to training, Ben refuses, Late is enrolled after the first release.
    pub(super) fn new() -> Self {
        let root = TempDir::new().unwrap();
        let mut entropy = Entropy::from_seed([1; 32]);
        let vault = Vault::create(&root.path().join("vault"), "chat.example.org", &mut entropy).unwrap();
        let trusted = TrustedKeys::parse(&vault.public_keys()).unwrap();
        let mut world = Self { root, vault, trusted, tenant: "home".parse().unwrap(), python: python() };
        let notice = Notice::parse(examples::OURS).unwrap();
        world.vault.publish_notice(&notice, time("2026-01-01T00:00:00Z")).unwrap();
        for (name, state) in [("ada", State::Given), ("ben", State::Refused), ("eve", State::Given)] {
            world.enrol(name, &mut entropy);
            let act = Act {
                subject: world.person(name).id,
                purpose: Purpose::Train,
                state,
                notice: notice.id(),
                effective_at: time("2026-01-03T00:00:00Z"),
                attested_by: None,
                evidence: None,
            };
            world.vault.record(&[act], time("2026-01-03T00:00:00Z"), &mut entropy).unwrap();
        }
        world.capture(&mut entropy);
        world.build(FIRST, &mut entropy);
        world.enrol("late", &mut entropy);
        world.build(SECOND, &mut entropy);
        world
    }

    fn enrol(&mut self, name: &str, entropy: &mut Entropy) {
        let profile =
            Profile { name: name.into(), tier: Tier::Consumer, region: None, age: None, called: Vec::new() };
        self.vault.enrol(&self.tenant, &[profile], time("2026-01-03T00:00:00Z"), entropy).unwrap();
    }

    fn capture(&mut self, entropy: &mut Entropy) {
        let defaults = Defaults {
            tenant: self.tenant.clone(),
            author: None,
            tier: Some(Tier::Consumer),
            region: None,
            age: None,
            said_at: Some(time("2026-01-04T00:00:00Z")),
        };
        let said = SAID.iter().enumerate().map(|(number, (author, texts))| {
            let turns = texts.iter().enumerate().map(|(at, text)| {
                let role = if at % 2 == 0 { Role::User } else { Role::Assistant };
                let parts = vec![Part::Text((*text).into())];
                let mut turn = Turn::new(format!("t{at}"), at.checked_sub(1), role, parts);
                turn.author = (at % 2 == 0).then(|| (*author).to_owned());
                turn
            });
            Conversation::new(format!("c{number}"), turns.collect()).unwrap()
        });
        let now = time("2026-01-05T00:00:00Z");
        let mut capture = Capture::begin(&mut self.vault, defaults, now, entropy).unwrap();
        capture.add(said.collect()).unwrap();
        capture.commit(None).unwrap();
    }

    fn build(&mut self, name: &str, entropy: &mut Entropy) {
        let plan = Plan {
            name: name.into(),
            purpose: Purpose::Train,
            as_of: time("2026-01-06T00:00:00Z"),
            now: time("2026-01-06T00:00:00Z"),
            output: self.folder(name),
            identifiers: Settings::release(),
            near_duplicates: true,
            pasted_permille: candor_release::origin::SAMPLING_FULL,
            reference: None,
            attachments: candor_release::Attachments::Withhold,
            sensitive: candor_deid::sensitive::Policy::standard(),
            replacement: candor_release::Replacement::Placeholders,
            second_reader: None,
            look: candor_release::residual::Look::default(),
            memory_bytes: MEMORY_BYTES,
            tool: "candor 0.0.0".into(),
        };
        build(&mut self.vault, &plan, entropy, &|_| {}).unwrap();
    }

    pub(super) fn folder(&self, release: &str) -> PathBuf {
        self.root.path().join(release)
    }

    pub(super) fn person(&self, name: &str) -> Subject {
        self.vault.subject(&self.tenant, name).unwrap()
    }

    /// The receipts of a person, the enrolment's first.
    pub(super) fn receipts(&self, name: &str) -> Vec<Receipt> {
        self.vault.receipts(&self.person(name)).unwrap()
    }

    pub(super) fn proof(&self, release: &str, name: &str) -> Value {
        prove::prove(&self.vault, release, &self.receipts(name)[0]).unwrap()
    }

    /// The verdict of both verifiers on a release's folder, which must be one: `None` when it holds, else the
    /// name of the check that does not.
    pub(super) fn release(&self, folder: &Path, trusted: Option<&TrustedKeys>) -> Option<String> {
        let ours = verify::verify_release(folder, trusted).map(|report| report.held);
        self.agree(folder, trusted, ours.map_err(|error| error.to_string()))
    }

    /// The same for a proof.
    pub(super) fn proof_verdict(&self, proof: &Value, trusted: Option<&TrustedKeys>) -> Option<String> {
        let ours = prove::verify_proof(proof, trusted).map(|report| report.held);
        self.agree(&self.write("proof.json", proof), trusted, ours.map_err(|error| error.to_string()))
    }

    /// The same for a receipt.
    pub(super) fn receipt_verdict(&self, value: &Value, trusted: Option<&TrustedKeys>) -> Option<String> {
        let ours = Receipt::from_value(value).and_then(|receipt| match trusted {
            Some(trusted) => receipt.verify(&trusted.operator, &trusted.log),
            None => receipt.verify_integrity(),
        });
        let mut held = vec!["record", "log"];
        if trusted.is_some() {
            held.insert(0, "signature");
        }
        let ours = ours.map(|_| held).map_err(|error| error.to_string());
        self.agree(&self.write("receipt.json", value), trusted, ours)
    }

    fn write(&self, name: &str, value: &Value) -> PathBuf {
        let path = self.root.path().join(name);
        std::fs::write(&path, value.to_string()).unwrap();
        path
    }

    fn agree(
        &self,
        path: &Path,
        trusted: Option<&TrustedKeys>,
        ours: Result<Vec<&'static str>, String>,
    ) -> Option<String> {
        let ours = ours.map_err(|message| message.split(": ").next().unwrap_or_default().to_owned());
        if let Some(python) = &self.python {
            let (code, verdict) = run(python, path, trusted);
            let theirs = match verdict.get("held") {
                Some(held) => Ok(serde_json::from_value::<Vec<String>>(held.clone()).unwrap()),
                None => Err(verdict["check"].as_str().unwrap().to_owned()),
            };
            let holds = ours.is_ok() && trusted.is_some();
            let expected = ours.clone().map(|held| held.iter().map(|name| (*name).to_owned()).collect());
            assert_eq!(theirs, expected, "the verifiers differ: {verdict}");
            assert_eq!(code, i32::from(!holds), "{verdict}");
        }
        ours.err()
    }
}

pub(super) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A Python that can run the other verifier.
fn python() -> Option<PathBuf> {
    let print = "import sys; assert sys.version_info >= (3, 11); print(sys.executable)";
    let output = Command::new("python3").args(["-c", print]).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    if !output.status.success() {
        println!("no Python 3.11 here: only the verifier in Rust is tested");
        return None;
    }
    Some(PathBuf::from(path.trim()))
}

fn run(python: &Path, path: &Path, trusted: Option<&TrustedKeys>) -> (i32, Value) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../verify/candor_verify.py");
    let mut command = Command::new(python);
    command.args(["-I", "-S"]).arg(script).arg(path).args(["--output", "json"]);
    if let Some(trusted) = trusted {
        command.arg("--trust").arg(format!("{}\n{}", trusted.operator, trusted.log));
    }
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(errors, "", "the verifier in Python has something to say");
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
}
