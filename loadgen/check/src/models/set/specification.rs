//! A set of elements.

use std::collections::BTreeSet;

use crate::history::{Op, Operation};
use crate::lists::Lists;
use crate::specification::Specification;

/// Elements, each once.
#[derive(Debug, Clone, Copy)]
pub struct Elements<'h> {
    /// What is in it at first.
    pub initial: &'h [i64],
    /// The lists that reads returned.
    pub lists: &'h Lists,
}

impl Specification for Elements<'_> {
    type State = BTreeSet<i64>;

    fn initial(&self) -> Self::State {
        self.initial.iter().copied().collect()
    }

    fn heap_bytes(elements: &Self::State) -> usize {
        // Its nodes are half empty in the worst case, and have pointers.
        elements.len() * 3 * size_of::<i64>()
    }

    fn step(&self, elements: &Self::State, operation: &Operation) -> Option<Self::State> {
        let mut after = elements.clone();
        match operation.list(self.lists) {
            _ if operation.op == Op::Add => {
                after.insert(operation.arg);
                Some(after)
            }
            // Each element once, and all of them.
            Some(list) => (list.len() == after.len() && list.elements().all(|e| after.remove(&e)))
                .then(|| elements.clone()),
            None => Some(after),
        }
    }
}
