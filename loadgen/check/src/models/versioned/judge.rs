//! A document with an opaque version.
//!
//! Where every version is made once, operations stand together by the versions that they show: the
//! write that made a version, the reads that returned it, and the write that expected and replaced
//! it, with its own version. So a history is that of a register whose values are written once and
//! swapped, and the rule for registers decides it (`translation.rs`): chains of links, each a block
//! whose order is forced, and blocks in the order of time. Only refusals have a choice of their
//! place; for those there is a bound, behind which is the search.
//!
//! What is wrong has a name where few operations show it by themselves: `named.rs`, `refusals.rs`.
//! The rule for registers has the last word, so that the names need not be complete.
//!
//! A write whose answer is not known makes a version that nobody was told. Which of such writes made
//! which version that was seen is a choice: `makers.rs`. What no choice at all could explain is found
//! where each such version may have been made at any time.
//!
//! Source: P. B. Gibbons and E. Korach, Testing Shared Memories, SIAM Journal on Computing 26(4),
//! 1997; the blocks are those of [registers](crate::models::register::judge_with_choices).

mod chains;
mod makers;
mod named;
mod refusals;
mod versions;

use std::collections::HashSet;

use super::{translation, verify};
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NEVER, NIL, NO, Object, Op, Operation, Outcome, YES};
use crate::judgement::{Judgement, Verdict};
use crate::limits::Limits;
use crate::models::register::{Register, judge_with_choices};
use crate::search::Search;
use versions::Versions;

/// The verdict on `object`; `None` where the rule does not cover it, or would take too long.
///
/// It covers writes and reads of an object with at most `u32::MAX - 1` operations that do not end
/// before they begin. A read that returned [`NIL`] saw no document. A write that was acknowledged
/// without a version was done, and made one that nobody knows.
///
/// Each anomaly is certain by itself, whatever the others come from:
/// - `LostUpdate`: two writes that expected the same version were acknowledged. Counts all beyond the
///   first of each version. Witness: the one that was over first, the other.
/// - `Phantom`: versions that were returned, or expected by an acknowledged write, and that nobody can
///   have made: there were not as many writes whose version nobody was told, by the time when they
///   were seen. Counts versions. Witness: an operation that shows each of the others that there were
///   writes for, and the one that shows that which there was none for. These, and the next, prove
///   nothing further.
/// - `FutureRead`: an operation on a version that was over before the write that made it began.
///   Counts operations. Witness: the write, the operation.
/// - `StaleRead`: a read that began when its version had been replaced: by a write that expected it,
///   or since the version was there before another was made; and what replaced it was there before
///   the read began. Counts reads. Witness: an operation on the version that was over before the
///   replacing write began (none for the initial version, nor where that write expected it); that
///   write; what shows that it was done, unless it was over itself; the read.
/// - `StaleWrite`: the same of a write that was acknowledged although the version that it expected had
///   been replaced. Counts writes, lost updates left out.
/// - `PhantomRefusal`: a write that was refused although the version was the one that it expected all
///   the time, or although it expected none. Counts writes. Witness: what shows that the version was
///   there before the write began (nothing for the initial version); the write; what shows that it
///   was there when the write was over, unless no other write can have replaced it by then. Or,
///   where only several operations together show it, these.
/// - `OrderViolation`: operations that time orders one way, and versions the other. Counts one.
///   Witness: these operations, with the writes that link their versions.
///
/// The time is when the operation that counts was complete; of the last two, the last of the witness.
///
/// A service may make versions of contents or of clocks. If one was made twice, the history is
/// undecided, unless something is certain whatever. The time is O(n log n), but for the choices.
#[must_use]
pub fn judge(object: &Object, limits: &Limits<'_>) -> Option<Judgement> {
    let operations = &object.operations;
    if !operations.iter().all(is_covered) {
        return None;
    }
    let versions = Versions::of(object.initial_or(NIL), operations);
    let named = named::anomalies(&versions, object.is_shared);
    if !named.is_empty() {
        return Some(Judgement::invalid(named));
    }
    if versions.has_repeated {
        let repeated = versions.groups.iter().filter(|group| group.makers > 1).count();
        let (several, were) = if repeated == 1 { ("", "was") } else { ("s", "were") };
        return Some(Judgement::unknown(format!(
            "{repeated} version{several} {were} made more than once, so they do not tell what was \
             replaced"
        )));
    }
    let unmade = unmade(&versions);
    let register = translation::register(object, &unmade, |_| None);
    let judgement = judge_with_choices(&register, limits)?;
    Some(match judgement.verdict {
        Verdict::Valid if unmade.is_empty() => judgement,
        Verdict::Valid => makers::explain(object, &versions, limits),
        Verdict::Invalid | Verdict::Unknown => of_register(object, &register, judgement),
    })
}

fn is_covered(operation: &Operation) -> bool {
    let Operation { op, outcome, arg, result, .. } = *operation;
    let completion_ns = operation.completion_ns();
    let has_time = operation.call_ns <= completion_ns && completion_ns != NEVER - 1;
    match (op, outcome) {
        (Op::Read | Op::Write, Outcome::Fail) | (Op::Read, Outcome::Unknown) => true,
        (Op::Read, Outcome::Ok) => has_time && !matches!(result, YES | NO),
        (Op::Write, _) => has_time && result != YES && !matches!(arg, YES | NO),
        (Op::Add | Op::Cas | Op::Take | Op::Give | Op::Move, _) => false,
    }
}

/// The versions that were there, or may have been, and that no answer says who made.
fn unmade(versions: &Versions<'_>) -> Vec<i64> {
    let seen = versions.groups.iter().filter(|group| group.makers == 0);
    let expected = versions.hidden.iter().map(|index| versions.operation(*index).arg);
    let expected = expected.filter(|version| {
        let is_made = versions.find(*version).is_some_and(|group| group.makers > 0);
        *version != NIL && !is_made && versions.may_be_made(*version)
    });
    let mut unmade: Vec<_> = seen.map(|group| group.version).chain(expected).collect();
    unmade.sort_unstable();
    unmade.dedup();
    unmade
}

/// What a judgement on the `register` that is not valid says of `object`.
fn of_register(object: &Object, register: &Object, judgement: Judgement) -> Judgement {
    let Some(mut found) = judgement.anomalies.into_iter().next() else {
        return Judgement {
            order: None,
            ..Judgement::unknown(judgement.reason.unwrap_or_default())
        };
    };
    found.witness.retain(|index| (*index as usize) < object.operations.len());
    let anomaly = |kind, witness: Vec<u32>| {
        let over = witness.iter().map(|index| object.operations[*index as usize].completion_ns());
        let times_ns: Vec<_> = over.filter(|time_ns| *time_ns != NEVER).max().into_iter().collect();
        Anomaly { kind, count: 1, times_ns, witness }
    };
    let is_violation = |witness: &[u32]| {
        verify::verify(object, &anomaly(AnomalyKind::OrderViolation, witness.to_vec()))
    };
    let with_makers = with_makers(object, &found.witness);
    if is_violation(&with_makers) {
        let witness = without_spares(with_makers, is_violation);
        return Judgement::invalid(vec![anomaly(AnomalyKind::OrderViolation, witness)]);
    }
    let is_refused = |index: &u32| object.operations[*index as usize].was_declined();
    if found.witness.iter().any(is_refused) && contradicts(register, &found) {
        return Judgement::invalid(vec![anomaly(AnomalyKind::PhantomRefusal, found.witness)]);
    }
    Judgement::unknown("neither an order nor a contradiction was found")
}

/// The operations of `witness`, and what made the versions that they found, in the order of their
/// invocations. What is unknown is left out.
fn with_makers(object: &Object, witness: &[u32]) -> Vec<u32> {
    let operation = |index: u32| &object.operations[index as usize];
    let versions: HashSet<_> =
        witness.iter().filter_map(|index| verify::needs(operation(*index))).collect();
    let is_maker = |index: &u32| {
        verify::makes(operation(*index)).is_some_and(|version| versions.contains(&version))
    };
    let makers = (0..).take(object.operations.len()).filter(is_maker);
    let is_ok = |index: &u32| operation(*index).outcome == Outcome::Ok;
    let mut all: Vec<_> = witness.iter().copied().filter(is_ok).chain(makers).collect();
    all.sort_unstable_by_key(|index| (operation(*index).call_ns, *index));
    all.dedup();
    all
}

/// What is left of `witness` without those that are not needed to prove something.
fn without_spares(mut witness: Vec<u32>, is_proof: impl Fn(&[u32]) -> bool) -> Vec<u32> {
    for place in (0..witness.len()).rev() {
        let spare = witness.remove(place);
        if !is_proof(&witness) {
            witness.insert(place, spare);
        }
    }
    witness
}

/// Whether no order explains the operations of the witness, whatever became of the others.
fn contradicts(register: &Object, anomaly: &Anomaly) -> bool {
    let anomaly = Anomaly { kind: AnomalyKind::NotLinearizable, ..anomaly.clone() };
    Register { initial: register.initial_or(NIL) }.verify(register, &anomaly)
}

/// Whether the operations of the witness, refusals among them, contradict each other.
pub(super) fn is_contradiction(object: &Object, anomaly: &Anomaly) -> bool {
    let versions = Versions::of(object.initial_or(NIL), &object.operations);
    let is_covered = object.operations.iter().all(is_covered);
    is_covered
        && !versions.has_repeated
        && contradicts(&translation::register(object, &unmade(&versions), |_| None), anomaly)
}

/// What is searched where the rule takes too long; `None` where it does not cover the object.
pub(super) fn searched(object: &Object) -> Option<Searched<'_>> {
    object.operations.iter().all(is_covered).then_some(Searched { object })
}

/// A history that is searched as that of a register.
pub(super) struct Searched<'o> {
    object: &'o Object,
}

impl Search for Searched<'_> {
    fn judge(&self, operations: &[Operation], limits: &Limits<'_>) -> Judgement {
        let versions = Versions::of(self.object.initial_or(NIL), operations);
        let unmade = unmade(&versions);
        let register = translation::register(self.object, &unmade, |_| None);
        let specification = Register { initial: register.initial_or(NIL) };
        let judgement = Search::judge(&specification, &register.operations, limits);
        match judgement.verdict {
            Verdict::Valid if unmade.is_empty() => judgement,
            Verdict::Valid => makers::explain(self.object, &versions, limits),
            Verdict::Invalid | Verdict::Unknown => of_register(self.object, &register, judgement),
        }
    }

    /// All anomalies have names of their own.
    fn verify(&self, _object: &Object, _anomaly: &Anomaly) -> bool {
        false
    }
}
