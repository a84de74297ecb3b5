//! Histories that are written, and read again.

use fastrand::Rng;
use loadgen_check::files;
use loadgen_check::history::{Initial, NEVER, NIL, NO, Op, Outcome, YES};
use loadgen_check::{Balances, History, Lists, Model, Object, Operation};

use super::{ADD, operation};

/// The least integer that means nothing else.
const LEAST: i64 = YES + 1 + (1 << 32);

/// A history of `model`, with everything that a line may hold.
pub(super) fn random(rng: &mut Rng, model: Model) -> History {
    let mut keys = ["b \"quoted\" \\ ü\u{1}", "", "a", "z"];
    rng.shuffle(&mut keys);
    let count = rng.usize(1..=4);
    let is_shared = rng.bool();
    let mut objects: Vec<_> = keys[..count]
        .iter()
        .map(|key| {
            let (mut lists, mut balances) = (Lists::default(), Balances::default());
            let count = rng.usize(1..20);
            let operations: Vec<_> =
                (0..count).map(|_| any_operation(rng, model, &mut lists, &mut balances)).collect();
            let initial = if rng.bool() { Initial::Default } else { any_initial(rng, model) };
            Object {
                key: (*key).to_owned(),
                initial,
                assumed: some_failed(rng, &operations),
                operations,
                lists,
                balances,
                is_shared,
                ..Object::default()
            }
        })
        .collect();
    for key in ["idle 2", "idle 1"] {
        let initial = any_initial(rng, model);
        objects.push(Object { key: key.to_owned(), initial, is_shared, ..Object::default() });
    }
    History { objects }
}

/// Half of those that are `fail`.
fn some_failed(rng: &mut Rng, operations: &[Operation]) -> Vec<u32> {
    let indices = (0..).zip(operations);
    let failed = indices.filter(|(_, operation)| operation.outcome == Outcome::Fail);
    failed.map(|(index, _)| index).filter(|_| rng.bool()).collect()
}

fn any_initial(rng: &mut Rng, model: Model) -> Initial {
    match model {
        Model::Set | Model::Unique | Model::Dispense | Model::Queue => {
            Initial::Elements(vec![3, -4, i64::MAX][..rng.usize(0..=3)].to_vec())
        }
        Model::Register if rng.bool() => Initial::Value(NIL),
        Model::Accounts { .. } => {
            let told = [(3, -4), (-4, i64::MAX), (7, LEAST)];
            Initial::Balances(told[..rng.usize(0..=3)].to_vec())
        }
        _ => Initial::Value(rng.i64(LEAST..)),
    }
}

fn any_operation(
    rng: &mut Rng,
    model: Model,
    lists: &mut Lists,
    balances: &mut Balances,
) -> Operation {
    let op = std::iter::repeat_with(|| Op::ALL[rng.usize(..Op::ALL.len())]);
    let op = { op }.find(|op| model.has(*op)).unwrap();
    let outcome = [Outcome::Ok, Outcome::Fail, Outcome::Unknown][rng.usize(0..3)];
    let call_ns = rng.u64(0..u64::MAX / 2);
    let mut value = || rng.i64(LEAST..);
    let (arg, new) = match op {
        Op::Write if value() > 0 => (NIL, NIL),
        Op::Add if model == Model::Unique => (NIL, NIL),
        Op::Read if model == Model::Once && value() > 0 => (value(), NIL),
        Op::Add | Op::Write => (value(), NIL),
        Op::Cas if value() > 0 => (NIL, value()),
        Op::Cas => (value(), value()),
        Op::Give | Op::Take if model == Model::Lock => (NIL, NIL),
        Op::Give => (value().max(1), NIL),
        Op::Take if model.has(Op::Give) && value() > 0 => (value().max(1), NIL),
        Op::Move => {
            let [from, to] = [value() % 4, value() % 4];
            (value().saturating_abs().max(1), balances.pair(from, to))
        }
        _ => (NIL, NIL),
    };
    let result = match (op, outcome) {
        (_, Outcome::Fail | Outcome::Unknown) => NIL,
        (Op::Write, _) if model == Model::Versioned => [NIL, NO, 7][rng.usize(0..3)],
        (Op::Give, _) if model == Model::Lock => [NIL, NO, YES][rng.usize(0..3)],
        (Op::Write | Op::Give, _) => NIL,
        (Op::Read, _) if model == Model::Set => {
            let count = value().rem_euclid(4);
            let list: Vec<_> = std::iter::repeat_with(|| value().rem_euclid(8)).take(4).collect();
            lists.push(&list[..usize::try_from(count).unwrap()])
        }
        (Op::Read, _) if matches!(model, Model::Accounts { .. }) => {
            let row: Vec<_> = (-1..2).map(|account| (account, value())).collect();
            balances.push(&row[..usize::try_from(value().rem_euclid(4)).unwrap()])
        }
        (Op::Add, _) if model == Model::Once && value() % 5 == 0 => NO,
        (Op::Add, _) if matches!(model, Model::Counter | Model::Set) => NIL,
        (Op::Add, _) if matches!(model, Model::Dispense | Model::Queue) => NIL,
        (Op::Take, _) if matches!(model, Model::Dispense | Model::Queue) => {
            [value(), NO][rng.usize(0..2)]
        }
        (Op::Cas | Op::Take | Op::Move, _) => {
            if value() > 0 {
                YES
            } else {
                NO
            }
        }
        (Op::Add | Op::Read, _) => {
            if value() % 5 == 0 {
                NIL
            } else {
                value()
            }
        }
    };
    let ended = outcome == Outcome::Ok || rng.bool();
    let return_ns = if ended { call_ns + rng.u64(0..1_000_000) } else { NEVER };
    Operation { call_ns, return_ns, arg, new, result, client: rng.u32(..), op, outcome }
}

pub(super) const MODELS: [Model; 14] = [
    Model::Counter,
    Model::FetchAndAdd,
    Model::Register,
    Model::Bounded { capacity: Some(20) },
    Model::Set,
    Model::Unique,
    Model::Once,
    Model::Dispense,
    Model::Versioned,
    Model::Queue,
    Model::Lock,
    Model::Accounts { floor: None },
    Model::Accounts { floor: Some(-7) },
    Model::Bounded { capacity: None },
];

pub(super) fn written(model: Model, history: &History) -> Vec<u8> {
    let mut bytes = Vec::new();
    files::write(&mut bytes, model, history).unwrap();
    bytes
}

#[test]
fn what_was_written_is_read() {
    let mut rng = Rng::with_seed(1);
    for _ in 0..500 {
        for model in MODELS {
            let history = random(&mut rng, model);
            let bytes = written(model, &history);
            let again = files::read(bytes.as_slice(), None).unwrap();
            assert_eq!(again, (model, history));
            // Our lines are JSON like any other.
            for line in str::from_utf8(&bytes).unwrap().lines() {
                serde_json::from_str::<serde_json::Value>(line).unwrap();
            }
        }
    }
}

#[test]
fn what_was_not_ok_is_written_without_a_result() {
    let unknown = Operation { outcome: Outcome::Unknown, ..operation(ADD) };
    let object = Object { key: "i".to_owned(), operations: vec![unknown], ..Object::default() };
    let bytes = written(Model::FetchAndAdd, &History { objects: vec![object] });
    let (_, again) = files::read(bytes.as_slice(), None).unwrap();
    assert_eq!(again.objects[0].operations, [Operation { result: NIL, ..unknown }]);
}
