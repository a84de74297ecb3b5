//! HTTP/1.1: a connection has one slot, which carries one request at a time.

mod body;
mod chunked;
mod connection;
mod head;
mod message;
mod recall;
mod sending;
#[cfg(any(test, fuzzing))]
pub(crate) mod tests;

use std::cell::Cell;

use url::Url;

use super::dial::Dialer;
use super::failure::{Failure, OpenError};
use super::transport::Transport;
use super::{Answer, Driver, Endpoint, Listener, Opened, Progress, Single, Sizes};
use crate::scenario::{Call, Values};
use connection::Connection;
use message::Message;

/// The driver that is used unless another is asked for.
#[derive(Debug)]
pub(crate) struct Http1 {
    /// Whether connections are kept for further requests.
    keep_alive: bool,
    dialer: Dialer,
}

impl Http1 {
    pub(crate) fn new(keep_alive: bool, dialer: Dialer) -> Self {
        Self { keep_alive, dialer }
    }
}

impl Driver for Http1 {
    /// The only slot, until it is taken. It takes the connection with it.
    type Connection = Single<Self::Slot>;
    type Slot = Connection<Transport>;
    type Message = Message;

    async fn connect(&self, to: &Endpoint) -> Result<Self::Connection, OpenError> {
        let (transport, opened) = self.dialer.dial(to).await?;
        let connection = Connection::new(transport).opened_as(opened);
        Ok(Single::new(connection.keeping(self.keep_alive)))
    }

    async fn greet(&self, to: &Endpoint) -> Result<(), OpenError> {
        self.dialer.greet(to).await
    }

    fn slot(&self, connection: &Self::Connection) -> Option<Self::Slot> {
        connection.take()
    }

    fn is_open(&self, connection: &Self::Connection) -> bool {
        connection.is_open()
    }

    fn opened(&self, slot: &Self::Slot) -> Opened {
        slot.opened().clone()
    }

    fn has_unasked(&self, slot: &mut Self::Slot) -> bool {
        slot.has_unasked()
    }

    fn encode(&self, url: &Url, call: &Call) -> Message {
        Message::new(url, call, self.keep_alive)
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
        String::from_utf8_lossy(message.bytes()).into_owned()
    }

    // No future around the connection's own: it would be polled with every answer.
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
