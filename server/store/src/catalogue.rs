//! Every mode with what it is expected to do; the one list that help texts, runs and tests read.

use std::fmt;
use std::str::FromStr;

use crate::atomic::Atomic;
use crate::channel::Channel;
use crate::counters::Counters;
use crate::go_map::GoMap;
use crate::load_store::LoadStore;
use crate::mutex::Mutex;
use crate::race_window::RaceWindow;
use crate::racy::Racy;
use crate::rwlock::RwLock;

/// A way to protect shared counters, or not to.
#[derive(Debug)]
pub struct Mode {
    /// What the mode is called on a command line and in a report.
    pub name: &'static str,
    /// How it protects its state, in a few words.
    pub summary: &'static str,
    /// What concurrent increments are expected to do to it.
    pub expectation: Expectation,
    open: fn(RaceWindow) -> Box<dyn Counters>,
}

/// What becomes of concurrent increments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// Every acknowledged increment is in the counter.
    Correct,
    /// Acknowledged increments are missing from the counter.
    LosesUpdates,
    /// The process ends when two operations meet.
    Crashes,
}

/// Every mode, the broken ones first.
#[rustfmt::skip] // a mode is a line
pub static CATALOGUE: [Mode; 7] = {
    use Expectation::{Correct, Crashes, LosesUpdates};
    [
        mode("racy",       LosesUpdates, "read, race window, write: no synchronisation at all", |window| Box::new(Racy::new(window))),
        mode("load-store", LosesUpdates, "an atomic load, race window, an atomic store: no data race, and still a race", |window| Box::new(LoadStore::new(window))),
        mode("go-map",     Crashes,      "a map that ends the process when two use it at once, as Go's do", |window| Box::new(GoMap::new(window))),
        mode("mutex",      Correct,      "one lock around the map", |_| Box::new(Mutex::new())),
        mode("rwlock",     Correct,      "readers side by side, writers alone", |_| Box::new(RwLock::new())),
        mode("atomic",     Correct,      "one atomic read-modify-write", |window| Box::new(Atomic::new(window))),
        mode("channel",    Correct,      "a manager thread owns the map and is sent commands", |_| Box::new(Channel::new())),
    ]
};

const fn mode(
    name: &'static str,
    expectation: Expectation,
    summary: &'static str,
    open: fn(RaceWindow) -> Box<dyn Counters>,
) -> Mode {
    Mode { name, summary, expectation, open }
}

impl Mode {
    /// An empty store in this mode. `race_window` matters to the modes that have a race.
    #[must_use]
    pub fn open(&self, race_window: RaceWindow) -> Box<dyn Counters> {
        (self.open)(race_window)
    }
}

impl FromStr for &'static Mode {
    type Err = UnknownMode;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        CATALOGUE.iter().find(|mode| mode.name == name).ok_or_else(|| UnknownMode(name.to_owned()))
    }
}

/// No mode has this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownMode(String);

impl fmt::Display for UnknownMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = CATALOGUE.iter().map(|mode| mode.name).collect();
        write!(f, "`{}` is no mode: expected one of {}", self.0, names.join(", "))
    }
}

impl std::error::Error for UnknownMode {}
