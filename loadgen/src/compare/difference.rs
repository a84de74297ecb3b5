//! Whether runs were asked for the same: what a figure of another load is, says nothing of this one.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::run::{Run, shortened};
use crate::secrets::masked_path;

/// Something that two runs were not asked for alike.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Difference {
    /// What, as the path of its key in the report; `target.path` is part of `target.url`.
    pub field: &'static str,
    /// The first of all reports.
    pub first: String,
    /// What that has; null where it says nothing.
    pub first_value: Value,
    /// The first report that has something else.
    pub other: String,
    /// What that has.
    pub other_value: Value,
}

/// Runs that were not asked for the same.
#[derive(Debug, thiserror::Error)]
#[error("the runs were not asked for the same: {}; --force compares them anyway", listed(.0))]
pub struct Unlike(pub Vec<Difference>);

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, first, other, .. } = self;
        let [first_value, other_value] = [&self.first_value, &self.other_value].map(shown);
        write!(f, "{field} is {first_value} in {first} and {other_value} in {other}")
    }
}

fn listed(differences: &[Difference]) -> String {
    differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "not given".to_owned(),
        Value::String(text) => shortened(text),
        value => shortened(&value.to_string()),
    }
}

/// What a field is in a report.
type Field = (&'static str, fn(&Run) -> Value);

macro_rules! plan {
    ($pointer:literal) => {
        |run| run.told.plan.pointer($pointer).cloned().unwrap_or_default()
    };
}

/// What runs have to have in common. Where a target is, how a specimen is protected and from what
/// random arrivals are made may differ: that is what is compared, or chance.
#[rustfmt::skip] // a field is a line
static FIELDS: [Field; 20] = [
    ("target.path",             |run| Value::from(masked_path(&run.told.target.url))),
    ("target.workload",         |run| Value::from(run.told.target.workload.clone())),
    ("plan.method",             plan!("/method")),
    ("plan.requests",           plan!("/requests")),
    ("plan.duration_s",         plan!("/duration_s")),
    ("plan.concurrency",        plan!("/concurrency")),
    ("plan.rate",               plan!("/rate")),
    ("plan.rates.stages",       plan!("/rates/stages")),
    ("plan.rates.arrival",      plan!("/rates/arrival")),
    ("plan.ramp_up_s",          plan!("/ramp_up_s")),
    ("plan.warm_up_requests",   plan!("/warm_up_requests")),
    ("plan.warm_up_s",          plan!("/warm_up_s")),
    ("plan.timeout_s",          plan!("/timeout_s")),
    ("plan.connect_timeout_s",  plan!("/connect_timeout_s")),
    ("plan.re_resolve",         plan!("/re_resolve")),
    ("plan.keep_alive",         plan!("/keep_alive")),
    ("plan.reads",              plan!("/reads")),
    ("plan.client",             plan!("/client")),
    ("generator.threads",       |run| Value::from(run.told.generator.as_ref().map(|generator| generator.threads))),
    ("correctness.model",       |run| Value::from(run.told.correctness.as_ref().map(|one| one.model.clone()))),
];

/// The fields in which any of the runs differs from the first.
pub(super) fn differences(baseline: &[Run], candidate: &[Run]) -> Vec<Difference> {
    let mut runs = baseline.iter().chain(candidate);
    let Some(first) = runs.next() else { return Vec::new() };
    let difference = |(field, value): &Field| {
        let first_value = value(first);
        let other = runs.clone().find(|run| !is_same(&first_value, &value(run)))?;
        Some(Difference {
            field,
            first: first.name.clone(),
            first_value,
            other: other.name.clone(),
            other_value: value(other),
        })
    };
    FIELDS.iter().filter_map(difference).collect()
}

/// Numbers are the same whatever they are written like. A report that was made before there was a
/// key was made without what the key tells of.
fn is_same(one: &Value, other: &Value) -> bool {
    let is_nothing = |value: &Value| match value {
        Value::Null => true,
        Value::Bool(is) => !is,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Array(elements) => elements.is_empty(),
        Value::String(_) | Value::Object(_) => false,
    };
    match (one, other) {
        (Value::Null, other) | (other, Value::Null) => is_nothing(other),
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (one, other) => one == other,
    }
}
