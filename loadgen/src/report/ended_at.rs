//! The anomaly that a run was ended for.

use std::time::Duration;

use check::{AnomalyKind, Proof};
use schemars::JsonSchema;
use serde::Serialize;

use super::layout::{Field, field};
use crate::plan::Plan;

/// The anomaly that a run was ended for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EndedAt {
    /// What it is.
    pub kind: AnomalyKind,
    /// When the last answer that it takes was complete, since the start.
    pub after_s: f64,
}

impl EndedAt {
    pub(super) fn new(plan: &Plan, proof: &Proof) -> Self {
        let kind = plan.model().map_or(proof.kind, |model| model.named(proof.kind));
        Self { kind, after_s: Duration::from_nanos(proof.time_ns).as_secs_f64() }
    }

    /// Why the run ended, in a line.
    pub(super) fn text(&self) -> String {
        let Self { kind, after_s } = self;
        format!("at the first anomaly: {} after {after_s:.6} seconds", kind.names().one)
    }

    pub(super) fn field(&self) -> Field {
        field("Ended early:", self.text())
    }
}
