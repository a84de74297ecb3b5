//! A run as a library has it: a command line without a program around it.

use std::ffi::OsString;

use super::{Command, Runs, parse};
use crate::plan::Plan;

/// Why a command line is not the plan of a run.
#[derive(Debug, thiserror::Error)]
pub enum ParsePlanError {
    /// It is wrong, and the program would exit with 2.
    #[error("{0}")]
    Usage(String),
    /// It is right, and asks for something else.
    #[error("this asks for {0}: expected one run, as `-n 1000 http://…` or `run FILE` is")]
    NotOneRun(&'static str),
}

impl Plan {
    /// The run that a command line asks for, which begins behind the name of the program: options and a URL, or
    /// `run` and the file of a scenario.
    ///
    /// What it says of progress and of files to write is for the program alone, and is passed over.
    ///
    /// # Errors
    /// When it is wrong, or asks for anything but one run.
    pub fn parse(
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Result<Self, ParsePlanError> {
        let arguments = arguments.into_iter().map(Into::into);
        let command = parse([OsString::from("loadgen")].into_iter().chain(arguments));
        let command = command.map_err(|error| ParsePlanError::Usage(error.to_string()))?;
        let what = match command {
            Command::Load(session) | Command::DryRun(session) => match session.runs {
                Runs::Url(plan) => return Ok(plan),
                Runs::Repeated(..) => "several runs",
                Runs::Specimens(_) => "the server of specimens",
            },
            Command::Server(_) => "the server of specimens",
            Command::Check(_) => "the verdict on a history",
            Command::Compare(_) => "a comparison",
            Command::Generate(_) => "a text",
            Command::Supervise(_) => "a supervisor",
        };
        Err(ParsePlanError::NotOneRun(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_a_plan() {
        let plan = Plan::parse(["-n", "20", "-c", "2", "--read", "/n", "http://127.0.0.1:9/inc"]);
        let plan = plan.unwrap();
        assert_eq!((plan.load.requests, plan.load.concurrency), (Some(20), 2));
        assert!(plan.is_judged());
    }

    #[test]
    fn whatever_is_no_run_of_one_target_is_refused() {
        for (line, expected) in [
            (&["-n", "many", "http://127.0.0.1:9/"][..], "invalid value 'many'"),
            (&["-n", "20"], "the server of specimens: expected one run"),
            (&["completions", "bash"], "a text: expected one run"),
            (&["check", "history.jsonl"], "a history: expected one run"),
        ] {
            let refused = Plan::parse(line).unwrap_err().to_string();
            assert!(refused.contains(expected), "{line:?}: {refused}");
        }
    }
}
