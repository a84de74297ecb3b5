//! Who holds a lock.

use crate::history::{NO, Op, Operation, Outcome, YES};
use crate::specification::Specification;

/// A lock that is free at first: it is taken where nobody holds it, and given back by who holds it.
#[derive(Debug, Clone, Copy)]
pub struct Lock;

impl Specification for Lock {
    /// The client that holds it.
    type State = Option<u32>;

    const BY_CLIENT: bool = true;

    fn initial(&self) -> Option<u32> {
        None
    }

    fn step(&self, holder: &Option<u32>, operation: &Operation) -> Option<Option<u32>> {
        let client = Some(operation.client);
        match operation.op {
            Op::Take if holder.is_none() => operation.may_have_returned(YES).then_some(client),
            Op::Take => operation.may_have_returned(NO).then_some(*holder),
            Op::Give if *holder == client => operation.may_have_returned(YES).then_some(None),
            // That it was given back is said by any other answer than no.
            Op::Give => {
                let is_told = operation.outcome != Outcome::Ok || operation.result == NO;
                is_told.then_some(*holder)
            }
            Op::Add | Op::Read | Op::Write | Op::Cas | Op::Move => None,
        }
    }
}
