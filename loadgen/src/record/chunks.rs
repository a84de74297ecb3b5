//! A list in chunks, so that adding to it allocates only now and then and moves nothing.

/// So many are allocated at once.
const CHUNK: usize = 8 * 1024;

/// What was added, in its order.
#[derive(Debug, Clone)]
pub(super) struct Chunks<T>(Vec<Vec<T>>);

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy> Chunks<T> {
    pub(super) fn push(&mut self, one: T) {
        match self.0.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(one),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(one);
                self.0.push(chunk);
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().flatten()
    }

    /// Leaves out those of which `stays` is false; it is asked of each in its order.
    pub(super) fn retain(&mut self, mut stays: impl FnMut(&T) -> bool) {
        self.0.iter_mut().for_each(|chunk| chunk.retain(&mut stays));
    }

    /// Adds those of `other` behind these.
    pub(super) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// About how much memory they take, in bytes.
    pub(super) fn heap_bytes(&self) -> u64 {
        (self.0.len() * CHUNK * size_of::<T>()) as u64
    }

    /// All of them in one list; each chunk is freed before the next is copied.
    pub(super) fn into_one(self) -> Vec<T> {
        let mut all = Vec::with_capacity(self.0.iter().map(Vec::len).sum());
        for chunk in self.0 {
            all.extend_from_slice(&chunk);
        }
        all
    }
}

/// How they are divided into chunks makes no difference.
impl<T: Copy + PartialEq> PartialEq for Chunks<T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}
