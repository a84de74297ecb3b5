//! A source for every user that has a choice, so that nothing contradicts anything.
//!
//! Backtracking with conflict-directed backjumping (P. Prosser, Hybrid Algorithms for the Constraint
//! Satisfaction Problem, Computational Intelligence 9(3), 1993). Users choose in the order of their
//! invocations. A user that has tried all its candidates gives back the latest choice that any of
//! their contradictions rests on: choices in between are about other times, and are not gone through
//! again. An optional `cas` that was chosen as a source is the next user.

use std::mem;
use std::ops::ControlFlow;

use super::access::NONE;
use super::blocks::Blocks;
use super::reason::{Grounds, Reason};
use crate::search::Budget;

/// How many effects are told from each other: there are few, or most are different.
const MOST_EFFECTS: usize = 64;

/// How a search for sources ended.
pub(super) enum Chosen {
    /// Every user has one.
    All,
    /// That cannot be: these operations contradict each other, where reasons have operations.
    Nothing(Vec<u32>),
    /// It took too long.
    Bound,
}

/// The choice of one user.
struct Frame {
    user: u32,
    candidates: Vec<u32>,
    /// The candidate that is next.
    at: usize,
    /// How many changes there were before.
    mark: usize,
    /// The place of the next user, among those that are open.
    resume: usize,
    /// What the contradictions of the candidates that were tried rest on.
    reason: Reason,
}

/// Gives each of the `open` users a source; to none of them where that cannot be.
pub(super) fn choose(
    blocks: &mut Blocks<'_>,
    grounds: &mut Grounds<'_>,
    open: &[u32],
    budget: &mut Budget<'_>,
) -> Chosen {
    blocks.steps = 0;
    let mut frames: Vec<Frame> = Vec::new();
    let (mut next, mut resume) = (open.first().copied(), 1);
    while let Some(user) = next {
        frames.push(Frame::of(user, blocks, grounds, resume));
        grounds.level[user as usize] = level(frames.len());
        loop {
            let frame = frames.last_mut().expect("one was pushed, or jumped back to");
            if budget.take(1 + mem::take(&mut blocks.steps)).is_err() {
                return Chosen::Bound;
            }
            if let Some(source) = frame.candidates.get(frame.at).copied() {
                frame.at += 1;
                if let Some(shown) = frame.give(source, blocks, grounds) {
                    resume = frame.resume + usize::from(shown == NONE);
                    let following = open.get(frame.resume).copied();
                    next = if shown == NONE { following } else { Some(shown) };
                    break;
                }
            } else if let Some(operations) = jump_back(&mut frames, blocks, grounds) {
                return Chosen::Nothing(operations);
            }
        }
    }
    Chosen::All
}

fn level(frames: usize) -> u32 {
    u32::try_from(frames).expect("there are at most u32::MAX operations")
}

impl Frame {
    fn of(user: u32, blocks: &mut Blocks<'_>, grounds: &Grounds<'_>, resume: usize) -> Self {
        let mut candidates = candidates(user, blocks, grounds);
        candidates.sort_by_cached_key(|source| cost(user, *source, blocks));
        let mut reason = Reason::default();
        let cause = grounds.cause[user as usize];
        if cause != NONE && grounds.level[cause as usize] > 0 {
            reason.levels.push(grounds.level[cause as usize]);
        }
        Self { user, candidates, at: 0, mark: blocks.mark(), resume, reason }
    }

    /// Gives the user the `source`, if that is no contradiction: the optional `cas` that has to be
    /// done for it, or [`NONE`].
    fn give(
        &mut self,
        source: u32,
        blocks: &mut Blocks<'_>,
        grounds: &mut Grounds<'_>,
    ) -> Option<u32> {
        let is_shown = blocks.is_done(source);
        if !is_shown {
            grounds.cause[source as usize] = self.user;
        }
        if let Err(clash) = blocks.place(self.user, source) {
            let mut reason = grounds.explain(blocks, clash);
            let own = grounds.level[self.user as usize];
            reason.levels.retain(|level| *level != own);
            self.reason.add(&reason);
            blocks.undo_to(self.mark);
            return None;
        }
        let is_swap = blocks.accesses[source as usize].is_swap();
        Some(if is_swap && !is_shown { source } else { NONE })
    }
}

/// What is to be tried first: where nothing changes; then what is near in time; last what need not
/// have been done.
fn cost(user: u32, source: u32, blocks: &Blocks<'_>) -> (bool, u64, u64) {
    let access = &blocks.accesses[user as usize];
    let group = blocks.group(source);
    let earlier = group.first_end.time.saturating_sub(access.end);
    let later = access.begin.saturating_sub(group.last_begin.time);
    let begin = blocks.accesses[source as usize].begin;
    (!blocks.is_done(source), earlier.saturating_add(later), u64::MAX - begin)
}

/// The candidates of `user` that have to be tried.
///
/// Where nothing changes, nothing is contradicted, whatever the others choose: that one is enough.
/// Of those that may have been done, are nobody's source yet, do the same and began before `user`,
/// the latest is enough: whatever it is good for beside, each of the others is as well.
fn candidates(user: u32, blocks: &mut Blocks<'_>, grounds: &Grounds<'_>) -> Vec<u32> {
    let begin = blocks.accesses[user as usize].begin;
    let (mut candidates, mut effects) = (Vec::new(), Vec::new());
    blocks.steps += grounds.sources.visit(user, |source| {
        if blocks.fits(user, source) {
            candidates = vec![source];
            return ControlFlow::Break(());
        }
        let access = &blocks.accesses[source as usize];
        if !blocks.is_done(source) && access.begin <= begin && effects.len() < MOST_EFFECTS {
            let effect = (access.needs, access.leaves);
            if effects.contains(&effect) {
                return ControlFlow::Continue(());
            }
            effects.push(effect);
        }
        candidates.push(source);
        ControlFlow::Continue(())
    });
    candidates
}

/// Back to the latest choice that the contradictions of the last rest on; what contradicts itself
/// where there is none.
fn jump_back(
    frames: &mut Vec<Frame>,
    blocks: &mut Blocks<'_>,
    grounds: &mut Grounds<'_>,
) -> Option<Vec<u32>> {
    let Frame { user, mark, mut reason, .. } = frames.pop()?;
    grounds.level[user as usize] = 0;
    grounds.note_choice(user, &mut reason);
    let Some(to) = reason.levels.pop() else {
        let first = frames.first().map_or(mark, |frame| frame.mark);
        for frame in frames.drain(..) {
            grounds.level[frame.user as usize] = 0;
        }
        blocks.undo_to(first);
        return Some(reason.operations);
    };
    for frame in frames.drain(to as usize..) {
        grounds.level[frame.user as usize] = 0;
    }
    let frame = frames.last_mut().expect("levels are those of frames");
    frame.reason.add(&reason);
    blocks.undo_to(frame.mark);
    None
}
