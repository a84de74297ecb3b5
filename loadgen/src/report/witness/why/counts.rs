//! Counts: what was added to a counter, and what was taken from a stock.

use check::AnomalyKind as Kind;
use check::Operation;
use check::history::{NO, Op, Outcome, YES};

use super::{Scene, Why, at_most, counted};

pub(super) fn why_of_sum(scene: Scene<'_>) -> Option<Why> {
    let operations = &scene.object.operations;
    let add = operations.iter().find(|add| add.op == Op::Add && add.outcome != Outcome::Fail);
    let step = add.map_or(1, |add| add.arg);
    if step < 1 {
        return None;
    }
    let initial = scene.object.initial_or(0);
    let counting = Counting { scene, update: Op::Add, initial, step, limit: i128::MAX };
    counting.why()
}

pub(super) fn why_of_stock(scene: Scene<'_>, capacity: u64) -> Option<Why> {
    let initial = scene.object.initial_or(capacity.cast_signed());
    let limit = i128::from(initial);
    let counting = Counting { scene, update: Op::Take, initial, step: -1, limit };
    match (scene.anomaly.kind, scene.witness()) {
        (Kind::PhantomSoldOut, &[answer]) => {
            let taken = counting.may_be_done_by(answer);
            let sentence = format!(
                "{}, but by then {} can have been made: {}.",
                counting.told(answer),
                at_most(taken, "take"),
                counting.at_most(taken)
            );
            Some(Why::new(answer, &sentence))
        }
        (Kind::LateSale, &[sold_out, take]) => {
            let sentence = format!(
                "{} and was over before {} began, so nothing was left; but {} was answered yes.",
                counting.told(sold_out),
                scene.the(take),
                scene.whose(take)
            );
            Some(Why::new(take, &sentence))
        }
        (Kind::Oversell, witness) => counting.oversell(witness),
        _ => counting.why(),
    }
}

/// Updates that each change a number by one step.
struct Counting<'h> {
    scene: Scene<'h>,
    update: Op,
    initial: i64,
    step: i64,
    /// How many updates there can be.
    limit: i128,
}

impl Counting<'_> {
    /// Reads that do not fit the number of updates.
    fn why(&self) -> Option<Why> {
        match (self.scene.anomaly.kind, self.scene.witness()) {
            (Kind::LostUpdate | Kind::StaleRead, &[read]) => Some(self.low(read)),
            (Kind::StaleRead, &[earlier, read]) => Some(self.stale(earlier, read)),
            (Kind::Phantom, &[read]) => Some(self.phantom(read)),
            _ => None,
        }
    }

    fn low(&self, read: u32) -> Why {
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
            self.updates(over),
            self.scene.the(read),
            self.at_least(over),
            self.scene.operation(read).result
        );
        Why::new(read, &sentence)
    }

    fn stale(&self, earlier: u32, read: u32) -> Why {
        let scene = self.scene;
        let [first, second] = [earlier, read].map(|index| scene.operation(index));
        let between = self.number(|update| {
            self.is_done(update) && first.precedes(update) && update.precedes(second)
        });
        let shown = (i128::from(first.result) - i128::from(self.initial)) / i128::from(self.step);
        let meanwhile = match between {
            0 => String::new(),
            count => format!(", with {} between the two", self.updates(count)),
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
        Why::new(read, &sentence)
    }

    fn phantom(&self, read: u32) -> Why {
        let Self { scene, initial, step, .. } = self;
        let result = scene.operation(read).result;
        let the_read = scene.the(read);
        let sum = i128::from(result) - i128::from(*initial);
        let sentence = if sum % i128::from(*step) == 0 {
            let begun = self.may_be_done_by(read);
            format!(
                "{the_read} returned {result}, but by then {} can have been made: {}.",
                at_most(begun, self.noun()),
                self.at_most(begun)
            )
        } else {
            format!("{the_read} returned {result}, which adds of {step} cannot make of {initial}.")
        };
        Why::new(read, &sentence)
    }

    fn oversell(&self, witness: &[u32]) -> Option<Why> {
        let Self { scene, initial, .. } = self;
        let (first, takes) = witness.split_first()?;
        let read = Some(*first).filter(|index| scene.operation(*index).op == Op::Read);
        let takes = if read.is_some() { takes } else { witness };
        let last = takes.iter().max_by_key(|take| scene.operation(**take).return_ns);
        let sentence = match (read, takes.len()) {
            (Some(read), 0) => format!(
                "{} returned {}, and less than nothing cannot be left.",
                scene.the(read),
                scene.operation(read).result
            ),
            (Some(read), count) => format!(
                "{} returned {}; but of the takes that began when it was over, {count} were \
                 answered yes.",
                scene.the(read),
                scene.operation(read).result
            ),
            (None, count) => format!("{count} takes were answered yes, but there were {initial}."),
        };
        Some(Why::new(*last.unwrap_or(first), &sentence))
    }

    /// How an answer said that nothing is left.
    fn told(&self, index: u32) -> String {
        let the = self.scene.the(index);
        match self.scene.operation(index).op {
            Op::Read => format!("{the} returned 0"),
            _ => format!("{the} was answered no"),
        }
    }

    /// As in `3 adds`.
    fn updates(&self, count: i128) -> String {
        counted(count, self.noun())
    }

    fn noun(&self) -> &'static str {
        if self.update == Op::Take { "take" } else { "add" }
    }

    /// What at least so many updates come to.
    fn at_least(&self, updates: i128) -> String {
        self.came_to(updates, if self.update == Op::Take { "at most" } else { "at least" })
    }

    /// What at most so many updates come to.
    fn at_most(&self, updates: i128) -> String {
        self.came_to(updates, if self.update == Op::Take { "at least" } else { "at most" })
    }

    fn came_to(&self, updates: i128, bound: &str) -> String {
        let initial = self.initial;
        let number = i128::from(initial) + updates.min(self.limit) * i128::from(self.step);
        match self.update {
            Op::Take => {
                let were = if number == 1 { "was" } else { "were" };
                format!("of {initial}, {bound} {number} {were} left")
            }
            _ => format!("the counter, {initial} at first, was {bound} {number}"),
        }
    }

    /// Updates that were over before `read` began.
    fn over_before(&self, read: u32) -> i128 {
        let read = self.scene.operation(read);
        self.number(|update| self.is_done(update) && update.precedes(read))
    }

    /// Updates that may have been made before `answer` was over.
    fn may_be_done_by(&self, answer: u32) -> i128 {
        let answer = self.scene.operation(answer);
        self.number(|update| self.may_be_done(update) && !answer.precedes(update))
    }

    fn number(&self, is_meant: impl Fn(&Operation) -> bool) -> i128 {
        self.scene.object.operations.iter().filter(|operation| is_meant(operation)).count() as i128
    }

    fn is_done(&self, update: &Operation) -> bool {
        let is_yes = self.update != Op::Take || update.result == YES;
        update.op == self.update && update.outcome == Outcome::Ok && is_yes
    }

    fn may_be_done(&self, update: &Operation) -> bool {
        let is_no = self.update == Op::Take && update.outcome == Outcome::Ok && update.result == NO;
        update.op == self.update && update.outcome != Outcome::Fail && !is_no
    }
}
