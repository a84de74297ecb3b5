//! A document with an opaque version, which a write may expect: an `ETag` and `If-Match`.

mod judge;
mod specification;
mod translation;
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
pub use specification::{Document, Version};

/// The model.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rules;

impl Definition for Rules {
    fn name(&self) -> String {
        "versioned".to_owned()
    }

    fn state(&self) -> State {
        State::Value
    }

    fn growth(&self) -> Growth {
        Growth::None
    }

    fn signature(&self, op: Op) -> Option<Signature> {
        match op {
            Op::Read => Some((Argument::Nothing, Answer::Value)),
            Op::Write => Some((Argument::Value, Answer::ValueUnlessDeclined)),
            Op::Add | Op::Cas | Op::Take | Op::Give | Op::Move => None,
        }
    }

    fn specification<'o>(&self, object: &'o Object) -> Option<Box<dyn Search + 'o>> {
        let searched = judge::searched(object)?;
        Some(Box::new(searched))
    }

    fn judge(&self, object: &Object, limits: &Limits<'_>) -> Option<Judgement> {
        let judgement = judge(object, limits);
        let is_accused = judgement.as_ref().is_none_or(|one| one.verdict == Verdict::Invalid);
        if object.is_shared && is_accused && object.operations.iter().any(saw_nothing) {
            judge_shared(object, limits)
        } else {
            judgement
        }
    }

    fn verify(&self, object: &Object, anomaly: &Anomaly) -> bool {
        verify::verify(object, anomaly)
    }

    fn words(&self) -> &'static Words {
        &words::WORDS
    }

    fn explain(&self, scene: Scene<'_>) -> Option<Explanation> {
        words::explain(scene)
    }
}

/// The verdict on an object that is not valid by itself, where others may write and delete it, of whom
/// the history says nothing.
///
/// They make versions of their own, and a read that saw no document came after one of them had deleted
/// it. So what is wrong without such reads is certain, but for what their versions explain.
fn judge_shared(object: &Object, limits: &Limits<'_>) -> Option<Judgement> {
    let mut certain = object.clone();
    for read in certain.operations.iter_mut().filter(|one| saw_nothing(one)) {
        read.outcome = Outcome::Fail;
    }
    let judgement = match judge(&certain, limits) {
        Some(judgement) => judgement,
        None => judge::searched(&certain)?.judge(&certain.operations, limits),
    };
    Some(match judgement.verdict {
        Verdict::Valid => Judgement::doubted(Doubt::Others),
        Verdict::Invalid | Verdict::Unknown => judgement,
    })
}

fn saw_nothing(operation: &Operation) -> bool {
    let Operation { op, outcome, result, .. } = *operation;
    (op, outcome, result) == (Op::Read, Outcome::Ok, NIL)
}
