//! Which of many objects each operation of a run is about.

use indexmap::IndexSet;

use super::chunks::Chunks;

/// The objects, and of each operation which of them it is about; empty where there is one object.
#[derive(Debug, Default)]
pub(super) struct Objects {
    /// What they are called.
    keys: IndexSet<Box<str>>,
    /// How long all keys are.
    key_bytes: u64,
    /// Of each operation the place of its key.
    pub(super) of: Chunks<u32>,
}

impl Objects {
    /// The place of the object that is called `key`, behind all others where it is new.
    ///
    /// # Panics
    /// When there are 2³² objects.
    pub(super) fn place(&mut self, key: &[u8]) -> u32 {
        let key = String::from_utf8_lossy(key);
        match self.keys.get_index_of(&*key) {
            Some(place) => narrow(place),
            None => self.add((*key).into()),
        }
    }

    /// What they are called, in the order of their places.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| &**key)
    }

    /// About how much memory they take.
    pub(super) fn heap_bytes(&self) -> u64 {
        let per_key = size_of::<Box<str>>() + 4 * size_of::<usize>();
        self.key_bytes + (self.keys.len() * per_key) as u64 + self.of.heap_bytes()
    }

    /// Of each operation the place of its object, and what the objects are called.
    pub(super) fn into_parts(self) -> (Vec<u32>, Vec<Box<str>>) {
        (self.of.into_one(), self.keys.into_iter().collect())
    }

    /// Adds those of the operations that come behind these.
    pub(super) fn append(&mut self, other: Self) {
        let Self { keys, mut of, .. } = other;
        let here: Vec<_> = keys.into_iter().map(|key| self.add(key)).collect();
        for place in of.iter_mut() {
            *place = here[*place as usize];
        }
        self.of.append(of);
    }

    fn add(&mut self, key: Box<str>) -> u32 {
        let length = key.len() as u64;
        let (place, is_new) = self.keys.insert_full(key);
        self.key_bytes += if is_new { length } else { 0 };
        narrow(place)
    }
}

impl PartialEq for Objects {
    fn eq(&self, other: &Self) -> bool {
        self.keys.iter().eq(&other.keys) && self.of.iter().eq(other.of.iter())
    }
}

fn narrow(place: usize) -> u32 {
    u32::try_from(place).expect("keys in memory are fewer")
}
