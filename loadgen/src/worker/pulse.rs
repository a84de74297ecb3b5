//! How far a worker is, for whoever watches.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::published::Published;
use crate::schedule::Joining;

/// What a worker tells of its operations while it works.
///
/// Only the worker writes it, so that a load and a store are an increment; on a cache line of its
/// own, no other worker's increments slow it down.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Pulse {
    /// How many clients want to send.
    clients: AtomicU64,
    begun: AtomicU64,
    ended: AtomicU64,
    /// How many of those that have ended led to another, which belongs to the same operation.
    followed: AtomicU64,
    /// When the last answer was complete, in nanoseconds since the start of the run.
    answered_ns: AtomicU64,
    /// When the target last refused or broke off.
    broken_ns: AtomicU64,
    /// When a connection was last made.
    opened_ns: AtomicU64,
    /// For each client, when the request was sent that it waits for; 0 where it waits for none, or
    /// for its connection.
    sent_ns: Box<[AtomicU64]>,
    /// How far it was at the end of each second.
    pub(crate) published: Published,
}

/// What the workers of a run tell, taken together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// How many clients there are that want to send.
    pub(crate) clients: u64,
    /// Requests that have ended, in whatever way.
    pub(crate) ended: u64,
    /// Those of them that led to another by a redirect, and did not end their operation.
    pub(crate) followed: u64,
    /// Those that have begun and not ended, whether or not anything was sent.
    pub(crate) in_flight: u64,
    /// When the last answer was complete, in nanoseconds since the start; 0 without any.
    pub(crate) answered_ns: u64,
    /// When the target last refused or broke off; 0 where it never did.
    pub(crate) broken_ns: u64,
    /// When a connection was last made; 0 where none ever was.
    pub(crate) opened_ns: u64,
}

/// The requests that wait for their answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Waits {
    /// How many were sent, at least in part.
    pub(crate) sent: u64,
    /// How many of them were sent too long ago.
    pub(crate) hanging: u64,
    /// When the one was sent that waits longest, in nanoseconds since the start; 0 without any.
    pub(crate) oldest_ns: u64,
}

impl Pulse {
    /// The pulse of a worker of up to so many clients, which join as `joining` says.
    pub(crate) fn new(clients: usize, joining: Joining) -> Self {
        let joined = if joining == Joining::AsNeeded { 0 } else { clients as u64 };
        Self {
            clients: AtomicU64::new(joined),
            begun: AtomicU64::default(),
            ended: AtomicU64::default(),
            followed: AtomicU64::default(),
            answered_ns: AtomicU64::default(),
            broken_ns: AtomicU64::default(),
            opened_ns: AtomicU64::default(),
            sent_ns: (0..clients).map(|_| AtomicU64::default()).collect(),
            published: Published::default(),
        }
    }

    /// Counts a client that joins when it is needed.
    pub(super) fn join(&self) {
        self.clients.store(self.clients.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// Counts an operation that begins.
    pub(super) fn begin(&self) {
        self.begun.store(self.begun() + 1, Ordering::Relaxed);
    }

    pub(super) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// How many operations have begun and not ended. In this order, more can seem to be in flight than
    /// are, but never less than none.
    pub(super) fn in_flight(&self) -> u64 {
        let ended = self.ended.load(Ordering::Relaxed);
        self.begun().saturating_sub(ended)
    }

    /// The request of the client with this index begins to be sent.
    pub(super) fn send(&self, client: usize, at_ns: u64) {
        self.sent_ns[client].store(at_ns.max(1), Ordering::Relaxed);
    }

    /// The client with this index waits for a connection.
    pub(super) fn connect(&self, client: usize) {
        self.sent_ns[client].store(0, Ordering::Relaxed);
    }

    /// Counts an operation that has ended, of the client with this index.
    pub(super) fn end(&self, client: usize) {
        self.sent_ns[client].store(0, Ordering::Relaxed);
        self.ended.store(self.ended.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// The request of the client with this index has ended, and leads to another, which begins.
    pub(super) fn follow(&self, client: usize) {
        self.begin();
        self.end(client);
        self.followed.store(self.followed.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// An answer was complete.
    pub(super) fn answered(&self, at_ns: u64) {
        self.answered_ns.store(at_ns, Ordering::Relaxed);
    }

    /// The target refused or broke off.
    pub(super) fn broken(&self, at_ns: u64) {
        self.broken_ns.store(at_ns, Ordering::Relaxed);
    }

    /// A connection was made.
    pub(super) fn opened(&self, at_ns: u64) {
        self.opened_ns.store(at_ns.max(1), Ordering::Relaxed);
    }
}

impl Reading {
    /// Whether so many are half of the clients.
    pub(crate) fn is_half(self, count: u64) -> bool {
        2 * count >= self.clients
    }

    pub(crate) fn of(pulses: &[Arc<Pulse>]) -> Self {
        pulses.iter().fold(Self::default(), |sum, pulse| {
            // In this order, more can seem to be in flight than are.
            let in_flight = sum.in_flight + pulse.in_flight();
            // In this order, no more can seem to be followed than have ended.
            let followed = sum.followed + pulse.followed.load(Ordering::Relaxed);
            Self {
                clients: sum.clients + pulse.clients.load(Ordering::Relaxed),
                followed,
                ended: sum.ended + pulse.ended.load(Ordering::Relaxed),
                in_flight,
                answered_ns: sum.answered_ns.max(pulse.answered_ns.load(Ordering::Relaxed)),
                broken_ns: sum.broken_ns.max(pulse.broken_ns.load(Ordering::Relaxed)),
                opened_ns: sum.opened_ns.max(pulse.opened_ns.load(Ordering::Relaxed)),
            }
        })
    }
}

impl Waits {
    /// What the clients wait for; what was sent before `hangs_before_ns` hangs.
    pub(crate) fn of(pulses: &[Arc<Pulse>], hangs_before_ns: u64) -> Self {
        let clients = pulses.iter().flat_map(|pulse| pulse.sent_ns.iter());
        let times_ns = clients.map(|sent_ns| sent_ns.load(Ordering::Relaxed)).filter(|ns| *ns > 0);
        times_ns.fold(Self::default(), |sum, at_ns| Self {
            sent: sum.sent + 1,
            hanging: sum.hanging + u64::from(at_ns < hangs_before_ns),
            oldest_ns: if sum.sent == 0 { at_ns } else { sum.oldest_ns.min(at_ns) },
        })
    }
}
