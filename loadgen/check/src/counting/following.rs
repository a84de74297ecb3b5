//! The rule of all counters, for a history that grows.
//!
//! It is the one of the whole history: the count is kept as low as it can be. The difference is in
//! the updates that are counted since a read returned more than had ended. Those that end first are to
//! be counted first, and which these are is not known then. So the read leaves *demands*, as many as it
//! was above the count, and each update that ends and had begun by the time of the read meets one, of
//! the earliest read that there is. It is counted already. Only an update that meets none counts when
//! it ends.
//!
//! - A read that returned less than the count when it began is too low. If there are demands, the
//!   read that left the latest of them shows it: every update that has ended since and had begun by
//!   then met a demand, so the count is what that read returned and what began and ended behind it.
//! - A read that returned more than the count and all updates that are open can add is too high. So is
//!   one whose demands no update can meet any more, since too many failed or turned out to be reads.
//! - Where a count may not exceed a limit, it does so when an update ends that met no demand. With
//!   demands, that update began behind the read that left the latest of them.
//!
//! Demands from before everything in flight can only be met by updates of unknown outcome: these are
//! taken for it, and both are forgotten.

use std::collections::BTreeMap;

use crate::anomaly::AnomalyKind;
use crate::follower::{Flight, Flights, Follower, Standing, Unknowns, first_unmet};
use crate::history::{Op, Operation, Outcome};
use crate::proof::Proof;

use super::Part;

/// What operations mean to the count of a model.
pub(crate) trait Counts: Send {
    /// What `operation`, which has ended, means; `None` where the rule does not cover it.
    fn part(&self, operation: &Operation) -> Option<Part>;

    /// Whether operations of this kind may add to the count.
    fn may_add(&self, op: Op) -> bool;

    /// What the count never exceeds.
    fn limit(&self) -> i64;

    /// What is wrong with an answer that cannot be true whatever else there is.
    fn absurd(&self, operation: &Operation) -> Option<AnomalyKind>;

    /// What an answer is called that tells of more than there can have been.
    fn beyond(&self, read: &Operation) -> AnomalyKind;
}

/// Follows the count of an object.
pub(crate) struct Following<C> {
    counts: C,
    is_shared: bool,
    flights: Flights<Known>,
    unknowns: Unknowns,
    /// Updates that have begun, and have not ended as far as is known.
    open: u64,
    /// Updates that have ended.
    ended: i64,
    /// The least that the count can be.
    least: i64,
    /// By the times of the reads that left them.
    demands: BTreeMap<u64, Demand>,
    /// How many there are.
    demanded: u64,
    /// The latest read whose demands were met by updates of unknown outcome.
    settled: Option<Operation>,
    /// What is proved if the answers until a time are what they seem.
    claim: Option<(u64, Proof)>,
    standing: Standing,
}

/// What was known when an operation began.
#[derive(Debug, Clone, Copy)]
struct Known {
    ended: i64,
    least: i64,
    /// The read that shows that the count was no less, where what had ended does not.
    shown_by: Option<Operation>,
}

/// The updates that a read takes of which none has ended.
#[derive(Debug)]
struct Demand {
    count: u64,
    /// The read; the last of those that ended at its time.
    by: Operation,
}

impl<C: Counts> Following<C> {
    pub(crate) fn new(counts: C, is_shared: bool) -> Self {
        Self {
            counts,
            is_shared,
            flights: Flights::new(),
            unknowns: Unknowns::default(),
            open: 0,
            ended: 0,
            least: 0,
            demands: BTreeMap::new(),
            demanded: 0,
            settled: None,
            claim: None,
            standing: Standing::Open,
        }
    }

    /// What shows that the count is no less than it is, where what has ended does not.
    fn shown_by(&self) -> Option<Operation> {
        let latest = self.demands.last_key_value().map(|(_, demand)| demand.by);
        latest.or(self.settled).filter(|_| self.ended < self.least)
    }

    /// Something is proved, if the answer that `rests_on` gave is what it seems.
    fn claim(&mut self, proof: Proof, rests_on: Option<Operation>) {
        let until_ns = rests_on.map_or(0, |read| read.return_ns);
        if self.claim.as_ref().is_none_or(|(other_ns, _)| until_ns < *other_ns) {
            self.claim = Some((until_ns, proof));
        }
    }

    fn stop(&mut self, reason: &'static str) {
        if self.standing == Standing::Open {
            self.standing = Standing::Stopped(reason);
        }
    }

    /// An answer tells of more than there can have been: others may have done that.
    fn is_beyond(&mut self, read: Operation) {
        if self.is_shared {
            self.stop("more was done than was asked for");
        } else {
            self.claim(Proof::of(self.counts.beyond(&read), vec![read]), None);
        }
    }

    /// A `read` has ended that returned `value`, when this was known.
    fn end_read(&mut self, read: Operation, value: i64, known: Known) {
        let limit = self.counts.limit();
        if value < known.least.min(limit) {
            let shown_by = known.shown_by.filter(|_| value >= known.ended.min(limit));
            let witness = shown_by.into_iter().chain([read]).collect();
            self.claim(Proof::of(AnomalyKind::StaleRead, witness), shown_by);
            return;
        }
        let above = value.saturating_sub(self.least);
        let free = i128::from(self.open) - i128::from(self.demanded);
        if i128::from(above) > free.max(0) && above > 0 {
            self.is_beyond(read);
        } else if above > 0 {
            let count = above.unsigned_abs();
            let demand = self.demands.entry(read.return_ns);
            let demand = demand.or_insert(Demand { count: 0, by: read });
            demand.count += count;
            demand.by = read;
            self.demanded += count;
            self.least = value;
        }
    }

    /// An `update` has ended, which began when it did.
    fn end_update(&mut self, update: Operation) {
        self.open -= 1;
        self.ended += 1;
        if let Some((&time_ns, demand)) = self.demands.range_mut(update.call_ns..).next() {
            demand.count -= 1;
            self.demanded -= 1;
            if demand.count == 0 {
                self.demands.remove(&time_ns);
            }
            return;
        }
        self.least += 1;
        if self.least > self.counts.limit() {
            let proof = match self.shown_by() {
                Some(read) if self.leaves_none(&read) => {
                    Proof::of(AnomalyKind::LateSale, vec![read, update])
                }
                told_by => Proof::oversell(told_by, update),
            };
            self.claim(proof, self.shown_by());
        }
    }

    /// Whether `read` returned all that there can be.
    fn leaves_none(&self, read: &Operation) -> bool {
        self.counts.part(read) == Some(Part::Count(self.counts.limit()))
    }

    /// Whether the demands until `time_ns` can be met by what began at the times `begun_ns` and
    /// `early`; otherwise the read whose demand is the first that cannot.
    fn unmet(&self, time_ns: u64, early: u64, begun_ns: &[u64]) -> Option<Operation> {
        let demands = || self.demands.range(..=time_ns);
        let needs = demands().map(|(time_ns, demand)| (*time_ns, u128::from(demand.count)));
        let index = first_unmet(needs, early, begun_ns)?;
        demands().nth(index).map(|(_, demand)| demand.by)
    }

    /// Forgets the demands that only updates of unknown outcome can meet, and these; `earliest_ns` is
    /// when the first in flight began.
    fn settle(&mut self, earliest_ns: u64) {
        while let Some(first) = self.demands.first_entry().filter(|one| *one.key() < earliest_ns) {
            self.unknowns.fold(*first.key());
            let Demand { count, by } = first.remove();
            self.unknowns.take(count);
            self.open -= count;
            self.demanded -= count;
            self.settled = Some(by);
        }
        // What is demanded later is so at a time that is still to come.
        self.unknowns
            .fold(self.demands.first_key_value().map_or(u64::MAX, |(time_ns, _)| *time_ns));
    }
}

impl<C: Counts> Follower for Following<C> {
    fn begin(&mut self, client: u32, op: Op, call_ns: u64) {
        if op == Op::Give {
            self.stop("something was given back");
        }
        let known = Known { ended: self.ended, least: self.least, shown_by: self.shown_by() };
        self.open += u64::from(self.counts.may_add(op));
        let before = self.flights.begin(client, Flight { op, call_ns, known });
        let had = before.is_some_and(|flight| self.counts.may_add(flight.op));
        self.open -= u64::from(had);
    }

    fn end(&mut self, operation: Operation) {
        let Some(flight) = self.flights.end(&operation) else {
            return self.stop("an operation ended that had not begun");
        };
        match self.counts.part(&operation) {
            None => self.stop("an operation has another form than the rule covers"),
            Some(Part::Perhaps) => self.unknowns.add(operation.call_ns),
            Some(Part::Update) => self.flights.land(operation, flight),
            Some(Part::Count(_) | Part::Blank | Part::Absent) => {
                self.open -= u64::from(self.counts.may_add(operation.op));
                if operation.outcome == Outcome::Ok {
                    self.flights.land(operation, flight);
                }
            }
        }
    }

    fn close(&mut self) {
        let landed = self.flights.landed();
        for (operation, flight) in &landed {
            if let Some(kind) = self.counts.absurd(operation) {
                self.claim(Proof::of(kind, vec![*operation]), None);
            } else if let Some(Part::Count(value)) = self.counts.part(operation) {
                self.end_read(*operation, value, flight.known);
            }
        }
        // What ended when a read did is concurrent with it.
        for (operation, _) in &landed {
            if self.counts.part(operation) == Some(Part::Update) {
                self.end_update(*operation);
            }
        }
        self.flights.reuse(landed);
    }

    fn look(&mut self) -> Standing {
        if self.standing != Standing::Open {
            return self.standing.clone();
        }
        if let Some((_, proof)) = self.claim.take_if(|_| !self.is_shared) {
            return Standing::Invalid(proof);
        }
        let calls_ns = || self.flights.calls_ns(|op| self.counts.may_add(op));
        if !self.demands.is_empty() {
            let (early, later) = self.unknowns.begun();
            let mut begun_ns: Vec<_> = later.chain(calls_ns()).collect();
            begun_ns.sort_unstable();
            if let Some(read) = self.unmet(u64::MAX, early, &begun_ns) {
                self.is_beyond(read);
                return self.look();
            }
        }
        if let Some((time_ns, proof)) = &self.claim {
            let (early, later) = self.unknowns.begun();
            let unknown_ns: Vec<_> = later.collect();
            if self.unmet(*time_ns, early, &unknown_ns).is_none() {
                return Standing::Invalid(proof.clone());
            }
        }
        let earliest_ns = calls_ns().min().unwrap_or(u64::MAX);
        self.settle(earliest_ns);
        Standing::Open
    }

    fn size(&self) -> usize {
        self.flights.size() + self.unknowns.size() + self.demands.len()
    }
}
