//! What still holds of a register whose values are each written once.
//!
//! In any order that explains the answers, a write and the reads of its value stand together, the
//! write first. So an order of the values says all, and everything that is asked of it is that one
//! value comes before another: [`acyclic`](super::acyclic) decides whether there is such an order.
//!
//! - Sequential consistency: of what a client did, one after the other, the values come in this
//!   order.
//! - Monotonic reads: so do the values of a client's reads, one after the other; and a value that
//!   was there, as its write was over or somebody had read it, before another was asked to be
//!   written.
//! - Read your writes: so do the latter, and the value that a client wrote last before a read comes
//!   before what that returned, if it is not the same.
//!
//! That makes O(n log n). For one object this is exact; where writes to several objects are to be
//! ordered at once, the question of sequential consistency is NP-complete. Source: J. F. Cantin,
//! M. H. Lipasti and J. E. Smith, The Complexity of Verifying Memory Coherence and Consistency, IEEE
//! Transactions on Parallel and Distributed Systems 16(7), 2005.

use crate::history::{NEVER, Op, Operation, Outcome};

use super::acyclic::{Times, order};
use super::sessions::Sessions;
use super::{Consistency, Weaker};

/// What still holds of `operations`, beside which others may have written where `is_shared`.
/// `initial` is the value at first. `None` where a value was written more than once.
pub(crate) fn weaker(
    initial: i64,
    operations: &[Operation],
    is_shared: bool,
) -> Option<Vec<Weaker>> {
    let values = Values::group(initial, operations)?;
    let is_dubious = is_shared && values.has_future;
    let eventual = values.eventual(is_shared).filter(|_| !is_dubious);
    let is_meant = |index: u32, _: &Operation| values.of[index as usize] != NONE;
    let sessions = Sessions::of(operations, is_meant).filter(|_| !is_dubious);
    let Some(sessions) = sessions else { return Some(eventual.into_iter().collect()) };
    let is_lossy = eventual.as_ref().is_some_and(|eventual| !eventual.holds);
    let is_possible = !is_lossy && (is_shared || !values.has_phantom);
    let weaker = CONSISTENCIES.into_iter().filter_map(|consistency| {
        let mut pairs = Vec::new();
        for session in sessions.iter() {
            pairs.extend(match consistency {
                Consistency::ReadYourWrites => values.own_writes(session),
                Consistency::MonotonicReads => values.reads(session),
                Consistency::Sequential | Consistency::Eventual => values.in_session(session),
            });
        }
        let in_time = consistency != Consistency::Sequential;
        let result = values.explain(&pairs, in_time, is_possible);
        (!pairs.is_empty()).then(|| Weaker::new(consistency, result))
    });
    Some(weaker.chain(eventual).collect())
}

/// What sessions are asked for.
const CONSISTENCIES: [Consistency; 3] =
    [Consistency::Sequential, Consistency::ReadYourWrites, Consistency::MonotonicReads];

/// Pairs of operations of a client of which the first comes first.
type Pairs = Vec<(u32, u32)>;

/// The value of an operation that has none, or of a write that need not have happened.
const NONE: u32 = u32::MAX;
/// The value at first.
const INITIAL: u32 = 0;

/// The values, each with a number.
struct Values<'o> {
    operations: &'o [Operation],
    /// The number of the value of each operation.
    of: Vec<u32>,
    /// When the value was asked to be written.
    calls_ns: Vec<u64>,
    /// When the first of its operations was complete.
    there_ns: Vec<u64>,
    /// Whether a read returned what nobody wrote.
    has_phantom: bool,
    /// Whether a read was over before its value was asked to be written.
    has_future: bool,
}

impl<'o> Values<'o> {
    fn group(initial: i64, operations: &'o [Operation]) -> Option<Self> {
        let mut members = Vec::with_capacity(operations.len());
        members.extend((0_u32..).zip(operations).filter_map(|(index, operation)| {
            let value = match (operation.op, operation.outcome) {
                (Op::Write, Outcome::Ok | Outcome::Unknown) => operation.arg,
                (Op::Read, Outcome::Ok) => operation.result,
                _ => return None,
            };
            Some((value, index))
        }));
        members.sort_unstable();
        let mut values = Self {
            operations,
            of: vec![NONE; operations.len()],
            calls_ns: vec![0],
            there_ns: vec![0],
            has_phantom: false,
            has_future: false,
        };
        for group in members.chunk_by(|one, next| one.0 == next.0) {
            let next = u32::try_from(values.calls_ns.len());
            let next = next.expect("there are at most u32::MAX operations");
            let number = if group[0].0 == initial { INITIAL } else { next };
            values.add(number, group.iter().map(|(_, index)| *index))?;
        }
        Some(values)
    }

    /// Gives `group` its number; `None` where it has several writes.
    fn add(&mut self, number: u32, group: impl Iterator<Item = u32> + Clone) -> Option<()> {
        let with_operations =
            || group.clone().map(|index| (index, &self.operations[index as usize]));
        let mut writes = with_operations().filter(|(_, one)| one.op == Op::Write);
        let write = writes.next().map(|(_, write)| write);
        let is_initial = number == INITIAL;
        if writes.next().is_some() || (is_initial && write.is_some()) {
            return None;
        }
        let there_ns = with_operations().map(|(_, one)| one.completion_ns()).min();
        let there_ns = there_ns.unwrap_or(NEVER);
        if !is_initial {
            if there_ns == NEVER {
                return Some(());
            }
            let call_ns = write.map_or(0, |write| write.call_ns);
            self.has_phantom |= write.is_none();
            self.has_future |= there_ns < call_ns;
            self.calls_ns.push(call_ns);
            self.there_ns.push(there_ns);
        }
        for index in group {
            self.of[index as usize] = number;
        }
        Some(())
    }

    fn number(&self, index: u32) -> u32 {
        self.of[index as usize]
    }

    fn operation(&self, index: u32) -> &'o Operation {
        &self.operations[index as usize]
    }

    fn eventual(&self, is_shared: bool) -> Option<Weaker> {
        let done = || {
            let all = (0_u32..).zip(self.operations);
            all.filter(|(_, one)| one.op == Op::Write && one.outcome == Outcome::Ok)
        };
        let rest_ns = done().map(|(_, write)| write.return_ns).max()?;
        let reads = (0_u32..).zip(self.operations).filter(|(_, read)| {
            read.op == Op::Read && read.outcome == Outcome::Ok && read.call_ns > rest_ns
        });
        let (last, read) = reads.max_by_key(|(index, one)| (one.call_ns, one.return_ns, *index))?;
        let number = self.number(last);
        let write = (0_u32..).zip(self.operations).find(|(index, one)| {
            one.op == Op::Write && self.number(*index) == number && number != INITIAL
        });
        let holds = match write {
            Some((_, write)) => {
                !read.precedes(write) && !done().any(|(_, later)| write.precedes(later))
            }
            None => is_shared && number != INITIAL,
        };
        Some(Weaker::new(Consistency::Eventual, if holds { Ok(()) } else { Err(vec![last]) }))
    }

    /// Everything that a client did, one after the other.
    fn in_session(&self, session: &[u32]) -> Pairs {
        let mut last = None;
        let mut pairs = Vec::new();
        for &index in session {
            pairs.extend(last.map(|last| (last, index)));
            if self.operation(index).outcome == Outcome::Ok {
                last = Some(index);
            }
        }
        pairs
    }

    /// A client's reads, one after the other.
    fn reads(&self, session: &[u32]) -> Pairs {
        let is_read = |index: &u32| self.operation(*index).op == Op::Read;
        let reads = || session.iter().copied().filter(is_read);
        reads().zip(reads().skip(1)).collect()
    }

    /// A client's writes, each with the reads that come before its next one. Of writes of which one
    /// began when another ended, time does not say which was first: both come with the reads.
    fn own_writes(&self, session: &[u32]) -> Pairs {
        let mut own: Vec<u32> = Vec::new();
        let mut pairs = Vec::new();
        for &index in session {
            let operation = self.operation(index);
            if operation.op == Op::Read {
                pairs.extend(own.iter().map(|write| (*write, index)));
            } else if operation.outcome == Outcome::Ok {
                own.retain(|write| !self.operation(*write).precedes(operation));
                own.push(index);
            }
        }
        pairs
    }

    /// Whether an order of the values has the first of each pair before the second. `in_time` asks
    /// that it keeps time as well, and that no read is of the future.
    fn explain(
        &self,
        pairs: &[(u32, u32)],
        in_time: bool,
        is_possible: bool,
    ) -> Result<(), Vec<u32>> {
        if !is_possible || (in_time && self.has_future) {
            return Err(Vec::new());
        }
        let example = |&(one, other): &(u32, u32)| vec![one, other];
        let is_backwards = |(one, other): &&(u32, u32)| {
            let [first, second] = [self.number(*one), self.number(*other)];
            let is_own_write = first == second && self.operation(*other).op == Op::Write;
            is_own_write || (second == INITIAL && first != INITIAL)
        };
        if let Some(pair) = pairs.iter().find(is_backwards) {
            return Err(example(pair));
        }
        let (of_values, ops): (Vec<_>, Vec<_>) = pairs
            .iter()
            .map(|pair| ((self.number(pair.0), self.number(pair.1)), pair))
            .filter(|((one, other), _)| one != other && *one != INITIAL)
            .unzip();
        let times = Times { calls_ns: &self.calls_ns, there_ns: &self.there_ns };
        order(self.calls_ns.len(), &of_values, in_time.then_some(times))
            .map_err(|pair| example(ops[pair]))
    }
}
