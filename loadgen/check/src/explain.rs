//! Why a witness is one, in words.

use crate::anomaly::Anomaly;
use crate::history::Object;
use crate::models::Model;
use crate::sentence::{Explanation, Scene};

/// What the witness of `anomaly`, which is an anomaly of `object`, proves, and how. Times, which
/// are in nanoseconds on the history's clock, are shown as `time` shows them.
///
/// # Panics
/// When the witness has an index that is none of the object's operations.
#[must_use]
pub fn explain(
    object: &Object,
    model: Model,
    anomaly: &Anomaly,
    time: &dyn Fn(u64) -> String,
) -> Explanation {
    model.explain(Scene { object, anomaly, time })
}
