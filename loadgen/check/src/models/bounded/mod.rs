//! A number that is taken from, and given back to.

mod amounts;
mod following;
mod judge;
mod specification;
mod verify;
mod words;

use super::definition::{Answer, Argument, Definition, Growth, Signature, State};
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::counting::Following;
use crate::follower::Follower;
use crate::history::{Initial, Object, Op, Operation, Outcome};
use crate::judgement::{Doubt, Judgement, Verdict};
use crate::limits::Limits;
use crate::search::Search;
use crate::sentence::{Explanation, Scene};
use crate::words::Words;

pub use amounts::judge as judge_amounts;
pub use judge::judge;
pub use specification::Stock;
use specification::amount;

/// The model.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rules {
    /// How many there are at first; `None` where only the history says it.
    pub(super) capacity: Option<u64>,
}

const NO_INITIAL: &str = "nothing says how many there were at first";

impl Rules {
    /// How many there are at first: what the history says counts before the model; `None` where neither
    /// says it.
    fn initial(self, object: &Object) -> Option<i64> {
        match object.initial {
            Initial::Value(value) => Some(value),
            _ => self.capacity.map(u64::cast_signed),
        }
    }
}

impl Definition for Rules {
    fn name(&self) -> String {
        self.capacity.map_or_else(|| "bounded".to_owned(), |capacity| format!("bounded:{capacity}"))
    }

    fn spelling() -> String {
        "bounded[:N] (as in bounded:20)".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let capacity = match text.strip_prefix("bounded")? {
            "" => None,
            rest => Some(rest.strip_prefix(':')?.parse::<u32>().ok()?.into()),
        };
        Some(Self { capacity })
    }

    fn state(&self) -> State {
        State::Number
    }

    fn needs_initial(&self) -> bool {
        self.capacity.is_none()
    }

    fn growth(&self) -> Growth {
        Growth::Down
    }

    fn oversold(
        &self,
        before: Option<i64>,
        after: Option<i64>,
        acknowledged: u64,
    ) -> Option<Anomaly> {
        let there_was = match before {
            Some(before) => u64::try_from(before).unwrap_or(0),
            None => self.capacity?,
        };
        // Less than nothing is left, whoever took it.
        let below = |left: Option<i64>| left.map_or(0, |left| left.min(0).unsigned_abs());
        let overdrawn = below(after).saturating_sub(below(before));
        let count = acknowledged.saturating_sub(there_was).max(overdrawn);
        (count > 0).then(|| Anomaly::of_totals(AnomalyKind::Oversell, count))
    }

    fn signature(&self, op: Op) -> Option<Signature> {
        match op {
            Op::Take => Some((Argument::Amount, Answer::Whether)),
            Op::Give => Some((Argument::Amount, Answer::Nothing)),
            Op::Read => Some((Argument::Nothing, Answer::Number)),
            Op::Add | Op::Write | Op::Cas | Op::Move => None,
        }
    }

    fn specification<'o>(&self, object: &'o Object) -> Option<Box<dyn Search + 'o>> {
        let initial = self.initial(object)?;
        let is_countable = specification::is_countable(initial, &object.operations);
        is_countable.then(|| Box::new(Stock { initial }) as Box<dyn Search + 'o>)
    }

    fn judge(&self, object: &Object, limits: &Limits<'_>) -> Option<Judgement> {
        let Object { operations, .. } = object;
        let Some(initial) = self.initial(object) else {
            // Where no answer says anything, there may have been any number.
            let tells = operations.iter().any(|one| one.outcome == Outcome::Ok);
            let order = limits.certify.then(Vec::new);
            let valid = || Judgement::valid(order);
            return Some(if tells { Judgement::unknown(NO_INITIAL) } else { valid() });
        };
        if let Some(judgement) = judge(initial, operations, limits.certify) {
            return Some(judgement);
        }
        let by_search = || Some(self.specification(object)?.judge(operations, limits));
        let judgement = judge_amounts(initial, operations, limits.certify).or_else(by_search)?;
        // Those of whom the history says nothing take, and where something is given back, they may
        // give back as well.
        let is_explained = |anomaly: &Anomaly| {
            anomaly.kind == AnomalyKind::NotLinearizable || are_given_back(operations)
        };
        let is_doubted = object.is_shared && judgement.verdict == Verdict::Invalid;
        if is_doubted && judgement.anomalies.iter().all(is_explained) {
            return Some(Judgement::doubted(Doubt::Others));
        }
        Some(judgement)
    }

    fn follower(&self, initial: Option<i64>, is_shared: bool) -> Option<Box<dyn Follower>> {
        let initial = initial.or(self.capacity.map(u64::cast_signed))?;
        let takes = following::Takes::of(initial)?;
        Some(Box::new(Following::new(takes, is_shared)))
    }

    fn verify(&self, object: &Object, anomaly: &Anomaly) -> bool {
        let Some(initial) = self.initial(object) else { return false };
        if is_one_by_one(object) {
            verify::verify(object, initial, anomaly)
        } else {
            amounts::verify(object, initial, anomaly)
        }
    }

    fn words(&self) -> &'static Words {
        &words::WORDS
    }

    fn explain(&self, scene: Scene<'_>) -> Option<Explanation> {
        let initial = self.initial(scene.object)?;
        if is_one_by_one(scene.object) {
            words::explain(scene, initial)
        } else {
            amounts::explain(scene, initial)
        }
    }

    /// A take that was acknowledged and is not in the state took nothing.
    fn named(&self, kind: AnomalyKind) -> AnomalyKind {
        match kind {
            AnomalyKind::LostUpdate => AnomalyKind::PhantomSuccess,
            _ => kind,
        }
    }
}

/// Whether one at a time is taken, and nothing given back.
fn is_one_by_one(object: &Object) -> bool {
    let done = |one: &&Operation| one.outcome != Outcome::Fail;
    object.operations.iter().filter(done).all(|one| one.op != Op::Give && amount(one) == 1)
}

fn are_given_back(operations: &[Operation]) -> bool {
    operations.iter().any(|one| one.op == Op::Give && one.outcome != Outcome::Fail)
}
