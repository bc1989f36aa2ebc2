//! Where a catalogue is: in a file of the data directory, or in a PostgreSQL database.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use postgres::config::{Config, Host, SslMode};

use super::CatalogueError;
use crate::durable;

/// The file of a data directory that says where its catalogue is.
const FILE: &str = "catalogue.url";
/// The catalogue's own file, where it is in the data directory.
pub(super) const SQLITE_FILE: &str = "catalogue.sqlite";
/// How a URL says that it is there.
const SQLITE: &str = "sqlite://catalogue.sqlite";
/// How long it may take to reach a server.
const CONNECT_WAIT_MAX: Duration = Duration::from_secs(10);
/// How long a connection is silent before it is asked whether its other end is still there.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// Where a catalogue is: `sqlite://catalogue.sqlite`, a file of the data directory, or
/// `postgres://user@host/database`.
///
/// A PostgreSQL URL takes the parameters of libpq that [`postgres::Config`] knows, and two more:
///
/// - `password_file`: the file with the password, so that it is in no command line and not in the data directory;
/// - `sslrootcert`: the file with the certificates (PEM) that the server's must come from, in place of the system's.
///
/// A host that is not this machine is spoken to over TLS, and its certificate is checked against its name.
#[derive(Clone)]
pub struct CatalogueUrl {
    text: String,
    server: Option<Server>,
}

/// A PostgreSQL database.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) config: Config,
    pub(super) password_file: Option<PathBuf>,
    pub(super) root_certificates: Option<PathBuf>,
}

impl CatalogueUrl {
    /// The PostgreSQL database; `None` for the file in the data directory.
    pub(super) fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    /// The one that a data directory names; `None` if it names none, which none does that was made by this program.
    pub(super) fn read(root: &Path) -> Result<Option<Self>, CatalogueError> {
        match std::fs::read_to_string(root.join(FILE)) {
            Ok(text) => text.trim_end().parse().map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(CatalogueError::Sql { doing: "read where it is", source: source.into() }),
        }
    }

    /// Writes it into a data directory.
    pub(super) fn write(&self, root: &Path) -> Result<(), CatalogueError> {
        let line = format!("{self}\n");
        let written = durable::write_file(&root.join(FILE), line.as_bytes(), 0o600);
        written.map_err(|source| CatalogueError::Sql { doing: "write where it is", source: source.into() })
    }
}

/// The file in the data directory.
impl Default for CatalogueUrl {
    fn default() -> Self {
        Self { text: SQLITE.to_owned(), server: None }
    }
}

impl fmt::Display for CatalogueUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for CatalogueUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CatalogueUrl({self})")
    }
}

impl FromStr for CatalogueUrl {
    type Err = CatalogueError;

    fn from_str(text: &str) -> Result<Self, CatalogueError> {
        if text == SQLITE {
            return Ok(Self::default());
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(CatalogueError::Url(format!(
                "begins with neither `postgres://` nor is it `{SQLITE}`\nhint: `postgres://user@host/database`"
            )));
        }
        Ok(Self { text: text.to_owned(), server: Some(Server::parse(text)?) })
    }
}

impl Server {
    fn parse(text: &str) -> Result<Self, CatalogueError> {
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut password_file, mut root_certificates) = (None, None);
        let mut theirs = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "password_file" => password_file = Some(absolute("password_file", &value)?),
                "sslrootcert" => root_certificates = Some(absolute("sslrootcert", &value)?),
                _ => {
                    theirs.append_pair(&name, &value);
                }
            }
        }
        // A blank is `+` in a form and `%20` everywhere else.
        let theirs = theirs.finish().replace('+', "%20");
        let mut config: Config = format!("{base}?{theirs}")
            .parse()
            .map_err(|error| CatalogueError::Url(format!("is not understood: {}", told(&error))))?;
        if config.get_password().is_some() {
            return Err(CatalogueError::Url(
                "holds a password, which would lie open in the data directory\nhint: put it into a file that only \
                 the operator reads, and name that: `?password_file=/path`"
                    .to_owned(),
            ));
        }
        for (missing, what) in [
            (config.get_user().is_none(), "user"),
            (config.get_dbname().is_none(), "database"),
            (config.get_hosts().is_empty(), "host"),
        ] {
            if missing {
                let hint = "hint: `postgres://user@host/database`";
                return Err(CatalogueError::Url(format!("names no {what}\n{hint}")));
            }
        }
        require_tls(&mut config)?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_WAIT_MAX);
        }
        config.keepalives_idle(SILENCE_MAX);
        Ok(Self { config, password_file, root_certificates })
    }
}

/// What is wrong, without the URL.
fn told(error: &postgres::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// A path that means the same from wherever a command is run.
fn absolute(name: &str, value: &str) -> Result<PathBuf, CatalogueError> {
    let path = PathBuf::from(value);
    if path.is_absolute() {
        return Ok(path);
    }
    Err(CatalogueError::Url(format!("has the relative path `{value}` as `{name}`\nhint: begin it with `/`")))
}

/// Beyond this machine everything goes over TLS; on it, only what asks for it does.
fn require_tls(config: &mut Config) -> Result<(), CatalogueError> {
    let is_here =
        config.get_hosts().iter().all(is_local) && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
    match config.get_ssl_mode() {
        SslMode::Disable if !is_here => Err(CatalogueError::Url(
            "asks for no TLS to a host that is not this machine: everything about who is in the vault would go \
             over the network in the clear\nhint: leave out `sslmode`, or reach the server by a Unix socket or the \
             loopback address"
                .to_owned(),
        )),
        SslMode::Prefer | SslMode::Disable if is_here => {
            config.ssl_mode(SslMode::Disable);
            Ok(())
        }
        _ => {
            config.ssl_mode(SslMode::Require);
            Ok(())
        }
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        #[cfg(unix)]
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> Server {
        text.parse::<CatalogueUrl>().unwrap().server.unwrap()
    }

    fn refusal(text: &str) -> String {
        text.parse::<CatalogueUrl>().unwrap_err().to_string()
    }

    #[test]
    fn a_server_is_spoken_to_over_tls_unless_it_is_this_machine() {
        for (url, mode) in [
            ("postgres://candor@db.example.org/candor", SslMode::Require),
            ("postgres://candor@db.example.org/candor?sslmode=prefer", SslMode::Require),
            ("postgres://candor@localhost/candor?hostaddr=192.0.2.1", SslMode::Require),
            ("postgres://candor@localhost,db.example.org/candor", SslMode::Require),
            ("postgres://candor@localhost/candor", SslMode::Disable),
            ("postgres://candor@127.0.0.1:5433/candor", SslMode::Disable),
            ("postgres://candor@[::1]/candor", SslMode::Disable),
            ("postgres://candor@%2Frun%2Fpostgresql/candor", SslMode::Disable),
            ("postgres://candor@/candor?host=/run/postgresql", SslMode::Disable),
            ("postgres://candor@localhost/candor?sslmode=require", SslMode::Require),
        ] {
            assert_eq!(server(url).config.get_ssl_mode(), mode, "{url}");
        }
        let refused = refusal("postgres://candor@192.0.2.1/candor?sslmode=disable");
        assert!(refused.contains("in the clear") && refused.contains("hint: "), "{refused}");
    }

    #[test]
    fn a_password_is_named_by_its_file_and_never_written_down() {
        let refused = refusal("postgres://candor:hunter2@localhost/candor");
        assert!(refused.contains("password_file=") && !refused.contains("hunter2"), "{refused}");
        let refused = refusal("postgres://candor@localhost/candor?password=hunter2");
        assert!(refused.contains("password_file=") && !refused.contains("hunter2"), "{refused}");
        let named = server("postgres://candor@localhost/candor?password_file=/run/secrets/db%20password");
        assert_eq!(named.password_file.as_deref(), Some(Path::new("/run/secrets/db password")));
        assert!(refusal("postgres://candor@localhost/candor?password_file=secret").contains("`secret`"));
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        for (url, told) in [
            ("postgres://localhost/candor", "names no user"),
            ("postgres://candor@localhost", "names no database"),
            ("postgres://candor@/candor", "names no host"),
            ("postgres://candor@localhost/candor?colour=blue", "colour"),
            ("mysql://candor@localhost/candor", "hint: `postgres://user@host/database`"),
            ("sqlite:///elsewhere", "sqlite://catalogue.sqlite"),
        ] {
            assert!(refusal(url).contains(told), "{url}: {}", refusal(url));
        }
    }

    #[test]
    fn options_with_blanks_reach_the_server_as_they_are() {
        let url = "postgres://candor@localhost/candor?options=-c%20search_path%3Dvault&application_name=a+b";
        assert_eq!(server(url).config.get_options(), Some("-c search_path=vault"));
        assert_eq!(server(url).config.get_application_name(), Some("a b"));
    }

    #[test]
    fn a_data_directory_says_where_its_catalogue_is() {
        let folder = tempfile::tempdir().unwrap();
        assert!(CatalogueUrl::read(folder.path()).unwrap().is_none());
        for url in [SQLITE, "postgres://candor@localhost/candor?password_file=/etc/candor/password"] {
            url.parse::<CatalogueUrl>().unwrap().write(folder.path()).unwrap();
            assert_eq!(CatalogueUrl::read(folder.path()).unwrap().unwrap().to_string(), url);
        }
    }
}
