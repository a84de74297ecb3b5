//! What a worker tells of its operations while it works, for a judge that does not wait for the end.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use check::Operation;
use check::history::{NEVER, Op};
use tokio::sync::Notify;

/// Something that happened to an operation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Event {
    /// A client began one. If it had begun another, and nothing was said of its end, that had no
    /// effect, as far as a history goes.
    Begun { client: u32, op: Op, call_ns: u64 },
    /// One has ended, as the history has it.
    Ended(Operation),
}

impl Event {
    /// When it happened, in nanoseconds since the start; 0 where nobody knows, since the operation has
    /// no end. It comes when it is its turn then.
    pub(crate) fn time_ns(&self) -> u64 {
        match self {
            Self::Begun { call_ns, .. } => *call_ns,
            Self::Ended(operation) if operation.return_ns == NEVER => 0,
            Self::Ended(operation) => operation.return_ns,
        }
    }
}

/// What happened to a worker's operations since it told the last time, in the order of time.
#[derive(Debug, PartialEq)]
pub(crate) struct Batch {
    /// The number of the worker.
    pub(crate) worker: usize,
    pub(crate) events: Vec<Event>,
    /// Nothing else happened before this time, in nanoseconds since the start; [`NEVER`] where the worker
    /// has ended.
    pub(crate) until_ns: u64,
    /// Why what was told does not count any more, where it does not.
    pub(crate) revoked: Option<&'static str>,
}

/// Collects what happens, and tells it in batches.
#[derive(Debug)]
pub(crate) struct Feed {
    worker: usize,
    batches: Sender<Batch>,
    /// By whom it is asked what happened, where it is silent for long.
    asked: Arc<Notify>,
    /// Until when everything was told.
    told_ns: Cell<u64>,
    events: RefCell<Vec<Event>>,
    revoked: Cell<Option<&'static str>>,
    /// Whether anybody still listens.
    is_heard: Cell<bool>,
}

impl Feed {
    /// The feed of the worker with this number, which tells in `batches` and when it is `asked`.
    pub(crate) fn new(worker: usize, batches: Sender<Batch>, asked: Arc<Notify>) -> Self {
        let (events, revoked) = (RefCell::default(), Cell::new(None));
        let (told_ns, is_heard) = (Cell::new(0), Cell::new(true));
        Self { worker, batches, asked, told_ns, events, revoked, is_heard }
    }

    /// Waits until it is asked what happened.
    pub(crate) async fn asked(&self) {
        self.asked.notified().await;
    }

    /// Until when everything was told.
    pub(crate) fn told_ns(&self) -> u64 {
        self.told_ns.get()
    }

    /// Takes down what happened last.
    pub(crate) fn add(&self, event: Event) {
        if self.is_heard.get() {
            self.events.borrow_mut().push(event);
        }
    }

    /// What was told does not count any more, for `reason`.
    pub(crate) fn revoke(&self, reason: &'static str) {
        self.revoked.set(Some(reason));
    }

    /// Tells what happened; what happens from now on does at `until_ns` or later.
    pub(crate) fn tell(&self, until_ns: u64) {
        if !self.is_heard.get() {
            return;
        }
        self.told_ns.set(until_ns);
        let size = self.events.borrow().len();
        // The next batch may be as large.
        let events = self.events.replace(Vec::with_capacity(size));
        let (worker, revoked) = (self.worker, self.revoked.get());
        let told = self.batches.send(Batch { worker, events, until_ns, revoked });
        if told.is_err() {
            self.is_heard.set(false);
            self.events.take();
        }
    }
}
