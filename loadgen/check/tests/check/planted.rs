//! Valid histories in which one thing was made wrong: it is found, by its name.

mod accounts;
mod amounts;
mod dispense;
mod histories;
mod lock;
mod once;
mod queue;
mod unique;
mod versioned;

use fastrand::Rng;
use loadgen_check::history::{NIL, NO, Op, Outcome, YES};
use loadgen_check::{
    AnomalyKind, History, Limits, Model, Object, Operation, Verdict, judge, verify,
};

use crate::generate::{closed_loop, relist};
use histories::{
    append, counter, desk, desk_with_unknowns, listed, register, set, set_in, tickets,
};

/// Makes a valid history.
type Make = fn(&mut Rng) -> Object;

/// Makes something wrong; false where this history has no place for it.
type Plant = fn(&mut Rng, &mut Object) -> bool;

/// How many histories are judged for each kind; `CHECK_PLANTED` says otherwise.
const HISTORIES: u64 = 10_000;

const LIMITS: Limits<'_> =
    Limits { certify: false, memory_bytes: 1 << 20, expired: &|| panic!("no search is needed") };

/// Where reads leave a choice, the rules try what they saw.
const PATIENT: Limits<'_> = Limits { expired: &|| false, ..LIMITS };

fn limits(model: Model) -> Limits<'static> {
    if matches!(model, Model::Accounts { .. }) { PATIENT } else { LIMITS }
}

/// Plants into histories of `make` until so many were judged; each is valid before, and afterwards
/// invalid in a way called `kind`, with a witness that proves it.
#[track_caller]
fn found(model: Model, kind: AnomalyKind, make: Make, plant: Plant) {
    let histories = std::env::var("CHECK_PLANTED").map_or(HISTORIES, |n| n.parse().unwrap());
    let mut planted = 0;
    for seed in 0.. {
        let mut rng = Rng::with_seed(seed);
        let mut object = make(&mut rng);
        if !plant(&mut rng, &mut object) {
            assert!(seed < 100 + histories * 10, "{kind:?}: hardly any history has a place for it");
            continue;
        }
        let history = History { objects: vec![object] };
        let judgement = judge(&history, model, &limits(model)).remove(0);
        let object = &history.objects[0];
        let anomaly = judgement.anomalies.iter().find(|anomaly| anomaly.kind == kind);
        let anomaly = anomaly.unwrap_or_else(|| panic!("seed {seed}: no {kind:?}: {judgement:#?}"));
        assert_eq!(judgement.verdict, Verdict::Invalid, "seed {seed}");
        for anomaly in &judgement.anomalies {
            assert!(verify(object, model, anomaly), "seed {seed}: {anomaly:?}");
        }
        assert_eq!(anomaly.count, anomaly.times_ns.len() as u64, "seed {seed}: {anomaly:?}");
        planted += 1;
        if planted == histories {
            return;
        }
    }
}

#[test]
fn without_anything_planted_all_are_valid() {
    let models: [(Model, Make); 13] = [
        (Model::Counter, counter),
        (Model::FetchAndAdd, tickets),
        (Model::Register, register),
        (Model::Bounded { capacity: Some(30) }, desk),
        (Model::Set, set),
        (Model::Unique, unique::numbers),
        (Model::Once, once::key),
        (Model::Dispense, dispense::queue),
        (Model::Versioned, versioned::document),
        (Model::Queue, queue::jobs),
        (amounts::MODEL, amounts::stock),
        (Model::Lock, lock::lock),
        (Model::Accounts { floor: Some(0) }, accounts::bank),
    ];
    for (model, make) in models {
        for seed in 0..2_000 {
            let history = History { objects: vec![make(&mut Rng::with_seed(seed))] };
            let judgement = judge(&history, model, &limits(model)).remove(0);
            assert_eq!(judgement.verdict, Verdict::Valid, "{model}, seed {seed}: {judgement:?}");
        }
    }
}

/// Any of the acknowledged operations called `op`.
fn any(rng: &mut Rng, object: &Object, op: Op) -> Option<usize> {
    pick(rng, object, |operation| operation.op == op)
}

fn pick(rng: &mut Rng, object: &Object, fits: impl Fn(&Operation) -> bool) -> Option<usize> {
    let operations = object.operations.iter().enumerate();
    let fitting: Vec<_> = operations
        .filter(|(_, operation)| operation.outcome == Outcome::Ok && fits(operation))
        .map(|(index, _)| index)
        .collect();
    (!fitting.is_empty()).then(|| fitting[rng.usize(0..fitting.len())])
}

/// Adds `by` to the results of every operation from `first` on, which are in the order of their
/// effects.
fn shift(object: &mut Object, first: usize, by: i64) {
    for operation in &mut object.operations[first..] {
        if operation.outcome == Outcome::Ok && operation.result != NIL {
            operation.result += by;
        }
    }
}

/// Two acknowledged operations, the first over before the second begins.
fn one_after_the_other(
    rng: &mut Rng,
    object: &Object,
    first: Op,
    second: Op,
) -> Option<(usize, usize)> {
    let one = any(rng, object, first)?;
    let over = object.operations[one];
    let two = pick(rng, object, |other| other.op == second && over.precedes(other))?;
    Some((one, two))
}

#[test]
fn a_lost_ticket_is_a_duplicate_value() {
    found(Model::FetchAndAdd, AnomalyKind::DuplicateValue, tickets, |rng, object| {
        let Some(index) = any(rng, object, Op::Add) else { return false };
        shift(object, index, -1);
        // Without one before it, its value is the initial one.
        object.operations[..index].iter().any(|o| o.op == Op::Add && o.outcome == Outcome::Ok)
    });
}

#[test]
fn a_ticket_too_many_is_a_skipped_value() {
    found(Model::FetchAndAdd, AnomalyKind::SkippedValue, tickets, |rng, object| {
        any(rng, object, Op::Add).is_some_and(|index| {
            shift(object, index, 1);
            true
        })
    });
}

#[test]
fn tickets_that_were_exchanged_are_out_of_order() {
    found(Model::FetchAndAdd, AnomalyKind::OrderViolation, tickets, |rng, object| {
        let Some((one, two)) = one_after_the_other(rng, object, Op::Add, Op::Add) else {
            return false;
        };
        let results = [one, two].map(|index| object.operations[index].result);
        object.operations[one].result = results[1];
        object.operations[two].result = results[0];
        true
    });
}

#[test]
fn a_number_that_was_passed_already_is_stale() {
    found(Model::FetchAndAdd, AnomalyKind::StaleRead, tickets, |rng, object| {
        one_after_the_other(rng, object, Op::Add, Op::Read).is_some_and(|(add, read)| {
            object.operations[read].result = object.operations[add].result - 1;
            true
        })
    });
}

#[test]
fn a_number_that_is_yet_to_come_is_of_the_future() {
    found(Model::FetchAndAdd, AnomalyKind::FutureRead, tickets, |rng, object| {
        one_after_the_other(rng, object, Op::Read, Op::Add).is_some_and(|(read, add)| {
            object.operations[read].result = object.operations[add].result;
            true
        })
    });
}

/// How many additions were acknowledged before the read `index` began.
fn counted_before(object: &Object, index: usize) -> i64 {
    let read = object.operations[index];
    let adds = object.operations.iter().filter(|o| o.op == Op::Add && o.precedes(&read));
    adds.count().try_into().unwrap()
}

#[test]
fn a_sum_that_is_behind_for_once_is_stale() {
    found(Model::Counter, AnomalyKind::StaleRead, counter, |rng, object| {
        let last = object.operations.len() - 1;
        let Some(read) = any(rng, object, Op::Read).filter(|read| *read != last) else {
            return false;
        };
        let before = counted_before(object, read);
        object.operations[read].result = before - 1;
        before > 0
    });
}

#[test]
fn a_sum_that_stays_behind_has_lost_an_update() {
    found(Model::Counter, AnomalyKind::LostUpdate, counter, |rng, object| {
        let index = rng.usize(0..object.operations.len());
        let reads = object.operations[index..].iter().filter(|operation| operation.op == Op::Read);
        let positive = reads.into_iter().all(|operation| operation.result > 0);
        shift(object, index, -1);
        positive
    });
}

#[test]
fn a_sum_that_is_ahead_has_a_phantom() {
    found(Model::Counter, AnomalyKind::Phantom, counter, |rng, object| {
        let index = rng.usize(0..object.operations.len());
        shift(object, index, 1);
        true
    });
}

const DESK: Model = Model::Bounded { capacity: Some(30) };

fn answered(rng: &mut Rng, object: &Object, result: i64) -> Option<usize> {
    pick(rng, object, |operation| operation.result == result)
}

#[test]
fn a_seat_that_was_not_there_is_an_oversell() {
    found(DESK, AnomalyKind::Oversell, desk, |rng, object| {
        answered(rng, object, NO).is_some_and(|index| {
            object.operations[index].result = YES;
            true
        })
    });
}

#[test]
fn a_seat_that_was_left_is_a_phantom_sold_out() {
    found(DESK, AnomalyKind::PhantomSoldOut, desk, |rng, object| {
        answered(rng, object, YES).is_some_and(|index| {
            object.operations[index].result = NO;
            true
        })
    });
}

/// A seat that is left for it, since nobody is known to have it.
#[test]
fn a_seat_after_the_last_is_a_late_sale() {
    found(DESK, AnomalyKind::LateSale, desk_with_unknowns, |rng, object| {
        let sold = object.operations.iter().filter(|operation| operation.result == YES).count();
        let Some(first) = answered(rng, object, NO).filter(|_| sold < 30) else { return false };
        let over = object.operations[first];
        let second = pick(rng, object, |other| other.result == NO && over.precedes(other));
        second.is_some_and(|second| {
            object.operations[second].result = YES;
            true
        })
    });
}

#[test]
fn a_value_that_nobody_wrote_is_a_phantom() {
    found(Model::Register, AnomalyKind::Phantom, register, |rng, object| {
        any(rng, object, Op::Read).is_some_and(|read| {
            object.operations[read].result = 7;
            true
        })
    });
}

#[test]
fn a_value_that_is_yet_to_be_written_is_of_the_future() {
    found(Model::Register, AnomalyKind::FutureRead, register, |rng, object| {
        one_after_the_other(rng, object, Op::Read, Op::Write).is_some_and(|(read, write)| {
            object.operations[read].result = object.operations[write].arg;
            true
        })
    });
}

#[test]
fn a_value_that_was_overwritten_is_stale() {
    found(Model::Register, AnomalyKind::StaleRead, register, |rng, object| {
        let Some((one, two)) = one_after_the_other(rng, object, Op::Write, Op::Write) else {
            return false;
        };
        let over = object.operations[two];
        let read = pick(rng, object, |other| other.op == Op::Read && over.precedes(other));
        read.is_some_and(|read| {
            object.operations[read].result = object.operations[one].arg;
            true
        })
    });
}

/// The elements that the read `index` returned.
fn list(object: &Object, index: usize) -> Vec<i64> {
    object.operations[index].list(&object.lists).unwrap().elements().collect()
}

/// Makes the read `index` return something else.
fn change_list(object: &mut Object, index: usize, change: impl FnOnce(&mut Vec<i64>)) {
    let list = usize::try_from(object.operations[index].result).unwrap();
    relist(object, |lists| change(&mut lists[list]));
}

#[test]
fn an_element_that_was_there_is_missing() {
    found(Model::Set, AnomalyKind::MissingElement, set, |rng, object| {
        one_after_the_other(rng, object, Op::Add, Op::Read).is_some_and(|(add, read)| {
            let element = object.operations[add].arg;
            change_list(object, read, |list| list.retain(|other| *other != element));
            true
        })
    });
}

#[test]
fn an_element_that_nobody_added_is_a_phantom() {
    found(Model::Set, AnomalyKind::Phantom, set, |rng, object| {
        any(rng, object, Op::Read).is_some_and(|read| {
            change_list(object, read, |list| list.push(7));
            true
        })
    });
}

#[test]
fn an_element_that_is_listed_twice_is_a_duplicate() {
    found(Model::Set, AnomalyKind::DuplicateElement, set, |rng, object| {
        any(rng, object, Op::Read).is_some_and(|read| {
            change_list(object, read, |list| list.extend(list.first().copied()));
            !list(object, read).is_empty()
        })
    });
}

#[test]
fn an_element_that_is_yet_to_be_added_is_of_the_future() {
    found(Model::Set, AnomalyKind::FutureRead, set, |rng, object| {
        one_after_the_other(rng, object, Op::Read, Op::Add).is_some_and(|(read, add)| {
            let element = object.operations[add].arg;
            change_list(object, read, |list| list.push(element));
            true
        })
    });
}

/// At the same time, and each lacks an element of the other's that need not have been there yet.
#[test]
fn lists_of_which_neither_holds_the_other_are_incomparable() {
    let few_reads: Make = |rng| {
        let slots = closed_loop(rng, 16, 16);
        set_in(rng, &slots, 15)
    };
    found(Model::Set, AnomalyKind::IncomparableLists, few_reads, |_, object| {
        let indices = 0..object.operations.len();
        let reads: Vec<_> =
            indices.filter(|index| object.operations[*index].result != NIL).collect();
        // A third might be stale beside one of them.
        let [one, two] = reads[..] else { return false };
        let [first, second] = [one, two].map(|read| object.operations[read]);
        if first.precedes(&second) || second.precedes(&first) {
            return false;
        }
        let mut held_by_both = list(object, one);
        held_by_both.retain(|element| list(object, two).contains(element));
        let mut late = [one, two].map(|read| {
            let read = object.operations[read];
            let adds = object.operations.iter().filter(|o| o.op == Op::Add && !o.precedes(&read));
            adds.map(|add| add.arg).filter(|arg| held_by_both.contains(arg)).collect::<Vec<_>>()
        });
        let (Some(gone), Some(_)) = (late[0].pop(), late[1].first()) else { return false };
        let Some(other) = late[1].iter().find(|other| **other != gone) else { return false };
        change_list(object, one, |list| list.retain(|element| *element != gone));
        change_list(object, two, |list| list.retain(|element| element != other));
        true
    });
}

/// Two writes at once, and reads that saw now one, now the other, now the one again.
#[test]
fn writes_whose_order_reads_disagree_on_are_out_of_order() {
    found(Model::Register, AnomalyKind::OrderViolation, register, |rng, object| {
        let (late, early) = (rng.u64(90..200), rng.u64(0..10));
        append(
            object,
            &[
                (early, late, Op::Write, 1, NIL),
                (rng.u64(0..10), late, Op::Write, 2, NIL),
                (20, rng.u64(21..40), Op::Read, NIL, 1),
                (40, rng.u64(41..60), Op::Read, NIL, 2),
                (60, rng.u64(61..80), Op::Read, NIL, 1),
            ],
        );
        true
    });
}

/// An element that is being added is seen, and then not.
#[test]
fn an_element_that_was_seen_before_is_not_gone() {
    found(Model::Set, AnomalyKind::StaleRead, listed, |rng, object| {
        relist(object, |lists| lists.push([&lists[0][..], &[1]].concat()));
        append(
            object,
            &[
                (rng.u64(0..10), rng.u64(90..200), Op::Add, 1, NIL),
                (20, rng.u64(21..40), Op::Read, NIL, 1),
                (rng.u64(40..60), 70, Op::Read, NIL, 0),
            ],
        );
        true
    });
}

/// A list that has the later of two elements, and not the one that was there when that was added.
#[test]
fn an_element_that_was_passed_over_is_out_of_order() {
    found(Model::Set, AnomalyKind::OrderViolation, listed, |rng, object| {
        relist(object, |lists| lists[0].push(2));
        append(
            object,
            &[
                (rng.u64(0..10), rng.u64(90..200), Op::Read, NIL, 0),
                (rng.u64(10..20), rng.u64(20..30), Op::Add, 1, NIL),
                (30, rng.u64(40..90), Op::Add, 2, NIL),
            ],
        );
        true
    });
}

/// A failed update, and a read that was not over before it began.
fn failed_before_a_read(rng: &mut Rng, object: &Object, op: Op) -> Option<(usize, usize)> {
    let has_failed = |(_, one): &(usize, &Operation)| one.op == op && one.outcome == Outcome::Fail;
    let failed: Vec<_> = object.operations.iter().enumerate().filter(has_failed).collect();
    let (index, failed) = *rng.choice(&failed)?;
    let read = pick(rng, object, |read| read.op == Op::Read && !read.precedes(failed))?;
    Some((index, read))
}

#[test]
fn what_a_failed_write_wrote_and_a_read_returned_became_visible() {
    found(Model::Register, AnomalyKind::FailedWrite, register, |rng, object| {
        failed_before_a_read(rng, object, Op::Write).is_some_and(|(write, read)| {
            object.operations[read].result = object.operations[write].arg;
            true
        })
    });
    found(Model::Set, AnomalyKind::FailedWrite, set, |rng, object| {
        failed_before_a_read(rng, object, Op::Add).is_some_and(|(add, read)| {
            let element = object.operations[add].arg;
            change_list(object, read, |list| list.push(element));
            true
        })
    });
}
