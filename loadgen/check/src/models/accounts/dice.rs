//! Numbers that look drawn, and are the same each time.

use super::halves::scattered;

/// What a way out of a dead end is drawn with.
#[derive(Debug, Default)]
struct Dice(usize);

impl Dice {
    /// A number below `bound`, which is not 0.
    fn below(&mut self, bound: usize) -> usize {
        self.0 += 1;
        usize::try_from(scattered(self.0) % bound as u64).expect("it is below another")
    }

    /// A place below `count`, or 0 where that is 0: each is half as likely as the one before.
    fn place(&mut self, count: usize) -> usize {
        self.0 += 1;
        let zeros = scattered(self.0).trailing_zeros() as usize;
        if zeros < count { zeros } else { 0 }
    }
}

/// So many steps are taken back at most.
const MOST_STEPS: usize = 256;

/// How far to go back from dead ends: one after the other, until it is farther along than before.
#[derive(Debug, Default)]
pub(super) struct Retreat {
    dice: Dice,
    furthest: usize,
    /// How many dead ends there were since then.
    count: usize,
    /// Whether ways are drawn all the time.
    is_drawn: bool,
}

impl Retreat {
    /// One that draws ways where there was no dead end, too, unless it is the first of several attempts.
    pub(super) fn of_attempt(attempt: usize) -> Self {
        Self { dice: Dice(attempt << 32), is_drawn: attempt > 0, ..Self::default() }
    }

    /// How many steps to take back, at a dead end after so many; `None` after `most` in vain.
    pub(super) fn steps(&mut self, taken: usize, most: usize) -> Option<usize> {
        if taken > self.furthest {
            (self.furthest, self.count) = (taken, 0);
        }
        self.count += 1;
        let farthest = (2 + self.count / 8).min(MOST_STEPS);
        (self.count <= most).then(|| 1 + self.dice.below(farthest))
    }

    /// Which of `count` ways, the best first, to go after so many steps: where there was a dead end,
    /// another one may be better.
    pub(super) fn way(&mut self, taken: usize, count: usize) -> usize {
        if self.draws(taken) { self.dice.place(count) } else { 0 }
    }

    /// The same, with each as likely as the others.
    pub(super) fn any(&mut self, taken: usize, count: usize) -> usize {
        if self.draws(taken) { self.dice.below(count.max(1)) } else { 0 }
    }

    fn draws(&self, taken: usize) -> bool {
        self.is_drawn || (self.count > 0 && taken <= self.furthest)
    }
}
