//! Operations grouped by the versions that they made, returned or expected.

use std::ops::Range;

use crate::history::{NEVER, NIL, Op, Operation, Outcome};

/// What an operation has to do with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// It made it, and was answered so.
    Made,
    /// It returned it.
    Read,
    /// It replaced it: it expected it and was acknowledged.
    Replaced,
}

/// The operations on one version: they stand together, the one that made it first.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) version: i64,
    /// How often it was made, as far as is known; what was there at first was.
    pub(super) makers: usize,
    pub(super) is_first: bool,
    members: Range<usize>,
}

/// What versions some writes expect.
#[derive(Debug, Clone, Copy)]
enum Expected {
    Nothing,
    /// All the same; [`NIL`] where none expects any.
    One(i64),
    Several,
}

/// All versions that certainly were there, and the writes of which nobody knows what they made.
pub(super) struct Versions<'o> {
    pub(super) operations: &'o [Operation],
    /// By version, by role and by index.
    members: Vec<(i64, Role, u32)>,
    /// By version.
    pub(super) groups: Vec<Group>,
    /// The writes that made a version that no answer carried, or may have.
    pub(super) hidden: Vec<u32>,
    hidden_expect: Expected,
    /// Whether some version was made more than once.
    pub(super) has_repeated: bool,
}

impl<'o> Versions<'o> {
    pub(super) fn of(initial: i64, operations: &'o [Operation]) -> Self {
        let mut members = Vec::with_capacity(operations.len());
        let mut hidden = Vec::new();
        for (index, operation) in (0..).zip(operations) {
            let Operation { op, arg, result, outcome, .. } = *operation;
            match (op, outcome) {
                (Op::Read, Outcome::Ok) => members.push((result, Role::Read, index)),
                (Op::Write, Outcome::Ok) if !operation.was_declined() => {
                    if arg != NIL {
                        members.push((arg, Role::Replaced, index));
                    }
                    if result == NIL {
                        hidden.push(index);
                    } else {
                        members.push((result, Role::Made, index));
                    }
                }
                (Op::Write, Outcome::Unknown) => hidden.push(index),
                _ => {}
            }
        }
        members.sort_unstable();
        let mut groups: Vec<Group> = Vec::new();
        let mut end = 0;
        for group in members.chunk_by(|one, next| one.0 == next.0) {
            let start = end;
            end += group.len();
            let is_first = group[0].0 == initial;
            // A write that returned what it expected found what was made before.
            let times = |&(version, role, index): &(i64, Role, u32)| match role {
                Role::Made if operations[index as usize].arg == version => 2,
                Role::Made => 1,
                Role::Read | Role::Replaced => 0,
            };
            let makers = group.iter().map(times).sum::<usize>() + usize::from(is_first);
            groups.push(Group { version: group[0].0, makers, is_first, members: start..end });
        }
        if let Err(place) = groups.binary_search_by_key(&initial, |group| group.version) {
            let members = 0..0;
            groups.insert(place, Group { version: initial, makers: 1, is_first: true, members });
        }
        let has_repeated = groups.iter().any(|group| group.makers > 1);
        let mut hidden_expect = Expected::Nothing;
        for index in &hidden {
            let expected = operations[*index as usize].arg;
            hidden_expect = match hidden_expect {
                Expected::Nothing => Expected::One(expected),
                Expected::One(other) if other == expected => Expected::One(expected),
                Expected::One(_) | Expected::Several => Expected::Several,
            };
        }
        Self { operations, members, groups, hidden, hidden_expect, has_repeated }
    }

    pub(super) fn operation(&self, index: u32) -> &'o Operation {
        &self.operations[index as usize]
    }

    /// The place of the version among the groups.
    pub(super) fn place(&self, version: i64) -> Option<usize> {
        self.groups.binary_search_by_key(&version, |group| group.version).ok()
    }

    pub(super) fn find(&self, version: i64) -> Option<&Group> {
        self.place(version).map(|place| &self.groups[place])
    }

    pub(super) fn members(&self, group: &Group) -> impl Iterator<Item = (Role, u32)> {
        self.members[group.members.clone()].iter().map(|(_, role, index)| (*role, *index))
    }

    /// The write that made the version, and was answered so.
    pub(super) fn maker(&self, group: &Group) -> Option<u32> {
        let first = self.members(group).next();
        first.filter(|(role, _)| *role == Role::Made).map(|(_, index)| index)
    }

    /// What returned or replaced the version.
    pub(super) fn users(&self, group: &Group) -> impl Iterator<Item = (Role, u32)> {
        self.members(group).filter(|(role, _)| *role != Role::Made)
    }

    /// The writes that replaced the version.
    pub(super) fn replacing(&self, version: i64) -> impl Iterator<Item = u32> {
        let members = self.find(version).map_or(0..0, |group| group.members.clone());
        let members = &self.members[members];
        let first = members.partition_point(|(_, role, _)| *role < Role::Replaced);
        members[first..].iter().map(|(_, _, index)| *index)
    }

    /// Whether an operation on the version was over before what made it began.
    pub(super) fn is_early(&self, group: &Group, user: u32) -> bool {
        let maker = self.maker(group).map(|maker| self.operation(maker));
        maker.is_some_and(|maker| self.operation(user).precedes(maker))
    }

    /// When the version was there, as the first operation on it shows that is not too early, and
    /// which that is. What was there at first was there before all.
    pub(super) fn there(&self, group: &Group) -> (u64, u32) {
        let shows = |(_, index): &(Role, u32)| !self.is_early(group, *index);
        let ends = self
            .members(group)
            .filter(shows)
            .map(|(_, index)| (self.operation(index).completion_ns(), index));
        ends.min().unwrap_or((NEVER, u32::MAX))
    }

    /// Whether the hidden write `index` may have been done: not where the version that it expects was
    /// replaced by another, which it never was again, nor where nobody can have made that.
    pub(super) fn may_be_done(&self, index: u32) -> bool {
        let expected = self.operation(index).arg;
        expected == NIL
            || self.has_repeated
            || self.may_be_made(expected)
                && self.replacing(expected).all(|replacing| replacing == index)
    }

    /// Whether `version` was there at first, or any write can have made it: no write makes the version
    /// that it expects.
    pub(super) fn may_be_made(&self, version: i64) -> bool {
        let is_made = self.find(version).is_some_and(|group| group.makers > 0);
        is_made
            || match self.hidden_expect {
                Expected::Nothing => false,
                Expected::One(expected) => expected != version,
                Expected::Several => true,
            }
    }
}
