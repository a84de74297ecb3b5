//! The first anomaly that the answers prove, while the load goes on.
//!
//! Each worker tells what happened in the order of time, and until when that is all. What all of them
//! have told is judged in that order; the rest waits.
//!
//! Only that is proved which the verdict on the whole record calls invalid: what was refused by nobody's
//! word counts as unknown, and what others may have done proves nothing. Two things are not known
//! before the end. Answers may turn out to belong to other requests, and there may be more operations
//! than are kept. Then the report says that the run ended for something that proves nothing any more.

use std::collections::VecDeque;

use check::history::{NEVER, NIL, Op, Outcome};
use check::incremental::{Incremental, Standing};
use check::{Model, Object, Operation, Proof, Verdict};

use super::Judged;
use super::history::{is_assumed, is_shared};
use crate::plan::Plan;
use crate::record::{Batch, Event};
use crate::state::{Before, State};

/// Judges what the workers of a run tell.
pub(crate) struct Early {
    judge: Incremental,
    /// By worker, what it told and waits for the others.
    told: Vec<Told>,
    /// Whether nothing was ever seen where the state is read: the rule may name the wrong place, and
    /// no verdict rests on it then.
    is_blind: bool,
}

/// What a worker told.
#[derive(Debug, Default)]
struct Told {
    events: VecDeque<Event>,
    /// Nothing else happened before this time.
    until_ns: u64,
}

impl Told {
    /// When what waits here happened first; never where nothing waits.
    fn time_ns(&self) -> u64 {
        self.events.front().map_or(NEVER, Event::time_ns)
    }

    /// What happened next, if that was before `to_ns`.
    fn next(&mut self, to_ns: u64) -> Option<Event> {
        self.events.pop_front_if(|event| event.time_ns() < to_ns)
    }
}

impl Early {
    /// A judge of a run of `plan` that ends at its first anomaly, whose state was `before`; `None`
    /// where it is to be judged at the end.
    pub(crate) fn new(plan: &Plan, before: Option<&Before>) -> Option<Self> {
        let judging = plan.judging.as_ref().filter(|judging| judging.ends_at_first)?;
        let initial = match before.map(|before| &before.state) {
            Some(State::Number(number)) => Some(number.floor()),
            _ => None,
        };
        let model = judging.kinds.first()?.model;
        let judge = Incremental::new(model, initial, is_shared(plan, before))?;
        let told = (0..plan.load.threads).map(|_| Told::default()).collect();
        let is_blind = before.is_some_and(|before| before.state == State::Nothing);
        Some(Self { judge, told, is_blind })
    }

    /// Takes what a worker tells, and says how the run stands.
    pub(crate) fn take(&mut self, batch: Batch) -> Standing {
        let Batch { worker, events, until_ns, revoked } = batch;
        if let Some(reason) = revoked {
            self.judge.stop(reason);
        }
        let told = &mut self.told[worker];
        if told.events.is_empty() {
            // They need not be moved, then.
            told.events = events.into();
        } else {
            told.events.extend(events);
        }
        told.until_ns = until_ns;
        let until_ns = self.told.iter().map(|told| told.until_ns).min().unwrap_or_default();
        if until_ns == NEVER {
            // All workers have ended: there is nothing left to be ended, and the whole is judged now.
            return Standing::Open;
        }
        while let Some((worker, to_ns)) = self.first(until_ns) {
            while let Some(event) = self.told[worker].next(to_ns) {
                self.judge_event(event);
            }
        }
        match self.judge.look(until_ns) {
            Standing::Invalid(_) if self.is_blind => Standing::Open,
            standing => standing.clone(),
        }
    }

    /// Who told what happened first of all that waits, and to when nobody else told anything; `None`
    /// where nothing waits from before `until_ns`.
    fn first(&self, until_ns: u64) -> Option<(usize, u64)> {
        let heads = || self.told.iter().map(Told::time_ns).enumerate();
        let (first, first_ns) = heads().min_by_key(|(_, time_ns)| *time_ns)?;
        let others = heads().filter(|(worker, _)| *worker != first);
        let others_ns = others.map(|(_, time_ns)| time_ns).min().unwrap_or(NEVER);
        (first_ns < until_ns).then(|| (first, others_ns.clamp(first_ns + 1, until_ns)))
    }

    fn judge_event(&mut self, event: Event) {
        match event {
            Event::Begun { client, op, call_ns } => self.judge.begin(client, op, call_ns),
            Event::Ended(operation) => {
                let Operation { op, outcome, result, .. } = operation;
                if (op, outcome) == (Op::Read, Outcome::Ok) && result != NIL {
                    self.is_blind = false;
                }
                let outcome = if is_assumed(&operation) { Outcome::Unknown } else { outcome };
                self.judge.end(Operation { outcome, ..operation });
            }
        }
    }
}

/// Whether `judged`, the whole record of a run, bears out what ended the run.
pub(super) fn bears_out(judged: &Judged, proof: &Proof) -> bool {
    let holds = |object: &Object, model: Model| {
        let anomaly = proof.anomaly(object);
        anomaly.is_some_and(|anomaly| check::verify(object, model, &anomaly))
    };
    let mut objects = judged.objects();
    judged.verdict() == Verdict::Invalid && objects.any(|(object, model, _)| holds(object, model))
}

#[cfg(test)]
mod tests;
