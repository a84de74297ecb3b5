//! What a document's version is.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::history::{NIL, Op, Operation, Outcome};
use crate::specification::Specification;

/// A document with an opaque version, of which only that it is another is known.
///
/// A write whose answer is not known leaves a version that nobody knows. What next looks at it says
/// which it is: one that no answer carried, that was not there at first, and that was not made before.
#[derive(Debug, Clone)]
pub struct Document {
    initial: i64,
    /// What was there at first, and all that answers to writes carried.
    made: BTreeSet<i64>,
}

/// A document at one time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Version {
    now: Now,
    /// The versions, each shown by what came after, that writes without an answer made.
    shown: Arc<BTreeSet<i64>>,
}

/// The version at one time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Now {
    Known(i64),
    /// A new one, and none of these, for which writes were refused.
    New(BTreeSet<i64>),
}

impl Document {
    /// The version is `initial` at first, [`NIL`] for no document. That of a write among
    /// `operations` without an answer is none that their answers carried.
    #[must_use]
    pub fn of(initial: i64, operations: &[Operation]) -> Self {
        let answered = operations.iter().filter(|write| write.is_acknowledged());
        let made = answered.map(|write| write.result).chain([initial, NIL]).collect();
        Self { initial, made }
    }

    /// `state`, where its version is or may be `version`.
    fn shows(&self, state: &Version, version: i64) -> Option<Version> {
        match &state.now {
            Now::Known(known) => (*known == version).then(|| state.clone()),
            Now::New(others) => {
                let may_be = !self.made.contains(&version)
                    && !others.contains(&version)
                    && !state.shown.contains(&version);
                may_be.then(|| {
                    let mut shown = Arc::clone(&state.shown);
                    Arc::make_mut(&mut shown).insert(version);
                    Version { now: Now::Known(version), shown }
                })
            }
        }
    }
}

impl Specification for Document {
    type State = Version;

    fn initial(&self) -> Version {
        Version { now: Now::Known(self.initial), shown: Arc::default() }
    }

    fn step(&self, state: &Version, operation: &Operation) -> Option<Version> {
        let Operation { op, arg, result, outcome, .. } = *operation;
        if op == Op::Read {
            return match outcome {
                Outcome::Ok => self.shows(state, result),
                Outcome::Fail | Outcome::Unknown => Some(state.clone()),
            };
        }
        if operation.was_declined() {
            return match &state.now {
                Now::Known(version) => (arg != NIL && *version != arg).then(|| state.clone()),
                Now::New(others) => (arg != NIL).then(|| {
                    let mut others = others.clone();
                    others.insert(arg);
                    Version { now: Now::New(others), shown: Arc::clone(&state.shown) }
                }),
            };
        }
        let found = if arg == NIL { Some(state.clone()) } else { self.shows(state, arg) };
        let Some(Version { shown, .. }) = found else {
            // What may have been done may have been refused.
            return (outcome != Outcome::Ok).then(|| state.clone());
        };
        let is_told = outcome == Outcome::Ok && result != NIL;
        let now = if is_told { Now::Known(result) } else { Now::New(BTreeSet::new()) };
        Some(Version { now, shown })
    }
}
