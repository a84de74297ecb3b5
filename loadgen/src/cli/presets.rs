//! The load that suits each workload of our server.

use std::time::Duration;

use check::Model;
use store::{Settings, Workload};

/// What a workload is loaded with where nobody says otherwise.
pub(super) struct Preset {
    pub(super) requests: u64,
    pub(super) concurrency: usize,
    /// In which time its clients join: where a workload has a mode of one worker, the first client is to
    /// meet nobody, as only that tells one worker from several.
    pub(super) ramp_up: Duration,
    /// Whether what updates is a POST, and not a GET.
    pub(super) posts: bool,
    /// The path and query of the request that updates.
    pub(super) update: &'static str,
    /// Those of the one that reads.
    pub(super) read: &'static str,
    /// Where the state stands in an answer in JSON, as a pointer.
    pub(super) place: &'static str,
    /// The share of the requests that read.
    pub(super) reads: f64,
    pub(super) model: fn(&Settings) -> Model,
    /// What the object is called in a history.
    pub(super) key: &'static str,
    /// Whether an id of the client's has to be in each update.
    pub(super) takes_ids: bool,
    /// What answers mean beside what their status says.
    pub(super) answers: &'static str,
}

impl Preset {
    pub(super) fn of(workload: &Workload) -> &'static Self {
        let preset = PRESETS.iter().find(|(name, _)| *name == workload.name);
        preset.map(|(_, preset)| preset).expect("every workload has one: there is a test")
    }
}

static PRESETS: [(&str, Preset); 6] = [
    (
        "counter",
        Preset {
            requests: 20_000,
            concurrency: 200,
            ramp_up: Duration::ZERO,
            posts: false,
            update: "/inc?name=i",
            read: "/get?name=i",
            place: "/value",
            reads: 0.0,
            model: |_| Model::FetchAndAdd,
            key: "i",
            takes_ids: false,
            answers: "",
        },
    ),
    (
        "booking",
        Preset {
            requests: 50,
            concurrency: 50,
            ramp_up: Duration::ZERO,
            posts: true,
            update: "/book",
            read: "/seats",
            place: "/seats_left",
            reads: 0.0,
            model: |settings| Model::Bounded { capacity: Some(settings.capacity as u64) },
            key: "seats",
            takes_ids: false,
            answers: "409=refused",
        },
    ),
    ("jobs", Preset { requests: 5000, concurrency: 100, reads: 0.01, ..JOBS }),
    (
        "results",
        Preset { requests: 400, concurrency: 50, ramp_up: RAMP_UP, reads: 0.05, ..RESULTS },
    ),
    ("unawaited", Preset { requests: 200, concurrency: 20, reads: 0.0, ..RESULTS }),
    ("mistakes", Preset { requests: 700, concurrency: 50, ramp_up: RAMP_UP, reads: 0.05, ..JOBS }),
];

/// Long enough for some requests of a few milliseconds.
const RAMP_UP: Duration = Duration::from_millis(200);

/// A workload whose requests add jobs.
const JOBS: Preset = Preset {
    requests: 1,
    concurrency: 1,
    ramp_up: Duration::ZERO,
    posts: true,
    update: "/jobs?id={value}",
    read: "/jobs",
    place: "/ids",
    reads: 0.0,
    model: |_| Model::Set,
    key: "jobs",
    takes_ids: false,
    answers: "",
};

/// A workload of results, which have their ids from the client.
const RESULTS: Preset = Preset {
    update: "/results?id={value}",
    read: "/results",
    key: "results",
    takes_ids: true,
    ..JOBS
};

#[cfg(test)]
mod tests {
    use store::WORKLOADS;

    use super::*;
    use crate::scenario::Answers;

    #[test]
    fn every_workload_has_a_load_that_suits_it() {
        for workload in WORKLOADS {
            let preset = Preset::of(workload);
            assert!(preset.answers.parse::<Answers>().is_ok(), "{}", workload.name);
            assert!(preset.requests >= preset.concurrency as u64, "{}", workload.name);
        }
        assert_eq!(PRESETS.len(), WORKLOADS.len());
    }
}
