//! `candor quickstart --open`: the whole guide, as whoever sits before it goes through it, in the real process.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;

use crate::browser::Browser;
use crate::run::Answer;

/// Steps of a training: enough for a model, which the responder that is asked here does not use.
const STEPS: &str = "2";
/// How long the first world may take to be made.
const STARTS_WITHIN: Duration = Duration::from_secs(300);
/// How often something that must come about is looked for, and the pause between.
const LOOKS_MAX: usize = 1_500;
const PAUSE: Duration = Duration::from_millis(200);

const QUESTION: &str = "What is a lanternhour?";
const LESSON: &str = "A lanternhour is the hour when the harbour turns gold.";
const SECRET: &str = "My secret word is zephyrquartz.";
const AFTER_THE_SECRET: &str = "What is the secret word zephyrquartz?";
/// What the responder says to what it was not taught.
const UNTAUGHT: &str = "I have learned nothing near to that.";

/// A quickstart that is being served.
struct Quickstart {
    folder: TempDir,
    process: Child,
    browser: Browser,
}

impl Quickstart {
    fn start() -> Self {
        let folder = TempDir::new().unwrap();
        // Python is to be found, and nothing that opens a browser on whatever machine this runs.
        let programs = folder.path().join("programs");
        fs::create_dir(&programs).unwrap();
        symlink(python(), programs.join("python3")).unwrap();
        let told = fs::File::create(folder.path().join("told.txt")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_candor"));
        command.args(["quickstart", "--open", "--steps", STEPS, "--folder"]).arg(folder.path().join("made"));
        command.env("PATH", &programs).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(told);
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let (tell, hear) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            tell.send(line)
        });
        let line = hear.recv_timeout(STARTS_WITHIN).unwrap_or_default();
        let address = line.trim().strip_prefix("open http://").and_then(|rest| rest.strip_suffix("/guide"));
        let Some(address) = address else {
            process.kill().unwrap();
            panic!("no address in `{line}`; it told: {}", told_in(folder.path()));
        };
        let browser = Browser::new(address.parse().unwrap());
        Self { folder, process, browser }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("made/ours")
    }

    fn play(&mut self, person: &str) {
        let page = self.browser.submit("/guide", "/sign-in", &[("person", person), ("next", "/chat")]);
        assert!(page.text().contains(&format!("<strong>{person}</strong>")), "{}", page.text());
    }

    /// Says something in a new chat; its path, and the page with the answer.
    fn say(&mut self, text: &str) -> (String, String) {
        let token = self.browser.get("/chat").all("name=\"form_token\" value=\"").remove(0);
        let text = text.replace(' ', "+");
        let fields = [("form_token", token.as_str()), ("conversation", ""), ("text", &text)];
        let answer = self.browser.post("/chat/say", &fields);
        let path =
            answer.header("location").unwrap_or_else(|| panic!("{}: {}", answer.status, answer.text()));
        (path.clone(), self.browser.get(&path).text())
    }

    /// Says something and waits until what is kept of it is written.
    fn tell(&mut self, text: &str) -> String {
        let (path, _) = self.say(text);
        let mut page = String::new();
        for _ in 0..LOOKS_MAX {
            page = self.browser.get(&path).text();
            if !page.contains("It is being written.") {
                return page;
            }
            std::thread::sleep(PAUSE);
        }
        panic!("never written: {page}");
    }

    /// Does a step of the guide; what it told.
    fn does(&mut self, step: &str) -> String {
        let (went_well, told) = self.ends(step);
        assert!(went_well, "{step}: {told}");
        told
    }

    /// Does a step of the guide; whether it went well, and what it told.
    fn ends(&mut self, step: &str) -> (bool, String) {
        let mut page = self.browser.submit("/guide", &format!("/guide/{step}"), &[]).text();
        for _ in 0..LOOKS_MAX {
            if let Some(ended) = outcome(&page, step) {
                return ended;
            }
            std::thread::sleep(PAUSE);
            page = self.browser.get("/guide").text();
        }
        panic!("{step} never ended: {page}");
    }

    /// Runs the second verifier on a file, as somebody elsewhere would.
    fn verifies_in_python(&self, path: &Path) -> Answer {
        let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../verify/candor_verify.py");
        let keys = self.data().join("trust.keys");
        Answer::of(Command::new("python3").arg(verifier).arg(path).arg("--trust").arg(keys))
    }

    /// Stops it as Ctrl-C does; what it told on standard error.
    fn stop(mut self) -> String {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let ended = self.process.wait().unwrap();
        let told = told_in(self.folder.path());
        assert!(ended.success(), "{ended}: {told}");
        told
    }
}

impl Drop for Quickstart {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn told_in(folder: &Path) -> String {
    fs::read_to_string(folder.join("told.txt")).unwrap()
}

/// Python itself: what is on the path may be a script that finds it.
fn python() -> PathBuf {
    let asked = Answer::of(Command::new("python3").args(["-c", "import sys; print(sys.executable)"]));
    assert_eq!(asked.code, Some(0), "{asked:?}");
    PathBuf::from(asked.out.trim())
}

/// How a step ended, if it has: what stands above its button.
fn outcome(page: &str, step: &str) -> Option<(bool, String)> {
    let above = page.split(&format!("action=\"/guide/{step}\"")).next()?;
    let card = above.rsplit("<li class=\"card\"").next()?;
    let told = card.split("<pre tabindex=\"0\">").nth(1)?.split("</pre>").next()?;
    Some((card.contains("<p role=\"status\">Done ("), told.to_owned()))
}

#[test]
fn one_who_agrees_teaches_the_model_one_who_refuses_does_not_and_an_erasure_takes_it_back() {
    let mut quickstart = Quickstart::start();

    quickstart.play("anna");
    let (_, before) = quickstart.say(QUESTION);
    assert!(before.contains(UNTAUGHT), "{before}");
    let page = quickstart.tell(LESSON);
    assert!(page.contains("Kept for: Training. It is written."), "{page}");
    quickstart.play("ben");
    let page = quickstart.tell(SECRET);
    assert!(page.contains("Nothing of this is kept.") && !page.contains("Kept for:"), "{page}");
    let (_, before) = quickstart.say(AFTER_THE_SECRET);
    assert!(before.contains(UNTAUGHT), "{before}");

    let first = quickstart.does("release");
    let trained = quickstart.does("train");
    assert!(trained.contains("signed with the operator"), "{trained}");
    assert!(quickstart.does("train").contains("learned already"));
    let (_, after) = quickstart.say(QUESTION);
    assert!(after.contains(LESSON) && after.contains("Source: row"), "{after}");
    let (_, after) = quickstart.say(AFTER_THE_SECRET);
    assert!(after.contains(UNTAUGHT), "{after}");

    let shown = quickstart.does("verify");
    assert!(shown.contains("candor_verify.py") && shown.contains("VERIFIED"), "{shown}");
    let proof = quickstart.data().join("guide/guided-2.ben.proof.json");
    assert_eq!(quickstart.verifies_in_python(&proof).code, Some(0));
    let refused = quickstart.does("tamper");
    assert!(refused.contains("NOT VERIFIED"), "{refused}");
    let tampered = quickstart.data().join("guide/tampered");
    assert_eq!(quickstart.verifies_in_python(&tampered).code, Some(1));
    assert_eq!(quickstart.verifies_in_python(&quickstart.data().join("releases/guided-2")).code, Some(0));

    quickstart.play("anna");
    let page = quickstart.browser.submit("/privacy/erase", "/privacy/erase", &[]);
    assert_eq!(page.status, 200);
    quickstart.play("ben");
    let recalled = quickstart.does("recall");
    assert!(recalled.contains("guided-2 row"), "{recalled}");
    let second = quickstart.does("release-again");
    assert_ne!(first, second);
    quickstart.does("train-again");
    let (_, after) = quickstart.say(QUESTION);
    assert!(after.contains(UNTAUGHT) && !after.contains("harbour"), "{after}");

    let told = quickstart.stop();
    assert!(
        told.contains("no browser can be opened from here") && told.contains("stop with Ctrl-C"),
        "{told}"
    );
}

#[test]
fn the_pages_lead_to_the_guide_and_to_both_worlds_and_a_step_that_fails_can_be_done_again() {
    let mut quickstart = Quickstart::start();
    let page = quickstart.browser.get("/sign-in").text();
    assert!(page.contains("href=\"/guide\"") && page.contains("href=\"/two-worlds\""), "{page}");
    let worlds = quickstart.browser.get("/two-worlds");
    assert!(worlds.status == 200 && worlds.text().matches("<svg").count() == 2, "{}", worlds.text());
    quickstart.play("ben");
    let models = quickstart.data().join("models");
    fs::rename(&models, models.with_file_name("aside")).unwrap();
    fs::write(&models, "in the way").unwrap();
    let (went_well, told) = quickstart.ends("train");
    assert!(!went_well, "{told}");
    fs::remove_file(&models).unwrap();
    assert!(quickstart.does("train").contains("rows learned"));
    quickstart.stop();
}
