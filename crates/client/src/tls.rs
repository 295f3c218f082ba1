//! How a client reaches its server over TLS.

use std::fmt;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use crate::error::SetupError;
use crate::transport::{ByteStream, Connecting, Tcp, Transport};
use crate::url::ServerUrl;

/// TLS over TCP, by rustls: what `https://` is reached by.
///
/// Trusted are the certificate authorities that Mozilla trusts, as of the version of the crate `webpki-roots`, and those that
/// are added by [`trusting`](Self::trusting).
#[derive(Clone)]
pub struct Tls {
    tcp: Tcp,
    name: ServerName<'static>,
    roots: RootCertStore,
    connector: TlsConnector,
}

impl Tls {
    /// TLS to the server at `url`.
    ///
    /// # Errors
    ///
    /// Fails if the URL cannot be read, or its host has no form that a certificate can be for.
    pub fn to(url: &str) -> Result<Self, SetupError> {
        Self::to_server(&ServerUrl::parse(url)?)
    }

    pub(crate) fn to_server(url: &ServerUrl) -> Result<Self, SetupError> {
        let name = ServerName::try_from(url.host.clone());
        let name = name.map_err(|_| SetupError::InvalidUrl { url: url.authority.clone() })?;
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let connector = connector(roots.clone())?;
        Ok(Self { tcp: Tcp::to(url), name, roots, connector })
    }

    /// Trusts the authority of this certificate too, which is in DER: of a test server, or of a company's own.
    ///
    /// # Errors
    ///
    /// Fails if the certificate cannot be read.
    pub fn trusting(mut self, certificate: &[u8]) -> Result<Self, SetupError> {
        let added = self.roots.add(CertificateDer::from(certificate.to_vec()));
        added.map_err(|error| SetupError::Tls { reason: error.to_string() })?;
        self.connector = connector(self.roots.clone())?;
        Ok(self)
    }
}

fn connector(roots: RootCertStore) -> Result<TlsConnector, SetupError> {
    // Named, because a process in which other providers are built in has no default.
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| SetupError::Tls { reason: error.to_string() })?;
    let config = config.with_root_certificates(roots).with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

impl Transport for Tls {
    fn connect(&self) -> Connecting {
        let (tcp, connector, name) = (self.tcp.connect(), self.connector.clone(), self.name.clone());
        Box::pin(async move {
            let stream = connector.connect(name, tcp.await?).await?;
            Ok(Box::new(stream) as Box<dyn ByteStream>)
        })
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("name", &self.name).finish_non_exhaustive()
    }
}
