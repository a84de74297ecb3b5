//! The server under test: how it ended, and what it said.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::field::{Field, field};
use crate::record::Record;
use crate::subject::{Finding, HowEnded, ServerEnd, signal_name};

/// The server under test.
#[derive(Debug, Serialize)]
pub struct Server {
    /// The command line it was started with.
    pub command: String,
    /// Its process.
    pub pid: u32,
    /// How it ended.
    pub ended: Ended,
    /// What it said that matters.
    pub findings: Vec<Finding>,
    /// The last of its output; `None` where all of it went to a file.
    pub output: Option<String>,
}

/// How a server ended.
#[derive(Debug, Serialize)]
pub struct Ended {
    /// `running`, `exited` or `signal`.
    pub how: &'static str,
    /// Its exit status, where it exited.
    pub status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<String>,
    /// When it was seen to have ended, since the start.
    pub after_s: Option<f64>,
    /// How many requests had been answered then.
    pub after_requests: Option<u64>,
}

impl Server {
    pub(super) fn new(end: ServerEnd, after: Duration, record: &Record) -> Self {
        let mut ended = Ended::new(end.ended);
        if end.ended.is_some() {
            ended.after_s = Some(after.as_secs_f64());
            ended.after_requests = Some(record.statuses.iter().sum());
        }
        Self {
            command: end.command,
            pid: end.pid,
            ended,
            findings: end.findings,
            output: end.output,
        }
    }
}

impl Server {
    /// Whether it ended by itself and said that something was wrong.
    pub(crate) fn crashed(&self) -> bool {
        self.ended.how != "running" && !self.findings.is_empty()
    }
}

impl Ended {
    fn new(ended: Option<HowEnded>) -> Self {
        let (how, status, signal) = match ended {
            None => ("running", None, None),
            Some(HowEnded::Exited(status)) => ("exited", Some(status), None),
            Some(HowEnded::Signal(number)) => ("signal", None, Some(signal_name(number))),
        };
        Self { how, status, signal, after_s: None, after_requests: None }
    }
}

impl Server {
    /// The block about the server, line by line.
    pub(super) fn fields(&self) -> Vec<Field> {
        let mut fields = vec![
            field("Server under test:", &self.command),
            field("   Process:", self.pid),
            field("   Ended:", &self.ended),
        ];
        for Finding { count, line, detail, .. } in &self.findings {
            let times = if *count == 1 { String::new() } else { format!("{count} × ") };
            fields.push(field("   Finding:", format!("{times}{line}")));
            fields.extend(detail.iter().map(|line| field("", format!("  {line}"))));
        }
        fields
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.signal, self.status) {
            (Some(signal), _) => write!(f, "signal {signal}")?,
            (None, Some(status)) => write!(f, "exit status {status}")?,
            (None, None) => f.write_str("running when the run was over")?,
        }
        if let (Some(after_s), Some(requests)) = (self.after_s, self.after_requests) {
            let plural = if requests == 1 { "" } else { "s" };
            write!(f, " after {requests} request{plural}, {after_s:.3} seconds into the run")?;
        }
        Ok(())
    }
}
