//! Where and how the state of a subject is read.

use std::time::Duration;

use url::Url;

use super::Plan;
use crate::extract::{ByKey, Extract};
use crate::scenario::{Call, Place, Step};

/// Where and how the state of the subject is read.
#[derive(Debug, Clone)]
pub struct StateRead {
    /// Which kind of what is judged it is the state of, by its index; `None` where it is of none.
    pub judged: Option<usize>,
    /// Where it is asked for.
    pub place: Place,
    /// What is asked.
    pub call: Call,
    /// Where it stands in the answer.
    pub extract: Extract,
    /// The place of the session's cookies, where they are sent.
    pub cookies: Option<usize>,
    /// Where in each element of what stands there its key and its value are, where the state is that of
    /// many objects.
    pub by_key: Option<ByKey>,
    /// A state that shows less than was acknowledged is read again until it has not changed for so
    /// long: what is not applied yet is not lost. Zero takes the first read.
    pub settle: Duration,
    /// Whether what was acknowledged may be applied later: then what was read before the state had
    /// settled says nothing.
    pub lags: bool,
}

impl StateRead {
    /// The same, if the subject listens at `base`.
    pub(crate) fn on(&self, base: &Url) -> Read {
        Read {
            judged: self.judged,
            url: self.place.on(base),
            extract: self.extract.clone(),
            cookies: self.cookies,
            by_key: self.by_key.clone(),
            call: self.call.clone(),
        }
    }
}

impl Read {
    /// The request that asks for it in a run of `plan`.
    pub(crate) fn step(&self, plan: &Plan) -> Step {
        let model = self.judged.and_then(|judged| Some(plan.kinds().get(judged)?.model));
        let (place, call) = (Place::Url(self.url.clone()), self.call.clone());
        let found = (&self.extract, self.by_key.as_ref());
        let step = Step::reading(place, call, model, found, plan.load.timeout);
        Step { judged: self.judged, cookies: self.cookies, ..step }
    }
}

/// How the state of a service that was found is read.
#[derive(Debug, Clone)]
pub struct Read {
    /// Which kind of what is judged it is the state of, by its index; `None` where it is of none.
    pub judged: Option<usize>,
    /// Where it is asked for.
    pub url: Url,
    /// What is asked.
    pub call: Call,
    /// Where the number stands in the answer.
    pub extract: Extract,
    /// Where in each element of what stands there its key and its value are.
    pub by_key: Option<ByKey>,
    /// The place of the session's cookies, where they are sent.
    pub cookies: Option<usize>,
}
