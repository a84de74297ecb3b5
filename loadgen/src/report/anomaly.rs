//! Anomalies, with the operations that prove them.

use check::history::{NEVER, NIL, Op, Outcome, YES};
use check::{Anomaly, AnomalyKind, Lists, Model, Names, Object, Operation};
use serde::Serialize;
use serde_json::{Value, json};

use super::layout::{Field, detail};
use crate::judge::Judged;

/// A named way of being invalid, and what proves it.
#[derive(Debug, Serialize)]
pub struct AnomalySummary {
    /// Its name.
    pub kind: AnomalyKind,
    /// How often it certainly happened.
    pub count: u64,
    /// In which object; `None` where the totals prove it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// When the first was complete, on the history's clock; `None` where the totals prove it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_ns: Option<u64>,
    /// The operations that prove the first, as a history has them; none where the totals prove it.
    pub witness: Vec<Value>,
}

impl AnomalySummary {
    /// What the totals prove, without naming an operation.
    pub(super) fn of_totals(model: Model, anomaly: &Anomaly) -> Self {
        let Anomaly { kind, count, .. } = *anomaly;
        Self { kind: model.named(kind), count, key: None, first_ns: None, witness: Vec::new() }
    }

    /// What a history proves, object by object.
    pub(super) fn of_history(judged: &Judged) -> impl Iterator<Item = Self> {
        let objects = judged.history.objects.iter().zip(&judged.judgements);
        objects.flat_map(|(object, judgement)| {
            judgement.anomalies.iter().map(|anomaly| Self {
                kind: judged.model.named(anomaly.kind),
                count: anomaly.count,
                key: Some(object.key.clone()),
                first_ns: anomaly.times_ns.first().copied(),
                witness: anomaly.witness.iter().map(|index| line(object, *index)).collect(),
            })
        })
    }

    /// The anomaly in a line, with its object where it is one of several; `None` for a loss that
    /// the totals show already.
    pub(super) fn field(&self, one_of_several: bool) -> Option<Field> {
        let first_s = std::time::Duration::from_nanos(self.first_ns?).as_secs_f64();
        let value = format!("{}, the first {first_s:.6} seconds into the run", self.count);
        let label = self.kind.names().label;
        Some(match self.key.as_deref().filter(|_| one_of_several) {
            Some(key) => detail(label, format!("{key}: {value}")),
            None => detail(label, value),
        })
    }

    /// All of `anomalies` as a verdict, each kind once.
    pub(super) fn all_counted(anomalies: &[Self]) -> String {
        let mut counts = Vec::<(AnomalyKind, u64)>::new();
        for Self { kind, count, .. } in anomalies {
            match counts.iter_mut().find(|(counted, _)| counted == kind) {
                Some((_, sum)) => *sum += count,
                None => counts.push((*kind, *count)),
            }
        }
        let counted: Vec<_> = counts.into_iter().map(counted).collect();
        format!("INVALID: {}", counted.join(", "))
    }
}

/// How often something happened, in words.
fn counted((kind, count): (AnomalyKind, u64)) -> String {
    let Names { one, several, .. } = kind.names();
    if count == 1 { format!("1 {one}") } else { format!("{count} {several}") }
}

/// An operation as a line of a history has it.
pub(super) fn line(object: &Object, index: u32) -> Value {
    let operation = &object.operations[index as usize];
    let Operation { call_ns, return_ns, client, op, outcome, .. } = *operation;
    json!({
        "client": client,
        "call": call_ns,
        "return": if return_ns == NEVER { Value::Null } else { json!(return_ns) },
        "op": op_name(op),
        "key": object.key,
        "arg": arg(operation),
        "result": result(operation, &object.lists),
        "outcome": outcome_name(outcome),
    })
}

pub(super) fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Fail => "fail",
        Outcome::Unknown => "unknown",
    }
}

pub(super) fn op_name(op: Op) -> &'static str {
    match op {
        Op::Add => "add",
        Op::Read => "read",
        Op::Write => "write",
        Op::Cas => "cas",
        Op::Take => "take",
    }
}

/// What is added or written.
pub(super) fn arg(operation: &Operation) -> Value {
    let Operation { op, arg, new, .. } = *operation;
    if op == Op::Cas { json!([value(arg), value(new)]) } else { value(arg) }
}

/// What was answered, `lists` being those of the object.
pub(super) fn result(operation: &Operation, lists: &Lists) -> Value {
    match (operation.op, operation.list(lists)) {
        (_, Some(list)) => list.elements().collect(),
        (Op::Cas | Op::Take, None) if operation.result != NIL => json!(operation.result == YES),
        (_, None) => value(operation.result),
    }
}

fn value(value: i64) -> Value {
    if value == NIL { Value::Null } else { json!(value) }
}
