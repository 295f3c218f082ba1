//! TLS to Redis.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use crate::connect::ConnectError;

/// TLS to one host, by rustls.
pub(crate) struct Tls {
    name: ServerName<'static>,
    connector: TlsConnector,
}

impl Tls {
    /// TLS to this host, trusting the usual authorities and these.
    pub(crate) fn to(host: &str, authorities: &[Vec<u8>]) -> Result<Self, ConnectError> {
        let failed = |reason: &dyn std::fmt::Display| ConnectError::Tls(reason.to_string());
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| failed(&format_args!("no certificate can be for `{host}`")))?;
        let mut roots = RootCertStore::empty();
        // Some of a system's certificates may be unreadable; the others do.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        for authority in authorities {
            roots.add(CertificateDer::from(authority.clone())).map_err(|error| failed(&error))?;
        }
        // Named, because a process in which other providers are built in has no default.
        let provider = Arc::new(crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { name, connector: TlsConnector::from(Arc::new(config)) })
    }

    /// Encrypts a connection.
    pub(crate) async fn connect(&self, socket: TcpStream) -> Result<TlsStream<TcpStream>, ConnectError> {
        let encrypted = self.connector.connect(self.name.clone(), socket).await;
        encrypted.map_err(|error| ConnectError::Tls(error.to_string()))
    }
}
