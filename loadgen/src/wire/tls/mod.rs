//! TLS between a connection and what is spoken over it.
//!
//! rustls makes the handshakes and the records. What is ours is whom to trust ([`trust`]), what went
//! wrong, in words that help ([`error`]), and to know whether any of a request has left ([`stream`]).

mod error;
mod stream;
#[cfg(test)]
pub(crate) mod tests;
mod trust;

use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{
    CipherSuite, ClientConfig, HandshakeKind, SupportedCipherSuite, SupportedProtocolVersion,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use crate::reactor::Stream;
pub(crate) use error::TlsError;
pub(super) use stream::TlsStream;
use trust::verifier;

/// How TLS is spoken, ready for any number of connections.
#[derive(Clone)]
pub struct Tls(TlsConnector);

/// How TLS is to be spoken.
#[derive(Debug)]
pub struct TlsOptions {
    /// Whose certificates are taken.
    pub trust: Trust,
    /// Who we are, where that is asked for.
    pub identity: Option<Identity>,
    /// The versions that are offered; at least one.
    pub versions: Vec<&'static SupportedProtocolVersion>,
    /// The ciphers that are offered; empty for all.
    pub ciphers: Vec<CipherSuite>,
    /// The protocol that is spoken above it, by its name in ALPN.
    pub protocol: &'static str,
    /// Whether the host's name is told.
    pub sends_name: bool,
    /// Whether a session is resumed, which makes the next handshake a short one.
    pub resumes: bool,
}

/// Whose certificates are taken.
#[derive(Debug)]
pub enum Trust {
    /// Those that this machine trusts.
    System,
    /// These, and whom they have signed.
    Only(Vec<CertificateDer<'static>>),
    /// Anybody's.
    Anybody,
}

/// A certificate of our own.
#[derive(Debug)]
pub struct Identity {
    /// The certificate, and those between it and whom the other side trusts.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
}

/// Why TLS cannot be spoken as it is to be.
#[derive(Debug, Error)]
pub enum NoTls {
    /// This machine trusts nobody.
    #[error(
        "this machine trusts no certificate ({0}): install ca-certificates, or use --cacert FILE"
    )]
    NoRoots(String),
    /// A certificate is none that could be trusted.
    #[error("--cacert: {0}")]
    CaCert(rustls::Error),
    /// The certificate and its key do not belong together, or are of no kind that is known.
    #[error("--cert: {0}")]
    Identity(rustls::Error),
    /// No cipher is of a version that is offered.
    #[error("no cipher of -Z fits the TLS version of -f: {0}")]
    Ciphers(rustls::Error),
}

/// What a handshake came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handshake {
    pub(crate) agreed: Agreed,
    /// Whether an earlier session was gone on with.
    pub(crate) is_resumed: bool,
    pub(crate) took: Duration,
}

/// What both sides speak.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Agreed {
    /// As OpenSSL has it: `TLSv1.3`.
    pub(crate) version: String,
    /// As OpenSSL has it: `TLS_AES_256_GCM_SHA384`.
    pub(crate) cipher: String,
    /// The protocol above, where that was agreed on.
    pub(crate) alpn: Option<String>,
}

/// What may be spoken above TLS, by its name in ALPN.
pub(crate) const HTTP1: &str = "http/1.1";
pub(crate) const HTTP2: &str = "h2";

/// The versions that can be spoken, by ab's names for them.
pub(crate) const VERSIONS: [(&str, &SupportedProtocolVersion); 2] =
    [("TLS1.2", &rustls::version::TLS12), ("TLS1.3", &rustls::version::TLS13)];

/// All of them.
pub(crate) fn all_versions() -> Vec<&'static SupportedProtocolVersion> {
    VERSIONS.iter().map(|(_, version)| *version).collect()
}

impl Tls {
    /// TLS as `options` say.
    ///
    /// # Errors
    /// When that is not possible.
    pub fn new(options: TlsOptions) -> Result<Self, NoTls> {
        let TlsOptions { trust, identity, versions, ciphers, protocol, sends_name, resumes } =
            options;
        let mut provider = aws_lc_rs::default_provider();
        if !ciphers.is_empty() {
            provider.cipher_suites.retain(|suite| ciphers.contains(&suite.suite()));
        }
        let provider = Arc::new(provider);
        let verifier = verifier(trust, &provider)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions)
            .map_err(NoTls::Ciphers)?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = match identity {
            Some(Identity { chain, key }) => {
                builder.with_client_auth_cert(chain, key).map_err(NoTls::Identity)?
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        config.enable_sni = sends_name;
        if !resumes {
            config.resumption = Resumption::disabled();
        }
        Ok(Self(Arc::new(config).into()))
    }

    /// For a client that wants to know how it is spoken, though no URL asks for it.
    pub(super) fn unspoken() -> Self {
        let options = TlsOptions {
            trust: Trust::Anybody,
            identity: None,
            versions: all_versions(),
            ciphers: Vec::new(),
            protocol: HTTP1,
            sends_name: false,
            resumes: false,
        };
        Self::new(options).expect("every version has ciphers, and nothing else is asked for")
    }

    /// The same, which goes on with no session, and leaves none behind.
    pub(super) fn without_sessions(&self) -> Self {
        let mut config = self.config().clone();
        config.resumption = Resumption::disabled();
        Self(Arc::new(config).into())
    }

    /// What rustls is told.
    pub(super) fn config(&self) -> &ClientConfig {
        self.0.config()
    }

    /// Agrees on how to go on over `stream` with whoever is there, who is to be `name`.
    pub(super) async fn connect(
        &self,
        name: ServerName<'static>,
        stream: Stream,
    ) -> Result<(TlsStream, Handshake), TlsError> {
        let begun = Instant::now();
        let stream = TlsStream::connect(&self.0, name, stream).await?;
        let handshake = stream.handshake(begun.elapsed());
        Ok((stream, handshake))
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Tls").finish_non_exhaustive()
    }
}

/// Whom a certificate for `url` has to name; `None` where TLS is not spoken to it.
pub(crate) fn server_name(url: &Url) -> Option<ServerName<'static>> {
    if url.scheme() != "https" {
        return None;
    }
    match url.host()? {
        Host::Domain(name) => ServerName::try_from(name.trim_end_matches('.').to_owned()).ok(),
        Host::Ipv4(address) => Some(ServerName::from(std::net::IpAddr::V4(address))),
        Host::Ipv6(address) => Some(ServerName::from(std::net::IpAddr::V6(address))),
    }
}

/// The ciphers that can be spoken, by OpenSSL's names for them.
pub(crate) fn ciphers() -> impl Iterator<Item = (String, CipherSuite)> {
    let all = aws_lc_rs::ALL_CIPHER_SUITES.iter().map(SupportedCipherSuite::suite);
    all.map(|suite| (openssl_name(suite), suite))
}

/// What OpenSSL, and so everybody's configuration, calls a cipher.
fn openssl_name(suite: CipherSuite) -> String {
    let name = suite.as_str().unwrap_or("unknown");
    if let Some(of_1_3) = name.strip_prefix("TLS13_") {
        return format!("TLS_{of_1_3}");
    }
    let name = name.trim_start_matches("TLS_").replace("_WITH_", "_").replace("AES_", "AES");
    name.replace("POLY1305_SHA256", "POLY1305").replace('_', "-")
}

impl Agreed {
    fn of(session: &rustls::ClientConnection) -> Self {
        let version = match session.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLSv1.2",
            Some(rustls::ProtocolVersion::TLSv1_3) => "TLSv1.3",
            _ => "unknown",
        };
        let suite = session.negotiated_cipher_suite();
        let alpn = session.alpn_protocol();
        Self {
            version: version.to_owned(),
            cipher: suite.map_or("unknown".to_owned(), |suite| openssl_name(suite.suite())),
            alpn: alpn.map(|name| String::from_utf8_lossy(name).into_owned()),
        }
    }
}

fn is_resumed(session: &rustls::ClientConnection) -> bool {
    session.handshake_kind() == Some(HandshakeKind::Resumed)
}
