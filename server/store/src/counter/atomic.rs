//! `atomic`: one read-modify-write, which shares the lock around the map with every other.

use super::counters::{CounterError, Counters};
use super::names::Names;
use crate::sync::{AtomicI64, Ordering::SeqCst, RwLock};

/// Whoever is about a single number shares the lock, and the number is atomic; whoever is about
/// all of them has the lock alone. Number by number, a list could show an increment and lack one
/// that came before it.
pub(crate) struct Atomic {
    numbers: RwLock<Names<AtomicI64>>,
}

impl Atomic {
    pub(crate) fn new() -> Self {
        Self { numbers: RwLock::new(Names::new()) }
    }
}

impl Counters for Atomic {
    fn get(&self, name: &str) -> Result<i64, CounterError> {
        Ok(self.numbers.read().get(name)?.load(SeqCst))
    }

    /// A swap rather than a store, though its answer is of no use: loom 0.7 lets a store come
    /// between the two halves of a read-modify-write (tokio-rs/loom#254), which no processor does.
    fn set(&self, name: &str, value: i64) -> Result<(), CounterError> {
        if let Ok(number) = self.numbers.read().get(name) {
            number.swap(value, SeqCst);
            return Ok(());
        }
        let mut numbers = self.numbers.write();
        numbers.get_or_insert_with(name, || AtomicI64::new(value))?.swap(value, SeqCst);
        Ok(())
    }

    /// A compare-and-swap rather than a `fetch_add`, which would wrap at `i64::MAX`.
    fn inc(&self, name: &str) -> Result<i64, CounterError> {
        let numbers = self.numbers.read();
        let increment = |value: i64| value.checked_add(1);
        let old = numbers.get(name)?.fetch_update(SeqCst, SeqCst, increment);
        old.map(|old| old + 1).map_err(|_| CounterError::Overflow)
    }

    fn list(&self) -> Vec<(String, i64)> {
        self.numbers.write().list(|number| number.load(SeqCst))
    }
}
