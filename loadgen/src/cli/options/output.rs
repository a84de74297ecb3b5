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
    /// Write the report as JSON to a file; - prints it instead of the text
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) output: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) formats: FormatOptions,

    /// Write a CSV row for each second of the load: the number of requests by outcome, and
    /// latencies
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) csv: Option<PathBuf>,

    /// Write the latencies as HdrHistogram's text of percentiles, in milliseconds, for its plotters
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) hgrm: Option<PathBuf>,

    /// Write the times of the percentiles from 0 to 100 as CSV, in milliseconds, as ab does
    #[arg(short = 'e', value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) percentiles: Option<PathBuf>,

    /// Write the times of every answered request as TSV, as ab does for gnuplot: in milliseconds,
    /// the shortest first. They are kept in memory: 24 bytes each, for up to 20000000 requests
    #[arg(short = 'g', value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) gnuplot: Option<PathBuf>,

    /// Print the report as ab's HTML table instead of the text
    #[arg(short = 'w', help_heading = OUTPUT)]
    pub(in crate::cli) table: bool,

    /// Attributes of that table; implies -w
    #[arg(short = 'x', value_name = "ATTRIBUTES", value_parser = values::attributes, help_heading = OUTPUT)]
    pub(in crate::cli) table_attributes: Option<String>,

    /// Attributes of its rows; implies -w
    #[arg(short = 'y', value_name = "ATTRIBUTES", value_parser = values::attributes, help_heading = OUTPUT)]
    pub(in crate::cli) row_attributes: Option<String>,

    /// Attributes of its cells; implies -w [default: bgcolor=white]
    #[arg(short = 'z', value_name = "ATTRIBUTES", value_parser = values::attributes, help_heading = OUTPUT)]
    pub(in crate::cli) cell_attributes: Option<String>,

    /// Print what would be sent first, and where to, with secrets masked, but send nothing
    #[arg(long, help_heading = OUTPUT)]
    pub(in crate::cli) dry_run: bool,

    /// When to colour the verdict and the findings
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = OUTPUT)]
    pub(in crate::cli) color: Color,

    /// Show no progress
    #[arg(short, help_heading = OUTPUT)]
    pub(in crate::cli) quiet: bool,

    /// Show the run on the whole terminal while it lasts: rates, latencies, errors, stalls and what
    /// the server says. q ends the run
    #[arg(long, conflicts_with = "quiet", help_heading = OUTPUT)]
    pub(in crate::cli) live: bool,

    /// At level 2 or more, print the request and the first answer's head for each status to
    /// standard error, with secrets masked
    #[arg(short, value_name = "LEVEL", default_value_t = 1, help_heading = OUTPUT)]
    pub(in crate::cli) verbosity: u8,

    /// Leave out the percentiles
    #[arg(short = 'd', help_heading = OUTPUT)]
    pub(in crate::cli) no_percentiles: bool,

    /// Leave out medians and standard deviations
    #[arg(short = 'S', help_heading = OUTPUT)]
    pub(in crate::cli) no_deviations: bool,

    /// Show secrets as they are, instead of as ***
    #[arg(long, help_heading = OUTPUT)]
    pub(in crate::cli) show_secrets: bool,

    /// Show the document length as Variable; a length that varies is never a failure here
    #[arg(short = 'l', help_heading = OUTPUT)]
    pub(in crate::cli) variable_length: bool,
}

/// In which other forms the results are written, of a load and of a history.
#[derive(Args, Debug)]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
pub(in crate::cli) struct FormatOptions {
    /// Write the report as an HTML page that needs no other files
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) html: Option<PathBuf>,

    /// Write the report as JUnit's XML, for CI: a case for the run, the verdict, each threshold and
    /// each finding
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) junit: Option<PathBuf>,

    /// Write the report as Markdown, for example for the summary of a CI job
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) markdown: Option<PathBuf>,
}

pub(super) const OUTPUT: &str = "Output";
