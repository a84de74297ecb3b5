//! The verdict on a history that is judged again.

use std::collections::BTreeSet;
use std::time::SystemTime;

use check::Verdict;
use check::history::Outcome;
use serde::Serialize;

use super::AnomalySummary;
use super::layout::{Field, Screen, field, lines};
use super::making::Making;
use super::text::text_of;
use crate::exit::Conclusion;
use crate::judge::Judged;

/// The verdict on a history, in the shape of its JSON form.
#[derive(Debug, Serialize)]
pub struct Checked {
    schema: &'static str,
    /// What the operations mean.
    pub model: String,
    /// Whether any order explains every answer, object by object.
    pub verdict: Verdict,
    /// Why there is none.
    pub reason: Option<String>,
    /// What is certainly wrong.
    pub anomalies: Vec<AnomalySummary>,
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
    /// The history itself.
    #[serde(skip)]
    pub judged: Judged,
}

impl Checked {
    /// The verdict of `judged`.
    #[must_use]
    pub fn new(judged: Judged) -> Self {
        let operations = || judged.history.objects.iter().flat_map(|object| &object.operations);
        let count = |outcome| operations().filter(|o| o.outcome == outcome).count();
        let clients: BTreeSet<_> = operations().map(|operation| operation.client).collect();
        Self {
            schema: "loadgen/check/1",
            model: judged.model.to_string(),
            verdict: judged.verdict(),
            reason: judged.reason().map(str::to_owned),
            anomalies: AnomalySummary::of_history(&judged).collect(),
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
        match (self.verdict, &self.reason) {
            (Verdict::Valid, _) => "VALID".to_owned(),
            (Verdict::Invalid, _) => AnomalySummary::all_counted(&self.anomalies),
            (Verdict::Unknown, reason) => {
                format!("UNKNOWN: {}", reason.as_deref().unwrap_or_default())
            }
        }
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
        let several = self.objects > 1;
        fields.extend(self.anomalies.iter().filter_map(|anomaly| anomaly.field(several)));
        fields.push(field("   Judged in:", format!("{:.3} seconds", self.judged_in_s)));
        fields
    }
}
