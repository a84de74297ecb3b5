//! What a workload is, what a mode, and what is expected of one.

use std::fmt;

use crate::booking::Seats;
use crate::bug::Bug;
use crate::counter::Counters;
use crate::jobs::Jobs;
use crate::results::Results;
use crate::settings::Settings;

/// Something that clients share, and the ways to protect it.
#[derive(Debug)]
pub struct Workload {
    /// What it is called on a command line and in a report.
    pub name: &'static str,
    /// What it is, in a few words.
    pub summary: &'static str,
    /// What its stores are opened with where nobody says otherwise.
    pub defaults: fn() -> Settings,
    /// Whether its stores begin with what [`Settings::journal`] holds and save to it.
    pub persists: bool,
    /// The ways to protect it, the broken ones first.
    pub modes: &'static [Mode],
}

/// A way to protect what is shared, or not to.
#[derive(Debug)]
pub struct Mode {
    /// What the mode is called on a command line and in a report; unique in its workload.
    pub name: &'static str,
    /// How it protects its state, in a few words.
    pub summary: &'static str,
    /// What becomes of it under load.
    pub expectation: Expectation,
    /// What is wrong with it, if anything is.
    pub bug: Option<Bug>,
    pub(crate) open: fn(&Settings) -> Store,
}

/// A store in some mode, by what it offers.
pub enum Store {
    /// Named counters.
    Counters(Box<dyn Counters>),
    /// Seats that are booked one by one.
    Seats(Box<dyn Seats>),
    /// Jobs by their ids.
    Jobs(Box<dyn Jobs>),
    /// A list of results.
    Results(Box<dyn Results>),
}

/// What becomes of a mode under load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// Every answer is right, and what was acknowledged is there.
    Correct,
    /// Acknowledged updates are missing.
    LosesUpdates,
    /// More is acknowledged as taken than there is.
    Oversells,
    /// The process ends.
    Crashes,
    /// It stops answering while the process lives.
    Hangs,
    /// Every answer is right, and only one request is served at a time.
    Serialises,
}

/// A mode of a workload: one switch position.
#[derive(Debug, Clone, Copy)]
pub struct Specimen {
    /// What is shared.
    pub workload: &'static Workload,
    /// How it is protected.
    pub mode: &'static Mode,
}

pub(crate) const fn mode(
    name: &'static str,
    expectation: Expectation,
    bug: Option<Bug>,
    summary: &'static str,
    open: fn(&Settings) -> Store,
) -> Mode {
    Mode { name, summary, expectation, bug, open }
}

impl Workload {
    /// Its mode of this name.
    ///
    /// # Errors
    /// When there is none; the error lists those there are.
    pub fn specimen(&'static self, mode: &str) -> Result<Specimen, UnknownName> {
        let found = self.specimens().find(|specimen| specimen.mode.name == mode);
        found.ok_or_else(|| UnknownName {
            name: mode.to_owned(),
            what: format!("mode of {}", self.name),
            expected: self.modes.iter().map(|mode| mode.name).collect(),
        })
    }

    /// A specimen for each of its modes.
    pub fn specimens(&'static self) -> impl Iterator<Item = Specimen> {
        self.modes.iter().map(move |mode| Specimen { workload: self, mode })
    }
}

impl Mode {
    /// A store in this mode, with nothing in it yet.
    #[must_use]
    pub fn open(&self, settings: &Settings) -> Store {
        (self.open)(settings)
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Correct => "correct",
            Self::LosesUpdates => "loses updates",
            Self::Oversells => "oversells",
            Self::Crashes => "crashes",
            Self::Hangs => "hangs",
            Self::Serialises => "one at a time",
        })
    }
}

impl fmt::Display for Specimen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.workload.name, self.mode.name)
    }
}

/// No workload, or no mode of it, has this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    pub(crate) name: String,
    pub(crate) what: String,
    pub(crate) expected: Vec<&'static str>,
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, what, expected } = self;
        write!(f, "`{name}` is not a {what}: expected one of {}", expected.join(", "))
    }
}

impl std::error::Error for UnknownName {}
