//! Where and how the state of a subject is read.

use std::time::Duration;

use url::Url;

use super::Plan;
use crate::extract::{ByKey, Extract, Next};
use crate::scenario::{Call, Place, Step};

/// Where and how the state of the subject is read.
#[derive(Debug, Clone)]
pub struct StateRead {
    /// Where it is asked for.
    pub place: Place,
    /// How it is read there.
    pub how: Reading,
    /// A state that shows less than was acknowledged is read again until it has not changed for so
    /// long: what is not applied yet is not lost. Zero takes the first read.
    pub settle: Duration,
    /// Whether what was acknowledged may be applied later: then what was read before the state had
    /// settled says nothing.
    pub lags: bool,
}

/// How the state of a service that was found is read.
#[derive(Debug, Clone)]
pub struct Read {
    /// Where it is asked for.
    pub url: Url,
    /// How it is read there.
    pub how: Reading,
}

/// What is asked for a state, and where that stands in the answer.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Which kind of what is judged it is the state of, by its index; `None` where it is of none.
    pub judged: Option<usize>,
    /// What is asked.
    pub call: Call,
    /// Where it stands in the answer.
    pub extract: Extract,
    /// Where in each element of what stands there its key and its value are, where the state is that of
    /// many objects.
    pub by_key: Option<ByKey>,
    /// Where an answer says which page comes next, where the state is a list in pages.
    pub next: Option<Next>,
    /// The place of the session's cookies, where they are sent.
    pub cookies: Option<usize>,
}

impl StateRead {
    /// The same, if the subject listens at `base`.
    pub(crate) fn on(&self, base: &Url) -> Read {
        Read { url: self.place.on(base), how: self.how.clone() }
    }
}

impl Reading {
    /// What `call` asks for the state of all that is judged, which stands where `extract` says.
    pub(crate) fn of_one(call: Call, extract: Extract) -> Self {
        Self { judged: Some(0), call, extract, by_key: None, next: None, cookies: None }
    }
}

impl Read {
    /// The request that asks for it in a run of `plan`.
    pub(crate) fn step(&self, plan: &Plan) -> Step {
        let Reading { judged, call, extract, by_key, cookies, .. } = &self.how;
        let model = judged.and_then(|judged| Some(plan.kinds().get(judged)?.model));
        let (place, call) = (Place::Url(self.url.clone()), call.clone());
        let found = (extract, by_key.as_ref());
        let step = Step::reading(place, call, model, found, plan.load.timeout);
        Step { judged: *judged, cookies: *cookies, ..step }
    }
}
