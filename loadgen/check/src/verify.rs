//! Witnesses, held against the model without the checker that found them.

use crate::anomaly::Anomaly;
use crate::history::Object;
use crate::models::Model;

/// Whether the witness of `anomaly` proves by itself that `object` is invalid in that way.
#[must_use]
pub fn verify(object: &Object, model: Model, anomaly: &Anomaly) -> bool {
    model.verify(object, anomaly)
}
