//! Accounts between which money is moved: none appears, and none vanishes.

mod chain;
mod dice;
mod floor;
mod found;
mod halves;
mod judge;
mod ledger;
mod made;
mod schedule;
mod specification;
mod subsets;
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
pub use specification::Bank;

/// The model.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rules {
    /// What no account falls below.
    pub(super) floor: Option<i64>,
}

impl Definition for Rules {
    fn name(&self) -> String {
        self.floor.map_or_else(|| "accounts".to_owned(), |floor| format!("accounts:{floor}"))
    }

    fn spelling() -> String {
        "accounts[:FLOOR] (as in accounts:0)".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let floor = match text.strip_prefix("accounts")? {
            "" => None,
            rest => Some(rest.strip_prefix(':')?.parse().ok()?),
        };
        Some(Self { floor }).filter(|model| model.name() == text)
    }

    fn state(&self) -> State {
        State::Balances
    }

    fn growth(&self) -> Growth {
        Growth::None
    }

    fn signature(&self, op: Op) -> Option<Signature> {
        match op {
            Op::Move => Some((Argument::Transfer, Answer::Whether)),
            Op::Read => Some((Argument::Nothing, Answer::Balances)),
            Op::Add | Op::Write | Op::Cas | Op::Take | Op::Give => None,
        }
    }

    fn specification<'o>(&self, object: &'o Object) -> Option<Box<dyn Search + 'o>> {
        Some(Box::new(Bank::of(object, self.floor)))
    }

    fn judge(&self, object: &Object, limits: &Limits<'_>) -> Option<Judgement> {
        judge(object, self.floor, limits)
    }

    fn verify(&self, object: &Object, anomaly: &Anomaly) -> bool {
        verify::verify(object, self.floor, anomaly)
    }

    fn words(&self) -> &'static Words {
        &words::WORDS
    }

    fn explain(&self, scene: Scene<'_>) -> Option<Explanation> {
        words::explain(scene, self.floor)
    }
}
