//! Histories as Jepsen writes them: an event a map, in EDN or in JSON, one after another or in one
//! vector.
//!
//! `{:process 0, :type :invoke, :f :read, :value nil, :time 1}` begins an operation, and the next
//! event of that process ends it: with `:ok`, with `:fail` (not done) or with `:info` (done or
//! not). So a `:cas` that found another value is `:fail`, which says less than that it did.
//! In JSON the same event is `{"process":0,"type":"invoke","f":"read","value":null,"time":1}`.
//!
//! Events of a process that is a keyword or -1, as the nemesis is, do no operations; nor does an
//! `:info` whose `:f` is none of ours, as `:crash`, whoever logged it. A client that begins
//! anything else is refused, as its effect is not known.
//!
//! What an `:ok` write wrote, and what an `:ok` addition added to a set, is the value of the `:ok`
//! where it has one: a client may only know it then. The value of an `:ok` addition is the new
//! value for a fetch-and-add. For a counter it counts where the invocation has none.
//!
//! If no event has a `:time`, their places in the file are the times; otherwise both count, as
//! `order` says. Either all of a file's operations are of one object, or all values are
//! `[key value]`, as of `jepsen.independent`: a `:cas` has a key if it is `[key [expected new]]`,
//! others if they begin with two values. `:inc` adds one.

mod edn;
mod forms;
mod json;
mod operations;
mod order;
mod values;

use std::io::BufRead;

use super::cursor::{Json, Problem};
use super::error::ReadError;
use super::file::{Reader, Recorded};
use super::memory::Memory;
use super::objects::{Objects, Raw};
use super::start::{self, Start};
use crate::history::{Initial, Op, Outcome};
use crate::lists::{List, Lists};
use crate::models::{Answer, Model};

use self::operations::{Operation, Operations};

/// What events are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    Edn,
    Json,
}

/// What the object is called where values have no keys.
const NO_KEY: &str = "object";

/// Reads a history that begins on the line called `first`; where `reader` does not say what its
/// operations mean, they do themselves.
pub(super) fn read(
    input: impl BufRead,
    first: u64,
    syntax: Syntax,
    reader: &Reader,
) -> Result<Recorded, ReadError> {
    let memory = Memory::new(reader.memory_bytes);
    let operations = Operations::of(input, first, syntax, memory)?;
    let model = reader.model.or_else(|| operations.model()).ok_or(ReadError::NoModel)?;
    let sum = model.answer(Op::Add);
    if let (Some(Answer::Chosen), Some(line)) = (sum, operations.first_inc) {
        return Err(ReadError::at(
            line,
            format!(":f is :inc: expected :add or :read for a {model}"),
        ));
    }
    let mut objects = Objects::new(false, reader.initial.as_ref(), model)?;
    let (shows_late, held_bytes) = (operations.shows_late, operations.bytes());
    let Operations { done, lists, .. } = operations;
    for mut operation in done {
        let line = operation.line;
        operation.raw.result = listed(operation.raw.result, &lists);
        let is_put = put(operation, model, shows_late, &mut objects);
        is_put.map_err(|problem| ReadError::at(line, problem))?;
        memory.check(line, held_bytes + objects.bytes())?;
    }
    let mut history = objects.into_history();
    let starts = history.objects.iter_mut().map(|object| match object.initial {
        Initial::Default => start::assume(object, model),
        _ => Start::Told,
    });
    let starts = starts.collect();
    Ok(Recorded { model, history, starts })
}

/// The same, with the elements of a list that is one of `lists`.
fn listed(result: Json, lists: &Lists) -> Json {
    let Json::Kept(index) = result else { return result };
    let list = usize::try_from(index).ok().and_then(|index| lists.get(index));
    Json::List(list.into_iter().flat_map(List::elements).collect())
}

/// Adds an operation to its object.
fn put(
    operation: Operation,
    model: Model,
    shows_late: bool,
    objects: &mut Objects,
) -> Result<(), Problem> {
    let Operation { key, mut raw, .. } = operation;
    let Raw { op, outcome, .. } = raw;
    if op == Op::Write && raw.arg == Json::Null && outcome == Outcome::Unknown && shows_late {
        return Err(
            "it is not known what this write wrote, as it has no :ok: expected :value in its \
                    :invoke, as other writes give theirs only in their :ok"
                .to_owned(),
        );
    }
    if op == Op::Add {
        match model.answer(op) {
            // What an addition returned is a result only where the model's additions have one.
            Some(Answer::Number) => {}
            Some(Answer::Chosen) if matches!(raw.result, Json::Integer(_)) => {
                raw.arg = std::mem::replace(&mut raw.result, Json::Null);
            }
            _ if raw.arg == Json::Null => {
                raw.arg = std::mem::replace(&mut raw.result, Json::Null);
            }
            _ => raw.result = Json::Null,
        }
        if raw.arg == Json::Null && model.answer(op) != Some(Answer::Chosen) {
            return match outcome {
                Outcome::Fail => Ok(()),
                _ => Err(":value is nil: expected an integer".to_owned()),
            };
        }
    }
    objects.push(key.as_deref().unwrap_or(NO_KEY), model, raw)
}
