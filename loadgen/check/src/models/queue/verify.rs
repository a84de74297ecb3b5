//! Witnesses against a queue.

use std::collections::HashMap;

use super::stays::Time;
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NIL, NO, Object, Op, Operation, Outcome};

pub(super) fn verify(object: &Object, anomaly: &Anomaly) -> bool {
    let operations = &object.operations;
    let witness = anomaly.witness.iter().map(|index| operations.get(*index as usize));
    let Some(witness) = witness.collect::<Option<Vec<_>>>() else { return false };
    let facts = Facts::of(object);
    match (anomaly.kind, witness.as_slice()) {
        (AnomalyKind::DoubleHandout, [one, other]) => {
            let is_another = anomaly.witness[0] != anomaly.witness[1];
            is_another && returned(one).is_some() && returned(one) == returned(other)
        }
        (AnomalyKind::Phantom, [take]) => {
            returned(take).is_some_and(|element| !facts.elements.contains_key(&element))
        }
        (AnomalyKind::FutureRead, [take, add]) => {
            let element = returned(take).filter(|element| added(add) == Some(*element));
            element.is_some_and(|element| facts.came_once(element)) && take.precedes(add)
        }
        (AnomalyKind::OutOfTurn, witness) => is_out_of_turn(&facts, witness),
        (AnomalyKind::PhantomSoldOut, [answer, there @ ..]) => {
            let is_nothing = answer.outcome == Outcome::Ok && answer.result == NO;
            answer.op == Op::Take && is_nothing && is_wrong(&facts, answer, there)
        }
        _ => false,
    }
}

/// The element that a take returned.
pub(super) fn returned(take: &Operation) -> Option<i64> {
    let is_named = take.outcome == Outcome::Ok && take.result != NIL && take.result != NO;
    (take.op == Op::Take && is_named).then_some(take.result)
}

/// The element that an addition put in, or may have.
pub(super) fn added(add: &Operation) -> Option<i64> {
    (add.op == Op::Add && add.outcome != Outcome::Fail).then_some(add.arg)
}

/// What the whole history says of the elements.
struct Facts {
    elements: HashMap<i64, Fact>,
    /// From when on what nobody returned is there, ascending.
    left: Vec<Time>,
    /// When the takes began that may have taken it, ascending.
    nameless: Vec<Time>,
}

#[derive(Clone, Copy)]
struct Fact {
    /// How often it came.
    times: u32,
    /// When its addition was called and when it was over.
    came: (Time, Time),
    /// When the first take began that returned it.
    gone: Option<Time>,
}

impl Facts {
    fn of(object: &Object) -> Self {
        let initial = object.initial_elements();
        let count = i128::try_from(initial.len()).expect("a length fits");
        let at_first = (-count..).zip(initial).map(|(time, element)| (*element, (time, time)));
        let additions = object.operations.iter().filter_map(|add| {
            Some((added(add)?, (add.call_ns.into(), add.completion_ns().into())))
        });
        let mut elements: HashMap<i64, Fact> = HashMap::new();
        for (element, came) in at_first.chain(additions) {
            let fact = elements.entry(element).or_insert(Fact { times: 0, came, gone: None });
            fact.times += 1;
        }
        let mut nameless = Vec::new();
        for take in object.operations.iter().filter(|one| one.op == Op::Take) {
            let call = Time::from(take.call_ns);
            match (returned(take), take.outcome) {
                (Some(element), _) => {
                    if let Some(fact) = elements.get_mut(&element) {
                        fact.gone = Some(fact.gone.map_or(call, |gone| gone.min(call)));
                    }
                }
                (None, Outcome::Ok) if take.result == NO => {}
                (None, Outcome::Ok | Outcome::Unknown) => nameless.push(call),
                (None, Outcome::Fail) => {}
            }
        }
        nameless.sort_unstable();
        let is_left = |fact: &&Fact| fact.gone.is_none() && fact.times == 1;
        let mut left: Vec<_> = elements.values().filter(is_left).map(|fact| fact.came.1).collect();
        left.sort_unstable();
        Self { elements, left, nameless }
    }

    fn came_once(&self, element: i64) -> bool {
        self.once(element).is_some()
    }

    /// What is known of an element that came once.
    fn once(&self, element: i64) -> Option<&Fact> {
        self.elements.get(&element).filter(|fact| fact.times == 1)
    }

    /// Whether more elements that nobody returned came before a time than takes may have taken up to
    /// another.
    fn is_too_much(&self, came_before: Time, taken_by: Time) -> bool {
        let came = self.left.partition_point(|came| *came < came_before);
        came > self.nameless.partition_point(|call| *call <= taken_by)
    }
}

/// The elements that the additions and takes of a witness are about; `None` where it has others.
fn elements(witness: &[&Operation]) -> Option<Vec<i64>> {
    witness.iter().map(|one| returned(one).or(added(one))).collect()
}

fn is_out_of_turn(facts: &Facts, witness: &[&Operation]) -> bool {
    let Some(elements) = elements(witness) else { return false };
    let mut takes = witness.iter().filter(|one| one.op == Op::Take);
    let (Some(take), first_take, None) = (takes.next(), takes.next(), takes.next()) else {
        return false;
    };
    let Some(second) = facts.once(take.result) else { return false };
    let mut others = elements.iter().filter(|element| **element != take.result);
    let first = others.next();
    if others.any(|other| Some(other) != first) || witness.len() > 4 {
        return false;
    }
    let over = Time::from(take.return_ns);
    match (first.map(|first| facts.once(*first)), first_take) {
        (Some(Some(Fact { came, gone: Some(gone), .. })), Some(_)) => {
            came.1 < second.came.0 && over < *gone
        }
        (Some(Some(Fact { came, gone: None, .. })), None) => {
            came.1 < second.came.0 && facts.is_too_much(second.came.0, over)
        }
        // What was there at first is in no operation.
        (None, None) => facts.is_too_much(second.came.0, over),
        _ => false,
    }
}

/// Whether something was left at each instant of `answer`: one of those that are `there`, or more of
/// what nobody returned than can have been taken.
fn is_wrong(facts: &Facts, answer: &Operation, there: &[&Operation]) -> bool {
    let Some(elements) = elements(there) else { return false };
    let (call, over) = (Time::from(answer.call_ns), Time::from(answer.return_ns));
    let facts_of: Option<Vec<&Fact>> = elements.iter().map(|one| facts.once(*one)).collect();
    let Some(there) = facts_of else { return false };
    let gone = there.iter().filter_map(|fact| fact.gone);
    let nameless = facts.nameless.iter().copied();
    // Where nothing is there at an instant, so it is at the last call of a take before it.
    let instants = gone.chain(nameless).filter(|time| (call..=over).contains(time));
    instants.chain([call]).all(|time| {
        let is_there =
            |fact: &&Fact| fact.came.1 < time && fact.gone.is_some_and(|gone| time < gone);
        there.iter().any(is_there) || facts.is_too_much(time, time)
    })
}
