//! Writes that were refused though the version was the one that they expected.

use super::versions::{Group, Role, Versions};
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NEVER, NIL, Op, Operation, Outcome};
use crate::tally::Tally;

/// When a version was certainly there.
#[derive(Clone, Copy)]
struct Span {
    /// When it first shows, and what shows it; `None` where it was there at first.
    early: Option<(u64, u32)>,
    /// When the last of its operations began, and which that is, if it has any.
    late: Option<(u64, u32)>,
}

/// When a write was over, and which it is.
type Over = (u64, u32);

pub(super) struct Refusals<'v, 'o> {
    versions: &'v Versions<'o>,
    /// Of each group the times between which its version was there; `None` where that proves nothing.
    spans: Vec<Option<Span>>,
    /// When the writes began that may have been done, ascending; and of all up to there the two that
    /// were over last, with when.
    writes: Vec<(u64, [Option<Over>; 2])>,
}

impl<'v, 'o> Refusals<'v, 'o> {
    /// Of `stale` operations, ascending, when they began proves nothing.
    pub(super) fn of(versions: &'v Versions<'o>, stale: &[u32]) -> Self {
        let may_be_done = |(index, operation): &(u32, &Operation)| {
            let is_hidden = operation.outcome == Outcome::Unknown;
            operation.op == Op::Write
                && operation.outcome != Outcome::Fail
                && !operation.was_declined()
                && (!is_hidden || versions.may_be_done(*index))
        };
        let done = (0..).zip(versions.operations).filter(may_be_done);
        let mut begun: Vec<_> =
            done.map(|(index, write)| (write.call_ns, (write.completion_ns(), index))).collect();
        begun.sort_unstable();
        let mut last = [None; 2];
        let writes = begun.into_iter().map(|(call_ns, over)| {
            let ([first, second], over) = (last, Some(over));
            last = if over > first { [over, first] } else { [first, second.max(over)] };
            (call_ns, last)
        });
        let spans = versions.groups.iter().map(|group| span(versions, group, stale));
        Self { versions, spans: spans.collect(), writes: writes.collect() }
    }

    /// Refusals that are certainly wrong.
    pub(super) fn judge(&self) -> Option<Anomaly> {
        let mut phantoms = Tally::new();
        for (index, refusal) in (0..).zip(self.versions.operations) {
            if refusal.op != Op::Write || !refusal.was_declined() {
                continue;
            }
            let witness = if refusal.arg == NIL { Some(vec![index]) } else { self.wrong(index) };
            if let Some(witness) = witness {
                phantoms.add(refusal.return_ns, witness);
            }
        }
        phantoms.anomaly(AnomalyKind::PhantomRefusal, |witness| witness)
    }

    /// The proof that the version that the refused write expected was there all the time.
    fn wrong(&self, refusal: u32) -> Option<Vec<u32>> {
        let versions = self.versions;
        let operation = versions.operation(refusal);
        let place = versions.place(operation.arg)?;
        let Span { early, late: last } = self.spans[place]?;
        if early.is_some_and(|(there_ns, _)| there_ns >= operation.call_ns) {
            return None;
        }
        let early = early.map(|(_, shown)| shown);
        let late = last.filter(|(call_ns, _)| *call_ns > operation.return_ns);
        if let Some((_, late)) = late {
            return Some(early.into_iter().chain([refusal, late]).collect());
        }
        let until_ns = last.map_or(0, |(call_ns, _)| call_ns);
        let begun = self.writes.partition_point(|(call_ns, _)| *call_ns <= operation.return_ns);
        let maker = versions.maker(&versions.groups[place]);
        let last_over = begun.checked_sub(1).and_then(|at| {
            let others = self.writes[at].1.into_iter().flatten();
            others.filter(|(_, index)| Some(*index) != maker).max()
        });
        let is_only = last_over.is_none_or(|(over_ns, _)| over_ns < until_ns && over_ns != NEVER);
        is_only.then(|| early.into_iter().chain([refusal]).collect())
    }
}

/// When the version of `group` was there, where it was made once.
fn span(versions: &Versions<'_>, group: &Group, stale: &[u32]) -> Option<Span> {
    if group.makers > 1 {
        return None;
    }
    let early = (!group.is_first).then(|| versions.there(group));
    let is_lost = versions.replacing(group.version).nth(1).is_some();
    let proves_nothing = |(role, index): &(Role, u32)| {
        stale.binary_search(index).is_ok()
            || is_lost && *role == Role::Replaced
            || versions.is_early(group, *index)
    };
    let members = versions.members(group).filter(|member| !proves_nothing(member));
    let late = members.map(|(_, index)| (versions.operation(index).call_ns, index)).max();
    Some(Span { early, late })
}
