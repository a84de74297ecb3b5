//! A queue.

use std::collections::VecDeque;

use crate::history::{Op, Operation};
use crate::specification::Specification;

/// Elements that are put in, and handed out in the order in which they came, each once.
#[derive(Debug, Clone, Copy)]
pub struct Queue<'o> {
    /// What is in it at first, the first to be handed out first.
    pub initial: &'o [i64],
}

impl Specification for Queue<'_> {
    type State = VecDeque<i64>;

    fn initial(&self) -> Self::State {
        self.initial.iter().copied().collect()
    }

    fn step(&self, held: &Self::State, operation: &Operation) -> Option<Self::State> {
        let mut after = held.clone();
        match operation.op {
            Op::Add => after.push_back(operation.arg),
            Op::Take => match after.pop_front() {
                Some(first) => return operation.may_have_returned(first).then_some(after),
                // One that was done, and did not say that nothing is left, has taken something.
                None => return (!operation.is_acknowledged()).then_some(after),
            },
            Op::Read | Op::Write | Op::Cas | Op::Give | Op::Move => return None,
        }
        Some(after)
    }

    fn heap_bytes(held: &Self::State) -> usize {
        held.len() * size_of::<i64>()
    }
}
