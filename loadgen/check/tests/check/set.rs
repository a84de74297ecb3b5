//! Elements that are added, and lists of them.

mod chosen;
mod plain;
mod witnesses;

use std::collections::BTreeSet;

use fastrand::Rng;
use loadgen_check::AnomalyKind::{
    DuplicateElement, FailedWrite, FutureRead, IncomparableLists, MissingElement, OrderViolation,
    Phantom, StaleRead,
};
use loadgen_check::history::{Initial, NEVER, NIL, Op, Outcome};
use loadgen_check::models::set::{self, Elements};
use loadgen_check::{
    Anomaly, History, Judgement, Limits, Lists, Model, Object, Operation, certificate, verify,
};

use crate::generate::{self, Faults, Slot, at_random, closed_loop};
use crate::sample::{anomaly, done, read};
use crate::twin;

/// The verdict on what the rule covers, with every anomaly by its name.
fn judge(object: &Object) -> Option<Judgement> {
    set::judge(object.initial_elements(), &object.lists, &object.operations, true)?;
    let expired = || panic!("no search is needed");
    let limits = Limits { certify: true, memory_bytes: 1 << 20, expired: &expired };
    let history = History { objects: vec![object.clone()] };
    Some(loadgen_check::judge(&history, Model::Set, &limits).remove(0))
}

/// Additions of what `ask` says, and lists where it says nothing.
fn grown(
    rng: &mut Rng,
    initial: &[i64],
    slots: &[Slot],
    faults: Faults,
    mut ask: impl FnMut(&mut Rng) -> Option<i64>,
) -> Object {
    let ask =
        |rng: &mut Rng| ask(rng).map_or((Op::Read, NIL, NIL), |element| (Op::Add, element, NIL));
    let answer = |state: &BTreeSet<i64>, operation: &Operation, lists: &mut Lists| {
        if operation.op == Op::Add {
            return NIL;
        }
        let list: Vec<_> = state.iter().copied().collect();
        lists.push(&list)
    };
    generate::object(
        rng,
        &Elements { initial, lists: &Lists::default() },
        slots,
        faults,
        ask,
        answer,
    )
}

/// Additions, some of the same element, and lists, some of which are not what they should be.
fn made_up(rng: &mut Rng) -> Object {
    let (operations, ticks) = (twin::few(rng), rng.u64(8..=20));
    let mut slots = at_random(rng, operations, ticks);
    let shorter = rng.u64(1..=4);
    for Slot { call_ns, effect_ns, return_ns, .. } in &mut slots {
        *call_ns = *effect_ns - (*effect_ns - *call_ns) / shorter;
        *return_ns = *effect_ns + (*return_ns - *effect_ns) / shorter;
    }
    let faults = Faults { unknown: rng.u8(0..40), fail: rng.u8(0..10) };
    // Near each other or not: the two are looked up differently.
    let scale = *rng.choice(&[1, 1_i64 << 33, -(1 << 60)]).unwrap();
    let elements = rng.i64(2..=7);
    let initial: Vec<_> = (0..rng.usize(0..=2)).map(|_| scale * rng.i64(0..elements)).collect();
    let reads = rng.u8(30..70);
    let ask = |rng: &mut Rng| (rng.u8(0..100) >= reads).then(|| scale * rng.i64(0..elements));
    let mut object = grown(rng, &initial, &slots, faults, ask);
    object.initial = Initial::Elements(initial);
    // While an addition takes its time lists differ, and a list that does misses some of them.
    let slow = if rng.bool() { Op::Add } else { Op::Read };
    for operation in object.operations.iter_mut().filter(|operation| operation.op == slow) {
        operation.call_ns = operation.call_ns.saturating_sub(rng.u64(0..=ticks));
        operation.return_ns = operation.return_ns.saturating_add(rng.u64(0..=ticks));
    }
    let added: Vec<_> = object.operations.iter().map(|operation| operation.arg).collect();
    generate::relist(&mut object, |lists| {
        for _ in 0..rng.u8(0..=4) {
            if let Some(list) = rng.choice(&mut *lists) {
                perturb(rng, list, &added);
            }
        }
        for list in lists {
            rng.shuffle(list);
        }
    });
    if rng.u8(0..10) == 0 {
        twin::perturb(rng, &mut object.operations);
    }
    rng.shuffle(&mut object.operations);
    object
}

/// Takes an element out of a list, or puts one in, most often one that somebody `added`.
fn perturb(rng: &mut Rng, list: &mut Vec<i64>, added: &[i64]) {
    let wrong = match rng.u8(0..100) {
        0..3 => rng.choice(list.clone()),
        3..6 => Some(rng.i64(-1..9)),
        6..50 => {
            rng.choice(added).copied().filter(|element| *element != NIL && !list.contains(element))
        }
        _ if list.is_empty() => None,
        _ => {
            list.swap_remove(rng.usize(0..list.len()));
            None
        }
    };
    list.extend(wrong);
}

#[test]
fn the_verdicts_are_those_of_a_search_through_every_order() {
    let tally = twin::compare(Model::Set, made_up, judge);
    assert_eq!((tally.unknown, tally.uncovered), (0, 0));
    let kinds = [
        Phantom,
        FailedWrite,
        StaleRead,
        FutureRead,
        MissingElement,
        DuplicateElement,
        IncomparableLists,
        OrderViolation,
    ];
    assert_eq!(tally.kinds, kinds.into());
}

fn add(element: i64, call_ns: u64, return_ns: u64) -> Operation {
    let outcome = if return_ns == NEVER { Outcome::Unknown } else { Outcome::Ok };
    Operation { arg: element, outcome, ..done(Op::Add, NIL, call_ns, return_ns) }
}

/// With these elements at first. A read's result is the index of its list.
fn of(initial: &[i64], lists: &[&[i64]], operations: &[Operation]) -> Object {
    Object {
        key: "all".to_owned(),
        initial: Initial::Elements(initial.to_vec()),
        operations: operations.to_vec(),
        lists: lists.iter().collect(),
        ..Object::default()
    }
}

/// The anomalies, of which each is proved.
fn anomalies(object: &Object) -> Vec<Anomaly> {
    let anomalies = judge(object).unwrap().anomalies;
    assert!(anomalies.iter().all(|a| verify(object, Model::Set, a)), "{anomalies:?}");
    anomalies
}

fn order(object: &Object) -> Option<Vec<u32>> {
    let judgement = judge(object).unwrap();
    let specification = Elements { initial: object.initial_elements(), lists: &object.lists };
    let order = judgement.order.as_ref()?;
    certificate::replay(&specification, &object.operations, order).unwrap();
    judgement.order
}

#[test]
fn an_element_that_nobody_added_is_a_phantom() {
    let failed = Operation { outcome: Outcome::Fail, ..add(2, 0, 5) };
    let operations = [add(1, 0, 5), failed, read(1, 10, 30), read(0, 10, 20), read(0, 40, 50)];
    let object = of(&[], &[&[1, 8, 2], &[7, 1, 8]], &operations);
    let expected = [anomaly(Phantom, &[20, 30], &[3]), anomaly(FailedWrite, &[20], &[1, 3])];
    assert_eq!(anomalies(&object), expected);
    for (witness, is_proof) in [(&[1, 3], true), (&[1, 2], false), (&[0, 3], false)] {
        let proof = anomaly(FailedWrite, &[30], witness);
        assert_eq!(verify(&object, Model::Set, &proof), is_proof, "{witness:?}");
    }
    // An addition of what nobody knows may have added it.
    let mut unnamed = object;
    let unknown = Operation { outcome: Outcome::Unknown, ..add(NIL, 0, NEVER) };
    unnamed.operations.push(unknown);
    assert_eq!(anomalies(&unnamed), [anomaly(Phantom, &[20, 20, 30], &[3])]);
    assert!(!verify(&unnamed, Model::Set, &anomaly(FailedWrite, &[20], &[1, 3])));
}

#[test]
fn an_element_twice_in_a_list_is_a_duplicate() {
    let operations = [add(1, 0, 5), read(0, 10, 30), read(1, 20, 25), read(0, 30, 40)];
    let object = of(&[4], &[&[1, 4, 1, 4, 1], &[1, 1, 4]], &operations);
    assert_eq!(anomalies(&object), [anomaly(DuplicateElement, &[25, 30], &[2])]);
}

#[test]
fn an_element_that_nobody_added_may_be_a_duplicate_as_well() {
    let object = of(&[], &[&[7, 7]], &[read(0, 0, 5)]);
    let expected = [anomaly(Phantom, &[5], &[0]), anomaly(DuplicateElement, &[5], &[0])];
    assert_eq!(anomalies(&object), expected);
}

#[test]
fn an_element_in_a_list_that_was_over_before_its_first_addition_is_of_the_future() {
    let again = [add(1, 20, 30), add(1, 11, NEVER), read(0, 0, 10), read(0, 12, 15)];
    let object = of(&[], &[&[1]], &again);
    assert_eq!(anomalies(&object), [anomaly(FutureRead, &[10], &[1, 2])]);
    let touching = of(&[], &[&[1]], &[add(1, 10, 30), read(0, 0, 10)]);
    assert_eq!(order(&touching), Some(vec![0, 1]));
}

#[test]
fn an_acknowledged_element_that_a_later_list_lacks_is_missing() {
    let operations = [
        add(1, 0, 10),
        add(1, 2, 8),
        read(0, 8, 20),
        read(0, 9, 30),
        read(0, 10, 25),
        add(2, 0, 10),
        read(1, 40, 50),
    ];
    let object = of(&[], &[&[2], &[2, 1]], &operations);
    assert_eq!(anomalies(&object), [anomaly(MissingElement, &[30], &[1, 3])]);
}

#[test]
fn an_element_of_the_first_may_be_missing() {
    let object = of(&[5], &[&[], &[5]], &[read(1, 0, 10), read(0, 0, 10), add(5, 0, 1)]);
    assert_eq!(anomalies(&object), [anomaly(MissingElement, &[10], &[1])]);
}

#[test]
fn an_element_that_a_list_showed_and_a_later_one_lacks_makes_a_stale_read() {
    let operations =
        [add(1, 0, 90), add(2, 0, NEVER), read(0, 5, 15), read(0, 5, 10), read(1, 11, 20)];
    let object = of(&[], &[&[2, 1], &[]], &operations);
    assert_eq!(anomalies(&object), [anomaly(StaleRead, &[20, 20], &[3, 4])]);
    let mut touching = object.clone();
    touching.operations[4].call_ns = 10;
    assert!(order(&touching).is_some());
}

#[test]
fn lists_that_do_not_hold_each_other_are_incomparable() {
    let operations = [
        add(1, 0, 90),
        add(2, 0, 90),
        add(3, 0, NEVER),
        read(0, 5, 15),
        read(1, 5, 16),
        read(1, 5, 17),
        read(2, 5, 18),
        read(3, 5, 19),
    ];
    let object = of(&[], &[&[1], &[2], &[1, 3], &[3, 2]], &operations);
    assert_eq!(anomalies(&object), [anomaly(IncomparableLists, &[16, 18], &[3, 4])]);
}

#[test]
fn a_list_with_what_was_added_after_something_that_it_lacks_violates_the_order() {
    let operations = [add(1, 0, 10), add(2, 11, 20), read(0, 5, 30)];
    let object = of(&[], &[&[2]], &operations);
    assert_eq!(anomalies(&object), [anomaly(OrderViolation, &[30], &[0, 1, 2])]);
    let mut touching = object.clone();
    touching.operations[1].call_ns = 10;
    assert_eq!(order(&touching), Some(vec![1, 2, 0]));
}

/// Several are lacking; what a list holds from the beginning, and unknown additions, are not.
#[test]
fn every_element_out_of_order_is_counted() {
    let operations = [
        add(1, 0, 10),
        add(2, 0, 10),
        add(3, 0, 10),
        add(4, 0, NEVER),
        add(5, 11, 20),
        read(0, 5, 30),
        read(1, 5, 40),
    ];
    let object = of(&[6], &[&[6, 5], &[1, 5, 6]], &operations);
    assert_eq!(anomalies(&object), [anomaly(OrderViolation, &[30, 30, 30], &[0, 4, 5])]);
}

#[test]
fn one_missing_element_among_many_is_found() {
    for scale in [1, 1 << 40] {
        let rng = &mut Rng::with_seed(1);
        let slots = closed_loop(rng, 3_000, 64);
        let mut added = 0;
        let ask = |rng: &mut Rng| {
            added += scale;
            (rng.u8(0..100) >= 5).then_some(added)
        };
        let mut object = grown(rng, &[], &slots, Faults { unknown: 5, fail: 5 }, ask);
        assert!(order(&object).is_some());

        let first = generate::relist(&mut object, |lists| {
            let first = lists[0][0];
            lists.last_mut().unwrap().retain(|element| *element != first);
            first
        });
        let last_index = i64::try_from(object.lists.len() - 1).unwrap();
        let found = anomalies(&object);
        assert_eq!((found.len(), found[0].kind, found[0].count), (1, MissingElement, 1));
        let [add, read] = [0, 1].map(|nth| object.operations[found[0].witness[nth] as usize]);
        assert_eq!((add.arg, read.result), (first, last_index));
    }
}

#[test]
fn an_unknown_addition_happened_if_a_list_shows_it() {
    let operations = [add(1, 0, NEVER), read(0, 5, 10), add(2, 0, NEVER)];
    assert_eq!(order(&of(&[], &[&[1]], &operations)), Some(vec![0, 1]));
}

#[test]
fn what_changes_nothing_is_put_where_it_may_have_happened() {
    let lost = Operation { result: NIL, ..read(0, 41, 50) };
    let beyond = Operation { result: 7, ..lost };
    let operations = [
        lost,
        add(1, 31, 40),
        add(1, 0, NEVER),
        read(0, 10, 20),
        beyond,
        add(9, 15, 17),
        read(1, 20, 30),
        add(1, 0, 100),
        add(9, 0, NEVER),
    ];
    let object = of(&[9], &[&[9], &[1, 9]], &operations);
    assert_eq!(order(&object), Some(vec![3, 2, 7, 5, 6, 1, 0, 4]));
}

#[test]
fn a_history_without_lists_or_additions_is_valid() {
    assert_eq!(order(&of(&[], &[], &[])), Some(vec![]));
    assert_eq!(order(&of(&[], &[&[]], &[read(0, 0, 1)])), Some(vec![0]));
    assert_eq!(order(&of(&[3], &[&[3]], &[read(0, 0, 1)])), Some(vec![0]));
    assert_eq!(order(&of(&[], &[], &[add(1, 5, 6), add(2, 0, 1)])), Some(vec![1, 0]));
}

#[test]
fn any_number_may_be_an_element() {
    let elements = [i64::MIN + 1, i64::MAX, 0, -1, 1 << 62, 7];
    let mut operations = elements.map(|element| add(element, 0, 10)).to_vec();
    operations.push(read(0, 20, 30));
    assert!(order(&of(&[], &[&elements], &operations)).is_some());
    let object = of(&[], &[&elements[..5]], &operations);
    assert_eq!(anomalies(&object), [anomaly(MissingElement, &[30], &[5, 6])]);
    let object = of(&[], &[&[&elements[..], &[i64::MIN + 2]].concat()], &operations);
    assert_eq!(anomalies(&object), [anomaly(Phantom, &[30], &[6])]);
}

#[test]
fn no_order_is_made_where_none_is_asked_for() {
    let judgement = set::judge(&[], &Lists::default(), &[add(1, 0, 10)], false).unwrap();
    assert_eq!(judgement, Judgement::valid(None));
}

#[test]
fn what_the_rule_does_not_cover_is_left_to_the_search() {
    let write = Operation { op: Op::Write, ..add(1, 0, 10) };
    let failed = Operation { outcome: Outcome::Fail, ..write };
    assert_eq!(set::judge(&[], &Lists::default(), &[write], false), None);
    assert_eq!(set::judge(&[], &Lists::default(), &[add(1, 10, 5)], false), None);
    assert!(set::judge(&[], &Lists::default(), &[failed], false).is_some());
}
