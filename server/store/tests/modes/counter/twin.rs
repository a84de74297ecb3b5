//! Any sequence of operations, answered as an ordinary map would answer it.

use std::collections::BTreeMap;

use loadgen_store::{CounterError, Counters, RaceWindow};
use proptest::prelude::*;

use super::open;
use crate::modes;

#[derive(Debug, Clone)]
enum Operation {
    Get(&'static str),
    Set(&'static str, i64),
    Increment(&'static str),
    List,
}

/// Few names, so that operations meet, and values on both sides of every edge.
fn operation() -> impl Strategy<Value = Operation> {
    let name = || prop::sample::select(vec!["i", "j", "k"]);
    let value = prop_oneof![-1..2_i64, (i64::MAX - 2)..=i64::MAX, any::<i64>()];
    prop_oneof![
        2 => name().prop_map(Operation::Get),
        2 => (name(), value).prop_map(|(name, value)| Operation::Set(name, value)),
        4 => name().prop_map(Operation::Increment),
        1 => Just(Operation::List),
    ]
}

#[derive(Debug, PartialEq)]
enum Answer {
    Done,
    Value(i64),
    Refused(CounterError),
    Values(Vec<(String, i64)>),
}

fn call(store: &dyn Counters, operation: &Operation) -> Answer {
    let answer = match *operation {
        Operation::Get(name) => store.get(name).map(Answer::Value),
        Operation::Set(name, value) => store.set(name, value).map(|()| Answer::Done),
        Operation::Increment(name) => store.inc(name).map(Answer::Value),
        Operation::List => Ok(Answer::Values(store.list())),
    };
    answer.unwrap_or_else(Answer::Refused)
}

/// The same, from a map that nobody shares.
fn expect(twin: &mut BTreeMap<&'static str, i64>, operation: &Operation) -> Answer {
    const UNKNOWN: Answer = Answer::Refused(CounterError::UnknownName);
    match *operation {
        Operation::Get(name) => twin.get(name).map_or(UNKNOWN, |&value| Answer::Value(value)),
        Operation::Set(name, value) => {
            twin.insert(name, value);
            Answer::Done
        }
        Operation::Increment(name) => match twin.get_mut(name) {
            None => UNKNOWN,
            Some(&mut i64::MAX) => Answer::Refused(CounterError::Overflow),
            Some(value) => {
                *value += 1;
                Answer::Value(*value)
            }
        },
        Operation::List => {
            Answer::Values(twin.iter().map(|(&name, &value)| (name.to_owned(), value)).collect())
        }
    }
}

proptest! {
    #[test]
    fn every_mode_answers_as_its_twin(operations in prop::collection::vec(operation(), 0..60)) {
        for mode in modes("counter") {
            let store = open(mode, RaceWindow::None);
            let mut twin = BTreeMap::new();
            for operation in operations.iter().chain([&Operation::List]) {
                let expected = expect(&mut twin, operation);
                prop_assert_eq!(call(&*store, operation), expected, "{}: {:?}", mode.name, operation);
            }
        }
    }
}
