//! What a server says of its locks on SIGUSR1: a line of JSON about each thread that holds one or
//! waits for one, and a last line with the number of those before it.
//!
//! ```text
//! {"lock":"jobs","held_by":{"thread":7,"operation":"add","for_ms":2100}}
//! {"lock":"jobs","waiting":{"thread":9,"operation":"list","for_ms":2000}}
//! {"locks_told":2}
//! ```
//!
//! The server writes [`Line`]s, and whoever asks it reads them; other servers may do the same.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Blockage;

/// A line of a server's output that has this in it says that the server answers SIGUSR1.
pub const ANNOUNCEMENT: &str = "SIGUSR1 tells who holds which lock";

/// A line of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Line {
    /// Any but the last.
    Fact(Fact),
    /// The last.
    End {
        /// How many lines came before this one.
        locks_told: u64,
    },
}

/// That somebody holds a lock, or waits for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    /// What the lock is called.
    pub lock: String,
    /// Who holds it or waits for it.
    #[serde(flatten)]
    pub role: Role,
}

/// What a thread has to do with a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It holds the lock; `None` where others wait for a lock that nobody holds.
    HeldBy(Option<Party>),
    /// It waits for the lock.
    Waiting(Party),
}

/// A thread that holds a lock or waits for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Party {
    /// A number that no other thread of the process has.
    pub thread: u64,
    /// The operation that it is in.
    pub operation: String,
    /// For how long it has held the lock or waited for it, in milliseconds.
    pub for_ms: u64,
}

/// Everything that is said of `blockages`, line by line.
pub(crate) fn lines(blockages: &[Blockage]) -> Vec<Line> {
    let mut lines: Vec<_> = blockages.iter().flat_map(facts).map(Line::Fact).collect();
    let locks_told = lines.len().try_into().unwrap_or(u64::MAX);
    lines.push(Line::End { locks_told });
    lines
}

fn facts(blockage: &Blockage) -> impl Iterator<Item = Fact> {
    let Blockage { lock, holder, waiting } = blockage;
    let held = Role::HeldBy(holder.as_ref().map(Party::from));
    let waiting = waiting.iter().map(|party| Role::Waiting(party.into()));
    std::iter::once(held).chain(waiting).map(|role| Fact { lock: (*lock).to_owned(), role })
}

impl From<&store::Party> for Party {
    fn from(party: &store::Party) -> Self {
        Self {
            thread: party.thread,
            operation: party.operation.to_owned(),
            for_ms: party.since.as_millis().try_into().unwrap_or(u64::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn party(thread: u64, operation: &'static str, ms: u64) -> store::Party {
        store::Party { thread, operation, since: Duration::from_millis(ms) }
    }

    #[test]
    fn every_party_has_a_line_and_the_last_says_how_many_there_are() {
        let blockages = [
            Blockage {
                lock: "jobs",
                holder: Some(party(7, "add", 2149)),
                waiting: vec![party(9, "list", 2000), party(7, "is_full", 0)],
            },
            Blockage { lock: "calls", holder: None, waiting: vec![party(7, "add", 51)] },
        ];
        let written: Vec<_> =
            lines(&blockages).iter().map(|line| serde_json::to_string(line).unwrap()).collect();
        let expected = [
            r#"{"lock":"jobs","held_by":{"thread":7,"operation":"add","for_ms":2149}}"#,
            r#"{"lock":"jobs","waiting":{"thread":9,"operation":"list","for_ms":2000}}"#,
            r#"{"lock":"jobs","waiting":{"thread":7,"operation":"is_full","for_ms":0}}"#,
            r#"{"lock":"calls","held_by":null}"#,
            r#"{"lock":"calls","waiting":{"thread":7,"operation":"add","for_ms":51}}"#,
            r#"{"locks_told":5}"#,
        ];
        assert_eq!(written, expected);
        let read: Vec<Line> =
            written.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read, lines(&blockages));
    }

    #[test]
    fn where_no_lock_is_held_the_last_line_is_the_only_one() {
        assert_eq!(lines(&[]), [Line::End { locks_told: 0 }]);
    }

    #[test]
    fn what_is_no_such_line_is_refused() {
        for line in [
            "{}",
            "[]",
            r#"{"lock":"jobs"}"#,
            r#"{"lock":"jobs","waiting":null}"#,
            r#"{"lock":7,"held_by":null}"#,
            r#"{"lock":"jobs","held_by":{"thread":-1,"operation":"add","for_ms":1}}"#,
            r#"{"lock":"jobs","held_by":{"thread":1,"operation":"add","for_ms":1e400}}"#,
            r#"{"locks_told":"2"}"#,
        ] {
            assert!(serde_json::from_str::<Line>(line).is_err(), "{line}");
        }
    }
}
