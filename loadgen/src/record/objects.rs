//! Which of many objects each operation of a run is about.

use check::Texts;

use super::chunks::Chunks;

/// The objects, and of each operation which of them it is about; empty where there is one object.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Objects {
    /// What they are called.
    keys: Texts,
    /// Of each operation the place of its key.
    pub(super) of: Chunks<u32>,
}

impl Objects {
    /// The place of the object that is called `key`, behind all others where it is new.
    ///
    /// # Panics
    /// When there are 2³² objects.
    pub(super) fn place(&mut self, key: &[u8]) -> u32 {
        self.keys.place(&String::from_utf8_lossy(key))
    }

    /// What they are called, in the order of their places.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter()
    }

    /// About how much memory they take.
    pub(super) fn heap_bytes(&self) -> u64 {
        self.keys.heap_bytes() as u64 + self.of.heap_bytes()
    }

    /// Of each operation the place of its object, and what the objects are called.
    pub(super) fn into_parts(self) -> (Vec<u32>, Vec<String>) {
        let keys = self.keys().map(str::to_owned).collect();
        (self.of.into_one(), keys)
    }

    /// Adds those of the operations that come behind these.
    pub(super) fn append(&mut self, other: Self) {
        let Self { keys, mut of } = other;
        let here: Vec<_> = keys.iter().map(|key| self.keys.place(key)).collect();
        for place in of.iter_mut() {
            *place = here[*place as usize];
        }
        self.of.append(of);
    }
}
