//! TLS with servers that speak it, and that do not.

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use http::Method;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use tokio::time::timeout;
use url::Url;

use super::{Identity, Tls, TlsOptions, Trust, VERSIONS, all_versions, openssl_name};
use crate::scenario::Call;
use crate::timers::Timers;
use crate::wire::http1::Http1;
use crate::wire::http2::Http2;
use crate::wire::{Answer, Dialer, Driver, Endpoint, Failure, Listener, OpenError, Progress};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Whoever signs certificates.
struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().into();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    fn signs(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        identity(certificate.into(), &key)
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        roots.into()
    }
}

fn identity(certificate: CertificateDer<'static>, key: &KeyPair) -> Identity {
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    Identity { chain: vec![certificate], key }
}

fn params(name: &str) -> CertificateParams {
    CertificateParams::new([name.to_owned()]).unwrap()
}

/// As `openssl req -x509` makes it: it may sign others.
fn signed_by_itself(mut params: CertificateParams) -> Identity {
    let key = KeyPair::generate().unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    identity(params.self_signed(&key).unwrap().into(), &key)
}

fn server(identity: Identity, clients: Option<&Authority>) -> Arc<ServerConfig> {
    let builder = ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::aws_lc_rs::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(
                authority.roots(),
                Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
            );
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    Arc::new(builder.with_single_cert(identity.chain, identity.key).unwrap())
}

type Spoken = StreamOwned<ServerConnection, TcpStream>;

/// Does what `each` says with each of so many connections.
fn serve(
    config: Arc<ServerConfig>,
    connections: usize,
    each: impl Fn(&mut Spoken) -> std::io::Result<()> + Send + 'static,
) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = thread::spawn(move || {
        for _ in 0..connections {
            let (stream, _) = listener.accept().unwrap();
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            // One that is refused is gone.
            let _ = each(&mut StreamOwned::new(session, stream));
        }
    });
    (address, thread)
}

fn answer(stream: &mut Spoken, bytes: &[u8]) -> std::io::Result<()> {
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    stream.write_all(bytes)
}

/// Answers one request and ends the connection, and tells so or not.
fn serve_and_end(bytes: &'static [u8], tells: bool) -> (SocketAddr, JoinHandle<()>) {
    let config = server(signed_by_itself(params("localhost")), None);
    serve(config, 1, move |stream| {
        answer(stream, bytes)?;
        if tells {
            stream.conn.send_close_notify();
        }
        stream.flush()
    })
}

fn answer_all(stream: &mut Spoken) -> std::io::Result<()> {
    loop {
        answer(stream, OK)?;
    }
}

fn options(trust: Trust) -> TlsOptions {
    TlsOptions {
        protocol: super::HTTP1,
        trust,
        identity: None,
        versions: all_versions(),
        ciphers: Vec::new(),
        sends_name: true,
        resumes: true,
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let limit = Duration::from_secs(20);
    runtime.block_on(async { timeout(limit, future).await.expect("it is stuck") })
}

/// A client of `localhost` at `address`.
struct Client {
    driver: Http1,
    endpoint: Endpoint,
    url: Url,
}

impl Client {
    fn new(options: TlsOptions, address: SocketAddr) -> Self {
        let dialer = Dialer::new(Timers::current(), None);
        let driver = Http1::new(true, dialer.with_tls(Some(Tls::new(options).unwrap())));
        let url: Url = format!("https://localhost:{}/", address.port()).parse().unwrap();
        Self { driver, endpoint: Endpoint::new(vec![address]).of(&url), url }
    }

    async fn connect(&self) -> Result<<Http1 as Driver>::Slot, OpenError> {
        let connection = self.driver.connect(&self.endpoint).await?;
        Ok(self.driver.slot(&connection).unwrap())
    }

    async fn exchange(&self, slot: &mut <Http1 as Driver>::Slot) -> Result<Answer, Failure> {
        let call = Call::new(Method::GET, None);
        let message = self.driver.encode(&self.url, &call);
        let progress = Cell::new(Progress::Nothing);
        self.driver.exchange(slot, &message, &progress, &mut Deaf).await
    }

    async fn once(&self) -> Result<Answer, Failure> {
        let mut slot = self.connect().await?;
        self.exchange(&mut slot).await
    }
}

struct Deaf;

impl Listener for Deaf {
    fn head(&mut self, _: u16, _: &[u8]) {}
    fn content(&mut self, _: &[u8]) {}
}

/// Why nothing was agreed on with a server of `identity`.
fn refusal(identity: Identity, options: impl FnOnce() -> TlsOptions) -> String {
    let (address, server) = serve(server(identity, None), 1, answer_all);
    let error = block_on(async { Client::new(options(), address).once().await.unwrap_err() });
    server.join().unwrap();
    assert!(matches!(error, Failure::Handshake(_)), "{error:?}");
    assert!(error.never_sent() && error.is_unopened());
    error.to_string()
}

#[test]
fn whom_a_trusted_authority_has_signed_is_taken_over_either_version() {
    let authority = Authority::new("a");
    let config = server(authority.signs(&params("localhost")), None);
    for (name, version) in VERSIONS {
        let (address, server) = serve(Arc::clone(&config), 1, answer_all);
        block_on(async {
            let trust = Trust::Only(vec![authority.certificate.clone()]);
            let client =
                Client::new(TlsOptions { versions: vec![version], ..options(trust) }, address);
            let mut slot = client.connect().await.unwrap();
            for _ in 0..3 {
                assert_eq!(client.exchange(&mut slot).await.unwrap().status, 200);
            }
            let opened = client.driver.opened(&slot);
            let handshake = opened.handshake.unwrap();
            assert_eq!(handshake.agreed.version, name.replace("TLS", "TLSv"));
            assert!(!handshake.is_resumed);
        });
        server.join().unwrap();
    }
}

/// curl takes it as well.
#[test]
fn a_certificate_that_is_trusted_itself_is_taken_though_it_may_sign_others() {
    let identity = signed_by_itself(params("localhost"));
    let itself = identity.chain[0].clone();
    let (address, server) = serve(server(identity, None), 1, answer_all);
    let trust = Trust::Only(vec![Authority::new("a").certificate, itself]);
    block_on(async {
        assert_eq!(Client::new(options(trust), address).once().await.unwrap().status, 200);
    });
    server.join().unwrap();
}

#[test]
fn each_reason_to_take_no_certificate_has_its_name() {
    let authority = Authority::new("a");
    let trusting = || options(Trust::Only(vec![authority.certificate.clone()]));
    let mut expired = params("localhost");
    expired.not_after = date_time_ymd(2020, 1, 1);
    let mut early = params("localhost");
    early.not_before = date_time_ymd(4000, 1, 1);
    for (signed, name) in [
        (authority.signs(&expired), "TLS: certificate has expired"),
        (authority.signs(&early), "TLS: certificate is not valid yet"),
        (authority.signs(&params("elsewhere")), "TLS: certificate is for another name"),
        (Authority::new("b").signs(&params("localhost")), "TLS: certificate of an unknown issuer"),
        // Its certificate was made anew.
        (Authority::new("a").signs(&params("localhost")), "TLS: certificate has a wrong signature"),
        (
            signed_by_itself(params("localhost")),
            "TLS: certificate is an authority's own, and not trusted",
        ),
    ] {
        assert_eq!(refusal(signed, trusting), name);
    }
    // A certificate that is trusted itself must be right in all else.
    for (params, name) in [
        (expired, "TLS: certificate has expired"),
        (early, "TLS: certificate is not valid yet"),
        (params("elsewhere"), "TLS: certificate is for another name"),
    ] {
        let identity = signed_by_itself(params);
        let itself = identity.chain[0].clone();
        assert_eq!(refusal(identity, || options(Trust::Only(vec![itself]))), name);
    }
}

#[test]
fn whoever_trusts_anybody_takes_any_certificate() {
    let mut expired = params("elsewhere");
    expired.not_after = date_time_ymd(2020, 1, 1);
    let (address, server) = serve(server(signed_by_itself(expired), None), 1, answer_all);
    block_on(async {
        let client = Client::new(options(Trust::Anybody), address);
        assert_eq!(client.once().await.unwrap().status, 200);
    });
    server.join().unwrap();
}

#[test]
fn a_server_may_want_a_certificate_of_ours() {
    let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
    for (_, version) in VERSIONS {
        let config = server(servers.signs(&params("localhost")), Some(&clients));
        let (address, server) = serve(config, 3, answer_all);
        let with = |identity| TlsOptions {
            identity,
            versions: vec![version],
            ..options(Trust::Only(vec![servers.certificate.clone()]))
        };
        block_on(async {
            let ours = clients.signs(&params("us"));
            let client = Client::new(with(Some(ours)), address);
            assert_eq!(client.once().await.unwrap().status, 200);
            // It is told before a request; with the older version within the handshake, and the server
            // may be gone while we still talk.
            for (identity, name) in [
                (None, "wants a certificate of ours"),
                (Some(Authority::new("b").signs(&params("us"))), "does not take our certificate"),
            ] {
                let client = Client::new(with(identity), address);
                let greeting = client.driver.greet(&client.endpoint).await;
                let Err(OpenError::Tls(error)) = greeting else { panic!("{greeting:?}") };
                let text = error.to_string();
                assert!(text.ends_with(name) || text.ends_with(" within the handshake"), "{text}");
                assert!(error.hint().is_some(), "{text}");
            }
        });
        server.join().unwrap();
    }
}

#[test]
fn a_session_is_gone_on_with_unless_that_is_not_wanted() {
    let authority = Authority::new("a");
    for (_, version) in VERSIONS {
        for resumes in [true, false] {
            let config = server(authority.signs(&params("localhost")), None);
            let (address, server) = serve(config, 2, answer_all);
            block_on(async {
                let trust = Trust::Only(vec![authority.certificate.clone()]);
                let options = TlsOptions { resumes, versions: vec![version], ..options(trust) };
                let client = Client::new(options, address);
                let resumed = async || {
                    let mut slot = client.connect().await.unwrap();
                    client.exchange(&mut slot).await.unwrap();
                    client.driver.opened(&slot).handshake.unwrap().is_resumed
                };
                assert_eq!((resumed().await, resumed().await), (false, resumes));
            });
            server.join().unwrap();
        }
    }
}

#[test]
fn whoever_speaks_no_tls_is_told_from_whoever_says_nothing() {
    let says = |bytes: &'static [u8]| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1]);
            let _ = stream.write_all(bytes);
        });
        let error = block_on(async {
            Client::new(options(Trust::Anybody), address).once().await.unwrap_err()
        });
        server.join().unwrap();
        assert!(matches!(error, Failure::Handshake(_)), "{error:?}");
        error.to_string()
    };
    assert_eq!(says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "TLS: the target does not speak it");
    let silent = says(b"");
    let expected =
        ["TLS: closed within the handshake", "TLS: connection reset within the handshake"];
    assert!(expected.contains(&silent.as_str()), "{silent}");
}

/// A server that is spoken to without TLS says so in its words.
#[test]
fn whoever_speaks_tls_is_no_server_of_bad_http() {
    let identity = signed_by_itself(params("localhost"));
    let (address, server) = serve(server(identity, None), 1, answer_all);
    block_on(async {
        let client = Client::new(options(Trust::Anybody), address);
        let endpoint = Endpoint::new(vec![address]);
        let connection = client.driver.connect(&endpoint).await.unwrap();
        let mut slot = client.driver.slot(&connection).unwrap();
        let error = client.exchange(&mut slot).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "illegal answer: a TLS record (expected https://) in the head"
        );
    });
    server.join().unwrap();
}

/// The end of an answer that only the end of its connection tells.
#[test]
fn an_end_that_was_not_told_may_be_somebody_elses() {
    const ENDLESS: &[u8] = b"HTTP/1.1 200 OK\r\n\r\nok";
    for tells in [true, false] {
        let (address, server) = serve_and_end(ENDLESS, tells);
        block_on(async {
            let client = Client::new(options(Trust::Anybody), address);
            match client.once().await {
                Ok(answer) => assert!(tells && answer.body_bytes == 2),
                Err(failure) => assert!(!tells && matches!(failure, Failure::ClosedWithinAnswer)),
            }
        });
        server.join().unwrap();
    }
}

/// Whether its end was told or not, nothing is sent over a connection that has ended.
#[test]
fn a_connection_that_was_kept_and_has_ended_takes_no_request() {
    for tells in [true, false] {
        let (address, server) = serve_and_end(OK, tells);
        block_on(async {
            let client = Client::new(options(Trust::Anybody), address);
            let mut slot = client.connect().await.unwrap();
            client.exchange(&mut slot).await.unwrap();
            server.join().unwrap();
            // The runtime learns of the end as it waits for something.
            tokio::time::sleep(Duration::from_millis(1)).await;
            let again = client.exchange(&mut slot).await;
            assert!(matches!(again, Err(Failure::NotSent(_))), "{again:?}");
        });
    }
}

/// What TLS has to say for itself, a ticket or that it is the end, is no answer that nobody asked for.
#[test]
fn only_content_is_an_answer_that_nobody_asked_for() {
    for more in [None, Some(OK)] {
        let config = server(signed_by_itself(params("localhost")), None);
        let (go_on, told) = mpsc::channel();
        let (address, server) = serve(config, 1, move |stream| {
            answer(stream, OK)?;
            // Behind the answer, not with it.
            told.recv().unwrap();
            more.map_or(Ok(()), |more| stream.write_all(more))?;
            stream.conn.send_close_notify();
            stream.flush()
        });
        block_on(async {
            let client = Client::new(options(Trust::Anybody), address);
            let mut slot = client.connect().await.unwrap();
            client.exchange(&mut slot).await.unwrap();
            assert!(!client.driver.has_unasked(&mut slot));
            go_on.send(()).unwrap();
            server.join().unwrap();
            assert_eq!(client.driver.has_unasked(&mut slot), more.is_some());
        });
    }
}

#[test]
fn ciphers_have_the_names_that_openssl_gives_them() {
    let names: Vec<_> = super::ciphers().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "TLS_AES_256_GCM_SHA384",
            "TLS_AES_128_GCM_SHA256",
            "TLS_CHACHA20_POLY1305_SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-CHACHA20-POLY1305",
            "ECDHE-RSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-RSA-CHACHA20-POLY1305",
        ]
    );
    assert_eq!(openssl_name(rustls::CipherSuite::from(0xfafa)), "unknown");
}

/// Whether a server that offers these protocols is spoken to in HTTP/2.
fn http2_with(protocols: &[&str]) -> String {
    let identity = signed_by_itself(params("localhost"));
    let trust = Trust::Only(identity.chain.clone());
    let mut config = Arc::unwrap_or_clone(server(identity, None));
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let settings = b"\0\0\0\x04\0\0\0\0\0";
    let (address, server) = serve(config.into(), 1, |stream| {
        stream.read_exact(&mut [0; 24])?;
        stream.write_all(settings)?;
        stream.read_to_end(&mut Vec::new()).map(drop)
    });
    let options = TlsOptions { protocol: super::HTTP2, ..options(trust) };
    let url: Url = format!("https://localhost:{}/", address.port()).parse().unwrap();
    let endpoint = Endpoint::new(vec![address]).of(&url);
    let greeted = block_on(async {
        let dialer = Dialer::new(Timers::current(), None);
        let tls = Tls::new(options).unwrap();
        Http2::new(1, true, dialer.with_tls(Some(tls))).greet(&endpoint).await
    });
    server.join().unwrap();
    match greeted.map_err(Failure::from) {
        Ok(()) => "spoken".to_owned(),
        Err(failure) => format!("{failure}; {}", failure.detail().unwrap()),
    }
}

#[test]
fn http2_is_spoken_where_it_was_agreed_on_alone() {
    assert_eq!(http2_with(&["h2", "http/1.1"]), "spoken");
    assert_eq!(
        http2_with(&[]),
        "HTTP/2: the target did not agree to it over TLS (ALPN); without --http2, requests go over HTTP/1.1"
    );
    assert_eq!(
        http2_with(&["http/1.1"]),
        "TLS: the target speaks no protocol that was offered; --http2 offers HTTP/2, and HTTP/1.1 is offered \
         without it"
    );
}
