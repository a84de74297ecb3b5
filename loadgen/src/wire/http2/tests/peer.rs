//! A server whose every byte a test writes, and a client of it.

use std::cell::Cell;
use std::time::Duration;

use http::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::task::LocalSet;
use tokio::time::timeout;

use super::super::connection::{Connection, Slot};
use super::super::frame::{Append as _, HEAD_BYTES, PREFACE};
use super::super::hpack;
use super::super::message::Message;
use crate::scenario::Call;
use crate::wire::http2_error::Breach;
use crate::wire::illegal::Illegal;
use crate::wire::{Answer, Failure, Listener, Opened, Progress};

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;
pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

pub(super) type Client = Connection<DuplexStream>;
pub(super) type ClientSlot = Slot<DuplexStream>;

/// The other end of a client's connection.
pub(super) struct Server {
    stream: DuplexStream,
}

/// A frame that the client sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
    pub(super) payload: Vec<u8>,
}

/// Runs a test, which is not to be stuck.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let limit = Duration::from_secs(20);
    let future = async { timeout(limit, future).await.expect("it is stuck") };
    LocalSet::new().block_on(&runtime, future)
}

/// A client with so many slots that has said hello, and whom it has said it to.
pub(super) async fn connected(slots: usize, settings: &[(u16, u32)]) -> (Client, Server) {
    let (client, mut server) = unconnected(slots, 1 << 20);
    let (greeted, ()) = tokio::join!(client.greet(), server.hello(settings));
    greeted.unwrap();
    (client, server)
}

/// The same, before either has said anything, with so much room for bytes on their way.
pub(super) fn unconnected(slots: usize, room: usize) -> (Client, Server) {
    let (stream, other) = duplex(room);
    (Connection::new(stream, slots, true, Opened::default()), Server { stream: other })
}

impl Server {
    pub(super) fn of(stream: DuplexStream) -> Self {
        Self { stream }
    }

    /// Takes the client's beginning, and sends the server's.
    pub(super) async fn hello(&mut self, settings: &[(u16, u32)]) {
        let mut preface = vec![0; PREFACE.len()];
        self.stream.read_exact(&mut preface).await.unwrap();
        assert_eq!(preface, PREFACE);
        let mut bytes = Vec::new();
        bytes.settings(settings);
        self.send(&bytes).await;
        let frames = [self.frame().await, self.frame().await];
        assert_eq!(
            frames.map(|sent| (sent.kind, sent.stream)),
            [(SETTINGS, 0), (WINDOW_UPDATE, 0)]
        );
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// A frame, whatever it is.
    pub(super) async fn send_frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        self.send(&frame(kind, flags, stream, payload)).await;
    }

    /// An answer with this status and content, in two frames.
    pub(super) async fn answer(&mut self, stream: u32, status: &str, content: &str) {
        self.send(&answer(stream, status, content)).await;
    }

    /// The next frame of the client's, but for what says that it took our settings.
    pub(super) async fn frame(&mut self) -> Sent {
        loop {
            let mut head = [0; HEAD_BYTES];
            self.stream.read_exact(&mut head).await.unwrap();
            let [high, middle, low, kind, flags, stream @ ..] = head;
            let length = u32::from_be_bytes([0, high, middle, low]);
            let mut payload = vec![0; length as usize];
            self.stream.read_exact(&mut payload).await.unwrap();
            if (kind, flags) != (SETTINGS, 1) {
                return Sent { kind, flags, stream: u32::from_be_bytes(stream), payload };
            }
        }
    }

    /// The stream of the next request, which has no content.
    pub(super) async fn request(&mut self) -> u32 {
        let sent = self.frame().await;
        assert_eq!((sent.kind, sent.flags), (HEADERS, END_HEADERS | END_STREAM), "{sent:?}");
        sent.stream
    }

    /// All that is left, once the client has closed the connection.
    pub(super) async fn rest(mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).await.unwrap();
        rest
    }

    /// Whether nothing comes for a while.
    pub(super) async fn hears_nothing(&mut self) -> bool {
        timeout(Duration::from_millis(20), self.frame()).await.is_err()
    }
}

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.head(payload.len(), kind, flags, stream);
    bytes.extend_from_slice(payload);
    bytes
}

pub(super) fn answer(stream: u32, status: &str, content: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.headers(stream, [&block(&[(":status", status)]), b""], false);
    bytes.data(stream, content.as_bytes(), true);
    bytes
}

pub(super) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        hpack::encode(&mut block, name, value.as_bytes());
    }
    block
}

/// What a client has heard.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) content: Vec<u8>,
}

impl Listener for Heard {
    fn head(&mut self, status: u16, head: &[u8]) {
        assert_eq!(self.status, 0, "there is one head");
        self.status = status;
        self.head = String::from_utf8_lossy(head).into_owned();
    }

    fn content(&mut self, piece: &[u8]) {
        assert_ne!(self.status, 0, "the head comes first");
        self.content.extend_from_slice(piece);
    }
}

pub(super) fn get() -> Message {
    call(Method::GET, None)
}

pub(super) fn post(body: &[u8]) -> Message {
    call(Method::POST, Some(body.to_vec()))
}

pub(super) fn call(method: Method, body: Option<Vec<u8>>) -> Message {
    Message::new(&"http://localhost:1/inc?a=b".parse().unwrap(), &Call::new(method, body))
}

/// What an exchange came to, what was heard, and how much of the request had left.
pub(super) async fn exchange(
    slot: &mut ClientSlot,
    message: &Message,
) -> (Result<Answer, Failure>, Heard, Progress) {
    let (progress, mut heard) = (Cell::new(Progress::Nothing), Heard::default());
    let result = slot.exchange(message, &progress, &mut heard).await;
    (result, heard, progress.get())
}

/// The same for a request without content.
pub(super) async fn get_over(slot: &mut ClientSlot) -> (Result<Answer, Failure>, Heard, Progress) {
    exchange(slot, &get()).await
}

/// Asks once, and leaves.
pub(super) async fn ask(client: &Client) -> Result<Answer, Failure> {
    get_over(&mut client.slot().unwrap()).await.0
}

/// The name of what an answer broke.
pub(super) fn breach(result: &Result<Answer, Failure>) -> Option<Breach> {
    match result {
        Err(Failure::Illegal(Illegal::Http2(breach))) => Some(*breach),
        _ => None,
    }
}
