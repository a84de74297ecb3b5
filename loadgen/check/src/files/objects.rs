//! A history while it is put together, object by object.

use std::collections::HashMap;
use std::sync::Arc;

use super::cursor::{Json, Problem, shown};
use super::error::ReadError;
use super::start::Given;
use super::values::{Answered, Asked, a, asked, initial};
use crate::history::{History, Initial, NEVER, NIL, Object, Op, Operation, Outcome};
use crate::models::{Answer, Model};
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
        let initial = match value {
            // A run may not have come to know it.
            Json::Null if model.needs_initial() => Initial::Default,
            value => initial(value, model, &mut self.tokens)
                .map_err(|problem| format!("\"initial\" of \"{key}\" is {problem}"))?,
        };
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
        let asked = asked(argument, arg, &mut self.tokens)?;
        let result = Answered::of(answer, op, result, outcome, &mut self.tokens)?;
        let object = self.object(key, model)?;
        let before_bytes = held_bytes(object);
        let (arg, new) = match asked {
            Asked::Values(arg, new) => (arg, new),
            Asked::Transfer(amount, [from, to]) => (amount, object.balances.pair(from, to)),
        };
        let result = match result {
            Answered::Value(value) => value,
            Answered::Elements(list) => object.lists.push(&list),
            Answered::Balances(row) => object.balances.push(&row),
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

    fn object(&mut self, key: &str, model: Model) -> Result<&mut Object, Problem> {
        if self.list.get(self.last).is_none_or(|last| last.key != key) {
            self.last = if let Some(index) = self.by_key.get(key) {
                *index
            } else {
                let told = self.told.remove(key).map(|(_, initial)| initial);
                let initial = self.initial.clone().or(told);
                if initial.is_none() && model.needs_initial() {
                    return Err(no_initial(key, model));
                }
                let initial = initial.unwrap_or_default();
                self.by_key.insert(key.to_owned(), self.list.len());
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
        Ok(&mut self.list[self.last])
    }
}

fn no_initial(key: &str, model: Model) -> Problem {
    let key = shown(key);
    format!(
        "{key} is judged as {model}, but nothing says how many there were at first: expected it in \
         \"initial\" of the header, or --initial N, or --model {model}:N"
    )
}

/// What an object takes beside its operations: itself, its key twice, and its place among the keys,
/// which are half as many as there is room for.
const PER_KEY_BYTES: usize = size_of::<Object>() + 4 * size_of::<(String, usize)>();

/// More operations than this are counted by themselves: of the room behind them, which is as large
/// again, the system gives no memory before it is used.
const FEW: usize = 64;

/// What the operations, lists and balances of an object hold.
fn held_bytes(object: &Object) -> usize {
    let Object { operations, lists, balances, assumed, .. } = object;
    let room = operations.capacity();
    let count = if room <= FEW { room } else { operations.len() };
    let answered = lists.heap_bytes() + balances.heap_bytes();
    count * size_of::<Operation>() + answered + assumed.len() * size_of::<u32>()
}

fn elements_bytes(initial: &Initial) -> usize {
    match initial {
        Initial::Elements(elements) => elements.len() * size_of::<i64>(),
        Initial::Balances(balances) => balances.len() * size_of::<(i64, i64)>(),
        Initial::Default | Initial::Value(_) => 0,
    }
}
