//! What defines a model.

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::follower::Follower;
use crate::history::{Object, Op};
use crate::judgement::Judgement;
use crate::limits::Limits;
use crate::search::Search;
use crate::sentence::{Explanation, Scene};
use crate::weaker::Weaker;
use crate::words::Words;

/// All that is asked of a model.
///
/// Every question is about an object or about the model, so that which model it is is asked once
/// for an object. What has to be fast, the judges and the search, is behind the question.
pub(crate) trait Definition {
    /// Its name.
    fn name(&self) -> String;

    /// How names like its own are spelt, for those who have to write one.
    fn spelling() -> String
    where
        Self: Sized + Default,
    {
        Self::default().name()
    }

    /// The model whose name `text` is, if it is one like this.
    fn parse(text: &str) -> Option<Self>
    where
        Self: Sized + Default,
    {
        Some(Self::default()).filter(|model| model.name() == text)
    }

    /// What an object is at first.
    fn state(&self) -> State;

    /// Whether an object is nothing in particular at first, unless the history says what it is.
    fn needs_initial(&self) -> bool {
        false
    }

    /// What updates do to the size of the state.
    fn growth(&self) -> Growth;

    /// The anomaly where more updates of one each were acknowledged than an object allows that held so
    /// much before, or as much as the model says, or where it holds less than nothing after; `None` as well
    /// where the model has no such bound.
    fn oversold(
        &self,
        _before: Option<i64>,
        _after: Option<i64>,
        _acknowledged: u64,
    ) -> Option<Anomaly> {
        None
    }

    /// What `op` is asked with and what an answer to it carries; `None` where the model has no such
    /// operation.
    fn signature(&self, op: Op) -> Option<Signature>;

    /// What operations do to `object`, to be searched; `None` where its own rules decide everything.
    fn specification<'o>(&self, _object: &'o Object) -> Option<Box<dyn Search + 'o>> {
        None
    }

    /// The verdict on `object` by the model's own rules; `None` where they do not cover it, or it
    /// would take them too long.
    fn judge(&self, object: &Object, limits: &Limits<'_>) -> Option<Judgement>;

    /// What judges an object while its history grows, which was `initial` at first or what the model
    /// says, and which others may change where it `is_shared`; `None` where nothing does.
    fn follower(&self, _initial: Option<i64>, _is_shared: bool) -> Option<Box<dyn Follower>> {
        None
    }

    /// What still holds of `object` where it is not linearizable; empty where there is no rule.
    fn weaker(&self, _object: &Object) -> Vec<Weaker> {
        Vec::new()
    }

    /// Whether the witness of an anomaly that the rule finds proves it.
    fn verify(&self, object: &Object, anomaly: &Anomaly) -> bool;

    /// What reports call the parts of a verdict.
    fn words(&self) -> &'static Words;

    /// What such a witness proves, and how; `None` where it has another shape.
    fn explain(&self, scene: Scene<'_>) -> Option<Explanation>;

    /// What those who think in terms of the model call anomalies of `kind`.
    fn named(&self, kind: AnomalyKind) -> AnomalyKind {
        kind
    }
}

/// What an object is at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// A number.
    Number,
    /// A number or nothing.
    Value,
    /// A list of elements.
    Elements,
    /// Accounts, and how much is in each.
    Balances,
}

/// What updates do to the size of the state: to a number, or to how many elements there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Growth {
    /// Each makes it larger.
    Up,
    /// Each makes it smaller.
    Down,
    /// It tells nothing about how many there were.
    None,
}

/// What an operation is asked with, and what an answer to it carries.
pub(crate) type Signature = (Argument, Answer);

/// What an operation is asked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argument {
    /// Nothing.
    Nothing,
    /// A number.
    Number,
    /// How many, which is at least one; nothing is one.
    Amount,
    /// A value, or that there is to be none.
    Value,
    /// An element; nothing where the object is to choose it.
    Element,
    /// The value that is expected, and the one that is to replace it.
    Values,
    /// How much, from which account, and to which.
    Transfer,
}

/// What an answer carries, beside that it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Nothing.
    Nothing,
    /// A number.
    Number,
    /// A value; nothing where there is none.
    Value,
    /// A value; or that it was not done.
    ValueUnlessDeclined,
    /// A list of elements.
    Elements,
    /// The element that was added, where the object was to choose it.
    Chosen,
    /// Whether it was done.
    Whether,
    /// Accounts, and how much is in each.
    Balances,
}
