//! What clients do: the steps, how often or in which order each is taken, and what the answers mean.
//! Values alone: no protocol, no connection.

mod answers;
mod call;
mod escape;
mod jar;
mod keep;
mod key;
mod meaning;
mod mix;
mod order;
mod pick;
mod place;
mod step;
mod template;
mod values;
mod variables;

pub(crate) use answers::Told;
pub use answers::{Answers, ParseAnswersError, Statuses, Word};
pub use call::Call;
pub use escape::Escape;
pub use jar::COOKIES;
pub use keep::Keep;
pub use key::{Key, ParseKeyError};
pub use meaning::Meaning;
pub(crate) use meaning::{Entry, Tells, Wanted};
pub use mix::Mix;
pub use order::Order;
pub use pick::{From, ParsePickError, Pick, is_name};
pub use place::Place;
pub use step::{Amount, Argued, Argument, Step};
pub use template::{PLACEHOLDER, UnknownVariable};
pub(crate) use template::{Template, in_url};
pub(crate) use values::Values;
pub use variables::{Constant, Draw, Name, Variables};

use check::history::Op;

/// Everything that the clients of a run do.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What is done once before everything else, where the service is to begin anew.
    pub reset: Option<Step>,
    /// What each client does once before the load, in this order: it is in no figure.
    pub opening: Vec<Step>,
    /// The kinds of requests. There is at least one; a plain URL is one.
    pub steps: Vec<Step>,
    /// Which of them a client takes, and when.
    pub order: Order,
    /// What has a value in each client.
    pub variables: Variables,
    /// The value of the first request, where requests have values of their own. It has 16 digits,
    /// and so have those that follow: the request with number n has this and n.
    pub first_value: u64,
    /// What variables at random are made from.
    pub seed: u64,
}

impl Scenario {
    /// Updates alone.
    #[must_use]
    pub fn new(update: Step, first_value: u64) -> Self {
        let variables = update.call.variables.clone();
        let (opening, order) = (Vec::new(), Order::default());
        Self { reset: None, opening, steps: vec![update], order, variables, first_value, seed: 1 }
    }

    /// The same with another step, which this share of the requests takes, from 0 to 1, exclusive.
    #[must_use]
    pub fn with(mut self, step: Step, share: f64) -> Self {
        self.steps.push(step);
        Self { order: self.order.with(share), ..self }
    }

    /// Whether each request is about one of many objects.
    #[must_use]
    pub fn has_many_objects(&self) -> bool {
        self.steps.iter().any(|step| step.key.is_some())
    }

    /// Whether an earlier answer may decide which of many objects a request is about, as the one that
    /// names a cart does.
    pub(crate) fn follows_answers(&self) -> bool {
        self.has_many_objects() && self.steps.iter().any(|step| !step.keeps.is_empty())
    }

    /// The first step: of a plain URL, the only one that updates.
    #[must_use]
    pub fn first(&self) -> &Step {
        &self.steps[0]
    }

    /// The indices of the steps that update what is judged.
    pub fn updates(&self) -> impl Iterator<Item = usize> {
        let steps = self.steps.iter().enumerate();
        steps.filter(|(_, step)| step.is_recorded && step.op != Op::Read).map(|(index, _)| index)
    }

    /// The index of the step whose answers, counted, say how much the state has changed; `None` where
    /// several steps change it, one by more than one, or there are many objects.
    #[must_use]
    pub fn counted(&self) -> Option<usize> {
        let mut updates = self.updates();
        let only = updates.next().filter(|index| self.steps[*index].argued == Argued::Nothing)?;
        (updates.next().is_none() && !self.has_many_objects()).then_some(only)
    }

    /// The share of the requests that read.
    #[must_use]
    pub fn reads(&self) -> f64 {
        let behind = self.steps.iter().skip(1).zip(self.order.shares());
        // Not 0 by itself: an empty sum of floats is -0.
        behind.filter(|(step, _)| step.op == Op::Read).fold(0.0, |sum, (_, share)| sum + share)
    }
}
