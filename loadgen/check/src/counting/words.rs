//! What is said of counts: of reads that do not fit the number of updates.

use crate::anomaly::AnomalyKind as Kind;
use crate::history::Operation;
use crate::sentence::{Explanation, Scene, at_most, counted};

/// Updates that each change a number by one step.
pub(crate) struct Counting<'h> {
    pub(crate) scene: Scene<'h>,
    pub(crate) updates: Updates,
    pub(crate) initial: i64,
    /// By how much each changes it: up, or down.
    pub(crate) step: i64,
    /// How many updates there can be.
    pub(crate) limit: i128,
}

/// What the updates are, and how they are spoken of.
pub(crate) struct Updates {
    /// One of them.
    pub(crate) noun: &'static str,
    /// Whether an operation is one that was done.
    pub(crate) are_done: fn(&Operation) -> bool,
    /// Whether an operation is one that was or may have been done.
    pub(crate) may_be_done: fn(&Operation) -> bool,
    /// Says what the number, from its first value, at least or at most came to.
    pub(crate) come_to: fn(i64, &str, i128) -> String,
}

impl Counting<'_> {
    /// Reads that do not fit the number of updates.
    pub(crate) fn explain(&self) -> Option<Explanation> {
        match (self.scene.anomaly.kind, self.scene.witness()) {
            (Kind::LostUpdate | Kind::StaleRead, &[read]) => Some(self.low(read)),
            (Kind::StaleRead, &[earlier, read]) => Some(self.stale(earlier, read)),
            (Kind::Phantom, &[read]) => Some(self.phantom(read)),
            _ => None,
        }
    }

    fn low(&self, read: u32) -> Explanation {
        let anomaly = self.scene.anomaly;
        let over = self.over_before(read);
        let end = match (anomaly.kind, anomaly.count) {
            (Kind::LostUpdate, 1) => ", and no later one has them all: one was lost",
            (Kind::LostUpdate, count) => {
                &format!(", and no later one has them all: {count} were lost")
            }
            _ => "",
        };
        let sentence = format!(
            "{} had been acknowledged before {} began, so {}; but the read returned {}{end}.",
            self.counted(over),
            self.scene.the(read),
            self.at_least(over),
            self.scene.operation(read).result
        );
        Explanation::new(read, &sentence)
    }

    fn stale(&self, earlier: u32, read: u32) -> Explanation {
        let scene = self.scene;
        let [first, second] = [earlier, read].map(|index| scene.operation(index));
        let between = self.number(|update| {
            (self.updates.are_done)(update) && first.precedes(update) && update.precedes(second)
        });
        let shown = (i128::from(first.result) - i128::from(self.initial)) / i128::from(self.step);
        let meanwhile = match between {
            0 => String::new(),
            count => format!(", with {} between the two", self.counted(count)),
        };
        let sentence = format!(
            "{} returned {} and was over before {} began{meanwhile}, so {}; but {} returned {}.",
            scene.the(earlier),
            first.result,
            scene.the(read),
            self.at_least(shown + between),
            scene.whose(read),
            second.result
        );
        Explanation::new(read, &sentence)
    }

    fn phantom(&self, read: u32) -> Explanation {
        let Self { scene, initial, step, .. } = self;
        let result = scene.operation(read).result;
        let the_read = scene.the(read);
        let sum = i128::from(result) - i128::from(*initial);
        let sentence = if sum % i128::from(*step) == 0 {
            let begun = self.may_be_done_by(read);
            format!(
                "{the_read} returned {result}, but by then {} can have been made: {}.",
                at_most(begun, self.updates.noun),
                self.at_most(begun)
            )
        } else {
            format!("{the_read} returned {result}, which adds of {step} cannot make of {initial}.")
        };
        Explanation::new(read, &sentence)
    }

    /// As in `3 adds`.
    fn counted(&self, count: i128) -> String {
        counted(count, self.updates.noun)
    }

    /// What at least so many updates come to.
    fn at_least(&self, updates: i128) -> String {
        self.came_to(updates, if self.step < 0 { "at most" } else { "at least" })
    }

    /// What at most so many updates come to.
    pub(crate) fn at_most(&self, updates: i128) -> String {
        self.came_to(updates, if self.step < 0 { "at least" } else { "at most" })
    }

    fn came_to(&self, updates: i128, bound: &str) -> String {
        let initial = self.initial;
        let number = i128::from(initial) + updates.min(self.limit) * i128::from(self.step);
        (self.updates.come_to)(initial, bound, number)
    }

    /// Updates that were over before `read` began.
    fn over_before(&self, read: u32) -> i128 {
        let read = self.scene.operation(read);
        self.number(|update| (self.updates.are_done)(update) && update.precedes(read))
    }

    /// Updates that may have been made before `answer` was over.
    pub(crate) fn may_be_done_by(&self, answer: u32) -> i128 {
        let answer = self.scene.operation(answer);
        self.number(|update| (self.updates.may_be_done)(update) && !answer.precedes(update))
    }

    fn number(&self, is_meant: impl Fn(&Operation) -> bool) -> i128 {
        self.scene.object.operations.iter().filter(|operation| is_meant(operation)).count() as i128
    }
}
