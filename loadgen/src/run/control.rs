//! What decides about the end of a load.

use std::sync::Arc;
use std::time::Duration;

use server::locks::Fact;
use tokio::time::{Instant, sleep_until};

use super::probe::Told;
use super::seconds::Seconds;
use super::{Moment, Observed};
use crate::plan::Plan;
use crate::record::Record;
use crate::subject::{ServerProcess, findings};
use crate::watch::{Asked, Event, Proof, Stall, Stalled, StopReason, Survives, Watch};
use crate::wire::Driver;
use crate::worker::{Job, Pulse, Reading, Waits};

/// What the workers brought back.
pub(super) struct Loaded {
    pub(super) record: Record,
    /// Why the load ended before its schedule said so, and when, since the start.
    pub(super) stop: Option<(StopReason, Duration)>,
    /// When the server was seen to have ended by itself, since the start.
    pub(super) server_ended_after: Option<Duration>,
    pub(super) stalled: Option<Stalled>,
}

/// How long requests in flight are waited for when a run is ended early. At the end of its time each
/// is waited for until its own time is up.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);

/// What decides about the end of a load.
pub(super) struct Control<'c, D: Driver> {
    plan: &'c Plan,
    job: &'c Job<D>,
    pulses: Vec<Arc<Pulse>>,
    seconds: Seconds,
    watch: Watch,
    observe: &'c mut dyn FnMut(Observed<'_>),
    /// Whether a target that has stalled ends the load: nothing further can be learnt about a
    /// verdict.
    ends_at_stall: bool,
    survives_death: bool,
    /// When a load that is being ended waits no longer for what is in flight.
    drain_ends: Option<Instant>,
    /// Why the load is being ended, and since when.
    stop: Option<(StopReason, Duration)>,
    server_ended_after: Option<Duration>,
    /// How many requests were given up in the seconds that are over.
    given_up: u64,
    /// How many of the server's lines that may belong to a finding were told.
    lines_told: u64,
    /// Whether the server was asked for its locks: once a run, in the first stall.
    asked: bool,
    /// What it said of them.
    locks: Option<Vec<Fact>>,
    /// What a silent target was asked, and whether it answered.
    told: Option<(Asked, bool)>,
}

impl<'c, D: Driver> Control<'c, D> {
    /// Decides about the load of `job`. `can_ask` is whether a target that falls silent can be asked.
    pub(super) fn new(
        plan: &'c Plan,
        job: &'c Job<D>,
        can_ask: bool,
        pulses: Vec<Arc<Pulse>>,
        observe: &'c mut dyn FnMut(Observed<'_>),
    ) -> Self {
        let load = &plan.load;
        let proof = proof(plan, can_ask);
        let survives = Survives { broken: job.survives_broken, death: load.survives_death };
        Self {
            plan,
            job,
            seconds: Seconds::new(&pulses),
            pulses,
            watch: Watch::new(load.stall, survives, proof),
            observe,
            ends_at_stall: plan.is_judged(),
            survives_death: load.survives_death,
            drain_ends: None,
            stop: None,
            server_ended_after: None,
            asked: false,
            given_up: 0,
            lines_told: 0,
            locks: None,
            told: None,
        }
    }

    /// How often it is to be looked.
    pub(super) fn interval(&self) -> Duration {
        self.watch.interval()
    }

    /// Whether the load is being ended.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.is_some()
    }

    /// Whether the server was seen to have ended.
    pub(super) fn has_server_ended(&self) -> bool {
        self.server_ended_after.is_some()
    }

    /// Ends the load for `reason`, unless it is being ended for another.
    pub(super) fn end(&mut self, reason: StopReason) {
        if self.stop.is_some() {
            return;
        }
        self.job.halt.stop();
        self.drain_ends = Some(Instant::now() + DRAIN_LIMIT);
        self.stop = Some((reason, self.job.started.elapsed()));
    }

    /// Waits until what is in flight is to be given up.
    pub(super) async fn drain_is_over(&self) {
        match self.drain_ends {
            None => std::future::pending().await,
            Some(at) => sleep_until(at).await,
        }
    }

    /// Waits no longer for what is in flight.
    pub(super) fn give_up(&mut self) {
        self.job.halt.give_up();
        self.drain_ends = None;
    }

    /// The server has ended by itself.
    pub(super) fn server_ended(&mut self) {
        self.server_ended_after = Some(self.job.started.elapsed());
        if !self.survives_death {
            self.end(StopReason::ServerEnded);
        }
    }

    fn reading(&self) -> Reading {
        Reading::of(&self.pulses)
    }

    /// Tells how many operations have ended: a request whose answer is followed ends none.
    pub(super) fn tell_how_far(&mut self) {
        let reading = self.reading();
        (self.observe)(Observed::Ended(reading.ended.saturating_sub(reading.followed)));
    }

    /// Tells of each second that is over since the last time, and ends the load where a threshold was
    /// crossed in one.
    pub(super) fn look_at_seconds(&mut self) {
        let Self { plan, seconds, observe, given_up, .. } = self;
        let mut crossed = None;
        seconds.look(|over, second, so_far| {
            let end = Duration::from_secs(over);
            let rate = plan.load.shape.rate_at(end);
            let begun = plan.load.warm_up.over(so_far.first_due).unwrap_or(end);
            let elapsed = end.saturating_sub(begun);
            let scenario = &plan.scenario;
            let moment = Moment { over, second, so_far, scenario, elapsed, rate };
            observe(Observed::Second(&moment));
            *given_up = so_far.counts.given_up;
            let of_step = |step: &str| moment.figures_of(step);
            crossed =
                crossed.take().or_else(|| plan.thresholds.crossed(moment.figures(), &of_step));
        });
        if let Some(crossed) = crossed.filter(|_| !self.is_ending()) {
            self.end(StopReason::Crossed(Box::new(crossed)));
        }
    }

    /// Tells what `server` has said, where that is more than the last time.
    pub(super) fn look_at_output(&mut self, server: Option<&ServerProcess>) {
        let said = server.and_then(|server| server.said_since(&mut self.lines_told));
        if let Some(said) = said {
            (self.observe)(Observed::Said(&findings(said, self.given_up > 0)));
        }
    }

    fn waits(&self, now: Duration) -> Waits {
        let before = self.watch.hangs_before(now);
        Waits::of(&self.pulses, u64::try_from(before.as_nanos()).unwrap_or(u64::MAX))
    }

    /// Whether a load that is ending, or whose server has ended, has its reason already.
    fn is_ending(&self) -> bool {
        self.is_stopped() || self.has_server_ended()
    }

    /// Looks whether connections are a reason to end.
    pub(super) fn look_at_connections(&mut self) {
        if self.is_ending() {
            return;
        }
        let (now, seen) = (self.job.started.elapsed(), self.job.incidents.seen());
        if let Some(reason) = self.watch.look_at_connections(now, self.reading(), &seen) {
            self.end(reason);
        }
    }

    /// Looks whether there is a reason to end, and what else there is to see; `server` is asked for
    /// its locks where the target has stalled.
    pub(super) async fn look(&mut self, server: Option<&ServerProcess>) -> Option<Event> {
        self.look_at_connections();
        if self.is_ending() {
            return None;
        }
        let now = self.job.started.elapsed();
        let event = self.watch.look_for_stalls(now, self.reading(), self.waits(now))?;
        match event {
            Event::Suspected => {}
            Event::Stalled(Stall { lasted, in_flight, others_answered, .. }) => {
                let silent_for = lasted;
                (self.observe)(Observed::Stalled { silent_for, in_flight, others_answered });
                // Before anything is given up, which may release what the requests hold.
                if let (Some(server), false) = (server, self.asked) {
                    self.asked = true;
                    self.locks = server.locks().await;
                }
                if self.ends_at_stall {
                    self.end(StopReason::Stalled);
                }
                if self.ends_at_stall && !others_answered {
                    // What is in flight has been waited for already.
                    self.give_up();
                }
            }
            Event::Recovered(silent_for) => (self.observe)(Observed::Recovered { silent_for }),
        }
        Some(event)
    }

    /// Takes down what came of a probe.
    pub(super) fn told(&mut self, asked: Option<Asked>, told: Told) {
        self.watch.told(self.job.started.elapsed(), told == Told::Nothing);
        let answered = told == Told::Answered;
        self.told = asked.filter(|_| told != Told::Unclear).map(|asked| (asked, answered));
    }

    /// What became of the load, whose workers have all ended.
    pub(super) fn into_loaded(mut self, mut record: Record) -> Loaded {
        let operations = record.outcomes().sum() - record.all_counts().followed;
        (self.observe)(Observed::Ended(operations));
        let (now, reading) = (self.job.started.elapsed(), self.reading());
        // Something may have happened since the last look: a failure, or the end of a stall.
        self.look_at_connections();
        let event = self.watch.look_for_stalls(now, reading, Waits::default());
        if let Some(Event::Recovered(silent_for)) = event {
            (self.observe)(Observed::Recovered { silent_for });
        }
        (self.observe)(Observed::Over);
        record.series = self.seconds.into_series();
        let end = record.last_end.unwrap_or_default();
        let (locks, asked) = (self.locks, self.told);
        let stalls = self.watch.into_stalls(end);
        Loaded {
            record,
            stop: self.stop,
            server_ended_after: self.server_ended_after,
            stalled: stalls.map(|stalls| Stalled { stalls, locks, asked }),
        }
    }
}

/// What it takes to say of the target of `plan` that it has stalled. The answers of most specimens
/// are known to be short.
fn proof(plan: &Plan, can_ask: bool) -> Proof {
    match plan.specimen {
        Some(specimen) if specimen.has_known_pace => Proof::Silence,
        _ if can_ask => Proof::Probe,
        _ => Proof::Patience,
    }
}

#[cfg(test)]
mod tests {
    use store::Workload;

    use super::*;
    use crate::judge::tests::plan;
    use crate::plan::Specimen;

    #[test]
    fn silence_alone_proves_a_stall_where_the_pace_is_known() {
        let counter = Workload::named("counter").unwrap().specimen("mutex").unwrap();
        let counter = Specimen::from(counter);
        let documents = Specimen { has_known_pace: false, ..counter };
        for (specimen, can_ask, expected) in [
            (Some(counter), true, Proof::Silence),
            (Some(counter), false, Proof::Silence),
            (Some(documents), true, Proof::Probe),
            (Some(documents), false, Proof::Patience),
            (None, true, Proof::Probe),
            (None, false, Proof::Patience),
        ] {
            let plan = Plan { specimen, ..plan(None) };
            assert!(proof(&plan, can_ask) == expected, "{specimen:?}, {can_ask}");
        }
    }
}
