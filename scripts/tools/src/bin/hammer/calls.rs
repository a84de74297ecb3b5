//! What the threads call, and what is to be found in the store afterwards.

use std::collections::HashSet;
use std::thread;

use store::{Counters, Jobs, Results, Seats, Store};

use crate::findings::Findings;
use crate::options::Options;
use crate::watchdog::{Completed, Progress};

/// Opens the specimen, lets threads call it, and looks at what is in it then.
pub(crate) fn round(options: &Options, round: u64, progress: &Progress) -> Findings {
    let run = Run { options, round, progress };
    match options.specimen.mode.open(&options.settings) {
        Store::Counters(counters) => run.counters(&*counters),
        Store::Seats(seats) => run.seats(&*seats),
        Store::Jobs(jobs) => run.jobs(&*jobs),
        Store::Results(results) => run.results(&*results),
    }
}

struct Run<'a> {
    options: &'a Options,
    round: u64,
    progress: &'a Progress,
}

/// A call to make.
enum Call {
    Write,
    /// A write where there is nothing to remove.
    Remove,
    Read,
    List,
}

/// The calls of one thread, drawn at random.
struct Calls<'a> {
    /// The thread's number, from 0.
    thread: u64,
    /// How many threads there are.
    threads: u64,
    /// How many calls it makes.
    to_make: u64,
    readers: u64,
    lists: u64,
    /// Never 0: xorshift would not leave it.
    random: u64,
    completed: &'a Completed,
}

/// What a thread knows of its writes.
#[derive(Default)]
struct Tally {
    acknowledged: u64,
    refused: u64,
    /// Acknowledged, and gone when the thread came to remove it.
    lost: u64,
    /// The ids that were acknowledged and not removed.
    kept: Vec<i64>,
}

impl Run<'_> {
    fn counters(&self, counters: &dyn Counters) -> Findings {
        let set = counters.set("i", 0);
        assert!(set.is_ok(), "an empty store refused a counter");
        let tallies = self.on_threads(|mut calls| {
            let mut tally = Tally::default();
            calls.make(|call, _| match call {
                Call::Write | Call::Remove => tally.count(counters.inc("i").is_ok()),
                Call::Read => {
                    // It is there, and which value it has is not judged here.
                    let _ = counters.get("i");
                }
                Call::List => drop(counters.list()),
            });
            tally
        });
        let state = counters.get("i").map_or(0, i64::unsigned_abs);
        let acknowledged = tallies.iter().map(|tally| tally.acknowledged).sum::<u64>();
        let lost = acknowledged.saturating_sub(state);
        let phantom = state.saturating_sub(acknowledged);
        Findings { state, lost, phantom, ..self.count(&tallies) }
    }

    fn seats(&self, seats: &dyn Seats) -> Findings {
        let before = seats.left();
        let tallies = self.on_threads(|mut calls| {
            let mut tally = Tally::default();
            calls.make(|call, _| match call {
                Call::Write | Call::Remove => tally.count(seats.book()),
                Call::Read | Call::List => {
                    seats.left();
                }
            });
            tally
        });
        let taken = before.abs_diff(seats.left());
        let counted = self.count(&tallies);
        let sold = counted.acknowledged;
        let (lost, phantom) = (sold.saturating_sub(taken), taken.saturating_sub(sold));
        let oversold = sold.saturating_sub(before.unsigned_abs());
        Findings { state: taken, lost, phantom, oversold, ..counted }
    }

    /// Some threads give their jobs ids, the others let the store choose them.
    fn jobs(&self, jobs: &dyn Jobs) -> Findings {
        let tallies = self.on_threads(|mut calls| {
            let mut tally = Tally::default();
            let gives_ids = calls.thread % 2 == 1;
            calls.make(|call, id| match call {
                Call::Write => tally.keep(jobs.add(gives_ids.then_some(id)).ok()),
                Call::Remove => tally.remove(|id| jobs.remove(id).is_ok()),
                Call::Read => {
                    jobs.contains(tally.kept.last().copied().unwrap_or(id));
                }
                Call::List => drop(jobs.list()),
            });
            tally
        });
        self.compare(tallies, jobs.list())
    }

    fn results(&self, results: &dyn Results) -> Findings {
        let tallies = self.on_threads(|mut calls| {
            let mut tally = Tally::default();
            calls.make(|call, id| match call {
                Call::Write | Call::Remove => tally.keep(results.save(id).ok().map(|()| id)),
                Call::Read | Call::List => drop(results.list()),
            });
            tally
        });
        results.finish();
        self.compare(tallies, results.list())
    }

    /// What `action` returned on each thread.
    fn on_threads(&self, action: impl Fn(Calls<'_>) -> Tally + Sync) -> Vec<Tally> {
        let action = &action;
        thread::scope(|scope| {
            let calls = (0..).zip(self.progress.of_threads()).map(|(i, done)| self.calls(i, done));
            let threads: Vec<_> = calls.map(|calls| scope.spawn(move || action(calls))).collect();
            threads.into_iter().map(|t| t.join().expect("no call panics")).collect()
        })
    }

    fn calls<'a>(&self, thread: u64, completed: &'a Completed) -> Calls<'a> {
        let Options { threads, operations, rounds, seed, readers, lists, .. } = *self.options;
        // What cannot be shared evenly goes to the first rounds and threads.
        let share = |whole: u64, parts: u64, i: u64| whole / parts + u64::from(i < whole % parts);
        let to_make = share(share(operations, rounds, self.round), threads, thread);
        let seed = seed.wrapping_mul(rounds).wrapping_add(self.round);
        let seed = seed.wrapping_mul(threads).wrapping_add(thread);
        Calls { thread, threads, to_make, readers, lists, random: scramble(seed) | 1, completed }
    }

    fn compare(&self, tallies: Vec<Tally>, listed: Vec<i64>) -> Findings {
        let counted = self.count(&tallies);
        let gone = tallies.iter().map(|tally| tally.lost).sum::<u64>();
        let kept: Vec<_> = tallies.into_iter().flat_map(|tally| tally.kept).collect();
        let distinct: HashSet<_> = kept.iter().copied().collect();
        let listed: HashSet<_> = listed.into_iter().collect();
        Findings {
            state: number(listed.len()),
            lost: gone + number(distinct.difference(&listed).count()),
            duplicate: number(kept.len() - distinct.len()),
            phantom: number(listed.difference(&distinct).count()),
            ..counted
        }
    }

    fn count(&self, tallies: &[Tally]) -> Findings {
        let Options { operations, rounds, .. } = *self.options;
        Findings {
            operations: operations / rounds + u64::from(self.round < operations % rounds),
            acknowledged: tallies.iter().map(|tally| tally.acknowledged).sum(),
            refused: tallies.iter().map(|tally| tally.refused).sum(),
            ..Findings::default()
        }
    }
}

impl Calls<'_> {
    /// Makes the calls, each with an id that no other call of the round has.
    fn make(&mut self, mut call: impl FnMut(Call, i64)) {
        /// Ids run downwards from here, those that a store chooses upwards.
        const TOP: u64 = 1 << 40;
        for made in 0..self.to_make {
            let id = TOP - (made * self.threads + self.thread);
            let next = self.next();
            call(next, id.cast_signed());
            self.completed.count();
        }
    }

    fn next(&mut self) -> Call {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let drawn = self.random >> 32;
        if drawn % 1000 < self.lists {
            Call::List
        } else if drawn % 100 < self.readers {
            Call::Read
        } else if self.random.is_multiple_of(8) {
            Call::Remove
        } else {
            Call::Write
        }
    }
}

impl Tally {
    fn count(&mut self, acknowledged: bool) {
        if acknowledged {
            self.acknowledged += 1;
        } else {
            self.refused += 1;
        }
    }

    /// Notes the id of an update that was acknowledged, or that one was not.
    fn keep(&mut self, id: Option<i64>) {
        self.count(id.is_some());
        self.kept.extend(id);
    }

    /// Removes the latest id that was kept.
    fn remove(&mut self, remove: impl FnOnce(i64) -> bool) {
        if let Some(id) = self.kept.pop() {
            self.lost += u64::from(!remove(id));
        }
    }
}

/// `SplitMix64`'s last step: seeds that are close to each other become numbers that are not.
fn scramble(seed: u64) -> u64 {
    let mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn number(length: usize) -> u64 {
    u64::try_from(length).expect("a length fits into 64 bits")
}
