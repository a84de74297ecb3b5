//! Every workload: the one list that help texts, runs and tests read. Its modes, and what is
//! expected of each, are in the `modes.rs` of its folder.

use crate::workload::{UnknownName, Workload};
use crate::{booking, counter, jobs, mistakes, results, unawaited};

/// Every workload, the one that runs without being named first.
pub static WORKLOADS: [&Workload; 6] = [
    &counter::modes::WORKLOAD,
    &booking::modes::WORKLOAD,
    &jobs::modes::WORKLOAD,
    &results::modes::WORKLOAD,
    &unawaited::modes::WORKLOAD,
    &mistakes::modes::WORKLOAD,
];

impl Workload {
    /// The workload of this name.
    ///
    /// # Errors
    /// When there is none; the error lists those there are.
    pub fn named(name: &str) -> Result<&'static Self, UnknownName> {
        let found = WORKLOADS.into_iter().find(|workload| workload.name == name);
        found.ok_or_else(|| UnknownName {
            name: name.to_owned(),
            what: "workload".to_owned(),
            expected: WORKLOADS.iter().map(|workload| workload.name).collect(),
        })
    }
}
