//! The models: what operations mean.
//!
//! Each model is a folder. `specification.rs` says what an operation does to the state; `judge.rs`
//! finds what is wrong with a history, by a rule that fits the model; `verify.rs` holds a witness
//! against the model without that rule; `words.rs` has the names and sentences of reports. Its
//! `mod.rs` puts them together, as the trait in `definition.rs` asks. Another model is a folder, its
//! `mod` line and an entry in the list below.

pub mod accounts;
pub mod bounded;
pub mod counter;
mod definition;
pub mod dispense;
pub mod fetch_and_add;
pub mod lock;
pub mod once;
pub mod queue;
pub mod register;
pub mod set;
pub mod unique;
pub mod versioned;

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::anomaly::{Anomaly, AnomalyKind};
use crate::follower::Follower;
use crate::history::{Object, Op};
use crate::judgement::Judgement;
use crate::limits::Limits;
use crate::sentence::{Explanation, Scene};
use crate::totals::{Loss, Totals, judge_totals};
use crate::weaker::{Consistency, Weaker};
use crate::words::Words;
use definition::{Definition, Growth, Signature};

pub(crate) use definition::{Answer, Argument, State};

/// Makes [`Model`] of a list of models: of each its documentation, its name, what it depends on and
/// the folder whose `Rules` define it.
macro_rules! models {
    ($(
        $(#[$about:meta])*
        $model:ident $({ $(#[$about_field:meta])* $field:ident: $type:ty })?: $folder:ident,
    )+) => {
        /// The sequential meaning of the operations on one object.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Model {
            $($(#[$about])* $model $({ $(#[$about_field])* $field: $type })?,)+
        }

        impl Model {
            /// What `then` makes of the definition of the model.
            fn with<T>(self, then: impl FnOnce(&dyn Definition) -> T) -> T {
                match self {
                    $(Self::$model $({ $field })? => then(&$folder::Rules $({ $field })?),)+
                }
            }
        }

        $(impl From<$folder::Rules> for Model {
            fn from($folder::Rules $({ $field })?: $folder::Rules) -> Self {
                Self::$model $({ $field })?
            }
        })+

        /// Of each model how its name is spelt, and the model whose name a text is, if it is one.
        const NAMES: &[(fn() -> String, fn(&str) -> Option<Model>)] =
            &[$(($folder::Rules::spelling, |text| $folder::Rules::parse(text).map(Model::from)),)+];
    };
}

models! {
    /// `add` answers only that it was done, `read` returns the sum. Begins at 0.
    Counter: counter,
    /// `add` returns the new sum, `read` the sum. Begins at 0.
    FetchAndAdd: fetch_and_add,
    /// `write`, `cas` and `read` of one value. Begins without one.
    Register: register,
    /// `take` takes one or as many as are asked for, if so many are left, and says whether it did;
    /// `give` gives back as many; `read` returns how many are left.
    Bounded {
        /// How many there are at first; `None` where only the history says it, of each object.
        capacity: Option<u64>
    }: bounded,
    /// `add` adds an element, `read` returns all of them. Begins empty.
    Set: set,
    /// `add` returns a value that it never returned before: an order number, an id. There are no
    /// reads. Begins with none.
    Unique: unique,
    /// `add` has an effect the first time, and returns the result of that effect each time, or says
    /// that the key holds another payload; `read` returns the result. Begins without an effect.
    Once: once,
    /// `take` hands out an element that was put in by `add` or was there at first, each once, or says
    /// that nothing is left. Begins empty.
    Dispense: dispense,
    /// `write` replaces a version, if it is the one that is expected, by another, which it returns;
    /// `read` returns the version. Begins without one.
    Versioned: versioned,
    /// `take` hands out what was put in by `add` or was there at first, each once and the first to come
    /// first, or says that nothing is left. Begins empty.
    Queue: queue,
    /// `take` takes the lock, if nobody holds it, and says whether it did; `give` gives it back, if its
    /// client holds it, and says whether it did. Begins free.
    Lock: lock,
    /// `move` moves an amount from one account to another, or says that it was not there; `read`
    /// returns how much is in all accounts, or in some, at one time. Begins with nothing in any.
    Accounts {
        /// What no account falls below; `None` where they may.
        floor: Option<i64>
    }: accounts,
}

/// The text names no model.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("expected {}", expected_names())]
pub struct ParseModelError;

impl FromStr for Model {
    type Err = ParseModelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        NAMES.iter().find_map(|(_, parse)| parse(text)).ok_or(ParseModelError)
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with(|model| model.name()))
    }
}

fn expected_names() -> String {
    let names = Model::spellings();
    let (last, others) = names.split_last().expect("the list has models");
    format!("{} or {last}", others.join(", "))
}

impl Model {
    /// How their names are spelt, for those who have to write one.
    #[must_use]
    pub fn spellings() -> Vec<String> {
        NAMES.iter().map(|(spelling, _)| spelling()).collect()
    }

    /// Whether `op` is one of the model's operations.
    #[must_use]
    pub fn has(self, op: Op) -> bool {
        self.answer(op).is_some()
    }

    /// Whether the size of the state tells how many updates it has: of a number that is added to or
    /// taken from, the number; of a set, how many elements there are.
    #[must_use]
    pub fn is_counted(self) -> bool {
        self.with(|model| model.growth()) != Growth::None
    }

    /// What the sizes of the state before and after prove; `None` unless it [is
    /// counted](Model::is_counted).
    #[must_use]
    pub fn judge_totals(self, totals: &Totals) -> Option<Loss> {
        let Totals { before, after, .. } = *totals;
        match self.with(|model| model.growth()) {
            Growth::Up => Some(judge_totals(totals)),
            Growth::Down => Some(judge_totals(&Totals { before: after, after: before, ..*totals })),
            Growth::None => None,
        }
    }

    /// The anomaly where more updates were `acknowledged` than an object allows that held `before`,
    /// or as much as the model says, or where it holds less than nothing `after`; `None` as well where
    /// the model has no such bound.
    #[must_use]
    pub fn oversold(
        self,
        before: Option<i64>,
        after: Option<i64>,
        acknowledged: u64,
    ) -> Option<Anomaly> {
        self.with(|model| model.oversold(before, after, acknowledged))
    }

    /// Whether a history has to say what each object was at first: nothing else does, and no rule can do
    /// without it.
    #[must_use]
    pub fn needs_initial(self) -> bool {
        self.with(|model| model.needs_initial())
    }

    /// Whether its histories can be written as the first version of them says.
    pub(crate) fn is_of_history_1(self) -> bool {
        match self {
            Self::Counter
            | Self::FetchAndAdd
            | Self::Register
            | Self::Bounded { capacity: Some(_) }
            | Self::Set => true,
            Self::Bounded { capacity: None }
            | Self::Unique
            | Self::Once
            | Self::Dispense
            | Self::Versioned
            | Self::Queue
            | Self::Lock
            | Self::Accounts { .. } => false,
        }
    }

    /// What reports call the parts of a verdict.
    #[must_use]
    pub fn words(self) -> &'static Words {
        self.with(|model| model.words())
    }

    /// What those who think in terms of the model call anomalies of `kind`.
    #[must_use]
    pub fn named(self, kind: AnomalyKind) -> AnomalyKind {
        self.with(|model| model.named(kind))
    }

    /// What `consistency` is called where operations mean what the model says.
    #[must_use]
    pub fn consistency(self, consistency: Consistency) -> &'static str {
        match consistency {
            Consistency::Sequential => "sequential consistency",
            Consistency::ReadYourWrites => "read your writes",
            Consistency::MonotonicReads => "monotonic reads",
            Consistency::Eventual if self.is_counted() => "eventually the right total",
            Consistency::Eventual => "eventually the last value",
        }
    }

    /// What `op` is asked with and what an answer to it carries; `None` where the model has no such
    /// operation.
    pub(crate) fn signature(self, op: Op) -> Option<Signature> {
        self.with(|model| model.signature(op))
    }

    /// What an answer to `op` carries; `None` where the model has no such operation.
    pub(crate) fn answer(self, op: Op) -> Option<Answer> {
        self.signature(op).map(|(_, answer)| answer)
    }

    /// What an object is at first.
    pub(crate) fn state(self) -> State {
        self.with(|model| model.state())
    }

    /// By the model's own rules; by search where they do not decide the history.
    pub(crate) fn judge(self, object: &Object, limits: &Limits<'_>) -> Judgement {
        self.with(|model| {
            let by_search = || {
                let searched = model.specification(object)?;
                Some(searched.judge(&object.operations, limits))
            };
            let judged = model.judge(object, limits).or_else(by_search);
            judged.unwrap_or_else(|| Judgement::unknown("there is no rule for such a history"))
        })
    }

    /// What judges an object while its history grows, where anything does.
    pub(crate) fn follower(
        self,
        initial: Option<i64>,
        is_shared: bool,
    ) -> Option<Box<dyn Follower>> {
        self.with(|model| model.follower(initial, is_shared))
    }

    /// What still holds of `object`, and what does not.
    pub(crate) fn weaker(self, object: &Object) -> Vec<Weaker> {
        self.with(|model| model.weaker(object))
    }

    /// Whether the witness of `anomaly` proves it.
    pub(crate) fn verify(self, object: &Object, anomaly: &Anomaly) -> bool {
        self.with(|model| match anomaly.kind {
            AnomalyKind::NotLinearizable => {
                let searched = model.specification(object);
                searched.is_some_and(|searched| searched.verify(object, anomaly))
            }
            _ => model.verify(object, anomaly),
        })
    }

    /// What the witness of an anomaly proves, and how; no more than its kind does where it has
    /// another shape than the model's judge says.
    pub(crate) fn explain(self, scene: Scene<'_>) -> Explanation {
        let by_model = match scene.anomaly.kind {
            AnomalyKind::NotLinearizable => None,
            _ => self.with(|model| model.explain(scene)),
        };
        by_model.unwrap_or_else(|| scene.no_order())
    }
}
