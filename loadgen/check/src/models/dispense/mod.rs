//! A pool of elements that are put in, and handed out in any order, each once.

pub(super) mod elements;
mod judge;
mod order;
mod specification;
mod verify;
mod words;

use super::definition::{Answer, Argument, Definition, Growth, Signature, State};
use crate::anomaly::Anomaly;
use crate::history::{Object, Op};
use crate::judgement::Judgement;
use crate::limits::Limits;
use crate::sentence::{Explanation, Scene};
use crate::words::Words;

pub use judge::judge;
pub use specification::{Held, Pool};

/// The model.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rules;

impl Definition for Rules {
    fn name(&self) -> String {
        "dispense".to_owned()
    }

    fn state(&self) -> State {
        State::Elements
    }

    fn growth(&self) -> Growth {
        Growth::None
    }

    fn signature(&self, op: Op) -> Option<Signature> {
        match op {
            Op::Add => Some((Argument::Value, Answer::Nothing)),
            Op::Take => Some((Argument::Nothing, Answer::ValueUnlessDeclined)),
            Op::Read | Op::Write | Op::Cas | Op::Give | Op::Move => None,
        }
    }

    fn judge(&self, object: &Object, limits: &Limits<'_>) -> Option<Judgement> {
        judge(object.initial_elements(), &object.operations, limits.certify)
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
