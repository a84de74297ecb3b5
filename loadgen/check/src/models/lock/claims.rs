//! What operations say of a lock, and how long each client holds it for certain.

use std::collections::HashMap;

use crate::history::{NEVER, NIL, NO, Op, Operation, Outcome, YES};

/// What an operation means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// The lock was taken.
    Granted,
    /// It was held.
    Refused,
    /// It was taken, or not.
    PerhapsGranted,
    /// It was given back.
    Released,
    /// The client did not hold it.
    Denied,
    /// It was given back, or not.
    PerhapsReleased,
    /// It was not done.
    Absent,
}

/// What `operation` means; `None` where it has another form.
pub(super) fn claim(operation: &Operation) -> Option<Claim> {
    match (operation.op, operation.outcome, operation.result) {
        (_, Outcome::Fail, _) => Some(Claim::Absent),
        (Op::Take, Outcome::Unknown, _) | (Op::Take, Outcome::Ok, NIL) => {
            Some(Claim::PerhapsGranted)
        }
        (Op::Take, Outcome::Ok, YES) => Some(Claim::Granted),
        (Op::Take, Outcome::Ok, NO) => Some(Claim::Refused),
        (Op::Give, Outcome::Unknown, _) => Some(Claim::PerhapsReleased),
        (Op::Give, Outcome::Ok, NIL | YES) => Some(Claim::Released),
        (Op::Give, Outcome::Ok, NO) => Some(Claim::Denied),
        _ => None,
    }
}

pub(super) fn is(operation: &Operation, meant: Claim) -> bool {
    claim(operation) == Some(meant)
}

/// Whether `operation` may have freed the lock.
pub(super) fn may_release(operation: &Operation) -> bool {
    matches!(claim(operation), Some(Claim::Released | Claim::PerhapsReleased))
}

/// By client, the gives that may have freed the lock: when each was over, ascending, and when the first
/// began of those that were over then or later.
pub(super) struct Releases(HashMap<u32, Vec<(u64, u64)>>);

impl Releases {
    pub(super) fn of(operations: &[Operation]) -> Self {
        let mut by_client: HashMap<u32, Vec<(u64, u64)>> = HashMap::new();
        for give in operations.iter().filter(|one| may_release(one)) {
            let of_client = by_client.entry(give.client).or_default();
            of_client.push((give.completion_ns(), give.call_ns));
        }
        for gives in by_client.values_mut() {
            gives.sort_unstable();
            let mut first_ns = NEVER;
            for (_, call_ns) in gives.iter_mut().rev() {
                first_ns = first_ns.min(*call_ns);
                *call_ns = first_ns;
            }
        }
        Self(by_client)
    }

    /// Until when the client of `take`, to which the lock was granted, holds it for certain.
    pub(super) fn held_until_ns(&self, take: &Operation) -> u64 {
        let Some(gives) = self.0.get(&take.client) else { return NEVER };
        let first = gives.partition_point(|(over_ns, _)| *over_ns < take.call_ns);
        gives.get(first).map_or(NEVER, |(_, call_ns)| *call_ns)
    }
}
