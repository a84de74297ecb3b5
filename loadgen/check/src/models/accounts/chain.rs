//! An order of reads, and which moves come before each.
//!
//! Moves commute, so that an order of reads and, for each, the set of moves before it is all there is
//! to find: the sets grow from read to read, each has what was over before its read began and nothing
//! that began when a read not yet placed was over, and what precedes one of a set is in it.
//!
//! Depth first: each step places a read, with a set that explains it. Where it is to be quick, dead ends
//! are left by any steps back. What a read does not tell about,
//! and need not come before it, comes later: to leave it out changes nothing for that read and allows
//! as much to the others. A read that shows what is there is placed at once, as it changes nothing.

use super::dice::Retreat;
use super::found::{Chain, Effort, Found, Placed, Ways, Wrong};
use super::ledger::Ledger;
use super::made::{Forced, Made, Scope};
use crate::limits::Limits;

/// So many steps may be taken back.
const MOST_BACK: usize = 4_096;
/// Where it is quick, so many dead ends may come one after the other without getting any farther, but no
/// more for each read.
const MOST_DEAD_ENDS: usize = 8_192;
const MOST_DEAD_ENDS_EACH: usize = 16;
/// What else might have been chosen is kept for so many reads.
const DEPTH: usize = 256;
/// An instant of a read is drawn from so many.
const MOST_INSTANTS: usize = 1 << 16;
/// So many of the reads before one that cannot be placed are told.
const MOST_TOLD: usize = 32;

/// The order of `wanted`, which are places of `ledger`'s reads, ascending.
pub(super) fn of(
    ledger: &Ledger<'_>,
    wanted: &[usize],
    effort: Effort,
    limits: &Limits<'_>,
) -> Chain {
    let mut builder = Builder::new(ledger, wanted, effort);
    let found = builder.run(limits);
    let is_untried = |state: &&State| matches!(state, State::Untried);
    let untried = builder.states.iter().filter(is_untried).count();
    Chain { found, wrong: builder.wrong, untried }
}

/// What is known of a read for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing yet.
    Unasked,
    /// That moves explain it.
    Explained,
    /// That it overlaps too many.
    Untried,
    /// That none do.
    Wrong,
}

/// A read that is placed, and the others that could have been.
struct Frame {
    /// Its place among those wanted.
    at: usize,
    forced: Forced,
    chosen: Vec<u32>,
    ways: std::vec::IntoIter<Vec<u32>>,
    others: std::vec::IntoIter<usize>,
}

struct Builder<'l, 'o> {
    wanted: &'l [usize],
    is_quick: bool,
    retreat: Retreat,
    made: Made<'l, 'o>,
    /// The earliest call of each read and those behind it.
    earliest_ns: Vec<u64>,
    is_placed: Vec<bool>,
    /// The first that is not placed.
    first: usize,
    frames: Vec<Frame>,
    states: Vec<State>,
    wrong: Vec<Wrong>,
    /// Whether everything was tried that was given up.
    is_thorough: bool,
}

impl<'l, 'o> Builder<'l, 'o> {
    fn new(ledger: &'l Ledger<'o>, wanted: &'l [usize], effort: Effort) -> Self {
        let (is_quick, attempt) = match effort {
            Effort::Quick { attempt } => (true, attempt),
            Effort::Thorough => (false, 0),
        };
        let mut earliest_ns: Vec<_> =
            wanted.iter().map(|sight| ledger.sights[*sight].call_ns).collect();
        for at in (1..earliest_ns.len()).rev() {
            earliest_ns[at - 1] = earliest_ns[at - 1].min(earliest_ns[at]);
        }
        Self {
            wanted,
            is_quick,
            retreat: Retreat::of_attempt(attempt),
            made: Made::nothing(ledger, wanted),
            earliest_ns,
            is_placed: vec![false; wanted.len()],
            first: 0,
            frames: Vec::new(),
            states: vec![State::Unasked; wanted.len()],
            wrong: Vec::new(),
            is_thorough: true,
        }
    }

    fn run(&mut self, limits: &Limits<'_>) -> Found {
        let (mut back, mut steps) = (0, 0_u64);
        let mut furthest = (0, Vec::new(), Vec::new());
        while self.frames.len() < self.wanted.len() {
            steps += 1;
            if back > MOST_BACK || steps.is_multiple_of(256) && (limits.expired)() {
                return Found::Open;
            }
            if self.place() {
                self.forget();
                continue;
            }
            if self.is_quick {
                let most = MOST_DEAD_ENDS.min(MOST_DEAD_ENDS_EACH * self.wanted.len());
                let Some(steps) = self.retreat.steps(self.frames.len(), most) else {
                    return Found::Open;
                };
                self.take_back(steps);
                continue;
            }
            if self.frames.len() >= furthest.0 {
                let named = |at: usize| self.wanted[at];
                let placed = self.frames.iter().rev().take(MOST_TOLD).map(|frame| named(frame.at));
                let left = self.eligible().into_iter().map(named).collect();
                furthest = (self.frames.len(), left, placed.collect());
            }
            loop {
                back += 1;
                let Some(frame) = self.frames.pop() else {
                    let (_, left, placed) = furthest;
                    let nothing = Found::Nothing { left, placed };
                    return if self.is_thorough { nothing } else { Found::Open };
                };
                if self.go_on(frame) {
                    break;
                }
            }
        }
        let placed = self.frames.drain(..).map(|frame| {
            let mut moves = [frame.forced.moves, frame.chosen].concat();
            moves.sort_unstable();
            Placed { sight: self.wanted[frame.at], moves }
        });
        Found::Order(placed.collect())
    }

    /// Takes back so many reads, whatever else might have been chosen there.
    fn take_back(&mut self, steps: usize) {
        for _ in 0..steps {
            let Some(frame) = self.frames.pop() else { return };
            self.is_placed[frame.at] = false;
            self.first = self.first.min(frame.at);
            self.made.unmake(&frame.chosen);
            self.made.release(&frame.forced);
            self.is_thorough = false;
        }
    }

    /// Places another read; false where none can be.
    fn place(&mut self) -> bool {
        while self.is_placed[self.first] {
            self.first += 1;
        }
        let eligible = self.eligible();
        let is_wrong = |at: usize| self.states[at] == State::Wrong;
        let fitting = eligible.iter().copied().find(|at| self.made.fits(*at, is_wrong(*at)));
        let mut others = if fitting.is_some() { Vec::new() } else { eligible };
        self.draw(&mut others);
        let mut frame = Frame {
            at: fitting.unwrap_or(usize::MAX),
            forced: Forced::default(),
            chosen: Vec::new(),
            ways: Vec::new().into_iter(),
            others: others.into_iter(),
        };
        match fitting {
            Some(at) => {
                self.is_placed[at] = true;
                frame.forced = self.made.force(at);
                self.frames.push(frame);
                true
            }
            None => self.try_others(frame),
        }
    }

    /// The reads that may be placed next: those that none of the others precedes, by their ends.
    fn eligible(&self) -> Vec<usize> {
        let bound_ns = self.bound_ns();
        let behind = self.first..self.wanted.len();
        let behind = behind.take_while(|at| self.earliest_ns[*at] <= bound_ns);
        behind
            .filter(|at| !self.is_placed[*at] && self.made.sight(*at).call_ns <= bound_ns)
            .collect()
    }

    /// No move that begins later comes before the next read.
    fn bound_ns(&self) -> u64 {
        let first = (self.first..self.wanted.len()).find(|at| !self.is_placed[*at]);
        first.map_or(0, |at| self.made.sight(at).return_ns)
    }

    /// The next way to place the read of `frame`, or another; false where there is none.
    fn go_on(&mut self, mut frame: Frame) -> bool {
        self.is_placed[frame.at] = false;
        self.first = self.first.min(frame.at);
        self.made.unmake(&std::mem::take(&mut frame.chosen));
        if self.try_ways(&mut frame) {
            self.frames.push(frame);
            return true;
        }
        self.made.release(&frame.forced);
        self.try_others(frame)
    }

    fn try_others(&mut self, mut frame: Frame) -> bool {
        while let Some(at) = frame.others.next() {
            frame.at = at;
            frame.forced = self.made.force(at);
            frame.ways = self.ways(at).into_iter();
            if self.try_ways(&mut frame) {
                self.frames.push(frame);
                return true;
            }
            self.made.release(&frame.forced);
        }
        false
    }

    fn try_ways(&mut self, frame: &mut Frame) -> bool {
        let Some(mut way) = frame.ways.next() else { return false };
        self.made.complete(frame.at, &mut way);
        self.made.make(&way);
        frame.chosen = way;
        self.is_placed[frame.at] = true;
        true
    }

    /// Where it is quick and there was a dead end, any of `ways` comes first.
    fn draw<T>(&mut self, ways: &mut [T]) {
        if self.is_quick && !ways.is_empty() {
            let way = self.retreat.way(self.frames.len(), ways.len());
            ways[..=way].rotate_right(1);
        }
    }

    /// Gives up what else might have been chosen long ago.
    fn forget(&mut self) {
        let Some(old) = self.frames.len().checked_sub(DEPTH) else { return };
        let Frame { ways, others, .. } = &mut self.frames[old];
        self.is_thorough &= ways.len() + others.len() == 0;
        (*ways, *others) = Default::default();
    }

    /// The ways to explain a read where what has to come before it was made. One that nothing explains,
    /// whatever the other reads say, is wrong, and needs no explanation.
    fn ways(&mut self, at: usize) -> Vec<Vec<u32>> {
        if self.states[at] == State::Wrong {
            return vec![Vec::new()];
        }
        let taken = self.frames.len();
        let instant = self.is_quick.then(|| self.retreat.any(taken, MOST_INSTANTS));
        let next = Scope::Next { bound_ns: self.bound_ns(), instant };
        let Ways { mut sets, are_all } = self.made.ways(at, next);
        self.draw(&mut sets);
        self.is_thorough &= are_all;
        if !sets.is_empty() || self.states[at] != State::Unasked {
            return sets;
        }
        let alone = self.made.ways(at, Scope::Alone);
        self.states[at] = match () {
            () if alone.are_none() => State::Wrong,
            () if alone.sets.is_empty() => State::Untried,
            () => State::Explained,
        };
        if !alone.are_none() {
            return sets;
        }
        let has_wrong_balance = self.made.has_wrong_balance(at);
        self.wrong.push(Wrong { sight: self.wanted[at], has_wrong_balance });
        vec![Vec::new()]
    }
}
