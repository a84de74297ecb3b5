//! A counter whose additions answer only that they were done.

mod following;
mod judge;
mod specification;
mod verify;
mod weaker;
mod words;

use super::definition::{Answer, Argument, Definition, Growth, Signature, State};
use crate::anomaly::Anomaly;
use crate::counting::Following;
use crate::follower::Follower;
use crate::history::{Object, Op};
use crate::judgement::Judgement;
use crate::limits::Limits;
use crate::search::Search;
use crate::sentence::{Explanation, Scene};
use crate::weaker::Weaker;
use crate::words::Words;

pub use judge::judge;
pub use specification::Sum;
pub(super) use words::WORDS;

/// The model.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rules;

impl Definition for Rules {
    fn name(&self) -> String {
        "counter".to_owned()
    }

    fn state(&self) -> State {
        State::Number
    }

    fn growth(&self) -> Growth {
        Growth::Up
    }

    fn signature(&self, op: Op) -> Option<Signature> {
        match op {
            Op::Add => Some((Argument::Number, Answer::Nothing)),
            Op::Read => Some((Argument::Nothing, Answer::Number)),
            Op::Write | Op::Cas | Op::Take | Op::Give | Op::Move => None,
        }
    }

    fn specification<'o>(&self, object: &'o Object) -> Option<Box<dyn Search + 'o>> {
        Some(Box::new(Sum { initial: object.initial_or(0) }))
    }

    fn judge(&self, object: &Object, limits: &Limits<'_>) -> Option<Judgement> {
        judge(object.initial_or(0), &object.operations, limits.certify)
    }

    fn follower(&self, initial: Option<i64>, is_shared: bool) -> Option<Box<dyn Follower>> {
        let additions = following::Additions::from(initial.unwrap_or(0))?;
        Some(Box::new(Following::new(additions, is_shared)))
    }

    fn weaker(&self, object: &Object) -> Vec<Weaker> {
        weaker::weaker(object).unwrap_or_default()
    }

    fn verify(&self, object: &Object, anomaly: &Anomaly) -> bool {
        verify::verify(object, anomaly)
    }

    fn words(&self) -> &'static Words {
        &WORDS
    }

    fn explain(&self, scene: Scene<'_>) -> Option<Explanation> {
        words::explain(scene)
    }
}
