//! The judge's twin: tries every order.

use loadgen_check::history::Outcome;
use loadgen_check::{Operation, Specification};

/// Whether any order of `operations` explains every answer: for ten operations or so.
pub(crate) fn is_linearizable<S: Specification>(
    specification: &S,
    operations: &[Operation],
) -> bool {
    let left: Vec<_> =
        operations.iter().filter(|operation| operation.outcome != Outcome::Fail).collect();
    explains(specification, &specification.initial(), &left)
}

fn explains<S: Specification>(specification: &S, state: &S::State, left: &[&Operation]) -> bool {
    // What is unknown may never have been done.
    left.iter().all(|operation| operation.outcome == Outcome::Unknown)
        || (0..left.len()).any(|index| {
            let operation = left[index];
            let mut rest = left.to_vec();
            rest.remove(index);
            let may_be_next = !rest.iter().any(|other| other.precedes(operation));
            may_be_next
                && specification
                    .step(state, operation)
                    .is_some_and(|after| explains(specification, &after, &rest))
        })
}
