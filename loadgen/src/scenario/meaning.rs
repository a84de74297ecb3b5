//! What the answer to a request means.

use check::Model;
use check::history::{NIL, NO, Op, Outcome, YES};
use http::HeaderName;

use crate::extract::{Decimal, Extract, Found, Heard};

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

impl Meaning {
    /// What an update does to an object of `model`.
    pub(super) fn update(model: Model) -> Op {
        match model {
            Model::Counter | Model::FetchAndAdd | Model::Set => Op::Add,
            Model::Register => Op::Write,
            Model::Bounded { .. } => Op::Take,
        }
    }

    pub(super) fn of_update(model: Model, result: Option<&Extract>) -> Self {
        match (model, result) {
            (Model::FetchAndAdd, Some(extract)) => Self::Number(extract.clone()),
            (Model::Bounded { .. }, extract) => Self::Taken(extract.cloned()),
            (Model::Set, Some(extract)) => Self::Chosen(extract.clone()),
            _ => Self::Nothing,
        }
    }

    pub(super) fn of_read(model: Option<Model>, extract: &Extract) -> Self {
        match model {
            Some(Model::Set) => Self::Elements(extract.clone()),
            _ => Self::Number(extract.clone()),
        }
    }

    /// What has to be kept of an answer.
    pub(crate) fn wants(&self) -> Wanted<'_> {
        match self {
            Self::Nothing | Self::Taken(None) => Wanted::Nothing,
            Self::Number(extract)
            | Self::Elements(extract)
            | Self::Chosen(extract)
            | Self::Taken(Some(extract)) => match extract.header() {
                Some(name) => Wanted::Field(name),
                None => Wanted::Content,
            },
        }
    }

    /// Whether the answer tells which element was added.
    pub(crate) fn names_the_element(&self) -> bool {
        matches!(self, Self::Chosen(_))
    }

    /// What is added or written by an operation whose own value is `value`.
    pub(crate) fn arg(&self, op: Op, value: Option<u64>) -> i64 {
        match (op, value) {
            (Op::Add | Op::Write, Some(value)) => value.cast_signed(),
            (Op::Add, None) if self.names_the_element() => NIL,
            (Op::Add, None) => 1,
            _ => NIL,
        }
    }

    /// The outcome and the result that a complete answer means; the elements of a set go to the
    /// end of `lists`. An answer that cannot be read carries no result: of its operation nothing is
    /// known but that it was asked for.
    pub(crate) fn interpret(&self, heard: Heard<'_>, lists: &mut Vec<Vec<i64>>) -> (Outcome, i64) {
        const UNREADABLE: (Outcome, i64) = (Outcome::Unknown, NIL);
        let outcome = outcome(heard.status);
        match (self, outcome) {
            (Self::Taken(None), Outcome::Ok) => (outcome, YES),
            (Self::Taken(None), Outcome::Fail) if matches!(heard.status, 409 | 410) => {
                (Outcome::Ok, NO)
            }
            (Self::Taken(Some(extract)), Outcome::Ok) => match heard.number(extract) {
                Found::Value(number) if number == Decimal::default() => (outcome, NO),
                Found::Value(_) => (outcome, YES),
                Found::Nothing | Found::Unreadable(_) => UNREADABLE,
            },
            (Self::Number(extract), Outcome::Ok) => match heard.integer(extract) {
                Found::Value(number) => (outcome, number),
                Found::Nothing => (outcome, NIL),
                Found::Unreadable(_) => UNREADABLE,
            },
            (Self::Chosen(extract), Outcome::Ok) => match heard.integer(extract) {
                Found::Value(number) => (outcome, number),
                Found::Nothing | Found::Unreadable(_) => UNREADABLE,
            },
            (Self::Elements(extract), Outcome::Ok) => {
                let elements = match heard.integers(extract) {
                    Found::Value(elements) => elements,
                    Found::Nothing => Vec::new(),
                    Found::Unreadable(_) => return UNREADABLE,
                };
                lists.push(elements);
                (outcome, i64::try_from(lists.len() - 1).expect("a count of lists fits"))
            }
            _ => (outcome, NIL),
        }
    }
}

/// The outcome that a status means.
pub(crate) fn outcome(status: u16) -> Outcome {
    match status {
        200..300 => Outcome::Ok,
        // What the service refused for a fault of the request's it has not applied.
        400..500 => Outcome::Fail,
        _ => Outcome::Unknown,
    }
}
