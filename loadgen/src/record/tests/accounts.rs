//! Moves and balances merge without loss, and come back from files.

use check::history::{NIL, Op, YES};
use check::{Operation, Pool};
use proptest::prelude::*;

use super::*;

/// A move of an amount between accounts, or a read of the balance of each.
#[derive(Debug, Clone)]
enum Asked {
    Move { amount: i64, ends: [u8; 2] },
    Read(Vec<(u8, i64)>),
}

fn asked() -> impl Strategy<Value = Vec<Asked>> {
    let amount = 1..100_i64;
    let a_move = (amount, [0..9_u8, 0..9]).prop_map(|(amount, ends)| Asked::Move { amount, ends });
    let a_read = prop::collection::btree_map(0..9_u8, -5..100_i64, 0..4)
        .prop_map(|row| Asked::Read(row.into_iter().collect()));
    prop::collection::vec(prop_oneof![2 => a_move, 1 => a_read], 0..20)
}

/// Some accounts are called by numbers, and some by texts.
fn account(number: u8, pool: &mut Pool) -> i64 {
    let text = if number < 4 { number.to_string() } else { format!("account {number}") };
    pool.tokens.of(&text)
}

fn operation(asked: &Asked, pool: &mut Pool) -> Operation {
    let (op, arg, new, result) = match asked {
        Asked::Move { amount, ends } => {
            let [from, to] = ends.map(|end| account(end, pool));
            (Op::Move, *amount, pool.balances.pair(from, to), YES)
        }
        Asked::Read(row) => {
            let row: Vec<_> = row.iter().map(|(one, held)| (account(*one, pool), *held)).collect();
            (Op::Read, NIL, NIL, pool.balances.push(&row))
        }
    };
    let (call_ns, return_ns, client, outcome) = (1, 2, 0, Outcome::Ok);
    Operation { call_ns, return_ns, arg, new, result, client, op, outcome }
}

fn record(all: &[Asked], room_for: usize, started: Instant) -> Record {
    let mut record = Record::new(STEPS, Some(room(room_for as u64)), started);
    for one in all {
        record.operations[0].record(None, |pool| operation(one, pool));
    }
    record
}

proptest! {
    #[test]
    fn what_is_moved_and_read_is_kept_once(one in asked(), two in asked()) {
        let started = Instant::now();
        let all = [&one[..], &two].concat();
        let [a, b] = [&one, &two].map(|some| record(some, some.len(), started));
        let of_all = record(&all, all.len(), started);
        prop_assert_eq!(&through_a_file(&a), &a);
        let from_files = merged(through_a_file(&a), through_a_file(&b));
        prop_assert_eq!(&merged(a, b), &of_all);
        prop_assert_eq!(&from_files, &of_all);
    }
}
