//! Who may have left behind what an operation found: its candidates.
//!
//! A source `s` is a candidate of a user `u` unless time speaks against it: `s` was invoked after
//! `u` was complete; or another source `w`, which certainly happened, lies between them, that is,
//! `s` was complete before `w` was invoked and `w` before `u` was. With the largest invocation of
//! the sources that were complete before `u`, one comparison tells the latter.

use std::ops::ControlFlow;

use super::access::{Access, NONE, Need};

/// All operations that leave values behind.
pub(super) struct Sources<'a> {
    accesses: &'a [Access],
    certain: Sorted,
    possible: Sorted,
    /// The same by time alone.
    all_certain: Sorted,
    all_possible: Sorted,
    /// Of those that are certain, by their completions: that, and of all up to there the largest
    /// invocation, and whose it is.
    overwrites: Vec<(u64, u64, u32)>,
}

/// Sources by their values and, of each value, by their invocations.
struct Sorted(Vec<Source>);

#[derive(Clone, Copy)]
struct Source {
    value: i64,
    begin: u64,
    /// The latest completion of those of the value up to this one.
    latest_end: u64,
    index: u32,
}

impl Sorted {
    fn new(accesses: &[Access], are_certain: bool, value: impl Fn(i64) -> i64) -> Self {
        let fitting = (0..).zip(accesses).filter_map(|(index, access)| {
            let value = value(access.leaves?);
            let Access { begin, end, .. } = *access;
            let source = Source { value, begin, latest_end: end, index };
            (access.is_certain == are_certain).then_some(source)
        });
        let mut list: Vec<_> = fitting.collect();
        list.sort_unstable_by_key(|source| (source.value, source.begin, source.index));
        for at in 1..list.len() {
            if list[at].value == list[at - 1].value {
                list[at].latest_end = list[at].latest_end.max(list[at - 1].latest_end);
            }
        }
        Self(list)
    }

    fn of(&self, value: i64) -> &[Source] {
        let start = self.0.partition_point(|source| source.value < value);
        let rest = &self.0[start..];
        &rest[..rest.partition_point(|source| source.value == value)]
    }

    /// Those of `value` that were invoked until `end`, the latest first, without the ones of which
    /// all up to there were complete before `since`.
    fn open_between(&self, value: i64, since: u64, end: u64) -> impl Iterator<Item = u32> {
        let list = self.of(value);
        let begun = list.partition_point(|source| source.begin <= end);
        let open = list[..begun].iter().rev().take_while(move |source| source.latest_end >= since);
        open.map(|source| source.index)
    }
}

impl<'a> Sources<'a> {
    pub(super) fn of(accesses: &'a [Access]) -> Self {
        let mut overwrites: Vec<_> = (0..)
            .zip(accesses)
            .filter(|(_, access)| access.is_certain && access.leaves.is_some())
            .map(|(index, access)| (access.end, access.begin, index))
            .collect();
        overwrites.sort_unstable();
        for at in 1..overwrites.len() {
            if overwrites[at].1 < overwrites[at - 1].1 {
                let (_, begin, index) = overwrites[at - 1];
                (overwrites[at].1, overwrites[at].2) = (begin, index);
            }
        }
        Self {
            accesses,
            certain: Sorted::new(accesses, true, |value| value),
            possible: Sorted::new(accesses, false, |value| value),
            all_certain: Sorted::new(accesses, true, |_| 0),
            all_possible: Sorted::new(accesses, false, |_| 0),
            overwrites,
        }
    }

    /// Of the certain sources that were complete before `user` began the one with the largest
    /// invocation, and that: what was complete before it is no candidate. At first there is one.
    pub(super) fn overwrite(&self, user: u32) -> (u64, u32) {
        let begin = self.accesses[user as usize].begin;
        let over = self.overwrites.partition_point(|(end, ..)| *end < begin);
        let last = over.checked_sub(1).map(|at| self.overwrites[at]);
        last.map_or((0, NONE), |(_, begin, index)| (begin, index))
    }

    /// Goes through the candidates of `user`, certain ones first, until told to stop; says how many
    /// sources it looked at.
    pub(super) fn visit(&self, user: u32, mut then: impl FnMut(u32) -> ControlFlow<()>) -> usize {
        let access = &self.accesses[user as usize];
        let (value, but, [certain, possible]) = match access.needs {
            Need::Nothing => return 0,
            Need::Value(value) => (value, None, [&self.certain, &self.possible]),
            Need::Other(value) => (0, Some(value), [&self.all_certain, &self.all_possible]),
        };
        let (since, _) = self.overwrite(user);
        let mut looked = 0;
        for sorted in [certain, possible] {
            for index in sorted.open_between(value, since, access.end) {
                looked += 1;
                let source = &self.accesses[index as usize];
                let is_candidate = source.end >= since && source.leaves != but && index != user;
                if is_candidate && then(index).is_break() {
                    return looked;
                }
            }
        }
        looked
    }

    /// All candidates of `user`.
    pub(super) fn candidates(&self, user: u32) -> Vec<u32> {
        let mut candidates = Vec::new();
        self.visit(user, |source| {
            candidates.push(source);
            ControlFlow::Continue(())
        });
        candidates
    }

    /// The sources of `value`: the first of them, and how many there are.
    pub(super) fn of_value(&self, value: i64) -> (Option<u32>, usize) {
        let lists = [self.certain.of(value), self.possible.of(value)];
        let first = lists.iter().find_map(|list| list.first()).map(|source| source.index);
        (first, lists.iter().map(|list| list.len()).sum())
    }
}
