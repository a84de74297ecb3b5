//! The server under test: how it ended, and what it said.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::layout::{Field, Tone, field};
use crate::judge::Ended;
use crate::secrets::masked_command;
use crate::subject::{Finding, Provoked, ServerEnd, left_behind};

/// The server under test.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Server {
    /// The command line it was started with, its secrets masked.
    pub command: String,
    /// Its process.
    pub pid: u32,
    /// How it ended.
    #[serde(serialize_with = "as_form")]
    #[schemars(with = "EndedForm")]
    pub ended: Ended,
    /// How many processes outlived it and were ended.
    pub left_behind: usize,
    /// What it said that matters.
    pub findings: Vec<Finding>,
    /// The last of its output; `None` where all of it went to a file.
    pub output: Option<String>,
}

impl Server {
    pub(super) fn new(end: ServerEnd, ended: Ended, findings: Vec<Finding>) -> Self {
        let ServerEnd { command, pid, left_behind, output, .. } = end;
        Self { command: masked_command(&command), pid, ended, left_behind, findings, output }
    }

    /// Whether it ended by itself.
    pub(super) fn died(&self) -> bool {
        self.ended != Ended::Running
    }

    /// The findings that count against it: those that we did not provoke.
    pub(super) fn counted(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.provoked.is_none())
    }

    /// The block about the server, line by line.
    pub(super) fn fields(&self) -> Vec<Field> {
        let mut fields = vec![
            field("Server under test:", &self.command),
            field("   Process:", self.pid),
            field("   Ended:", &self.ended),
        ];
        fields.extend(left_behind(self.left_behind).map(|left| field("   Left behind:", left)));
        for Finding { count, line, detail, provoked, .. } in &self.findings {
            let times = if *count == 1 { String::new() } else { format!("{count} × ") };
            let label = match provoked {
                None => "   Finding:",
                Some(Provoked::HangUp) => "   After we hung up:",
                Some(Provoked::Stop) => "   After our SIGTERM:",
            };
            let tone = if provoked.is_none() { Tone::Bad } else { Tone::Plain };
            fields.push(field(label, format!("{times}{line}")).toned(tone));
            fields.extend(detail.iter().map(|line| field("", format!("  {line}"))));
        }
        fields
    }
}

/// How a server ended, in JSON.
#[derive(Serialize, JsonSchema)]
struct EndedForm<'e> {
    /// `running`, `exited` or `signal`.
    how: &'static str,
    /// With which status it exited.
    status: Option<i32>,
    /// Which signal ended it: its name, or its number where it has none.
    signal: Option<&'e str>,
    /// When it ended by itself, since the start.
    after_s: Option<f64>,
    /// How many requests had been answered then.
    after_requests: Option<u64>,
}

fn as_form<S: Serializer>(ended: &Ended, serializer: S) -> Result<S::Ok, S::Error> {
    let (how, status, signal, after) = match ended {
        Ended::Running => ("running", None, None, None),
        Ended::Exited { status, after, after_requests } => {
            ("exited", Some(*status), None, Some((after, *after_requests)))
        }
        Ended::Signal { signal, after, after_requests } => {
            ("signal", None, Some(signal.as_str()), Some((after, *after_requests)))
        }
    };
    let after_s = after.map(|(after, _)| after.as_secs_f64());
    let after_requests = after.map(|(_, requests)| requests);
    EndedForm { how, status, signal, after_s, after_requests }.serialize(serializer)
}
