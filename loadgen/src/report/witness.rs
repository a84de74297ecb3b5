//! Witnesses as text: the operations that prove an anomaly, and a sentence that says why they do.
//!
//! The table is Lincheck's: an operation a row, a column per client, from top to bottom in the
//! order in which the operations began. The sentence, which the model has, is in the manner of Elle.

mod clock;
mod table;

use std::collections::BTreeMap;

use check::history::{NIL, Op, Outcome};
use check::{Anomaly, AnomalyKind, Explanation, List, Model, Object, Operation, explain};

use super::layout::{Screen, wrap};
use crate::escape;
use crate::judge::Judged;
use clock::Clock;
pub(super) use table::{Row, Table, client_name, left_out};

/// The widest line of a table or a sentence, in characters.
const WIDTH: usize = 100;

/// A list with more elements than this is told by its length.
const SHORT_LIST: usize = 6;

/// What proves an anomaly of one object.
pub(super) struct Witness<'h> {
    object: &'h Object,
    anomaly: &'h Anomaly,
    /// In the order in which they began.
    operations: Vec<u32>,
    clock: Clock,
    pub(super) why: Explanation,
}

/// A block for each kind of anomaly that operations prove, about the first of its kind: a heading,
/// the table and the sentence.
pub(super) fn blocks(judged: &Judged, screen: Screen) -> Vec<Vec<String>> {
    let mut first = BTreeMap::<AnomalyKind, (&Object, Model, &Anomaly)>::new();
    for (object, model, judgement) in judged.objects() {
        for anomaly in judgement.anomalies.iter().filter(|anomaly| !anomaly.witness.is_empty()) {
            let earliest = first.entry(anomaly.kind).or_insert((object, model, anomaly));
            if anomaly.times_ns.first() < earliest.2.times_ns.first() {
                *earliest = (object, model, anomaly);
            }
        }
    }
    let mut first: Vec<_> = first.into_values().collect();
    first.sort_by_key(|(.., anomaly)| anomaly.times_ns.first().copied());
    let witnesses =
        first.into_iter().map(|(object, model, anomaly)| Witness::new(object, model, anomaly));
    witnesses.map(|witness| witness.lines(screen)).collect()
}

/// The block of one anomaly: that of the object with this index which these operations prove.
pub(super) fn of(
    judged: &Judged,
    object: usize,
    operations: &[u32],
    screen: Screen,
) -> Option<Vec<String>> {
    let anomalies = &judged.judgements.get(object)?.anomalies;
    let is_it = |anomaly: &&Anomaly| anomaly.witness == operations && !operations.is_empty();
    let anomaly = anomalies.iter().find(is_it)?;
    let model = judged.model_of(object);
    Some(Witness::new(&judged.history.objects[object], model, anomaly).lines(screen))
}

impl<'h> Witness<'h> {
    pub(super) fn new(object: &'h Object, model: Model, anomaly: &'h Anomaly) -> Self {
        let mut operations = anomaly.witness.clone();
        operations.sort_by_key(|index| object.operations[*index as usize].call_ns);
        let clock = Clock::of(operations.iter().map(|index| &object.operations[*index as usize]));
        let why = explain(object, model, anomaly, &|time_ns| clock.time(time_ns));
        Self { object, anomaly, operations, clock, why }
    }

    /// The table, with a column per client unless there are too many.
    pub(super) fn table(&self) -> Table {
        Table::new(self)
    }

    /// When the first operation began, in nanoseconds on the history's clock.
    pub(super) fn origin_ns(&self) -> u64 {
        self.clock.origin_ns
    }

    fn lines(&self, screen: Screen) -> Vec<String> {
        let one = self.anomaly.kind.names().one;
        let key = escape::line(&self.object.key);
        let origin_s = std::time::Duration::from_nanos(self.origin_ns()).as_secs_f64();
        let heading = format!("First {one}, of {key}; 0 is {origin_s:.6} seconds into the run:");
        let mut lines = wrap(&heading, screen.at_most(usize::MAX));
        lines.extend(self.table().lines(screen));
        lines.extend(wrap(&escape::line(&self.why.sentence), screen.at_most(WIDTH)));
        lines
    }

    fn operation(&self, index: u32) -> &'h Operation {
        &self.object.operations[index as usize]
    }

    /// What was asked for and what the answer was, as in `add 1 → 17`.
    fn exchange(&self, index: u32) -> String {
        let operation = self.operation(index);
        let answer = match operation.list(&self.object.lists) {
            Some(list) => self.list(list),
            None => answer(self.object, operation),
        };
        in_one(self.object, operation, &answer)
    }

    /// A list, or its length and which of the elements that matter it holds.
    fn list(&self, list: List<'_>) -> String {
        if list.len() <= SHORT_LIST {
            return format!("[{}]", self.joined(list.elements()));
        }
        let (with, without): (Vec<i64>, Vec<i64>) =
            self.why.elements.iter().partition(|element| list.contains(**element));
        let concerned = match (with.is_empty(), without.is_empty()) {
            (true, true) => String::new(),
            (false, true) => format!(", with {}", self.joined(with)),
            (true, false) => format!(", without {}", self.joined(without)),
            (false, false) => {
                format!(", with {}, without {}", self.joined(with), self.joined(without))
            }
        };
        format!("{} elements{concerned}", list.len())
    }

    fn joined(&self, elements: impl IntoIterator<Item = i64>) -> String {
        joined(self.object, elements)
    }
}

/// What was asked for and what the answer was of an operation on `object`.
pub(super) fn exchange(object: &Object, operation: &Operation) -> String {
    let answer = match operation.list(&object.lists) {
        Some(list) if list.len() <= SHORT_LIST => format!("[{}]", joined(object, list.elements())),
        Some(list) => format!("{} elements", list.len()),
        None => answer(object, operation),
    };
    in_one(object, operation, &answer)
}

fn in_one(object: &Object, operation: &Operation, answer: &str) -> String {
    // Texts come from outside.
    escape::line(&format!("{} → {answer}", request(object, operation)))
}

fn joined(object: &Object, elements: impl IntoIterator<Item = i64>) -> String {
    let shown = |element| object.tokens.value(element).to_string();
    elements.into_iter().map(shown).collect::<Vec<_>>().join(", ")
}

/// Accounts and how much is in each, or of how many that was said.
fn balances(object: &Object, row: check::Row<'_>) -> String {
    let shown = |(account, balance)| format!("{}: {balance}", object.tokens.value(account));
    match row.iter().count() {
        ..=SHORT_LIST => row.of(&object.balances).map(shown).collect::<Vec<_>>().join(", "),
        count => format!("{count} accounts"),
    }
}

/// What was asked for, as in `add 1`.
fn request(object: &Object, operation: &Operation) -> String {
    let Operation { op, arg, new, .. } = *operation;
    let name = op.name();
    let value = |value| object.tokens.value(value);
    match op {
        Op::Cas => format!("{name} {} to {}", value(arg), value(new)),
        Op::Move => match object.balances.between(operation) {
            Some(ends) => {
                let [from, to] = ends.map(|account| value(object.balances.account(account)));
                format!("{name} {arg} from {from} to {to}")
            }
            None => name.to_owned(),
        },
        Op::Add | Op::Write => format!("{name} {}", value(arg)),
        _ if arg == NIL => name.to_owned(),
        _ => format!("{name} {}", value(arg)),
    }
}

/// What was answered, where that is no list.
fn answer(object: &Object, operation: &Operation) -> String {
    match (operation.outcome, operation.op, operation.result) {
        (Outcome::Fail, ..) => "fail".to_owned(),
        (Outcome::Unknown, ..) => "?".to_owned(),
        (Outcome::Ok, Op::Read, result) => match operation.row(&object.balances) {
            Some(row) => balances(object, row),
            None => object.tokens.value(result).to_string(),
        },
        (Outcome::Ok, _, NIL) => "ok".to_owned(),
        (Outcome::Ok, _, result) => object.tokens.value(result).to_string(),
    }
}

#[cfg(test)]
mod tests;
