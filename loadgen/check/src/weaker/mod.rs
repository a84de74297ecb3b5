//! What still holds of an object that is not linearizable.
//!
//! Caches and replicas give up linearizability on purpose: what they return may be old. They may
//! still promise that it grows no older for a client ([`Consistency`] lists what is looked at).
//!
//! A *session* is what one client did, in its order: one operation comes before another if it was
//! over when that began, or ended at the very time. What is `unknown` may be done at any time after
//! its call, so it comes before nothing. A client that did several things at once has no order, and
//! nothing is said about its object that needs one.
//!
//! *Sequential consistency* asks for one order of all operations that explains every answer and
//! keeps every session. It ignores time.
//!
//! The *guarantees per client* ask for one order of the updates that keeps time: one that was over
//! when another began comes first. Each read shows what the first so many of them come to, perhaps
//! fewer than there were; all of those had begun when the read was over.
//! - *Monotonic reads*: no read shows fewer of them than an earlier one of its session.
//! - *Read your writes*: a read shows every acknowledged update that came before it in its session.
//!
//! Each is looked at by itself. *Monotonic writes* and *writes follow reads* need no rule: an order
//! that keeps time has them.
//!
//! *Eventual consistency* asks that a read at rest, one that began when all acknowledged updates
//! were over, shows all of them; of several such reads the last counts. Where it does not,
//! acknowledged updates are lost. Some order that places them after every read explains even that,
//! and promises nothing, so that none of the others is said to hold then.
//!
//! What no operation puts to the test is not said to hold, and neither is the contrary.
//!
//! Sources: L. Lamport, How to Make a Multiprocessor Computer That Correctly Executes Multiprocess
//! Programs, IEEE Transactions on Computers C-28(9), 1979. D. B. Terry and others, Session
//! Guarantees for Weakly Consistent Replicated Data, PDIS 1994; its order of writes is here the
//! order of time, as of a service where one copy takes all updates.

mod acyclic;
pub(crate) mod counts;
mod placed;
mod sessions;
mod slots;
pub(crate) mod values;

use serde::Serialize;

/// Weaker than linearizable, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Consistency {
    /// One order of all operations explains every answer and keeps the order of each client.
    Sequential,
    /// A client's reads show what it had written.
    ReadYourWrites,
    /// A client's reads never show less than those before them did.
    MonotonicReads,
    /// Once the updates are over, reads come to show all of them.
    Eventual,
}

/// Whether something weaker than linearizability holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weaker {
    /// What is asked for.
    pub consistency: Consistency,
    /// Whether it holds.
    pub holds: bool,
    /// Where it does not, operations that show it: indices into the object's operations. Of a
    /// guarantee per client two of one client, in its order; of eventual consistency the last read.
    /// Empty where it takes more to show it.
    pub example: Vec<u32>,
}

impl Weaker {
    fn new(consistency: Consistency, result: Result<(), Vec<u32>>) -> Self {
        let holds = result.is_ok();
        Self { consistency, holds, example: result.err().unwrap_or_default() }
    }
}
