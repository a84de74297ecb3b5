//! The rule on lists as they are kept, against a search on lists that were never kept that way.

use std::collections::BTreeSet;

use fastrand::Rng;
use loadgen_check::history::{NIL, Op, Outcome};
use loadgen_check::{Object, Operation, Specification, Verdict, certificate};

use super::{judge, made_up};
use crate::generate::lists_of;
use crate::{brute, twin};

/// A set whose reads return the lists that it was given.
struct Plain<'h> {
    initial: &'h [i64],
    lists: &'h [Vec<i64>],
}

impl Specification for Plain<'_> {
    type State = BTreeSet<i64>;

    fn initial(&self) -> BTreeSet<i64> {
        self.initial.iter().copied().collect()
    }

    fn step(&self, elements: &BTreeSet<i64>, operation: &Operation) -> Option<BTreeSet<i64>> {
        let mut after = elements.clone();
        let list = usize::try_from(operation.result).ok().and_then(|index| self.lists.get(index));
        match (operation.op, list) {
            (Op::Read, Some(list)) if operation.outcome == Outcome::Ok => {
                let mut list = list.clone();
                list.sort_unstable();
                elements.iter().eq(&list).then_some(after)
            }
            (Op::Add, _) if operation.arg != NIL => {
                after.insert(operation.arg);
                Some(after)
            }
            _ => Some(after),
        }
    }
}

/// A history, and its lists before they were made compact: whole, with elements in any order, some
/// several times, and some that take more than one byte to tell apart.
fn with_plain_lists(rng: &mut Rng) -> (Object, Vec<Vec<i64>>) {
    let mut object = made_up(rng);
    let mut lists = lists_of(&object);
    if rng.u8(0..4) == 0 {
        // Elements that no list of an operation has come first, so that numbers are large.
        lists.push((0..rng.i64(100..400)).map(|nth| (1 << 40) + nth).collect());
        lists.rotate_right(1);
        for read in object.operations.iter_mut().filter(|one| one.op == Op::Read) {
            read.result += i64::from(read.result != NIL);
        }
    }
    object.lists = lists.iter().collect();
    (object, lists)
}

#[test]
fn compact_lists_say_what_plain_ones_say() {
    let (mut valid, mut invalid) = (0, 0);
    for seed in 0..twin::histories() {
        let (object, lists) = with_plain_lists(&mut Rng::with_seed(seed));
        let plain = Plain { initial: object.initial_elements(), lists: &lists };
        let judgement = judge(&object).unwrap();
        let has_order = brute::is_linearizable(&plain, &object.operations);
        let said = (judgement.verdict, has_order);
        assert!(
            matches!(said, (Verdict::Valid, true) | (Verdict::Invalid, false)),
            "seed {seed}: {said:?}, lists {lists:?}\n{object:#?}"
        );
        if let Some(order) = &judgement.order {
            certificate::replay(&plain, &object.operations, order).unwrap();
        }
        if has_order { valid += 1 } else { invalid += 1 }
    }
    assert!(5 * valid > invalid && 5 * invalid > valid, "{valid} valid, {invalid} invalid");
}
