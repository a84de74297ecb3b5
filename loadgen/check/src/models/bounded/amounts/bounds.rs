//! What can have been left at most and at least, by all that is certain.
//!
//! What an earlier answer told, or what there was at first, bounds what can be left at a later one. At
//! most, that is what it told, and the gives that may come between the two: those that had begun when
//! the later one was over, without those that were over when the earlier one began. The takes that
//! certainly come between the two are missing: those that began when the earlier one was over and were
//! over when the later one began. With takes and gives exchanged, and the signs, that is what is left at
//! least.
//!
//! Time is gone through once. The answers stand in a row in the order of their ends, and among them, each
//! in the place of its beginning, the operations that are certain: when one of these is over, it takes
//! away from all answers that stand before it. So the least of the row, with all that has begun by then,
//! is the bound. That makes O(n log n).

use std::collections::HashMap;

use super::line::Line;
use super::roles::Role;
use crate::history::{Operation, Outcome};

/// What is wrong with a history.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Behind what more was taken first than there was: the beginning, or a read.
    pub(super) oversell: Option<Since>,
    /// The same behind an answer that too few or none were left.
    pub(super) late: Option<Since>,
    /// The answers that tell of less than can have been left.
    pub(super) low: Vec<Wrong>,
    pub(super) high: High,
    /// The reads of less than nothing.
    pub(super) negative: Vec<u32>,
}

/// The reads that tell of more than can have been left.
#[derive(Debug, Default)]
pub(super) struct High {
    pub(super) wrong: Vec<Wrong>,
    /// All reads in the order in which they began, and whether each tells of more than can have been
    /// left of what there was at first, and of no more than if nothing had been taken.
    pub(super) reads: Vec<(u32, bool)>,
}

/// What shows a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Since {
    /// What there was at first.
    First,
    /// The answer of this operation.
    Answer(u32),
}

impl Since {
    /// The operation whose answer it is.
    pub(super) fn answer(self) -> Option<u32> {
        if let Self::Answer(index) = self { Some(index) } else { None }
    }
}

/// An answer that is out of a bound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wrong {
    pub(super) index: u32,
    /// What shows the bound.
    pub(super) since: Since,
}

/// Finds what is certainly wrong with `operations`, whose meanings are `roles`.
pub(super) fn find(initial: i64, operations: &[Operation], roles: &[Role]) -> Found {
    let mut events = Vec::with_capacity(2 * operations.len());
    for ((index, operation), role) in (0_u32..).zip(operations).zip(roles) {
        if matches!(role, Role::Absent | Role::Blank) {
            continue;
        }
        events.push((operation.call_ns, false, index));
        if operation.outcome == Outcome::Ok {
            events.push((end_ns(operation), true, index));
        }
    }
    // What ends when another begins is concurrent with it.
    events.sort_unstable();
    let mut sweep = Sweep {
        operations,
        roles,
        initial,
        most: Side::new(initial, operations, roles, |role| role.taken() > 0),
        least: Side::new(-initial, operations, roles, |role| role.given() > 0),
        taken: 0,
        open: HashMap::new(),
        reads: Vec::new(),
        found: Found::default(),
    };
    for (_, is_end, index) in events {
        if is_end { sweep.end(index) } else { sweep.begin(index) }
    }
    let Sweep { mut reads, mut found, .. } = sweep;
    reads.sort_unstable();
    found.high.reads = reads.into_iter().map(|(_, index, lacks)| (index, lacks)).collect();
    found
}

/// When `operation`, which is `ok`, was over.
pub(super) fn end_ns(operation: &Operation) -> u64 {
    operation.return_ns.max(operation.call_ns)
}

/// One of the two bounds: the upper one, or the lower one with its sign changed.
struct Side {
    line: Line,
    /// By operation, its place in the row.
    places: Vec<u32>,
    /// By place, the operation; what was at first stands before all.
    order: Vec<Since>,
    /// How much has begun that may raise the bound.
    begun: i64,
    /// How much of it is over.
    over: i64,
}

impl Side {
    fn new(
        first: i64,
        operations: &[Operation],
        roles: &[Role],
        lowers: impl Fn(Role) -> bool,
    ) -> Self {
        let mut row: Vec<(u64, bool, u32)> = Vec::new();
        for ((index, operation), role) in (0..).zip(operations).zip(roles) {
            if lowers(*role) {
                row.push((operation.call_ns, false, index));
            } else if role.tells() {
                // What begins at the end of an answer is not behind it.
                row.push((end_ns(operation), true, index));
            }
        }
        row.sort_unstable();
        let mut places = vec![0; operations.len()];
        for (place, (.., index)) in (1..).zip(&row) {
            places[*index as usize] = place;
        }
        let answers = row.iter().map(|(.., index)| Since::Answer(*index));
        let order: Vec<_> = std::iter::once(Since::First).chain(answers).collect();
        let mut line = Line::new(order.len());
        line.put(0, first);
        Self { line, places, order, begun: 0, over: 0 }
    }

    /// The bound without what has begun, and what shows it.
    fn bound(&self) -> (i64, Since) {
        let (bound, place) = self.line.least();
        (bound, self.order[place as usize])
    }

    fn lower(&mut self, index: u32, amount: i64) {
        self.line.take(self.places[index as usize], amount);
    }

    /// An answer tells of `much`; so much that may raise the bound was over when it began.
    fn show(&mut self, index: u32, much: i64, over: i64) {
        self.line.put(self.places[index as usize], much - over);
    }
}

/// The bounds as they were when an answer was asked for.
struct Known {
    most: (i64, Since),
    least: (i64, Since),
    over_most: i64,
    over_least: i64,
    /// How much had certainly been taken.
    taken: i64,
}

struct Sweep<'o> {
    operations: &'o [Operation],
    roles: &'o [Role],
    initial: i64,
    most: Side,
    least: Side,
    /// How much has certainly been taken.
    taken: i64,
    /// The answers that were asked for, and have not come.
    open: HashMap<u32, Known>,
    /// Of each read when it began, its index, and whether it told of too much for what there was at
    /// first.
    reads: Vec<(u64, u32, bool)>,
    found: Found,
}

impl Sweep<'_> {
    fn begin(&mut self, index: u32) {
        let role = self.roles[index as usize];
        self.most.begun += role.gives();
        self.least.begun += role.takes();
        if role.tells() {
            let (most, least) = (self.most.bound(), self.least.bound());
            let (over_most, over_least) = (self.most.over, self.least.over);
            let known = Known { most, least, over_most, over_least, taken: self.taken };
            self.open.insert(index, known);
        }
    }

    fn end(&mut self, index: u32) {
        let role = self.roles[index as usize];
        if let Some(known) = self.open.remove(&index) {
            self.answer(index, role, &known);
        }
        if role.taken() > 0 {
            self.take(index, role.taken());
        }
        if role.given() > 0 {
            self.least.lower(index, role.given());
        }
        self.most.over += role.gives();
        self.least.over += role.takes();
    }

    /// A take is over, which took so many.
    fn take(&mut self, index: u32, amount: i64) {
        self.most.lower(index, amount);
        let (bound, since) = self.most.bound();
        if bound + self.most.begun >= 0 {
            self.taken += amount;
            return;
        }
        let told = since.answer().map(|answer| self.roles[answer as usize]);
        let is_late = told.is_some_and(|role| !matches!(role, Role::Read(1..)));
        let first = if is_late { &mut self.found.late } else { &mut self.found.oversell };
        first.get_or_insert(since);
        // As if it had taken nothing: what is wrong further is so without it.
        self.most.lower(index, -amount);
    }

    fn answer(&mut self, index: u32, role: Role, known: &Known) {
        let most = known.most.0 + self.most.begun;
        let least = -(known.least.0 + self.least.begun);
        if let Role::Read(left) = role {
            let call_ns = self.operations[index as usize].call_ns;
            let all = self.initial + self.most.begun;
            let lacks = (all - known.taken + 1..=all).contains(&left);
            self.reads.push((call_ns, index, lacks));
            if left < 0 {
                return self.found.negative.push(index);
            }
            if left > most {
                return self.found.high.wrong.push(Wrong { index, since: known.most.1 });
            }
        }
        if role.most().is_some_and(|left| left < least) {
            return self.found.low.push(Wrong { index, since: known.least.1 });
        }
        if let Some(left) = role.most() {
            self.most.show(index, left, known.over_most);
        }
        if let Some(left) = role.least() {
            self.least.show(index, -left, known.over_least);
        }
    }
}
