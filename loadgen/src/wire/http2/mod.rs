//! HTTP/2: a connection has several slots, each of which carries one request at a time on a stream of
//! its own (RFC 9113).
//!
//! A framing layer of our own, since a client of any library costs several times as much. [`session`] is
//! the protocol, and knows no connection; [`connection`] is the connection, which whoever waits for an
//! answer attends to, for all; [`hpack`] and [`head`] read the heads of answers. What the other side may
//! have us keep is bounded, and a request is sent once, whatever becomes of it.

mod connection;
mod frame;
mod head;
mod hpack;
mod message;
mod outgoing;
mod session;
mod stream;
#[cfg(any(test, fuzzing))]
pub(crate) mod tests;
mod waiting;

use std::cell::Cell;

use url::Url;

use super::dial::Dialer;
use super::failure::{Failure, OpenError};
use super::http2_error::{ErrorCode, NotHttp2};
use super::transport::Transport;
use super::{Answer, Driver, Endpoint, Listener, Opened, Progress, Sizes, tls};
use crate::scenario::{Call, Values};
use connection::{Connection, Slot};
use message::Message;

/// The driver of `--http2`.
#[derive(Debug)]
pub(crate) struct Http2 {
    /// How many requests a connection carries at a time, at most.
    streams: usize,
    /// Whether connections are kept for further requests.
    keep_alive: bool,
    dialer: Dialer,
}

/// So many connections are made, one after another, of which the other side says at once that it ends
/// them.
const TRIES: u32 = 3;

impl Http2 {
    /// Whose connections carry so many requests at a time.
    pub(crate) fn new(streams: usize, keep_alive: bool, dialer: Dialer) -> Self {
        Self { streams, keep_alive, dialer }
    }

    async fn connect_by(
        &self,
        dialer: &Dialer,
        to: &Endpoint,
    ) -> Result<Connection<Transport>, OpenError> {
        let connect = async {
            let mut tries = 1;
            loop {
                let (transport, opened) = dialer.connect(to).await?;
                let is_agreed = |alpn: &Option<String>| alpn.as_deref() == Some(tls::HTTP2);
                if opened.handshake.as_ref().is_some_and(|made| !is_agreed(&made.agreed.alpn)) {
                    return Err(NotHttp2::NotAgreed.into());
                }
                let connection = Connection::new(transport, self.streams, self.keep_alive, opened);
                match connection.greet().await {
                    Ok(()) => return Ok(connection),
                    // A process that is about to end tells whoever still comes to it, and another has
                    // taken its place.
                    Err(NotHttp2::GoneAway(ErrorCode::NO_ERROR)) if tries < TRIES => tries += 1,
                    Err(error) => return Err(error.into()),
                }
            }
        };
        dialer.within(connect).await
    }
}

impl Driver for Http2 {
    type Connection = Connection<Transport>;
    type Slot = Slot<Transport>;
    type Message = Message;

    const IS_ORDERED: bool = false;

    fn slots(&self) -> usize {
        self.streams
    }

    async fn connect(&self, to: &Endpoint) -> Result<Self::Connection, OpenError> {
        self.connect_by(&self.dialer, to).await
    }

    async fn greet(&self, to: &Endpoint) -> Result<(), OpenError> {
        self.connect_by(&self.dialer.without_sessions(), to).await.map(drop)
    }

    fn slot(&self, connection: &Self::Connection) -> Option<Self::Slot> {
        connection.slot()
    }

    fn is_open(&self, connection: &Self::Connection) -> bool {
        connection.is_open()
    }

    fn opened(&self, slot: &Self::Slot) -> Opened {
        slot.opened().clone()
    }

    fn has_unasked(&self, _: &mut Self::Slot) -> bool {
        false
    }

    fn encode(&self, url: &Url, call: &Call) -> Message {
        Message::new(url, call)
    }

    fn varies(&self, message: &Message) -> bool {
        message.varies()
    }

    fn fill(&self, message: &mut Message, values: &mut Values) {
        message.fill(values);
    }

    fn sizes(&self, message: &Message) -> Sizes {
        message.sizes()
    }

    fn show(&self, message: &Message) -> String {
        message.show()
    }

    fn exchange(
        &self,
        slot: &mut Self::Slot,
        message: &Message,
        progress: &Cell<Progress>,
        listener: &mut impl Listener,
    ) -> impl Future<Output = Result<Answer, Failure>> {
        slot.exchange(message, progress, listener)
    }
}
