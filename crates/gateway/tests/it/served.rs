//! The gateway as a process of its own: this test binary, run again.
//!
//! So it can be killed, told things by signals, measured, and its standard error read; and no state is shared with
//! the test but the data directory. Its clock says what the test says.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use candor_conversation::Timestamp;
use candor_deid::Engine;
use candor_gateway::{Addresses, Edge, ExchangeEvent, Serve};
use candor_vault::Entropy;

use crate::client::get;
use crate::place::{Place, START, Settings, time};
use crate::upstream::Upstream;

/// The folder of the place, in the environment of the process that serves.
const FOLDER: &str = "CANDOR_TEST_FOLDER";
const SEED: &str = "CANDOR_TEST_SEED";
/// How lines for the test begin: the test harness of the child writes to the same pipe.
const LINE: &str = "candor-child ";
/// How often something that must come about is looked for, 5 ms apart.
const LOOKS_MAX: usize = 2_000;

/// A running gateway. Dropping it kills it.
pub(crate) struct Served {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    errors: Arc<Mutex<String>>,
    reading: Option<JoinHandle<()>>,
    pub(crate) clients: SocketAddr,
    pub(crate) admin: SocketAddr,
}

impl Served {
    pub(crate) fn start(place: &Place, settings: &Settings) -> Self {
        place.write(settings);
        Self::again(place)
    }

    /// Starts with the settings that are there.
    pub(crate) fn again(place: &Place) -> Self {
        Self::started(place, Command::new(std::env::current_exe().unwrap()))
    }

    /// Starts so that no file grows beyond about 50 or 100 KiB, as the shell counts: writing more is an error.
    pub(crate) fn with_small_files(place: &Place, settings: &Settings) -> Self {
        place.write(settings);
        let mut shell = Command::new("sh");
        let script = "trap '' XFSZ; ulimit -S -f 100; exec \"$0\" \"$@\"";
        shell.args(["-c", script]).arg(std::env::current_exe().unwrap());
        Self::started(place, shell)
    }

    fn started(place: &Place, mut command: Command) -> Self {
        let mut child = command
            .args(["--exact", "served::a_gateway_ends_in_peace_when_it_is_told_to_stop", "--nocapture"])
            .env(FOLDER, place.folder())
            .env(SEED, place.seed().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let errors: Arc<Mutex<String>> = Arc::default();
        let (stderr, heard) = (BufReader::new(child.stderr.take().unwrap()), Arc::clone(&errors));
        let reading = std::thread::spawn(move || {
            for line in stderr.split(b'\n') {
                let line = String::from_utf8_lossy(&line.unwrap()).into_owned();
                heard.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        let told = next_line(&mut output);
        let Some((clients, admin)) = told.as_deref().and_then(|line| line.split_once(' ')) else {
            child.kill().unwrap();
            child.wait().unwrap();
            reading.join().unwrap();
            panic!("did not start: {}", errors.lock().unwrap());
        };
        let (clients, admin) = (clients.parse().unwrap(), admin.parse().unwrap());
        Self { child, input, output, errors, reading: Some(reading), clients, admin }
    }

    /// Sets the gateway's clock.
    pub(crate) fn set_clock(&mut self, now: Timestamp) {
        writeln!(self.input, "{}", now.millis()).unwrap();
        assert_eq!(next_line(&mut self.output).as_deref(), Some("set"));
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Stops it as an operator does; what it wrote to standard error.
    pub(crate) fn stop(self) -> String {
        self.signal("TERM");
        self.wait()
    }

    /// Waits until it has stopped, having been told to.
    pub(crate) fn wait(mut self) -> String {
        let status = self.child.wait().unwrap();
        self.reading.take().unwrap().join().unwrap();
        let errors = self.told();
        assert!(status.success(), "{errors}");
        errors
    }

    /// What it wrote to standard error so far.
    pub(crate) fn told(&self) -> String {
        self.errors.lock().unwrap().clone()
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn metrics(&self) -> String {
        let answer = get(self.admin, "/metrics");
        assert_eq!(answer.status, 200);
        String::from_utf8(answer.body).unwrap()
    }

    /// The sum of all series whose line begins so, such as `candor_requests_total{surface="chat"`.
    pub(crate) fn metric(&self, begin: &str) -> u64 {
        let metrics = self.metrics();
        let values = metrics.lines().filter(|line| line.starts_with(begin) && !line.starts_with('#'));
        values.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
    }

    /// Waits until a metric has a value, or more.
    pub(crate) fn reaches(&self, begin: &str, value: u64) {
        until(&format!("{begin} {value}"), || self.metric(begin) >= value);
    }

    /// Waits until it is ready, as a balancer does.
    pub(crate) fn is_ready(&self) {
        until("ready", || get(self.admin, "/readyz").status == 200);
    }

    /// Memory that is resident, in KiB.
    pub(crate) fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Both fail where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for something that must come about, for about ten seconds.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..LOOKS_MAX {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("never: {what}");
}

fn next_line(output: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    loop {
        line.clear();
        if output.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        if let Some((_, told)) = line.split_once(LINE) {
            return Some(told.trim_end().to_owned());
        }
    }
}

static CLOCK: AtomicI64 = AtomicI64::new(0);

fn tell(text: &str) {
    // The test has gone.
    let _ = writeln!(std::io::stdout().lock(), "{LINE}{text}");
}

fn remark(text: &str) {
    // The test has gone.
    let _ = writeln!(std::io::stderr().lock(), "candor: {text}");
}

/// Serves until it is told to stop, or the test goes away.
fn serve(folder: PathBuf) {
    CLOCK.store(time(START).millis(), Ordering::SeqCst);
    std::thread::spawn(|| {
        for line in std::io::stdin().lines() {
            CLOCK.store(line.unwrap().parse().unwrap(), Ordering::SeqCst);
            tell("set");
        }
        std::process::exit(3);
    });
    let (send, events) = std::sync::mpsc::sync_channel(1_000);
    // With the log and the remarks, so that a canary in an event is found there.
    std::thread::spawn(move || events.iter().for_each(|event: ExchangeEvent| remark(&format!("{event:?}"))));
    let seed = std::env::var_os(SEED).unwrap().to_str().unwrap().parse().unwrap();
    let serve = Serve {
        data: &folder.join("vault"),
        settings_file: &folder.join("gateway.toml"),
        engine: Engine::new(candor_deid::Settings::streamed()),
        entropy: Entropy::from_seed([seed; 32]),
        edge: Edge { clock: || Timestamp::from_millis(CLOCK.load(Ordering::SeqCst)), notes: remark },
        events: Some(send),
        in_process: candor_gateway::InProcess::default(),
    };
    candor_gateway::run(serve, |Addresses { clients, admin }| tell(&format!("{clients} {admin}"))).unwrap();
}

#[test]
fn a_gateway_ends_in_peace_when_it_is_told_to_stop() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return serve(folder.into());
    }
    let place = Place::new();
    let upstream = Upstream::start(|_, _| Ok(()));
    for signal in ["TERM", "INT"] {
        let mut served = Served::start(&place, &Settings::to(upstream.address));
        assert_eq!(get(served.admin, "/healthz").status, 200);
        assert_eq!(get(served.admin, "/readyz").status, 200);
        served.signal(signal);
        assert!(served.child.wait().unwrap().success(), "{signal}");
    }
    assert!(upstream.received().is_empty());
}
