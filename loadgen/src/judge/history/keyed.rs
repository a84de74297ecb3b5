//! The states of many objects, before the load and after it.

use std::collections::HashMap;

use check::history::Initial;
use check::{Object, Tokens};

use super::{SeenAfter, read};
use crate::extract::{Decimal, Scalar, Steps};
use crate::state::State;

/// The states of many objects.
pub(super) struct States<'s> {
    /// What they were at first.
    pub(super) first: &'s State,
    /// Who read them after the load.
    pub(super) client: u32,
    /// What the objects have in common.
    pub(super) common: &'s Object,
    /// What a step of numbers is.
    pub(super) decimals: u8,
    /// Where texts are put.
    pub(super) tokens: &'s mut Tokens,
}

impl States<'_> {
    /// Gives each of the `objects` what it was at first, and what the `reads` after the load found of it.
    /// One that nobody did anything with is there, too, where it changed all the same.
    pub(super) fn put_into(mut self, objects: &mut Vec<Object>, reads: &[SeenAfter<'_>]) {
        for object in &mut *objects {
            if let Some(initial) = self.initial(&object.key) {
                object.initial = initial;
            }
        }
        let places = objects.iter().enumerate();
        let mut places: HashMap<String, usize> =
            places.map(|(place, object)| (object.key.clone(), place)).collect();
        for SeenAfter { called, returned, state } in reads {
            let State::Keyed(now) = state else { continue };
            for (key, value) in now {
                let is_known = places.contains_key(key);
                if !is_known && self.first.of(key) == Some(value) {
                    continue;
                }
                let place = *places.entry(key.clone()).or_insert_with(|| {
                    let initial = self.initial(key).unwrap_or(Initial::Default);
                    objects.push(Object { key: key.clone(), initial, ..self.common.clone() });
                    objects.len() - 1
                });
                if let Some(result) = self.count(value, self.first.of(key)) {
                    let read = read((*called, *returned), result, self.client);
                    objects[place].operations.push(read);
                }
            }
        }
    }

    /// What the object that is called `key` was at first.
    fn initial(&mut self, key: &str) -> Option<Initial> {
        let value = self.first.of(key)?;
        self.count(value, Some(value)).map(Initial::Value)
    }

    /// What stands for `value`, where `first` was there at first; `None` where it tells nothing: a number
    /// with another fraction than the first.
    fn count(&mut self, value: &Scalar, first: Option<&Scalar>) -> Option<i64> {
        match (value, first) {
            (Scalar::Text(text), _) => Some(self.tokens.of(text)),
            (Scalar::Number(number), Some(Scalar::Number(first))) => {
                Steps::from(self.decimals, *first).count(*number)
            }
            (Scalar::Number(number), _) => {
                Steps::from(self.decimals, Decimal::default()).count(*number)
            }
        }
    }
}

/// Whether updates of `object` were acknowledged, and the state `after` the load does not have it.
pub(in crate::judge) fn is_unseen(object: &Object, after: &State) -> bool {
    let is_acknowledged = || object.operations.iter().any(check::Operation::is_acknowledged);
    matches!(after, State::Keyed(_)) && after.of(&object.key).is_none() && is_acknowledged()
}
