//! A lock that clients take and give back.

use fastrand::Rng;
use loadgen_check::history::{NIL, NO, Op, YES};
use loadgen_check::models::lock::Lock;
use loadgen_check::{AnomalyKind, Model, Object, Operation};

use super::found;
use super::histories::{OPERATIONS, append};
use crate::generate::{self, Faults, closed_loop};

/// Everything was answered: what nobody knows anything of might explain what is planted.
pub(super) fn lock(rng: &mut Rng) -> Object {
    let slots = closed_loop(rng, OPERATIONS, 6);
    let mut object = generate::object(
        rng,
        &Lock,
        &slots,
        Faults { unknown: 0, fail: 3 },
        |rng| (if rng.bool() { Op::Take } else { Op::Give }, NIL, NIL),
        |holder, operation, _| {
            let is_done = match operation.op {
                Op::Take => holder.is_none(),
                _ => *holder == Some(operation.client),
            };
            if is_done { YES } else { NO }
        },
    );
    // At last it is free.
    if let Some(client) = holder(&object) {
        append(&mut object, &[(0, 5, Op::Give, NIL, YES)]);
        of_client(&mut object, client);
    }
    object
}

/// Who holds it behind all operations, which are in the order of their effects.
fn holder(object: &Object) -> Option<u32> {
    let mut holder = None;
    for one in object.operations.iter().filter(|one| one.is_acknowledged()) {
        holder = (one.op == Op::Take).then_some(one.client);
    }
    holder
}

/// The last operation is one of this client.
fn of_client(object: &mut Object, client: u32) {
    if let Some(last) = object.operations.last_mut() {
        last.client = client;
    }
}

#[test]
fn who_is_granted_what_another_holds_is_one_of_two_holders() {
    found(Model::Lock, AnomalyKind::TwoHolders, lock, |_, object| {
        append(object, &[(0, 5, Op::Take, NIL, YES), (6, 10, Op::Take, NIL, YES)]);
        true
    });
}

#[test]
fn a_refusal_of_what_is_free_is_a_phantom() {
    found(Model::Lock, AnomalyKind::PhantomRefusal, lock, |_, object| {
        append(object, &[(0, 5, Op::Take, NIL, NO), (6, 10, Op::Take, NIL, YES)]);
        true
    });
}

#[test]
fn who_gives_back_what_it_does_not_hold_is_a_stray() {
    found(Model::Lock, AnomalyKind::StrayRelease, lock, |rng, object| {
        let denied = |one: &&mut Operation| one.op == Op::Give && one.result == NO;
        let gives: Vec<_> = object.operations.iter_mut().filter(denied).collect();
        let give = rng.choice(gives).map(|give| give.result = YES);
        give.is_some()
    });
}

#[test]
fn who_holds_it_and_is_told_otherwise_has_lost_it() {
    found(Model::Lock, AnomalyKind::LostLock, lock, |rng, object| {
        let done = |one: &&mut Operation| one.op == Op::Give && one.result == YES;
        let gives: Vec<_> = object.operations.iter_mut().filter(done).collect();
        let give = rng.choice(gives).map(|give| give.result = NO);
        give.is_some()
    });
}
