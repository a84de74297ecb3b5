//! The operations of a run one by one, for a history.

use check::history::{NEVER, NIL, Op, Outcome};
use check::{Operation, Pool};

use super::chunks::Chunks;
use super::objects::Objects;
use crate::scenario::{Entry, Tells};

/// The operations of one worker, or of several that were merged.
#[derive(Debug, PartialEq)]
pub(crate) enum Operations {
    /// None are kept.
    Off,
    /// All are kept.
    On(Box<Kept>),
    /// There was no room for all: none are kept any more.
    Overflowed(Excess),
}

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// How many operations.
    pub(crate) operations: u64,
    /// How much memory they may take, with the lists and texts that they refer to.
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

/// Operations that are kept.
#[derive(Debug)]
pub(crate) struct Kept {
    operations: Chunks<Operation>,
    /// Which object each of them is about, where there are many.
    objects: Objects,
    /// What they refer to.
    pool: Pool,
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
    /// Which object each of them is about, by its place among the keys; empty where there is one.
    pub(crate) objects: Vec<u32>,
    /// What the objects are called.
    pub(crate) keys: Vec<String>,
    /// What they refer to.
    pub(crate) pool: Pool,
    /// How many answers could not be read.
    pub(crate) unreadable: u64,
}

impl Operations {
    /// Keeps as much as there is `room` for; none where none is given.
    pub(crate) fn new(room: Option<Room>) -> Self {
        room.map_or(Self::Off, |room| Self::resumed(room, 0, Pool::default()))
    }

    /// So many that keep nothing yet, and have the room of this one together.
    pub(super) fn divided(&self, parts: usize) -> Vec<Self> {
        let room = match self {
            Self::On(kept) => Some(Room { bytes: kept.room.bytes / parts.max(1), ..kept.room }),
            Self::Off | Self::Overflowed(_) => None,
        };
        (0..parts).map(|_| Self::new(room)).collect()
    }

    /// Keeps as much as there is `room` for, after so many answers that could not be read; operations
    /// refer to what is in the `pool`.
    pub(super) fn resumed(room: Room, unreadable: u64, pool: Pool) -> Self {
        let (operations, objects) = (Chunks::default(), Objects::default());
        Self::On(Box::new(Kept { operations, objects, pool, count: 0, room, unreadable }))
    }

    /// Keeps what `entry` says about the operation that `of` makes, whose result is not known yet; it
    /// may add a list or a text. Where nothing is kept, neither is asked. Returns what is kept.
    ///
    /// A read that nobody can read says nothing. Of an update that nobody can read it is known that it
    /// was acknowledged, which the counts have, and not what it did.
    pub(crate) fn answered(
        &mut self,
        object: Option<u32>,
        of: impl FnOnce() -> Operation,
        entry: impl FnOnce(&mut Pool) -> Entry,
    ) -> Option<Operation> {
        let Self::On(kept) = self else { return None };
        let operation = of();
        match entry(&mut kept.pool) {
            Entry::Of { outcome, result } => {
                self.keep(object, Operation { outcome, result, ..operation })
            }
            Entry::Chosen { element } => {
                let (arg, result, outcome) = (element, element, Outcome::Ok);
                self.keep(object, Operation { arg, outcome, result, ..operation })
            }
            Entry::Seen { result } => {
                let (op, outcome) = (Op::Read, Outcome::Ok);
                self.keep(object, Operation { op, outcome, result, ..operation })
            }
            Entry::Unreadable => {
                kept.unreadable += 1;
                if operation.op == Op::Read {
                    return None;
                }
                self.keep(object, Operation { outcome: Outcome::Unknown, ..operation })
            }
            Entry::None => None,
        }
    }

    /// Keeps the operation that `of` makes; it may add a list or a text.
    pub(super) fn record(&mut self, object: Option<u32>, of: impl FnOnce(&mut Pool) -> Operation) {
        let Self::On(kept) = self else { return };
        let operation = of(&mut kept.pool);
        self.keep(object, operation);
    }

    /// The place among the objects of the one that is called `key`; `None` where none are kept.
    ///
    /// # Panics
    /// When there are 2³² objects.
    pub(crate) fn object(&mut self, key: &[u8]) -> Option<u32> {
        let Self::On(kept) = self else { return None };
        Some(kept.objects.place(key))
    }

    /// What stands for the value that is written as `text`, without the space around it, as it is read;
    /// [`NIL`] where none are kept.
    pub(crate) fn token(&mut self, text: &[u8]) -> i64 {
        let Self::On(kept) = self else { return NIL };
        kept.pool.tokens.of(String::from_utf8_lossy(text).trim())
    }

    /// What stands for a move between the accounts that are called `from` and `to`; [`NIL`] where none
    /// are kept.
    pub(crate) fn pair(&mut self, from: i64, to: i64) -> i64 {
        let Self::On(kept) = self else { return NIL };
        kept.pool.balances.pair(from, to)
    }

    /// Keeps an operation on the `object`, where there are many, and returns it; `None` where none are
    /// kept.
    pub(crate) fn keep(&mut self, object: Option<u32>, operation: Operation) -> Option<Operation> {
        let Self::On(kept) = self else { return None };
        if let Some(excess) = kept.excess() {
            *self = Self::Overflowed(excess);
            return None;
        }
        kept.count += 1;
        kept.operations.push(operation);
        if let Some(object) = object {
            kept.objects.of.push(object);
        }
        Some(operation)
    }

    /// What is kept; `None` where nothing is, or not all were.
    pub(super) fn kept(&self) -> Option<&Kept> {
        match self {
            Self::On(kept) => Some(kept),
            Self::Off | Self::Overflowed(_) => None,
        }
    }

    /// Whether there were too many.
    pub(crate) fn have_overflowed(&self) -> bool {
        matches!(self, Self::Overflowed(_))
    }

    /// Takes the answers back that `client` had to requests it called after `since_ns`: they may belong
    /// to others. A read says nothing then, and of an update nobody knows whether it was applied;
    /// `told` is what else answers to updates say.
    pub(crate) fn doubt(&mut self, client: u32, since_ns: u64, told: Tells) {
        let Self::On(kept) = self else { return };
        let is_doubtful = |one: &Operation| {
            one.client == client && one.call_ns > since_ns && one.return_ns != NEVER
        };
        let is_update = |one: &Operation| one.op != Op::Read || told == Tells::Effect;
        let says_nothing = |one: &Operation| !is_update(one) && is_doubtful(one);
        {
            let mut operations = kept.operations.iter();
            kept.objects.of.retain(|_| operations.next().is_none_or(|one| !says_nothing(one)));
        }
        kept.operations.retain(|one| !says_nothing(one));
        for one in kept.operations.iter_mut().filter(|one| is_doubtful(one)) {
            one.outcome = Outcome::Unknown;
            one.return_ns = NEVER;
            one.result = NIL;
            match told {
                Tells::Element if one.op == Op::Add => one.arg = NIL,
                // It may have had the effect itself.
                Tells::Effect => one.op = Op::Add,
                Tells::Element | Tells::Nothing => {}
            }
        }
    }

    /// Adds what another worker kept. All are kept only where both kept all.
    pub(super) fn merge(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::On(kept), Self::On(more)) => kept.merge(*more),
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
        let Self::On(kept) = self else { return None };
        let Kept { operations, objects, pool, unreadable, .. } = *kept;
        let (objects, keys) = objects.into_parts();
        Some(Log { operations: operations.into_one(), objects, keys, pool, unreadable })
    }
}

impl Kept {
    pub(super) fn room(&self) -> Room {
        self.room
    }

    /// Whether there is no room for another operation, and what for.
    fn excess(&self) -> Option<Excess> {
        let operations_bytes = (self.count + 1) * size_of::<Operation>() as u64;
        let bytes = operations_bytes + self.pool.heap_bytes() as u64 + self.objects.heap_bytes();
        if self.count >= self.room.operations {
            return Some(Excess::Operations);
        }
        (bytes > self.room.bytes as u64).then_some(Excess::Memory { kept: self.count })
    }

    pub(super) fn unreadable(&self) -> u64 {
        self.unreadable
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter()
    }

    /// Each operation, and which object it is about, where there are many.
    pub(super) fn iter_with_objects(&self) -> impl Iterator<Item = (&Operation, Option<u32>)> {
        let objects = self.objects.of.iter().copied().map(Some);
        self.iter().zip(objects.chain(std::iter::repeat(None)))
    }

    /// What the objects are called.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.objects.keys()
    }

    fn merge(&mut self, other: Self) {
        let Self { mut operations, objects, pool, count, room, unreadable } = other;
        self.pool.append(&pool, operations.iter_mut());
        self.operations.append(operations);
        self.objects.append(objects);
        self.count += count;
        self.room.operations = self.room.operations.saturating_add(room.operations);
        self.room.bytes = self.room.bytes.saturating_add(room.bytes);
        self.unreadable += unreadable;
    }
}

/// Reads that were taken back make no difference.
impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.room == other.room
            && self.unreadable == other.unreadable
            && self.pool == other.pool
            && self.objects == other.objects
            && self.operations == other.operations
    }
}
