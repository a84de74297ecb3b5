//! The options, as clap reads them, by what they are about.

mod check;
mod compare;
mod judging;
mod load;
mod output;
mod run;
mod specimens;
mod subject;

use std::path::PathBuf;

use clap::Parser;
use url::Url;

use super::proxies::ProxyArguments;
use super::reaching::ReachingArguments;
use super::request::RequestArguments;
use super::schema::Schemas;
use super::tls::TlsArguments;
use super::values;
pub(super) use check::CheckOptions;
pub(super) use compare::CompareOptions;
pub(super) use judging::{EffortOptions, JudgingArguments};
pub(super) use load::LoadArguments;
use output::OUTPUT;
pub(super) use output::{FormatOptions, OutputArguments};
pub(super) use run::RunOptions;
pub(super) use specimens::{ALL, SpecimenArguments};
pub(super) use subject::{OnDeath, ServerArguments};

/// Load an HTTP service and say whether its answers were right.
///
/// Without a URL, loadgen starts its own counter server and loads it twice, unprotected (racy) and
/// protected (mutex): 20000 requests, 200 at once. It reports the updates that were lost.
#[derive(Parser, Debug)]
#[command(
    version,
    disable_version_flag = true,
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true,
    // As with ab, the last one counts: scripts add options to a set of their own.
    args_override_self = true,
    after_help = "Examples:\n  \
                    loadgen -n 20000 -c 200\n  \
                    loadgen -n 20000 -c 200 --read '/get?name=i' 'http://127.0.0.1:8000/inc?name=i'\n  \
                    loadgen --workload booking -n 50 -c 50\n  \
                    loadgen --workload all\n\n\
                  loadgen --help shows all options, loadgen help TOPIC those of one topic.\n\n\
                  Exit codes: 0 valid, or nothing to judge; 1 invalid, undecided or stalled, or the\n\
                  server's output says that something went wrong; 2 wrong usage; 3 the target could\n\
                  not be reached, died or answered no request successfully, or the run was cut\n\
                  short; 4 a threshold was crossed, or `compare` found a regression."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Subcommand>,
    #[command(flatten)]
    pub(super) options: Options,
}

#[derive(clap::Subcommand, Debug)]
pub(super) enum Subcommand {
    /// Judge a recorded history again
    Check(CheckOptions),
    /// Run a scenario file: several steps, sessions and objects, and how they are judged
    #[command(version, disable_version_flag = true, args_override_self = true)]
    Run(Box<RunOptions>),
    /// Print an example scenario with comments: loadgen init > scenario.yaml
    Init {
        /// Service whose requests are taken from --har [default: that of the first request]
        #[arg(value_parser = values::url, requires = "har")]
        url: Option<Url>,
        /// Make the scenario from a browser's recording (HAR): its requests to one service, without
        /// static files
        #[arg(long, value_name = "FILE")]
        har: Option<PathBuf>,
        /// Also take the requests to this host; repeatable
        #[arg(long = "host", value_name = "NAME", requires = "har")]
        hosts: Vec<String>,
    },
    /// Compare JSON reports of runs, and say whether a difference is more than noise
    Compare(CompareOptions),
    /// Print the completion script for a shell: bash, zsh, fish, elvish or powershell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Explain a topic (load, requests, connections, tls, judging, server, specimens, output, exit-codes)
    /// or a command
    Help {
        /// The topic or command [default: everything]
        topic: Option<String>,
    },
    /// Print the JSON Schema of a scenario, a report or a history: loadgen schema scenario
    Schema {
        /// What the schema describes
        of: Schemas,
    },
    /// Print the manual page, in roff: loadgen man | man -l -
    Man {
        /// The command to describe [default: the whole program]
        command: Option<String>,
    },
    /// Start the server that a run without a URL loads
    Server(server::cli::Options),
    /// Stand between loadgen and a server under test
    #[command(hide = true)]
    Supervise(crate::subject::supervise::Options),
}

#[derive(clap::Args, Debug)]
pub(super) struct Options {
    /// URL to load; `http://` may be left out. Without a URL, loadgen starts its own server
    #[arg(value_parser = values::url)]
    pub(super) url: Option<Url>,

    // Taken to be refused with a better message than clap's.
    #[arg(hide = true)]
    pub(super) surplus: Vec<String>,

    #[command(flatten)]
    pub(super) load: LoadArguments,

    #[command(flatten)]
    pub(super) request: RequestArguments,

    #[command(flatten)]
    pub(super) reaching: ReachingArguments,

    #[command(flatten)]
    pub(super) proxies: ProxyArguments,

    #[command(flatten)]
    pub(super) tls: TlsArguments,

    #[command(flatten)]
    pub(super) judging: JudgingArguments,

    #[command(flatten)]
    pub(super) server: ServerArguments,

    #[command(flatten)]
    pub(super) specimens: SpecimenArguments,

    #[command(flatten)]
    pub(super) outputs: OutputArguments,

    /// Print the version
    #[arg(short = 'V', long, action = clap::ArgAction::Version, help_heading = OUTPUT)]
    version: Option<bool>,
}
