//! One kind of request.

use std::time::Duration;

use check::Model;
use check::history::{NIL, Op};

use super::{Answers, Call, Draw, Keep, Key, Meaning, Place, Template, Values};
use crate::extract::{ByKey, Decimal, Extract};

/// One kind of request.
#[derive(Debug, Clone)]
pub struct Step {
    /// What it is called, where there are several.
    pub name: String,
    /// What an operation of this step is in a history.
    pub op: Op,
    /// Which kind of what is judged it does something with, by its index; its operations are in that
    /// one's history. `None` where it does nothing with any.
    pub judged: Option<usize>,
    /// Where the request goes.
    pub place: Place,
    /// What it consists of.
    pub call: Call,
    /// Other requests that take turns with it, each by its place and what it consists of.
    pub others: Vec<(Place, Call)>,
    /// What is drawn anew for each.
    pub draws: Vec<Draw>,
    /// What is kept of the answer for the requests that follow.
    pub keeps: Vec<Keep>,
    /// The place of the session's cookies, where they are sent and kept.
    pub cookies: Option<usize>,
    /// What its answers mean where the status alone does not say it.
    pub answers: Answers,
    /// What an answer carries.
    pub meaning: Meaning,
    /// Which object it is about, where each request is about one of many.
    pub key: Option<Key>,
    /// What the operation has beside that.
    pub argued: Argued,
    /// How many clients send the same at one instant; 1 where each sends its own.
    pub together: usize,
    /// How many redirects of a request are followed, at most.
    pub follow: u32,
    /// How long a request may take, its connection included.
    pub timeout: Duration,
}

/// What an operation says of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Argued {
    /// Nothing, or the value that the request has of its own.
    #[default]
    Nothing,
    /// How much.
    Amount(Amount),
    /// A value: what is written or added, or the version that is expected.
    Value(Argument),
    /// How much, and between which accounts.
    Transfer(Box<Transfer>),
}

/// How much is moved from one account to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// How much.
    pub amount: Amount,
    /// The account that it is taken from.
    pub from: Argument,
    /// The account that it goes to.
    pub to: Argument,
}

/// What stands for an argument, with its variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument(pub(crate) Template);

impl Argument {
    /// `text`, in which nothing varies.
    #[must_use]
    pub fn constant(text: &str) -> Self {
        Self(Template::literal(text.as_bytes(), false))
    }

    /// What it is in the request that `values` are of.
    pub(crate) fn fill(&self, into: &mut Vec<u8>, values: &mut Values) {
        into.clear();
        self.0.fill(into, values);
    }
}

/// How much is added or taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// As it is written.
    pub written: Argument,
    /// It counts steps of one with its point so many places to the left.
    pub decimals: u8,
}

impl Amount {
    /// How many steps it is in the request that `values` are of; [`NIL`] where it is no whole number of
    /// them. `text` is what it is made in.
    pub(crate) fn number(&self, text: &mut Vec<u8>, values: &mut Values) -> i64 {
        self.written.fill(text, values);
        let text = std::str::from_utf8(text).map_or("", str::trim);
        let number = match self.decimals {
            0 => text.parse().ok(),
            decimals => Decimal::of(text).and_then(|one| one.times_ten_to(decimals)?.to_integer()),
        };
        number.unwrap_or(NIL)
    }
}

impl Step {
    /// The request whose turn it is, by its place and what it consists of.
    pub(crate) fn turn(&self, turn: usize) -> (&Place, &Call) {
        match turn.checked_sub(1) {
            None => (&self.place, &self.call),
            Some(other) => {
                let (place, call) = &self.others[other];
                (place, call)
            }
        }
    }

    /// Whether a session keeps anything of its answers that stands in the content; and in the head.
    pub(crate) fn keeps_of(&self) -> (bool, bool) {
        let in_head = |keep: &Keep| keep.extract.header().is_some();
        let of_head = self.cookies.is_some() || self.keeps.iter().any(in_head);
        (self.keeps.iter().any(|keep| !in_head(keep)), of_head)
    }

    /// The step that updates an object of `model`, where there is one; `result` says where its answers
    /// carry their results.
    #[must_use]
    pub fn updating(
        place: Place,
        call: Call,
        model: Option<Model>,
        result: Option<&Extract>,
        timeout: Duration,
    ) -> Self {
        let op = model.map_or(Op::Add, Meaning::update);
        let meaning = model.map_or(Meaning::Nothing, |model| Meaning::of_update(model, result));
        Self { op, meaning, ..Self::plain(place, call, timeout) }
    }

    /// The step that reads the state of what is updated at `place`; `extract` says where it stands in
    /// the answer, and `by_key` where each part of it is.
    #[must_use]
    pub fn reading(
        place: Place,
        call: Call,
        model: Option<Model>,
        (extract, by_key): (&Extract, Option<&ByKey>),
        timeout: Duration,
    ) -> Self {
        let meaning = Meaning::of_read(model, extract, by_key);
        Self { op: Op::Read, meaning, ..Self::plain(place, call, timeout) }
    }

    /// A request of which nothing more is known.
    #[must_use]
    pub fn plain(place: Place, call: Call, timeout: Duration) -> Self {
        Self {
            name: String::new(),
            op: Op::Add,
            judged: Some(0),
            place,
            call,
            others: Vec::new(),
            draws: Vec::new(),
            keeps: Vec::new(),
            cookies: None,
            answers: Answers::default(),
            meaning: Meaning::Nothing,
            key: None,
            argued: Argued::Nothing,
            together: 1,
            follow: 0,
            timeout,
        }
    }
}
