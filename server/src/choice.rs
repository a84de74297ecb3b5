//! What a command line chooses to be served: a workload, and a mode of it.

use std::error::Error;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::error::ErrorKind;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use store::{Mode, Specimen, WORKLOADS, Workload};

/// The options `--workload` and `--mode`, whose names go together or are refused together.
#[derive(Debug, Clone, Copy)]
pub struct Choice(pub Chosen);

/// A mode of some workload.
#[derive(Debug, Clone, Copy)]
pub enum Chosen {
    /// Of one that is kept in memory.
    Specimen(Specimen),
    /// Of the documents, which are kept in a database.
    Documents(&'static documents::Mode),
}

const WORKLOAD: &str = "workload";
const MODE: &str = "mode";
const MODE_HELP: &str = "How the workload is protected [default: mutex, or the last mode listed]";

/// The mode where none is named: the usual cure where it is to be had, the last of the list where
/// it is not.
fn default_mode(workload: &Workload) -> &'static Mode {
    let mutex = workload.modes.iter().find(|mode| mode.name == "mutex");
    mutex.or(workload.modes.last()).expect("a workload has modes")
}

/// The mode of the documents where none is named: the last listed, as for any workload without a mutex.
fn default_documents() -> &'static documents::Mode {
    documents::MODES.last().expect("there are some")
}

/// Every workload with its modes, for a long help.
#[must_use]
pub fn modes_help() -> String {
    let workload = |workload: &Workload| {
        let modes = workload
            .modes
            .iter()
            .map(|mode| format!("\n  - {}: {} ({})", mode.name, mode.summary, mode.expectation));
        format!("{}: {}{}", workload.name, workload.summary, modes.collect::<String>())
    };
    let mode = |mode: &documents::Mode| {
        format!("\n  - {}: {} ({})", mode.name, mode.summary, mode.expected_in_words())
    };
    let modes: String = documents::MODES.iter().map(mode).collect();
    let documents = format!("{}: {}{modes}", documents::WORKLOAD, documents::SUMMARY);
    WORKLOADS.into_iter().map(workload).chain([documents]).collect::<Vec<_>>().join("\n")
}

/// Takes the name of a workload, and lists them all in the help.
fn workload_names() -> PossibleValuesParser {
    let names =
        WORKLOADS.iter().map(|workload| PossibleValue::new(workload.name).help(workload.summary));
    let documents = PossibleValue::new(documents::WORKLOAD).help(documents::SUMMARY);
    PossibleValuesParser::new(names.chain([documents]))
}

impl Args for Choice {
    fn augment_args(command: Command) -> Command {
        let workload = Arg::new(WORKLOAD)
            .long(WORKLOAD)
            .value_name("WORKLOAD")
            .value_parser(workload_names())
            .default_value(WORKLOADS[0].name)
            .help("What clients share");
        let mode = Arg::new(MODE)
            .long(MODE)
            .value_name("MODE")
            .help(MODE_HELP)
            .long_help(format!("{MODE_HELP}\n\n{}", modes_help()));
        command.arg(workload).arg(mode)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Choice {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let wrong =
            |error: &dyn Error| clap::Error::raw(ErrorKind::ValueValidation, format!("{error}\n"));
        let workload = matches.get_one::<String>(WORKLOAD).map_or(WORKLOADS[0].name, |name| name);
        let mode = matches.get_one::<String>(MODE);
        if workload == documents::WORKLOAD {
            let named = mode.map(|mode| documents::Mode::named(mode)).transpose();
            let mode = named.map_err(|error| wrong(&error))?.unwrap_or_else(default_documents);
            return Ok(Self(Chosen::Documents(mode)));
        }
        let workload = Workload::named(workload).map_err(|error| wrong(&error))?;
        let specimen = match mode {
            Some(mode) => workload.specimen(mode).map_err(|error| wrong(&error))?,
            None => Specimen { workload, mode: default_mode(workload) },
        };
        Ok(Self(Chosen::Specimen(specimen)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(arguments: &[&str]) -> Result<String, clap::Error> {
        let command = Choice::augment_args(Command::new("server").no_binary_name(true));
        let matches = command.try_get_matches_from(arguments)?;
        Choice::from_arg_matches(&matches).map(|Choice(chosen)| match chosen {
            Chosen::Specimen(specimen) => specimen.to_string(),
            Chosen::Documents(mode) => format!("documents {}", mode.name),
        })
    }

    #[test]
    fn every_specimen_can_be_chosen() {
        for specimen in WORKLOADS.into_iter().flat_map(Workload::specimens) {
            let Specimen { workload, mode } = specimen;
            let arguments = ["--mode", mode.name, "--workload", workload.name];
            assert_eq!(chosen(&arguments).unwrap(), specimen.to_string());
        }
    }

    #[test]
    fn every_mode_of_the_documents_can_be_chosen() {
        for mode in &documents::MODES {
            let arguments = ["--mode", mode.name, "--workload", "documents"];
            assert_eq!(chosen(&arguments).unwrap(), format!("documents {}", mode.name));
        }
        assert_eq!(chosen(&["--workload", "documents"]).unwrap(), "documents atomic");
    }

    #[test]
    fn without_a_mode_it_is_the_usual_cure() {
        assert_eq!(chosen(&[]).unwrap(), "counter mutex");
        assert_eq!(chosen(&["--mode", "atomic"]).unwrap(), "counter atomic");
        for workload in ["counter", "booking", "jobs", "results"] {
            let arguments = ["--workload", workload];
            assert_eq!(chosen(&arguments).unwrap(), format!("{workload} mutex"));
        }
        assert_eq!(chosen(&["--workload", "unawaited"]).unwrap(), "unawaited awaited");
    }

    #[test]
    fn names_that_do_not_go_together_are_wrong_usage() {
        for arguments in [
            &["--mode", "always-ok"][..],
            &["--workload", "booking", "--mode", "sharded"],
            &["--workload", "mistakes", "--mode", "mutex"],
            &["--workload", "documents", "--mode", "mutex"],
            &["--mode", "optimistic"],
            &["--workload", "Booking"],
            &["--workload", "jobs", "--mode", "Mutex"],
        ] {
            assert_eq!(chosen(arguments).unwrap_err().exit_code(), 2, "{arguments:?}");
        }
    }
}
