//! The verdict on a history that is judged again.

use std::collections::BTreeSet;
use std::time::SystemTime;

use check::files::Start;
use check::history::{Initial, NIL, Outcome};
use check::{Model, Verdict};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::layout::{Field, Screen, field, lines};
use super::making::Making;
use super::text::text_of;
use super::verdict::in_words;
use super::{AnomalySummary, ConsistencySummary};
use crate::exit::Conclusion;
use crate::judge::Judged;

/// The verdict on a history, in the shape of its JSON form.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Checked {
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// What the operations mean.
    pub model: String,
    /// Whether any order explains every answer, object by object.
    pub verdict: Verdict,
    /// Why there is none.
    pub reason: Option<String>,
    /// What is certainly wrong.
    pub anomalies: Vec<AnomalySummary>,
    /// What still holds and what does not, where the verdict is invalid. Without what was not put to
    /// the test.
    pub consistency: Vec<ConsistencySummary>,
    /// How many objects there are.
    pub objects: usize,
    /// How many clients.
    pub clients: usize,
    /// How many operations.
    pub operations: usize,
    /// Those that were acknowledged.
    pub ok: usize,
    /// Those that were certainly not done.
    pub fail: usize,
    /// Those that were done or not.
    pub unknown: usize,
    /// How long it took.
    pub judged_in_s: f64,
    /// How the verdict was made.
    #[serde(flatten)]
    pub making: Making,
    /// What objects were at first, where nothing says it and it is assumed.
    pub assumed_starts: Vec<AssumedStart>,
    /// The history itself.
    #[serde(skip)]
    pub judged: Judged,
}

/// What an object is assumed to have been at first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AssumedStart {
    /// Which.
    pub key: String,
    /// What it was: a number, a list for a set, or nothing.
    pub value: Value,
    /// Whether its first reads say so; otherwise it is what the model says.
    pub is_seen: bool,
}

/// A history that needs more memory than it may have, in the shape of a verdict on it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Unread {
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// There is none.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
}

impl Unread {
    /// There is no verdict for `reason`.
    #[must_use]
    pub fn new(reason: String) -> Self {
        Self { schema: SCHEMA, verdict: Verdict::Unknown, reason }
    }

    /// The verdict.
    #[must_use]
    pub fn text(&self, screen: Screen) -> String {
        let verdict =
            field("Correctness:", format!("UNKNOWN: {}", self.reason)).toned(Verdict::Unknown);
        lines(vec![verdict], screen).join("\n") + "\n"
    }
}

impl Checked {
    /// The verdict of `judged`; `starts` is, of each of its objects, how it is known what that was at
    /// first, or empty where nothing is assumed.
    #[must_use]
    pub fn new(judged: Judged, starts: &[Start]) -> Self {
        let operations = || judged.history.objects.iter().flat_map(|object| &object.operations);
        let count = |outcome| operations().filter(|o| o.outcome == outcome).count();
        let clients: BTreeSet<_> = operations().map(|operation| operation.client).collect();
        Self {
            schema: SCHEMA,
            assumed_starts: assumed_starts(&judged, starts),
            model: judged.models(),
            verdict: judged.verdict(),
            reason: judged.reason().map(str::to_owned),
            anomalies: AnomalySummary::of_history(&judged).collect(),
            consistency: ConsistencySummary::of_history(&judged),
            objects: judged.history.objects.len(),
            clients: clients.len(),
            operations: judged.operations(),
            ok: count(Outcome::Ok),
            fail: count(Outcome::Fail),
            unknown: count(Outcome::Unknown),
            judged_in_s: judged.took.as_secs_f64(),
            making: Making::begun(SystemTime::now() - judged.took),
            judged,
        }
    }

    /// The exit code that follows, and why.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        Conclusion::of(&self.judged.findings(), Some(self.headline()))
    }

    /// How it was made, the proof of what was found, and the verdict at last.
    #[must_use]
    pub fn text(&self, screen: Screen) -> String {
        let mut blocks = vec![lines(self.making.fields(), screen)];
        blocks.extend(super::witness::blocks(&self.judged, screen));
        blocks.push(lines(self.fields(), screen));
        text_of(blocks)
    }

    /// The verdict in a line.
    pub(super) fn headline(&self) -> String {
        in_words(self.verdict, &self.anomalies, self.reason.as_deref())
    }

    fn fields(&self) -> Vec<Field> {
        let Self { operations, ok, fail, unknown, .. } = self;
        let mut fields = vec![
            field("Correctness:", self.headline()).toned(self.verdict),
            field("   Model:", &self.model),
            field("   Objects:", self.objects),
            field("   Clients:", self.clients),
            field(
                "   Operations:",
                format!("{operations} ({ok} ok, {fail} fail, {unknown} unknown)"),
            ),
        ];
        fields.extend(self.start().map(|start| field("   Assumed start:", start)));
        let several = self.objects > 1;
        fields.extend(AnomalySummary::fields(&self.anomalies, several));
        fields.extend(ConsistencySummary::fields(&self.consistency));
        fields.push(field("   Judged in:", format!("{:.3} seconds", self.judged_in_s)));
        fields
    }

    /// What is assumed of the beginning, and how to say otherwise.
    fn start(&self) -> Option<String> {
        const OTHERWISE: &str = "--initial sets another";
        let seen = self.assumed_starts.iter().filter(|start| start.is_seen).count();
        match self.assumed_starts.as_slice() {
            [] => None,
            [AssumedStart { value, is_seen, .. }] if self.objects == 1 => {
                let why = if *is_seen {
                    "as the first reads saw it"
                } else {
                    "as the history does not say it"
                };
                Some(format!("{}, {why}: {OTHERWISE}", shown(value)))
            }
            all => Some(format!(
                "for {seen} objects what the first reads saw, for {} what the model says: {OTHERWISE}",
                all.len() - seen
            )),
        }
    }
}

const SCHEMA: &str = "loadgen/check/1";

fn assumed_starts(judged: &Judged, starts: &[Start]) -> Vec<AssumedStart> {
    let objects = judged.history.objects.iter().zip(starts);
    let assumed = objects.filter(|(_, start)| **start != Start::Told);
    let shown = assumed.map(|(object, start)| {
        let value = match (&object.initial, judged.kinds[0].model) {
            (Initial::Value(NIL), _) | (Initial::Default, Model::Register) => Value::Null,
            (Initial::Value(value), _) => json!(object.tokens.value(*value)),
            (Initial::Elements(elements), _) => {
                elements.iter().map(|element| json!(object.tokens.value(*element))).collect()
            }
            (Initial::Balances(balances), _) => {
                let named = |(account, balance): &(i64, i64)| {
                    (object.tokens.value(*account).to_string(), json!(balance))
                };
                Value::Object(balances.iter().map(named).collect())
            }
            (Initial::Default, Model::Set) => Value::Array(Vec::new()),
            (Initial::Default, _) => Value::from(0),
        };
        AssumedStart { key: object.key.clone(), value, is_seen: *start == Start::Seen }
    });
    shown.collect()
}

/// A value as a line has it.
fn shown(value: &Value) -> String {
    const SHOWN: usize = 8;
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Array(elements) if elements.is_empty() => "no elements".to_owned(),
        Value::Array(elements) if elements.len() > SHOWN => {
            format!("{} elements", elements.len())
        }
        value => value.to_string(),
    }
}
