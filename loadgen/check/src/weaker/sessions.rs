//! What each client did, in its order.

use crate::history::{Operation, Outcome};

/// The operations of every client, in the order in which it did them. Those that are unknown stand
/// behind what comes before them; they come before nothing.
pub(super) struct Sessions {
    /// Indices of operations, one client after the other.
    order: Vec<u32>,
    /// Where each client's begin, and where the last client's end.
    starts: Vec<u32>,
}

impl Sessions {
    /// The sessions of those of `operations` that are meant; `None` where a client did several
    /// things at once.
    pub(super) fn of(
        operations: &[Operation],
        is_meant: impl Fn(u32, &Operation) -> bool,
    ) -> Option<Self> {
        let meant = || {
            let all = (0_u32..).zip(operations);
            all.filter(|(index, operation)| is_meant(*index, operation))
        };
        let most = meant().map(|(_, operation)| operation.client).max().unwrap_or(0) as usize;
        let sessions = if most < 2 * operations.len() + CLIENTS {
            Self::by_counting(most + 1, meant())
        } else {
            Self::by_sorting(meant())
        };
        sessions.sorted(operations)
    }

    /// The sessions, one after the other.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        self.starts.windows(2).map(|ends| &self.order[ends[0] as usize..ends[1] as usize])
    }

    fn by_counting<'o>(
        clients: usize,
        meant: impl Iterator<Item = (u32, &'o Operation)> + Clone,
    ) -> Self {
        let mut starts = vec![0_u32; clients + 1];
        for (_, operation) in meant.clone() {
            starts[operation.client as usize + 1] += 1;
        }
        for client in 0..clients {
            starts[client + 1] += starts[client];
        }
        let mut order = vec![0; starts[clients] as usize];
        let mut ends = starts.clone();
        for (index, operation) in meant {
            let end = &mut ends[operation.client as usize];
            order[*end as usize] = index;
            *end += 1;
        }
        Self { order, starts }
    }

    fn by_sorting<'o>(meant: impl Iterator<Item = (u32, &'o Operation)>) -> Self {
        let mut clients: Vec<_> =
            meant.map(|(index, operation)| (operation.client, index)).collect();
        clients.sort_unstable();
        let mut starts = vec![0];
        for session in clients.chunk_by(|one, next| one.0 == next.0) {
            let start = starts[starts.len() - 1];
            starts.push(start + u32::try_from(session.len()).expect("it is a part of all"));
        }
        Self { order: clients.into_iter().map(|(_, index)| index).collect(), starts }
    }

    fn sorted(mut self, operations: &[Operation]) -> Option<Self> {
        let key = |index: &u32| {
            let Operation { call_ns, return_ns, outcome, .. } = operations[*index as usize];
            let is_known = outcome == Outcome::Ok;
            (call_ns, if is_known { return_ns } else { call_ns }, !is_known)
        };
        for ends in self.starts.windows(2) {
            let session = &mut self.order[ends[0] as usize..ends[1] as usize];
            if !session.is_sorted_by_key(key) {
                session.sort_unstable_by_key(key);
            }
            let mut last: Option<&Operation> = None;
            for index in &*session {
                let operation = &operations[*index as usize];
                if last.is_some_and(|last| !is_before(last, operation)) {
                    return None;
                }
                if operation.outcome == Outcome::Ok {
                    last = Some(operation);
                }
            }
        }
        Some(self)
    }
}

/// Numbers of clients up to which they are counted rather than sorted, however few operations there
/// are.
const CLIENTS: usize = 1024;

/// Whether one operation of a client was over when the `next` began. Of two that took no time at the
/// same instant nobody knows.
fn is_before(one: &Operation, next: &Operation) -> bool {
    one.completion_ns() <= next.call_ns && one.call_ns < next.completion_ns()
}
