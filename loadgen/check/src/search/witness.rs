//! The few operations that contradict each other whatever the others did.

use std::collections::BTreeMap;

use super::budget::Budget;
use super::explore::{Found, explore};
use super::question::{Class, Question, Times, effect, observed_value, only_observed, replaces};
use crate::history::{Op, Operation, Outcome};
use crate::limits::Limits;
use crate::specification::Specification;

/// How many steps may be spent on a witness: some tenths of a second, whatever the time is then.
const STEPS: u64 = 3_000_000;

/// When `operations`, which no order explains, first could not be explained, and few operations
/// that prove it.
///
/// The witness has no operation to spare: without any one of them the rest is no contradiction,
/// where those outside of it are weakened as [`Others::question`] says.
pub(super) fn find<S: Specification>(
    specification: &S,
    operations: &[Operation],
    stuck: Stuck,
    limits: &Limits<'_>,
) -> (u64, Vec<u32>) {
    let time_ns = first_contradiction_ns(specification, operations, stuck, limits);
    let mut proofs = Proofs::new(specification, operations, limits);
    let witness = proofs.minimal(candidates(operations, time_ns));
    (time_ns, witness)
}

/// The operations of `candidates`, indices into `operations`, that contradict each other when none of
/// them is left out, in the order of their invocations; `None` where all together are no
/// contradiction, or that takes too long to say.
pub(crate) fn of<S: Specification>(
    specification: &S,
    operations: &[Operation],
    candidates: Vec<u32>,
    limits: &Limits<'_>,
) -> Option<Vec<u32>> {
    let mut proofs = Proofs::new(specification, operations, limits);
    proofs.contradict(&candidates).then(|| proofs.minimal(candidates))
}

/// Whether operations contradict each other, asked a number of times.
struct Proofs<'p, S> {
    specification: &'p S,
    others: Others<'p>,
    limits: &'p Limits<'p>,
    /// How many steps may still be taken.
    left: u64,
}

impl<'p, S: Specification> Proofs<'p, S> {
    fn new(specification: &'p S, operations: &'p [Operation], limits: &'p Limits<'p>) -> Self {
        Self { specification, others: Others::of(operations), limits, left: STEPS }
    }

    /// Those of `candidates` that contradict each other when none of them is left out, in the order
    /// of their invocations.
    fn minimal(&mut self, candidates: Vec<u32>) -> Vec<u32> {
        let operations = self.others.operations;
        let mut witness = minimal(candidates, |witness| self.contradict(witness));
        witness.sort_unstable_by_key(|&index| (operations[index as usize].call_ns, index));
        witness
    }

    /// Whether there is no order for `witness` with all others weakened; no as well where that takes
    /// an eighth of the steps that are left.
    fn contradict(&mut self, witness: &[u32]) -> bool {
        // To go over the others is less than a step for each.
        self.left = self.left.saturating_sub(self.others.updates.len() as u64 / 8);
        if self.left == 0 {
            return false;
        }
        let question = self.others.question::<S>(witness);
        let mut budget = Budget::of_steps(self.limits, self.left.div_ceil(8));
        let found = budget
            .take(question.required.len() + question.writes.len() + question.others.len())
            .and_then(|()| explore(self.specification, &question, &mut budget));
        self.left = self.left.saturating_sub(budget.taken());
        matches!(found, Ok(Found::Nothing { .. }))
    }
}

/// Where a search ended that found no order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stuck {
    /// The completion that no order of all operations gets past.
    pub(super) time_ns: u64,
    /// How many steps it took.
    pub(super) steps: u64,
}

/// The first completion up to which there is no order: of the operations that began until then,
/// those that were not over count as unknown.
///
/// It is not before the search was stuck, and hardly ever later; where that takes too long to
/// say, it is taken for that.
fn first_contradiction_ns<S: Specification>(
    specification: &S,
    operations: &[Operation],
    stuck: Stuck,
    limits: &Limits<'_>,
) -> u64 {
    let mut times: Vec<_> = operations
        .iter()
        .filter(|operation| operation.outcome == Outcome::Ok)
        .map(Operation::completion_ns)
        .filter(|&completion_ns| completion_ns >= stuck.time_ns)
        .collect();
    times.sort_unstable();
    times.dedup();
    let mut budget = Budget::new(limits, stuck.steps.saturating_mul(4).saturating_add(STEPS));
    let mut is_explained = |at: usize| {
        let found = explore(specification, &until::<S>(operations, times[at]), &mut budget);
        found.map(|found| matches!(found, Found::Order(_)))
    };
    let (mut low, mut high) = (0, 0);
    while high + 1 < times.len() {
        match is_explained(high) {
            Ok(false) => break,
            Ok(true) => {
                low = high + 1;
                high = (2 * low).min(times.len() - 1);
            }
            Err(_) => return stuck.time_ns,
        }
    }
    while low < high {
        let middle = usize::midpoint(low, high);
        match is_explained(middle) {
            Ok(false) => high = middle,
            Ok(true) => low = middle + 1,
            Err(_) => return stuck.time_ns,
        }
    }
    times.get(high).copied().unwrap_or(stuck.time_ns)
}

/// What was known at `time_ns`.
fn until<S: Specification>(operations: &[Operation], time_ns: u64) -> Question {
    let begun = (0..).zip(operations).filter(|(_, operation)| operation.call_ns <= time_ns);
    let known = begun.map(|(index, &operation)| {
        let is_open = operation.outcome == Outcome::Ok && operation.completion_ns() > time_ns;
        let outcome = if is_open { Outcome::Unknown } else { operation.outcome };
        (index, Operation { outcome, ..operation })
    });
    Question::new::<S>(known, Vec::new())
}

/// All operations that a witness may have, indices into `operations`: those first that began
/// shortly before `time_ns`, those last that began after it.
fn candidates(operations: &[Operation], time_ns: u64) -> Vec<u32> {
    let mut candidates: Vec<_> = (0..)
        .zip(operations)
        .filter(|(_, operation)| match operation.outcome {
            Outcome::Ok => true,
            Outcome::Unknown => operation.op != Op::Read,
            Outcome::Fail => false,
        })
        .map(|(index, Operation { call_ns, .. })| {
            (*call_ns > time_ns, call_ns.abs_diff(time_ns), index)
        })
        .collect();
    candidates.sort_unstable();
    candidates.into_iter().map(|(.., index)| index).collect()
}

/// Those of `candidates` that contradict each other when none of them is left out.
///
/// The shortest beginning of the candidates that is a contradiction ends with one that is needed:
/// that one is kept, and the same asked of those before it. What could not be decided counts as
/// no contradiction, and makes the witness larger.
fn minimal(mut candidates: Vec<u32>, mut contradict: impl FnMut(&[u32]) -> bool) -> Vec<u32> {
    let mut kept = Vec::new();
    loop {
        let mut is_enough = |count: usize| contradict(&[&kept, &candidates[..count]].concat());
        let (mut low, mut high) = (0, 0);
        while high < candidates.len() && !is_enough(high) {
            low = high + 1;
            high = (2 * high + 1).min(candidates.len());
        }
        while low < high {
            let middle = usize::midpoint(low, high);
            if is_enough(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        candidates.truncate(high);
        match candidates.pop() {
            Some(needed) => kept.push(needed),
            None => return kept,
        }
    }
}

/// All operations of a history, those outside of a witness to be weakened.
struct Others<'o> {
    operations: &'o [Operation],
    /// Indices of those that may have changed the state, in the order of their invocations.
    updates: Vec<u32>,
}

impl<'o> Others<'o> {
    fn of(operations: &'o [Operation]) -> Self {
        let may_change = |index: &u32| {
            let operation = &operations[*index as usize];
            operation.outcome != Outcome::Fail && !only_observed(operation)
        };
        let mut updates: Vec<_> = (0..).take(operations.len()).filter(may_change).collect();
        updates.sort_by_key(|&index| operations[index as usize].call_ns);
        Self { operations, updates }
    }

    /// Whether `witness`, as it was, can be put in order with all others weakened: what only
    /// observed is left out; an `add`, `take`, `give` or `move` may have happened at any time, or never; and
    /// what replaces the state may have done so any number of times while it was open, whatever the
    /// state was.
    ///
    /// If it cannot, then no order of all operations explains every answer: out of such an order
    /// the others could be taken one by one.
    fn question<S: Specification>(&self, witness: &[u32]) -> Question {
        let mine = || witness.iter().map(|&index| (index, self.operations[index as usize]));
        let mut observed: Vec<_> =
            mine().filter_map(|(_, operation)| observed_value(&operation)).collect();
        observed.sort_unstable();
        let mut own = witness.to_vec();
        own.sort_unstable();
        let mut once: BTreeMap<_, (Operation, Vec<_>)> = BTreeMap::new();
        let mut while_open: BTreeMap<_, (Operation, Vec<_>)> = BTreeMap::new();
        for index in self.updates.iter().filter(|&index| own.binary_search(index).is_err()) {
            let operation = self.operations[*index as usize];
            if let Some(arg) = replaces(&operation) {
                // Values that nothing tells from each other are one.
                let value = observed.binary_search(&arg).is_ok().then_some(arg);
                let write = Operation { op: Op::Write, arg, ..operation };
                let (_, spans) = while_open.entry(value).or_insert((write, Vec::new()));
                let latest_ns = spans.last().map_or(0, |(_, latest_ns)| *latest_ns);
                spans.push((operation.call_ns, operation.completion_ns().max(latest_ns)));
            } else {
                let (_, calls) =
                    once.entry(effect::<S>(&operation)).or_insert((operation, Vec::new()));
                calls.push((0, *index));
            }
        }
        let once = once.into_values().map(|(operation, calls)| (operation, Times::Once(calls)));
        let while_open = while_open.into_values();
        let while_open = while_open.map(|(operation, spans)| (operation, Times::WhileOpen(spans)));
        let weakened = once.chain(while_open).map(|(operation, times)| Class {
            operation: Operation { outcome: Outcome::Unknown, ..operation },
            times,
        });
        Question::new::<S>(mine(), weakened.collect())
    }
}
