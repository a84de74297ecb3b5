//! The specimen that a command line chooses: a workload, and a mode of it.

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::error::ErrorKind;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use store::{Mode, Specimen, WORKLOADS, Workload};

/// The options `--workload` and `--mode`, whose names go together or are refused together.
#[derive(Debug, Clone, Copy)]
pub struct Choice(pub Specimen);

const WORKLOAD: &str = "workload";
const MODE: &str = "mode";

/// The mode where none is named: the usual cure where it is to be had, the last of the list where
/// it is not.
fn default_mode(workload: &Workload) -> &'static Mode {
    let mutex = workload.modes.iter().find(|mode| mode.name == "mutex");
    mutex.or(workload.modes.last()).expect("a workload has modes")
}

/// Every workload with its modes, for a long help.
#[must_use]
pub fn modes_help() -> String {
    let workload = |workload: &&Workload| {
        let modes = workload
            .modes
            .iter()
            .map(|mode| format!("\n  - {}: {} ({})", mode.name, mode.summary, mode.expectation));
        format!("{}: {}{}", workload.name, workload.summary, modes.collect::<String>())
    };
    WORKLOADS.iter().map(workload).collect::<Vec<_>>().join("\n")
}

/// Takes the name of a workload, and lists them all in the help.
fn workload_names() -> PossibleValuesParser {
    let names =
        WORKLOADS.iter().map(|workload| PossibleValue::new(workload.name).help(workload.summary));
    PossibleValuesParser::new(names)
}

impl Args for Choice {
    fn augment_args(command: Command) -> Command {
        let workload = Arg::new(WORKLOAD)
            .long(WORKLOAD)
            .value_name("WORKLOAD")
            .value_parser(workload_names())
            .default_value(WORKLOADS[0].name)
            .help("What is shared");
        let mode = Arg::new(MODE)
            .long(MODE)
            .value_name("MODE")
            .help("How it is protected [default: mutex, where there is one]")
            .long_help(format!(
                "How it is protected [default: mutex, where there is one]\n\n{}",
                modes_help()
            ));
        command.arg(workload).arg(mode)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Choice {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let wrong = |error: store::UnknownName| {
            clap::Error::raw(ErrorKind::ValueValidation, format!("{error}\n"))
        };
        let workload = matches.get_one::<String>(WORKLOAD).map_or(WORKLOADS[0].name, |name| name);
        let workload = Workload::named(workload).map_err(wrong)?;
        let specimen = match matches.get_one::<String>(MODE) {
            Some(mode) => workload.specimen(mode).map_err(wrong)?,
            None => Specimen { workload, mode: default_mode(workload) },
        };
        Ok(Self(specimen))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
