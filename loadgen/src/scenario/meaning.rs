//! What the answer to a request means.

use check::history::{NIL, NO, Op, Outcome, YES};
use check::{Model, Pool, Tokens};
use http::HeaderName;

use super::answers::{Told, Word};
use crate::extract::{ByKey, Decimal, Extract, Found, Heard, Kind, Scalar, Steps};

/// What an answer says beside that it came.
#[derive(Debug, Clone)]
pub enum Meaning {
    /// Nothing.
    Nothing,
    /// A number.
    Number(Extract),
    /// The elements of a set.
    Elements(Extract),
    /// The element that the service chose to add.
    Chosen(Extract),
    /// Whether something was taken: a number that is not 0, or what the status says.
    Taken(Option<Extract>),
    /// A value of any kind.
    Value(Extract),
    /// The result of what is done once, whoever asks for it again.
    Effect(Extract),
    /// Accounts, and how much is in each.
    Balances(Extract, ByKey),
}

/// What has to be kept of an answer to tell what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted<'m> {
    /// The status alone.
    Nothing,
    /// The content.
    Content,
    /// The value of a header field.
    Field(&'m HeaderName),
}

/// What answers to updates say beside that they were done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tells {
    /// Nothing.
    #[default]
    Nothing,
    /// Which element was added.
    Element,
    /// Whose effect it was: the request's own, or that of an earlier one, which it then only reads.
    Effect,
}

impl Meaning {
    /// What an update does to an object of `model`.
    pub(super) fn update(model: Model) -> Op {
        match model {
            Model::Counter | Model::FetchAndAdd | Model::Set | Model::Unique | Model::Once => {
                Op::Add
            }
            Model::Register | Model::Versioned => Op::Write,
            Model::Bounded { .. } | Model::Dispense | Model::Queue | Model::Lock => Op::Take,
            Model::Accounts { .. } => Op::Move,
        }
    }

    pub(super) fn of_update(model: Model, result: Option<&Extract>) -> Self {
        match (model, result) {
            (Model::FetchAndAdd, Some(extract)) => Self::Number(extract.clone()),
            (Model::Bounded { .. }, extract) => Self::Taken(extract.cloned()),
            (Model::Set, Some(extract)) => Self::Chosen(extract.clone()),
            (Model::Unique | Model::Dispense | Model::Queue, Some(extract)) => {
                Self::Value(extract.clone())
            }
            (Model::Once, Some(extract)) => Self::Effect(extract.clone()),
            _ => Self::Nothing,
        }
    }

    /// Whether the state of an object of `model` is a list.
    pub(crate) fn is_list(model: Model) -> bool {
        matches!(model, Model::Set | Model::Dispense | Model::Queue)
    }

    pub(super) fn of_read(model: Option<Model>, extract: &Extract, by_key: Option<&ByKey>) -> Self {
        if let (Some(Model::Accounts { .. }), Some(by_key)) = (model, by_key) {
            return Self::Balances(extract.clone(), by_key.clone());
        }
        match model {
            Some(model) if Self::is_list(model) => Self::Elements(extract.clone()),
            Some(Model::Versioned) => Self::Value(extract.clone()),
            _ => Self::Number(extract.clone()),
        }
    }

    /// Whether an answer has a list in it, which may be one page of several.
    pub(crate) fn is_of_many(&self) -> bool {
        matches!(self, Self::Elements(_) | Self::Balances(..))
    }

    /// What has to be kept of an answer.
    pub(crate) fn wants(&self) -> Wanted<'_> {
        match self {
            Self::Nothing | Self::Taken(None) => Wanted::Nothing,
            Self::Number(extract)
            | Self::Elements(extract)
            | Self::Chosen(extract)
            | Self::Value(extract)
            | Self::Effect(extract)
            | Self::Balances(extract, _)
            | Self::Taken(Some(extract)) => match extract.header() {
                Some(name) => Wanted::Field(name),
                None => Wanted::Content,
            },
        }
    }

    /// What an answer says of an update beside that it was done.
    pub(crate) fn tells(&self) -> Tells {
        match self {
            Self::Chosen(_) => Tells::Element,
            Self::Effect(_) => Tells::Effect,
            _ => Tells::Nothing,
        }
    }

    /// Whether the answer tells which element was added.
    pub(crate) fn names_the_element(&self) -> bool {
        matches!(self, Self::Chosen(_))
    }

    /// What is added or written by an operation whose own value is `value`, where it says nothing else.
    pub(crate) fn arg(&self, op: Op, value: Option<u64>) -> i64 {
        match (op, value) {
            (Op::Add | Op::Write, Some(value)) => value.cast_signed(),
            (Op::Add, None) => match self {
                Self::Chosen(_) | Self::Value(_) | Self::Effect(_) => NIL,
                _ => 1,
            },
            _ => NIL,
        }
    }

    /// Whether an update that the status calls done may not have been, as the content says.
    pub(crate) fn decides(&self) -> bool {
        matches!(self, Self::Chosen(_) | Self::Taken(Some(_)))
    }

    /// What a complete answer to `op` is in a history, of which `told` says what it means.
    pub(crate) fn interpret(&self, op: Op, told: Told, heard: Heard<'_>, pool: &mut Pool) -> Entry {
        let outcome = told.outcome();
        match (op, told) {
            (_, Told::Declared(Word::Applied)) => match self.result(op, heard, pool) {
                Some(element) if self.names_the_element() => Entry::Chosen { element },
                Some(result) => Entry::Of { outcome, result },
                None => Entry::Unreadable,
            },
            (Op::Take | Op::Move, Told::Declared(Word::Refused | Word::Empty)) => {
                Entry::Of { outcome: Outcome::Ok, result: NO }
            }
            // Whoever gives a lock back may be told that it does not hold it.
            (Op::Give, Told::Declared(Word::Refused)) if matches!(self, Self::Taken(_)) => {
                Entry::Of { outcome: Outcome::Ok, result: NO }
            }
            // A write is refused where it expects another version.
            (Op::Write, Told::Declared(Word::Refused)) if matches!(self, Self::Value(_)) => {
                Entry::Of { outcome: Outcome::Ok, result: NO }
            }
            (Op::Add, Told::Declared(Word::Refused)) if matches!(self, Self::Effect(_)) => {
                Entry::Of { outcome: Outcome::Ok, result: NO }
            }
            (Op::Add, Told::Declared(Word::Same)) if matches!(self, Self::Effect(_)) => {
                // Without a result it says nothing.
                let seen = self.result(op, heard, pool).filter(|result| *result != NIL);
                seen.map_or(Entry::None, |result| Entry::Seen { result })
            }
            (Op::Read, _) | (_, Told::Assumed | Told::Declared(Word::Unknown)) => {
                Entry::Of { outcome, result: NIL }
            }
            (_, Told::Declared(_)) => Entry::None,
        }
    }

    /// The result that an answer to `op` carries, [`NIL`] where it is to carry none; `None` where it
    /// cannot be read. Lists and texts are put into the `pool`.
    fn result(&self, op: Op, heard: Heard<'_>, pool: &mut Pool) -> Option<i64> {
        let told = |found| match found {
            Found::Value(number) => Some(number),
            Found::Nothing => Some(NIL),
            Found::Unreadable(_) => None,
        };
        match self {
            _ if self.is_of_many() && heard.goes_on().is_some() => None,
            Self::Nothing => Some(NIL),
            Self::Taken(None) => Some(YES),
            Self::Taken(Some(extract)) => match extract.number(&heard) {
                Found::Value(number) if number == Decimal::default() => Some(NO),
                Found::Value(_) => Some(YES),
                Found::Nothing | Found::Unreadable(_) => None,
            },
            Self::Number(extract) => told(heard.integer(extract)),
            // What is taken stood in the list that was there at first.
            Self::Value(extract) if op == Op::Take => {
                told(extract.element(&heard, &mut pool.tokens))
            }
            Self::Value(extract) | Self::Effect(extract) => {
                told(extract.text(&heard).map(|text| pool.tokens.of(&text)))
            }
            // An answer without an element added none.
            Self::Chosen(extract) => {
                told(extract.element(&heard, &mut pool.tokens)).filter(|element| *element != NIL)
            }
            Self::Elements(extract) => {
                let elements = match extract.elements(&heard, &mut pool.tokens) {
                    Found::Value(elements) => elements,
                    Found::Nothing => Vec::new(),
                    Found::Unreadable(_) => return None,
                };
                Some(pool.lists.push(&elements))
            }
            Self::Balances(list, by_key) => match by_key.values(list, &heard, Kind::Numbers) {
                Found::Value(all) => {
                    let row = balances(&all, heard.steps, &mut pool.tokens)?;
                    Some(pool.balances.push(&row))
                }
                // A bank without accounts would be one of nothing.
                Found::Nothing | Found::Unreadable(_) => None,
            },
        }
    }
}

/// How much is in each account, in `steps`; `None` where that is not a whole number of them.
pub(crate) fn balances(
    all: &[(String, Scalar)],
    steps: Steps,
    tokens: &mut Tokens,
) -> Option<Vec<(i64, i64)>> {
    let balance = |(account, held): &(String, Scalar)| match held {
        Scalar::Number(number) => Some((tokens.of(account), steps.count(*number)?)),
        Scalar::Text(_) => None,
    };
    all.iter().map(balance).collect()
}

/// What an answer is in a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// An operation that ended like this.
    Of {
        /// How.
        outcome: Outcome,
        /// What it returned.
        result: i64,
    },
    /// One that was done, and added the element that it returned.
    Chosen {
        /// Which one.
        element: i64,
    },
    /// One that had no effect of its own, and returned what another had done: it read that.
    Seen {
        /// What it returned.
        result: i64,
    },
    /// One that was done, and whose result nobody can read.
    Unreadable,
    /// Nothing: it was not done, as the user says.
    None,
}

#[cfg(test)]
mod tests;
