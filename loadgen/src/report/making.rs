//! How a report was made, so that it can be made again.

use std::time::SystemTime;

use schemars::JsonSchema;
use serde::Serialize;

use super::layout::{Field, field};

/// How a report was made.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Making {
    /// The command line, quoted for a shell, its secrets masked; `None` where there was none.
    pub command: Option<String>,
    /// When it was begun: RFC 3339, in UTC.
    pub started_at: String,
    /// The version of loadgen.
    pub version: &'static str,
    /// The same instant as a time.
    #[serde(skip)]
    pub(crate) begun: SystemTime,
}

impl Making {
    pub(super) fn begun(at: SystemTime) -> Self {
        let started_at = humantime::format_rfc3339_seconds(at).to_string();
        Self { command: None, started_at, version: env!("CARGO_PKG_VERSION"), begun: at }
    }

    pub(super) fn fields(&self) -> Vec<Field> {
        let command = self.command.as_ref().map(|command| field("Command:", command));
        let others = [field("Started:", &self.started_at), field("Loadgen version:", self.version)];
        command.into_iter().chain(others).collect()
    }
}
