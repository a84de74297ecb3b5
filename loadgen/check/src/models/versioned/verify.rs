//! Witnesses against a document's versions.

use std::collections::{BTreeSet, HashMap};

use super::judge::is_contradiction;
use crate::anomaly::{Anomaly, AnomalyKind};
use crate::history::{NIL, Object, Op, Operation, Outcome};

/// Whether the witness proves the anomaly. [`versioned::judge`](super::judge()) says what is in it,
/// and in which order.
pub(super) fn verify(object: &Object, anomaly: &Anomaly) -> bool {
    let witness = anomaly.witness.iter().map(|index| object.operations.get(*index as usize));
    let Some(witness) = witness.collect::<Option<Vec<_>>>() else { return false };
    let distinct: BTreeSet<_> = anomaly.witness.iter().collect();
    // What may have been done shows at most how a refusal could not come about.
    let may_be_unknown = anomaly.kind == AnomalyKind::PhantomRefusal;
    let is_sound = |one: &&Operation| match one.outcome {
        Outcome::Ok => true,
        Outcome::Unknown => may_be_unknown,
        Outcome::Fail => false,
    };
    if distinct.len() < witness.len() || !witness.iter().all(is_sound) {
        return false;
    }
    let facts = Facts::of(object);
    match (anomaly.kind, witness.as_slice()) {
        (AnomalyKind::LostUpdate, [one, other]) => {
            let is_same = replaces(one).is_some() && replaces(one) == replaces(other);
            is_same && facts.stand_together(one.arg)
        }
        (AnomalyKind::Phantom, shown) => facts.are_too_many(shown),
        (AnomalyKind::FutureRead, [write, early]) => {
            let version = makes(write);
            version.is_some_and(|version| needs(early) == Some(version))
                && facts.stand_together(write.result)
                && early.precedes(write)
        }
        (AnomalyKind::StaleRead, [before @ .., read]) if read.op == Op::Read => {
            before.len() < 4 && facts.is_replaced(before, read)
        }
        (AnomalyKind::StaleWrite, [before @ .., write]) if write.op == Op::Write => {
            before.len() < 4 && facts.is_replaced(before, write)
        }
        (AnomalyKind::PhantomRefusal, [refusal]) if refusal.arg == NIL => refusal.was_declined(),
        (AnomalyKind::PhantomRefusal, operations) => {
            facts.is_unfounded(operations) || is_contradiction(object, anomaly)
        }
        (AnomalyKind::OrderViolation, operations) => facts.clash(operations).is_some(),
        _ => false,
    }
}

/// The version that the answer to the write says it made.
pub(super) fn makes(write: &Operation) -> Option<i64> {
    (write.is_acknowledged() && write.result != NIL).then_some(write.result)
}

/// The version that the write expected, and replaced.
pub(super) fn replaces(write: &Operation) -> Option<i64> {
    (write.is_acknowledged() && write.arg != NIL).then_some(write.arg)
}

/// The version that was there when the operation took effect.
pub(super) fn needs(operation: &Operation) -> Option<i64> {
    let is_read = operation.op == Op::Read && operation.outcome == Outcome::Ok;
    if is_read { Some(operation.result) } else { replaces(operation) }
}

/// Whether the operation shows that the version was there.
fn shows(operation: &Operation, version: i64) -> bool {
    makes(operation) == Some(version) || needs(operation) == Some(version)
}

/// How operations contradict each other, each a place among them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Clash {
    /// Versions that replaced each other in a circle.
    Circle,
    /// The first was over before the second began, of which the version came first.
    Inside(usize, usize),
    /// The first was over before the second began, and the third, whose version is linked with that of
    /// the second, before the fourth, whose is linked with that of the first.
    Between([usize; 4]),
}

/// What the whole history says about versions.
pub(super) struct Facts<'h> {
    object: &'h Object,
    initial: i64,
    /// How often each version was made, as far as answers tell.
    made: HashMap<i64, usize>,
    /// How often each version was replaced by a write that expected it.
    replaced: HashMap<i64, usize>,
    /// Whether any version was made more than once.
    is_repeated: bool,
    /// Whether any version may have been made again.
    may_repeat: bool,
}

impl<'h> Facts<'h> {
    pub(super) fn of(object: &'h Object) -> Self {
        let initial = object.initial_or(NIL);
        let mut made = HashMap::from([(initial, 1)]);
        for write in &object.operations {
            if let Some(version) = makes(write) {
                // One that returned what it expected found what was made before.
                *made.entry(version).or_default() += 1 + usize::from(write.arg == version);
            }
        }
        let mut replaced = HashMap::new();
        for version in object.operations.iter().filter_map(replaces) {
            *replaced.entry(version).or_default() += 1;
        }
        let is_repeated = made.values().any(|times| *times > 1);
        let is_hidden = object.operations.iter().any(is_hidden) || object.is_shared;
        let may_repeat = is_repeated && is_hidden;
        Self { object, initial, made, replaced, is_repeated, may_repeat }
    }

    /// Whether the version was made once at most, so that its operations stand together.
    fn stand_together(&self, version: i64) -> bool {
        !self.may_repeat && self.made.get(&version).is_none_or(|times| *times == 1)
    }

    /// Whether there are fewer writes that can have made versions than versions that nobody was told
    /// to have made.
    fn are_too_many(&self, shown: &[&Operation]) -> bool {
        let is_unmade = |version: &i64| !self.made.contains_key(version);
        let versions: BTreeSet<_> =
            shown.iter().filter_map(|shown| needs(shown)).filter(is_unmade).collect();
        let over_ns = shown.iter().map(|shown| shown.return_ns).max().unwrap_or(0);
        let may_make = |write: &&Operation| {
            is_hidden(write) && write.call_ns <= over_ns && self.may_be_done(write)
        };
        let makers = self.object.operations.iter().filter(may_make).count();
        // No write makes that there is none.
        let is_nothing = versions.contains(&NIL) && shown.len() == 1;
        versions.len() == shown.len() && (is_nothing || versions.len() > makers)
    }

    /// Whether what `user` found was replaced before it began.
    fn is_replaced(&self, before: &[&Operation], user: &Operation) -> bool {
        let Some(version) = needs(user).filter(|version| self.stand_together(*version)) else {
            return false;
        };
        before.iter().filter(|write| makes(write) != Some(version)).any(|write| {
            let is_link = replaces(write) == Some(version) && user.op == Op::Read;
            let new = makes(write).filter(|new| self.stand_together(*new));
            let is_later = new.is_some()
                && (version == self.initial
                    || before.iter().any(|own| shows(own, version) && own.precedes(write)));
            let is_shown = before.iter().any(|shown| {
                let is_of =
                    std::ptr::eq(*shown, *write) || new.is_some_and(|new| shows(shown, new));
                is_of && shown.precedes(user)
            });
            (is_link || is_later) && is_shown
        })
    }

    /// Whether the version that a refused write expected was there all the time.
    fn is_unfounded(&self, operations: &[&Operation]) -> bool {
        let is_refusal = |one: &&&Operation| one.op == Op::Write && one.was_declined();
        let Some(refusal) = operations.iter().find(is_refusal) else { return false };
        let version = refusal.arg;
        let was_there = version == self.initial
            || operations.iter().any(|early| shows(early, version) && early.precedes(refusal));
        let is_there = operations.iter().any(|late| shows(late, version) && refusal.precedes(late));
        version != NIL
            && operations.len() <= 3
            && self.stand_together(version)
            && was_there
            && (is_there || self.cannot_be_replaced(version, refusal))
    }

    /// Whether no write can have replaced the version when `refusal` was over.
    fn cannot_be_replaced(&self, version: i64, refusal: &Operation) -> bool {
        let all = || self.object.operations.iter();
        let own = all().filter(|one| shows(one, version)).map(|one| one.call_ns);
        let last_ns = own.max().unwrap_or(0);
        let may_replace = |write: &Operation| {
            write.op == Op::Write
                && write.outcome != Outcome::Fail
                && !write.was_declined()
                && makes(write) != Some(version)
                && write.call_ns <= refusal.return_ns
                && write.completion_ns() >= last_ns
                && (write.outcome == Outcome::Ok || self.may_be_done(write))
        };
        !all().any(may_replace)
    }

    /// Whether the version that the hidden `write` expects can have been made, and was not replaced
    /// by another.
    fn may_be_done(&self, write: &Operation) -> bool {
        let others = self.replaced.get(&write.arg).copied().unwrap_or(0)
            - usize::from(replaces(write).is_some());
        let is_made = self.made.contains_key(&write.arg)
            || self.object.operations.iter().any(|one| is_hidden(one) && one.arg != write.arg);
        write.arg == NIL || self.is_repeated || is_made && others == 0
    }

    /// How `operations` contradict each other by the order of their versions, if they do.
    pub(super) fn clash(&self, operations: &[&Operation]) -> Option<Clash> {
        let mut chains = Chains::default();
        for (place, operation) in operations.iter().enumerate() {
            let version = match (makes(operation), needs(operation)) {
                (Some(version), _) => State::Known(version),
                (None, Some(version)) if operation.op == Op::Read => State::Known(version),
                _ => State::New(place),
            };
            let named = [makes(operation), needs(operation)];
            if operation.was_declined()
                || named.iter().flatten().any(|version| !self.stand_together(*version))
            {
                return None;
            }
            chains.states.push(version);
            if let Some(expected) = replaces(operation) {
                chains.before.insert(version, State::Known(expected));
            }
        }
        let is_initial = |state: State| state == State::Known(self.initial);
        chains.clash(operations, is_initial)
    }
}

/// A version, or that of the write at a place, which nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    Known(i64),
    New(usize),
}

/// The versions of operations, linked by the writes that replaced one by the next.
#[derive(Default)]
struct Chains {
    /// Of each operation the version that is there after it.
    states: Vec<State>,
    before: HashMap<State, State>,
}

impl Chains {
    /// The first version of the chain, and how many come before `state`; `None` for a circle.
    fn place(&self, mut state: State) -> Option<(State, usize)> {
        for depth in 0..=self.before.len() {
            match self.before.get(&state) {
                Some(before) => state = *before,
                None => return Some((state, depth)),
            }
        }
        None
    }

    fn clash(
        &self,
        operations: &[&Operation],
        is_initial: impl Fn(State) -> bool,
    ) -> Option<Clash> {
        let places = self.states.iter().map(|state| self.place(*state)).collect::<Option<Vec<_>>>();
        let Some(places) = places else { return Some(Clash::Circle) };
        let all = || 0..operations.len();
        let pairs = || all().flat_map(|one| all().map(move |other| (one, other)));
        let ordered: Vec<_> =
            pairs().filter(|(one, other)| operations[*one].precedes(operations[*other])).collect();
        let makes = |place: usize| operations[place].op == Op::Write;
        for &(early, late) in &ordered {
            let ((one, first), (other, second)) = (places[early], places[late]);
            let is_inside = one == other && (second < first || second == first && makes(late));
            if is_inside || one != other && is_initial(other) {
                return Some(Clash::Inside(early, late));
            }
        }
        ordered.iter().find_map(|&(one, other)| {
            let (a, b) = (places[one].0, places[other].0);
            let back = ordered
                .iter()
                .find(|&&(early, late)| a != b && places[early].0 == b && places[late].0 == a);
            back.map(|&(early, late)| Clash::Between([one, other, early, late]))
        })
    }
}

/// Whether the write made a version that no answer carried, or may have.
fn is_hidden(write: &Operation) -> bool {
    let is_done = write.outcome == Outcome::Unknown || write.is_acknowledged();
    write.op == Op::Write && is_done && makes(write).is_none()
}
