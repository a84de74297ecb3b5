//! The modes of `unawaited`.

use std::time::Duration;

use super::background::{Awaited, Unawaited};
use crate::bug::Bug;
use crate::race_window::RaceWindow;
use crate::settings::Settings;
use crate::workload::{Expectation, Mode, Store::Results as Open, Workload, mode};

pub(crate) static WORKLOAD: Workload = Workload {
    name: "unawaited",
    summary: "results that are acknowledged first and saved afterwards",
    // Acknowledged far faster than saved: whenever the server ends, something is still to be saved.
    defaults: || Settings {
        race_window: RaceWindow::None,
        // As many as are saved in the time that a server is given to end.
        capacity: 20_000,
        service_time: Duration::from_millis(2),
        journal: None,
    },
    persists: true,
    modes: &MODES,
};

#[rustfmt::skip] // a mode is a line
static MODES: [Mode; 2] = {
    use Expectation::{Correct, LosesUpdates};
    [
        mode("unawaited", LosesUpdates, Some(Bug::UnawaitedTask), "a task saves what was acknowledged, and nobody waits for it",           |s| Open(Box::new(Unawaited::new(s)))),
        mode("awaited",   Correct,      None,                     "a task saves what was acknowledged, and is waited for before the end", |s| Open(Box::new(Awaited::new(s)))),
    ]
};
