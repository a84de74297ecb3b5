//! What a store can be told when it is opened.

use std::sync::Arc;
use std::time::Duration;

use crate::journal::Journal;
use crate::race_window::RaceWindow;

/// What a store is opened with; each mode takes what it has a use for.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the racy modes do between check and act, or read and write.
    pub race_window: RaceWindow,
    /// How many seats there are, or how many jobs or results there is room for.
    pub capacity: usize,
    /// How long the simulated slow call takes.
    pub service_time: Duration,
    /// Where results are saved that are to outlive the process; without it they do not.
    pub journal: Option<Arc<Journal>>,
}
