//! The specimens.

use std::num::NonZeroUsize;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};
use documents::Address;
use store::{RaceWindow, WORKLOADS};

/// Which specimens are loaded.
#[derive(Args, Debug)]
pub(in crate::cli) struct SpecimenArguments {
    /// Load a workload of loadgen's own server, or all of them, with a load that fits; a URL is
    /// then that server's [default: counter if there is no URL]
    #[arg(long, value_name = "WORKLOAD", value_parser = workload_names(), help_heading = SPECIMENS)]
    pub(in crate::cli) workload: Option<String>,

    /// Without a URL: how the workload is protected; several modes separated by commas, or all
    #[arg(long, value_name = "MODE", value_delimiter = ',', help_heading = SPECIMENS, long_help = modes_help())]
    pub(in crate::cli) mode: Vec<String>,

    /// Without a URL: what the racy modes do between read and write: none, yield, spin:N or a
    /// duration [default: 1us; booking and documents: 1ms; acknowledge-first: 50ms; unawaited:
    /// none]
    #[arg(long, value_name = "WINDOW", help_heading = SPECIMENS)]
    pub(in crate::cli) race_window: Option<RaceWindow>,

    /// Where documents are kept.
    #[arg(long, value_name = "URL", help_heading = SPECIMENS, help = DATABASE_HELP)]
    pub(in crate::cli) database: Option<Address>,

    /// Without a URL: number of servers that share the database of the documents [default: 1]
    #[arg(long, value_name = "N", value_parser = server::cli::servers, help_heading = SPECIMENS)]
    pub(in crate::cli) servers: Option<NonZeroUsize>,
}

const SPECIMENS: &str = "Specimens";

const DATABASE_HELP: &str = "Without a URL: the database for the documents, if it is built in: \
    sqlite:FILE, postgres://…, mysql://…, mongodb://… or redis://… \
    [default: SQLite in a temporary file]";

/// The name of every workload, and for all of them.
pub(in crate::cli) const ALL: &str = "all";

fn workload_names() -> PossibleValuesParser {
    let workloads =
        WORKLOADS.map(|workload| PossibleValue::new(workload.name).help(workload.summary));
    let documents = PossibleValue::new(documents::WORKLOAD).help(documents::SUMMARY);
    let all = PossibleValue::new(ALL).help("all workloads, with a line for each mode");
    PossibleValuesParser::new(workloads.into_iter().chain([documents, all]))
}

fn modes_help() -> String {
    format!(
        "Without a URL: how the workload is protected; several modes separated by commas, or all \
         [default: racy,mutex; all if the workload does not have these]\n\n{}",
        server::modes_help()
    )
}
