//! One value that is written and read.

mod failed;
mod judge;
mod specification;
mod verify;
mod words;

use super::definition::{Answer, Definition, Growth, State};
use crate::anomaly::Anomaly;
use crate::history::{NIL, Object, Op};
use crate::judgement::Judgement;
use crate::limits::Limits;
use crate::search::Search;
use crate::sentence::{Explanation, Scene};
use crate::words::Words;

pub use judge::{judge, judge_with_choices};
pub use specification::Register;

/// The model.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rules;

impl Definition for Rules {
    fn name(&self) -> String {
        "register".to_owned()
    }

    fn state(&self) -> State {
        State::Value
    }

    fn growth(&self) -> Growth {
        Growth::None
    }

    fn answer(&self, op: Op) -> Option<Answer> {
        match op {
            Op::Read => Some(Answer::Number),
            Op::Write => Some(Answer::Nothing),
            Op::Cas => Some(Answer::Whether),
            Op::Add | Op::Take => None,
        }
    }

    fn specification<'o>(&self, object: &'o Object) -> Box<dyn Search + 'o> {
        Box::new(Register { initial: object.initial_or(NIL) })
    }

    fn judge(&self, object: &Object, limits: &Limits<'_>) -> Option<Judgement> {
        let of_unique = judge(object.initial_or(NIL), &object.operations, limits.certify);
        let judgement = of_unique.or_else(|| judge_with_choices(object, limits))?;
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
