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

    /// Write the output of that server to this file [default: the last 64 KiB go into the JSON
    /// report]
    #[arg(long, value_name = "FILE", requires = "exec", help_heading = SERVER)]
    pub(in crate::cli) exec_log: Option<PathBuf>,

    /// Longest time until that server accepts connections [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = values::duration, requires = "exec", help_heading = SERVER)]
    pub(in crate::cli) wait: Option<Duration>,

    /// Longest time for that server to end after SIGTERM, before SIGKILL [default: 5s; 1m with
    /// --restart]
    #[arg(long, value_name = "TIME", value_parser = values::duration, requires = "exec", help_heading = SERVER)]
    pub(in crate::cli) grace: Option<Duration>,

    /// What to do if the target ends, or refuses every connection for a second
    #[arg(long, value_name = "ACTION", default_value = "stop", help_heading = SERVER)]
    pub(in crate::cli) on_death: OnDeath,

    /// End the server with SIGTERM and start it again before the last read of the state: it must
    /// have saved everything that it acknowledged
    #[arg(long, requires = "exec", help_heading = SERVER)]
    pub(in crate::cli) restart: bool,
}

/// What happens to a run whose target dies.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum OnDeath {
    /// End the run and report what was measured
    Stop,
    /// Go on until every request has an outcome
    Continue,
}

const SERVER: &str = "Server under test";
