//! Accounts between which money is moved.

mod examples;
mod files;
pub(crate) mod made_up;
mod sentences;
mod witnesses;

use loadgen_check::history::{Initial, NEVER, NIL, NO, Op, Outcome, YES};
use loadgen_check::models::accounts::{self, Bank};
use loadgen_check::{
    Anomaly, Balances, History, Judgement, Limits, Model, Object, Operation, Verdict, certificate,
    verify,
};

/// An operation on a bank: what is asked, and the times.
#[derive(Clone, Copy)]
struct Line<'r> {
    asked: Asked<'r>,
    result: i64,
    outcome: Outcome,
    times: [u64; 2],
}

#[derive(Clone, Copy)]
enum Asked<'r> {
    /// How much, from where and to where.
    Move(i64, i64, i64),
    /// What the answer says, if it says anything.
    Read(Option<&'r [(i64, i64)]>),
}

fn moved(amount: i64, [from, to]: [i64; 2], call_ns: u64, return_ns: u64) -> Line<'static> {
    let (asked, times) = (Asked::Move(amount, from, to), [call_ns, return_ns]);
    Line { asked, result: YES, outcome: Outcome::Ok, times }
}

fn refused(amount: i64, ends: [i64; 2], call_ns: u64, return_ns: u64) -> Line<'static> {
    Line { result: NO, ..moved(amount, ends, call_ns, return_ns) }
}

fn failed(amount: i64, ends: [i64; 2], call_ns: u64, return_ns: u64) -> Line<'static> {
    Line { outcome: Outcome::Fail, result: NIL, ..moved(amount, ends, call_ns, return_ns) }
}

/// Nobody knows whether it was done.
fn lost(amount: i64, ends: [i64; 2], call_ns: u64) -> Line<'static> {
    Line { outcome: Outcome::Unknown, result: NIL, ..moved(amount, ends, call_ns, NEVER) }
}

fn read(row: &[(i64, i64)], call_ns: u64, return_ns: u64) -> Line<'_> {
    let (asked, times) = (Asked::Read(Some(row)), [call_ns, return_ns]);
    Line { asked, result: NIL, outcome: Outcome::Ok, times }
}

fn blank(call_ns: u64, return_ns: u64) -> Line<'static> {
    Line { asked: Asked::Read(None), ..read(&[], call_ns, return_ns) }
}

/// A bank with accounts that held this at first, each operation of a client of its own.
fn bank(initial: &[(i64, i64)], lines: &[Line<'_>]) -> Object {
    let mut balances = Balances::default();
    let operations = (1..).zip(lines).map(|(client, line)| {
        let (op, arg, new, result) = match line.asked {
            Asked::Move(amount, from, to) => {
                (Op::Move, amount, balances.pair(from, to), line.result)
            }
            Asked::Read(None) => (Op::Read, NIL, NIL, NIL),
            Asked::Read(Some(row)) => (Op::Read, NIL, NIL, balances.push(row)),
        };
        let ([call_ns, return_ns], outcome) = (line.times, line.outcome);
        Operation { call_ns, return_ns, arg, new, result, client, op, outcome }
    });
    let operations = operations.collect();
    let initial = Initial::Balances(initial.to_vec());
    Object { key: "bank".to_owned(), initial, operations, balances, ..Object::default() }
}

fn limits() -> Limits<'static> {
    Limits { certify: true, memory_bytes: 1 << 30, expired: &|| false }
}

fn judged(object: &Object, model: Model) -> Judgement {
    let history = History { objects: vec![object.clone()] };
    loadgen_check::judge(&history, model, &limits()).remove(0)
}

/// By the rules alone.
fn by_rules(object: &Object, floor: Option<i64>) -> Option<Judgement> {
    accounts::judge(object, floor, &limits())
}

/// The anomalies that the rules find, of which each is proved; an order that explains everything
/// replays.
fn anomalies(object: &Object, floor: Option<i64>) -> Vec<Anomaly> {
    let judgement = by_rules(object, floor).unwrap();
    for anomaly in &judgement.anomalies {
        assert!(verify(object, Model::Accounts { floor }, anomaly), "{anomaly:?} of {object:?}");
    }
    if judgement.verdict == Verdict::Valid {
        let order = judgement.order.unwrap();
        let replayed = certificate::replay(&Bank::of(object, floor), &object.operations, &order);
        assert_eq!(replayed, Ok(()));
    } else {
        assert_eq!(judgement.verdict, Verdict::Invalid, "{judgement:?}");
    }
    judgement.anomalies
}
