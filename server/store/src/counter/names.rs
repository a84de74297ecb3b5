//! A bounded map from names to what is kept under them: the sequential core of every mode.

use std::collections::BTreeMap;

use super::counters::CounterError;

/// How many names a store holds at most; a service that anyone may call must not grow without end.
pub const MAX_NAMES: usize = 10_000;

/// At most [`MAX_NAMES`] names, each with a `V`. Their order is the same in every run: a model
/// checker that tries a schedule again has to meet the cells in the same order.
pub(crate) struct Names<V>(BTreeMap<String, V>);

impl<V> Names<V> {
    pub(crate) fn new() -> Self {
        Self(BTreeMap::new())
    }

    pub(crate) fn get(&self, name: &str) -> Result<&V, CounterError> {
        self.0.get(name).ok_or(CounterError::UnknownName)
    }

    /// The entry of `name`, made by `make` if it is new.
    pub(crate) fn get_or_insert_with(
        &mut self,
        name: &str,
        make: impl FnOnce() -> V,
    ) -> Result<&mut V, CounterError> {
        if self.0.len() >= MAX_NAMES && !self.0.contains_key(name) {
            return Err(CounterError::Full);
        }
        Ok(self.0.entry(name.to_owned()).or_insert_with(make))
    }

    /// Every name with `value` of its entry, ordered by name.
    pub(crate) fn list(&self, value: impl Fn(&V) -> i64) -> Vec<(String, i64)> {
        self.0.iter().map(|(name, v)| (name.clone(), value(v))).collect()
    }
}

/// Counters for one thread at a time: what [`Counters`](crate::Counters) means, without the sharing.
impl Names<i64> {
    pub(crate) fn set(&mut self, name: &str, value: i64) -> Result<(), CounterError> {
        *self.get_or_insert_with(name, || 0)? = value;
        Ok(())
    }

    pub(crate) fn inc(&mut self, name: &str) -> Result<i64, CounterError> {
        let value = self.0.get_mut(name).ok_or(CounterError::UnknownName)?;
        *value = value.checked_add(1).ok_or(CounterError::Overflow)?;
        Ok(*value)
    }
}
