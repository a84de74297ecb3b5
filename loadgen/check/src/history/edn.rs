//! Histories as Jepsen writes them: EDN, an event a map, one after another or in one vector.
//!
//! `{:process 0, :type :invoke, :f :read, :value nil, :time 1}` begins an operation, and the next
//! event of that process ends it: with `:ok`, with `:fail` (not done) or with `:info` (done or
//! not). Processes that are no numbers, as `:nemesis`, do no operations. Without `:time` the
//! place in the file is the time. A value `[key value]`, where the operation alone would have
//! none or no vector, is of the object with that key, as of `jepsen.independent`. The value that
//! an `:add` of a fetch-and-add returns is the new one.

use std::collections::HashMap;
use std::io::Read;

use clojure_reader::edn::{self, Edn};

use super::error::ReadError;
use super::fields::{Json, Problem};
use super::objects::{Objects, Raw};
use super::{History, NEVER, NIL, Op, Outcome};
use crate::model::Model;

/// The longest file taken.
const MAX_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Deeper nesting is no history.
const MAX_DEPTH: usize = 64;
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

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
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

/// The forms of a text, one after another or in one vector or list.
struct Forms<'t> {
    text: &'t str,
    rest: &'t str,
    /// What ends the vector that the forms are in.
    close: Option<char>,
    line: u64,
}

impl<'t> Forms<'t> {
    fn new(text: &'t str) -> Result<Self, ReadError> {
        shallow(text)?;
        let mut forms = Self { text, rest: text, close: None, line: 1 };
        forms.pass_space();
        forms.close = match forms.rest.chars().next() {
            Some('[') => Some(']'),
            Some('(') => Some(')'),
            _ => None,
        };
        if forms.close.is_some() {
            forms.pass(1);
        }
        Ok(forms)
    }

    /// The next form and the line that it begins on.
    fn next(&mut self) -> Result<Option<(u64, Edn<'t>)>, ReadError> {
        self.pass_space();
        let first = self.rest.chars().next();
        match (first, self.close) {
            (None, None) => return Ok(None),
            (None, Some(close)) => {
                return Err(ReadError::at(self.line, format!("the file ends: expected `{close}`")));
            }
            (Some(first), Some(close)) if first == close => {
                self.pass(1);
                self.close = None;
                self.pass_space();
                if self.rest.is_empty() {
                    return Ok(None);
                }
                return Err(ReadError::at(self.line, format!("text after the last `{close}`")));
            }
            _ => {}
        }
        let line = self.line;
        let (form, rest) = edn::read(self.rest).map_err(|error| {
            let within = error.line.map_or(0, |line| line as u64 - 1);
            ReadError::at(line + within, format!("no EDN: {:?}", error.code))
        })?;
        self.pass(self.rest.len() - rest.len());
        Ok(Some((line, form)))
    }

    fn pass(&mut self, bytes: usize) {
        let (passed, rest) = self.rest.split_at(bytes);
        self.line += newlines(passed.as_bytes());
        self.rest = rest;
        debug_assert!(self.text.ends_with(rest));
    }

    /// Passes over what means nothing: space, commas and comments.
    fn pass_space(&mut self) {
        loop {
            let blank = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            self.pass(self.rest.len() - blank.len());
            if !self.rest.starts_with(';') {
                return;
            }
            self.pass(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
    }
}

/// Refuses what is nested so deeply that it could be no history.
fn shallow(text: &str) -> Result<(), ReadError> {
    let (mut depth, mut line, mut in_string, mut in_comment, mut escaped) =
        (0_usize, 1, false, false, false);
    for byte in text.bytes() {
        line += u64::from(byte == b'\n');
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'\n' => in_comment = false,
            _ if in_comment => {}
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b';' => in_comment = true,
            b'[' | b'(' | b'{' => depth += 1,
            b']' | b')' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(ReadError::at(line, "nested too deeply: expected maps of an event each"));
        }
    }
    Ok(())
}

fn untagged<'e, 't>(form: &'e Edn<'t>) -> &'e Edn<'t> {
    match form {
        Edn::Tagged(_, form) => untagged(form),
        form => form,
    }
}

/// The value of a field, whatever the namespace of its keyword.
fn field<'e, 't>(map: &'e Edn<'t>, name: &str) -> Option<&'e Edn<'t>> {
    let Edn::Map(map) = map else { return None };
    map.iter().find(|(key, _)| matches!(key, Edn::Key(key) if local(key) == name)).map(|(_, v)| v)
}

/// A keyword without its namespace.
fn local(keyword: &str) -> &str {
    keyword.rsplit('/').next().unwrap_or(keyword)
}

fn keyword<'e>(map: &'e Edn<'_>, name: &str, expected: &str) -> Result<&'e str, Problem> {
    match field(map, name) {
        Some(Edn::Key(keyword)) => Ok(local(keyword)),
        Some(other) => Err(format!(":{name} is {}: expected :{expected}", show(other))),
        None => Err(format!("no :{name}: expected :{expected}")),
    }
}

fn op(map: &Edn<'_>) -> Result<Op, Problem> {
    match keyword(map, "f", "read, :write, :cas, :add, :inc or :take")? {
        "read" => Ok(Op::Read),
        "write" => Ok(Op::Write),
        "cas" => Ok(Op::Cas),
        "add" | "inc" => Ok(Op::Add),
        "take" => Ok(Op::Take),
        other => Err(format!(":f is :{other}: expected :read, :write, :cas, :add, :inc or :take")),
    }
}

/// The key in the value of an invocation, if there is one, and the rest.
fn split<'e, 't>(op: Op, value: &'e Edn<'t>) -> (Option<String>, &'e Edn<'t>) {
    match untagged(value) {
        Edn::Vector(pair) if pair.len() == 2 => {
            let is_alone = op == Op::Cas && !matches!(pair[1], Edn::Vector(_));
            if is_alone { (None, value) } else { (Some(show(&pair[0])), &pair[1]) }
        }
        value => (None, value),
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

fn json(value: &Edn<'_>) -> Result<Json, Problem> {
    let element = |value: &Edn<'_>| match value {
        Edn::Int(value) if *value != NIL => Ok(*value),
        Edn::Nil => Ok(NIL),
        other => Err(format!("{} in :value: expected an integer", show(other))),
    };
    match untagged(value) {
        Edn::Bool(value) => Ok(Json::Bool(*value)),
        Edn::Vector(list) | Edn::List(list) => {
            list.iter().map(element).collect::<Result<_, _>>().map(Json::List)
        }
        Edn::Set(set) => set.iter().map(element).collect::<Result<_, _>>().map(Json::List),
        Edn::Nil => Ok(Json::Null),
        Edn::Int(value) if *value != NIL => Ok(Json::Integer(*value)),
        other => Err(format!(
            ":value is {}: expected an integer, nil, true, false or a collection of integers",
            show(other)
        )),
    }
}

/// A form as an error shows it.
fn show(form: &Edn<'_>) -> String {
    const SHOWN_CHARS: usize = 40;
    let text = form.to_string();
    if text.chars().count() <= SHOWN_CHARS {
        return text;
    }
    text.chars().take(SHOWN_CHARS).chain(['…']).collect()
}
