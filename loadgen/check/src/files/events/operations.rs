//! Events, put together to operations.

mod invocation;

use std::collections::{HashMap, HashSet};
use std::io::BufRead;

use clojure_reader::edn::Edn;

use super::super::cursor::{Json, Problem};
use super::super::error::ReadError;
use super::super::memory::Memory;
use super::super::objects::Raw;
use super::forms::Forms;
use super::order::{Moment, Span, reconcile};
use super::values::{Function, field, is_transaction, key, keyword, show, untagged};
use super::{Syntax, edn, json};
use crate::history::{NEVER, Op, Outcome};
use crate::lists::Lists;
use crate::models::Model;

use self::invocation::Invocation;

/// An operation, and the line of the event that ended it.
pub(super) struct Operation {
    pub(super) line: u64,
    pub(super) key: Option<String>,
    pub(super) raw: Raw,
}

/// The operations of a file, in the order in which they ended.
#[derive(Default)]
pub(super) struct Operations {
    pub(super) done: Vec<Operation>,
    /// The line of the first `:inc`.
    pub(super) first_inc: Option<u64>,
    /// Whether a write whose invocation has no value has one when it is over.
    pub(super) shows_late: bool,
    /// When each of `done` was, and whose it is.
    spans: Vec<Span>,
    /// What each process is doing.
    under_way: HashMap<i64, Invocation>,
    events: u64,
    /// Whether events have times, and the line that said so.
    is_timed: Option<(bool, u64)>,
    /// Whether values have keys, and the line that said so.
    is_keyed: Option<(bool, u64)>,
    /// The lists that were returned, of all keys.
    pub(super) lists: Lists,
    /// What the operations hold, those under way among them, beside the lists.
    bytes: usize,
}

/// Where an event stands, whose it is, and when it was.
#[derive(Debug, Clone, Copy)]
struct At {
    line: u64,
    process: i64,
    moment: Moment,
}

/// What an event takes once it is parsed, for each value in it: of a list it is most often an element.
const VALUE_BYTES: usize = 4 * size_of::<Edn<'static>>();

/// What ordering the events by lines and times takes for each operation, which begins and ends.
const SETTLING_BYTES: usize = 256;

const KINDS: &str = ":invoke, :ok, :fail or :info";

impl Operations {
    /// The operations of `input`, which begins on the line called `first`.
    pub(super) fn of(
        input: impl BufRead,
        first: u64,
        syntax: Syntax,
        memory: Memory,
    ) -> Result<Self, ReadError> {
        let mut operations = Self::default();
        let mut forms = Forms::new(input, first, memory);
        while let Some((line, text)) = forms.next()? {
            memory.check_line(line, text.as_bytes(), operations.bytes(), VALUE_BYTES)?;
            let of_line = |problem| ReadError::at(line, problem);
            match syntax {
                Syntax::Edn => operations.event(line, &edn::event(line, text)?),
                Syntax::Json => operations.event(line, &json::event(text).map_err(of_line)?),
            }
            .map_err(of_line)?;
            memory.check(line, operations.bytes() + operations.done.len() * SETTLING_BYTES)?;
        }
        let mut left: Vec<_> = operations.under_way.drain().collect();
        left.sort_unstable_by_key(|(_, invocation)| invocation.line);
        for (process, invocation) in left {
            let moment = Moment { place: u64::MAX, time_ns: NEVER };
            let at = At { line: invocation.line, process, moment };
            operations.end(at, invocation, Outcome::Unknown, Json::Null);
        }
        operations.settle();
        Ok(operations)
    }

    /// How much memory they hold.
    pub(super) fn bytes(&self) -> usize {
        self.bytes + self.lists.heap_bytes()
    }

    fn event(&mut self, line: u64, form: &Edn<'_>) -> Result<(), Problem> {
        let form = untagged(form);
        let Edn::Map(_) = form else {
            let found = show(form);
            return Err(format!(
                "{found}: expected a map such as {{:process 0, :type :invoke, …}}"
            ));
        };
        self.events += 1;
        let kind = keyword(form, "type", KINDS);
        let is_info = kind.as_ref().is_ok_and(|kind| *kind == "info");
        let Some(process) = process(form, is_info)? else { return Ok(()) };
        let kind = kind?;
        // Whoever says so, it is no operation that begins or ends.
        if is_info && Function::of(form).is_err() {
            return Ok(());
        }
        let value = field(form, "value").unwrap_or(const { &Edn::Nil });
        if is_transaction(value) {
            return Err(NO_TRANSACTIONS.to_owned());
        }
        let function = Function::of(form)?;
        let moment = Moment { place: self.events, time_ns: self.time_ns(line, form)? };
        let at = At { line, process, moment };
        let outcome = match kind {
            "invoke" => return self.begin(at, function, value),
            "ok" => Outcome::Ok,
            "fail" => Outcome::Fail,
            "info" => Outcome::Unknown,
            other => return Err(format!(":type is :{other}: expected {KINDS}")),
        };
        let mut invocation = self.under_way.remove(&process).ok_or_else(|| {
            format!("process {process} ends an operation that it has not begun: expected an :invoke before")
        })?;
        invocation.is_ended_by(process, function, moment.time_ns)?;
        let result = match outcome {
            Outcome::Ok => self.ended(&mut invocation, value)?,
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
                let expected = if is_timed { "nanoseconds" } else { "no :time" };
                let found = show(found);
                Err(format!(":time is {found}: expected {expected}, as on line {decided}"))
            }
        }
    }

    fn begin(&mut self, at: At, function: Function, value: &Edn<'_>) -> Result<(), Problem> {
        let At { line, process, moment: called } = at;
        if let Some(before) = self.under_way.get(&process) {
            return Err(format!(
                "process {process} begins another operation: expected the end of the one that it \
                 began on line {}",
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
        let invocation = Invocation { line, called, function, key, arg };
        self.bytes += invocation.bytes();
        self.under_way.insert(process, invocation);
        Ok(())
    }

    /// What an operation returned whose `:ok` has this value. Where that says what was asked for, it
    /// counts before what the invocation says.
    fn ended(&mut self, invocation: &mut Invocation, value: &Edn<'_>) -> Result<Json, Problem> {
        let result = invocation.result(value)?;
        let is_integer = matches!(result, Json::Integer(_));
        match invocation.function {
            Function::Write if is_integer => {
                self.shows_late |= invocation.arg == Json::Null;
                invocation.arg = result;
                Ok(Json::Null)
            }
            Function::Write => Ok(Json::Null),
            Function::Add if invocation.arg == Json::Null && !is_integer => {
                Err(":value is nil: expected an integer".to_owned())
            }
            _ => Ok(result),
        }
    }

    fn end(&mut self, at: At, invocation: Invocation, outcome: Outcome, result: Json) {
        let At { line, process, moment } = at;
        self.bytes -= invocation.bytes();
        let Invocation { called, function, key, arg, .. } = invocation;
        let result = match result {
            Json::List(list) => Json::Kept(self.lists.push(&list)),
            other => other,
        };
        let returned = (outcome != Outcome::Unknown).then_some(moment);
        self.bytes += size_of::<Operation>() + size_of::<Span>();
        self.bytes += key.as_ref().map_or(0, String::len);
        self.spans.push(Span { process, called, returned });
        let raw = Raw {
            client: 0,
            call_ns: called.time_ns,
            return_ns: returned.map_or(NEVER, |returned| returned.time_ns),
            op: function.op(),
            arg,
            result,
            outcome,
            is_assumed: false,
        };
        self.done.push(Operation { line, key, raw });
    }

    /// Gives every operation its client and its times.
    fn settle(&mut self) {
        let clients = clients(&self.spans);
        if self.is_timed.is_some_and(|(is_timed, _)| is_timed) {
            reconcile(&mut self.spans);
        }
        for (Operation { raw, .. }, span) in self.done.iter_mut().zip(&self.spans) {
            raw.client = clients[&span.process];
            raw.call_ns = span.called.time_ns;
            raw.return_ns = span.returned.map_or(NEVER, |returned| returned.time_ns);
        }
        self.spans = Vec::new();
    }

    /// What the operations can only mean.
    pub(super) fn model(&self) -> Option<Model> {
        let any = |fits: fn(&Raw) -> bool| self.done.iter().any(|operation| fits(&operation.raw));
        let is_list = |raw: &Raw| matches!(raw.result, Json::Pair(_) | Json::Kept(_));
        if any(|raw| matches!(raw.op, Op::Write | Op::Cas)) {
            Some(Model::Register)
        } else if any(is_list) {
            Some(Model::Set)
        } else {
            None
        }
    }
}

pub(super) const NO_TRANSACTIONS: &str = "transactions are not judged (yet)";

/// Whose an event is; `None` where it is none of a client.
fn process(event: &Edn<'_>, is_info: bool) -> Result<Option<i64>, Problem> {
    match field(event, "process") {
        Some(Edn::Key(_) | Edn::Int(-1)) => Ok(None),
        Some(Edn::Int(process @ 0..)) => Ok(Some(*process)),
        Some(Edn::Int(process)) => {
            Err(format!(":process is {process}: expected a number from 0 on"))
        }
        Some(Edn::Nil) | None if is_info => Ok(None),
        Some(other) => Err(format!(":process is {}: expected a number or keyword", show(other))),
        None => Err("no :process: expected a number or keyword".to_owned()),
    }
}

/// The client that each process is: of its own number, where that is one. Larger ones are given the
/// largest numbers that are free, in their order.
fn clients(spans: &[Span]) -> HashMap<i64, u32> {
    let processes: HashSet<_> = spans.iter().map(|span| span.process).collect();
    let (small, mut large): (Vec<_>, Vec<_>) =
        processes.into_iter().partition(|process| u32::try_from(*process).is_ok());
    let own = |process: i64| u32::try_from(process).unwrap_or(u32::MAX);
    let mut clients: HashMap<_, _> =
        small.iter().map(|process| (*process, own(*process))).collect();
    large.sort_unstable_by(|one, other| other.cmp(one));
    let free = (0..=u32::MAX).rev().filter(|client| !small.contains(&i64::from(*client)));
    let free: Vec<_> = free.take(large.len()).collect();
    clients.extend(large.into_iter().zip(free));
    clients
}
