//! Orders that certify a valid verdict, replayed.

use thiserror::Error;

use crate::history::{Operation, Outcome};
use crate::specification::Specification;

/// Why an order explains nothing.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Broken {
    /// An index is no operation's, comes twice, or is that of one that was certainly not done.
    #[error("operation {0} does not belong in the order, or is in it twice")]
    Surplus(u32),
    /// An operation that was acknowledged is not in it.
    #[error("operation {0} is ok, but it is not in the order")]
    Missing(u32),
    /// An operation comes after one that began when it was over.
    #[error("operation {0} was over before an earlier one in the order began")]
    Time(u32),
    /// An operation would have answered something else.
    #[error("operation {0} would have answered something else in this order")]
    Answer(u32),
}

/// Replays `order`, indices into `operations`, against `specification`.
///
/// # Errors
/// When the order does not explain every answer.
pub fn replay<S: Specification>(
    specification: &S,
    operations: &[Operation],
    order: &[u32],
) -> Result<(), Broken> {
    let mut state = specification.initial();
    let mut seen = vec![false; operations.len()];
    let mut latest_call_ns = 0;
    for &index in order {
        let seen = seen.get_mut(index as usize).ok_or(Broken::Surplus(index))?;
        let operation = &operations[index as usize];
        if std::mem::replace(seen, true) || operation.outcome == Outcome::Fail {
            return Err(Broken::Surplus(index));
        }
        latest_call_ns = latest_call_ns.max(operation.call_ns);
        if operation.completion_ns() < latest_call_ns {
            return Err(Broken::Time(index));
        }
        if !specification.advance(&mut state, operation) {
            return Err(Broken::Answer(index));
        }
    }
    let missing = (0..).zip(operations).zip(seen).find_map(|((index, operation), seen)| {
        (!seen && operation.outcome == Outcome::Ok).then_some(index)
    });
    missing.map_or(Ok(()), |index| Err(Broken::Missing(index)))
}
