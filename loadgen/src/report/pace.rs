//! How an open loop kept to its schedule.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::connection_times::ms;
use super::layout::{Field, Tone, field};
use crate::plan::{Arrival, Plan, Profile, Shape, Stage};
use crate::record::{self, Span};

/// What an open loop was to send, and did.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Pace {
    /// Requests a second that were due, on average.
    pub rate_asked: f64,
    /// Requests a second that began, on average.
    pub rate_reached: f64,
    /// Requests that were never sent, as every client was waiting when they were due.
    pub dropped: u64,
    /// How long after they were due requests began, though a client was free: half of them, …
    pub late_p50_us: u64,
    /// … all but one in a hundred, …
    pub late_p99_us: u64,
    /// … and all.
    pub late_max_us: u64,
    /// That it was loadgen rather than the target that did not keep up; `None` where it did.
    pub warning: Option<String>,
}

/// The rates that were asked for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RateSummary {
    /// The last rate, in requests a second, where it is kept until the end; `None` of stages, which
    /// end.
    pub rate: Option<f64>,
    /// In straight lines from point to point.
    pub stages: Vec<StageSummary>,
    /// `constant` or `poisson`.
    pub arrival: &'static str,
    /// What random arrivals are made from.
    pub seed: Option<u64>,
}

/// A straight line to a point.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StageSummary {
    /// How long it takes.
    pub lasts_s: f64,
    /// The rate at its end, in requests a second.
    pub to: f64,
}

/// A generator that is late by more than this is what limits the load, in microseconds.
const LATE_US: u64 = 1000;

impl Pace {
    /// How a load kept to its schedule, as `record` says; `None` of a closed loop.
    pub(super) fn new(plan: &Plan, record: &record::Record, span: Span) -> Option<Self> {
        let load = &plan.load;
        let Shape::Open { profile, .. } = &load.shape else { return None };
        let pace = record.pace.clone().unwrap_or_default();
        let (_, come) = record.come_to(load.warm_up, plan.scenario.begins());
        let by_number = load.requests.is_some_and(|requests| come >= requests);
        let sent = come - pace.dropped;
        let [rate_asked, rate_reached] = rates(profile, by_number, (come, sent), span.elapsed);
        Some(Self {
            rate_asked,
            rate_reached,
            dropped: pace.dropped,
            late_p50_us: pace.late.percentile_us(50.0),
            late_p99_us: pace.late.percentile_us(99.0),
            late_max_us: pace.late.max_us(),
            warning: warning(pace.late.percentile_us(99.0)),
        })
    }

    /// In the text report.
    pub(super) fn fields(&self) -> Vec<Field> {
        let Self { rate_asked, rate_reached, dropped, late_p99_us, late_max_us, .. } = self;
        let rates = format!("{rate_reached:.2} of {rate_asked:.2} [#/sec] asked for");
        let mut fields = vec![field("Rate:", rates)];
        if *dropped > 0 {
            let value = format!("{dropped} (as many as -c allows were in flight: not sent)");
            fields.push(field("Dropped requests:", value).toned(Tone::Bad));
        }
        let [p99, max] = [late_p99_us, late_max_us].map(|us| ms(*us));
        fields.push(field("Generator late:", format!("{p99:.3} [ms] (99%), {max:.3} (longest)")));
        let warning = self.warning.as_ref();
        fields.extend(warning.map(|warning| field("Warning:", warning).toned(Tone::Bad)));
        fields
    }
}

/// The rates per second of a run in which so many requests were due, and so many of them were sent: as
/// asked for, and as reached. A run that ends `by_number` goes on until its last answer, which is no
/// time in which anything was due.
fn rates(
    profile: &Profile,
    by_number: bool,
    (come, sent): (u64, u64),
    elapsed: Duration,
) -> [f64; 2] {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let [come, sent] = [come, sent].map(|count| count as f64);
    let until_next = if by_number { profile.due(come).or(profile.lasts()) } else { None };
    let scheduled = until_next.unwrap_or(elapsed);
    let per_s = |count: f64, time: Duration| count / time.as_secs_f64().max(1e-9);
    [per_s(profile.requests_within(scheduled), scheduled), per_s(sent, elapsed.max(scheduled))]
}

/// What to say where requests began so late.
fn warning(late_p99_us: u64) -> Option<String> {
    let late_ms = ms(late_p99_us);
    (late_p99_us > LATE_US).then(|| {
        format!(
            "1% of the requests began {late_ms:.1} ms late or more: this machine limits the load"
        )
    })
}

impl RateSummary {
    /// The rates of an open loop; `None` of a closed one.
    pub(super) fn new(shape: &Shape) -> Option<Self> {
        let Shape::Open { profile, arrival } = shape else { return None };
        let (arrival, seed) = match arrival {
            Arrival::Constant => ("constant", None),
            Arrival::Poisson { seed } => ("poisson", Some(*seed)),
        };
        let rate = profile.lasts().is_none().then(|| profile.last_rate());
        let stages = profile
            .stages()
            .map(|Stage { lasts, to }| StageSummary { lasts_s: lasts.as_secs_f64(), to });
        Some(Self { rate, stages: stages.collect(), arrival, seed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_of_the_time_in_which_requests_were_due() {
        let of = |profile: &Profile, by_number, counts, elapsed_ms| {
            let rates = rates(profile, by_number, counts, Duration::from_millis(elapsed_ms));
            rates.map(|rate| format!("{rate:.0}"))
        };
        let constant = Profile::constant(100.0);
        // The last of twenty is due after 190 ms, and the first beyond them after 200.
        assert_eq!(of(&constant, true, (20, 20), 191), ["100", "100"]);
        assert_eq!(of(&constant, true, (20, 20), 400), ["100", "50"]);
        assert_eq!(of(&constant, true, (20, 10), 191), ["100", "50"]);
        assert_eq!(of(&constant, false, (200, 200), 2000), ["100", "100"]);
        // It was interrupted.
        assert_eq!(of(&constant, false, (70, 70), 700), ["100", "100"]);
        let stages = [Stage { lasts: Duration::from_secs(2), to: 100.0 }];
        let ramp = Profile::staged(0.0, &stages);
        assert_eq!(of(&ramp, false, (100, 100), 2000), ["50", "50"]);
        assert_eq!(of(&ramp, true, (100, 100), 2100), ["50", "48"]);
    }

    #[test]
    fn a_generator_that_is_late_says_so() {
        assert_eq!(warning(1000), None);
        let warning = warning(2640).unwrap();
        assert!(warning.starts_with("1% of the requests began 2.6 ms late"), "{warning}");
    }
}
