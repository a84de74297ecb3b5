//! Times at which the target did nothing, and what it had done before.

use std::time::Duration;

use check::history::NEVER;
use check::{Object, Operation};
use serde::Serialize;
use serde_json::Value;

use super::anomaly::{arg, op_name, outcome_name, result};
use super::field::{Field, field, printable};
use super::witness::exchange;
use crate::judged::Judged;
use crate::run::Stalled;

/// A target that did nothing for a while with requests in flight, its process being alive.
#[derive(Debug, Serialize)]
pub struct Stall {
    /// How often it did.
    pub count: u64,
    /// When the first began: when the target last did something, or could have; since the start.
    pub at_s: f64,
    /// How long the first lasted, until the end of the run at most.
    pub for_s: f64,
    /// How long the longest lasted.
    pub longest_s: f64,
    /// Requests in flight when the first was noticed.
    pub in_flight: u64,
    /// Whether the target answered again after the last.
    pub recovered: bool,
    /// Whether the run was ended for it.
    pub ended_run: bool,
    /// The last operations completed before the first, the latest first; `None` where no history
    /// says.
    pub last_completed: Option<Vec<Completed>>,
    /// What the server said of its locks then; nothing where it does not tell.
    pub locks: Vec<String>,
}

/// An operation that was answered.
#[derive(Debug, Serialize)]
pub struct Completed {
    /// Whose it was.
    pub client: u32,
    /// What was asked for: `add`, `read`, `write`, `cas` or `take`.
    pub op: &'static str,
    /// What was added or written; `null` where that is nothing.
    pub arg: Value,
    /// What was answered; `null` where that is nothing.
    pub result: Value,
    /// `ok`, `fail`, or `unknown` after an answer that does not say whether it was applied.
    pub outcome: &'static str,
    /// When it began, since the start.
    pub call_ns: u64,
    /// When its answer was complete.
    pub return_ns: u64,
    /// Request and answer in words.
    #[serde(skip)]
    exchange: String,
}

/// How many of the operations before a stall are shown.
const SHOWN: usize = 5;

impl Stall {
    pub(super) fn new(stalled: Stalled, ended_run: bool, judged: Option<&Judged>) -> Self {
        let Stalled { stalls, locks } = stalled;
        let first = stalls.first;
        Self {
            count: stalls.count,
            at_s: first.at.as_secs_f64(),
            for_s: first.lasted.as_secs_f64(),
            longest_s: stalls.longest.as_secs_f64(),
            in_flight: first.in_flight,
            recovered: stalls.recovered,
            ended_run,
            last_completed: match judged {
                _ if !first.ever_answered => Some(Vec::new()),
                Some(judged) => Some(last_completed(&judged.history.objects, first.at)),
                None => None,
            },
            locks,
        }
    }

    /// The stall in a line.
    pub(super) fn headline(&self) -> String {
        let Self { count, at_s, for_s, longest_s, .. } = self;
        let more = match count {
            1 => String::new(),
            _ => format!("; {count} times in all, for up to {longest_s:.1} s"),
        };
        let end = if self.recovered { "; then it went on" } else { "" };
        format!(
            "nothing completed for {for_s:.1} s, from {at_s:.3} seconds into the run on{more}{end}"
        )
    }

    /// The headline as a field of its own.
    pub(super) fn field(&self) -> Field {
        field("Stalled:", self.headline())
    }

    /// The block about the stall, line by line.
    pub(super) fn fields(&self) -> Vec<Field> {
        let mut fields = vec![self.field(), field("   Requests in flight:", self.in_flight)];
        if let Some(completed) = &self.last_completed {
            let mut lines: Vec<_> = completed.iter().map(Completed::line).collect();
            if lines.is_empty() {
                lines.push("none".to_owned());
            }
            fields.extend(labelled("   Last completed:", lines));
        }
        fields.extend(labelled("   Locks:", self.locks.iter().map(|line| printable(line))));
        fields
    }
}

/// Lines of which the first has a label.
fn labelled(
    label: &'static str,
    lines: impl IntoIterator<Item = String>,
) -> impl Iterator<Item = Field> {
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    labels.zip(lines).map(|(label, line)| field(label, line))
}

/// The last operations of `objects` that were answered by `at`, the latest first.
fn last_completed(objects: &[Object], at: Duration) -> Vec<Completed> {
    let at_ns = u64::try_from(at.as_nanos()).unwrap_or(NEVER - 1);
    let operations = objects
        .iter()
        .flat_map(|object| object.operations.iter().map(move |operation| (object, operation)))
        .filter(|(_, operation)| operation.return_ns <= at_ns);
    // A history may have millions of operations, of which a few are wanted.
    let mut latest = Vec::with_capacity(SHOWN + 1);
    for (object, operation) in operations {
        let later = |(_, other): &(&Object, &Operation)| other.return_ns >= operation.return_ns;
        let place = latest.partition_point(later);
        if place < SHOWN {
            latest.insert(place, (object, operation));
            latest.truncate(SHOWN);
        }
    }
    latest.into_iter().map(|(object, operation)| Completed::new(object, operation)).collect()
}

impl Completed {
    fn new(object: &Object, operation: &Operation) -> Self {
        let Operation { client, op, outcome, call_ns, return_ns, .. } = *operation;
        Self {
            client,
            op: op_name(op),
            arg: arg(operation),
            result: result(operation, &object.lists),
            outcome: outcome_name(outcome),
            call_ns,
            return_ns,
            exchange: exchange(operation, &object.lists),
        }
    }

    fn line(&self) -> String {
        let Self { client, exchange, .. } = self;
        let return_s = Duration::from_nanos(self.return_ns).as_secs_f64();
        format!("{exchange} by client {client}, {return_s:.3} seconds into the run")
    }
}
