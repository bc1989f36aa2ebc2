//! The settings of the portal: one TOML file, unknown keys are errors.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use candor_conversation::{Age, Kind, Region, TenantId, Tier};
use serde::Deserialize;

/// A file of settings to begin with, every key explained.
pub const TEMPLATE: &str = include_str!("template.toml");

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("read {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The file is no TOML, or has keys that are not known.
    #[error("{path}: {source}")]
    Form {
        /// The file.
        path: PathBuf,
        /// Line, column and what is allowed there.
        source: Box<toml::de::Error>,
    },
    /// A value cannot be used.
    #[error("{0}")]
    Value(String),
}

impl SettingsError {
    /// What the caller does next.
    pub fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

/// Settings of the portal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where browsers connect.
    pub listen: SocketAddr,
    /// The address that people see, if it is another one, such as behind a proxy that speaks TLS.
    #[serde(default)]
    pub public_url: Option<String>,
    /// The gateway that the chat page speaks to; this process's own if it is not named.
    #[serde(default)]
    pub gateway: Option<String>,
    /// File with a virtual key of the gateway that is named, one with `hints`; relative to the file of settings.
    #[serde(default)]
    pub gateway_key_file: Option<PathBuf>,
    /// The model that the chat page asks for.
    pub model: String,
    /// Whether there is a guided page whose buttons build releases and train models. Only on a loopback address: for
    /// trying things out.
    #[serde(default)]
    pub guide: bool,
    /// How people show who they are.
    pub sign_in: SignIn,
}

/// How people show who they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignIn {
    /// A signed link from the host application.
    pub link: Option<SignedLink>,
    /// An OpenID provider.
    pub openid: Option<OpenId>,
    /// People who sign in by a click. Only on a loopback address: for trying things out.
    pub local: Vec<LocalPerson>,
}

/// A token in a link, signed with a secret that the host application shares (JWT, HS256).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedLink {
    /// File with the secret, at least 32 bytes; relative to the file of settings.
    pub secret_file: PathBuf,
    /// The tenant of people whose token names none.
    pub tenant: TenantId,
    /// Where to send people who are not signed in.
    #[serde(default)]
    pub begin_at: Option<String>,
}

/// A provider that says who somebody is (OpenID Connect, the code flow with PKCE).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenId {
    /// What people know it by.
    pub name: String,
    /// Its address, exactly as it names itself.
    pub issuer: String,
    /// What it knows these pages by.
    pub client_id: String,
    /// File with the secret that it gave them; none for a public client. Relative to the file of settings.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// The claim that holds a person's name in the vault; it must never pass to somebody else.
    #[serde(default = "subject")]
    pub name_claim: String,
    /// Their organisation.
    pub tenant: TenantId,
    /// Their account.
    pub tier: Tier,
    /// Where they are, if that is the same for all.
    #[serde(default)]
    pub region: Option<Region>,
    /// Their age, if that is known of all, such as `18+` of employees.
    #[serde(default)]
    pub age: Option<Age>,
}

/// The claim that a provider never gives to two people.
fn subject() -> String {
    "sub".to_owned()
}

impl OpenId {
    /// Whether nobody on the way can read or change what is sent to an address.
    pub(crate) fn is_safe(url: &str) -> bool {
        let host = |rest: &str| {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
            // What stands before an @ is no host.
            !authority.contains('@') && matches!(host, "127.0.0.1" | "localhost" | "[::1]")
        };
        url.starts_with("https://") || url.strip_prefix("http://").is_some_and(host)
    }
}

/// Somebody to play.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalPerson {
    /// The operator's name for them.
    pub name: String,
    /// Their organisation.
    pub tenant: TenantId,
    /// Their account.
    pub tier: Tier,
    /// Where they are.
    pub region: Region,
    /// Their age, such as `34` or `under-18`.
    pub age: Age,
}

impl LocalPerson {
    /// What the vault is told of them.
    pub(crate) fn profile(&self) -> candor_vault::Profile {
        candor_vault::Profile {
            name: self.name.clone(),
            tier: self.tier,
            region: Some(self.region.clone()),
            age: Some(self.age),
            called: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads and checks a file.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| SettingsError::File { path: path.to_owned(), source })?;
        let mut settings: Settings = toml::from_str(&text)
            .map_err(|source| SettingsError::Form { path: path.to_owned(), source: Box::new(source) })?;
        let beside = path.parent().unwrap_or(Path::new("."));
        let secret = settings.sign_in.link.as_mut().map(|link| &mut link.secret_file);
        let provider = settings.sign_in.openid.as_mut().and_then(|openid| openid.client_secret_file.as_mut());
        for file in secret.into_iter().chain(provider).chain(&mut settings.gateway_key_file) {
            *file = beside.join(&*file);
        }
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), SettingsError> {
        if !self.sign_in.local.is_empty() && !self.listen.ip().is_loopback() {
            let text = format!(
                "sign_in.local lets anybody in, and {} is no loopback address\nhint: listen on 127.0.0.1, or use \
                 [sign_in.link]",
                self.listen
            );
            return Err(SettingsError::Value(text));
        }
        if self.gateway.is_some() != self.gateway_key_file.is_some() {
            let text = "gateway and gateway_key_file go together\nhint: leave both out for this process's own gateway";
            return Err(SettingsError::Value(text.into()));
        }
        if self.guide && !self.listen.ip().is_loopback() {
            let text =
                format!("guide lets people build releases, and {} is no loopback address", self.listen);
            return Err(SettingsError::Value(text));
        }
        if let Some(openid) = &self.sign_in.openid
            && !OpenId::is_safe(&openid.issuer)
        {
            let text = format!("`{}` is no issuer\nhint: it begins with https://", openid.issuer);
            return Err(SettingsError::Value(text));
        }
        let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
        for url in [&self.public_url, &self.gateway].into_iter().flatten() {
            if !is_web(url) || url.ends_with('/') {
                let text = format!("`{url}` is not an address such as https://privacy.example.org");
                return Err(SettingsError::Value(text));
            }
        }
        Ok(())
    }

    /// Whether people reach the pages over TLS, so that cookies may insist on it.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_read_as_it_is() {
        let settings: Settings = toml::from_str(TEMPLATE).unwrap();
        settings.check().unwrap();
    }

    #[test]
    fn people_to_play_are_refused_on_an_address_that_others_reach() {
        let mut settings: Settings = toml::from_str(TEMPLATE).unwrap();
        settings.sign_in.local.push(LocalPerson {
            name: "anna".into(),
            tenant: "home".parse().unwrap(),
            tier: Tier::Consumer,
            region: "DE".parse().unwrap(),
            age: Age::at_least(34),
        });
        settings.check().unwrap();
        settings.listen = "0.0.0.0:8082".parse().unwrap();
        assert!(settings.check().unwrap_err().to_string().contains("no loopback address"));
    }
}
