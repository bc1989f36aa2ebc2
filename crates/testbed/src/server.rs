//! The PostgreSQL server of a test run: found, or started once and ended with the run.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::{CommandExt, parent_id};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use postgres::{Client, NoTls};

use crate::Failure;

/// Names a server to use, or says that there must be one.
const GIVEN: &str = "CANDOR_TEST_POSTGRES";
/// What it says when one must be there, and when none is wanted.
const REQUIRED: &str = "required";
const NONE: &str = "none";
/// What cargo-nextest calls its run, which starts each test in a process of its own.
const NEXTEST_RUN: &str = "NEXTEST_RUN_ID";
/// Who may run a server where root may not.
const UNPRIVILEGED: &str = "postgres";
/// Where Debian keeps the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Nobody outside of its folder reaches it. What it does not wait for the disk for is lost with the machine only.
const SETTINGS: &str =
    "\nlisten_addresses = ''\nfsync = off\nfull_page_writes = off\nmax_connections = 300\n";
/// How long a server may take to come up, and how often it is looked for.
const UP_WAIT_MAX: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A server, by the URL of a database in which others are made.
pub(crate) struct Server {
    url: String,
}

/// A database of its own for one test.
pub(crate) struct Own {
    server: String,
    name: String,
    url: String,
}

impl Server {
    /// The server of this test run; `None` where PostgreSQL is not installed and need not be.
    pub(crate) fn of_this_run() -> Result<Option<Self>, Failure> {
        let given = environment(GIVEN);
        if given.as_deref() == Some(NONE) {
            tell(&format!("skipped: {GIVEN} is `{NONE}`"));
            return Ok(None);
        }
        if let Some(url) = given.as_ref().filter(|given| *given != REQUIRED) {
            return Ok(Some(Self { url: url.clone() }));
        }
        let Some(programs) = programs() else {
            let text = "PostgreSQL is not installed (Debian: apt-get install postgresql)";
            if given.is_some() {
                return Err(text.into());
            }
            tell(&format!("skipped: {text}, nor does {GIVEN} name a server"));
            return Ok(None);
        };
        // Other processes of the run share the server: the first starts it while the others wait.
        let (run, watched) = match environment(NEXTEST_RUN) {
            Some(run) => (run, parent_id()),
            None => (std::process::id().to_string(), std::process::id()),
        };
        let folder = std::env::temp_dir().join(format!("candor-postgres-{run}"));
        fs::create_dir_all(&folder)?;
        let lock = File::create(folder.join("lock"))?;
        lock.lock()?;
        let url = format!("postgres://candor@/postgres?host={}", folder.display());
        if !folder.join("started").exists() {
            start(&programs, &folder, watched)?;
            wait_until_up(&url, &folder)?;
            File::create(folder.join("started"))?;
        }
        Ok(Some(Self { url }))
    }

    /// Makes an empty database for one test.
    pub(crate) fn database(self) -> Result<Own, Failure> {
        Own::from_template(self.url, "template0")
    }
}

impl Own {
    fn from_template(server: String, template: &str) -> Result<Self, Failure> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let url = with_database(&server, &name).ok_or("the server's URL names no database")?;
        let make = format!("CREATE DATABASE {name} TEMPLATE {template}");
        Client::connect(&server, NoTls)?.batch_execute(&make)?;
        Ok(Self { server, name, url })
    }

    /// Another one with the same content. Nobody is connected to this one.
    pub(crate) fn copy(&self) -> Result<Self, Failure> {
        Self::from_template(self.server.clone(), &self.name)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn connect(&self) -> Result<Client, Failure> {
        Ok(Client::connect(&self.url, NoTls)?)
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let dropped = Client::connect(&self.server, NoTls).and_then(|mut client| {
            client.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name))
        });
        if let Err(error) = dropped {
            tell(&format!("the database {} is left: {error}", self.name));
        }
    }
}

/// A server's URL with another database.
fn with_database(url: &str, name: &str) -> Option<String> {
    let (base, parameters) = url.split_once('?').unwrap_or((url, ""));
    let host_end = base.rfind('/').filter(|end| !base[..*end].ends_with('/'))?;
    Some(format!("{}/{name}?{parameters}", &base[..host_end]))
}

/// The folder with the newest programs that are installed.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<(u32, PathBuf)> =
        std::env::split_paths(&path).map(|folder| (u32::MAX, folder)).collect();
    for entry in fs::read_dir(DEBIAN).into_iter().flatten().flatten() {
        let version = entry.file_name().to_str().and_then(|name| name.parse().ok());
        folders.extend(version.map(|version| (version, entry.path().join("bin"))));
    }
    folders.retain(|(_, folder)| ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file()));
    folders.into_iter().max_by_key(|(version, _)| *version).map(|(_, folder)| folder)
}

/// Makes the database files and starts the server.
fn start(programs: &Path, folder: &Path, watched: u32) -> Result<(), Failure> {
    let data = folder.join("data");
    fs::create_dir_all(&data)?;
    if is_root()? {
        succeed(Command::new("chown").arg("-R").arg(UNPRIVILEGED).arg(folder))?;
    }
    let mut make = unprivileged(&programs.join("initdb"))?;
    make.arg("--pgdata").arg(&data).args([
        "--username=candor",
        "--auth=trust",
        "--no-sync",
        "--no-instructions",
    ]);
    succeed(make.args(["--encoding=UTF8", "--locale=C.UTF-8"]))?;
    File::options().append(true).open(data.join("postgresql.conf"))?.write_all(SETTINGS.as_bytes())?;
    let mut server = unprivileged(&programs.join("postgres"))?;
    server.arg("-D").arg(&data).arg("-k").arg(folder);
    let words: Vec<String> = std::iter::once(server.get_program())
        .chain(server.get_args())
        .map(|word| format!("'{}'", word.to_string_lossy().replace('\'', r"'\''")))
        .collect();
    // However the run ends, the server ends after it, and its folder goes.
    let folder = folder.display();
    let script = format!(
        "{} & server=$!; while kill -0 {watched}; do sleep 1; done; kill -INT $server; wait $server; rm -rf '{folder}'",
        words.join(" ")
    );
    let told = File::create(format!("{folder}/server.log"))?;
    let mut keeper = Command::new("sh");
    keeper.arg("-c").arg(script).process_group(0).current_dir("/");
    keeper.stdin(Stdio::null()).stdout(told.try_clone()?).stderr(told).spawn()?;
    Ok(())
}

fn wait_until_up(url: &str, folder: &Path) -> Result<(), Failure> {
    let mut waited = Duration::ZERO;
    while let Err(error) = Client::connect(url, NoTls) {
        if waited > UP_WAIT_MAX {
            let log = folder.join("server.log");
            return Err(format!("PostgreSQL did not come up: {error}; see {}", log.display()).into());
        }
        std::thread::sleep(LOOK_EVERY);
        waited += LOOK_EVERY;
    }
    Ok(())
}

/// A command that root does not run as itself: the server refuses that.
fn unprivileged(program: &Path) -> Result<Command, Failure> {
    if !is_root()? {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={UNPRIVILEGED}")).arg(format!("--regid={UNPRIVILEGED}"));
    command.arg("--clear-groups").arg("--").arg(program);
    Ok(command)
}

fn is_root() -> Result<bool, Failure> {
    let said = Command::new("id").arg("-u").output()?;
    Ok(said.stdout.trim_ascii() == b"0")
}

fn succeed(command: &mut Command) -> Result<(), Failure> {
    let done = command.current_dir("/").stdin(Stdio::null()).output()?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(format!("{}: {}: {said}", command.get_program().to_string_lossy(), done.status).into())
}

#[expect(clippy::disallowed_methods, reason = "tests are steered from outside their process")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[expect(clippy::print_stderr, reason = "for who runs the tests")]
fn tell(line: &str) {
    eprintln!("{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_a_url_is_replaced_and_the_rest_stays() {
        for (url, expected) in [
            ("postgres://a@/postgres?host=/run/x", Some("postgres://a@/mine?host=/run/x")),
            ("postgres://a@localhost:5433/b", Some("postgres://a@localhost:5433/mine?")),
            ("postgres://localhost", None),
        ] {
            assert_eq!(with_database(url, "mine").as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn a_database_is_there_for_one_test_and_a_copy_has_its_rows() {
        let Some(server) = Server::of_this_run().unwrap() else { return };
        let own = server.database().unwrap();
        own.connect()
            .unwrap()
            .batch_execute("CREATE TABLE held (number BIGINT); INSERT INTO held VALUES (7)")
            .unwrap();
        let copy = own.copy().unwrap();
        let row = copy.connect().unwrap().query_one("SELECT number FROM held", &[]).unwrap();
        assert_eq!(row.get::<_, i64>(0), 7);
        let url = own.url().to_owned();
        drop(own);
        assert!(Client::connect(&url, NoTls).is_err());
    }
}
