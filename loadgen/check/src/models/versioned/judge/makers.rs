//! Which writes made the versions that no answer says who made.
//!
//! Each was made by one write whose answer is not known, which began before the version was seen and
//! found the version that it expected. One choice is tried after the other, those that time makes
//! most likely first, and each is judged by the rule; there are as many tries as a history of its
//! length allows. A choice that fits proves the history valid. That none was found proves nothing.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::chains::Chains;
use super::versions::{Group, Versions};
use crate::history::{NEVER, NIL, Object, Operation, Outcome};
use crate::judgement::{Judgement, Verdict};
use crate::limits::Limits;
use crate::models::register::judge_with_choices;

use super::super::translation;

/// How many operations are judged in all tries together, at most.
const OPERATIONS: usize = 4_000_000;
/// How many tries there are at most.
const TRIES: usize = 2_000;
/// How many writes are looked at in all tries together, at most, beside one look for each version.
const LOOKS: usize = 100_000_000;
/// Of how many writes a version may be.
const WRITES: usize = 16;

/// The judgement on `object`, in which nothing is certainly wrong, whoever made which version.
pub(super) fn explain(object: &Object, versions: &Versions<'_>, limits: &Limits<'_>) -> Judgement {
    let mut seen: Vec<_> = versions.groups.iter().filter(|group| group.makers == 0).collect();
    let unread = unread(object, versions);
    if unread > 0 {
        return Judgement::unknown(format!("{unread} answers carried no result"));
    }
    seen.sort_by_key(|group| versions.there(group));
    let most = (OPERATIONS / object.operations.len()).clamp(1, TRIES);
    let mut choice = Choice {
        versions,
        chains: Chains::of(versions),
        made: HashMap::new(),
        used: HashSet::new(),
    };
    let mut frames: Vec<(Vec<u32>, usize)> = Vec::new();
    let most_choices = 2 * seen.len() + LOOKS / (versions.hidden.len() + 1);
    let (mut tries, mut choices) = (0, 0);
    loop {
        if frames.len() == seen.len() {
            let told = |index| choice.made.get(&index).copied();
            let register = translation::register(object, &[], told);
            let judgement = judge_with_choices(&register, limits);
            if let Some(judgement) = judgement
                && judgement.verdict == Verdict::Valid
            {
                return judgement;
            }
            tries += 1;
        } else {
            let writes = choice.writes(seen[frames.len()]);
            frames.push((writes, 0));
            choices += 1;
        }
        // The next choice of the last that has one.
        while let Some((writes, next)) = frames.last_mut() {
            if let Some(last) = next.checked_sub(1) {
                choice.take_back(writes[last]);
            }
            if let Some(write) = writes.get(*next).copied() {
                *next += 1;
                let version = seen[frames.len() - 1].version;
                choice.give(write, version);
                break;
            }
            frames.pop();
        }
        let is_over = tries == most
            || choices > most_choices
            || tries > 0 && tries % 8 == 0 && (limits.expired)();
        if frames.is_empty() || is_over {
            return Judgement::unknown(
                "some writes are unknown, and no versions were found for them that explain every \
                 answer",
            );
        }
    }
}

/// How many writes were done whose version nobody knows, and may be one that is spoken of.
fn unread(object: &Object, versions: &Versions<'_>) -> usize {
    let is_unmade = |version: i64| {
        version != NIL && versions.find(version).is_none_or(|group| group.makers == 0)
    };
    let spoken_of = |operation: &&Operation| {
        is_unmade(operation.arg) || operation.outcome == Outcome::Ok && is_unmade(operation.result)
    };
    let live = || object.operations.iter().filter(|one| one.outcome != Outcome::Fail);
    // A refusal has no version.
    let spoken_of =
        live().filter(|one| !one.was_declined() || is_unmade(one.arg)).filter(spoken_of);
    let Some(last_ns) = spoken_of.map(Operation::completion_ns).max() else { return 0 };
    let unread = versions.hidden.iter().map(|index| versions.operation(*index));
    unread.filter(|write| write.outcome == Outcome::Ok && write.call_ns <= last_ns).count()
}

/// Which version each write made.
struct Choice<'v, 'o> {
    versions: &'v Versions<'o>,
    chains: Chains,
    made: HashMap<u32, i64>,
    /// The versions that were replaced by a write that was chosen.
    used: HashSet<i64>,
}

impl Choice<'_, '_> {
    fn give(&mut self, write: u32, version: i64) {
        self.made.insert(write, version);
        self.used.insert(self.versions.operation(write).arg);
    }

    fn take_back(&mut self, write: u32) {
        self.made.remove(&write);
        self.used.remove(&self.versions.operation(write).arg);
    }

    /// The writes that may have made the version of `group`, the likeliest first.
    ///
    /// One that expected a version stands right behind that: the last before the version was seen is
    /// the likeliest. Of the others, one that began before all operations on the version changes
    /// nothing for it, and the latest of those leaves most for others.
    fn writes(&self, group: &Group) -> Vec<u32> {
        let versions = self.versions;
        let (seen_ns, _) = versions.there(group);
        let last_ns = self.last_call_ns(group);
        let chain_ns = versions.place(group.version).map_or(NEVER, |at| self.chains.zone(at).0);
        let mut writes = Vec::new();
        for &index in &versions.hidden {
            let write = versions.operation(index);
            let is_possible = write.call_ns <= seen_ns
                && !self.made.contains_key(&index)
                && write.arg != group.version
                && versions.may_be_done(index);
            if !is_possible {
                continue;
            }
            let expected_ns = match self.expected(write.arg, chain_ns) {
                _ if write.arg == NIL => None,
                Some(last_ns) => Some(last_ns),
                None => continue,
            };
            let is_late = write.call_ns > last_ns;
            let call_ns = if is_late { u64::MAX - write.call_ns } else { write.call_ns };
            writes.push((Reverse(expected_ns), is_late, Reverse(call_ns), index));
        }
        writes.sort_unstable();
        writes.truncate(WRITES);
        writes.into_iter().map(|(.., index)| index).collect()
    }

    /// When the last of the operations on `version`, and on those before it in its chain, began; `None`
    /// where it was replaced, or where that was after `seen_ns`, when what replaced it was there.
    fn expected(&self, version: i64, seen_ns: u64) -> Option<u64> {
        let place = self.versions.place(version).filter(|_| !self.used.contains(&version))?;
        let (_, last_ns) = self.chains.zone(place);
        (last_ns <= seen_ns).then_some(last_ns)
    }

    /// When the last of the operations on the version of `group` began.
    fn last_call_ns(&self, group: &Group) -> u64 {
        let calls = self.versions.members(group);
        calls.map(|(_, index)| self.versions.operation(index).call_ns).max().unwrap_or(0)
    }
}
