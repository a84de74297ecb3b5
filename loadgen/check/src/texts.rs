//! Texts, each kept once.

use indexmap::IndexSet;

/// Texts, each once and with a place, in the order in which they first came.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    texts: IndexSet<Box<str>>,
    /// How long all of them are.
    bytes: usize,
}

impl Texts {
    /// The place of `text`, behind all others where it is new.
    ///
    /// # Panics
    /// When there are 2³² different texts.
    pub fn place(&mut self, text: &str) -> u32 {
        let place = self.texts.get_index_of(text).unwrap_or_else(|| {
            self.bytes += text.len();
            self.texts.insert_full(text.into()).0
        });
        u32::try_from(place).expect("texts in memory are fewer")
    }

    /// The text at this place.
    #[must_use]
    pub fn get(&self, place: u32) -> Option<&str> {
        self.texts.get_index(place as usize).map(|text| &**text)
    }

    /// All of them, in the order of their places.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| &**text)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// About how much memory they take, in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        // Of each text its place, its hash and its number; tables are half empty at worst.
        self.bytes + 2 * self.texts.len() * (size_of::<Box<str>>() + 2 * size_of::<usize>())
    }
}

/// The same texts, at the same places.
impl PartialEq for Texts {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Texts {}
