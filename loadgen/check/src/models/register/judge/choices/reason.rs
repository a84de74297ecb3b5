//! Why something cannot be: the choices that it rests on, and the operations.

use super::access::{Access, NONE};
use super::blocks::{Blocks, Clash};
use super::sources::Sources;
use super::zones::Zone;

/// How many operations a reason has at most: more are too many for a witness.
const MOST_OPERATIONS: usize = 1_000;

/// What a contradiction rests on.
#[derive(Debug, Clone, Default)]
pub(super) struct Reason {
    /// The levels of the choices without which it would be none.
    pub(super) levels: Vec<u32>,
    /// Operations that contradict each other whatever is chosen beside those.
    pub(super) operations: Vec<u32>,
}

impl Reason {
    /// With all that `other` rests on.
    pub(super) fn add(&mut self, other: &Self) {
        self.levels.extend(&other.levels);
        if self.operations.len() <= MOST_OPERATIONS {
            self.operations.extend(&other.operations);
        }
        self.tidy();
    }

    /// Leaves each out that is there already.
    pub(super) fn tidy(&mut self) {
        for list in [&mut self.levels, &mut self.operations] {
            list.sort_unstable();
            list.dedup();
        }
    }
}

/// What is known of how each user came to its source.
pub(super) struct Grounds<'a> {
    pub(super) accesses: &'a [Access],
    pub(super) sources: &'a Sources<'a>,
    /// Of each user the level at which its source was chosen; 0 where there is no choice.
    pub(super) level: Vec<u32>,
    /// Of each optional operation the user for which it was done.
    pub(super) cause: Vec<u32>,
    /// Whether reasons are to have operations, which takes far longer.
    pub(super) has_operations: bool,
}

impl Grounds<'_> {
    /// Why `clash` is a contradiction.
    pub(super) fn explain(&self, blocks: &Blocks<'_>, clash: Clash) -> Reason {
        let mut reason = Reason::default();
        match clash {
            Clash::Taken { user, by } => {
                self.note_link(blocks, user, &mut reason);
                self.note_link(blocks, by, &mut reason);
            }
            Clash::Circle { user, source } => {
                self.note_link(blocks, user, &mut reason);
                let mut at = source;
                while at != user && at != NONE {
                    self.note_link(blocks, at, &mut reason);
                    at = blocks.before(at);
                }
            }
            Clash::Inside { early, late } => self.note_together(blocks, early, late, &mut reason),
            Clash::Between { one, other } => {
                for Zone { first_end, last_begin } in [one, other] {
                    self.note_together(blocks, first_end.index, last_begin.index, &mut reason);
                }
            }
        }
        reason.tidy();
        reason
    }

    /// Why `user` has no source but its candidates.
    pub(super) fn note_choice(&self, user: u32, reason: &mut Reason) {
        if self.has_operations {
            self.note_done(user, reason);
            reason.operations.extend(self.sources.candidates(user));
            self.note_overwrite(user, reason);
        }
        reason.tidy();
    }

    /// Why `one` and `other` are in the same block.
    fn note_together(&self, blocks: &Blocks<'_>, one: u32, other: u32, reason: &mut Reason) {
        for index in [one, other] {
            if self.accesses[index as usize].leaves.is_some() {
                self.note_done(index, reason);
            } else {
                self.note_link(blocks, index, reason);
            }
        }
        for swap in between(blocks, blocks.group_of(one), blocks.group_of(other)) {
            self.note_link(blocks, swap, reason);
        }
    }

    /// Why `user` has its source.
    fn note_link(&self, blocks: &Blocks<'_>, user: u32, reason: &mut Reason) {
        self.note_done(user, reason);
        self.note_overwrite(user, reason);
        let source = blocks.source[user as usize];
        if source != NONE {
            self.note_done(source, reason);
        }
        let level = self.level[user as usize];
        if level > 0 {
            reason.levels.push(level);
        }
    }

    /// Why `index` was done.
    fn note_done(&self, index: u32, reason: &mut Reason) {
        if !self.has_operations || reason.operations.len() > MOST_OPERATIONS {
            return;
        }
        let mut index = index;
        reason.operations.push(index);
        while !self.accesses[index as usize].is_certain {
            index = self.cause[index as usize];
            if index == NONE || reason.operations.contains(&index) {
                return;
            }
            reason.operations.push(index);
            self.note_overwrite(index, reason);
        }
    }

    fn note_overwrite(&self, user: u32, reason: &mut Reason) {
        if !self.has_operations {
            return;
        }
        let (_, overwrite) = self.sources.overwrite(user);
        if overwrite != NONE {
            reason.operations.push(overwrite);
        }
    }
}

/// The `cas` by which the groups of `one` and `other` are in the same chain, whichever comes first.
fn between(blocks: &Blocks<'_>, one: u32, other: u32) -> Vec<u32> {
    let mut ways = [(one, other), (other, one)].map(|(from, to)| (from, to, Vec::new()));
    loop {
        for (at, to, way) in &mut ways {
            if *at == *to {
                return std::mem::take(way);
            }
            if *at != NONE {
                way.push(*at);
                *at = blocks.before(*at);
            }
        }
        if ways.iter().all(|(at, ..)| *at == NONE) {
            // They are not: then all of both is a reason.
            return ways.into_iter().flat_map(|(.., way)| way).collect();
        }
    }
}
