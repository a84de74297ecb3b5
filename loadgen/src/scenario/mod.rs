//! What clients do: the steps, how often each is taken, and what the answers mean.

mod call;
mod meaning;
mod mix;

use std::time::Duration;

use check::history::Op;
use url::Url;

pub use call::{Call, PLACEHOLDER};
pub(crate) use meaning::{Heard, Meaning, Wanted, outcome};
pub(crate) use mix::{Mix, Stripe};

use crate::plan::{Judging, Plan, Read};

/// Everything that the clients of a run do.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    /// There is at least one; a plain URL is one.
    pub(crate) steps: Vec<Step>,
    pub(crate) mix: Mix,
    /// The value of the first request, where requests have values of their own: the request with
    /// number n has this and n.
    pub(crate) first_value: u64,
}

/// One kind of request.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// What an operation of this step is in a history.
    pub(crate) op: Op,
    pub(crate) url: Url,
    pub(crate) call: Call,
    pub(crate) meaning: Meaning,
    /// How long a request may take, its connection included.
    pub(crate) timeout: Duration,
}

/// The step that updates comes first.
pub(crate) const UPDATE: usize = 0;
/// The step that reads, where there is one, comes behind it.
pub(crate) const READ: usize = 1;

impl Scenario {
    /// The scenario of `plan` against `url`, whose state is read by `read`.
    pub(crate) fn new(plan: &Plan, url: &Url, read: Option<&Read>) -> Self {
        let judging = plan.judging.as_ref();
        let timeout = plan.load.timeout;
        let mut steps = vec![Step {
            op: judging.map_or(Op::Add, |judging| Meaning::update(judging.model)),
            url: url.clone(),
            call: plan.call.clone(),
            meaning: judging.map_or(Meaning::Nothing, Meaning::of_update),
            timeout,
        }];
        let reads = read.filter(|_| plan.reads > 0.0);
        steps.extend(reads.map(|read| Step::reading(plan, read, judging)));
        let mix = if steps.len() > READ { Mix::new(vec![plan.reads]) } else { Mix::default() };
        Self { steps, mix, first_value: plan.first_value }
    }
}

impl Step {
    /// The step that asks for the state of `plan`'s service.
    pub(crate) fn reading(plan: &Plan, read: &Read, judging: Option<&Judging>) -> Self {
        Self {
            op: Op::Read,
            url: read.url.clone(),
            call: plan.call.for_reading(),
            meaning: Meaning::of_read(judging.map(|judging| judging.model), &read.extract),
            timeout: plan.load.timeout,
        }
    }
}
