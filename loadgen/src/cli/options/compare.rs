//! Which reports are set side by side.

use std::path::PathBuf;

use clap::Args;

use crate::cli::values;
use crate::report::Color;

/// Which reports are compared, and how that is shown.
#[derive(Args, Debug)]
#[command(
    override_usage = "loadgen compare [OPTIONS] A B\n       \
                      loadgen compare [OPTIONS] --baseline A... B...",
    after_help = "Examples:\n  \
                    loadgen compare main.json pr.json\n  \
                    loadgen compare 'main-*.json' 'pr-*.json'\n  \
                    loadgen compare --baseline 'main-*.json' --fail-on-regression 5% pr-*.json\n\n\
                  Exit codes: 0 compared, 2 a file is not a report of a run, or the runs were not\n\
                  asked for the same load, 3 an output could not be written, 4 a regression was found."
)]
pub(in crate::cli) struct CompareOptions {
    /// Reports that --output FILE wrote: A, the baseline, and B. Each is a file, or a pattern in
    /// quotes that names several; - is standard input. With --baseline, all of them are B
    #[arg(required = true, value_name = "REPORT")]
    pub(in crate::cli) reports: Vec<PathBuf>,

    /// Reports of the baseline A: a file, or a pattern in quotes; repeatable
    #[arg(long, value_name = "REPORT")]
    pub(in crate::cli) baseline: Vec<PathBuf>,

    /// Exit with 4 if B is worse by more than this: in requests per second, the share of requests
    /// that are ok, or the latency at p50, p90 or p99 (and significantly, if there are enough runs
    /// to tell); or if the verdict is worse; or if runs of B ended early and none of A did
    #[arg(long, value_name = "PERCENT", value_parser = values::percentage)]
    pub(in crate::cli) fail_on_regression: Option<f64>,

    /// Compare runs even if they were not asked for the same load
    #[arg(long)]
    pub(in crate::cli) force: bool,

    /// Write the comparison as JSON to a file; - prints it instead of the text
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,

    /// When to colour the text
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(in crate::cli) color: Color,
}
