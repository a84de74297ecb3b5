//! Services that give up linearizability, on purpose or not.

use fastrand::Rng;
use loadgen_check::Consistency::{Eventual, MonotonicReads, ReadYourWrites, Sequential};
use loadgen_check::history::{NIL, Op, Outcome};
use loadgen_check::{Consistency, History, Limits, Model, Object, Operation, Verdict, judge};

use crate::generate::{Slot, closed_loop};
use crate::sample::{self, done, read};

/// What holds of an invalid `object`, and what does not.
#[track_caller]
fn judged(model: Model, object: &Object) -> Vec<(Consistency, bool)> {
    let limits = Limits { certify: false, memory_bytes: 1 << 20, expired: &|| false };
    let judgement = judge(&History { objects: vec![object.clone()] }, model, &limits).remove(0);
    assert_eq!(judgement.verdict, Verdict::Invalid);
    judgement.weaker.iter().map(|one| (one.consistency, one.holds)).collect()
}

/// Clients that add and, at every fourth turn, read what `shown` makes of all that were added so
/// far: how many at each instant. In the end somebody reads the sum.
fn counter(mut shown: impl FnMut(&Slot, &[(u64, i64)]) -> i64) -> Object {
    let slots = closed_loop(&mut Rng::with_seed(1), 4_000, 8);
    let mut sums = vec![(0, 0)];
    let mut operations = Vec::new();
    for (turn, slot) in slots.iter().enumerate() {
        let sum = sums[sums.len() - 1].1;
        let mut operation = done(Op::Add, NIL, slot.call_ns, slot.return_ns);
        if turn % 4 == 0 {
            operation = read(shown(slot, &sums), slot.call_ns, slot.return_ns);
        } else {
            sums.push((slot.effect_ns, sum + 1));
        }
        operations.push(Operation { client: slot.client, ..operation });
    }
    let end_ns = operations.iter().map(|one| one.return_ns).max().unwrap() + 1;
    let last = read(sums[sums.len() - 1].1, end_ns, end_ns + 1);
    operations.push(Operation { client: 8, ..last });
    sample::object(0, &operations)
}

/// The sum at an instant.
fn at(sums: &[(u64, i64)], time_ns: u64) -> i64 {
    sums[sums.partition_point(|(since_ns, _)| *since_ns <= time_ns) - 1].1
}

const CACHED_NS: u64 = 1_000_000;

#[test]
fn behind_one_cache_reads_never_go_back() {
    let object = counter(|slot, sums| at(sums, slot.effect_ns / CACHED_NS * CACHED_NS));
    let expected =
        [(Sequential, false), (ReadYourWrites, false), (MonotonicReads, true), (Eventual, true)];
    assert_eq!(judged(Model::Counter, &object), expected);
}

#[test]
fn behind_two_caches_reads_go_back() {
    let mut turn = 0;
    let object = counter(|slot, sums| {
        turn += 1;
        let offset_ns = if turn % 2 == 0 { CACHED_NS / 2 } else { 0 };
        at(sums, ((slot.effect_ns + offset_ns) / CACHED_NS * CACHED_NS).saturating_sub(offset_ns))
    });
    let expected =
        [(Sequential, false), (ReadYourWrites, false), (MonotonicReads, false), (Eventual, true)];
    assert_eq!(judged(Model::Counter, &object), expected);
}

/// Each alone is in order; but no order of all has each client's first additions first.
#[test]
fn where_each_client_sees_what_it_added_alone_reads_never_go_back() {
    let mut object = counter(|_, _| 0);
    for client in 0..8 {
        let mut own = 0;
        for operation in object.operations.iter_mut().filter(|one| one.client == client) {
            match operation.op {
                Op::Add => own += 1,
                _ => operation.result = own,
            }
        }
    }
    let expected =
        [(Sequential, false), (ReadYourWrites, false), (MonotonicReads, true), (Eventual, true)];
    assert_eq!(judged(Model::Counter, &object), expected);
}

/// Who adds nothing cannot tell an old sum from one that comes before.
#[test]
fn behind_a_reader_who_sees_old_sums_there_is_an_order() {
    let mut object = counter(|slot, sums| at(sums, slot.effect_ns.saturating_sub(CACHED_NS)));
    let mut free_ns = 0;
    object.operations.retain_mut(|one| {
        if one.op == Op::Add {
            return true;
        }
        let fits = one.call_ns > free_ns;
        if fits {
            (one.client, free_ns) = (8, one.return_ns);
        }
        fits
    });
    let expected = [(Sequential, true), (MonotonicReads, true), (Eventual, true)];
    assert_eq!(judged(Model::Counter, &object), expected);
}

/// A counter that loses additions never shows them to anybody: nothing holds, not even what one
/// order or another would explain.
#[test]
fn of_a_counter_that_loses_additions_nothing_holds() {
    let mut object = counter(|slot, sums| at(sums, slot.effect_ns));
    for read in object.operations.iter_mut().filter(|one| one.op == Op::Read) {
        read.result -= read.result / 10;
    }
    let said = judged(Model::Counter, &object);
    let nothing = [Sequential, ReadYourWrites, MonotonicReads, Eventual].map(|one| (one, false));
    assert_eq!(said, nothing);
    // Without reads but the last, nothing else is put to the test.
    object.operations.retain(|one| one.op == Op::Add || one.client == 8);
    assert_eq!(judged(Model::Counter, &object), [(Eventual, false)]);
}

#[test]
fn of_fetch_and_add_with_stale_reads_the_total_holds() {
    let mut object = counter(|slot, sums| at(sums, slot.effect_ns.saturating_sub(CACHED_NS)));
    let mut sum = 0;
    for add in object.operations.iter_mut().filter(|one| one.op == Op::Add) {
        sum += 1;
        add.result = sum;
    }
    let expected =
        [(Sequential, false), (ReadYourWrites, false), (MonotonicReads, true), (Eventual, true)];
    assert_eq!(judged(Model::FetchAndAdd, &object), expected);
}

/// Clients that write and read, each from a copy that has what was written `behind` before.
fn register(behind: impl Fn(&Slot) -> u64) -> Object {
    let slots = closed_loop(&mut Rng::with_seed(2), 4_000, 8);
    let mut values = vec![(0, NIL)];
    let mut operations = Vec::new();
    for (turn, slot) in (0..).zip(&slots) {
        let operation = if turn % 2 == 0 {
            values.push((slot.effect_ns, turn));
            Operation { arg: turn, ..done(Op::Write, NIL, slot.call_ns, slot.return_ns) }
        } else {
            let value = at(&values, slot.effect_ns.saturating_sub(behind(slot)));
            read(value, slot.call_ns, slot.return_ns)
        };
        operations.push(Operation { client: slot.client, ..operation });
    }
    let end_ns = operations.iter().map(|one| one.return_ns).max().unwrap() + 1;
    let last = read(values[values.len() - 1].1, end_ns, end_ns + 1);
    operations.push(Operation { client: 8, ..last });
    Object { operations, ..Object::default() }
}

#[test]
fn a_replica_that_is_behind_has_monotonic_reads() {
    let expected =
        [(Sequential, false), (ReadYourWrites, false), (MonotonicReads, true), (Eventual, true)];
    assert_eq!(judged(Model::Register, &register(|_| CACHED_NS)), expected);
}

#[test]
fn of_two_replicas_in_turn_reads_go_back() {
    let behind = |slot: &Slot| if slot.call_ns.is_multiple_of(2) { CACHED_NS } else { 0 };
    let expected =
        [(Sequential, false), (ReadYourWrites, false), (MonotonicReads, false), (Eventual, true)];
    assert_eq!(judged(Model::Register, &register(behind)), expected);
}

#[test]
fn of_a_register_that_keeps_an_old_value_nothing_holds() {
    let mut object = register(|_| CACHED_NS);
    let last = object.operations.last_mut().unwrap();
    last.result = 2_000;
    let said = judged(Model::Register, &object);
    assert!(said.iter().all(|(_, holds)| !holds), "{said:?}");
    assert_eq!(said.last(), Some(&(Eventual, false)));
}

#[test]
fn examples_are_of_one_client_in_its_order() {
    let of = |client, operation| Operation { client, ..operation };
    let add = |call_ns, return_ns| of(1, done(Op::Add, NIL, call_ns, return_ns));
    let operations = [
        add(0, 10),
        of(1, read(0, 11, 20)),
        of(2, read(1, 12, 20)),
        of(2, read(0, 21, 30)),
        of(3, read(1, 40, 50)),
    ];
    let found = loadgen_check::weaker(&sample::object(0, &operations), Model::Counter);
    let examples: Vec<_> = found.iter().map(|one| (one.consistency, &one.example[..])).collect();
    let expected: [(_, &[u32]); 4] = [
        (Sequential, &[2, 3]),
        (ReadYourWrites, &[0, 1]),
        (MonotonicReads, &[2, 3]),
        (Eventual, &[]),
    ];
    assert_eq!(examples, expected);
}

/// Others may have added as well: more than was asked for proves nothing, and less still does.
#[test]
fn what_others_may_have_done_breaks_nothing() {
    let of = |client, operation| Operation { client, ..operation };
    let operations = [
        done(Op::Add, NIL, 0, 10),
        of(2, read(5, 11, 20)),
        of(2, read(7, 21, 30)),
        of(3, read(6, 40, 50)),
    ];
    let exclusive = sample::object(0, &operations);
    let said = |object: &Object| {
        let found = loadgen_check::weaker(object, Model::Counter);
        found.iter().map(|one| (one.consistency, one.holds)).collect::<Vec<_>>()
    };
    let broken = [(Sequential, false), (MonotonicReads, false), (Eventual, false)];
    assert_eq!(said(&exclusive), broken);
    let mut shared = Object { is_shared: true, ..exclusive };
    assert_eq!(said(&shared), [(Sequential, true), (MonotonicReads, true)]);
    shared.operations[2].result = 4;
    assert_eq!(said(&shared), [(Sequential, false), (MonotonicReads, false)]);
    shared.operations[3].result = 0;
    assert_eq!(said(&shared).last(), Some(&(Eventual, false)));

    let written =
        |value, call_ns| Operation { arg: value, ..done(Op::Write, NIL, call_ns, call_ns + 1) };
    let operations = [written(1, 0), of(2, read(9, 3, 4)), of(2, read(1, 5, 6)), written(2, 8)];
    let mut register = Object { operations: operations.to_vec(), ..Object::default() };
    let first = |object: &Object| loadgen_check::weaker(object, Model::Register)[0].holds;
    assert!(!first(&register));
    register.is_shared = true;
    assert!(first(&register));
}

#[test]
fn refusals_that_may_have_been_applied_count_as_such() {
    let of = |client, operation| Operation { client, ..operation };
    let mut object = sample::object(
        0,
        &[
            done(Op::Add, NIL, 0, 10),
            Operation { outcome: Outcome::Fail, ..done(Op::Add, NIL, 11, 20) },
            of(1, read(0, 21, 30)),
            of(1, read(2, 31, 40)),
        ],
    );
    assert_eq!(judged(Model::Counter, &object).last(), Some(&(Eventual, false)));
    object.assumed = vec![1];
    assert_eq!(judged(Model::Counter, &object).last(), Some(&(Eventual, true)));
}

#[test]
fn of_a_client_that_does_several_things_at_once_no_order_is_known() {
    let operations = [done(Op::Add, NIL, 0, 10), read(0, 11, 20), read(0, 15, 25), read(1, 30, 40)];
    let object = sample::object(0, &operations);
    assert_eq!(judged(Model::Counter, &object), [(Eventual, true)]);
}

#[test]
fn what_the_rules_do_not_cover_is_not_judged() {
    let write = |call_ns| done(Op::Write, NIL, call_ns, call_ns + 5);
    let twice = [write(0), write(10), read(NIL, 20, 30)];
    let object = Object { operations: twice.to_vec(), ..Object::default() };
    assert_eq!(judged(Model::Register, &object), []);
    let by_two = Operation { arg: 2, ..done(Op::Add, NIL, 0, 10) };
    let object = sample::object(0, &[by_two, done(Op::Add, NIL, 0, 10), read(0, 20, 30)]);
    assert_eq!(judged(Model::Counter, &object), []);
    assert_eq!(judged(Model::FetchAndAdd, &object), []);
}
