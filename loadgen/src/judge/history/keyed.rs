//! The states of many objects, before the load and after it.

use std::collections::HashMap;

use check::history::Initial;
use check::{Object, Tokens};

use super::super::LastRead;
use super::read;
use crate::extract::{Decimal, Scalar};
use crate::state::State;

/// Gives each object what the `first` state says that it was, and what was read of it `after` the load,
/// by `client`; texts are put into `tokens`. One that nobody did anything with is there, too, where it
/// changed all the same; it has what the others have in `common`.
pub(super) fn states<'a>(
    objects: &mut Vec<Object>,
    first: &State,
    after: impl Iterator<Item = &'a LastRead>,
    client: u32,
    common: &Object,
    tokens: &mut Tokens,
) {
    let initial = |key: &str, tokens: &mut Tokens| {
        Some(Initial::Value(match first.of(key)? {
            Scalar::Number(number) => number.floor(),
            Scalar::Text(text) => tokens.of(text),
        }))
    };
    for object in &mut *objects {
        if let Some(initial) = initial(&object.key, tokens) {
            object.initial = initial;
        }
    }
    let mut places: HashMap<String, usize> =
        objects.iter().enumerate().map(|(place, object)| (object.key.clone(), place)).collect();
    for LastRead { called, returned, state } in after {
        let Ok(State::Keyed(now)) = state else { continue };
        for (key, value) in now {
            let is_known = places.contains_key(key);
            if !is_known && first.of(key) == Some(value) {
                continue;
            }
            let place = *places.entry(key.clone()).or_insert_with(|| {
                let initial = initial(key, tokens).unwrap_or(Initial::Default);
                objects.push(Object { key: key.clone(), initial, ..common.clone() });
                objects.len() - 1
            });
            if let Some(result) = result_of(value, first.of(key), tokens) {
                objects[place].operations.push(read((*called, *returned), result, client));
            }
        }
    }
}

/// The result of a read that found `value`, where `first` was there at first; `None` where it tells
/// nothing: a number with another fraction than the first.
fn result_of(value: &Scalar, first: Option<&Scalar>, tokens: &mut Tokens) -> Option<i64> {
    match (value, first) {
        (Scalar::Text(text), _) => Some(tokens.of(text)),
        (Scalar::Number(number), Some(Scalar::Number(first))) => number.above(first.fraction()),
        (Scalar::Number(number), _) => number.above(Decimal::default()),
    }
}

/// Whether updates of `object` were acknowledged, and the state `after` the load does not have it.
pub(in crate::judge) fn is_unseen(object: &Object, after: &State) -> bool {
    let is_acknowledged = || object.operations.iter().any(check::Operation::is_acknowledged);
    matches!(after, State::Keyed(_)) && after.of(&object.key).is_none() && is_acknowledged()
}
