//! The server under test: how it ended, and what it said.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::field::{Field, field};
use crate::record::Record;
use crate::subject::{Fate, Finding, HowEnded, Provoked, ServerEnd, findings, signal_name};

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
    /// In which way.
    pub how: How,
    /// Its exit status, where it exited.
    pub status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<String>,
    /// When it was seen to have ended, since the start.
    pub after_s: Option<f64>,
    /// How many requests had been answered then.
    pub after_requests: Option<u64>,
}

/// In which way a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// It ran until it was told to end.
    Running,
    /// It exited by itself.
    Exited,
    /// A signal ended it.
    Signal,
}

impl Server {
    pub(super) fn new(end: ServerEnd, after: Duration, record: &Record) -> Self {
        let mut ended = Ended::new(end.fate);
        if ended.how != How::Running {
            ended.after_s = Some(after.as_secs_f64());
            ended.after_requests = Some(record.statuses.iter().sum());
        }
        Self {
            command: end.command,
            pid: end.pid,
            ended,
            // What a server does about a request that was given up is our doing.
            findings: findings(end.seen, record.given_up > 0),
            output: end.output,
        }
    }
}

impl Server {
    /// Whether it ended by itself.
    pub(crate) fn died(&self) -> bool {
        self.ended.how != How::Running
    }

    /// Whether it ended by itself and said that something was wrong.
    pub(crate) fn crashed(&self) -> bool {
        self.died() && self.counted().next().is_some()
    }

    /// The findings that count against it: those that we did not provoke.
    pub(crate) fn counted(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.provoked.is_none())
    }
}

impl Ended {
    fn new(fate: Fate) -> Self {
        let (how, status, signal) = match fate {
            Fate::Ran | Fate::Killed => (How::Running, None, None),
            Fate::Died(HowEnded::Exited(status)) => (How::Exited, Some(status), None),
            Fate::Died(HowEnded::Signal(number)) => (How::Signal, None, Some(signal_name(number))),
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
        for Finding { count, line, detail, provoked, .. } in &self.findings {
            let times = if *count == 1 { String::new() } else { format!("{count} × ") };
            let label = match provoked {
                None => "   Finding:",
                Some(Provoked::HangUp) => "   After we hung up:",
                Some(Provoked::Stop) => "   After our SIGTERM:",
            };
            fields.push(field(label, format!("{times}{line}")));
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
