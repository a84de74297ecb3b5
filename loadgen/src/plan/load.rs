//! How much is sent, when, and over which connections.

use std::net::IpAddr;
use std::time::Duration;

use super::{Arrival, Naming, Profile, Tls, WarmUp};
use crate::scenario::Call;
use crate::wire::tls;

/// How much is sent, when, and over which connections.
#[derive(Debug, Clone)]
pub struct Load {
    /// How many requests are sent; `None` for as many as the duration allows.
    pub requests: Option<u64>,
    /// After which time no further request is sent.
    pub duration: Option<Duration>,
    /// When a request is sent.
    pub shape: Shape,
    /// What is sent at first, and kept out of the figures.
    pub warm_up: WarmUp,
    /// How many requests are in flight at once, each on a connection of its own; at least 1. In an
    /// open loop, at most so many.
    pub concurrency: usize,
    /// How many threads share the connections; from 1 to `concurrency`.
    pub threads: usize,
    /// Whether connections are kept for further requests.
    pub keep_alive: bool,
    /// Which client sends the requests.
    pub client: Client,
    /// How long a request may take, its connection included.
    pub timeout: Duration,
    /// How connections are made.
    pub connecting: Connecting,
    /// After which time without a sign of life, with requests in flight, the target has stalled.
    pub stall: Duration,
    /// Whether the run goes on after a new connection ended before a byte of its first answer.
    pub survives_broken: bool,
    /// Whether the run goes on after the target has died.
    pub survives_death: bool,
}

/// How connections are made.
#[derive(Debug, Clone, Default)]
pub struct Connecting {
    /// How long that may take; `None` for as long as the request has.
    pub timeout: Option<Duration>,
    /// Whether new ones look the host's name up again. Only our own client does.
    pub re_resolves: bool,
    /// Where names lead.
    pub naming: Naming,
    /// Whether connections take turns at all addresses of a name.
    pub spreads: bool,
    /// From which addresses of this machine, in turn; the kernel chooses where there are none.
    pub from: Vec<IpAddr>,
    /// How TLS is spoken, where a URL says that it is.
    pub tls: Option<Tls>,
}

/// When a request is sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// When a client's last one is answered: a closed loop.
    Closed {
        /// In which time clients join, one after the other.
        ramp_up: Duration,
    },
    /// At its time, whatever is in flight: an open loop.
    Open {
        /// How many are due a second.
        profile: Profile,
        /// How they are spread over that.
        arrival: Arrival,
    },
}

impl Shape {
    /// Whether requests are due at their times.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }

    /// The rate that is asked for at a time since the start, in requests a second; `None` of a closed
    /// loop.
    #[must_use]
    pub fn rate_at(&self, time: Duration) -> Option<f64> {
        match self {
            Self::Closed { .. } => None,
            Self::Open { profile, .. } => Some(profile.rate_at(time)),
        }
    }
}

impl Load {
    /// The same load, without keeping connections where `call` says that they are to be closed.
    #[must_use]
    pub(crate) fn kept_as(self, call: &Call) -> Self {
        let keep_alive = self.keep_alive && !call.says("Connection", "close");
        Self { keep_alive, ..self }
    }
}

/// Which client sends the requests of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Client {
    /// Our own, over HTTP/1.1.
    #[default]
    Http1,
    /// Our own, over HTTP/2.
    Http2 {
        /// How many requests a connection carries at a time, at most.
        streams: usize,
    },
    /// reqwest: what an ordinary client costs and does.
    Reqwest,
}

impl Client {
    /// The protocol that it speaks, by its name in ALPN.
    pub(crate) fn protocol(self) -> &'static str {
        match self {
            Self::Http1 | Self::Reqwest => tls::HTTP1,
            Self::Http2 { .. } => tls::HTTP2,
        }
    }

    /// How many requests a connection carries at a time, at most.
    #[must_use]
    pub fn streams(self) -> usize {
        match self {
            Self::Http2 { streams } => streams,
            Self::Http1 | Self::Reqwest => 1,
        }
    }

    /// Its name in a report.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Http1 => "http1",
            Self::Http2 { .. } => "http2",
            Self::Reqwest => "reqwest",
        }
    }
}
