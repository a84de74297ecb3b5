//! Small histories of any kind, judged.

use std::collections::BTreeSet;

use super::draw::Draw;
use crate::certificate::Broken;
use crate::history::{Initial, NEVER, NIL, NO, Op, Outcome, YES};
use crate::models::accounts::Bank;
use crate::models::{Answer, Argument};
use crate::models::{bounded::Stock, counter::Sum, register::Register, set::Elements};
use crate::models::{
    dispense::Pool, lock::Lock, once::Key, queue::Queue, unique::Issued, versioned::Document,
};
use crate::{
    Anomaly, AnomalyKind, Judgement, Limits, Model, Object, Operation, Specification, Verdict,
    certificate, explain, search, verify, weaker,
};

/// More operations than this cost more time than they find.
const MOST_OPERATIONS: usize = 14;
/// So many have their orders tried one by one.
const FEW_OPERATIONS: usize = 6;
const MEMORY_BYTES: usize = 1 << 26;

/// Judges the history that `bytes` stand for: an order that certifies it replays, a witness proves
/// what it is said to, and neither the search nor every order tried says anything else.
///
/// The first byte says the model, the second what the object was at first. Three bytes are an
/// operation: what it is and how it ended, when it began and how long it took, and its values. Bytes
/// behind the last operation make up witnesses, which must prove nothing against what is valid.
///
/// # Panics
/// When any of that does not hold.
pub fn certificate(bytes: &[u8]) {
    let mut draw = Draw::new(bytes);
    let model = draw.of(&[
        Model::Counter,
        Model::FetchAndAdd,
        Model::Register,
        Model::Bounded { capacity: Some(2) },
        Model::Set,
        Model::Unique,
        Model::Once,
        Model::Dispense,
        Model::Versioned,
        Model::Queue,
        Model::Lock,
        Model::Accounts { floor: None },
        Model::Accounts { floor: Some(0) },
        Model::Bounded { capacity: None },
    ]);
    let object = object(&mut draw, model);
    let limits = Limits { certify: true, memory_bytes: MEMORY_BYTES, expired: &|| false };
    let judgement = model.judge(&object, &limits);
    let number = |default| object.initial_or(default);
    match model {
        Model::Counter | Model::FetchAndAdd => {
            hold(&Sum { initial: number(0) }, &object, &judgement, &limits);
        }
        Model::Register => hold(&Register { initial: number(NIL) }, &object, &judgement, &limits),
        Model::Bounded { capacity: None } if object.initial == Initial::Default => {
            hold_without_number(&object, &judgement);
        }
        Model::Bounded { capacity } => {
            let initial = number(capacity.unwrap_or_default().cast_signed());
            hold(&Stock { initial }, &object, &judgement, &limits);
        }
        Model::Set => {
            let (initial, lists) = (object.initial_elements(), &object.lists);
            hold(&Elements { initial, lists }, &object, &judgement, &limits);
        }
        Model::Unique => {
            let initial = object.initial_elements();
            hold(&Issued { initial }, &object, &judgement, &limits);
        }
        Model::Lock => hold(&Lock, &object, &judgement, &limits),
        Model::Once => hold_by_orders(&Key, &object, &judgement),
        Model::Dispense => {
            let pool = Pool { initial: object.initial_elements() };
            hold_by_orders(&pool, &object, &judgement);
        }
        Model::Queue => {
            let queue = Queue { initial: object.initial_elements() };
            hold_by_orders(&queue, &object, &judgement);
        }
        Model::Versioned => {
            let document = Document::of(number(NIL), &object.operations);
            hold_by_orders(&document, &object, &judgement);
        }
        Model::Accounts { floor } => {
            hold(&Bank::of(&object, floor), &object, &judgement, &limits);
        }
    }
    if judgement.verdict == Verdict::Valid {
        let weaker = weaker(&object, model);
        assert!(weaker.iter().all(|weaker| weaker.holds), "{weaker:?} of what is linearizable");
        refuse_forgeries(&mut draw, model, &object);
    }
    for anomaly in &judgement.anomalies {
        assert!(verify(&object, model, anomaly), "nothing is proven by {anomaly:?} of {object:?}");
        let _ = explain(&object, model, anomaly, &|time_ns| time_ns.to_string());
    }
}

/// Holds `judgement` against the search, its certificate, and every order where there are few.
fn hold<S: Specification>(
    specification: &S,
    object: &Object,
    judgement: &Judgement,
    limits: &Limits<'_>,
) {
    hold_by_orders(specification, object, judgement);
    let searched = search::judge(specification, &object.operations, limits);
    let decided = [judgement.verdict, searched.verdict].map(|verdict| verdict != Verdict::Unknown);
    if decided == [true; 2] {
        assert_eq!(judgement.verdict, searched.verdict, "the search, of {object:?}");
    }
}

/// Holds `judgement` on a stock against that nobody knows how many there were: it accuses nobody, and
/// what it calls valid is so whatever there was.
fn hold_without_number(object: &Object, judgement: &Judgement) {
    assert_ne!(judgement.verdict, Verdict::Invalid, "{judgement:?} of {object:?}");
    if judgement.verdict == Verdict::Valid {
        for initial in [0, 1, 9] {
            hold_by_orders(&Stock { initial }, object, judgement);
        }
    }
}

/// Holds `judgement` against its order, and against every order where there are few: all that can be
/// done where an answer tells what is to be known of the state from then on.
fn hold_by_orders<S: Specification>(specification: &S, object: &Object, judgement: &Judgement) {
    let operations = &object.operations;
    let is_invalid = judgement.verdict == Verdict::Invalid;
    assert_eq!(is_invalid, !judgement.anomalies.is_empty(), "{judgement:?} of {object:?}");
    if judgement.verdict == Verdict::Valid {
        let order = judgement.order.as_ref().expect("it was asked for");
        let replayed = certificate::replay(specification, operations, order);
        assert_eq!(replayed, Ok(()), "{order:?} of {object:?}");
        refuse_orders(specification, operations, order);
    }
    let live = || operations.iter().filter(|operation| operation.outcome != Outcome::Fail);
    if live().count() <= FEW_OPERATIONS && judgement.verdict != Verdict::Unknown {
        let is_explained = explains(specification, &specification.initial(), &live().collect());
        assert_ne!(is_explained, is_invalid, "every order, of {object:?}");
    }
}

/// No order that was spoilt certifies anything, and each says what is wrong with it.
fn refuse_orders<S: Specification>(specification: &S, operations: &[Operation], order: &[u32]) {
    let replay = |order: &[u32]| certificate::replay(specification, operations, order);
    let operation = |index: u32| &operations[index as usize];
    let count = u32::try_from(operations.len()).expect("there are few");
    assert_eq!(replay(&[order, &[count]].concat()), Err(Broken::Surplus(count)));
    let failed = (0..count).filter(|index| operation(*index).outcome == Outcome::Fail);
    for again in order.iter().copied().chain(failed) {
        assert_eq!(replay(&[order, &[again]].concat()), Err(Broken::Surplus(again)));
    }
    for (at, index) in order.iter().enumerate() {
        let rest = [&order[..at], &order[at + 1..]].concat();
        if operation(*index).outcome == Outcome::Ok {
            // Without it others may answer differently, before it is missed.
            assert!(replay(&rest).is_err(), "{index} is missing in {rest:?}");
        }
        let late = (0..at).find(|before| operation(order[*before]).precedes(operation(*index)));
        if let Some(before) = late {
            let early = [&order[..before], &[*index], &rest[before..]].concat();
            assert!(replay(&early).is_err(), "{index} comes too early in {early:?}");
        }
    }
}

/// Whether any order of `left` explains every answer from `state` on.
fn explains<S: Specification>(specification: &S, state: &S::State, left: &Vec<&Operation>) -> bool {
    left.iter().all(|operation| operation.outcome == Outcome::Unknown)
        || (0..left.len()).any(|index| {
            let mut rest = left.clone();
            let operation = rest.remove(index);
            !rest.iter().any(|other| other.precedes(operation))
                && specification
                    .step(state, operation)
                    .is_some_and(|after| explains(specification, &after, &rest))
        })
}

/// No witness proves anything against a valid history.
fn refuse_forgeries(draw: &mut Draw<'_>, model: Model, object: &Object) {
    let kinds = [
        AnomalyKind::LostUpdate,
        AnomalyKind::PhantomSuccess,
        AnomalyKind::Phantom,
        AnomalyKind::FailedWrite,
        AnomalyKind::DuplicateValue,
        AnomalyKind::SkippedValue,
        AnomalyKind::StaleRead,
        AnomalyKind::FutureRead,
        AnomalyKind::Oversell,
        AnomalyKind::LateSale,
        AnomalyKind::PhantomSoldOut,
        AnomalyKind::MissingElement,
        AnomalyKind::DuplicateElement,
        AnomalyKind::IncomparableLists,
        AnomalyKind::OrderViolation,
        AnomalyKind::NotLinearizable,
        AnomalyKind::DoubleEffect,
        AnomalyKind::ConflictingPayload,
        AnomalyKind::WrongRefusal,
        AnomalyKind::StaleWrite,
        AnomalyKind::PhantomRefusal,
        AnomalyKind::DoubleHandout,
        AnomalyKind::OutOfTurn,
        AnomalyKind::TwoHolders,
        AnomalyKind::StrayRelease,
        AnomalyKind::LostLock,
        AnomalyKind::BrokenTotal,
        AnomalyKind::WrongBalance,
        AnomalyKind::TornRead,
        AnomalyKind::ConflictingReads,
        AnomalyKind::Overdraft,
        AnomalyKind::Overspending,
    ];
    while !draw.is_over() {
        let kind = draw.of(&kinds);
        let most = u8::try_from(object.operations.len() + 1).expect("there are few");
        let witness: Vec<_> = (0..draw.below(5)).map(|_| u32::from(draw.below(most))).collect();
        let anomaly = Anomaly { kind, count: 1, times_ns: vec![0], witness };
        assert!(!verify(object, model, &anomaly), "{anomaly:?} is held for a proof of {object:?}");
    }
}

/// The object, whose operations end with the bytes or with an operation that is none.
fn object(draw: &mut Draw<'_>, model: Model) -> Object {
    let first = draw.byte();
    let initial = match model {
        _ if first.is_multiple_of(4) => Initial::Default,
        Model::Set | Model::Unique | Model::Dispense | Model::Queue => {
            Initial::Elements(elements(first >> 4))
        }
        Model::Once | Model::Lock => Initial::Value(NIL),
        Model::Accounts { .. } => {
            let balance = |account: i64| (account, i64::from(first >> 4) / (account + 1));
            Initial::Balances((0..3).map(balance).collect())
        }
        _ => Initial::Value(i64::from(first >> 4)),
    };
    let mut object = Object { key: "object".to_owned(), initial, ..Object::default() };
    let mut now_ns = 0;
    let mut free_ns: Vec<u64> = Vec::new();
    while !draw.is_over() && object.operations.len() < MOST_OPERATIONS {
        let kind = draw.byte();
        if kind == u8::MAX {
            break;
        }
        let times = draw.byte();
        now_ns += u64::from(times & 0xf);
        let return_ns = now_ns + u64::from(times >> 4);
        let mut operation = operation(draw, model, kind, &mut object);
        // Elements that a set chose twice are no matter of an order.
        let is_chosen = model == Model::Set && operation.op == Op::Add && operation.result != NIL;
        let is_same = |other: &Operation| other.op == Op::Add && other.result == operation.result;
        if is_chosen && object.operations.iter().any(is_same) {
            operation.result = NIL;
        }
        operation.call_ns = now_ns;
        operation.return_ns = if operation.outcome == Outcome::Unknown { NEVER } else { return_ns };
        let client = free_ns.iter().position(|free_ns| *free_ns < now_ns);
        let client = client.unwrap_or(free_ns.len());
        free_ns.resize(free_ns.len().max(client + 1), 0);
        free_ns[client] = operation.return_ns;
        operation.client = u32::try_from(client).expect("there are few");
        object.operations.push(operation);
    }
    object
}

/// An operation that `model` has, without its times.
fn operation(draw: &mut Draw<'_>, model: Model, kind: u8, object: &mut Object) -> Operation {
    let Object { lists, balances, .. } = object;
    let ops: Vec<_> = Op::ALL.into_iter().filter(|op| model.has(*op)).collect();
    let op = ops[usize::from(kind & 0x3) % ops.len()];
    let outcome = match kind >> 2 & 0x7 {
        0 => Outcome::Unknown,
        1 => Outcome::Fail,
        _ => Outcome::Ok,
    };
    let hides = kind >> 5 == 0;
    let values = draw.byte();
    let (low, high) = (i64::from(values & 0x7), i64::from(values >> 4));
    let (argument, answer) = model.signature(op).expect("the model has it");
    let (arg, new) = match argument {
        Argument::Nothing => (NIL, NIL),
        Argument::Values => (low, high & 0x3),
        // Most add one: what adds anything else has no rule.
        Argument::Number => (if low < 5 { 1 } else { low - 6 }, NIL),
        // Half of them one, as where nothing is said.
        Argument::Amount => (if low < 4 { NIL } else { low - 3 }, NIL),
        Argument::Value | Argument::Element => (low, NIL),
        Argument::Transfer => (low / 2 + 1, balances.pair(high & 0x3, high >> 2)),
    };
    let result = match answer {
        _ if outcome != Outcome::Ok => NIL,
        Answer::Elements => lists.push(&elements(values)),
        Answer::Balances if !hides => balances.push(&[(0, low), (1, high), (2, high & 0x3)]),
        // Of a cas nobody can tell what is meant where its answer does not say it.
        Answer::Whether if op == Op::Cas || !hides => [NO, YES][usize::from(values >> 7)],
        _ if hides => NIL,
        Answer::ValueUnlessDeclined if high == 7 => NO,
        Answer::Number | Answer::Value | Answer::ValueUnlessDeclined => high,
        Answer::Chosen => arg,
        Answer::Nothing | Answer::Whether | Answer::Balances => NIL,
    };
    let (client, call_ns, return_ns) = (0, 0, 0);
    Operation { call_ns, return_ns, arg, new, result, client, op, outcome }
}

/// The elements whose bits are set; with the highest the first one comes twice.
fn elements(bits: u8) -> Vec<i64> {
    let elements: BTreeSet<_> = (0..7).filter(|bit| bits >> bit & 1 == 1).collect();
    let twice = elements.iter().take(usize::from(bits >> 7));
    elements.iter().chain(twice).copied().collect()
}
