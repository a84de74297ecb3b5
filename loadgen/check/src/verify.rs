//! Witnesses, held against the model without the checker that found them.

mod bounded;
mod counter;
mod fetch_and_add;
mod register;
mod search;
mod set;

use crate::history::Object;
use crate::judgement::{Anomaly, AnomalyKind};
use crate::model::Model;

/// Whether the witness of `anomaly` proves by itself that `object` is invalid in that way.
#[must_use]
pub fn verify(object: &Object, model: Model, anomaly: &Anomaly) -> bool {
    match model {
        _ if anomaly.kind == AnomalyKind::NotLinearizable => search::verify(object, model, anomaly),
        Model::Counter => counter::verify(object, anomaly),
        Model::FetchAndAdd => fetch_and_add::verify(object, anomaly),
        Model::Register => register::verify(object, anomaly),
        Model::Bounded { capacity } => bounded::verify(object, capacity, anomaly),
        Model::Set => set::verify(object, anomaly),
    }
}
