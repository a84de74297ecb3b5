//! A history while it is put together, object by object.

use std::collections::HashMap;

use super::cursor::{Json, Problem};
use crate::history::{History, Initial, NEVER, NIL, NO, Object, Op, Operation, Outcome, YES};
use crate::lists::Lists;
use crate::models::{Answer, Model, State};

/// The objects so far, by their names.
#[derive(Debug, Default)]
pub(super) struct Objects {
    list: Vec<Object>,
    by_key: HashMap<String, usize>,
    /// The object of the last operation, which most of the next are of.
    last: usize,
    /// What objects without operations, so far, were at first, and which was told first.
    told: HashMap<String, (usize, Initial)>,
    /// Whether others may change them as well.
    are_shared: bool,
    /// What all of them were at first, before what is told of each.
    initial: Option<Initial>,
    /// How much memory they hold.
    bytes: usize,
}

/// An operation before its argument and its result are understood.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) client: u32,
    pub(super) call_ns: u64,
    /// [`NEVER`] where it did not.
    pub(super) return_ns: u64,
    pub(super) op: Op,
    pub(super) arg: Json,
    pub(super) result: Json,
    pub(super) outcome: Outcome,
    /// Whether `fail` is an assumption.
    pub(super) is_assumed: bool,
}

impl Objects {
    /// None yet: whether others may change them as well, and what all of them were at first, where
    /// that counts before what is told of each.
    pub(super) fn new(are_shared: bool, initial: Option<Initial>) -> Self {
        Self { are_shared, initial, ..Self::default() }
    }

    /// How much memory they hold, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The objects in the order of their first operations, then those that have none.
    pub(super) fn into_history(self) -> History {
        let mut objects = self.list;
        let mut idle: Vec<_> = self.told.into_iter().collect();
        idle.sort_unstable_by_key(|(_, (place, _))| *place);
        objects.extend(idle.into_iter().map(|(key, (_, initial))| Object {
            key,
            initial: self.initial.clone().unwrap_or(initial),
            is_shared: self.are_shared,
            ..Object::default()
        }));
        History { objects }
    }

    /// Says what the object called `key` was at first, before any operation on it.
    pub(super) fn set_initial(
        &mut self,
        key: &str,
        model: Model,
        value: Json,
    ) -> Result<(), Problem> {
        let initial = initial(value, model)
            .map_err(|problem| format!("\"initial\" of \"{key}\" is {problem}"))?;
        let place = self.told.len();
        self.bytes += PER_KEY_BYTES + 2 * key.len() + elements_bytes(&initial);
        match self.told.insert(key.to_owned(), (place, initial)) {
            None => Ok(()),
            Some(_) => Err(format!("\"initial\" has \"{key}\" twice")),
        }
    }

    /// Adds an operation on the object called `key`, which `model` has.
    pub(super) fn push(&mut self, key: &str, model: Model, raw: Raw) -> Result<(), Problem> {
        let Raw { client, call_ns, return_ns, op, arg, result, outcome, is_assumed } = raw;
        let Some(answer) = model.answer(op) else {
            return Err(format!("\"op\" is {op:?}, which a {model} does not have").to_lowercase());
        };
        if return_ns < call_ns {
            return Err(format!("\"return\" is {return_ns}, before \"call\", {call_ns}"));
        }
        if return_ns == NEVER && outcome == Outcome::Ok {
            return Err("\"return\" is null: expected nanoseconds where the outcome is ok".into());
        }
        if is_assumed && outcome != Outcome::Fail {
            return Err("\"assumed\" is true: expected the outcome fail".to_owned());
        }
        let (arg, new) = argument(op, answer, arg)?;
        let object = self.object(key);
        let before_bytes = held_bytes(object);
        let result = result_of(op, answer, result, outcome, &mut object.lists)?;
        if answer == Answer::Chosen && result != NIL && result != arg {
            return Err(format!(
                "\"result\" is {result}: expected the element that was added, as \"arg\" has it, or null"
            ));
        }
        if is_assumed {
            let index = u32::try_from(object.operations.len())
                .map_err(|_| format!("expected {} operations at most", u32::MAX))?;
            object.assumed.push(index);
        }
        object.operations.push(Operation {
            call_ns,
            return_ns,
            arg,
            new,
            result,
            client,
            op,
            outcome,
        });
        self.bytes += held_bytes(object) - before_bytes;
        Ok(())
    }

    fn object(&mut self, key: &str) -> &mut Object {
        if self.list.get(self.last).is_none_or(|last| last.key != key) {
            self.last = if let Some(index) = self.by_key.get(key) {
                *index
            } else {
                self.by_key.insert(key.to_owned(), self.list.len());
                let initial = self.told.remove(key).map(|(_, initial)| initial);
                let initial = self.initial.clone().or(initial).unwrap_or_default();
                self.bytes += PER_KEY_BYTES + 2 * key.len() + elements_bytes(&initial);
                self.list.push(Object {
                    key: key.to_owned(),
                    initial,
                    is_shared: self.are_shared,
                    ..Object::default()
                });
                self.list.len() - 1
            };
        }
        &mut self.list[self.last]
    }
}

/// What an object takes beside its operations: itself, its key twice, and its place among the keys,
/// which are half as many as there is room for.
const PER_KEY_BYTES: usize = size_of::<Object>() + 4 * size_of::<(String, usize)>();

/// More operations than this are counted by themselves: of the room behind them, which is as large
/// again, the system gives no memory before it is used.
const FEW: usize = 64;

/// What the operations and lists of an object hold.
fn held_bytes(object: &Object) -> usize {
    let Object { operations, lists, assumed, .. } = object;
    let room = operations.capacity();
    let count = if room <= FEW { room } else { operations.len() };
    count * size_of::<Operation>() + lists.heap_bytes() + assumed.len() * size_of::<u32>()
}

fn elements_bytes(initial: &Initial) -> usize {
    match initial {
        Initial::Elements(elements) => elements.len() * size_of::<i64>(),
        Initial::Default | Initial::Value(_) => 0,
    }
}

/// What an object of `model` was at first, if this says it.
pub(super) fn initial(value: Json, model: Model) -> Result<Initial, Problem> {
    let wrong = |found: &str| {
        let expected = match model.state() {
            State::Elements => "a list of integers",
            State::Value => "an integer or null",
            State::Number => "an integer",
        };
        Err(format!("{found}: expected {expected} for a {model}"))
    };
    match (model.state(), value) {
        (State::Value, Json::Null) => Ok(Initial::Value(NIL)),
        (State::Elements, value) => match value.into_list() {
            Ok(elements) if !elements.contains(&NIL) => Ok(Initial::Elements(elements)),
            Ok(_) => wrong("a list with null"),
            Err(value) => wrong(&value.show()),
        },
        (State::Number | State::Value, Json::Integer(value)) => Ok(Initial::Value(value)),
        (State::Number | State::Value, value) => wrong(&value.show()),
    }
}

fn argument(op: Op, answer: Answer, arg: Json) -> Result<(i64, i64), Problem> {
    let wrong =
        |found: &Json, expected| Err(format!("\"arg\" is {}: expected {expected}", found.show()));
    match (op, arg) {
        (Op::Read | Op::Take | Op::Write, Json::Null) => Ok((NIL, NIL)),
        // The object was to choose, and did not say what it chose.
        (Op::Add, Json::Null) if answer == Answer::Chosen => Ok((NIL, NIL)),
        (Op::Read | Op::Take, other) => wrong(&other, "null"),
        (Op::Add | Op::Write, Json::Integer(value)) => Ok((value, NIL)),
        (Op::Add, other) => wrong(&other, "an integer"),
        (Op::Write, other) => wrong(&other, "an integer or null"),
        (Op::Cas, Json::Pair([expected, new])) => Ok((expected, new)),
        (Op::Cas, other) => wrong(&other, "[expected, new]"),
    }
}

fn result_of(
    op: Op,
    answer: Answer,
    result: Json,
    outcome: Outcome,
    lists: &mut Lists,
) -> Result<i64, Problem> {
    let wrong = |found: &Json, expected| {
        Err(format!("\"result\" is {}: expected {expected}", found.show()))
    };
    match (answer, result) {
        // One that was acknowledged succeeded.
        (_, Json::Null) if op == Op::Cas && outcome == Outcome::Ok => Ok(YES),
        (_, Json::Null) => Ok(NIL),
        (_, found) if outcome != Outcome::Ok => wrong(&found, "null where the outcome is not ok"),
        (Answer::Elements, found) => match found.into_list() {
            Ok(list) if list.contains(&NIL) => {
                Err("\"result\" has null in it: expected a list of integers".to_owned())
            }
            Ok(list) => Ok(lists.push(&list)),
            Err(found) => wrong(&found, "a list of integers or null"),
        },
        (Answer::Number | Answer::Chosen, Json::Integer(value)) => Ok(value),
        (Answer::Whether, Json::Bool(done)) => Ok(if done { YES } else { NO }),
        (Answer::Number, found) => wrong(&found, "an integer or null"),
        (Answer::Whether, found) => wrong(&found, "true, false or null"),
        (Answer::Nothing | Answer::Chosen, found) => wrong(&found, "null"),
    }
}

impl Json {
    /// The list that it is, or itself.
    fn into_list(self) -> Result<Vec<i64>, Self> {
        match self {
            Self::Pair(pair) => Ok(pair.to_vec()),
            Self::List(list) => Ok(list),
            other => Err(other),
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Pair(_) => "a list of 2".to_owned(),
            Self::List(list) => format!("a list of {}", list.len()),
            Self::Kept(_) => "a list".to_owned(),
        }
    }
}
