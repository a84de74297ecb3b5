//! Whether the target served one request at a time, however many it was sent.

use check::history::{Op, Outcome};
use check::{History, Operation};
use schemars::JsonSchema;
use serde::Serialize;

/// A target that serves one update after the other: more clients only wait longer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Serialised {
    /// What an update takes once it is its turn.
    pub service_time_us: u64,
    /// Updates that are ok; about the inverse of the service time.
    pub requests_per_s: f64,
}

/// What the first update may take beside its service, by a half of which it may vary itself.
const COLD_START_NS: f64 = 2e6;
/// Of shorter turns the cold start could hide a third worker. It would also be the processor, or
/// the load generator, that does one thing at a time.
const LEAST_SERVICE_NS: f64 = COLD_START_NS / 1.5;
/// Of longer turns the cold start cannot hide a second worker either: two of them in an even rhythm
/// have turns of half of what the fastest takes, which from 4 ms on is more than 1.5 turns and the
/// start. The rest is for its varying.
const EVEN_WORKERS_SHOW_NS: f64 = 2.4 * COLD_START_NS;
/// Fewer updates prove nothing, nor do fewer than this many for each client.
const LEAST_UPDATES: usize = 40;
const LEAST_UPDATES_EACH: usize = 2;

impl Serialised {
    /// Looks at the updates of `history` that are ok, which `concurrency` clients sent in a closed
    /// loop.
    ///
    /// A server that takes s for each and serves them one at a time answers 1/s of them a second,
    /// whatever the concurrency; one with k workers answers k/s. Seen from outside, in the order
    /// of the answers:
    ///
    /// - The *turn* of an update is the time from the answer before it, or from its own call where
    ///   that was later. One at a time, and whoever comes next, every turn takes s; turns that
    ///   overlap in truth look shorter at random, so that a good part is below half the median
    ///   one. Of answers at random 29% are; up to 5% are let pass as jitter.
    /// - The fastest of all met nobody before it. One at a time it took about as long as a turn;
    ///   as it is often the first, over a new connection to a cold server, a little longer. With
    ///   k workers in an even rhythm a turn takes s/k, but the fastest update still s. Where
    ///   something other than the work spaces the answers, as a rate limiter does, the fastest
    ///   takes as long as the work, which tells it apart unless that is near the interval.
    /// - Of short updates, that little may be as much as one takes, and two workers in an even
    ///   rhythm look the same. But their turns alternate: what one gains the other loses, so that
    ///   each turn is more like the one before the last than like the last. Of turns that are
    ///   independent, half are; up to 70% are let pass.
    /// - Most updates had been waiting when the one before was answered: of a server that is never
    ///   asked two things at once nothing is known.
    pub(super) fn of(history: &History, concurrency: usize) -> Option<Self> {
        let enough = LEAST_UPDATES.max(LEAST_UPDATES_EACH * concurrency);
        let Survey { count, fastest_ns, first_call_ns, last_return_ns } = Survey::of(history);
        if concurrency < 2 || count < enough {
            return None;
        }
        let mean_ns = float(last_return_ns - first_call_ns) / float(count as u64);
        let fastest_ns = float(fastest_ns);
        let is_alone = (0.7 * mean_ns..=1.5 * mean_ns + COLD_START_NS).contains(&fastest_ns);
        // Not many updates pass this, so that few are kept and sorted.
        if !is_alone || mean_ns < LEAST_SERVICE_NS {
            return None;
        }
        let turns = Turns::of(history);
        let median_ns = turns.median_ns();
        let is_serial = turns.share_shorter(median_ns / 2) <= 0.05
            && (mean_ns > EVEN_WORKERS_SHOW_NS || turns.share_alternating() <= 0.7)
            && turns.share_that_waited() >= 0.5;
        is_serial.then(|| Self { service_time_us: median_ns / 1000, requests_per_s: 1e9 / mean_ns })
    }
}

/// What one look at the updates says, without keeping any.
struct Survey {
    count: usize,
    fastest_ns: u64,
    first_call_ns: u64,
    last_return_ns: u64,
}

impl Survey {
    fn of(history: &History) -> Self {
        let none =
            Self { count: 0, fastest_ns: u64::MAX, first_call_ns: u64::MAX, last_return_ns: 0 };
        updates(history).fold(none, |survey, update| {
            let Operation { call_ns, return_ns, .. } = *update;
            Self {
                count: survey.count + 1,
                fastest_ns: survey.fastest_ns.min(return_ns.saturating_sub(call_ns)),
                first_call_ns: survey.first_call_ns.min(call_ns),
                last_return_ns: survey.last_return_ns.max(return_ns),
            }
        })
    }
}

/// For each update but the first, what it took from when it could have been its turn.
struct Turns {
    /// Ascending; there is at least one.
    lengths_ns: Vec<u64>,
    /// How many had been called when the one before was answered.
    waited: usize,
    /// How many are more like the one before the last than like the last.
    alternating: usize,
}

impl Turns {
    /// Of the updates of a history that has several.
    fn of(history: &History) -> Self {
        let mut updates: Vec<_> =
            updates(history).map(|update| (update.return_ns, update.call_ns)).collect();
        updates.sort_unstable();
        let pairs = || updates.windows(2).map(|pair| (pair[0].0, pair[1]));
        let waited = pairs().filter(|(before_ns, (_, call_ns))| call_ns < before_ns).count();
        let mut lengths_ns: Vec<_> = pairs()
            .map(|(before_ns, (return_ns, call_ns))| {
                return_ns.saturating_sub(before_ns.max(call_ns))
            })
            .collect();
        let alternates =
            |turns: &&[u64]| turns[2].abs_diff(turns[0]) <= turns[2].abs_diff(turns[1]);
        let alternating = lengths_ns.windows(3).filter(alternates).count();
        lengths_ns.sort_unstable();
        Self { lengths_ns, waited, alternating }
    }

    fn median_ns(&self) -> u64 {
        self.lengths_ns[self.lengths_ns.len() / 2]
    }

    fn share_shorter(&self, than_ns: u64) -> f64 {
        let shorter = self.lengths_ns.partition_point(|length_ns| *length_ns < than_ns);
        self.share(shorter)
    }

    fn share_that_waited(&self) -> f64 {
        self.share(self.waited)
    }

    fn share_alternating(&self) -> f64 {
        self.share(self.alternating)
    }

    fn share(&self, count: usize) -> f64 {
        float(count as u64) / float(self.lengths_ns.len() as u64)
    }
}

fn updates(history: &History) -> impl Iterator<Item = &Operation> {
    let operations = history.objects.iter().flat_map(|object| &object.operations);
    operations.filter(|operation| operation.op != Op::Read && operation.outcome == Outcome::Ok)
}

#[expect(clippy::cast_precision_loss, reason = "counts and times are far below 2^52")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests;
