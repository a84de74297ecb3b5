//! Values that are handed out, each once.
//!
//! An addition returns any value that was not handed out before. So the order of additions makes no
//! difference: if no value comes twice, every order explains every answer, and if one does, none.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::anomaly::AnomalyKind;
use crate::history::{NIL, Op, Operation, Outcome};
use crate::judgement::Judgement;
use crate::tally::Tally;

/// The verdict on `operations`, where the values in `initial` were there at first; `None` where the
/// rule does not cover them. In time n log n, for the order of the answers.
///
/// It covers additions. There are at most `u32::MAX` operations. An unknown one says nothing. Of an
/// acknowledged one without a result nobody knows the value, which may be that of another; where
/// there is another, a history that shows no anomaly is undecided.
///
/// - `DuplicateValue`: a value that was handed out already, or was there at first. Counts the
///   additions that returned one, of each value all but the first that was complete. Time: when each
///   was over. Witness: the first two that returned the value, in the order of their ends; of a value
///   that was there at first, the addition alone.
///
/// Updates of which the history says nothing explain none of it.
#[must_use]
pub fn judge(initial: &[i64], operations: &[Operation], certify: bool) -> Option<Judgement> {
    if !operations.iter().all(is_covered) {
        return None;
    }
    let mut additions: Vec<_> = (0..)
        .zip(operations)
        .filter(|(_, addition)| addition.outcome == Outcome::Ok)
        .map(|(index, addition)| (addition.return_ns, index))
        .collect();
    additions.sort_unstable();
    // Of each value the first addition that returned it; none of what was there at first.
    let mut first: HashMap<i64, Option<u32>> = HashMap::with_capacity(additions.len());
    first.extend(initial.iter().map(|value| (*value, None)));
    let known = first.len();
    let mut duplicates = Tally::new();
    let mut unread = 0;
    for &(return_ns, index) in &additions {
        let value = operations[index as usize].result;
        if value == NIL {
            unread += 1;
            continue;
        }
        match first.entry(value) {
            Entry::Vacant(vacant) => drop(vacant.insert(Some(index))),
            Entry::Occupied(earlier) => duplicates.add(return_ns, (*earlier.get(), index)),
        }
    }
    let witness =
        |(earlier, index): (Option<u32>, u32)| earlier.into_iter().chain([index]).collect();
    Some(if let Some(anomaly) = duplicates.anomaly(AnomalyKind::DuplicateValue, witness) {
        Judgement::invalid(vec![anomaly])
    } else if unread > 0 && known + additions.len() > 1 {
        Judgement::unknown(format!("{unread} answers carried no result"))
    } else {
        Judgement::valid(certify.then(|| by_beginning(operations, additions)))
    })
}

fn is_covered(operation: &Operation) -> bool {
    operation.outcome == Outcome::Fail || operation.op == Op::Add && !operation.was_declined()
}

/// The order in which `additions` began: any that time allows will do.
fn by_beginning(operations: &[Operation], additions: Vec<(u64, u32)>) -> Vec<u32> {
    let mut order: Vec<_> = additions.into_iter().map(|(_, index)| index).collect();
    order.sort_by_key(|index| operations[*index as usize].call_ns);
    order
}
