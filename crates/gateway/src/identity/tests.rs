//! What is asked of the whole: requests in, speakers and refusals out.

mod headers;
mod keys;
mod tokens;

use std::io;
use std::path::Path;

use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use super::*;

const NOW: u64 = 1_900_000_000;
const SECRET: &[u8] = b"thirty-two bytes or more of secret";

/// The key that is made of one byte, and its hash.
fn key(byte: u8) -> (String, String) {
    new_key([byte; 32])
}

/// Settings with a key of `acme`, made of 1, and one of `bolt`, made of 2; and what else is given.
fn two_tenants(more: &str) -> String {
    let (acme, bolt) = (key(1).1, key(2).1);
    format!(
        "[[key]]\nname = 'acme'\ntenant = 'acme'\nsha256 = '{acme}'\n\
         [[key]]\nname = 'bolt'\ntenant = 'bolt'\nsha256 = '{bolt}'\n{more}"
    )
}

/// Settings with one key, made of 1, of the tenant `acme`; and what else is said of it, and given.
fn one_key(of_key: &str, more: &str) -> String {
    format!("[[key]]\nname = 'acme'\ntenant = 'acme'\nsha256 = '{}'\n{of_key}\n{more}", key(1).1)
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    match path.to_str() {
        Some("secret") => Ok([SECRET, b"\n"].concat()),
        Some("other-secret") => Ok(b"another secret of thirty-two bytes".to_vec()),
        Some("short") => Ok(b"too short".to_vec()),
        Some("keys.json") => Ok(tokens::key_set().into_bytes()),
        Some("oct.json") => Ok(br#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#.to_vec()),
        Some("text") => Ok(b"not JSON".to_vec()),
        _ => Err(io::Error::from(io::ErrorKind::NotFound)),
    }
}

fn made(text: &str) -> Result<Identifier, IdentityError> {
    Identifier::new(&toml::from_str(text).unwrap(), &read_file)
}

fn identifier(text: &str) -> Identifier {
    made(text).unwrap_or_else(|error| panic!("{error}"))
}

/// The text of the error that settings give.
fn wrong(text: &str) -> String {
    made(text).err().unwrap().to_string()
}

fn map(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn ask(identifier: &Identifier, pairs: &[(&'static str, &str)]) -> Result<Speaker, Refusal> {
    ask_from(identifier, pairs, "192.0.2.7")
}

fn ask_from(identifier: &Identifier, pairs: &[(&'static str, &str)], peer: &str) -> Result<Speaker, Refusal> {
    identifier.identify(&map(pairs), peer.parse().unwrap(), NOW)
}

/// `tenant/subject`, or the code of the refusal.
fn said(answer: Result<Speaker, Refusal>) -> String {
    match answer {
        Ok(speaker) => {
            let tenant = speaker.tenant.map_or("default".into(), |tenant| tenant.to_string());
            format!("{tenant}/{}", speaker.subject.as_deref().unwrap_or("nobody"))
        }
        Err(refusal) => refusal.code().to_owned(),
    }
}
