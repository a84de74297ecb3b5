//! The history of a run, put together.

use std::time::Duration;

use check::history::{Initial, NEVER, NIL, Op, Outcome};
use check::{History, Object, Operation};

use crate::recorder::Recorder;
use crate::state::{ReadError, State};

/// The state that was read after a run, and when that was asked and answered.
pub(crate) struct LastRead {
    pub(crate) called: Duration,
    pub(crate) returned: Duration,
    pub(crate) state: Result<State, ReadError>,
}

/// The operations of a run, the last read among them; `None` where they were not all kept.
pub(crate) fn of(
    recorder: Recorder,
    key: String,
    before: Option<&State>,
    after: Option<&LastRead>,
) -> Option<History> {
    let (mut operations, mut lists) = recorder.into_operations()?;
    if let Some(LastRead { called, returned, state: Ok(state) }) = after {
        let result = match state {
            State::Number(number) => *number,
            State::Elements(elements) => {
                lists.push(elements.clone());
                i64::try_from(lists.len() - 1).expect("a count of lists fits")
            }
        };
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
        None => Initial::Default,
        Some(State::Number(number)) => Initial::Value(*number),
        Some(State::Elements(elements)) => Initial::Elements(elements.clone()),
    };
    Some(History { objects: vec![Object { key, initial, operations, lists }] })
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(NEVER)
}
