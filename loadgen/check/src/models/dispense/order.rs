//! The order that certifies that a history of a pool is valid.

use super::elements::{Elements, nameless};
use crate::history::{Op, Operation, Outcome};

/// When something happens, and in which order what happens at one time does.
type Instant = (u64, u8, u32, u8);

/// What was put in before is taken first.
const TAKE: u8 = 0;
/// Then what is put in and taken at once.
const AT_ONCE: u8 = 1;
/// Then nothing is left.
const NOTHING: u8 = 2;
/// Then more is put in.
const ADD: u8 = 3;
/// And taken by those of whom nobody knows what they took.
const TAKE_AT_LAST: u8 = 4;

/// The order of `operations`, in which each of the answers that nothing was left has its instant.
pub(super) fn of(
    elements: &Elements,
    operations: &[Operation],
    nothing_left: &[(u64, u32)],
) -> Vec<u32> {
    let at = |index: u32| &operations[index as usize];
    let mut order: Vec<(Instant, u32)> = Vec::with_capacity(operations.len());
    let mut left = Vec::new();
    for element in elements.all() {
        match (element.added, element.taken) {
            (added, Some(taken)) => {
                let call_ns = at(taken).call_ns;
                match added.map(|added| (added, at(added))) {
                    // An element was there before its take began, or is put in for it.
                    Some((added, addition)) if addition.completion_ns() >= call_ns => {
                        let together_ns = addition.call_ns.max(call_ns);
                        order.push(((together_ns, AT_ONCE, added, 0), added));
                        order.push(((together_ns, AT_ONCE, added, 1), taken));
                    }
                    added => {
                        let ended = added.map(|(added, addition)| (addition.return_ns, added));
                        order.extend(ended.map(|(end_ns, added)| ((end_ns, ADD, added, 0), added)));
                        order.push(((call_ns, TAKE, taken, 0), taken));
                    }
                }
            }
            (Some(added), None) if at(added).outcome == Outcome::Ok => {
                let end_ns = at(added).return_ns;
                order.push(((end_ns, ADD, added, 0), added));
                left.push(Some(end_ns));
            }
            (Some(_), None) => {}
            (None, None) => left.push(None),
        }
    }
    left.sort_unstable();
    for (end_ns, (call_ns, take)) in left.into_iter().zip(nameless(operations)) {
        let instant = match end_ns {
            Some(end_ns) if end_ns >= call_ns => (end_ns, TAKE_AT_LAST, take, 0),
            _ => (call_ns, TAKE, take, 0),
        };
        order.push((instant, take));
    }
    order.extend(
        nothing_left.iter().map(|(time_ns, index)| ((*time_ns, NOTHING, *index, 0), *index)),
    );
    debug_assert!(order.iter().all(|(_, index)| matches!(at(*index).op, Op::Add | Op::Take)));
    order.sort_unstable();
    order.into_iter().map(|(_, index)| index).collect()
}
