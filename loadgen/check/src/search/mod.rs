//! A search for an order that explains every answer, for whatever has no rule of its own.
//!
//! The search is Wing and Gong's ("Testing and verifying concurrent objects", 1993) with Lowe's
//! linked list and cache of configurations ("Testing for linearizability", 2017). Four rules are
//! added, none of which changes a verdict:
//! - What only observes is put into the order as soon as it fits.
//! - Operations that may have happened are used as late and as few as possible; a configuration
//!   that was reached before with no more of them is not searched again.
//! - A value is written by one of those only for an operation that tells it from others.
//! - Values that no answer tells from others are one.
//!
//! The problem is NP-complete, so there are bounds, and a search that hits one decides nothing.

mod budget;
mod explore;
mod question;
mod seen;
mod verify;
mod window;
mod witness;

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{Object, Operation};
use crate::judgement::Judgement;
use crate::limits::Limits;
use crate::specification::Specification;
use budget::Bound;
use explore::{Found, explore};
use question::Question;
use witness::Stuck;

pub(crate) use budget::Budget;
pub(crate) use witness::of as witness_of;

/// The verdict on `operations`.
///
/// Its one anomaly is [`AnomalyKind::NotLinearizable`]: complete with the first completion up to
/// which there is no order, and proven by operations that contradict each other whatever the
/// others answered, in the order of their invocations.
pub fn judge<S: Specification>(
    specification: &S,
    operations: &[Operation],
    limits: &Limits<'_>,
) -> Judgement {
    let question = Question::new::<S>((0..).zip(operations.iter().copied()), Vec::new());
    let mut budget = Budget::new(limits, u64::MAX);
    match explore(specification, &question, &mut budget) {
        Ok(Found::Order(order)) => Judgement::valid(limits.certify.then_some(order)),
        Ok(Found::Nothing { stuck_ns }) => {
            let stuck = Stuck { time_ns: stuck_ns, steps: budget.taken() };
            let (time_ns, witness) = witness::find(specification, operations, stuck, limits);
            let kind = AnomalyKind::NotLinearizable;
            Judgement::invalid(vec![Anomaly { kind, count: 1, times_ns: vec![time_ns], witness }])
        }
        Err(Bound::Memory) => {
            Judgement::unknown("the search ran out of memory: raise --check-memory")
        }
        Err(Bound::Time) => Judgement::unknown("the search ran out of time: raise --check-timeout"),
    }
}

/// Valid where so many `steps` lead to an order of `operations` that explains every answer.
pub(crate) fn valid_within<S: Specification>(
    specification: &S,
    operations: &[Operation],
    limits: &Limits<'_>,
    steps: u64,
) -> Option<Judgement> {
    let question = Question::new::<S>((0..).zip(operations.iter().copied()), Vec::new());
    match explore(specification, &question, &mut Budget::new(limits, steps)) {
        Ok(Found::Order(order)) => Some(Judgement::valid(limits.certify.then_some(order))),
        Ok(Found::Nothing { .. }) | Err(_) => None,
    }
}

/// A specification of any kind, as the search sees it.
pub(crate) trait Search {
    /// The verdict on `operations`.
    fn judge(&self, operations: &[Operation], limits: &Limits<'_>) -> Judgement;

    /// Whether the witness of `anomaly`, of which no order explains every answer, proves it.
    fn verify(&self, object: &Object, anomaly: &Anomaly) -> bool;
}

impl<S: Specification> Search for S {
    fn judge(&self, operations: &[Operation], limits: &Limits<'_>) -> Judgement {
        judge(self, operations, limits)
    }

    fn verify(&self, object: &Object, anomaly: &Anomaly) -> bool {
        verify::contradict(self, object, &anomaly.witness)
    }
}
