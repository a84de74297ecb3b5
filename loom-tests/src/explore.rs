//! Runs a scenario in every interleaving, and gathers what they show.

use std::any::Any;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use loom::model::Builder;
use loom::thread;
use store::{Counters, Mode, RaceWindow};

use crate::outcome::{Answer, Outcome};
use crate::quiet;
use crate::scenarios::{NAME, Operation, Scenario};
use crate::{Claim, Model};

/// What the interleavings of a scenario showed.
#[derive(Debug)]
pub(crate) struct Exploration {
    pub(crate) seen: Seen,
    /// The panic that ended the exploration before it was complete.
    pub(crate) stopped_by: Option<Box<dyn Any + Send>>,
    bound: Option<usize>,
    elapsed: Duration,
}

/// What was seen in all interleavings together.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// How many interleavings were begun.
    pub(crate) interleavings: usize,
    /// Each outcome with how often it was seen, of the interleavings in which all threads lived.
    pub(crate) outcomes: Vec<(Outcome, usize)>,
    /// How many interleavings a thread ended the process in.
    pub(crate) fatal: usize,
    /// Which messages each thread ended the process with.
    pub(crate) messages: Vec<Vec<String>>,
}

/// How a thread ended: with its answers, or with the message it ended the process with.
type Ending = Result<Vec<Answer>, String>;

/// Runs `scenario` in every interleaving that the preemption bound allows, until an outcome is not
/// `allowed` or something else panics. Panics that say what is `expected` are not printed.
pub(crate) fn explore(
    model: &Model,
    scenario: &'static Scenario,
    expected: Option<&'static str>,
    allowed: impl Fn(&Outcome) -> bool + Send + Sync + 'static,
) -> Exploration {
    let mode: &'static Mode = model.mode_name().parse().expect("a mode of the catalogue");
    let builder = builder(model, scenario);
    // Not loom's lock: gathering is no part of the model.
    let gathered = Arc::new(Mutex::new(Seen::default()));
    let seen = Arc::clone(&gathered);
    let start = Instant::now();
    let end = quiet::about(expected, || {
        builder.check(move || {
            lock(&seen).interleavings += 1;
            let run = run(mode, scenario);
            if let Ok(outcome) = &run {
                assert!(allowed(outcome), "no order of the operations explains {outcome:?}");
            }
            lock(&seen).add(run);
        });
    });
    let seen = std::mem::take(&mut *lock(&gathered));
    Exploration {
        seen,
        stopped_by: end.err(),
        bound: builder.preemption_bound,
        elapsed: start.elapsed(),
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Loom's settings: the environment's, and the model's bound where that has none.
fn builder(model: &Model, scenario: &Scenario) -> Builder {
    let mut builder = Builder::new();
    // Loom does not say when it stops early, nor when a checkpoint made it start late.
    assert!(
        builder.max_duration.is_none()
            && builder.max_permutations.is_none()
            && builder.checkpoint_file.is_none(),
        "incomplete: unset LOOM_MAX_DURATION, LOOM_MAX_PERMUTATIONS and LOOM_CHECKPOINT_FILE"
    );
    if builder.preemption_bound.is_none() {
        let more_threads = scenario.threads.len().saturating_sub(2);
        builder.preemption_bound =
            model.preemptions.map(|bound| bound.saturating_sub(more_threads));
    }
    // Costly, and worth it only where the exploration is to end at the first race.
    builder.location |= model.claim == Claim::DataRace;
    builder
}

/// One interleaving: its outcome, or how each thread ended where one of them ended the process.
fn run(mode: &'static Mode, scenario: &'static Scenario) -> Result<Outcome, Vec<Ending>> {
    // Not loom's Arc: its last clone is always the one here, after every join.
    let store: Arc<dyn Counters> = Arc::from(mode.open(RaceWindow::None));
    if let Some(initial) = scenario.initial {
        store.set(NAME, initial).expect("an empty store takes a name");
    }
    let (own, others) = scenario.threads.split_last().expect("a scenario has threads");
    let others: Vec<_> = others
        .iter()
        .map(|operations| {
            let store = Arc::clone(&store);
            thread::spawn(move || perform(&*store, operations))
        })
        .collect();
    // The main thread takes part: each thread more multiplies the interleavings.
    let own = perform(&*store, own);
    let mut endings: Vec<_> =
        others.into_iter().map(|other| other.join().expect("a panic ends the model")).collect();
    endings.push(own);
    match endings.iter().cloned().collect() {
        Ok(answers) => Ok(Outcome { answers, last: store.get(NAME).ok() }),
        Err(_) => Err(endings),
    }
}

/// Calls the store with each operation, until one of them would end the process.
fn perform(store: &dyn Counters, operations: &[Operation]) -> Ending {
    let calls = || operations.iter().map(|&operation| call(store, operation)).collect();
    panic::catch_unwind(AssertUnwindSafe(calls)).map_err(|panic| match quiet::message(&*panic) {
        Some(message) if message.starts_with("fatal error: ") => message.to_owned(),
        _ => panic::resume_unwind(panic),
    })
}

fn call(store: &dyn Counters, operation: Operation) -> Answer {
    match operation {
        Operation::Set(value) => store.set(NAME, value).map(|()| None),
        Operation::Increment => store.inc(NAME).map(Some),
        Operation::Read => store.get(NAME).map(Some),
        Operation::List => Ok(store.list().first().map(|(_, value)| *value)),
    }
}

impl Seen {
    fn add(&mut self, run: Result<Outcome, Vec<Ending>>) {
        match run {
            Ok(outcome) => self.add_outcome(outcome),
            Err(endings) => self.add_fatal(endings),
        }
    }

    fn add_outcome(&mut self, outcome: Outcome) {
        if let Some((_, times)) = self.outcomes.iter_mut().find(|(seen, _)| *seen == outcome) {
            *times += 1;
        } else {
            self.outcomes.push((outcome, 1));
        }
    }

    fn add_fatal(&mut self, endings: Vec<Ending>) {
        self.fatal += 1;
        self.messages.resize(endings.len(), Vec::new());
        for (messages, ending) in self.messages.iter_mut().zip(endings) {
            if let Err(message) = ending
                && !messages.contains(&message)
            {
                messages.push(message);
            }
        }
    }
}

impl fmt::Display for Exploration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.seen.interleavings == 1 { "" } else { "s" };
        write!(f, "{} interleaving{plural}", self.seen.interleavings)?;
        if let Some(bound) = self.bound {
            write!(f, " of at most {bound} preemptions")?;
        }
        write!(f, ", {:.2} s", self.elapsed.as_secs_f64())
    }
}
