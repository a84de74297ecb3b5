//! What a model checks.

use std::fmt::Debug;
use std::time::Duration;

use store::{Mode, RaceWindow, Settings};

use crate::outcome::Outcome;

/// What a model checks: a kind of store, what its operations mean, and how it is called with them.
///
/// Workloads whose stores are of one kind have one subject: `mistakes` is checked as `jobs` are.
pub trait Subject: Debug + 'static {
    /// One call of the store.
    type Operation: Debug + Copy + Send + Sync;
    /// What an operation was answered.
    type Answer: Debug + Clone + PartialEq + Send + Sync;
    /// What there is when all threads have ended.
    type Last: Debug + Clone + PartialEq + Send + Sync;
    /// What there is before any thread starts.
    type Start: Debug + Copy + Send + Sync;
    /// The store for one thread at a time: what the operations mean, without the sharing.
    type Twin: Clone;
    /// The store that is checked.
    type Store: Send + Sync;

    /// The twin at the start.
    fn twin(start: Self::Start) -> Self::Twin;

    /// The sequential meaning of an operation.
    fn step(operation: Self::Operation, twin: &mut Self::Twin) -> Self::Answer;

    /// What the twin leaves.
    fn last_of(twin: &Self::Twin) -> Self::Last;

    /// Opens a store in `mode`, as it is at the start.
    ///
    /// # Panics
    /// If the mode's store is of another kind.
    fn open(mode: &Mode, start: Self::Start, race_window: RaceWindow) -> Self::Store;

    /// Calls the store.
    fn call(store: &Self::Store, operation: Self::Operation) -> Self::Answer;

    /// What the store leaves, once all threads have ended.
    fn last(store: &Self::Store) -> Self::Last;

    /// How `outcome` cannot be, whatever the order of the operations; `None` if nothing of the kind
    /// shows. It sees less than a comparison with every order, and does not grow with their number.
    fn anomaly(
        start: Self::Start,
        threads: &[&[Self::Operation]],
        outcome: &Outcome<Self::Answer, Self::Last>,
    ) -> Option<&'static str>;
}

/// What the store of a model is opened with: how many seats there are, or how many jobs or results
/// there is room for, and what the racy modes do in between.
pub(crate) fn settings(capacity: usize, race_window: RaceWindow) -> Settings {
    // A model has no clock: a wait of any length is a point where another thread may run.
    Settings { race_window, capacity, service_time: Duration::ZERO, journal: None }
}
