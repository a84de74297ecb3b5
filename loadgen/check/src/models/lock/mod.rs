//! A lock, which one client at a time holds.

mod claims;
mod judge;
mod order;
mod specification;
mod verify;
mod words;

use super::definition::{Answer, Argument, Definition, Growth, Signature, State};
use crate::anomaly::Anomaly;
use crate::history::{NIL, Object, Op, Operation, Outcome};
use crate::judgement::{Doubt, Judgement, Verdict};
use crate::limits::Limits;
use crate::search::Search;
use crate::sentence::{Explanation, Scene};
use crate::words::Words;

pub use judge::judge;
pub use specification::Lock;

/// The model.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rules;

impl Definition for Rules {
    fn name(&self) -> String {
        "lock".to_owned()
    }

    fn state(&self) -> State {
        State::Value
    }

    fn growth(&self) -> Growth {
        Growth::None
    }

    fn signature(&self, op: Op) -> Option<Signature> {
        match op {
            Op::Take | Op::Give => Some((Argument::Nothing, Answer::Whether)),
            Op::Add | Op::Read | Op::Write | Op::Cas | Op::Move => None,
        }
    }

    /// `None` where somebody held it at first: nobody knows who.
    fn specification<'o>(&self, object: &'o Object) -> Option<Box<dyn Search + 'o>> {
        is_free_at_first(object).then(|| Box::new(Lock) as Box<dyn Search + 'o>)
    }

    fn judge(&self, object: &Object, limits: &Limits<'_>) -> Option<Judgement> {
        if !is_free_at_first(object) {
            return None;
        }
        let judgement = judge(&object.operations, limits.certify);
        if judgement.is_some() || !object.is_shared {
            return judgement;
        }
        Some(search_shared(&object.operations, limits))
    }

    fn verify(&self, object: &Object, anomaly: &Anomaly) -> bool {
        is_free_at_first(object) && verify::verify(object, anomaly)
    }

    fn words(&self) -> &'static Words {
        &words::WORDS
    }

    fn explain(&self, scene: Scene<'_>) -> Option<Explanation> {
        words::explain(scene)
    }
}

fn is_free_at_first(object: &Object) -> bool {
    object.initial_or(NIL) == NIL
}

/// The verdict by search where others may hold the lock as well, of whom the history says nothing.
///
/// They explain each answer that was no; and where they hold it, it is not granted. So what is wrong
/// without those answers is certain.
fn search_shared(operations: &[Operation], limits: &Limits<'_>) -> Judgement {
    let mut granted = operations.to_vec();
    for refusal in granted.iter_mut().filter(|one| one.was_declined()) {
        refusal.outcome = Outcome::Fail;
    }
    let certain = Lock.judge(&granted, limits);
    if certain.verdict == Verdict::Invalid {
        return certain;
    }
    let all = Lock.judge(operations, limits);
    if all.verdict == Verdict::Invalid { Judgement::doubted(Doubt::Others) } else { all }
}
