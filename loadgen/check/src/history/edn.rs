//! Histories as Jepsen writes them: EDN, an event a map, one after another or in one vector.
//!
//! `{:process 0, :type :invoke, :f :read, :value nil, :time 1}` begins an operation, and the next
//! event of that process ends it: with `:ok`, with `:fail` (not done) or with `:info` (done or
//! not). Processes that are no numbers, as `:nemesis`, do no operations. Without `:time` the
//! place in the file is the time. A value `[key value]`, where the operation alone would have
//! none or no vector, is of the object with that key, as of `jepsen.independent`. The value that
//! an `:add` of a fetch-and-add returns is the new one.

mod forms;
mod values;

use std::collections::HashMap;
use std::io::Read;

use clojure_reader::edn::Edn;

use super::error::ReadError;
use super::fields::{Json, Problem};
use super::objects::{Objects, Raw};
use super::{History, NEVER, Op, Outcome};
use crate::model::Model;
use forms::{Forms, newlines};
use values::{field, json, keyword, op, show, split, untagged};

/// The longest file taken.
const MAX_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// What the object is called where values have no keys.
const NO_KEY: &str = "object";

/// Reads a history; where `model` does not say what its operations mean, they do themselves.
pub(super) fn read(input: impl Read, model: Option<Model>) -> Result<(Model, History), ReadError> {
    let mut bytes = Vec::new();
    input.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ReadError::at(1, format!("longer than {MAX_BYTES} bytes")));
    }
    let text = str::from_utf8(&bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        ReadError::at(1 + newlines(before), "no UTF-8: expected EDN")
    })?;
    let operations = Operations::of(text)?;
    let model = model.or_else(|| operations.model()).ok_or(ReadError::NoModel)?;
    let mut objects = Objects::default();
    for Operation { line, key, raw } in operations.done {
        // Only what a fetch-and-add returns is a result of an addition.
        let result =
            if raw.op == Op::Add && model != Model::FetchAndAdd { Json::Null } else { raw.result };
        objects
            .push(&key, model, Raw { result, ..raw })
            .map_err(|problem| ReadError::at(line, problem))?;
    }
    Ok((model, objects.into_history()))
}

/// An operation, and the line of the event that ended it.
struct Operation {
    line: u64,
    key: String,
    raw: Raw,
}

/// The operations of a file, in the order in which they ended.
#[derive(Default)]
struct Operations {
    done: Vec<Operation>,
    /// What each process is doing.
    under_way: HashMap<u32, Invocation>,
    events: u64,
}

/// An operation that has begun.
struct Invocation {
    line: u64,
    call_ns: u64,
    op: Op,
    /// The key, where its value has one.
    key: Option<String>,
    arg: Json,
}

impl Operations {
    fn of(text: &str) -> Result<Self, ReadError> {
        let mut operations = Self::default();
        let mut forms = Forms::new(text)?;
        while let Some((line, form)) = forms.next()? {
            operations.event(line, &form).map_err(|problem| ReadError::at(line, problem))?;
        }
        let mut left: Vec<_> = operations.under_way.drain().collect();
        left.sort_unstable_by_key(|(_, invocation)| invocation.line);
        for (client, invocation) in left {
            let line = invocation.line;
            operations.end(line, client, invocation, NEVER, Outcome::Unknown, Json::Null);
        }
        Ok(operations)
    }

    fn event(&mut self, line: u64, form: &Edn<'_>) -> Result<(), Problem> {
        let form = untagged(form);
        let Edn::Map(_) = form else {
            return Err(format!(
                "{}: expected a map such as {{:process 0, :type :invoke, …}}",
                show(form)
            ));
        };
        self.events += 1;
        let process = field(form, "process").ok_or("no :process")?;
        let Edn::Int(process) = process else { return Ok(()) };
        let client = u32::try_from(*process)
            .map_err(|_| format!(":process is {process}: expected a number from 0 on"))?;
        let time_ns = match field(form, "time") {
            None | Some(Edn::Nil) => self.events,
            Some(Edn::Int(time)) => u64::try_from(*time)
                .map_err(|_| format!(":time is {time}: expected nanoseconds"))?,
            Some(other) => return Err(format!(":time is {}: expected nanoseconds", show(other))),
        };
        let value = field(form, "value").unwrap_or(const { &Edn::Nil });
        let kind = keyword(form, "type", "invoke, :ok, :fail or :info")?;
        let outcome = match kind {
            "invoke" => return self.begin(line, client, time_ns, op(form)?, value),
            "ok" => Outcome::Ok,
            "fail" => Outcome::Fail,
            "info" => Outcome::Unknown,
            other => {
                return Err(format!(":type is :{other}: expected :invoke, :ok, :fail or :info"));
            }
        };
        let invocation = self.under_way.remove(&client).ok_or_else(|| {
            format!("process {client} ends what it has not begun: expected an :invoke before")
        })?;
        if op(form)? != invocation.op {
            return Err(format!(
                "process {client} ends another operation than it began on line {}",
                invocation.line
            ));
        }
        let result = result(outcome, &invocation, value)?;
        self.end(line, client, invocation, time_ns, outcome, result);
        Ok(())
    }

    fn begin(
        &mut self,
        line: u64,
        client: u32,
        call_ns: u64,
        op: Op,
        value: &Edn<'_>,
    ) -> Result<(), Problem> {
        if let Some(before) = self.under_way.get(&client) {
            return Err(format!(
                "process {client} begins again: expected the end of what it began on line {}",
                before.line
            ));
        }
        let (key, value) = split(op, value);
        let arg = match op {
            Op::Read | Op::Take => Json::Null,
            // What has no value adds one.
            Op::Add if *value == Edn::Nil => Json::Integer(1),
            Op::Add | Op::Write | Op::Cas => json(value)?,
        };
        self.under_way.insert(client, Invocation { line, call_ns, op, key, arg });
        Ok(())
    }

    fn end(
        &mut self,
        line: u64,
        client: u32,
        invocation: Invocation,
        returned_ns: u64,
        outcome: Outcome,
        result: Json,
    ) {
        let Invocation { call_ns, op, key, arg, .. } = invocation;
        let return_ns = if outcome == Outcome::Unknown { NEVER } else { returned_ns };
        let raw = Raw { client, call_ns, return_ns, op, arg, result, outcome };
        self.done.push(Operation { line, key: key.unwrap_or_else(|| NO_KEY.to_owned()), raw });
    }

    /// What the operations can only mean.
    fn model(&self) -> Option<Model> {
        let any = |fits: fn(&Raw) -> bool| self.done.iter().any(|operation| fits(&operation.raw));
        if any(|raw| matches!(raw.op, Op::Write | Op::Cas)) {
            Some(Model::Register)
        } else if any(|raw| raw.op == Op::Read && matches!(raw.result, Json::List(_))) {
            Some(Model::Set)
        } else {
            None
        }
    }
}

fn result(outcome: Outcome, invocation: &Invocation, value: &Edn<'_>) -> Result<Json, Problem> {
    if outcome != Outcome::Ok {
        return Ok(Json::Null);
    }
    let value = match (&invocation.key, untagged(value)) {
        (Some(_), Edn::Vector(pair)) if pair.len() == 2 => &pair[1],
        (Some(key), other) => {
            return Err(format!(":value is {}: expected [{key} value]", show(other)));
        }
        (None, value) => value,
    };
    match (invocation.op, value) {
        (Op::Write, _) => Ok(Json::Null),
        // That it is ok says that it was done; the value repeats what was asked for.
        (Op::Cas, _) | (Op::Take, Edn::Nil) => Ok(Json::Bool(true)),
        (Op::Read | Op::Add | Op::Take, value) => json(value),
    }
}
