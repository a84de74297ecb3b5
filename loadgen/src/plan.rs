//! What a run does, validated: nothing behind it checks its values again.

mod launch;
mod load;
mod read;
mod specimen;

use std::time::Duration;

use check::Model;
use url::Url;

pub use crate::extract::ByKey;
use crate::extract::{Decimal, Extract, Steps};
pub use crate::invariant::{Invariants, Watched};
pub use crate::schedule::{Arrival, Profile, Stage, WarmUp};
use crate::schedule::{Closed, Open, Schedule};
pub use crate::threshold::{Threshold, Thresholds};
pub use crate::wire::tls::{Identity, NoTls, Tls, TlsOptions, Trust};
pub use crate::wire::{Address, Detour, Family, Known, Naming};
pub use launch::{Launch, Readiness, ShellHint};
pub use load::{Client, Connecting, Load, Shape};
pub use read::{Read, Reading, StateRead};
pub use specimen::Specimen;

use crate::scenario::Scenario;
use crate::state::{Before, State};

/// One run: a subject, what its clients do, how the load is shaped, and what is judged.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is loaded.
    pub subject: Subject,
    /// What the subject serves, where it is a specimen.
    pub specimen: Option<Specimen>,
    /// What the clients do.
    pub scenario: Scenario,
    /// Where the states are read before and after: at most one of each kind of what is judged. Without
    /// any the run is only measured.
    pub reads: Vec<StateRead>,
    /// How many requests, for how long, how many at once.
    pub load: Load,
    /// How the history is judged; without it nothing is kept of single operations.
    pub judging: Option<Judging>,
    /// Whether nobody else changes what the requests change. Otherwise no verdict rests on that more
    /// was changed than was asked for.
    pub is_exclusive: bool,
    /// What a user says that holds.
    pub invariants: Invariants,
    /// What the figures are to keep to.
    pub thresholds: Thresholds,
    /// The times of how many requests are kept one by one; with more, of none. `None` keeps none.
    pub timings: Option<u64>,
}

/// What the operations mean, and how their history is judged.
#[derive(Debug, Clone)]
pub struct Judging {
    /// What is judged, by which models; there is at least one kind of it.
    pub kinds: Vec<Kind>,
    /// Where the answer to an update carries its result. Without it there is none: that something was
    /// taken is what an answer says which means that the update was applied.
    pub result: Option<Extract>,
    /// With more operations than this, the totals alone are judged.
    pub history_limit: u64,
    /// How much is spent on the verdict.
    pub effort: Effort,
    /// Whether the run ends at the first anomaly that its answers prove.
    pub ends_at_first: bool,
}

/// Objects that are judged by one model.
#[derive(Debug, Clone)]
pub struct Kind {
    /// What its object is called; where each of many has a name, all of them together.
    pub name: String,
    /// What operations on them mean.
    pub model: Model,
    /// What each object is at first, where no state says it.
    pub(crate) initial: Option<State>,
    /// Numbers are counted in steps of one with its point so many places to the left: in hundredths,
    /// where they are 2.
    pub decimals: u8,
}

impl Kind {
    /// What numbers count, where this state was there `first`.
    pub(crate) fn steps(&self, first: Option<&State>) -> Steps {
        let first = match first {
            Some(State::Number(number)) => *number,
            _ => Decimal::default(),
        };
        Steps::from(self.decimals, first)
    }
}

/// How much is spent on a verdict.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// For how long a search may go on.
    pub timeout: Duration,
    /// How much memory it may use for each object, in bytes.
    pub memory_bytes: usize,
    /// Whether a valid verdict is to come with the order that explains it.
    pub certify: bool,
}

/// The service under test.
#[derive(Debug, Clone)]
pub enum Subject {
    /// It runs already, at this URL, whose scheme is `http` or `https`.
    Running(Url),
    /// It is started for the run, watched, and ended afterwards.
    Launched(Launch),
}

impl Plan {
    /// What the numbers of each kind of what is judged count, where the state was this `before` the load.
    pub(crate) fn steps(&self, before: Option<&Before>) -> Vec<Steps> {
        let steps = |(judged, kind): (usize, &Kind)| {
            kind.steps(before.and_then(|before| self.state_of(judged, &before.state)))
        };
        self.kinds().iter().enumerate().map(steps).collect()
    }

    /// The state of what is judged under this index, as it is in that of all; `None` where it is not read.
    pub(crate) fn state_of<'s>(&self, judged: usize, all: &'s State) -> Option<&'s State> {
        let place = self.reads.iter().position(|read| read.how.judged == Some(judged))?;
        Some(&all.parts()[place])
    }

    /// Whether the run is to end in a verdict.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        !self.reads.is_empty() || self.judging.is_some() || !self.invariants.is_empty()
    }

    /// Whether the run says how many updates were lost.
    #[must_use]
    pub fn counts_losses(&self) -> bool {
        let is_counted = self.judging.is_none() || self.model().is_some_and(Model::is_counted);
        !self.reads.is_empty() && is_counted && self.scenario.counted().is_some()
    }

    /// What is judged by models.
    #[must_use]
    pub fn kinds(&self) -> &[Kind] {
        self.judging.as_ref().map(|judging| judging.kinds.as_slice()).unwrap_or_default()
    }

    /// The model of what is judged, where there is one kind of it.
    #[must_use]
    pub fn model(&self) -> Option<Model> {
        let [only] = self.kinds() else { return None };
        Some(only.model)
    }

    /// How many requests there will be, at most, the warm-up's among them, and when the last has begun,
    /// where that is known before. Those that redirects lead to are not counted.
    #[must_use]
    pub fn extent(&self) -> (Option<u64>, Option<Duration>) {
        let requests = match self.load.warm_up {
            WarmUp::Requests(more) => self.load.requests.map(|requests| requests + more),
            // As many as it takes come first.
            WarmUp::Time(_) => None,
        };
        let steps = self.scenario.order.steps() as u64;
        let requests = requests.map(|requests| requests.saturating_mul(steps));
        (requests, self.schedule().end())
    }

    /// Makes it the plan of another run: what is at random is another, and so are values of requests.
    pub fn begin_anew(&mut self) {
        const MOST_REQUESTS: u64 = 1 << 32;
        self.scenario.seed = self.scenario.seed.wrapping_add(1);
        self.scenario.first_value += MOST_REQUESTS;
    }

    /// When the requests of the load are due.
    pub(crate) fn schedule(&self) -> Box<dyn Schedule> {
        let Load { requests, duration, warm_up, ref shape, .. } = self.load;
        match shape {
            Shape::Closed { ramp_up } => {
                Box::new(Closed { requests, duration, ramp_up: *ramp_up, warm_up })
            }
            Shape::Open { profile, arrival } => {
                let (profile, arrival) = (profile.clone(), *arrival);
                Box::new(Open { requests, duration, profile, arrival, warm_up })
            }
        }
    }
}

impl Subject {
    /// Where it listens; of a server that has yet to say so, an address of this machine.
    pub(crate) fn url(&self) -> Url {
        let readiness = match self {
            Self::Running(url) => return url.clone(),
            Self::Launched(launch) => &launch.readiness,
        };
        match readiness {
            Readiness::Accepts(url) => url.clone(),
            Readiness::Says => "http://127.0.0.1/".parse().expect("it is a URL"),
        }
    }

    /// Whether the service is ended and started again before the state is read the last time.
    #[must_use]
    pub fn restarts(&self) -> bool {
        match self {
            Self::Running(_) => false,
            Self::Launched(launch) => launch.restart,
        }
    }
}
