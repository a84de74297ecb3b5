//! What protection costs: the modes by the share of their calls that read and the number of threads
//! that call, with what a user would pick beside them.
//!
//! Left out are the modes that crash or hang, those that append to a list, which gets longer the
//! faster they are, and those whose call waits for something else: they are in `slow_call`, or like
//! those that are.

mod peers;

use std::cell::Cell;
use std::fmt;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use loadgen_store::{
    Bug, Counters, Expectation, Jobs, Mode, RaceWindow, Results, Seats, Settings, Store, Workload,
};

fn main() {
    divan::main();
}

/// Of a hundred calls so many read.
const READ_SHARES: [u64; 4] = [0, 50, 90, 99];
const THREADS: [usize; 4] = [1, 2, 4, 8];
/// The calls of a sample, of all its threads together: what it takes to start them is a few per
/// cent of what these take, and they go on for long enough that the threads meet.
const CALLS: usize = 100_000;
/// Those whose call takes a millisecond.
const SLOW_CALLS: usize = 64;
/// Jobs are added and found again: as many as these, so that no store grows.
const IDS: i64 = 1000;

/// One way to protect something, and how much of its use is reading.
struct Case<S: ?Sized> {
    name: String,
    read_share: u64,
    open: Box<dyn Fn() -> Box<S> + Sync + Send>,
}

impl<S: ?Sized> fmt::Display for Case<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} reads={}%", self.name, self.read_share)
    }
}

/// The modes of `workload` that neither crash nor hang, and the `peers`, at each read share.
fn cases<S: ?Sized + 'static>(
    workload: &str,
    store: fn(Store) -> Box<S>,
    peers: &[peers::Peer<S>],
) -> Vec<Case<S>> {
    use Expectation::{Correct, LosesUpdates, Oversells};
    let workload = Workload::named(workload).expect("it is in the catalogue");
    let is_measured = |mode: &&Mode| {
        // The list that two append to is searched from end to end: it grows, and is no match.
        matches!(mode.expectation, Correct | LosesUpdates | Oversells)
            && !matches!(mode.bug, Some(Bug::RacyAppend))
    };
    let modes = workload.modes.iter().filter(is_measured);
    let mut cases = Vec::new();
    for read_share in READ_SHARES {
        for mode in modes.clone() {
            let open = move || {
                // Seats that are never sold out.
                let (race_window, capacity) = (RaceWindow::None, 1 << 40);
                store(mode.open(&Settings { race_window, capacity, ..(workload.defaults)() }))
            };
            cases.push(Case { name: mode.name.to_owned(), read_share, open: Box::new(open) });
        }
        for (name, open) in peers {
            cases.push(Case { name: (*name).to_owned(), read_share, open: Box::new(*open) });
        }
    }
    cases
}

/// By the wall clock, `calls` calls that `threads` threads make together. A thread's own time would
/// not do: of more threads than cores each has calls that meet nobody, while others wait to run.
fn measure<R>(bencher: Bencher, threads: usize, calls: usize, call: impl Fn() -> R + Sync) {
    bencher.counter(ItemsCount::new(calls)).bench_local(|| {
        let start = Barrier::new(threads);
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    start.wait();
                    for _ in 0..calls / threads {
                        black_box(call());
                    }
                });
            }
        });
    });
}

/// Whether this call of the calling thread reads; the reads are spread over its calls.
fn reads(share: u64) -> (bool, i64) {
    thread_local! {
        static TURN: Cell<u64> = const { Cell::new(0) };
    }
    let turn = TURN.get();
    TURN.set(turn + 1);
    (turn * 37 % 100 < share, i64::try_from(turn).unwrap_or_default() % IDS)
}

#[divan::bench(args = cases("counter", counters, &peers::counters()), consts = THREADS, sample_count = 9, max_time = 0.3)]
fn counter<const N: usize>(bencher: Bencher, case: &Case<dyn Counters>) {
    let counters = (case.open)();
    counters.set("i", 0).expect("there is room for one");
    let call = || match reads(case.read_share) {
        (true, _) => counters.get("i"),
        (false, _) => counters.inc("i"),
    };
    measure(bencher, N, CALLS, call);
}

#[divan::bench(args = cases("jobs", jobs, &peers::jobs()), consts = THREADS, sample_count = 9, max_time = 0.3)]
fn job<const N: usize>(bencher: Bencher, case: &Case<dyn Jobs>) {
    let jobs = (case.open)();
    for id in 0..IDS {
        jobs.add(Some(id)).expect("there is room");
    }
    let call = || match reads(case.read_share) {
        (true, id) => jobs.contains(id),
        (false, id) => jobs.add(Some(id)).is_ok(),
    };
    measure(bencher, N, CALLS, call);
}

#[divan::bench(args = cases("booking", seats, &[]), consts = THREADS, sample_count = 9, max_time = 0.3)]
fn booking<const N: usize>(bencher: Bencher, case: &Case<dyn Seats>) {
    let seats = (case.open)();
    let call = || match reads(case.read_share) {
        (true, _) => seats.left() > 0,
        (false, _) => seats.book(),
    };
    measure(bencher, N, CALLS, call);
}

/// The lock is taken after the slow call of a millisecond, or before it.
#[divan::bench(args = ["mutex", "rwlock", "lock-before-sleep"], consts = THREADS, sample_count = 9, max_time = 0.3)]
fn slow_call<const N: usize>(bencher: Bencher, mode: &str) {
    let workload = Workload::named("results").expect("it is in the catalogue");
    let mode = workload.specimen(mode).expect("it is a mode of it").mode;
    let service_time = Duration::from_millis(1);
    let results = results(mode.open(&Settings { service_time, ..(workload.defaults)() }));
    measure(bencher, N, SLOW_CALLS, || results.save(1));
}

fn counters(store: Store) -> Box<dyn Counters> {
    let Store::Counters(counters) = store else { unreachable!("the workload counts") };
    counters
}

fn jobs(store: Store) -> Box<dyn Jobs> {
    let Store::Jobs(jobs) = store else { unreachable!("the workload stores jobs") };
    jobs
}

fn seats(store: Store) -> Box<dyn Seats> {
    let Store::Seats(seats) = store else { unreachable!("the workload books seats") };
    seats
}

fn results(store: Store) -> Box<dyn Results> {
    let Store::Results(results) = store else { unreachable!("the workload saves results") };
    results
}
