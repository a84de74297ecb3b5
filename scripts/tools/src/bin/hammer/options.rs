//! What the command line says.

use std::str::FromStr;
use std::time::Duration;

use store::{RaceWindow, Settings, Specimen, Workload};

pub(crate) const USAGE: &str = "\
usage: hammer WORKLOAD MODE [OPTION VALUE]...
  --threads N         how many threads call (8)
  --operations N      how many calls they make together (100000)
  --rounds N          in how many stores, one after the other, the calls share (1)
  --seed S            what the calls are drawn from (1)
  --readers PERCENT   how many of the calls read (25)
  --lists PERMILLE    how many of the calls list everything: each costs as much as the store is
                      large (1)
  --race-window W     what a racy mode does between read and write: none, yield, spin:N or a
                      duration (the workload's own)
  --capacity N        how many seats there are, or how many jobs or results there is room for
                      (the workload's own)
  --service-time D    how long the simulated slow call takes (0s)
  --stall D           without a call completed for so long, it is stalled (2s)";

/// A specimen, and what is done to it.
pub(crate) struct Options {
    pub(crate) specimen: Specimen,
    pub(crate) settings: Settings,
    pub(crate) threads: u64,
    /// In all rounds together.
    pub(crate) operations: u64,
    pub(crate) rounds: u64,
    pub(crate) seed: u64,
    /// Percent of the calls.
    pub(crate) readers: u64,
    /// Permille of the calls.
    pub(crate) lists: u64,
    pub(crate) stall: Duration,
}

impl Options {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let workload = arguments.next().ok_or("expected a workload and a mode")?;
        let workload = Workload::named(&workload).map_err(|error| error.to_string())?;
        let mode =
            arguments.next().ok_or_else(|| format!("expected a mode of {}", workload.name))?;
        let mut options = Self::defaults(workload.specimen(&mode).map_err(|e| e.to_string())?);
        while let Some(option) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("{option}: expected a value"))?;
            options.set(&option, &value)?;
        }
        Ok(options)
    }

    fn defaults(specimen: Specimen) -> Self {
        let defaults = (specimen.workload.defaults)();
        Self {
            specimen,
            settings: Settings { service_time: Duration::ZERO, ..defaults },
            threads: 8,
            operations: 100_000,
            rounds: 1,
            seed: 1,
            readers: 25,
            lists: 1,
            stall: Duration::from_secs(2),
        }
    }

    fn set(&mut self, option: &str, value: &str) -> Result<(), String> {
        let wrong = |expected: &str| format!("{option} {value}: expected {expected}");
        match option {
            "--threads" => {
                self.threads = at_least_one(value).ok_or_else(|| wrong("one or more"))?;
            }
            "--rounds" => {
                self.rounds = at_least_one(value).ok_or_else(|| wrong("one or more"))?;
            }
            "--operations" => {
                self.operations = number(value).ok_or_else(|| wrong("a number"))?;
            }
            "--seed" => {
                self.seed = number(value).ok_or_else(|| wrong("a number"))?;
            }
            "--capacity" => {
                self.settings.capacity = number(value).ok_or_else(|| wrong("a number"))?;
            }
            "--readers" => {
                let percent = number(value).filter(|percent| *percent <= 100);
                self.readers = percent.ok_or_else(|| wrong("a number from 0 to 100"))?;
            }
            "--lists" => {
                let permille = number(value).filter(|permille| *permille <= 1000);
                self.lists = permille.ok_or_else(|| wrong("a number from 0 to 1000"))?;
            }
            "--race-window" => {
                self.settings.race_window =
                    value.parse().map_err(|error| format!("{option}: {error}"))?;
            }
            "--service-time" => {
                self.settings.service_time = duration(value).ok_or_else(|| wrong("as 5ms"))?;
            }
            "--stall" => self.stall = duration(value).ok_or_else(|| wrong("as 2s"))?,
            _ => return Err(format!("{option}: no such option")),
        }
        Ok(())
    }
}

fn number<N: FromStr>(value: &str) -> Option<N> {
    value.parse().ok()
}

fn at_least_one(value: &str) -> Option<u64> {
    number(value).filter(|number| *number > 0)
}

/// A race window may be a duration; the store reads those already.
fn duration(value: &str) -> Option<Duration> {
    match value.parse() {
        Ok(RaceWindow::Wait(duration)) => Some(duration),
        _ => None,
    }
}
