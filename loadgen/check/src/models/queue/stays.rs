//! How long elements stay in a queue.

use crate::history::{NEVER, Op, Operation, Outcome};
use crate::models::dispense::elements::{Element, Elements, nameless};

/// Nanoseconds on the history's clock. What was there at first came one after the other before 0.
pub(super) type Time = i128;

/// Later than all operations.
pub(super) const FOREVER: Time = NEVER as Time;

/// When something happens: from its call on, until it is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) from: Time,
    pub(super) to: Time,
}

/// An element that was in the queue: what put it in, and what took it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stay {
    /// `None` where it was there at first.
    pub(super) added: Option<u32>,
    pub(super) enters: Span,
    /// `None` where it stays for good.
    pub(super) taken: Option<u32>,
    pub(super) leaves: Span,
    /// Whether the take says that it is this element that it took. Another may never have been done.
    pub(super) is_named: bool,
}

impl Stay {
    /// Whether it is there for certain between the end of its addition and the beginning of its take.
    pub(super) fn is_certain(&self) -> bool {
        self.enters.to < self.leaves.from
    }

    /// The take that returned it.
    pub(super) fn returned_by(&self) -> Option<u32> {
        self.taken.filter(|_| self.is_named)
    }

    /// What put it in, and the take that returned it.
    pub(super) fn operations(&self) -> impl Iterator<Item = u32> + use<> {
        self.added.into_iter().chain(self.returned_by())
    }

    /// Whether it was handed out before it was put in, which no order explains.
    fn is_early(&self) -> bool {
        self.leaves.to < self.enters.from
    }
}

/// The stays of `elements`, of which the `initial` ones were there at first, by when they are over
/// being put in. Those that nobody returned are given to the nameless takes, the first to the first.
///
/// Leaves out what was handed out before it was put in, and what may never have been put in and was
/// not handed out.
pub(super) fn of(elements: &Elements, initial: &[i64], operations: &[Operation]) -> Vec<Stay> {
    let count = i128::try_from(initial.len()).expect("a length fits");
    let at_first = (-count..).zip(initial).filter_map(|(time, element)| {
        Some(stay(elements.get(*element)?, Span { from: time, to: time }, operations))
    });
    let added = operations.iter().filter_map(|operation| {
        let element = elements.get(operation.arg).filter(|_| is_addition(operation))?;
        let is_in_it = operation.outcome == Outcome::Ok || element.taken.is_some();
        is_in_it.then(|| stay(element, span(operation), operations))
    });
    let mut stays: Vec<_> = at_first.chain(added).filter(|stay| !stay.is_early()).collect();
    stays.sort_by_key(|stay| (stay.enters.to, stay.added));
    let left = stays.iter_mut().filter(|stay| stay.taken.is_none());
    for (stay, (call_ns, take)) in left.zip(nameless(operations)) {
        stay.taken = Some(take);
        stay.leaves.from = call_ns.into();
    }
    stays
}

fn stay(element: &Element, enters: Span, operations: &[Operation]) -> Stay {
    let Element { added, taken, until_ns, .. } = *element;
    let leaves = match (taken, until_ns) {
        (Some(take), Some(until_ns)) => {
            Span { from: until_ns.into(), to: operations[take as usize].return_ns.into() }
        }
        _ => Span { from: FOREVER, to: FOREVER },
    };
    Stay { added, enters, taken, leaves, is_named: taken.is_some() }
}

fn span(operation: &Operation) -> Span {
    Span { from: operation.call_ns.into(), to: operation.completion_ns().into() }
}

/// Whether it put an element in, or may have.
fn is_addition(operation: &Operation) -> bool {
    operation.op == Op::Add && operation.outcome != Outcome::Fail
}
