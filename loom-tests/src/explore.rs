//! Runs a scenario in every interleaving, and gathers what they show.

use std::any::Any;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use loom::model::Builder;
use loom::thread;
use store::{Mode, RaceWindow};

use crate::outcome::{Outcome, OutcomeOf};
use crate::{Claim, Conflict, Model, Scenario, Subject, quiet};

/// What the interleavings of a scenario showed.
pub(crate) struct Exploration<S: Subject> {
    pub(crate) seen: Seen<S>,
    /// The panic that ended the exploration before it was complete.
    pub(crate) stopped_by: Option<Box<dyn Any + Send>>,
    bound: Option<usize>,
    pub(crate) elapsed: Duration,
}

/// What was seen in all interleavings together.
pub(crate) struct Seen<S: Subject> {
    /// How many interleavings were begun.
    pub(crate) interleavings: usize,
    /// Each outcome with how often it was seen and in which interleaving first, of the
    /// interleavings in which all threads lived.
    pub(crate) outcomes: Vec<(OutcomeOf<S>, usize, usize)>,
    /// How many interleavings a thread ended the process in.
    pub(crate) fatal: usize,
    /// The first of them.
    pub(crate) first_fatal: Option<usize>,
    /// Which messages each thread ended the process with.
    pub(crate) messages: Vec<Vec<String>>,
}

/// How a thread ended: with its answers, or with the message it ended the process with.
type Ending<A> = Result<Vec<A>, String>;

/// How one interleaving ended: with its outcome, or how each thread did where one of them ended
/// the process.
type Run<S> = Result<OutcomeOf<S>, Vec<Ending<<S as Subject>::Answer>>>;

/// Runs `scenario` in every interleaving that the preemption bound allows, until an outcome is not
/// `allowed` or something else panics. Panics that say what is `expected` are not printed.
pub(crate) fn explore<S: Subject>(
    model: &Model,
    scenario: &'static Scenario<S>,
    expected: Option<&'static str>,
    allowed: impl Fn(&OutcomeOf<S>) -> bool + Send + Sync + 'static,
) -> Exploration<S> {
    let mode = model.catalogued();
    let builder = builder(model, scenario);
    // Not loom's lock: gathering is no part of the model.
    let gathered = Arc::new(Mutex::new(Seen::<S>::default()));
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

fn lock<T>(seen: &Mutex<T>) -> MutexGuard<'_, T> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Loom's settings: the environment's, and the model's bound where that has none.
fn builder<S: Subject>(model: &Model, scenario: &Scenario<S>) -> Builder {
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
    builder.location |= model.claim == Claim::DataRace && scenario.conflict != Conflict::None;
    builder
}

/// One interleaving.
fn run<S: Subject>(mode: &'static Mode, scenario: &'static Scenario<S>) -> Run<S> {
    // Not loom's Arc: its last clone is always the one here, after every join.
    let store = Arc::new(S::open(mode, scenario.start, RaceWindow::None));
    let (own, others) = scenario.threads.split_last().expect("a scenario has threads");
    let others: Vec<_> = others
        .iter()
        .map(|operations| {
            let store = Arc::clone(&store);
            thread::spawn(move || perform::<S>(&store, operations))
        })
        .collect();
    // The main thread takes part: each thread more multiplies the interleavings.
    let own = perform::<S>(&store, own);
    let mut endings: Vec<_> =
        others.into_iter().map(|other| other.join().expect("a panic ends the model")).collect();
    endings.push(own);
    match endings.iter().cloned().collect() {
        Ok(answers) => Ok(Outcome { answers, last: S::last(&store) }),
        Err(_) => Err(endings),
    }
}

/// Calls the store with each operation, until one of them would end the process.
fn perform<S: Subject>(store: &S::Store, operations: &[S::Operation]) -> Ending<S::Answer> {
    let calls = || operations.iter().map(|&operation| S::call(store, operation)).collect();
    panic::catch_unwind(AssertUnwindSafe(calls)).map_err(|panic| match quiet::message(&*panic) {
        Some(message) if message.starts_with("fatal error: ") => message.to_owned(),
        _ => panic::resume_unwind(panic),
    })
}

impl<S: Subject> Default for Seen<S> {
    fn default() -> Self {
        Self {
            interleavings: 0,
            outcomes: Vec::new(),
            fatal: 0,
            first_fatal: None,
            messages: Vec::new(),
        }
    }
}

impl<S: Subject> Seen<S> {
    fn add(&mut self, run: Run<S>) {
        match run {
            Ok(outcome) => self.add_outcome(outcome),
            Err(endings) => self.add_fatal(endings),
        }
    }

    fn add_outcome(&mut self, outcome: OutcomeOf<S>) {
        if let Some((_, times, _)) = self.outcomes.iter_mut().find(|(o, ..)| *o == outcome) {
            *times += 1;
        } else {
            self.outcomes.push((outcome, 1, self.interleavings));
        }
    }

    fn add_fatal(&mut self, endings: Vec<Ending<S::Answer>>) {
        self.fatal += 1;
        self.first_fatal.get_or_insert(self.interleavings);
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

impl<S: Subject> Exploration<S> {
    /// How many interleavings there were, of which.
    pub(crate) fn scope(&self) -> String {
        let plural = if self.seen.interleavings == 1 { "" } else { "s" };
        let bound = self.bound.map(|bound| format!(" of at most {bound} preemptions"));
        format!("{} interleaving{plural}{}", self.seen.interleavings, bound.unwrap_or_default())
    }
}

/// How many interleavings there were, and how long they took.
impl<S: Subject> fmt::Display for Exploration<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {:.2} s", self.scope(), self.elapsed.as_secs_f64())
    }
}
