//! The operations of a run as a history, and what any order of them explains.

use std::time::Duration;

use check::history::{Initial, NEVER, NIL, Op, Outcome};
use check::{History, Judgement, Limits, Model, Object, Operation, Verdict};

use super::LastRead;
use crate::extract::Decimal;
use crate::plan::Effort;
use crate::record::Operations;
use crate::state::State;

/// The operations of a run, the last read among them; `None` where they were not all kept.
pub(crate) fn of(
    operations: Operations,
    key: &str,
    before: Option<&State>,
    after: Option<&LastRead>,
) -> Option<History> {
    let (mut operations, mut lists) = operations.into_operations()?;
    let fraction = before.map(State::fraction).unwrap_or_default();
    if let Some(LastRead { called, returned, state: Ok(state) }) = after
        && let Some(result) = result_of(state, fraction, &mut lists)
    {
        let client = operations.iter().map(|operation| operation.client + 1).max().unwrap_or(0);
        operations.push(Operation {
            call_ns: nanoseconds(*called),
            return_ns: nanoseconds(*returned),
            arg: NIL,
            new: NIL,
            result,
            client,
            op: Op::Read,
            outcome: Outcome::Ok,
        });
    }
    let initial = match before {
        None | Some(State::Nothing) => Initial::Default,
        Some(State::Number(number)) => Initial::Value(number.floor()),
        Some(State::Elements(elements)) => Initial::Elements(elements.clone()),
    };
    Some(History { objects: vec![Object { key: key.to_owned(), initial, operations, lists }] })
}

/// The result of a read that found `state`; the elements of a set go to the end of `lists`. `None`
/// where it tells nothing: there was no state, or a number with another `fraction` than the first.
fn result_of(state: &State, fraction: Decimal, lists: &mut Vec<Vec<i64>>) -> Option<i64> {
    match state {
        State::Nothing => None,
        State::Number(number) => number.above(fraction),
        State::Elements(elements) => {
            lists.push(elements.clone());
            Some(i64::try_from(lists.len() - 1).expect("a count of lists fits"))
        }
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(NEVER)
}

/// A history, and what was found of each of its objects.
#[derive(Debug)]
pub struct Judged {
    /// What the operations mean.
    pub model: Model,
    /// The operations.
    pub history: History,
    /// For each object of the history.
    pub judgements: Vec<Judgement>,
    /// How long that took.
    pub took: Duration,
}

impl Judged {
    /// Judges `history`, on all cores.
    ///
    /// `clock` is the time since any instant: a search is given up when more of it has passed than
    /// `effort` allows.
    #[must_use]
    pub fn new(
        history: History,
        model: Model,
        effort: Effort,
        clock: &(dyn Fn() -> Duration + Sync),
    ) -> Self {
        let begun = clock();
        let spent = || clock().saturating_sub(begun);
        let expired = || spent() > effort.timeout;
        let Effort { memory_bytes, certify, .. } = effort;
        let limits = Limits { certify, memory_bytes, expired: &expired };
        let judgements = check::judge(&history, model, &limits);
        Self { model, history, judgements, took: spent() }
    }

    /// Invalid where an object is; otherwise unknown where one is.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let any = |verdict| self.judgements.iter().any(|judged| judged.verdict == verdict);
        if any(Verdict::Invalid) {
            Verdict::Invalid
        } else if any(Verdict::Unknown) {
            Verdict::Unknown
        } else {
            Verdict::Valid
        }
    }

    /// Why the first object that is unknown is.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.judgements.iter().find_map(|judged| judged.reason.as_deref())
    }

    /// How many operations were judged.
    #[must_use]
    pub fn operations(&self) -> usize {
        self.history.objects.iter().map(|object| object.operations.len()).sum()
    }

    /// The operations of each object in an order that explains every answer, where the verdict is
    /// valid and such orders were asked for.
    #[must_use]
    pub fn certificate(&self) -> Option<History> {
        let objects = self.history.objects.iter().zip(&self.judgements);
        let ordered = objects.map(|(object, judged)| {
            let operation = |index: &u32| object.operations[*index as usize];
            let operations = judged.order.as_ref()?.iter().map(operation).collect();
            Some(check::Object { operations, ..object.clone() })
        });
        Some(History { objects: ordered.collect::<Option<_>>()? })
    }
}
