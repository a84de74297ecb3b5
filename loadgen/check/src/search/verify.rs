//! Witnesses of histories that no order explains.

use std::collections::{BTreeMap, HashSet};

use super::question::effect;
use crate::history::{Object, Op, Operation, Outcome};
use crate::specification::Specification;

/// How many steps are tried: about a second's worth. A witness that takes more is not believed.
const STEPS: usize = 100_000_000;
/// How many operations a witness may have.
const SIZE: usize = 128;

/// What was done, and what it led to.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Configuration<T> {
    /// Of the witness, a bit for each.
    done: u128,
    /// Of the others that happen once, how many of each kind.
    used: Vec<usize>,
    state: T,
}

/// Whether the operations of the witness contradict each other whatever became of the others: no
/// order explains those answers, even where
/// - what the others read or were refused does not count,
/// - each `add`, `take`, `give` and `move` of theirs happened at any time, or never,
/// - each `write` and `cas` of theirs put its value there any number of times while it was open,
///   that is, between its invocation and its completion if it has one.
///
/// False as well where that cannot be told in a bounded number of steps.
///
/// Goes everywhere that orders of the witness lead to, and says whether none has all of it.
pub(super) fn contradict<S: Specification>(
    specification: &S,
    object: &Object,
    witness: &[u32],
) -> bool {
    let Some(mine) = chosen(object, witness) else { return false };
    let others = Others::of::<S>(object, witness, &mine);
    let used = vec![0; others.once.len()];
    let start = Configuration { done: 0, used, state: specification.initial() };
    let mut seen = HashSet::from([start.clone()]);
    let mut to_follow = vec![start];
    let mut steps = 0;
    while let Some(configuration) = to_follow.pop() {
        let Configuration { done, used, state } = &configuration;
        let is_done = |at: &usize| done & (1 << at) != 0;
        let is_ok = |at: &usize| mine[*at].outcome == Outcome::Ok;
        let left = || (0..mine.len()).filter(|at| !is_done(at));
        let Some(until_ns) = left().filter(is_ok).map(|at| mine[at].completion_ns()).min() else {
            return false;
        };
        let from_ns =
            (0..mine.len()).filter(is_done).filter(is_ok).map(|at| mine[at].call_ns).max();
        let from_ns = from_ns.unwrap_or(0);
        let of_witness = left().filter(|&at| mine[at].call_ns <= until_ns).filter_map(|at| {
            let state = specification.step(state, &mine[at])?;
            Some(Configuration { done: done | (1 << at), used: used.clone(), state })
        });
        let of_once = others.once.iter().enumerate().filter_map(|(kind, (operation, count))| {
            let state = specification.step(state, operation)?;
            let mut used = used.clone();
            used[kind] += 1;
            (used[kind] <= *count).then_some(Configuration { done: *done, used, state })
        });
        let of_open = others.while_open.iter().filter_map(|operation| {
            let is_open = operation.call_ns <= until_ns && from_ns <= operation.completion_ns();
            let state = is_open.then(|| specification.step(state, operation)).flatten()?;
            Some(Configuration { done: *done, used: used.clone(), state })
        });
        let new = of_witness.chain(of_once).chain(of_open).filter(|next| seen.insert(next.clone()));
        to_follow.extend(new);
        steps += mine.len() + others.once.len() + others.while_open.len();
        if steps > STEPS {
            return false;
        }
    }
    true
}

/// The operations of the witness; `None` where it is not one.
fn chosen(object: &Object, witness: &[u32]) -> Option<Vec<Operation>> {
    let distinct: HashSet<_> = witness.iter().collect();
    let may_be = witness.len() <= SIZE && distinct.len() == witness.len();
    let operations = witness.iter().map(|&index| object.operations.get(index as usize).copied());
    let operations = operations.collect::<Option<Vec<_>>>().filter(|_| may_be)?;
    operations.iter().all(|operation| operation.outcome != Outcome::Fail).then_some(operations)
}

/// What may have happened besides, whatever its answer was.
struct Others {
    /// What happens once, at any time, and how many of each kind.
    once: Vec<(Operation, usize)>,
    /// What puts a value there while it is open, as writes.
    while_open: Vec<Operation>,
}

impl Others {
    fn of<S: Specification>(object: &Object, witness: &[u32], mine: &[Operation]) -> Self {
        let witness: HashSet<_> = witness.iter().copied().collect();
        let observed: HashSet<_> = mine
            .iter()
            .filter(|operation| matches!(operation.op, Op::Read | Op::Cas))
            .map(|operation| if operation.op == Op::Cas { operation.arg } else { operation.result })
            .collect();
        let mut unobserved = None;
        let mut once: BTreeMap<_, (Operation, usize)> = BTreeMap::new();
        let mut while_open = Vec::new();
        for (index, operation) in (0..).zip(&object.operations) {
            let value = match operation.op {
                _ if witness.contains(&index) || operation.outcome == Outcome::Fail => continue,
                Op::Read => continue,
                _ if operation.was_declined() => continue,
                Op::Cas => operation.new,
                Op::Write => operation.arg,
                Op::Add | Op::Take | Op::Give | Op::Move => {
                    let weakened = Operation { outcome: Outcome::Unknown, ..*operation };
                    once.entry(effect::<S>(operation)).or_insert((weakened, 0)).1 += 1;
                    continue;
                }
            };
            // One value stands for all that the witness does not tell from each other.
            let arg =
                if observed.contains(&value) { value } else { *unobserved.get_or_insert(value) };
            while_open.push(Operation { op: Op::Write, arg, ..*operation });
        }
        Self { once: once.into_values().collect(), while_open }
    }
}
