//! What the results look like, and where they go.

use std::path::PathBuf;

use clap::Args;

use crate::cli::values;
use crate::report::Color;

/// What the results look like, and where they go.
#[derive(Args, Debug)]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(in crate::cli) struct OutputArguments {
    /// Write the report as JSON to a file; - for standard output, in place of the text
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) output: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) formats: FormatOptions,

    /// Write a row for each second of the load as CSV: how many ended how, and their latencies
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) csv: Option<PathBuf>,

    /// Write the latencies as HdrHistogram's text of percentiles, in milliseconds, for its plotters
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) hgrm: Option<PathBuf>,

    /// Write the time of each percentile from 0 to 100 as CSV, in milliseconds, as ab does
    #[arg(short = 'e', value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) percentiles: Option<PathBuf>,

    /// Write the times of every request that was answered as TSV, as ab does for gnuplot: the shortest
    /// first, in milliseconds. They are kept in memory, 24 bytes each, up to 20000000
    #[arg(short = 'g', value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) gnuplot: Option<PathBuf>,

    /// Print the report as ab's HTML table, in place of the text
    #[arg(short = 'w', help_heading = OUTPUT)]
    pub(in crate::cli) table: bool,

    /// Attributes of that table; they ask for it, too
    #[arg(short = 'x', value_name = "ATTRIBUTES", value_parser = values::attributes, help_heading = OUTPUT)]
    pub(in crate::cli) table_attributes: Option<String>,

    /// Attributes of its rows
    #[arg(short = 'y', value_name = "ATTRIBUTES", value_parser = values::attributes, help_heading = OUTPUT)]
    pub(in crate::cli) row_attributes: Option<String>,

    /// Attributes of its cells [default: bgcolor=white]
    #[arg(short = 'z', value_name = "ATTRIBUTES", value_parser = values::attributes, help_heading = OUTPUT)]
    pub(in crate::cli) cell_attributes: Option<String>,

    /// Print what would be sent first, and where to, and send nothing; secrets are masked
    #[arg(long, help_heading = OUTPUT)]
    pub(in crate::cli) dry_run: bool,

    /// When the verdict and findings have colours
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = OUTPUT)]
    pub(in crate::cli) color: Color,

    /// Show no progress
    #[arg(short, help_heading = OUTPUT)]
    pub(in crate::cli) quiet: bool,

    /// Show the run on the whole terminal while it goes on: rates, latencies, errors, stalls and what
    /// the server says. q ends the run
    #[arg(long, conflicts_with = "quiet", help_heading = OUTPUT)]
    pub(in crate::cli) live: bool,

    /// From 2 on, show the request and the first head of each status, on standard error; secrets
    /// are masked
    #[arg(short, value_name = "LEVEL", default_value_t = 1, help_heading = OUTPUT)]
    pub(in crate::cli) verbosity: u8,

    /// Leave out the percentiles
    #[arg(short = 'd', help_heading = OUTPUT)]
    pub(in crate::cli) no_percentiles: bool,

    /// Leave out medians and standard deviations
    #[arg(short = 'S', help_heading = OUTPUT)]
    pub(in crate::cli) no_deviations: bool,

    /// Show secrets as they are, rather than as ***
    #[arg(long, help_heading = OUTPUT)]
    pub(in crate::cli) show_secrets: bool,

    /// Call the document's length variable; one that varies is no failure anyway
    #[arg(short = 'l', help_heading = OUTPUT)]
    pub(in crate::cli) variable_length: bool,
}

/// In which other forms the results are written, of a load and of a history.
#[derive(Args, Debug)]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
pub(in crate::cli) struct FormatOptions {
    /// Write the report as a page that needs nothing else
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) html: Option<PathBuf>,

    /// Write the report as JUnit's XML, for CI: a case for the run, the verdict, each threshold and each
    /// finding
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) junit: Option<PathBuf>,

    /// Write the report as Markdown, as for the summary of a job in CI
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) markdown: Option<PathBuf>,
}

pub(super) const OUTPUT: &str = "Output";
