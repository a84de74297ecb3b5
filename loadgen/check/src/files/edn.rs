//! Histories as Jepsen writes them: EDN, an event a map, one after another or in one vector.
//!
//! `{:process 0, :type :invoke, :f :read, :value nil, :time 1}` begins an operation, and the next
//! event of that process ends it: with `:ok`, with `:fail` (not done) or with `:info` (done or
//! not). So a `:cas` that found another value is `:fail`, which says less than that it did.
//! Processes that are keywords, as `:nemesis`, do no operations.
//!
//! If no event has a `:time`, their places in the file are the times. Either all of a file's
//! operations are of one object, or all values are `[key value]`, as of `jepsen.independent`:
//! a `:cas` has a key if it is `[key [expected new]]`, others if they begin with two values. `:inc`
//! adds one. The value that an addition returned is the new one for a fetch-and-add, and nothing
//! for other models.

mod forms;
mod values;

use std::collections::HashMap;
use std::io::BufRead;

use clojure_reader::edn::{self, Edn};
use clojure_reader::error::Code;

use self::forms::Forms;
use self::values::{Function, field, key, keyword, show, untagged};
use super::cursor::{Json, Problem};
use super::error::ReadError;
use super::objects::{Objects, Raw};
use crate::history::{History, NEVER, Op, Outcome};
use crate::models::{Answer, Model};

/// What the object is called where values have no keys.
const NO_KEY: &str = "object";

/// Reads a history that begins on the line called `first`; where `model` does not say what its
/// operations mean, they do themselves.
pub(super) fn read(
    input: impl BufRead,
    first: u64,
    model: Option<Model>,
) -> Result<(Model, History), ReadError> {
    let operations = Operations::of(input, first)?;
    let model = model.or_else(|| operations.model()).ok_or(ReadError::NoModel)?;
    let sum = model.answer(Op::Add);
    if let (Some(Answer::Chosen), Some(line)) = (sum, operations.first_inc) {
        return Err(ReadError::at(
            line,
            format!(":f is :inc: expected :add or :read for a {model}"),
        ));
    }
    let mut objects = Objects::default();
    for Operation { line, key, raw } in operations.done {
        // What an addition returned is a result only where the model's additions have one.
        let result =
            if raw.op == Op::Add && sum != Some(Answer::Number) { Json::Null } else { raw.result };
        objects
            .push(key.as_deref().unwrap_or(NO_KEY), model, Raw { result, ..raw })
            .map_err(|problem| ReadError::at(line, problem))?;
    }
    Ok((model, objects.into_history()))
}

/// An operation, and the line of the event that ended it.
struct Operation {
    line: u64,
    key: Option<String>,
    raw: Raw,
}

/// The operations of a file, in the order in which they ended.
#[derive(Default)]
struct Operations {
    done: Vec<Operation>,
    /// What each process is doing.
    under_way: HashMap<u32, Invocation>,
    events: u64,
    /// Whether events have times, and the line that said so.
    is_timed: Option<(bool, u64)>,
    /// Whether values have keys, and the line that said so.
    is_keyed: Option<(bool, u64)>,
    first_inc: Option<u64>,
}

/// Where an event stands, whose it is, and when it was.
#[derive(Debug, Clone, Copy)]
struct At {
    line: u64,
    client: u32,
    time_ns: u64,
}

/// An operation that has begun.
struct Invocation {
    line: u64,
    call_ns: u64,
    function: Function,
    key: Option<String>,
    arg: Json,
}

impl Operations {
    fn of(input: impl BufRead, first: u64) -> Result<Self, ReadError> {
        let mut operations = Self::default();
        let mut forms = Forms::new(input, first);
        while let Some((line, text)) = forms.next()? {
            let (form, rest) = edn::read(text).map_err(|error| {
                let within = error.line.map_or(0, |line| line as u64 - 1);
                ReadError::at(line + within, format!("no EDN: {}", told(&error.code)))
            })?;
            if !rest.trim().is_empty() {
                return Err(ReadError::at(line, "no EDN: more than one form where one was begun"));
            }
            operations.event(line, &form).map_err(|problem| ReadError::at(line, problem))?;
        }
        let mut left: Vec<_> = operations.under_way.drain().collect();
        left.sort_unstable_by_key(|(_, invocation)| invocation.line);
        for (client, invocation) in left {
            let line = invocation.line;
            let at = At { line, client, time_ns: NEVER };
            operations.end(at, invocation, Outcome::Unknown, Json::Null);
        }
        Ok(operations)
    }

    fn event(&mut self, line: u64, form: &Edn<'_>) -> Result<(), Problem> {
        const KINDS: &str = ":invoke, :ok, :fail or :info";
        let form = untagged(form);
        let Edn::Map(_) = form else {
            let found = show(form);
            return Err(format!(
                "{found}: expected a map such as {{:process 0, :type :invoke, …}}"
            ));
        };
        self.events += 1;
        let client = match field(form, "process") {
            Some(Edn::Key(_)) => return Ok(()),
            Some(Edn::Int(process)) => u32::try_from(*process)
                .map_err(|_| format!(":process is {process}: expected a number from 0 on"))?,
            Some(other) => {
                return Err(format!(":process is {}: expected a number or keyword", show(other)));
            }
            None => return Err("no :process: expected a number or keyword".to_owned()),
        };
        let time_ns = self.time_ns(line, form)?;
        let at = At { line, client, time_ns };
        let value = field(form, "value").unwrap_or(const { &Edn::Nil });
        let outcome = match keyword(form, "type", KINDS)? {
            "invoke" => return self.begin(at, Function::of(form)?, value),
            "ok" => Outcome::Ok,
            "fail" => Outcome::Fail,
            "info" => Outcome::Unknown,
            other => return Err(format!(":type is :{other}: expected {KINDS}")),
        };
        let invocation = self.under_way.remove(&client).ok_or_else(|| {
            format!("process {client} ends what it has not begun: expected an :invoke before")
        })?;
        invocation.is_ended_by(client, Function::of(form)?, time_ns)?;
        let result = match outcome {
            Outcome::Ok => invocation.result(value)?,
            Outcome::Fail | Outcome::Unknown => Json::Null,
        };
        self.end(at, invocation, outcome, result);
        Ok(())
    }

    fn time_ns(&mut self, line: u64, event: &Edn<'_>) -> Result<u64, Problem> {
        let time = field(event, "time").filter(|time| **time != Edn::Nil);
        let (is_timed, decided) = *self.is_timed.get_or_insert((time.is_some(), line));
        match time {
            None if !is_timed => Ok(self.events),
            None => Err(format!("no :time: expected nanoseconds, as on line {decided}")),
            Some(Edn::Int(time)) if is_timed => u64::try_from(*time)
                .map_err(|_| format!(":time is {time}: expected nanoseconds from 0 on")),
            Some(found) => {
                let expected = if is_timed { "nanoseconds" } else { "none, as there is none" };
                let found = show(found);
                Err(format!(":time is {found}: expected {expected}, as on line {decided}"))
            }
        }
    }

    fn begin(&mut self, at: At, function: Function, value: &Edn<'_>) -> Result<(), Problem> {
        let At { line, client, time_ns: call_ns } = at;
        if let Some(before) = self.under_way.get(&client) {
            return Err(format!(
                "process {client} begins again: expected the end of what it began on line {}",
                before.line
            ));
        }
        let keyed = function.keyed(value);
        let (is_keyed, decided) = *self.is_keyed.get_or_insert((keyed.is_some(), line));
        if is_keyed != keyed.is_some() {
            let expected = if is_keyed { "[key value]" } else { "a value without a key" };
            let found = show(value);
            return Err(format!(":value is {found}: expected {expected}, as on line {decided}"));
        }
        let arg = function.argument(keyed.map_or(value, |(_, value)| value))?;
        let key = keyed.map(|(form, _)| key(form)).transpose()?;
        if function == Function::Inc {
            self.first_inc.get_or_insert(line);
        }
        self.under_way.insert(client, Invocation { line, call_ns, function, key, arg });
        Ok(())
    }

    fn end(&mut self, at: At, invocation: Invocation, outcome: Outcome, result: Json) {
        let At { line, client, time_ns: returned_ns } = at;
        let Invocation { call_ns, function, key, arg, .. } = invocation;
        let return_ns = if outcome == Outcome::Unknown { NEVER } else { returned_ns };
        let raw = Raw {
            client,
            call_ns,
            return_ns,
            op: function.op(),
            arg,
            result,
            outcome,
            is_assumed: false,
        };
        self.done.push(Operation { line, key, raw });
    }

    /// What the operations can only mean.
    fn model(&self) -> Option<Model> {
        let any = |fits: fn(&Raw) -> bool| self.done.iter().any(|operation| fits(&operation.raw));
        let is_list = |raw: &Raw| matches!(raw.result, Json::Pair(_) | Json::List(_));
        if any(|raw| matches!(raw.op, Op::Write | Op::Cas)) {
            Some(Model::Register)
        } else if any(is_list) {
            Some(Model::Set)
        } else {
            None
        }
    }
}

impl Invocation {
    /// Refuses an event that cannot be its end.
    fn is_ended_by(
        &self,
        client: u32,
        function: Function,
        returned_ns: u64,
    ) -> Result<(), Problem> {
        let Self { line, call_ns, .. } = self;
        if function != self.function {
            return Err(format!(
                "process {client} ends another operation than it began on line {line}"
            ));
        }
        if returned_ns < *call_ns {
            return Err(format!(
                ":time is {returned_ns}: expected {call_ns} or later, when line {line} began it"
            ));
        }
        Ok(())
    }

    /// What it returned, if the value of its `:ok` is this.
    fn result(&self, value: &Edn<'_>) -> Result<Json, Problem> {
        let Some(expected) = &self.key else { return self.function.result(untagged(value)) };
        if let Some((form, value)) = self.function.keyed(value)
            && key(form)? == *expected
        {
            return self.function.result(untagged(value));
        }
        Err(format!(":value is {}: expected a value of the key {expected}", show(value)))
    }
}

fn told(code: &Code) -> String {
    match code {
        Code::HashMapDuplicateKey => "a key comes twice in a map".to_owned(),
        Code::SetDuplicateKey => "an element comes twice in a set".to_owned(),
        Code::InvalidNumber => "a number that is none, or out of range".to_owned(),
        other => format!("{other:?}"),
    }
}
