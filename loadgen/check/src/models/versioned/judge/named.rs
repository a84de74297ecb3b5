//! What is wrong with versions that are made once each, by its names.

use super::refusals::Refusals;
use super::versions::{Group, Role, Versions};
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NEVER, NIL};
use crate::tally::Tally;

/// What is certain of `versions`, as [`judge`](super::judge()) says.
///
/// Where a version was made twice and writes are `hidden`, or others may write, any version may have
/// been made again: then only those are named that nobody can have made.
pub(super) fn anomalies(versions: &Versions<'_>, is_shared: bool) -> Vec<Anomaly> {
    let mut named = Named::of(versions);
    let phantoms = named.phantoms();
    let may_repeat = is_shared || !versions.hidden.is_empty();
    let certain = if versions.has_repeated && may_repeat {
        vec![phantoms]
    } else {
        named.reigns.sort_unstable_by_key(|reign| reign.made_ns);
        let stale = named.stale();
        let refused = Refusals::of(versions, &named.stale).judge();
        let [read, write] = stale;
        vec![phantoms, named.future(), named.lost(), read, write, refused]
    };
    certain.into_iter().flatten().collect()
}

/// A version that a write made, and was told so.
struct Reign {
    /// When that write began.
    made_ns: u64,
    write: u32,
    /// When the version was there, and what shows it.
    there: (u64, u32),
}

struct Named<'v, 'o> {
    versions: &'v Versions<'o>,
    reigns: Vec<Reign>,
    /// The operations that returned or expected what had been replaced, ascending.
    stale: Vec<u32>,
}

impl<'v, 'o> Named<'v, 'o> {
    fn of(versions: &'v Versions<'o>) -> Self {
        let once = versions.groups.iter().filter(|group| group.makers == 1);
        let reigns = once.filter_map(|group| {
            let write = versions.maker(group)?;
            // One that expected what was not there yet proves nothing further.
            let expected = versions.find(versions.operation(write).arg);
            if expected.is_some_and(|expected| versions.is_early(expected, write)) {
                return None;
            }
            let made_ns = versions.operation(write).call_ns;
            Some(Reign { made_ns, write, there: versions.there(group) })
        });
        Self { versions, reigns: reigns.collect(), stale: Vec::new() }
    }

    /// Versions that were seen and that there were not enough writes to make.
    ///
    /// Each write makes one version at most, and began before that was seen. So, by the time when
    /// they were seen, there must be as many writes as versions.
    fn phantoms(&self) -> Option<Anomaly> {
        let Self { versions, .. } = self;
        let unmade = versions.groups.iter().filter(|group| group.makers == 0);
        let mut seen: Vec<_> =
            unmade.map(|group| (versions.there(group), group.version == NIL)).collect();
        seen.sort_unstable();
        let possible = versions.hidden.iter().filter(|index| versions.may_be_done(**index));
        let mut calls_ns: Vec<_> =
            possible.map(|index| versions.operation(*index).call_ns).collect();
        calls_ns.sort_unstable();
        let (mut explained, mut phantoms) = (Vec::new(), Tally::new());
        for ((seen_ns, index), is_nothing) in seen {
            let begun = calls_ns.partition_point(|call_ns| *call_ns <= seen_ns);
            if is_nothing {
                phantoms.add(seen_ns, (0, index));
            } else if explained.len() < begun {
                explained.push(index);
            } else {
                phantoms.add(seen_ns, (explained.len(), index));
            }
        }
        phantoms.anomaly(AnomalyKind::Phantom, |(others, index)| {
            explained[..others].iter().copied().chain([index]).collect()
        })
    }

    /// Operations on a version that were over before the write that made it began.
    fn future(&self) -> Option<Anomaly> {
        let Self { versions, .. } = self;
        let mut future = Tally::new();
        for group in versions.groups.iter().filter(|group| group.makers == 1) {
            let Some(write) = versions.maker(group) else { continue };
            for (_, user) in versions.users(group) {
                if versions.is_early(group, user) {
                    future.add(versions.operation(user).return_ns, [write, user]);
                }
            }
        }
        future.anomaly(AnomalyKind::FutureRead, Vec::from)
    }

    /// Writes that replaced a version that another had replaced.
    fn lost(&self) -> Option<Anomaly> {
        let Self { versions, .. } = self;
        let mut lost = Tally::new();
        for group in versions.groups.iter().filter(|group| group.makers <= 1) {
            let replacing = versions.replacing(group.version);
            let mut writes: Vec<_> =
                replacing.map(|index| (versions.operation(index).return_ns, index)).collect();
            writes.sort_unstable();
            for (return_ns, index) in writes.iter().skip(1) {
                lost.add(*return_ns, [writes[0].1, *index]);
            }
        }
        lost.anomaly(AnomalyKind::LostUpdate, Vec::from)
    }

    /// Reads, and writes, of versions that were replaced before they began.
    ///
    /// With the versions in the order in which the writes that made them began, those made after a
    /// version was there are the ones from some place on: it was replaced when the first of them was
    /// there.
    fn stale(&mut self) -> [Option<Anomaly>; 2] {
        let Self { versions, reigns, .. } = self;
        let mut earliest = vec![(NEVER, 0); reigns.len() + 1];
        for (place, reign) in reigns.iter().enumerate().rev() {
            earliest[place] = earliest[place + 1].min((reign.there.0, place));
        }
        let (mut reads, mut writes) = (Tally::new(), Tally::new());
        let mut stale = Vec::new();
        // What nobody can have made is a phantom, and proves nothing further.
        let can_be = |group: &&Group| {
            group.makers == 1
                || group.makers == 0 && !versions.hidden.is_empty() && group.version != NIL
        };
        for group in versions.groups.iter().filter(can_be) {
            let (there_ns, shown) = versions.there(group);
            let before = (!group.is_first).then_some(shown);
            let next = if group.is_first {
                0
            } else {
                reigns.partition_point(|reign| reign.made_ns <= there_ns)
            };
            let overwritten = earliest[next];
            let replaced = self::replaced(versions, group);
            let is_lost = versions.replacing(group.version).nth(1).is_some();
            for (role, user) in versions.users(group) {
                let operation = versions.operation(user);
                if versions.is_early(group, user) {
                    continue;
                }
                let link = replaced.filter(|(replaced_ns, ..)| {
                    role == Role::Read && *replaced_ns < operation.call_ns
                });
                let proof = if let Some((_, write, shown)) = link {
                    [None, Some(write), Some(shown), Some(user)]
                } else if overwritten.0 < operation.call_ns {
                    let Reign { write, there: (_, shown), .. } = reigns[overwritten.1];
                    [before, Some(write), Some(shown), Some(user)]
                } else {
                    continue;
                };
                if role == Role::Read {
                    reads.add(operation.return_ns, proof);
                } else if !is_lost {
                    writes.add(operation.return_ns, proof);
                }
                stale.push(user);
            }
        }
        stale.sort_unstable();
        self.stale = stale;
        let witness = |proof: [Option<u32>; 4]| {
            let mut witness: Vec<_> = proof.into_iter().flatten().collect();
            witness.dedup();
            witness
        };
        [
            reads.anomaly(AnomalyKind::StaleRead, witness),
            writes.anomaly(AnomalyKind::StaleWrite, witness),
        ]
    }
}

/// When it first shows that a write replaced the version of `group`, that write, and what shows it.
fn replaced(versions: &Versions<'_>, group: &Group) -> Option<(u64, u32, u32)> {
    let shown = versions.replacing(group.version).map(|write| {
        let operation = versions.operation(write);
        let own = (operation.return_ns, write, write);
        let told = (operation.result != NIL).then_some(operation.result);
        let new = told.and_then(|told| versions.find(told)).filter(|new| new.makers == 1);
        let new = new.map(|new| versions.there(new)).map(|(ns, shown)| (ns, write, shown));
        new.map_or(own, |new| own.min(new))
    });
    shown.min()
}
