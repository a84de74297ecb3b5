//! Banks in which one thing is made wrong.

use fastrand::Rng;
use loadgen_check::AnomalyKind::{
    BrokenTotal, ConflictingReads, Overdraft, Overspending, PhantomRefusal, TornRead, WrongBalance,
};
use loadgen_check::history::{NO, Op};
use loadgen_check::{AnomalyKind, Model, Object, Operation};

use super::histories::OPERATIONS;
use super::{Plant, found, pick};
use crate::accounts::made_up::{Bank, correct, shown};
use crate::generate::closed_loop;

const MODEL: Model = Model::Accounts { floor: Some(0) };

/// Nobody is refused anything, and everything was answered.
pub(super) fn bank(rng: &mut Rng) -> Object {
    let slots = closed_loop(rng, OPERATIONS, 6);
    let bank = Bank {
        accounts: 4,
        balance: [1_000_000_000, 2_000_000_000],
        floor: Some(0),
        most: 1_000_000,
        reads_percent: 25,
        partial_percent: 0,
        lost_percent: 0,
    };
    correct(rng, &slots, bank)
}

#[track_caller]
fn planted(kind: AnomalyKind, plant: Plant) {
    found(MODEL, kind, bank, plant);
}

/// A read, so many of whose balances are others.
fn change(object: &mut Object, read: usize, by: &[(usize, i64)]) {
    let mut row = shown(object, read);
    for (account, by) in by {
        row[*account].1 += by;
    }
    object.operations[read].result = object.balances.push(&row);
}

/// The accounts of a move, as the places in a row that has all.
fn ends(object: &Object, operation: &Operation) -> Option<[usize; 2]> {
    let ends = object.balances.between(operation)?;
    let account = |number| usize::try_from(object.balances.account(number)).unwrap();
    Some(ends.map(account)).filter(|[from, to]| from != to)
}

/// A read, and a move that comes before it and ends later, as it is wanted: operations are in the order
/// of effects.
fn read_within_move(
    rng: &mut Rng,
    object: &Object,
    is_wanted: impl Fn(usize, usize) -> bool,
) -> Option<(usize, usize)> {
    let operations = &object.operations;
    let reads = (0..operations.len()).filter(|at| operations[*at].op == Op::Read);
    let pairs = reads.flat_map(|read| (0..read).map(move |one| (read, one)));
    let fitting = pairs.filter(|(read, one)| {
        let is_open = operations[*one].return_ns >= operations[*read].return_ns;
        is_open && ends(object, &operations[*one]).is_some() && is_wanted(*read, *one)
    });
    rng.choice(fitting.collect::<Vec<_>>())
}

#[test]
fn money_that_appears_breaks_the_total() {
    planted(BrokenTotal, |rng, object| {
        let Some(read) = pick(rng, object, |one| one.op == Op::Read) else { return false };
        change(object, read, &[(rng.usize(0..4), 10_000_000_000)]);
        true
    });
}

#[test]
fn a_balance_that_never_was_is_wrong() {
    planted(WrongBalance, |rng, object| {
        let Some(read) = pick(rng, object, |one| one.op == Op::Read) else { return false };
        change(object, read, &[(0, 10_000_000_000), (rng.usize(1..4), -10_000_000_000)]);
        true
    });
}

#[test]
fn a_read_that_shows_the_half_of_a_move_is_torn() {
    planted(TornRead, |rng, object| {
        let Some((read, one)) = read_within_move(rng, object, |_, _| true) else { return false };
        let one = object.operations[one];
        let Some([_, to]) = ends(object, &one) else { return false };
        change(object, read, &[(to, -one.arg)]);
        true
    });
}

/// A read does not show a move that another, which was over before it, has shown.
#[test]
fn a_move_that_is_gone_again_makes_reads_contradict_each_other() {
    planted(ConflictingReads, |rng, object| {
        let was_shown = |read: usize, one: usize| {
            let later = &object.operations[read];
            let has_shown = |other: &Operation| other.op == Op::Read && other.precedes(later);
            object.operations[one..].iter().any(has_shown)
        };
        let Some((read, one)) = read_within_move(rng, object, was_shown) else { return false };
        let moved = object.operations[one];
        let Some([from, to]) = ends(object, &moved) else { return false };
        change(object, read, &[(from, moved.arg), (to, -moved.arg)]);
        true
    });
}

#[test]
fn less_than_the_floor_is_an_overdraft() {
    planted(Overdraft, |rng, object| {
        let Some(read) = pick(rng, object, |one| one.op == Op::Read) else { return false };
        change(object, read, &[(rng.usize(0..4), -10_000_000_000)]);
        true
    });
}

#[test]
fn more_than_there_is_is_overspent() {
    planted(Overspending, |rng, object| {
        let Some(one) = pick(rng, object, |one| one.op == Op::Move) else { return false };
        object.operations[one].arg += 10_000_000_000;
        ends(object, &object.operations[one]).is_some()
    });
}

#[test]
fn what_is_there_and_refused_is_a_phantom_refusal() {
    planted(PhantomRefusal, |rng, object| {
        let Some(one) = pick(rng, object, |one| one.op == Op::Move) else { return false };
        object.operations[one].result = NO;
        true
    });
}
