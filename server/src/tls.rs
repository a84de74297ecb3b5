//! TLS for whoever wants to try it: with a certificate that is made at the start.

use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::serve::Listener;
use rcgen::{CertificateParams, DnType, KeyPair, SanType};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use tempfile::NamedTempFile;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// A certificate of this process, which has signed it itself, and the file that others find it in, as
/// long as this lives.
pub(crate) struct Certified {
    file: NamedTempFile,
    config: Arc<ServerConfig>,
}

impl Certified {
    /// For connections to `address`, or to this machine by its usual names.
    pub(crate) fn for_address(address: IpAddr) -> anyhow::Result<Self> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(["localhost".to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, "server of specimens");
        let addresses =
            [address, IpAddr::from([127, 0, 0, 1]), IpAddr::from([0u16, 0, 0, 0, 0, 0, 0, 1])];
        params.subject_alt_names.extend(addresses.map(SanType::IpAddress));
        let certificate = params.self_signed(&key)?;
        let mut file = tempfile::Builder::new().prefix("server-").suffix(".pem").tempfile()?;
        file.write_all(certificate.pem().as_bytes()).context("cannot write it to a file")?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.into()], key)?;
        config.alpn_protocols = ["h2", "http/1.1"].map(|name| name.as_bytes().to_vec()).into();
        Ok(Self { file, config: Arc::new(config) })
    }

    /// Where others find the certificate, in PEM.
    pub(crate) fn file(&self) -> &Path {
        self.file.path()
    }

    /// What makes handshakes.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        Arc::clone(&self.config).into()
    }
}

/// Connections whose handshakes are over. One that takes long keeps none of the others waiting.
pub(crate) struct TlsListener {
    address: SocketAddr,
    made: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    /// What takes connections, and ends with this.
    accepting: AbortHandle,
}

/// How long a handshake may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// How many connections wait to be served.
const BACKLOG: usize = 4096;

impl TlsListener {
    /// Takes connections from `listener`.
    pub(crate) fn new(
        mut listener: impl Listener<Io = TcpStream, Addr = SocketAddr>,
        tls: TlsAcceptor,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (ready, made) = mpsc::channel(BACKLOG);
        let accepting = tokio::spawn(async move {
            loop {
                let (connection, address) = listener.accept().await;
                let (tls, ready) = (tls.clone(), ready.clone());
                tokio::spawn(async move {
                    // Whoever does not agree is told so, and gone.
                    let agreed = timeout(HANDSHAKE_LIMIT, tls.accept(connection)).await;
                    if let Ok(Ok(connection)) = agreed {
                        let _ = ready.send((connection, address)).await;
                    }
                });
            }
        });
        Ok(Self { address, made, accepting: accepting.abort_handle() })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        self.made.recv().await.expect("it goes on taking connections as long as this lives")
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
