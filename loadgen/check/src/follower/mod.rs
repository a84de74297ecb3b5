//! What a model needs for judging a history while it grows.

mod demands;
mod flights;

use crate::history::{Op, Operation};
use crate::proof::Proof;

pub(crate) use demands::{Unknowns, first_unmet};
pub(crate) use flights::{Flight, Flights};

/// Follows the operations on one object, in the order of time.
///
/// What happens at one time may come in any order, but for that of one client's own operations; it
/// counts as concurrent, and is judged when [`close`](Self::close) says that there is no more.
pub(crate) trait Follower: Send {
    /// A client begins an operation. What it had in flight, if it had, ended without an effect.
    fn begin(&mut self, client: u32, op: Op, call_ns: u64);

    /// A client's operation has ended, or nobody will ever know whether it was applied.
    fn end(&mut self, operation: Operation);

    /// Nothing more ends at the time of what ended last.
    fn close(&mut self);

    /// Whether what was seen proves anything, or nothing can be proved any more.
    fn look(&mut self) -> Standing;

    /// How many things it keeps.
    fn size(&self) -> usize;
}

/// How a history stands that grows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is proved.
    Open,
    /// It is invalid, and so is every longer one.
    Invalid(Proof),
    /// It is to be judged when it is complete, for this reason.
    Stopped(&'static str),
}
