//! The client over TLS, with a certificate for `localhost` that nobody else trusts; its key is no secret.

use std::sync::Arc;

use streampod_client::{CallError, Client, ClientOptions, ConnectionError, Tls};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::kit::within;

const CERTIFICATE: &[u8] = include_bytes!("tls/certificate.der");
const KEY: &[u8] = include_bytes!("tls/key.der");

/// A server that answers each request with 7, on which port.
async fn server() -> u16 {
    let key = PrivateKeyDer::try_from(KEY).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = config.with_single_cert(vec![CertificateDer::from(CERTIFICATE)], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("localhost", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // One that does not trust the certificate hangs up.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 4096];
            assert_ne!(stream.read(&mut request).await.unwrap(), 0);
            let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1\r\n\r\n7";
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    port
}

#[tokio::test]
async fn a_certificate_is_checked() {
    let port = server().await;
    let url = format!("https://localhost:{port}/");
    let trusting = Tls::to(&url).unwrap().trusting(CERTIFICATE).unwrap();
    let client = Client::with_transport(&url, ClientOptions::default(), trusting).unwrap();
    assert_eq!(within(client.call::<i64>("a", "b", &[])).await.unwrap(), 7);

    let client = Client::new(&url, ClientOptions::default()).unwrap();
    let error = within(client.call::<i64>("a", "b", &[])).await.unwrap_err();
    let CallError::Connection(ConnectionError::Failed(source)) = error else { panic!("{error:?}") };
    assert!(source.to_string().contains("certificate"), "{source}");
}

#[test]
fn what_is_no_certificate() {
    let error = Tls::to("https://localhost/").unwrap().trusting(b"nonsense").unwrap_err();
    assert!(error.to_string().starts_with("TLS cannot be set up"), "{error}");
}
