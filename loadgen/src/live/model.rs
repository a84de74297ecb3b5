//! How far a run is, from what is observed of it: pure.

use std::collections::VecDeque;
use std::time::Duration;

use super::histogram::Histogram;
use crate::escape;
use crate::plan::{Launch, Plan, Readiness, Shape, Subject, Thresholds};
use crate::record::{Counts, Outcomes};
use crate::report::SecondSummary;
use crate::run::{Moment, Observed};
use crate::secrets::masked;
use crate::subject::Finding;
use crate::threshold::Checked;

/// How far a run is. Times are since the view began. All text is safe to show.
#[derive(Debug, Clone)]
pub(super) struct Model {
    /// What is loaded.
    pub(super) target: String,
    /// Which of several runs this is; empty of one.
    pub(super) name: String,
    /// What shape the load has.
    pub(super) shape: String,
    requests: Option<u64>,
    lasts: Option<Duration>,
    thresholds: Thresholds,
    pub(super) phase: Phase,
    /// When its load began.
    began: Duration,
    /// How many requests have ended.
    ended: u64,
    /// The last seconds.
    pub(super) seconds: VecDeque<Bar>,
    /// What came in the last one; `None` before the first is over.
    pub(super) last: Option<SecondSummary>,
    /// The rate that is asked for, in requests a second; `None` of a closed loop.
    pub(super) rate_asked: Option<f64>,
    /// What came until then.
    pub(super) whole: Whole,
    pub(super) stalls: Stalls,
    /// What the server said that counts against it.
    pub(super) findings: Vec<Finding>,
}

/// What part of a run is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The server is started, or the state is read.
    Before,
    Load,
    /// The state is read and judged; the load lasted so long.
    After(Duration),
}

/// A second as it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bar {
    /// Requests that are ok.
    pub(super) ok: u64,
    /// Whether others failed or were dropped.
    pub(super) is_amiss: bool,
}

/// What came of a load until a second was over, behind its warm-up.
#[derive(Debug, Clone, Default)]
pub(super) struct Whole {
    pub(super) outcomes: Outcomes,
    /// The median, the 99th percentile and the longest of the times of those that are ok.
    pub(super) latency: Latency,
    pub(super) histogram: Option<Histogram>,
    pub(super) statuses: Vec<(u16, u64)>,
    /// What happened instead of an answer, the most frequent first.
    pub(super) failures: Vec<(String, u64)>,
    pub(super) thresholds: Vec<Checked>,
    pub(super) warm_up: u64,
    pub(super) acknowledged: u64,
    pub(super) in_flight: u64,
    pub(super) dropped: u64,
}

/// Latencies in a line; `max_us` is `None` without any, and a percentile without it is longer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "units come last in names")]
pub(super) struct Latency {
    pub(super) p50_us: Option<u64>,
    pub(super) p99_us: Option<u64>,
    pub(super) max_us: Option<u64>,
}

/// The stalls of a target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stalls {
    /// The one that goes on.
    pub(super) now: Option<Stall>,
    /// How many are over.
    pub(super) over: u64,
    pub(super) longest: Duration,
}

/// A stall that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stall {
    pub(super) since: Duration,
    /// How many requests wait.
    pub(super) in_flight: u64,
    pub(super) others_answered: bool,
}

/// More seconds than a terminal has columns.
const MOST_SECONDS: usize = 600;

impl Model {
    /// A run of `plan` that has not begun.
    pub(super) fn new(plan: &Plan, name: &str) -> Self {
        let (requests, lasts) = plan.extent();
        Self {
            target: escape::line(&target(plan)),
            name: escape::line(name),
            shape: shape(plan),
            requests,
            lasts,
            thresholds: plan.thresholds.clone(),
            phase: Phase::Before,
            began: Duration::ZERO,
            ended: 0,
            seconds: VecDeque::new(),
            last: None,
            rate_asked: plan.load.shape.rate_at(Duration::ZERO),
            whole: Whole::default(),
            stalls: Stalls::default(),
            findings: Vec::new(),
        }
    }

    /// Takes what was observed of it, `now`.
    pub(super) fn observe(&mut self, observed: Observed<'_>, now: Duration) {
        if self.phase == Phase::Before {
            (self.phase, self.began) = (Phase::Load, now);
        }
        match observed {
            Observed::Ended(ended) => self.ended = ended,
            Observed::Second(moment) => self.add_second(moment),
            Observed::Said(findings) => {
                let counts = |finding: &&Finding| finding.provoked.is_none();
                self.findings = findings.iter().filter(counts).cloned().collect();
            }
            Observed::Stalled { silent_for, in_flight, others_answered } => {
                let since = now.saturating_sub(silent_for);
                self.stalls.now = Some(Stall { since, in_flight, others_answered });
            }
            Observed::Recovered { silent_for } => self.stalls.end(silent_for),
            Observed::Over => self.phase = Phase::After(self.elapsed(now)),
        }
    }

    fn add_second(&mut self, moment: &Moment<'_>) {
        let second = moment.summary();
        let SecondSummary { ok, fail, unknown, dropped, .. } = second;
        self.seconds.push_back(Bar { ok, is_amiss: fail + unknown + dropped > 0 });
        while self.seconds.len() > MOST_SECONDS {
            self.seconds.pop_front();
        }
        self.rate_asked = moment.rate;
        self.whole = Whole::new(moment, &self.thresholds);
        self.last = Some(second);
    }

    /// For how long the load has gone on.
    pub(super) fn elapsed(&self, now: Duration) -> Duration {
        match self.phase {
            Phase::Before => Duration::ZERO,
            Phase::Load => now.saturating_sub(self.began),
            Phase::After(lasted) => lasted,
        }
    }

    /// What share of the load is behind, from 0 to 1; `None` where nobody knows.
    pub(super) fn share(&self, now: Duration) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a share needs few digits")]
        let by_number = self.requests.map(|requests| self.ended as f64 / requests.max(1) as f64);
        let elapsed_s = self.elapsed(now).as_secs_f64();
        let by_time = self.lasts.map(|lasts| elapsed_s / lasts.as_secs_f64().max(1e-9));
        by_number.into_iter().chain(by_time).reduce(f64::max).map(|share| share.min(1.0))
    }

    /// How long the load goes on, if it does as until now.
    pub(super) fn left(&self, now: Duration) -> Option<Duration> {
        let elapsed = self.elapsed(now);
        if self.phase != Phase::Load {
            return None;
        }
        let by_time = self.lasts.map(|lasts| lasts.saturating_sub(elapsed));
        let by_number = self.requests.filter(|_| self.ended > 0).map(|requests| {
            #[expect(clippy::cast_precision_loss, reason = "an estimate needs few digits")]
            let ratio = requests.saturating_sub(self.ended) as f64 / self.ended as f64;
            Duration::try_from_secs_f64(elapsed.as_secs_f64() * ratio).unwrap_or(Duration::MAX)
        });
        by_time.into_iter().chain(by_number).min()
    }
}

impl Whole {
    fn new(moment: &Moment<'_>, thresholds: &Thresholds) -> Self {
        let so_far = moment.so_far;
        let Counts { outcomes, statuses, failures, .. } = &so_far.counts;
        let failures = failures.iter().map(|(name, count)| (escape::line(name), *count));
        let mut failures: Vec<_> = failures.collect();
        failures.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let latency = &so_far.latency;
        let at = |percentile| {
            let us = latency.percentile_among_us(percentile, so_far.dropped);
            us.filter(|_| !latency.is_empty())
        };
        Self {
            outcomes: *outcomes,
            latency: Latency {
                p50_us: at(50.0),
                p99_us: at(99.0),
                max_us: (!latency.is_empty()).then(|| latency.max_us()),
            },
            histogram: Some(Histogram::new(latency)),
            statuses: statuses.iter().collect(),
            failures,
            thresholds: thresholds.check(moment.figures(), &|step| moment.figures_of(step)),
            warm_up: so_far.warmed_up,
            acknowledged: so_far.acknowledged,
            in_flight: so_far.in_flight,
            dropped: so_far.dropped,
        }
    }
}

impl Latency {
    pub(super) fn of(second: &SecondSummary) -> Self {
        let SecondSummary { p50_us, p99_us, max_us, .. } = *second;
        Self { p50_us, p99_us, max_us }
    }
}

impl Stalls {
    fn end(&mut self, lasted: Duration) {
        self.now = None;
        self.over += 1;
        self.longest = self.longest.max(lasted);
    }
}

/// What is loaded: where, as far as that is known before.
fn target(plan: &Plan) -> String {
    let base = match &plan.subject {
        Subject::Running(url)
        | Subject::Launched(Launch { readiness: Readiness::Accepts(url), .. }) => url,
        Subject::Launched(Launch { readiness: Readiness::Says, .. }) => {
            return "loadgen's own server".to_owned();
        }
    };
    masked(plan.scenario.first().place.on(base).as_str())
}

fn shape(plan: &Plan) -> String {
    let at_once = plan.load.concurrency;
    match plan.load.shape {
        Shape::Closed { .. } => format!("closed loop, {at_once} at once"),
        Shape::Open { .. } => format!("open loop, {at_once} at most"),
    }
}
