//! The gateway's own certificate.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::settings::{SettingsError, Tls};

/// Accepts TLS connections for HTTP/2 and HTTP/1.1.
pub(crate) fn acceptor(tls: &Tls) -> Result<TlsAcceptor, SettingsError> {
    let wrong =
        |path: &Path, what: &str| SettingsError::Value(format!("{} holds no {what} in PEM", path.display()));
    let read = |path: &Path| {
        std::fs::read(path).map_err(|source| SettingsError::File { path: path.to_owned(), source })
    };
    let certificates = read(&tls.certificate_file)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&certificates).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| wrong(&tls.certificate_file, "certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(&read(&tls.key_file)?)
        .map_err(|_| wrong(&tls.key_file, "private key"))?;
    let unfit = |error: rustls::Error| SettingsError::Value(format!("tls: {error}"));
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unfit)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unfit)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
