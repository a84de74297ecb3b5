//! Histories made up, held against every order.

use std::collections::BTreeSet;

use fastrand::Rng;
use loadgen_check::AnomalyKind::{
    BrokenTotal, ConflictingReads, NotLinearizable, Overdraft, Overspending, PhantomRefusal,
    TornRead, WrongBalance,
};
use loadgen_check::history::{Initial, NEVER, NIL, NO, Op, Outcome, YES};
use loadgen_check::{AnomalyKind, Balances, Judgement, Model, Object, Operation, Verdict};

use super::{by_rules, judged};
use crate::generate::{Slot, at_random, back_to_back, closed_loop};
use crate::twin;

/// What is asked of a bank, and how much of it goes wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bank {
    pub(crate) accounts: i64,
    /// At first: at least and at most.
    pub(crate) balance: [i64; 2],
    pub(crate) floor: Option<i64>,
    pub(crate) most: i64,
    pub(crate) reads_percent: u8,
    /// Reads of some accounts only.
    pub(crate) partial_percent: u8,
    pub(crate) lost_percent: u8,
}

/// What a correct bank answers, some of which is lost.
pub(crate) fn correct(rng: &mut Rng, slots: &[Slot], bank: Bank) -> Object {
    let [least, most] = bank.balance;
    let mut held: Vec<i64> = (0..bank.accounts).map(|_| rng.i64(least..=most)).collect();
    let initial = Initial::Balances((0..).zip(held.iter().copied()).collect());
    let mut balances = Balances::default();
    let mut operations = Vec::with_capacity(slots.len());
    for slot in slots {
        let Slot { client, call_ns, return_ns, .. } = *slot;
        let is_lost = rng.u8(0..100) < bank.lost_percent;
        let is_done = !is_lost || rng.bool();
        let (op, arg, new, result) = if rng.u8(0..100) < bank.reads_percent {
            let is_partial = rng.u8(0..100) < bank.partial_percent;
            let mut row: Vec<_> = (0..).zip(held.iter().copied()).collect();
            if is_partial {
                row.retain(|_| rng.bool());
            }
            (Op::Read, NIL, NIL, if is_lost { NIL } else { balances.push(&row) })
        } else {
            let [from, to] = [0; 2].map(|_| rng.i64(0..bank.accounts));
            let amount = rng.i64(1..=bank.most);
            let [giver, taker] = [from, to].map(|account| usize::try_from(account).unwrap());
            let is_there = bank.floor.is_none_or(|floor| held[giver] - amount >= floor);
            if is_done && is_there {
                held[giver] -= amount;
                held[taker] += amount;
            }
            (Op::Move, amount, balances.pair(from, to), if is_there { YES } else { NO })
        };
        let (outcome, result, return_ns) = match is_lost {
            true if !is_done && rng.bool() => (Outcome::Fail, NIL, return_ns),
            true => (Outcome::Unknown, NIL, NEVER),
            false => (Outcome::Ok, result, return_ns),
        };
        operations.push(Operation { call_ns, return_ns, arg, new, result, client, op, outcome });
    }
    Object { key: "bank".to_owned(), initial, operations, balances, ..Object::default() }
}

/// The balances that a read returned.
pub(crate) fn shown(object: &Object, read: usize) -> Vec<(i64, i64)> {
    let row = object.operations[read].row(&object.balances);
    row.into_iter().flat_map(|row| row.of(&object.balances)).collect()
}

/// Some reads show what another did, or a little more or less; some answers are the opposite.
fn spoil(rng: &mut Rng, object: &mut Object) {
    for _ in 0..rng.u8(0..=2) {
        let answered = |at: &usize| object.operations[*at].outcome == Outcome::Ok;
        let Some(at) =
            rng.choice((0..object.operations.len()).filter(answered).collect::<Vec<_>>())
        else {
            return;
        };
        let operation = &object.operations[at];
        object.operations[at].result = match operation.op {
            Op::Move if operation.result == YES => NO,
            Op::Move => YES,
            _ if rng.u8(0..3) == 0 => {
                let is_read = |at: &usize| answered(at) && object.operations[*at].op == Op::Read;
                let reads: Vec<_> = (0..object.operations.len()).filter(is_read).collect();
                object.operations[rng.choice(reads).unwrap()].result
            }
            _ => {
                let mut row = shown(object, at);
                let count = row.len();
                let by = rng.i64(-2..=2);
                if rng.bool() && count > 1 {
                    let [one, other] = [rng.usize(..count), rng.usize(..count)];
                    row[one].1 += by;
                    row[other].1 -= by;
                } else if count > 0 {
                    row[rng.usize(..count)].1 += by;
                }
                object.balances.push(&row)
            }
        };
    }
}

fn made_up(rng: &mut Rng, floor: Option<i64>) -> Object {
    let (count, ticks) = (twin::few(rng), rng.u64(5..=14));
    let slots = if rng.bool() { at_random(rng, count, ticks) } else { back_to_back(rng, count, 3) };
    let bank = Bank {
        accounts: rng.i64(1..=3),
        balance: [0, 4],
        floor,
        most: 3,
        reads_percent: 45,
        partial_percent: 30,
        lost_percent: rng.u8(0..30),
    };
    let mut object = correct(rng, &slots, bank);
    spoil(rng, &mut object);
    rng.shuffle(&mut object.operations);
    object
}

#[test]
fn without_a_floor_the_verdicts_are_those_of_a_search_through_every_order() {
    let make = |rng: &mut Rng| made_up(rng, None);
    let tally =
        twin::compare(Model::Accounts { floor: None }, make, |object| by_rules(object, None));
    assert_eq!(tally.unknown, 0);
    assert!(tally.uncovered <= twin::histories() / 1_000, "{tally:?}");
    assert_eq!(tally.kinds, [BrokenTotal, WrongBalance, TornRead, ConflictingReads].into());
}

#[test]
fn with_a_floor_the_verdicts_are_those_of_a_search_through_every_order() {
    let floor = Some(0);
    let make = |rng: &mut Rng| made_up(rng, floor);
    let tally = twin::compare(Model::Accounts { floor }, make, |object| by_rules(object, floor));
    assert_eq!(tally.unknown, 0);
    assert!(tally.uncovered <= twin::histories() / 10, "{tally:?}");
    let kinds = [BrokenTotal, WrongBalance, TornRead, Overdraft, Overspending, PhantomRefusal];
    assert!(kinds.iter().all(|kind| tally.kinds.contains(kind)), "{tally:?}");
}

#[test]
fn a_search_decides_what_the_rules_do_not() {
    let model = Model::Accounts { floor: Some(0) };
    let make = |rng: &mut Rng| made_up(rng, Some(0));
    let tally = twin::compare(model, make, |object| Some(judged(object, model)));
    assert_eq!((tally.unknown, tally.uncovered), (0, 0));
    assert!(tally.kinds.contains(&NotLinearizable), "{tally:?}");
}

#[test]
fn what_is_wrong_with_long_histories_is_proven() {
    for floor in [None, Some(0)] {
        let make = |rng: &mut Rng| {
            let slots = back_to_back(rng, 200, 8);
            let bank = Bank {
                accounts: 4,
                balance: [0, 60],
                floor,
                most: 30,
                reads_percent: 20,
                partial_percent: 30,
                lost_percent: 1,
            };
            let mut object = correct(rng, &slots, bank);
            (0..20).for_each(|_| spoil(rng, &mut object));
            object
        };
        let judge = |object: &Object| {
            let left = || Judgement::unknown("it is left to a search");
            by_rules(object, floor).unwrap_or_else(left)
        };
        let kinds: BTreeSet<AnomalyKind> = twin::prove(Model::Accounts { floor }, make, judge);
        let expected = [BrokenTotal, TornRead];
        assert!(expected.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    }
}

/// A correct bank under load is valid, and its order found.
#[test]
fn a_bank_that_loses_nothing_is_valid() {
    let (mut count, mut undecided) = (0, Vec::new());
    for (accounts, seed) in [4, 100].into_iter().flat_map(|accounts| [(accounts, 0), (accounts, 1)])
    {
        for (floor, most_at_first) in [(None, 1_000), (Some(0), 1_000), (Some(0), 150)] {
            let mut rng = Rng::with_seed(seed);
            let slots = closed_loop(&mut rng, 4_000, 20);
            let bank = Bank {
                accounts,
                balance: [0, most_at_first],
                floor,
                most: 100,
                reads_percent: 5,
                partial_percent: 10,
                lost_percent: 0,
            };
            let object = correct(&mut rng, &slots, bank);
            let judgement = by_rules(&object, floor).unwrap();
            assert_ne!(judgement.verdict, Verdict::Invalid, "{bank:?} {seed}: {judgement:?}");
            count += 1;
            if judgement.verdict != Verdict::Valid {
                undecided.push((bank, seed, judgement.reason));
            }
        }
    }
    assert!(undecided.len() * 10 <= count, "{undecided:?}");
}
