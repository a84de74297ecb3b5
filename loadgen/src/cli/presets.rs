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
    /// Whether an id of the client's has to be in each update.
    pub(super) takes_ids: bool,
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
            takes_ids: false,
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
            takes_ids: false,
        },
    ),
    ("jobs", elements("/jobs?id={value}", "/jobs", "jobs", 5000, 100, 0.01)),
    ("results", results(400, 50, 0.05)),
    ("unawaited", results(200, 20, 0.0)),
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
    let takes_ids = false;
    Preset { requests, concurrency, posts: true, update, read, reads, model, key, takes_ids }
}

/// A workload of results, which have their ids from the client.
const fn results(requests: u64, concurrency: usize, reads: f64) -> Preset {
    let (update, read) = ("/results?id={value}", "/results");
    Preset { takes_ids: true, ..elements(update, read, "results", requests, concurrency, reads) }
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
