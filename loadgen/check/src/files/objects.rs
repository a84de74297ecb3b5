//! A history while it is put together, object by object.

use std::collections::HashMap;
use std::sync::Arc;

use super::cursor::{Json, Problem, shown};
use super::error::ReadError;
use super::start::Given;
use crate::history::{History, Initial, NEVER, NIL, NO, Object, Op, Operation, Outcome, YES};
use crate::models::{Answer, Argument, Model, State};
use crate::tokens::Tokens;

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
    /// The values that are no integers.
    tokens: Tokens,
    /// How much memory they hold beside these.
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
    /// None yet: whether others may change them as well, and what all of them, which are of `model`,
    /// were at first, where that counts before what is told of each.
    pub(super) fn new(
        are_shared: bool,
        given: Option<&Given>,
        model: Model,
    ) -> Result<Self, ReadError> {
        let mut tokens = Tokens::default();
        let initial = given.map(|given| given.of(model, &mut tokens)).transpose()?;
        Ok(Self { are_shared, initial, tokens, ..Self::default() })
    }

    /// How much memory they hold, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes + self.tokens.heap_bytes()
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
        let tokens = Arc::new(self.tokens);
        for object in &mut objects {
            object.tokens = Arc::clone(&tokens);
        }
        History { objects }
    }

    /// Says what the object called `key` was at first, before any operation on it.
    pub(super) fn set_initial(
        &mut self,
        key: &str,
        model: Model,
        value: Json,
    ) -> Result<(), Problem> {
        let initial = initial(value, model, &mut self.tokens)
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
        let Some((argument, answer)) = model.signature(op) else {
            return Err(format!("\"op\" is {}, which {} does not have", op.name(), a(model)));
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
        let (arg, new) = asked(argument, arg, &mut self.tokens)?;
        let result = Answered::of(answer, op, result, outcome, &mut self.tokens)?;
        let object = self.object(key);
        let before_bytes = held_bytes(object);
        let result = match result {
            Answered::Value(value) => value,
            Answered::Elements(list) => object.lists.push(&list),
        };
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
pub(super) fn initial(value: Json, model: Model, tokens: &mut Tokens) -> Result<Initial, Problem> {
    let expected = match model.state() {
        State::Elements => "a list of values",
        State::Value => "a value or null",
        State::Number => "an integer",
    };
    let told = match (model.state(), value) {
        (State::Number, Json::Integer(value)) => Ok(Initial::Value(value)),
        (State::Number, value) => Err(value),
        (State::Value, value) => value.into_value(tokens).map(Initial::Value),
        (State::Elements, value) => value.into_elements(tokens).map(Initial::Elements),
    };
    told.map_err(|found| format!("{}: expected {expected} for {}", found.show(), a(model)))
}

/// As in `a counter`, or `an accounts`.
fn a(model: Model) -> String {
    let name = model.to_string();
    let article = if name.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {name}")
}

/// What an operation was asked with, and what a `cas` is to write.
fn asked(argument: Argument, arg: Json, tokens: &mut Tokens) -> Result<(i64, i64), Problem> {
    let expected = match argument {
        Argument::Nothing => "null",
        Argument::Number => "an integer",
        Argument::Value | Argument::Element => "a value or null",
        Argument::Values => "[expected, new]",
    };
    let asked = match (argument, arg) {
        (Argument::Nothing, Json::Null) => Ok((NIL, NIL)),
        (Argument::Number, Json::Integer(value)) => Ok((value, NIL)),
        (Argument::Value | Argument::Element, arg) => {
            arg.into_value(tokens).map(|value| (value, NIL))
        }
        (Argument::Values, arg) => arg.into_pair(tokens),
        (Argument::Nothing | Argument::Number, arg) => Err(arg),
    };
    asked.map_err(|found| format!("\"arg\" is {}: expected {expected}", found.show()))
}

/// What was answered.
enum Answered {
    Value(i64),
    Elements(Vec<i64>),
}

impl Answered {
    fn of(
        answer: Answer,
        op: Op,
        result: Json,
        outcome: Outcome,
        tokens: &mut Tokens,
    ) -> Result<Self, Problem> {
        let expected = match answer {
            _ if outcome != Outcome::Ok => "null where the outcome is not ok",
            Answer::Nothing => "null",
            Answer::Number => "an integer or null",
            Answer::Value | Answer::Chosen => "a value or null",
            Answer::ValueUnlessDeclined => "a value, false or null",
            Answer::Elements => "a list of values or null",
            Answer::Whether => "true, false or null",
        };
        let whether = |done| Self::Value(if done { YES } else { NO });
        let answered = match (answer, result) {
            // One that was acknowledged succeeded.
            (_, Json::Null) if op == Op::Cas && outcome == Outcome::Ok => Ok(whether(true)),
            (_, Json::Null) => Ok(Self::Value(NIL)),
            (_, result) if outcome != Outcome::Ok => Err(result),
            (Answer::Elements, result) => result.into_elements(tokens).map(Self::Elements),
            (Answer::Number, Json::Integer(value)) => Ok(Self::Value(value)),
            (Answer::Whether, Json::Bool(done)) => Ok(whether(done)),
            (Answer::ValueUnlessDeclined, Json::Bool(false)) => Ok(whether(false)),
            (Answer::Value | Answer::ValueUnlessDeclined | Answer::Chosen, result) => {
                result.into_value(tokens).map(Self::Value)
            }
            (Answer::Nothing | Answer::Number | Answer::Whether, result) => Err(result),
        };
        answered.map_err(|found| format!("\"result\" is {}: expected {expected}", found.show()))
    }
}

impl Json {
    /// The value that it is, or itself.
    fn into_value(self, tokens: &mut Tokens) -> Result<i64, Self> {
        match self {
            Self::Null => Ok(NIL),
            Self::Integer(value) => Ok(value),
            Self::Text(text) => Ok(tokens.of(&text)),
            other => Err(other),
        }
    }

    /// The list of elements that it is, or itself.
    fn into_elements(self, tokens: &mut Tokens) -> Result<Vec<i64>, Self> {
        let elements = match self {
            Self::Pair(pair) => pair.to_vec(),
            Self::List(list) => list,
            Self::Values(values) => {
                let elements = values.into_iter().map(|value| value.into_value(tokens));
                elements.collect::<Result<_, _>>()?
            }
            other => return Err(other),
        };
        // None is no element.
        if elements.contains(&NIL) { Err(Self::List(elements)) } else { Ok(elements) }
    }

    /// The two values that it is, or itself.
    fn into_pair(self, tokens: &mut Tokens) -> Result<(i64, i64), Self> {
        let pair = match self {
            Self::Pair(pair) => return Ok(pair.into()),
            Self::Values(values) => <[Self; 2]>::try_from(values).map_err(Self::Values)?,
            other => return Err(other),
        };
        let [expected, new] = pair;
        Ok((expected.into_value(tokens)?, new.into_value(tokens)?))
    }

    fn show(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Text(text) => shown(text),
            Self::Pair(pair) if pair.contains(&NIL) => "a list with null".to_owned(),
            Self::List(list) if list.contains(&NIL) => "a list with null".to_owned(),
            Self::Pair(_) => "a list of 2".to_owned(),
            Self::List(list) => format!("a list of {}", list.len()),
            Self::Values(list) => format!("a list of {}", list.len()),
            Self::Kept(_) => "a list".to_owned(),
        }
    }
}
