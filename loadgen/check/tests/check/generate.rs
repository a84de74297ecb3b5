//! Histories made up: valid ones of any size, from a service that is simulated.

use std::ops::Range;

use fastrand::Rng;
use loadgen_check::history::{NEVER, NIL, Op, Outcome};
use loadgen_check::{Lists, Object, Operation, Specification};

/// When one operation begins, takes effect and ends, and whose it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    pub(crate) client: u32,
    pub(crate) call_ns: u64,
    pub(crate) effect_ns: u64,
    pub(crate) return_ns: u64,
}

/// Clients that ask one thing after another, as a load tester's do; in order of their effects.
pub(crate) fn closed_loop(rng: &mut Rng, operations: usize, clients: u32) -> Vec<Slot> {
    let client = |_: &mut Rng, index| u32::try_from(index).unwrap_or(u32::MAX) % clients;
    one_after_another(rng, operations, clients, client, [1..1_000, 1_000..100_000])
}

/// The same in times so coarse that many are the same; whose turn it is, is drawn.
pub(crate) fn back_to_back(rng: &mut Rng, operations: usize, clients: u32) -> Vec<Slot> {
    let client = |rng: &mut Rng, _| rng.u32(0..clients);
    one_after_another(rng, operations, clients, client, [0..2, 1..8])
}

/// `turn` says whose turn an operation is; the ranges are of the time in ns before it and of its own.
fn one_after_another(
    rng: &mut Rng,
    operations: usize,
    clients: u32,
    turn: impl Fn(&mut Rng, usize) -> u32,
    [pause_ns, took_ns]: [Range<u64>; 2],
) -> Vec<Slot> {
    let mut free_at_ns = vec![0; clients as usize];
    let mut slots: Vec<_> = (0..operations)
        .map(|index| {
            let client = turn(rng, index);
            let call_ns = free_at_ns[client as usize] + rng.u64(pause_ns.clone());
            let return_ns = call_ns + rng.u64(took_ns.clone());
            free_at_ns[client as usize] = return_ns;
            Slot { client, call_ns, effect_ns: rng.u64(call_ns..=return_ns), return_ns }
        })
        .collect();
    slots.sort_by_key(|slot| slot.effect_ns);
    slots
}

/// Any times at all within `ticks`, so that many are the same; each of another client.
pub(crate) fn at_random(rng: &mut Rng, operations: usize, ticks: u64) -> Vec<Slot> {
    let mut slots: Vec<_> = (0..operations)
        .map(|index| {
            let mut times = [rng.u64(0..ticks), rng.u64(0..ticks), rng.u64(0..ticks)];
            times.sort_unstable();
            let [call_ns, effect_ns, return_ns] = times;
            Slot { client: u32::try_from(index).expect("few"), call_ns, effect_ns, return_ns }
        })
        .collect();
    slots.sort_by_key(|slot| slot.effect_ns);
    slots
}

/// How often, in percent, an operation is not `ok`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Faults {
    pub(crate) unknown: u8,
    pub(crate) fail: u8,
}

impl Faults {
    pub(crate) const NONE: Self = Self { unknown: 0, fail: 0 };
}

/// A sum as a result.
pub(crate) fn result(sum: i128) -> i64 {
    i64::try_from(sum).expect("it is small")
}

/// What a client asks for: the operation, its argument, and what a `cas` writes.
pub(crate) type Asked = (Op, i64, i64);

/// A valid history of one object: `ask` says what each client asks for, `answer` what a correct
/// service answers to an operation in a state (and keeps the list that a read of a set returns).
#[expect(clippy::too_many_arguments, reason = "each is what a test varies")]
pub(crate) fn object<S: Specification>(
    rng: &mut Rng,
    specification: &S,
    slots: &[Slot],
    faults: Faults,
    mut ask: impl FnMut(&mut Rng) -> Asked,
    mut answer: impl FnMut(&S::State, &Operation, &mut Lists) -> i64,
) -> Object {
    let mut state = specification.initial();
    let mut lists = Lists::default();
    let mut operations = Vec::with_capacity(slots.len());
    for slot in slots {
        let (op, arg, new) = ask(rng);
        let Slot { client, call_ns, return_ns, .. } = *slot;
        // An unknown outcome has its effect whatever the answer would be.
        let mut operation = Operation {
            call_ns,
            return_ns,
            arg,
            new,
            result: NIL,
            client,
            op,
            outcome: Outcome::Unknown,
        };
        let dice = rng.u8(0..100);
        if dice < faults.fail {
            operation.outcome = Outcome::Fail;
        } else if dice < faults.fail + faults.unknown {
            if rng.bool() {
                state = specification.step(&state, &operation).expect("it is possible");
            }
            operation.return_ns = NEVER;
        } else {
            let after = specification.step(&state, &operation).expect("it is possible");
            operation.result = answer(&state, &operation, &mut lists);
            operation.outcome = Outcome::Ok;
            state = after;
        }
        operations.push(operation);
    }
    Object { key: "i".to_owned(), operations, lists, ..Object::default() }
}

/// The lists of `object`.
pub(crate) fn lists_of(object: &Object) -> Vec<Vec<i64>> {
    object.lists.all().map(|list| list.elements().collect()).collect()
}

/// Changes the lists of `object`.
pub(crate) fn relist<T>(object: &mut Object, change: impl FnOnce(&mut Vec<Vec<i64>>) -> T) -> T {
    let mut lists = lists_of(object);
    let changed = change(&mut lists);
    object.lists = lists.into_iter().collect();
    changed
}
