//! What a user would pick: the locks of `parking_lot` around a map, and a map in shards.

use std::collections::{BTreeSet, HashMap};

use dashmap::{DashMap, DashSet};
use loadgen_store::{CounterError, Counters, JobError, Jobs};

/// A name, and how to open it.
pub(crate) type Peer<S> = (&'static str, fn() -> Box<S>);

type Map = HashMap<String, i64>;
type Set = BTreeSet<i64>;

pub(crate) fn counters() -> Vec<Peer<dyn Counters>> {
    vec![
        ("parking_lot-mutex", || Box::new(Mutex::<Map>::default())),
        ("parking_lot-rwlock", || Box::new(RwLock::<Map>::default())),
        ("dashmap", || Box::new(Sharded::<DashMap<String, i64>>::default())),
    ]
}

pub(crate) fn jobs() -> Vec<Peer<dyn Jobs>> {
    vec![
        ("parking_lot-mutex", || Box::new(Mutex::<Set>::default())),
        ("parking_lot-rwlock", || Box::new(RwLock::<Set>::default())),
        ("dashmap", || Box::new(Sharded::<DashSet<i64>>::default())),
    ]
}

#[derive(Default)]
struct Mutex<T>(parking_lot::Mutex<T>);

#[derive(Default)]
struct RwLock<T>(parking_lot::RwLock<T>);

#[derive(Default)]
struct Sharded<T>(T);

fn inc(value: Option<&mut i64>) -> Result<i64, CounterError> {
    let value = value.ok_or(CounterError::UnknownName)?;
    *value = value.checked_add(1).ok_or(CounterError::Overflow)?;
    Ok(*value)
}

fn get(value: Option<&i64>) -> Result<i64, CounterError> {
    value.copied().ok_or(CounterError::UnknownName)
}

fn id_or_refuse(id: Option<i64>) -> Result<i64, JobError> {
    // Nobody here leaves the choice to the store.
    id.ok_or(JobError::Full)
}

fn found(is_found: bool) -> Result<(), JobError> {
    if is_found { Ok(()) } else { Err(JobError::UnknownId) }
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<_> = items.collect();
    items.sort_unstable();
    items
}

/// Both locks around a map and around a set: they differ in how one takes them.
macro_rules! behind_a_lock {
    ($lock:ident, $shared:ident, $exclusive:ident) => {
        impl Counters for $lock<Map> {
            fn get(&self, name: &str) -> Result<i64, CounterError> {
                get(self.0.$shared().get(name))
            }

            fn set(&self, name: &str, value: i64) -> Result<(), CounterError> {
                self.0.$exclusive().insert(name.to_owned(), value);
                Ok(())
            }

            fn inc(&self, name: &str) -> Result<i64, CounterError> {
                inc(self.0.$exclusive().get_mut(name))
            }

            fn list(&self) -> Vec<(String, i64)> {
                sorted(self.0.$shared().iter().map(|(name, value)| (name.clone(), *value)))
            }
        }

        impl Jobs for $lock<Set> {
            fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
                let id = id_or_refuse(id)?;
                self.0.$exclusive().insert(id);
                Ok(id)
            }

            fn contains(&self, id: i64) -> bool {
                self.0.$shared().contains(&id)
            }

            fn list(&self) -> Vec<i64> {
                self.0.$shared().iter().copied().collect()
            }

            fn remove(&self, id: i64) -> Result<(), JobError> {
                found(self.0.$exclusive().remove(&id))
            }
        }
    };
}

behind_a_lock!(Mutex, lock, lock);
behind_a_lock!(RwLock, read, write);

impl Counters for Sharded<DashMap<String, i64>> {
    fn get(&self, name: &str) -> Result<i64, CounterError> {
        get(self.0.get(name).as_deref())
    }

    fn set(&self, name: &str, value: i64) -> Result<(), CounterError> {
        self.0.insert(name.to_owned(), value);
        Ok(())
    }

    fn inc(&self, name: &str) -> Result<i64, CounterError> {
        inc(self.0.get_mut(name).as_deref_mut())
    }

    fn list(&self) -> Vec<(String, i64)> {
        sorted(self.0.iter().map(|entry| (entry.key().clone(), *entry.value())))
    }
}

impl Jobs for Sharded<DashSet<i64>> {
    fn add(&self, id: Option<i64>) -> Result<i64, JobError> {
        let id = id_or_refuse(id)?;
        self.0.insert(id);
        Ok(id)
    }

    fn contains(&self, id: i64) -> bool {
        self.0.contains(&id)
    }

    fn list(&self) -> Vec<i64> {
        sorted(self.0.iter().map(|id| *id))
    }

    fn remove(&self, id: i64) -> Result<(), JobError> {
        found(self.0.remove(&id).is_some())
    }
}
