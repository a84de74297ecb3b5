//! Values that are handed out, each once.

use std::collections::BTreeSet;

use crate::history::{NIL, Op, Operation, Outcome};
use crate::specification::Specification;

/// All values that were handed out so far: no addition returns one of them again.
#[derive(Debug, Clone, Copy)]
pub struct Issued<'o> {
    /// Those that were there at first.
    pub initial: &'o [i64],
}

impl Specification for Issued<'_> {
    type State = BTreeSet<i64>;

    fn initial(&self) -> BTreeSet<i64> {
        self.initial.iter().copied().collect()
    }

    fn step(&self, issued: &BTreeSet<i64>, operation: &Operation) -> Option<BTreeSet<i64>> {
        if operation.op != Op::Add {
            return None;
        }
        let mut issued = issued.clone();
        // Nobody can tell which value was handed out, where the answer does not say it.
        let is_told = operation.outcome == Outcome::Ok && operation.result != NIL;
        (!is_told || issued.insert(operation.result)).then_some(issued)
    }

    fn heap_bytes(issued: &BTreeSet<i64>) -> usize {
        // Nodes of a tree are half empty at worst.
        2 * issued.len() * size_of::<i64>()
    }
}
