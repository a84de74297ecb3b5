//! The operations of a run one by one, for a history.

use check::history::{NEVER, NIL, Op, Outcome};
use check::{Lists, Operation};

use crate::scenario::Entry;

/// The operations of one worker, or of several that were merged.
#[derive(Debug, PartialEq)]
pub(crate) enum Operations {
    /// None are kept.
    Off,
    /// All are kept.
    On(Kept),
    /// There was no room for all: none are kept any more.
    Overflowed(Excess),
}

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// How many operations.
    pub(crate) operations: u64,
    /// How much memory they may take, with the lists that they returned.
    pub(crate) bytes: usize,
}

/// What there was too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Excess {
    /// Operations.
    Operations,
    /// What operations and lists take.
    Memory {
        /// How many operations were kept until then.
        kept: u64,
    },
}

/// Operations in chunks, so that keeping one allocates only now and then and moves none.
#[derive(Debug)]
pub(crate) struct Kept {
    chunks: Vec<Vec<Operation>>,
    /// The lists that reads returned, whose results are indices.
    lists: Lists,
    /// How many operations.
    count: u64,
    /// How much is kept, of which this is a part.
    room: Room,
    /// How many answers could not be read.
    unreadable: u64,
}

/// All operations of a run.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) operations: Vec<Operation>,
    /// The lists that reads returned, whose results are indices.
    pub(crate) lists: Lists,
    /// How many answers could not be read.
    pub(crate) unreadable: u64,
}

/// Operations that are allocated at once.
const CHUNK: usize = 8 * 1024;

impl Operations {
    /// Keeps as much as there is `room` for; none where none is given.
    pub(crate) fn new(room: Option<Room>) -> Self {
        room.map_or(Self::Off, |room| Self::resumed(room, 0))
    }

    /// Keeps as much as there is `room` for, after so many answers that could not be read.
    pub(super) fn resumed(room: Room, unreadable: u64) -> Self {
        let (chunks, lists) = (Vec::new(), Lists::default());
        Self::On(Kept { chunks, lists, count: 0, room, unreadable })
    }

    /// Keeps what `entry` says about the operation that `of` makes, whose result is not known yet; it
    /// may add a list. Where nothing is kept, neither is asked. Returns what is kept.
    ///
    /// A read that nobody can read says nothing. Of an update that nobody can read it is known that it
    /// was acknowledged, which the counts have, and not what it did.
    pub(crate) fn answered(
        &mut self,
        of: impl FnOnce() -> Operation,
        entry: impl FnOnce(&mut Lists) -> Entry,
    ) -> Option<Operation> {
        let Self::On(kept) = self else { return None };
        let operation = of();
        match entry(&mut kept.lists) {
            Entry::Of { outcome, result } => {
                // The element that the service chose is what was added.
                let is_chosen = operation.op == Op::Add && operation.arg == NIL;
                let arg = if is_chosen { result } else { operation.arg };
                self.keep(Operation { arg, outcome, result, ..operation })
            }
            Entry::Unreadable => {
                kept.unreadable += 1;
                if operation.op == Op::Read {
                    return None;
                }
                self.keep(Operation { outcome: Outcome::Unknown, ..operation })
            }
            Entry::None => None,
        }
    }

    /// Keeps the operation that `of` makes; it may add a list.
    pub(super) fn record(&mut self, of: impl FnOnce(&mut Lists) -> Operation) {
        let Self::On(kept) = self else { return };
        let operation = of(&mut kept.lists);
        self.keep(operation);
    }

    /// Keeps an operation, and returns it; `None` where none are kept.
    pub(crate) fn keep(&mut self, operation: Operation) -> Option<Operation> {
        let Self::On(kept) = self else { return None };
        if let Some(excess) = kept.excess() {
            *self = Self::Overflowed(excess);
            return None;
        }
        kept.count += 1;
        match kept.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(operation),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(operation);
                kept.chunks.push(chunk);
            }
        }
        Some(operation)
    }

    /// Whether there were too many.
    pub(crate) fn have_overflowed(&self) -> bool {
        matches!(self, Self::Overflowed(_))
    }

    /// Takes the answers back that `client` had to requests it called after `since_ns`: they may belong
    /// to others. A read says nothing then, and of an update nobody knows whether it was applied;
    /// `is_chosen` is whether it was the answer that said what was added.
    pub(crate) fn doubt(&mut self, client: u32, since_ns: u64, is_chosen: bool) {
        let Self::On(kept) = self else { return };
        let is_doubtful = |one: &Operation| {
            one.client == client && one.call_ns > since_ns && one.return_ns != NEVER
        };
        for chunk in &mut kept.chunks {
            chunk.retain(|one| one.op != Op::Read || !is_doubtful(one));
            for one in chunk.iter_mut().filter(|one| is_doubtful(one)) {
                one.outcome = Outcome::Unknown;
                one.return_ns = NEVER;
                one.result = NIL;
                if is_chosen && one.op == Op::Add {
                    one.arg = NIL;
                }
            }
        }
    }

    /// Adds what another worker kept. All are kept only where both kept all.
    pub(super) fn merge(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::On(kept), Self::On(more)) => kept.merge(more),
            (Self::Off, Self::Off) => {}
            (this, other) => {
                let excess = match (this.memory_used_up(), other.memory_used_up()) {
                    (Some(kept), Some(more)) => Excess::Memory { kept: kept + more },
                    (Some(kept), None) => Excess::Memory { kept: kept + other.count() },
                    (None, Some(kept)) => Excess::Memory { kept: kept + this.count() },
                    (None, None) => Excess::Operations,
                };
                *this = Self::Overflowed(excess);
            }
        }
    }

    /// How many operations were kept until there was no memory for more; `None` where that did not
    /// happen.
    pub(crate) fn memory_used_up(&self) -> Option<u64> {
        match self {
            Self::Overflowed(Excess::Memory { kept }) => Some(*kept),
            Self::Off | Self::On(_) | Self::Overflowed(Excess::Operations) => None,
        }
    }

    fn count(&self) -> u64 {
        if let Self::On(kept) = self { kept.count } else { 0 }
    }

    /// Everything that was kept; `None` where not all operations were.
    pub(crate) fn into_log(self) -> Option<Log> {
        let Self::On(Kept { chunks, lists, unreadable, .. }) = self else { return None };
        let mut operations = Vec::with_capacity(chunks.iter().map(Vec::len).sum());
        for chunk in chunks {
            operations.extend_from_slice(&chunk);
        }
        Some(Log { operations, lists, unreadable })
    }
}

impl Kept {
    pub(super) fn room(&self) -> Room {
        self.room
    }

    /// Whether there is no room for another operation, and what for.
    fn excess(&self) -> Option<Excess> {
        let operations_bytes = (self.count + 1) * size_of::<Operation>() as u64;
        let bytes = operations_bytes + self.lists.heap_bytes() as u64;
        if self.count >= self.room.operations {
            return Some(Excess::Operations);
        }
        (bytes > self.room.bytes as u64).then_some(Excess::Memory { kept: self.count })
    }

    pub(super) fn unreadable(&self) -> u64 {
        self.unreadable
    }

    pub(super) fn lists(&self) -> &Lists {
        &self.lists
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Operation> {
        self.chunks.iter().flatten()
    }

    fn merge(&mut self, other: Self) {
        let Self { mut chunks, lists, count, room, unreadable } = other;
        let offset = i64::try_from(self.lists.len()).expect("a count of lists fits");
        if !lists.is_empty() {
            for operation in chunks.iter_mut().flatten() {
                if operation.list(&lists).is_some() {
                    operation.result += offset;
                }
            }
        }
        self.lists.append(&lists);
        self.chunks.append(&mut chunks);
        self.count += count;
        self.room.operations = self.room.operations.saturating_add(room.operations);
        self.room.bytes = self.room.bytes.saturating_add(room.bytes);
        self.unreadable += unreadable;
    }
}

/// How they are divided into chunks makes no difference.
impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.room == other.room
            && self.unreadable == other.unreadable
            && self.lists == other.lists
            && self.iter().eq(other.iter())
    }
}
