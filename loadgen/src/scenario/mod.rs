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
mod sum;
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
pub(crate) use meaning::{Entry, Tells, Wanted, balances};
pub use mix::Mix;
pub use order::Order;
pub use pick::{From, ParsePickError, Pick, is_name};
pub use place::Place;
pub use step::{Amount, Argued, Argument, Step, Transfer};
pub use template::{PLACEHOLDER, UnknownVariable};
pub(crate) use template::{Template, in_url, verbatim, verbatim_url};
pub(crate) use values::Values;
pub use variables::{Constant, Draw, Name, Variables};

use std::ops::Range;

use check::history::Op;

/// The requests whose answers were followed, whatever their step.
const REDIRECTS: &str = "redirects";

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

    /// The same of a subject that listens wherever it comes to.
    #[must_use]
    pub(crate) fn anywhere(mut self) -> Self {
        let Self { reset, opening, steps, .. } = &mut self;
        for step in reset.iter_mut().chain(opening).chain(steps) {
            let others = step.others.iter_mut().map(|(place, _)| place);
            for place in others.chain([&mut step.place]) {
                *place = place.anywhere();
            }
        }
        self
    }

    /// Whether each request that does something with what is `judged` under this index is about one of
    /// many objects.
    #[must_use]
    pub fn has_many_objects(&self, judged: usize) -> bool {
        self.steps.iter().any(|step| step.judged == Some(judged) && step.key.is_some())
    }

    /// Whether an earlier answer may decide which of many objects a request is about, as the one that
    /// names a cart does.
    pub(crate) fn follows_answers(&self) -> bool {
        let has_keys = self.steps.iter().any(|step| step.key.is_some());
        has_keys && self.steps.iter().any(|step| !step.keeps.is_empty())
    }

    /// How many redirects of a request are followed, at most, in the step that follows most.
    #[must_use]
    pub fn follows(&self) -> u32 {
        self.steps.iter().map(|step| step.follow).max().unwrap_or_default()
    }

    /// How many kinds of requests are counted: the steps, and behind them the requests whose answers were
    /// followed, where any are.
    pub(crate) fn kinds(&self) -> usize {
        self.steps.len() + usize::from(self.follows() > 0)
    }

    /// The place of the requests whose answers were followed, among the kinds.
    pub(crate) fn redirects(&self) -> Option<usize> {
        (self.follows() > 0).then_some(self.steps.len())
    }

    /// The steps of which one ends for each ticket: a round of a flow begins with its first.
    pub(crate) fn begins(&self) -> Range<usize> {
        if self.order.is_flow() { 0..1 } else { 0..self.steps.len() }
    }

    /// The index of the step that is called `name`; of several the first.
    pub(crate) fn step_called(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.name == name)
    }

    /// The first step: of a plain URL, the only one that updates.
    #[must_use]
    pub fn first(&self) -> &Step {
        &self.steps[0]
    }

    /// The names of the [kinds](Self::kinds) of requests, where there are several and the steps have names;
    /// none otherwise.
    pub(crate) fn kind_names(&self) -> Vec<&str> {
        if self.kinds() < 2 || self.first().name.is_empty() {
            return Vec::new();
        }
        let redirects = self.redirects().map(|_| REDIRECTS);
        self.steps.iter().map(|step| step.name.as_str()).chain(redirects).collect()
    }

    /// The indices of the steps that update what is judged.
    pub fn updates(&self) -> impl Iterator<Item = usize> {
        let steps = self.steps.iter().enumerate();
        let updates = steps.filter(|(_, step)| step.judged.is_some() && step.op != Op::Read);
        updates.map(|(index, _)| index)
    }

    /// The index of the step whose answers, counted, say how much the state has changed; `None` where
    /// several steps change it, one by more than one, or there are many objects.
    #[must_use]
    pub fn counted(&self) -> Option<usize> {
        self.counted_among(self.updates())
    }

    /// The same of the state of what is `judged` under this index.
    pub(crate) fn counted_of(&self, judged: usize) -> Option<usize> {
        let is_own = |index: &usize| self.steps[*index].judged == Some(judged);
        self.counted_among(self.updates().filter(is_own))
    }

    fn counted_among(&self, mut updates: impl Iterator<Item = usize>) -> Option<usize> {
        let only = updates.next().filter(|index| self.steps[*index].argued == Argued::Nothing)?;
        (updates.next().is_none() && self.steps[only].key.is_none()).then_some(only)
    }

    /// The share of the requests that read.
    #[must_use]
    pub fn reads(&self) -> f64 {
        let behind = self.steps.iter().skip(1).zip(self.order.shares());
        // Not 0 by itself: an empty sum of floats is -0.
        behind.filter(|(step, _)| step.op == Op::Read).fold(0.0, |sum, (_, share)| sum + share)
    }
}
