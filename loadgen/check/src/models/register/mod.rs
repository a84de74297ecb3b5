//! One value that is written and read.

mod failed;
mod judge;
mod specification;
mod verify;
mod weaker;
mod words;

use super::definition::{Answer, Argument, Definition, Growth, Signature, State};
use crate::anomaly::Anomaly;
use crate::history::{NIL, Object, Op};
use crate::judgement::Judgement;
use crate::limits::Limits;
use crate::search::{self, Search};
use crate::sentence::{Explanation, Scene};
use crate::weaker::Weaker;
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

    fn signature(&self, op: Op) -> Option<Signature> {
        match op {
            Op::Read => Some((Argument::Nothing, Answer::Value)),
            Op::Write => Some((Argument::Value, Answer::Nothing)),
            Op::Cas => Some((Argument::Values, Answer::Whether)),
            Op::Add | Op::Take | Op::Give | Op::Move => None,
        }
    }

    fn specification<'o>(&self, object: &'o Object) -> Option<Box<dyn Search + 'o>> {
        Some(Box::new(Register { initial: object.initial_or(NIL) }))
    }

    fn judge(&self, object: &Object, limits: &Limits<'_>) -> Option<Judgement> {
        let judgement = judge(object.initial_or(NIL), &object.operations, limits.certify)
            .or_else(|| valid_if_small(object, limits))
            .or_else(|| judge_with_choices(object, limits))?;
        Some(failed::name(object, judgement))
    }

    fn weaker(&self, object: &Object) -> Vec<Weaker> {
        weaker::weaker(object).unwrap_or_default()
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

/// How many operations a history has at most that is small.
const SMALL: usize = 1_000;
/// How many steps of a search take no longer, for each operation, than to group them.
const STEPS_PER_OPERATION: u64 = 64;

/// Valid where the history is small and a short search finds an order. It has often found one before
/// the rule for choices would have begun to choose.
fn valid_if_small(object: &Object, limits: &Limits<'_>) -> Option<Judgement> {
    let operations = &object.operations;
    if operations.len() > SMALL {
        return None;
    }
    let register = Register { initial: object.initial_or(NIL) };
    search::valid_within(
        &register,
        operations,
        limits,
        STEPS_PER_OPERATION * operations.len() as u64,
    )
}
