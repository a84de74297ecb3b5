//! The states of many objects, before the load and after it.

use std::collections::HashMap;

use check::Object;
use check::history::Initial;

use super::{SeenAfter, read};
use crate::extract::Decimal;
use crate::state::State;

/// Gives each object what the `first` state says that it was, and what the `reads` after the load found of
/// it, by `client`. One that nobody did anything with is there, too, where it changed all the
/// same; it has what the others have in `common`.
pub(super) fn states(
    objects: &mut Vec<Object>,
    first: &State,
    reads: &[SeenAfter<'_>],
    client: u32,
    common: &Object,
) {
    let initial = |key: &str| first.of(key).map(|number| Initial::Value(number.floor()));
    for object in &mut *objects {
        object.initial = initial(&object.key).unwrap_or_else(|| object.initial.clone());
    }
    let mut places: HashMap<String, usize> =
        objects.iter().enumerate().map(|(place, object)| (object.key.clone(), place)).collect();
    for SeenAfter { called, returned, state } in reads {
        let State::Keyed(now) = state else { continue };
        for (key, number) in now {
            let is_known = places.contains_key(key);
            if !is_known && first.of(key) == Some(*number) {
                continue;
            }
            let place = *places.entry(key.clone()).or_insert_with(|| {
                let initial = initial(key).unwrap_or(Initial::Default);
                objects.push(Object { key: key.clone(), initial, ..common.clone() });
                objects.len() - 1
            });
            let fraction = first.of(key).map(Decimal::fraction).unwrap_or_default();
            if let Some(result) = number.above(fraction) {
                objects[place].operations.push(read((*called, *returned), result, client));
            }
        }
    }
}

/// Whether updates of `object` were acknowledged, and the state `after` the load does not have it.
pub(in crate::judge) fn is_unseen(object: &Object, after: &State) -> bool {
    let is_acknowledged = || object.operations.iter().any(check::Operation::is_acknowledged);
    matches!(after, State::Keyed(_)) && after.of(&object.key).is_none() && is_acknowledged()
}
