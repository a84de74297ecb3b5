//! Long histories of a register whose writes are unique, but for a few operations.

use fastrand::Rng;
use loadgen_check::history::{NEVER, NIL, NO, Op, Outcome, YES};
use loadgen_check::models::register::Register;
use loadgen_check::{Lists, Object, Operation};

use crate::generate::{self, Faults};

/// What the few operations are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Odd {
    /// Writes of a value that was written shortly before.
    Repeated,
    /// `cas` of a value that was there shortly before, or never, and that fail.
    Failing,
    /// `cas` that succeed.
    Swapping,
}

impl Odd {
    pub(crate) const ALL: [Self; 3] = [Self::Repeated, Self::Failing, Self::Swapping];
}

/// A valid history of 64 clients with about `count` of them; of each second one the answer was lost
/// where `are_lost`.
pub(crate) fn register(
    rng: &mut Rng,
    size: usize,
    (count, odd): (usize, Odd),
    are_lost: bool,
) -> Object {
    let slots = generate::closed_loop(rng, size, 64);
    let mut odd_ones: Vec<_> = (0..count).map(|_| rng.usize(0..size)).collect();
    odd_ones.sort_unstable();
    let is_odd = |at: usize| odd_ones.binary_search(&at).is_ok();
    let (mut asked, mut fresh, mut now) = (0, 0, NIL);
    let ask = |rng: &mut Rng| {
        asked += 1;
        let old = (fresh - rng.i64(0..40)).max(-1);
        let not_now = if old == now { -1 } else { old };
        let request = match odd {
            Odd::Repeated if is_odd(asked - 1) && old > 0 => (Op::Write, old, NIL),
            Odd::Failing if is_odd(asked - 1) => (Op::Cas, not_now, fresh + 1),
            Odd::Swapping if is_odd(asked - 1) => (Op::Cas, now, fresh + 1),
            _ if rng.bool() => (Op::Read, NIL, NIL),
            _ => (Op::Write, fresh + 1, NIL),
        };
        match request {
            (Op::Write, value, _) | (Op::Cas, _, value)
                if (request.0, odd) != (Op::Cas, Odd::Failing) =>
            {
                now = value;
                fresh = fresh.max(value);
            }
            _ => {}
        }
        request
    };
    let answer = |state: &i64, operation: &Operation, _: &mut Lists| match operation.op {
        Op::Read => *state,
        Op::Cas => {
            if *state == operation.arg {
                YES
            } else {
                NO
            }
        }
        _ => NIL,
    };
    let register = Register { initial: NIL };
    let mut object = generate::object(rng, &register, &slots, Faults::NONE, ask, answer);
    for &at in odd_ones.iter().step_by(2).filter(|_| are_lost) {
        let operation = &mut object.operations[at];
        if operation.op != Op::Read {
            operation.outcome = Outcome::Unknown;
            (operation.return_ns, operation.result) = (NEVER, NIL);
        }
    }
    object
}

/// Makes a read in the middle return the value of one that was over long before.
pub(crate) fn plant_stale_read(rng: &mut Rng, object: &mut Object) {
    let operations = &mut object.operations;
    let size = operations.len();
    let middle = size / 2 + rng.usize(0..size / 4);
    let is_read = |operation: &Operation| operation.op == Op::Read;
    let late = (middle..size).find(|&at| is_read(&operations[at])).unwrap();
    let early = (middle - 500..middle).find(|&at| is_read(&operations[at])).unwrap();
    operations[late].result = operations[early].result;
}
