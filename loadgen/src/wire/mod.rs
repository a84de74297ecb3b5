//! How a request and its answer cross the wire.
//!
//! A [`Driver`] speaks one protocol. The worker that uses it, the read of the state and the record
//! know nothing of the protocol: they see calls, answers and failures.

mod address;
mod buffers;
mod dial;
mod endpoint;
mod failure;
pub(crate) mod http1;
pub(crate) mod http2;
mod http2_error;
mod illegal;
mod naming;
mod proxy;
pub(crate) mod reqwest;
mod single;
pub(crate) mod tls;
mod transport;

use std::cell::Cell;

use tokio::time::Instant;
use url::Url;

pub use address::Address;
pub(crate) use dial::Dialer;
pub(crate) use endpoint::{Endpoint, Resolve};
pub use failure::Shortage;
pub(crate) use failure::{Failure, OpenError};
#[cfg(test)]
pub(crate) use illegal::Illegal;

pub use naming::{Detour, Family, Known, Naming};
pub(crate) use single::Single;

use crate::scenario::{Call, Values};
pub(crate) use tls::Handshake;

/// What all of our requests say of us.
const USER_AGENT: &str = concat!("loadgen/", env!("CARGO_PKG_VERSION"));

/// A way to exchange requests and answers.
///
/// One is chosen for a run, at compile time, so that the loop around it costs nothing.
pub(crate) trait Driver: Send + Sync + 'static {
    /// What was opened. It stays with the worker, which asks it for slots.
    type Connection;
    /// Room on a connection for one exchange at a time. It holds nothing that belongs to a client.
    type Slot;
    /// A call, encoded once and sent many times.
    type Message: Clone + Send + Sync + 'static;

    /// Whether this runs in tokio's runtime alone.
    const NEEDS_TOKIO: bool = false;

    /// Whether [`Self::connect`] makes the connection; otherwise the first exchange over it does.
    const CONNECTS_FIRST: bool = true;

    /// Whether an answer belongs to a request because of its place among the others alone: then one
    /// that nobody asked for puts all later ones in doubt.
    const IS_ORDERED: bool = true;

    /// How many exchanges a connection has room for at a time, at most.
    fn slots(&self) -> usize {
        1
    }

    /// Opens a connection to `to`.
    async fn connect(&self, to: &Endpoint) -> Result<Self::Connection, OpenError>;

    /// Finds out whether a connection to `to` is of any use, as far as that is known before a
    /// request: whether both sides agree on TLS, and on the protocol.
    async fn greet(&self, _: &Endpoint) -> Result<(), OpenError> {
        Ok(())
    }

    /// Takes room on `connection`; `None` where it is full, or takes no more exchanges.
    fn slot(&self, connection: &Self::Connection) -> Option<Self::Slot>;

    /// Whether `connection` may still give room, now or later.
    fn is_open(&self, connection: &Self::Connection) -> bool;

    /// How the connection of `slot` was made, as far as the driver knows.
    fn opened(&self, _: &Self::Slot) -> Opened {
        Opened::default()
    }

    /// Whether something has come over `slot` that nobody asked for, as far as that can be seen
    /// without waiting; its last exchange is over.
    fn has_unasked(&self, slot: &mut Self::Slot) -> bool;

    /// What is sent for `call` to `url`.
    fn encode(&self, url: &Url, call: &Call) -> Self::Message;

    /// Whether `message` differs from one request to the next.
    fn varies(&self, message: &Self::Message) -> bool;

    /// Makes `message` what it is in the request that `values` are of.
    fn fill(&self, message: &mut Self::Message, values: &mut Values);

    /// How long `message` is.
    fn sizes(&self, message: &Self::Message) -> Sizes;

    /// The bytes of `message`, for a person to read.
    fn show(&self, message: &Self::Message) -> String;

    /// Sends `message` and reads the answer to its end.
    ///
    /// `progress` is how much of the request has left us, also for whoever drops this future. After
    /// a failure, or an answer that does not keep the connection, the slot must not be used again.
    async fn exchange(
        &self,
        slot: &mut Self::Slot,
        message: &Self::Message,
        progress: &Cell<Progress>,
        listener: &mut impl Listener,
    ) -> Result<Answer, Failure>;
}

/// What is known of how a connection was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Opened {
    /// Where it goes.
    pub(crate) address: Option<Address>,
    /// How TLS was agreed on, where it is spoken.
    pub(crate) handshake: Option<Box<Handshake>>,
}

/// How much of a request has left us.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    /// Not a byte: the service cannot have seen it.
    #[default]
    Nothing,
    /// At least a byte: the service may have seen it.
    Some,
    /// Every byte.
    Whole,
}

/// The length of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// All of it, as it is sent.
    pub(crate) bytes: u64,
    /// Its content.
    pub(crate) body_bytes: u64,
}

/// A complete answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The final status, 200 to 999.
    pub(crate) status: u16,
    /// When its first byte had been read.
    pub(crate) first_byte: Instant,
    /// When its last byte had been read.
    pub(crate) finished: Instant,
    /// Its length in bytes, heads and framing included.
    pub(crate) bytes: u64,
    /// The length of its content in bytes.
    pub(crate) body_bytes: u64,
    /// Whether the slot may carry another request.
    pub(crate) keep_alive: bool,
}

/// Whoever wants to know more of an answer than that it came.
pub(crate) trait Listener {
    /// The status and bytes of the final head.
    fn head(&mut self, status: u16, head: &[u8]);

    /// A piece of the content, whose pieces come in order.
    fn content(&mut self, piece: &[u8]);

    /// Bytes that are illegal where they came; nothing comes after them.
    fn illegal(&mut self, _bytes: &[u8]) {}
}

/// Whether a status says that what was asked for was done.
pub(crate) fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}
