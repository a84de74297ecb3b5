//! Judging while a history grows.
//!
//! Operations are told in the order of time, when they begin and when they end. At any time the
//! history so far is judged as if it ended there: what is in flight counts as unknown, so that it may
//! have been applied since it began, or not.
//!
//! An anomaly of such a part is one of every longer history. Suppose that the longer one had an order
//! that explains every answer. What began after the cut began after everything had ended that the
//! part knows the end of, and so comes behind all of it. Let the order end behind the last of that:
//! what remains are operations of the part, some of those in flight among them, and it explains every
//! answer that the part knows. So the part would have an order as well. An operation in flight that
//! fails later, or turns out to have read, is no exception, since an order may leave it out.
//!
//! Of an object that others may write too, only anomalies count that their updates do not explain.
//! Here that takes more care, since an answer that seems well explained by updates in flight may turn
//! out to be the work of others when these fail. A proof that rests on such an answer is given when
//! updates that have ended, or will be unknown for ever, suffice for it.
//!
//! What is kept is in proportion to what is in flight and what is unknown.

use crate::follower::Follower;
use crate::history::{NEVER, Op, Operation};
use crate::models::Model;

pub use crate::follower::Standing;

/// Judges one object while its history grows.
///
/// ```
/// use loadgen_check::history::{NIL, Op, Operation, Outcome};
/// use loadgen_check::incremental::{Incremental, Standing};
/// use loadgen_check::{AnomalyKind, Model};
///
/// let mut judge = Incremental::new(Model::FetchAndAdd, None, false).expect("it has such a judge");
/// for (client, call_ns, return_ns) in [(0, 0, 10), (1, 11, 20)] {
///     judge.begin(client, Op::Add, call_ns);
///     let outcome = Outcome::Ok;
///     let (arg, new, result) = (1, NIL, 1);
///     judge.end(Operation { call_ns, return_ns, arg, new, result, client, op: Op::Add, outcome });
/// }
/// // Two additions returned 1.
/// let Standing::Invalid(proof) = judge.look(21) else { panic!("it is invalid") };
/// assert_eq!(proof.kind, AnomalyKind::DuplicateValue);
/// ```
pub struct Incremental {
    follower: Box<dyn Follower>,
    /// The time of what was told last.
    now_ns: u64,
    standing: Standing,
    /// How many things it keeps at most.
    limit: usize,
}

/// How many things are kept at most, where nothing else is said.
const LIMIT: usize = 1 << 20;

impl Incremental {
    /// A judge of an object of `model`, which was `initial` at first, or what its model says; others
    /// may change it as well where it `is_shared`. `None` where that can only be judged as a whole, or
    /// where neither says it and [it has to](Model::needs_initial).
    #[must_use]
    pub fn new(model: Model, initial: Option<i64>, is_shared: bool) -> Option<Self> {
        let follower = model.follower(initial, is_shared)?;
        Some(Self { follower, now_ns: 0, standing: Standing::Open, limit: LIMIT })
    }

    /// Whether objects of `model` can be judged like this.
    #[must_use]
    pub fn covers(model: Model) -> bool {
        model.follower(Some(0), false).is_some()
    }

    /// The same, which keeps no more than `limit` things, and stops where it had to.
    #[must_use]
    pub fn within(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    /// A client, of which each has a small number, begins to do `op`. What it did before, if nobody
    /// said how that ended, was not applied.
    ///
    /// A take takes one: where it is to take another amount, or something is to be given back, the
    /// judge is to be [stopped](Self::stop) before.
    ///
    /// Everything is told in the order of time, and what happens at one time in any order, but for
    /// that of a client's own operations.
    pub fn begin(&mut self, client: u32, op: Op, call_ns: u64) {
        if client as usize >= self.limit {
            self.stop("there are too many clients");
        }
        if self.goes_on(call_ns) {
            self.follower.begin(client, op, call_ns);
        }
    }

    /// The operation that its client has begun last has ended. One whose outcome is unknown is told
    /// before its client begins the next.
    pub fn end(&mut self, operation: Operation) {
        let time_ns =
            if operation.completion_ns() == NEVER { self.now_ns } else { operation.return_ns };
        if self.goes_on(time_ns) {
            self.follower.end(operation);
        }
    }

    /// How the history stands, of which everything was told that happened before `until_ns`.
    pub fn look(&mut self, until_ns: u64) -> &Standing {
        if self.goes_on(until_ns) {
            self.standing = self.follower.look();
            if self.standing == Standing::Open && self.size() > self.limit {
                self.stop("too much is unknown or in flight");
            }
        }
        &self.standing
    }

    /// How many things are kept: of what is in flight, of what is unknown, and of what was seen that
    /// these have to explain.
    #[must_use]
    pub fn size(&self) -> usize {
        self.follower.size()
    }

    /// Lets it be judged when it is complete, for `reason`, unless it is known to be invalid.
    pub fn stop(&mut self, reason: &'static str) {
        if self.standing == Standing::Open {
            self.standing = Standing::Stopped(reason);
        }
    }

    /// Whether there is still anything to be judged at `time_ns`, which is the present from now on.
    fn goes_on(&mut self, time_ns: u64) -> bool {
        if time_ns < self.now_ns {
            self.stop("it was not told in the order of time");
        }
        if self.standing == Standing::Open && time_ns > self.now_ns {
            self.follower.close();
            self.now_ns = time_ns;
        }
        self.standing == Standing::Open
    }
}
