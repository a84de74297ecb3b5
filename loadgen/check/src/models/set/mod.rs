//! Elements that are added, and lists of them.

mod failed;
mod judge;
mod specification;
mod verify;
mod words;

use super::definition::{Answer, Argument, Definition, Growth, Signature, State};
use crate::anomaly::Anomaly;
use crate::history::{Object, Op};
use crate::judgement::Judgement;
use crate::limits::Limits;
use crate::search::Search;
use crate::sentence::{Explanation, Scene};
use crate::words::Words;

pub use judge::judge;
pub use specification::Elements;

/// The model.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rules;

impl Definition for Rules {
    fn name(&self) -> String {
        "set".to_owned()
    }

    fn state(&self) -> State {
        State::Elements
    }

    fn growth(&self) -> Growth {
        Growth::Up
    }

    fn signature(&self, op: Op) -> Option<Signature> {
        match op {
            Op::Add => Some((Argument::Element, Answer::Chosen)),
            Op::Read => Some((Argument::Nothing, Answer::Elements)),
            Op::Write | Op::Cas | Op::Take | Op::Give | Op::Move => None,
        }
    }

    fn specification<'o>(&self, object: &'o Object) -> Option<Box<dyn Search + 'o>> {
        Some(Box::new(Elements { initial: object.initial_elements(), lists: &object.lists }))
    }

    fn judge(&self, object: &Object, limits: &Limits<'_>) -> Option<Judgement> {
        let Object { lists, operations, .. } = object;
        let judgement = judge(object.initial_elements(), lists, operations, limits.certify)?;
        Some(failed::name(object, judgement))
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
