//! Runs a mode under shuttle: at a size loom cannot exhaust, in schedules drawn at random.

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use shuttle::scheduler::{PctScheduler, RandomScheduler, ReplayScheduler, Scheduler};
use shuttle::{Config, Runner, thread};
use store::{Mode, RaceWindow};

use crate::outcome::Outcome;
use crate::{Subject, quiet};

/// How many threads there are.
pub const THREADS: usize = 8;
/// How many operations each of them makes.
pub const OPERATIONS: usize = 50;
/// How many schedules a mode has to hold in, of each scheduler.
const SCHEDULES: usize = 100;
/// How many preemptions PCT looks for, and one.
const DEPTH: usize = 3;
const DEFAULT_SEED: u64 = 20_000;

/// A mode under load.
#[derive(Debug)]
pub struct Load<S: Subject> {
    /// The workload's name in the catalogue.
    pub workload: &'static str,
    /// The mode's name in the catalogue.
    pub mode: &'static str,
    /// What the racy modes do in between.
    pub race_window: RaceWindow,
    /// What there is at the start.
    pub start: S::Start,
    /// What the thread of this number does as its n-th operation.
    pub operation: fn(usize, usize) -> S::Operation,
    /// Part of what shuttle is to find; `None` where every schedule is to hold.
    pub caught: Option<&'static str>,
}

impl<S: Subject> Load<S> {
    /// Draws schedules, until one fails.
    ///
    /// `SHUTTLE_SEED` is the seed that they are drawn with; `SHUTTLE_REPLAY` a schedule that failed,
    /// as it was printed, which alone is run then.
    ///
    /// # Panics
    /// If a schedule fails where all are to hold, or fails otherwise than it is to, or every one of the
    /// random ones holds where one is to fail; when a schedule is replayed, with whatever it fails with.
    pub fn check(&'static self) {
        let workload = store::Workload::named(self.workload).expect("a workload of the catalogue");
        let mode = workload.specimen(self.mode).expect("a mode of the catalogue").mode;
        if let Ok(schedule) = env::var("SHUTTLE_REPLAY") {
            let scheduler = ReplayScheduler::new_from_encoded(&schedule);
            Runner::new(scheduler, config()).run(move || self.run(mode));
            return;
        }
        let seed = seed();
        let random = RandomScheduler::new_from_seed(seed, SCHEDULES);
        let found = self.draw(mode, "random", seed, random);
        assert!(found || self.caught.is_none(), "held in {SCHEDULES} schedules of seed {seed}");
        self.draw(mode, "pct", seed, PctScheduler::new_from_seed(seed, DEPTH, SCHEDULES));
    }

    /// Whether a schedule failed, as it was to.
    fn draw(
        &'static self,
        mode: &'static Mode,
        name: &str,
        seed: u64,
        scheduler: impl Scheduler + 'static,
    ) -> bool {
        let begun = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&begun);
        let start = Instant::now();
        let end = quiet::about(None, move || {
            Runner::new(scheduler, config()).run(move || {
                count.fetch_add(1, Relaxed);
                self.run(mode);
            });
        });
        let (seconds, begun) = (start.elapsed().as_secs_f64(), begun.load(Relaxed));
        let failure =
            end.err().map(|panic| quiet::message(&*panic).unwrap_or("a panic").to_owned());
        let Self { workload, mode, race_window, caught, .. } = self;
        match (&failure, caught) {
            (Some(failure), Some(caught)) => assert!(failure.contains(caught), "{failure}"),
            (Some(failure), None) => panic!("schedule {begun} of seed {seed} fails: {failure}"),
            (None, _) => {}
        }
        let is_caught = failure.is_some();
        let found = if is_caught { "caught after" } else { "held in" };
        let what = failure.and(*caught).map(|caught| format!(" ({caught})")).unwrap_or_default();
        let plural = if begun == 1 { "" } else { "s" };
        println!(
            "schedules {workload} {mode} {name} {race_window}: \
             {found} {begun} schedule{plural}, {seconds:.2} s{what}"
        );
        is_caught
    }

    /// One schedule.
    fn run(&self, mode: &Mode) {
        let store = Arc::new(S::open(mode, self.start, self.race_window));
        let operation = self.operation;
        let operations: Vec<Vec<_>> = (0..THREADS)
            .map(|thread| (0..OPERATIONS).map(|n| operation(thread, n)).collect())
            .collect();
        let threads: Vec<_> = operations
            .iter()
            .cloned()
            .map(|operations| {
                let store = Arc::clone(&store);
                let calls = move || operations.into_iter().map(|o| S::call(&store, o)).collect();
                thread::spawn(calls)
            })
            .collect();
        let answers: Vec<Vec<_>> = threads
            .into_iter()
            .map(|thread| thread.join().expect("a panic ends the run"))
            .collect();
        let outcome = Outcome { answers, last: S::last(&store) };
        let operations: Vec<_> = operations.iter().map(Vec::as_slice).collect();
        if let Some(anomaly) = S::anomaly(self.start, &operations, &outcome) {
            panic!("{anomaly}");
        }
    }
}

/// Prints the schedule that fails.
fn config() -> Config {
    let mut config = Config::new();
    config.stack_size = 1 << 18;
    config
}

fn seed() -> u64 {
    let Ok(text) = env::var("SHUTTLE_SEED") else { return DEFAULT_SEED };
    text.parse().unwrap_or_else(|_| panic!("SHUTTLE_SEED is `{text}`: expected a number"))
}
