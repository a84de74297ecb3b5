//! The rule of additions that answer with the new sum, for a history that grows.
//!
//! It is the one of the whole history. What each answer is held against is known when it comes:
//!
//! - The highest answer that was complete when its operation began. A lower one, or that of a read
//!   where an addition returns the same, contradicts time. An answer that is to be lower than one which
//!   comes later is found with that one.
//! - The values that additions have returned: all between the value at first and the highest answer,
//!   but for the *gaps*. A gap is made when an answer is higher than all before, and what fills it must
//!   have begun by then. An addition that began later and returns a value of it contradicts time.
//! - All gaps together, against the additions in flight and of unknown outcome that began in time.
//!
//! A gap from before everything in flight can only be filled by additions of unknown outcome: these are
//! taken for it, and both are forgotten.

use std::collections::BTreeMap;

use crate::anomaly::AnomalyKind;
use crate::follower::{Flight, Flights, Follower, Standing, Unknowns, first_unmet};
use crate::history::{NIL, Op, Operation, Outcome};
use crate::proof::Proof;

/// Follows the values of an object.
pub(super) struct Following {
    initial: i64,
    is_shared: bool,
    flights: Flights<Option<Operation>>,
    unknowns: Unknowns,
    /// What gave the highest answer that is complete.
    highest: Option<Operation>,
    /// Values that no addition has returned, by the first of each gap.
    gaps: BTreeMap<i64, Gap>,
    standing: Standing,
}

/// Values in a row that no addition has returned, though a higher value was, or the last of them.
#[derive(Debug, Clone, Copy)]
struct Gap {
    last: i64,
    /// What gave the first answer from above.
    passed_by: Operation,
}

impl Following {
    pub(super) fn new(initial: i64, is_shared: bool) -> Self {
        Self {
            initial,
            is_shared,
            flights: Flights::new(),
            unknowns: Unknowns::default(),
            highest: None,
            gaps: BTreeMap::new(),
            standing: Standing::Open,
        }
    }

    fn stand(&mut self, standing: Standing) {
        if self.standing == Standing::Open {
            self.standing = standing;
        }
    }

    /// Something is proved, unless others may have made it so.
    fn claim(&mut self, proof: Proof) {
        if !self.is_shared || !proof.kind.is_excess() {
            self.stand(Standing::Invalid(proof));
        }
    }

    /// What `one` says is wrong by itself, or with the `highest` answer that was complete before.
    fn contradicts(&self, one: Operation, highest: Option<Operation>) -> Option<Proof> {
        let is_read = one.op == Op::Read;
        let kind = if is_read { AnomalyKind::StaleRead } else { AnomalyKind::OrderViolation };
        if one.result < self.initial || one.result == self.initial && !is_read {
            return Some(Proof::of(kind, vec![one]));
        }
        let highest = highest.filter(|highest| highest.result >= one.result)?;
        if highest.result > one.result {
            return Some(Proof::of(kind, vec![highest, one]));
        }
        // Of the same value reads come behind the addition; two additions are told apart below.
        let is_future = !is_read && highest.op == Op::Read;
        is_future.then(|| Proof::of(AnomalyKind::FutureRead, vec![highest, one]))
    }

    /// Takes down an answer that contradicts none before.
    fn answer(&mut self, one: Operation) {
        let value = one.result;
        let top = self.highest.map_or(self.initial, |highest| highest.result);
        if value > top {
            // A read tells of its value, and not of the addition that made it.
            let last = if one.op == Op::Read { value } else { value - 1 };
            if last > top {
                self.gaps.insert(top + 1, Gap { last, passed_by: one });
            }
            self.highest = Some(one);
        } else if one.op == Op::Add && !self.fill(value) {
            self.claim(Proof::duplicate(one));
        }
    }

    /// Takes `value` out of the gap that has it; whether one does.
    fn fill(&mut self, value: i64) -> bool {
        let below = self.gaps.range(..=value).next_back();
        let Some((&first, &gap)) = below.filter(|(_, gap)| value <= gap.last) else { return false };
        if first == value {
            self.gaps.remove(&first);
        } else {
            self.gaps.insert(first, Gap { last: value - 1, ..gap });
        }
        if value < gap.last {
            self.gaps.insert(value + 1, gap);
        }
        true
    }

    /// When the additions began that may fill gaps, in order, and how many began before all gaps.
    fn spare(&self) -> (u64, Vec<u64>) {
        let (early, later) = self.unknowns.begun();
        let mut begun_ns: Vec<_> = later.chain(self.flights.calls_ns(|op| op == Op::Add)).collect();
        begun_ns.sort_unstable();
        (early, begun_ns)
    }

    /// The gap that there are not enough additions for.
    fn skipped(&self) -> Option<Gap> {
        let (early, begun_ns) = self.spare();
        let needs = self.gaps.iter().map(|(first, gap)| {
            (gap.passed_by.return_ns, u128::from(gap.last.abs_diff(*first)) + 1)
        });
        let index = first_unmet(needs, early, &begun_ns)?;
        self.gaps.values().nth(index).copied()
    }

    /// Forgets the gaps that only additions of unknown outcome can fill, and these; `earliest_ns` is
    /// when the first addition in flight began.
    fn settle(&mut self, earliest_ns: u64) {
        let passed_ns = |gap: &Gap| gap.passed_by.return_ns;
        while let Some(lowest) = self.gaps.first_entry()
            && passed_ns(lowest.get()) < earliest_ns
        {
            let (first, gap) = lowest.remove_entry();
            if !self.is_shared {
                self.unknowns.fold(passed_ns(&gap));
                self.unknowns.take(gap.last.abs_diff(first) + 1);
            }
        }
        // Gaps that are to come are passed at a time that is.
        self.unknowns.fold(self.gaps.first_key_value().map_or(u64::MAX, |(_, gap)| passed_ns(gap)));
    }
}

impl Follower for Following {
    fn begin(&mut self, client: u32, op: Op, call_ns: u64) {
        self.flights.begin(client, Flight { op, call_ns, known: self.highest });
    }

    fn end(&mut self, operation: Operation) {
        let Some(flight) = self.flights.end(&operation) else {
            return self.stand(Standing::Stopped("an operation ended that had not begun"));
        };
        let has_result = operation.outcome == Outcome::Ok && operation.result != NIL;
        match (operation.op, operation.outcome) {
            (_, Outcome::Fail) => {}
            (Op::Add, _) if operation.arg != 1 => {
                self.stand(Standing::Stopped("an addition adds another number than 1"));
            }
            (Op::Add | Op::Read, _) if has_result => self.flights.land(operation, flight),
            (Op::Add, _) => self.unknowns.add(operation.call_ns),
            _ => {}
        }
    }

    fn close(&mut self) {
        let landed = self.flights.landed();
        for (operation, flight) in &landed {
            match self.contradicts(*operation, flight.known) {
                Some(proof) => {
                    self.claim(proof);
                    // Where others may have made what was read before, the gap may be forgotten.
                    self.fill(operation.result);
                }
                None => self.answer(*operation),
            }
        }
        self.flights.reuse(landed);
    }

    fn look(&mut self) -> Standing {
        if !self.is_shared
            && !self.gaps.is_empty()
            && let Some(gap) = self.skipped()
        {
            self.claim(Proof::of(AnomalyKind::SkippedValue, vec![gap.passed_by]));
        }
        if self.standing == Standing::Open {
            let calls_ns = self.flights.calls_ns(|op| op == Op::Add);
            let earliest_ns = calls_ns.min().unwrap_or(u64::MAX);
            self.settle(earliest_ns);
        }
        self.standing.clone()
    }

    fn size(&self) -> usize {
        self.flights.size() + self.unknowns.size() + self.gaps.len()
    }
}
