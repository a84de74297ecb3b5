//! The load that suits each workload of our server.

use check::Model;
use store::{Settings, Workload};

/// What a workload is loaded with where nobody says otherwise.
pub(super) struct Preset {
    pub(super) requests: u64,
    pub(super) concurrency: usize,
    /// Whether what updates is a POST, and not a GET.
    pub(super) posts: bool,
    /// The path and query of the request that updates.
    pub(super) update: &'static str,
    /// Those of the one that reads.
    pub(super) read: &'static str,
    /// The share of the requests that read.
    pub(super) reads: f64,
    pub(super) model: fn(&Settings) -> Model,
    /// What the object is called in a history.
    pub(super) key: &'static str,
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
            posts: false,
            update: "/inc?name=i",
            read: "/get?name=i",
            reads: 0.0,
            model: |_| Model::FetchAndAdd,
            key: "i",
        },
    ),
    (
        "booking",
        Preset {
            requests: 50,
            concurrency: 50,
            posts: true,
            update: "/book",
            read: "/seats",
            reads: 0.0,
            model: |settings| Model::Bounded { capacity: settings.capacity as u64 },
            key: "seats",
        },
    ),
    ("jobs", elements("/jobs?id={value}", "/jobs", "jobs", 5000, 100, 0.01)),
    ("results", elements("/results?id={value}", "/results", "results", 400, 50, 0.05)),
    ("unawaited", elements("/results?id={value}", "/results", "results", 200, 20, 0.0)),
    ("mistakes", elements("/jobs?id={value}", "/jobs", "jobs", 700, 50, 0.05)),
];

/// A workload whose requests add elements.
const fn elements(
    update: &'static str,
    read: &'static str,
    key: &'static str,
    requests: u64,
    concurrency: usize,
    reads: f64,
) -> Preset {
    let model = |_: &Settings| Model::Set;
    Preset { requests, concurrency, posts: true, update, read, reads, model, key }
}

#[cfg(test)]
mod tests {
    use store::WORKLOADS;

    use super::*;

    #[test]
    fn every_workload_has_a_load_that_suits_it() {
        for workload in WORKLOADS {
            let preset = Preset::of(workload);
            assert!(preset.requests >= preset.concurrency as u64, "{}", workload.name);
        }
        assert_eq!(PRESETS.len(), WORKLOADS.len());
    }
}
