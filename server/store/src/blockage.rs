//! Who holds which lock, and who waits for it: what a store that hangs can still say.

use std::fmt;
use std::time::Duration;

/// A lock, or the like, that somebody holds or waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blockage {
    /// What the lock is called.
    pub lock: &'static str,
    /// Who holds it; `None` where nobody does.
    pub holder: Option<Party>,
    /// Who waits for it, the longest first.
    pub waiting: Vec<Party>,
}

/// A thread that holds a lock or waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// A number that no other thread of the process has.
    pub thread: u64,
    /// The operation that it is in.
    pub operation: &'static str,
    /// For how long it has held the lock, or waited for it.
    pub since: Duration,
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thread {} in {}", self.thread, self.operation)
    }
}

/// A line about the holder and one about each that waits.
impl fmt::Display for Blockage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lock, holder, waiting } = self;
        match holder {
            Some(holder) => {
                write!(
                    f,
                    "lock `{lock}`: held by {holder}, for {:.1} s",
                    holder.since.as_secs_f64()
                )?;
            }
            None => write!(f, "lock `{lock}`: held by nobody")?,
        }
        for party in waiting {
            write!(f, "\nlock `{lock}`: {party} waits, for {:.1} s", party.since.as_secs_f64())?;
        }
        Ok(())
    }
}
