//! The one effect of all requests with one idempotency key.
//!
//! An object is a key. An addition asks for the effect with a payload, which may be none. Its answer
//! is the result of the effect, whether it was this addition that had it or an earlier one; or that
//! it was refused, since the key holds another payload. An answer that only tells of an earlier effect
//! is a read, with the payload that it answers; a read that returns nothing says that there was no
//! effect yet, so that an answer whose result could not be read must not be told as one.

mod early;
mod judge;
mod specification;
mod told;
mod verify;
mod words;

use super::definition::{Answer, Argument, Definition, Growth, Signature, State};
use crate::anomaly::Anomaly;
use crate::history::{Initial, NIL, Object, Op};
use crate::judgement::Judgement;
use crate::limits::Limits;
use crate::sentence::{Explanation, Scene};
use crate::words::Words;

pub use judge::judge;
pub use specification::{Held, Key};

/// The model.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rules;

impl Definition for Rules {
    fn name(&self) -> String {
        "once".to_owned()
    }

    fn state(&self) -> State {
        State::Value
    }

    fn growth(&self) -> Growth {
        Growth::None
    }

    fn signature(&self, op: Op) -> Option<Signature> {
        match op {
            Op::Add => Some((Argument::Value, Answer::ValueUnlessDeclined)),
            Op::Read => Some((Argument::Value, Answer::Value)),
            Op::Write | Op::Cas | Op::Take | Op::Give | Op::Move => None,
        }
    }

    fn judge(&self, object: &Object, limits: &Limits<'_>) -> Option<Judgement> {
        // What an effect before the history left behind could be of any payload.
        let is_unused = matches!(object.initial, Initial::Default | Initial::Value(NIL));
        is_unused.then(|| judge(&object.operations, limits.certify))?
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
