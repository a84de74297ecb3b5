//! A verdict on every object of a history.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::history::{History, NIL, Object, Op, Operation, Outcome};
use crate::judgement::{Doubt, Judgement, Verdict};
use crate::limits::Limits;
use crate::models::{Answer, Model};
use crate::weaker::Weaker;

/// The verdict on each object of `history`, in their order. Objects are judged on all cores.
///
/// An anomaly is certain. What is only [assumed](Object::assumed) to have failed does not prove it:
/// where it would, the verdict is unknown. The same holds for what others may have done where an
/// object [is shared](Object::is_shared).
///
/// # Panics
/// When a checker does, which is a defect of it.
#[must_use]
pub fn judge(history: &History, model: Model, limits: &Limits<'_>) -> Vec<Judgement> {
    let objects = &history.objects;
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = (objects.len() / (cores * SHARES_EACH)).clamp(1, LARGEST_SHARE);
    let next = AtomicUsize::new(0);
    let judge_some = || {
        let mut mine = Vec::new();
        loop {
            let first = next.fetch_add(share, Ordering::Relaxed);
            let Some(some) = objects.get(first..) else { return mine };
            let judged = some.iter().take(share).map(|object| judge_object(object, model, limits));
            mine.extend((first..).zip(judged));
            if some.len() <= share {
                return mine;
            }
        }
    };
    let mut judged: Vec<_> = thread::scope(|scope| {
        let helpers: Vec<_> =
            (1..cores.min(objects.len())).map(|_| scope.spawn(judge_some)).collect();
        let mut judged = judge_some();
        for helper in helpers {
            judged.extend(helper.join().expect("no checker panics"));
        }
        judged
    });
    judged.sort_by_key(|(index, _)| *index);
    judged.into_iter().map(|(_, judgement)| judgement).collect()
}

/// Cores take so many shares of the objects each, if all objects take as long, and none of more than so
/// many: what they have in common is asked for once a share.
const SHARES_EACH: usize = 16;
const LARGEST_SHARE: usize = 64;

/// Why a history of `model` proves nothing, whatever its verdict: nothing was acknowledged in it, or
/// nobody saw the state.
#[must_use]
pub fn vacuity(history: &History, model: Model) -> Option<&'static str> {
    let operations = || history.objects.iter().flat_map(|object| &object.operations);
    let mut answered = operations().filter(|operation| operation.outcome == Outcome::Ok);
    if !answered.clone().any(Operation::is_update) {
        return Some("nothing was acknowledged");
    }
    let shows_state = |operation: &Operation| match model.answer(operation.op) {
        // A read that returned nothing saw that nothing was there.
        _ if operation.op == Op::Read => true,
        // Anything can be moved where there is no floor.
        _ if model == (Model::Accounts { floor: None }) => false,
        Some(Answer::Number | Answer::Value | Answer::ValueUnlessDeclined | Answer::Whether) => {
            operation.result != NIL
        }
        Some(Answer::Nothing | Answer::Elements | Answer::Balances | Answer::Chosen) | None => {
            false
        }
    };
    (!answered.any(shows_state)).then_some("nothing was read")
}

/// What still holds of `object`, and what does not, the strongest first. Leaves out what was not put
/// to the test. Empty where there are no rules for what was done to it: they are for counters,
/// fetch-and-add, and registers whose values are written once.
///
/// Objects are looked at one by one: each of several can be sequentially consistent without all of
/// them together being so.
#[must_use]
pub fn weaker(object: &Object, model: Model) -> Vec<Weaker> {
    model.weaker(object)
}

fn judge_object(object: &Object, model: Model, limits: &Limits<'_>) -> Judgement {
    let judgement = model.judge(object, limits);
    if judgement.verdict != Verdict::Invalid {
        return judgement;
    }
    if object.assumed.is_empty() {
        return accuse(object, model, judgement);
    }
    let doubted = object.clone().doubted();
    let judgement = model.judge(&doubted, limits);
    if judgement.verdict == Verdict::Invalid {
        accuse(&doubted, model, judgement)
    } else {
        Judgement::doubted(Doubt::Refusals(object.assumed.len() as u64))
    }
}

/// What of an invalid `judgement` on `object` stands where others may write; with what still holds.
fn accuse(object: &Object, model: Model, mut judgement: Judgement) -> Judgement {
    if object.is_shared {
        judgement.anomalies.retain(|anomaly| !anomaly.kind.is_excess());
        if judgement.anomalies.is_empty() {
            return Judgement::doubted(Doubt::Others);
        }
    }
    judgement.weaker = weaker(object, model);
    judgement
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Initial;

    /// A read that returned `found` of a counter of 7 that nobody changed.
    fn object(found: i64) -> Object {
        let read = Operation {
            call_ns: 1,
            return_ns: 2,
            arg: NIL,
            new: NIL,
            result: found,
            client: 0,
            op: Op::Read,
            outcome: Outcome::Ok,
        };
        Object { initial: Initial::Value(7), operations: vec![read], ..Object::default() }
    }

    #[test]
    fn each_of_many_objects_has_its_verdict_at_its_place() {
        let limits = Limits { certify: false, memory_bytes: 1 << 20, expired: &|| false };
        for count in [0, 1, 2, 63, 64, 65, 1000, 4099, 10_000] {
            let found = |index: usize| if index % 7 == 3 { 6 } else { 7 };
            let objects = (0..count).map(|index| object(found(index))).collect();
            let judged = judge(&History { objects }, Model::Counter, &limits);
            assert_eq!(judged.len(), count);
            for (index, judgement) in judged.iter().enumerate() {
                let is_invalid = judgement.verdict == Verdict::Invalid;
                assert_eq!(is_invalid, index % 7 == 3, "{index} of {count}: {judgement:?}");
            }
        }
    }
}
