//! A pool.

use crate::history::{NIL, NO, Op, Operation, Outcome};
use crate::specification::Specification;

/// Elements that are put in, and handed out in any order, each once.
#[derive(Debug, Clone, Copy)]
pub struct Pool<'o> {
    /// What is in it at first.
    pub initial: &'o [i64],
}

/// What a pool may hold.
///
/// Where nobody knows which element was taken, the choice is left open: a gap is one of the elements
/// that were there at the time, and is not there any more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Held {
    /// In the order in which they were put in, those among them that a gap may be.
    elements: Vec<i64>,
    /// Of each gap how many of the elements it may be: the first so many. Ascending.
    gaps: Vec<usize>,
}

impl Specification for Pool<'_> {
    type State = Held;

    fn initial(&self) -> Held {
        Held { elements: self.initial.to_vec(), gaps: Vec::new() }
    }

    fn step(&self, held: &Held, operation: &Operation) -> Option<Held> {
        let is_ok = operation.outcome == Outcome::Ok;
        match operation.op {
            Op::Add => Some(held.with(operation.arg)),
            Op::Take if !is_ok && held.is_empty() => Some(held.clone()),
            Op::Take if !is_ok || operation.result == NIL => {
                (!held.is_empty()).then(|| held.with_gap())
            }
            Op::Take if operation.result == NO => held.is_empty().then(Held::default),
            Op::Take => held.without(operation.result),
            Op::Read | Op::Write | Op::Cas | Op::Give | Op::Move => None,
        }
    }

    fn heap_bytes(held: &Held) -> usize {
        held.elements.len() * size_of::<i64>() + held.gaps.len() * size_of::<usize>()
    }
}

impl Held {
    /// Whether every element is one that was taken.
    fn is_empty(&self) -> bool {
        self.elements.len() == self.gaps.len()
    }

    fn with(&self, element: i64) -> Self {
        let mut held = self.clone();
        held.elements.push(element);
        held
    }

    fn with_gap(&self) -> Self {
        let mut held = self.clone();
        held.gaps.push(held.elements.len());
        held
    }

    /// The same when `element` was taken; `None` where it cannot have been there.
    fn without(&self, element: i64) -> Option<Self> {
        let place = self.elements.iter().position(|one| *one == element)?;
        let mut held = self.clone();
        held.elements.remove(place);
        for gap in held.gaps.iter_mut().filter(|gap| **gap > place) {
            *gap -= 1;
        }
        // Each gap is another element: the first so many gaps find as many elements.
        let has_room = |(before, gap): (usize, &usize)| before < *gap;
        held.gaps.iter().enumerate().all(has_room).then_some(held)
    }
}
