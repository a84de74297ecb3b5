//! The server under test.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::cli::values::{self, CommandLine};

/// The server under test.
#[derive(Args, Debug)]
pub(in crate::cli) struct ServerArguments {
    /// Start the server under test with this command line, watch it, and end it afterwards
    #[arg(long, value_name = "COMMAND", value_parser = values::command_line, help_heading = SERVER)]
    pub(in crate::cli) exec: Option<CommandLine>,

    /// Where the output of that server goes [default: the last 64 KiB go into the JSON report]
    #[arg(long, value_name = "FILE", requires = "exec", help_heading = SERVER)]
    pub(in crate::cli) exec_log: Option<PathBuf>,

    /// How long that server may take until it accepts connections [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = values::duration, requires = "exec", help_heading = SERVER)]
    pub(in crate::cli) wait: Option<Duration>,

    /// How long that server may take to end after SIGTERM, before SIGKILL [default: 5s; 1m
    /// with --restart]
    #[arg(long, value_name = "TIME", value_parser = values::duration, requires = "exec", help_heading = SERVER)]
    pub(in crate::cli) grace: Option<Duration>,

    /// What to do when the target ends, or refuses every connection for a second
    #[arg(long, value_name = "ACTION", default_value = "stop", help_heading = SERVER)]
    pub(in crate::cli) on_death: OnDeath,

    /// End the server with SIGTERM and start it again before the state is read the last time:
    /// what it acknowledged, it must have saved
    #[arg(long, requires = "exec", help_heading = SERVER)]
    pub(in crate::cli) restart: bool,
}

/// What happens to a run whose target dies.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum OnDeath {
    /// End the run and report what was measured
    Stop,
    /// Go on until every request has had its outcome
    Continue,
}

const SERVER: &str = "Server under test";
