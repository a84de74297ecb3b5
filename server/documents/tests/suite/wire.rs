//! A wire to a database, which can be cut.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use loadgen_documents::Address;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::place::Place;

/// Passes on what is said in both directions.
pub(crate) struct Wire {
    address: SocketAddr,
    scheme: Scheme,
    end: End,
    state: Arc<State>,
    listening: Mutex<Option<JoinHandle<()>>>,
}

/// Where the database itself listens.
#[derive(Clone)]
enum End {
    Socket(PathBuf),
    Address(String),
}

struct State {
    /// Connections live until it changes.
    cut: watch::Sender<u32>,
    /// A request that is passed on and has this in it is the last to which anything is answered.
    last_word: Mutex<Option<&'static [u8]>>,
}

#[derive(Clone, Copy)]
enum Scheme {
    Postgres,
    MySql,
    Redis,
    MongoDb,
}

impl Wire {
    /// A wire to the database at `place`.
    pub(crate) async fn to(place: &Place) -> Self {
        let scheme = match place.url().split(':').next().unwrap() {
            "postgresql" => Scheme::Postgres,
            "mysql" => Scheme::MySql,
            "mongodb" => Scheme::MongoDb,
            _ => Scheme::Redis,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = State { cut: watch::Sender::new(0), last_word: Mutex::default() };
        let end = match place.socket() {
            Some(socket) => End::Socket(socket),
            None => End::Address(place.url().split('/').nth(2).unwrap().to_owned()),
        };
        let wire =
            Self { address, scheme, end, state: Arc::new(state), listening: Mutex::default() };
        wire.listen(listener);
        wire
    }

    pub(crate) fn address(&self) -> Address {
        let port = self.address.port();
        let url = match self.scheme {
            Scheme::Postgres => format!("postgresql://postgres:secret@127.0.0.1:{port}/postgres"),
            Scheme::MySql => format!("mysql://documents:secret@127.0.0.1:{port}/documents"),
            Scheme::Redis => format!("redis://127.0.0.1:{port}/"),
            Scheme::MongoDb => format!("mongodb://127.0.0.1:{port}/documents"),
        };
        url.parse().unwrap()
    }

    fn listen(&self, listener: TcpListener) {
        let (state, end) = (Arc::clone(&self.state), self.end.clone());
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (state, end) = (Arc::clone(&state), end.clone());
                // Before anything is waited for: no cut is missed.
                let cut = state.cut.subscribe();
                tokio::spawn(async move {
                    match end {
                        End::Socket(path) => {
                            let Ok(server) = UnixStream::connect(&path).await else { return };
                            let (from, to) = server.into_split();
                            state.connect(client, from, to, cut).await;
                        }
                        End::Address(address) => {
                            let Ok(server) = TcpStream::connect(&address).await else { return };
                            let (from, to) = server.into_split();
                            state.connect(client, from, to, cut).await;
                        }
                    }
                });
            }
        });
        *self.listening.lock().unwrap() = Some(listening);
    }

    /// Ends every connection, and takes none: nothing is passed on any more.
    pub(crate) async fn cut(&self) {
        let listening = self.listening.lock().unwrap().take();
        if let Some(listening) = listening {
            listening.abort();
            let _ = listening.await;
        }
        self.state.cut.send_modify(|cuts| *cuts += 1);
        // Each connection listens for that until it has ended.
        self.state.cut.closed().await;
    }

    /// Takes connections again.
    pub(crate) async fn mend(&self) {
        *self.state.last_word.lock().unwrap() = None;
        if self.listening.lock().unwrap().is_none() {
            self.listen(TcpListener::bind(self.address).await.unwrap());
        }
    }

    /// From a request on that has `word` in it nothing is answered on its connection, though it arrives.
    pub(crate) fn mute_at(&self, word: &'static [u8]) {
        *self.state.last_word.lock().unwrap() = Some(word);
    }
}

impl State {
    /// Passes on what is said, until either side ends or the wire is cut.
    async fn connect(
        &self,
        client: TcpStream,
        from_server: impl AsyncRead + Unpin,
        to_server: impl AsyncWrite + Unpin,
        mut cut: watch::Receiver<u32>,
    ) {
        let (from_client, to_client) = client.into_split();
        let is_muted = AtomicBool::new(false);
        let hear = |bytes: &[u8]| {
            let last_word = *self.last_word.lock().unwrap();
            if last_word.is_some_and(|word| has(bytes, word)) {
                is_muted.store(true, Ordering::SeqCst);
            }
            true
        };
        tokio::select! {
            _ = cut.changed() => {}
            () = pass_on(from_client, to_server, hear) => {}
            () = pass_on(from_server, to_client, |_| !is_muted.load(Ordering::SeqCst)) => {}
        }
    }
}

fn has(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

async fn pass_on(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    passes: impl Fn(&[u8]) -> bool,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(bytes @ 1..) = from.read(&mut buffer).await {
        if passes(&buffer[..bytes]) && to.write_all(&buffer[..bytes]).await.is_err() {
            return;
        }
    }
}
