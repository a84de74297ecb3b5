//! Values that are handed out, each once: order numbers, ids.

mod judge;
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
pub use specification::Issued;

/// The model.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rules;

impl Definition for Rules {
    fn name(&self) -> String {
        "unique".to_owned()
    }

    fn state(&self) -> State {
        State::Elements
    }

    fn growth(&self) -> Growth {
        Growth::Up
    }

    fn signature(&self, op: Op) -> Option<Signature> {
        match op {
            Op::Add => Some((Argument::Nothing, Answer::Value)),
            Op::Read | Op::Write | Op::Cas | Op::Take | Op::Give | Op::Move => None,
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
