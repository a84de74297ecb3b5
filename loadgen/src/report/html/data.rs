//! What the script of the page draws from.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::sync::Arc;

use check::history::{NEVER, NIL, Op, Outcome};
use check::{AnomalyKind, Names, Object, Operation, Tokens};
use serde_json::{Value, json};

use super::proofs::Shown;
use super::{Distribution, Section, columns, seconds};
use crate::escape::marks;
use crate::judge::Judged;

/// Times later than this are counted from the first operation: they are of another clock than a
/// run's, and a script's numbers could not tell them apart. A day.
const LATE_NS: u64 = 86_400_000_000_000;

/// Operations in the order in which they began.
struct Sorted<'j> {
    objects: &'j [Object],
    /// Their values that are no integers, those of each kind behind those of the one before.
    texts: Vec<&'j Arc<Tokens>>,
    /// Of each object how many texts there are before its own.
    texts_before: Vec<i64>,
    /// Indices of an object and of an operation in it.
    places: Vec<(u32, u32)>,
    /// What times are counted from, on the history's clock.
    origin_ns: u64,
}

/// Writes `{"latency": …, "series": …, "events": […], "history": …}`, of which all but the events may
/// be null.
pub(super) fn write(
    section: &Section<'_>,
    distribution: Option<&Distribution<'_>>,
    shown: &[Shown<'_>],
    page: &mut impl Write,
) -> io::Result<()> {
    write!(page, "{{\"latency\":")?;
    let latency = distribution.map(|distribution| {
        let points: Vec<_> = distribution.points().collect();
        json!({ "count": distribution.count(), "points": points })
    });
    write_json(&json!(latency), page)?;
    write!(page, ",\n\"series\":")?;
    write_json(&json!(section.report.and_then(seconds::series)), page)?;
    write!(page, ",\n\"events\":")?;
    write_json(&json!(section.report.map(seconds::events).unwrap_or_default()), page)?;
    write!(page, ",\n\"history\":")?;
    match section.judged.filter(|judged| judged.operations() > 0) {
        Some(judged) => write_history(judged, shown, page)?,
        None => write!(page, "null")?,
    }
    write!(page, "}}")
}

fn write_history(judged: &Judged, shown: &[Shown<'_>], page: &mut impl Write) -> io::Result<()> {
    let sorted = Sorted::new(&judged.history.objects);
    let keys: Vec<_> = sorted.objects.iter().map(|object| marks(&object.key)).collect();
    write!(page, "{{\"count\":{},\n\"origin\":\"{}\",\n", sorted.places.len(), sorted.origin_ns)?;
    write!(page, "\"keys\":")?;
    write_json(&json!(keys), page)?;
    write!(page, ",\n\"texts\":")?;
    let texts = sorted.texts.iter().flat_map(|tokens| tokens.texts());
    write_json(&texts.map(marks).collect(), page)?;
    write!(page, ",\n\"witnesses\":")?;
    write_json(&json!(sorted.witnesses(shown)), page)?;
    write!(page, ",\n\"anomalies\":[")?;
    for (number, (kind, times_ns)) in times(judged).into_iter().enumerate() {
        let Names { one, several, .. } = kind.names();
        let comma = if number > 0 { "," } else { "" };
        write!(page, "{comma}\n{{\"one\":\"{one}\",\"more\":\"{several}\",\"times\":")?;
        columns::write(deltas(times_ns.iter().copied(), sorted.origin_ns), page)?;
        write!(page, ",\"count\":{}}}", times_ns.len())?;
    }
    write!(page, "],\n\"columns\":{{")?;
    sorted.write_columns(page)?;
    write!(page, "}}}}")
}

/// JSON in which nothing can end the element that it stands in.
fn write_json(value: &Value, page: &mut impl Write) -> io::Result<()> {
    let text = value.to_string().replace('<', "\\u003c");
    page.write_all(text.as_bytes())
}

/// When anomalies happened, by kind, ascending.
fn times(judged: &Judged) -> BTreeMap<AnomalyKind, Vec<u64>> {
    let mut times = BTreeMap::<_, Vec<u64>>::new();
    for anomaly in judged.judgements.iter().flat_map(|judgement| &judgement.anomalies) {
        times.entry(anomaly.kind).or_default().extend_from_slice(&anomaly.times_ns);
    }
    times.retain(|_, times_ns| !times_ns.is_empty());
    for times_ns in times.values_mut() {
        times_ns.sort_unstable();
    }
    times
}

/// Ascending times as differences, the first from `origin_ns`.
fn deltas(
    times_ns: impl Iterator<Item = u64> + Clone,
    origin_ns: u64,
) -> impl Iterator<Item = i64> + Clone {
    times_ns.scan(origin_ns, |last_ns, time_ns| {
        let delta_ns = time_ns.saturating_sub(std::mem::replace(last_ns, time_ns));
        Some(delta_ns.cast_signed())
    })
}

impl<'j> Sorted<'j> {
    fn new(objects: &'j [Object]) -> Self {
        let of = |(number, object): (u32, &'j Object)| {
            (0..).zip(&object.operations).map(move |(index, _)| (number, index))
        };
        let mut places = Vec::with_capacity(objects.iter().map(|one| one.operations.len()).sum());
        places.extend((0..).zip(objects).flat_map(of));
        let call_ns = |(object, index): &(u32, u32)| {
            objects[*object as usize].operations[*index as usize].call_ns
        };
        places.sort_by_key(call_ns);
        let first_ns = places.first().map_or(0, call_ns);
        let origin_ns = if first_ns > LATE_NS { first_ns } else { 0 };
        let (mut texts, mut texts_before) = (Vec::<&Arc<Tokens>>::new(), Vec::new());
        let (mut count, mut before) = (0, 0);
        for Object { tokens, .. } in objects {
            // Objects of one kind have them in common.
            if texts.last().is_none_or(|last| !Arc::ptr_eq(last, tokens)) {
                texts.push(tokens);
                before = count;
                count += tokens.texts().count();
            }
            texts_before.push(i64::try_from(before).expect("a count of texts fits"));
        }
        Self { objects, texts, texts_before, places, origin_ns }
    }

    fn operations(&self) -> impl Iterator<Item = &'j Operation> + Clone {
        let objects = self.objects;
        self.places
            .iter()
            .map(move |(object, index)| &objects[*object as usize].operations[*index as usize])
    }

    fn write_columns(&self, page: &mut impl Write) -> io::Result<()> {
        let operations = || self.operations();
        write!(page, "\n\"call\":")?;
        columns::write(deltas(operations().map(|one| one.call_ns), self.origin_ns), page)?;
        write!(page, ",\n\"took\":")?;
        columns::write(operations().map(took_ns), page)?;
        write!(page, ",\n\"client\":")?;
        columns::write(operations().map(|operation| operation.client.into()), page)?;
        write!(page, ",\n\"kind\":")?;
        columns::write(self.of_each(|object, _, one| kind(object, one)), page)?;
        write!(page, ",\n\"arg\":")?;
        let number = |object: &Object, texts, value| number(object, texts, value).0;
        columns::write(self.of_each(|object, texts, one| number(object, texts, one.arg)), page)?;
        write!(page, ",\n\"new\":")?;
        columns::write(self.of_each(|object, texts, one| number(object, texts, one.new)), page)?;
        write!(page, ",\n\"object\":")?;
        columns::write(self.places.iter().map(|(object, _)| i64::from(*object)), page)?;
        write!(page, ",\n\"result\":")?;
        let result = |object: &Object, texts: i64, one: &Operation| {
            length(object, one).unwrap_or_else(|| number(object, texts, one.result))
        };
        columns::write(self.of_each(result), page)
    }

    /// What `of` makes of each object, how many texts there are before its own, and operation.
    fn of_each(
        &self,
        of: impl Fn(&Object, i64, &Operation) -> i64 + Clone,
    ) -> impl Iterator<Item = i64> + Clone {
        self.places.iter().map(move |(place, index)| {
            let place = *place as usize;
            let object = &self.objects[place];
            of(object, self.texts_before[place], &object.operations[*index as usize])
        })
    }

    /// The witnesses, with places among all operations.
    fn witnesses(&self, shown: &[Shown<'_>]) -> Vec<Value> {
        let indices = |one: &Shown<'_>| one.anomaly.witness.clone();
        let mut places = HashMap::new();
        for one in shown {
            let object = one.object_index;
            places.extend(indices(one).into_iter().map(|index| ((object, index), None)));
        }
        for (place, (object, index)) in self.places.iter().enumerate() {
            if let Some(known) = places.get_mut(&(*object as usize, *index)) {
                *known = Some(place);
            }
        }
        let witnesses = shown.iter().map(|one| {
            let place = |index: u32| places.get(&(one.object_index, index)).copied().flatten();
            let operations: Vec<_> = indices(one).into_iter().filter_map(place).collect();
            json!({ "operations": operations, "wrong": one.witness.why.wrong.and_then(place) })
        });
        witnesses.collect()
    }
}

/// How long the operation took; [`NIL`] where no answer came.
fn took_ns(operation: &Operation) -> i64 {
    match operation.return_ns {
        NEVER => NIL,
        return_ns => return_ns.saturating_sub(operation.call_ns).cast_signed(),
    }
}

/// What was asked for in bits 0 to 2, how it ended in 3 and 4; what the result is in 5 and 6, the
/// argument in 7 and 8, and what is written in 9 and 10.
fn kind(object: &Object, operation: &Operation) -> i64 {
    let op = match operation.op {
        Op::Add => 0,
        Op::Read => 1,
        Op::Write => 2,
        Op::Cas => 3,
        Op::Take => 4,
        Op::Give => 5,
        Op::Move => 6,
    };
    let outcome = match operation.outcome {
        Outcome::Ok => 0,
        Outcome::Fail => 1,
        Outcome::Unknown => 2,
    };
    let result = match length(object, operation) {
        Some(_) => LENGTH,
        None => number(object, 0, operation.result).1,
    };
    let [arg, new] = [operation.arg, operation.new].map(|value| number(object, 0, value).1);
    op | outcome << 3 | result << 5 | arg << 7 | new << 9
}

/// How long the list is that it returned, or of how many accounts the balances.
fn length(object: &Object, operation: &Operation) -> Option<i64> {
    let length = match operation.list(&object.lists) {
        Some(list) => list.len(),
        None => operation.row(&object.balances)?.iter().count(),
    };
    Some(i64::try_from(length).unwrap_or(i64::MAX))
}

/// What a number of a column is: itself.
const INTEGER: i64 = 0;
/// The length of a list.
const LENGTH: i64 = 1;
/// 1 for yes, 0 for no.
const WHETHER: i64 = 2;
/// The place of a text.
const TEXT: i64 = 3;

/// The number of a column that stands for `value`, and what it is; there are so many texts before the
/// object's own.
fn number(object: &Object, texts_before: i64, value: i64) -> (i64, i64) {
    match object.tokens.value(value) {
        check::Value::Nothing => (NIL, INTEGER),
        check::Value::Integer(integer) => (integer, INTEGER),
        check::Value::Whether(done) => (i64::from(done), WHETHER),
        check::Value::Text(_) => (texts_before + object.tokens.place(value), TEXT),
    }
}
