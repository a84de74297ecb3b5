//! The specimens.

use std::num::NonZeroUsize;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};
use documents::Address;
use store::{RaceWindow, WORKLOADS};

/// Which specimens are loaded.
#[derive(Args, Debug)]
pub(in crate::cli) struct SpecimenArguments {
    /// Load one of the server's workloads, or all of them, as suits it; a URL is then the
    /// server's [default: counter without URL]
    #[arg(long, value_name = "WORKLOAD", value_parser = workload_names(), help_heading = SPECIMENS)]
    pub(in crate::cli) workload: Option<String>,

    /// Without URL: how the workload is protected; several with commas, or all
    #[arg(long, value_name = "MODE", value_delimiter = ',', help_heading = SPECIMENS, long_help = modes_help())]
    pub(in crate::cli) mode: Vec<String>,

    /// Without URL: what the racy modes do between read and write: none, yield, spin:N or a
    /// duration [default: 1us; booking and documents: 1ms; acknowledge-first: 50ms; unawaited: none]
    #[arg(long, value_name = "WINDOW", help_heading = SPECIMENS)]
    pub(in crate::cli) race_window: Option<RaceWindow>,

    /// Where documents are kept.
    #[arg(long, value_name = "URL", help_heading = SPECIMENS, help = DATABASE_HELP)]
    pub(in crate::cli) database: Option<Address>,

    /// Without URL: so many servers over the database of the documents [default: 1]
    #[arg(long, value_name = "N", value_parser = server::cli::servers, help_heading = SPECIMENS)]
    pub(in crate::cli) servers: Option<NonZeroUsize>,
}

const SPECIMENS: &str = "Specimens";

const DATABASE_HELP: &str = "Without URL: the database that documents are kept in: sqlite:FILE, postgres://…, \
    mysql://…, mongodb://… or redis://…, as far as they are built in [default: SQLite in a temporary file]";

/// The name of every workload, and for all of them.
pub(in crate::cli) const ALL: &str = "all";

fn workload_names() -> PossibleValuesParser {
    let workloads =
        WORKLOADS.map(|workload| PossibleValue::new(workload.name).help(workload.summary));
    let documents = PossibleValue::new(documents::WORKLOAD).help(documents::SUMMARY);
    let all = PossibleValue::new(ALL).help("all of them, a line for each mode");
    PossibleValuesParser::new(workloads.into_iter().chain([documents, all]))
}

fn modes_help() -> String {
    format!(
        "Without URL: how the workload is protected; several with commas, or all \
         [default: racy,mutex; where they are not to be had, all]\n\n{}",
        server::modes_help()
    )
}
