//! What clients do: the steps, how often each is taken, and what the answers mean. Values alone: no
//! protocol, no connection.

mod answers;
mod call;
mod key;
mod meaning;
mod mix;
mod pick;
mod place;
mod template;

use std::time::Duration;

use check::Model;
use check::history::Op;

pub(crate) use answers::Told;
pub use answers::{Answers, ParseAnswersError, Word};
pub use call::Call;
pub use key::{Key, ParseKeyError};
pub use meaning::Meaning;
pub(crate) use meaning::{Entry, Wanted};
pub use mix::Mix;
pub use pick::{From, ParsePickError, Pick, Variables};
pub use place::Place;
pub use template::{PLACEHOLDER, UnknownVariable};
pub(crate) use template::{Template, Values, in_url};

use crate::extract::Extract;

/// Everything that the clients of a run do.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The kinds of requests. There is at least one, the one that updates; a plain URL is one.
    pub steps: Vec<Step>,
    /// How often each step is taken.
    pub mix: Mix,
    /// The value of the first request, where requests have values of their own. It has 16 digits,
    /// and so have those that follow: the request with number n has this and n.
    pub first_value: u64,
    /// What variables at random are made from.
    pub seed: u64,
}

/// One kind of request.
#[derive(Debug, Clone)]
pub struct Step {
    /// What an operation of this step is in a history.
    pub op: Op,
    /// Where the request goes.
    pub place: Place,
    /// What it consists of.
    pub call: Call,
    /// Other requests that take turns with it, each by its place and what it consists of.
    pub others: Vec<(Place, Call)>,
    /// What its answers mean where the status alone does not say it.
    pub answers: Answers,
    /// What an answer carries.
    pub meaning: Meaning,
    /// Which object it is about, where each request is about one of many.
    pub key: Option<Key>,
    /// How long a request may take, its connection included.
    pub timeout: Duration,
}

/// The index of the step that updates.
pub(crate) const UPDATE: usize = 0;

impl Scenario {
    /// Updates alone.
    #[must_use]
    pub fn new(update: Step, first_value: u64) -> Self {
        Self { steps: vec![update], mix: Mix::default(), first_value, seed: 1 }
    }

    /// The same with another step, which this share of the requests takes, from 0 to 1, exclusive.
    #[must_use]
    pub fn with(mut self, step: Step, share: f64) -> Self {
        self.steps.push(step);
        Self { mix: self.mix.with(share), ..self }
    }

    /// Whether each request is about one of many objects.
    #[must_use]
    pub fn has_many_objects(&self) -> bool {
        self.steps.iter().any(|step| step.key.is_some())
    }

    /// The step that updates.
    #[must_use]
    pub fn update(&self) -> &Step {
        &self.steps[UPDATE]
    }

    /// The share of the requests that read.
    #[must_use]
    pub fn reads(&self) -> f64 {
        let behind = self.steps.iter().skip(1).zip(self.mix.shares());
        // Not 0 by itself: an empty sum of floats is -0.
        behind.filter(|(step, _)| step.op == Op::Read).fold(0.0, |sum, (_, share)| sum + share)
    }
}

impl Step {
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
        let others = Vec::new();
        Self { op, place, call, others, answers: Answers::default(), meaning, key: None, timeout }
    }

    /// The step that reads the state of what this one updates, at `place`; `extract` says where it
    /// stands in the answer.
    #[must_use]
    pub fn reading(&self, place: Place, model: Option<Model>, extract: &Extract) -> Self {
        Self {
            op: Op::Read,
            place,
            call: self.call.for_reading(),
            others: Vec::new(),
            answers: Answers::default(),
            meaning: Meaning::of_read(model, extract),
            key: None,
            timeout: self.timeout,
        }
    }
}
