//! Anomalies, with the operations that prove them.

use std::collections::BTreeMap;
use std::time::Duration;

use check::history::{NEVER, Op, Outcome};
use check::{Anomaly, AnomalyKind, Model, Names, Object, Operation};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::layout::{Field, detail};
use crate::judge::Judged;

/// A named way of being invalid, and what proves it.
#[derive(Debug, Serialize, JsonSchema)]
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
        judged.objects().flat_map(|(object, model, judgement)| {
            judgement.anomalies.iter().map(move |anomaly| Self {
                kind: model.named(anomaly.kind),
                count: anomaly.count,
                key: Some(object.key.clone()),
                first_ns: anomaly.times_ns.first().copied(),
                witness: anomaly.witness.iter().map(|index| line(object, *index)).collect(),
            })
        })
    }

    /// A line for each kind of `anomalies`, but for a loss that the totals show already; with the object
    /// of the first where it is one of several.
    pub(super) fn fields(anomalies: &[Self], of_several: bool) -> Vec<Field> {
        let mut kinds = BTreeMap::<AnomalyKind, Vec<(u64, &Self)>>::new();
        for (anomaly, first_ns) in anomalies.iter().filter_map(|one| Some((one, one.first_ns?))) {
            kinds.entry(anomaly.kind).or_default().push((first_ns, anomaly));
        }
        let mut kinds: Vec<_> = kinds.into_values().collect();
        for of_kind in &mut kinds {
            of_kind.sort_by_key(|(first_ns, _)| *first_ns);
        }
        kinds.sort_by_key(|of_kind| of_kind[0].0);
        kinds.iter().map(|of_kind| Self::field(of_kind, of_several)).collect()
    }

    /// The same of one kind: of each object when it happened first, ascending.
    fn field(of_kind: &[(u64, &Self)], of_several: bool) -> Field {
        let (first_ns, first) = of_kind[0];
        let begun_s = Duration::from_nanos(first_ns).as_secs_f64();
        let count: u64 = of_kind.iter().map(|(_, one)| one.count).sum();
        let label = first.kind.names().label;
        let of = match (first.key.as_deref().filter(|_| of_several), of_kind.len()) {
            (None, _) => String::new(),
            (Some(key), 1) => format!(" of {key}"),
            (Some(key), objects) => format!(" of {objects} objects, the first of {key}"),
        };
        let value = match of_kind.len() {
            1 => format!("{count}{of}, the first {begun_s:.6} seconds into the run"),
            _ => format!("{count}{of} {begun_s:.6} seconds into the run"),
        };
        detail(label, value)
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
        "op": op.name(),
        "key": object.key,
        "arg": arg(object, operation),
        "result": result(object, operation),
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

/// What was asked with; values are those of `object`.
pub(super) fn arg(object: &Object, operation: &Operation) -> Value {
    let Operation { op, arg, new, .. } = *operation;
    let value = |value| json!(object.tokens.value(value));
    match (op, object.balances.between(operation)) {
        (Op::Cas, _) => json!([value(arg), value(new)]),
        (Op::Move, Some(ends)) => {
            let [from, to] = ends.map(|account| value(object.balances.account(account)));
            json!([arg, from, to])
        }
        _ => value(arg),
    }
}

/// What was answered; lists, balances and values are those of `object`.
pub(super) fn result(object: &Object, operation: &Operation) -> Value {
    let value = |value| json!(object.tokens.value(value));
    let named = |(account, balance)| (object.tokens.value(account).to_string(), json!(balance));
    match (operation.list(&object.lists), operation.row(&object.balances)) {
        (Some(list), _) => list.elements().map(value).collect(),
        (None, Some(row)) => Value::Object(row.of(&object.balances).map(named).collect()),
        (None, None) => value(operation.result),
    }
}
