//! What operations do to a state: the sequential meaning that every verdict rests on.

use std::hash::Hash;

use crate::history::{NIL, Operation, Outcome};

/// An object as one client alone would see it: a state, and what each operation does to it.
///
/// Of an operation that is `unknown` the result says nothing: it only has its effect.
pub trait Specification {
    /// What the object is at one time.
    type State: Clone + Eq + Hash;

    /// Whether what an operation does depends on which client does it.
    const BY_CLIENT: bool = false;

    /// What it is at first.
    fn initial(&self) -> Self::State;

    /// What it is after `operation`; `None` where it would not have answered as it did.
    fn step(&self, state: &Self::State, operation: &Operation) -> Option<Self::State>;

    /// Makes `state` what it is after `operation`; false where it would not have answered as it did, and
    /// then it is left as it was.
    fn advance(&self, state: &mut Self::State, operation: &Operation) -> bool {
        let after = self.step(state, operation);
        after.map(|after| *state = after).is_some()
    }

    /// About how much memory `state` holds beside its own size, in bytes.
    #[must_use]
    fn heap_bytes(_state: &Self::State) -> usize {
        0
    }
}

impl Operation {
    /// Whether it returned `result`, or may have.
    pub(crate) fn may_have_returned(&self, result: i64) -> bool {
        self.outcome != Outcome::Ok || self.result == NIL || self.result == result
    }
}
