//! Things in a row, some of which take away from all that come before them.

/// So much at each place of a row, less what was taken away behind it.
///
/// Changes take O(log n), the least of all is known at any time.
#[derive(Debug)]
pub(super) struct Line {
    /// How many places there are room for: a power of two.
    size: usize,
    /// What was taken away within each part: a heap of parts, each of two halves.
    taken: Vec<i64>,
    /// The least of each part and its place, less what was taken away behind it within the part.
    least: Vec<(i64, u32)>,
}

/// More than any sum.
const NOTHING: i64 = i64::MAX / 2;

impl Line {
    /// A row of so many places, of which none has anything.
    pub(super) fn new(places: usize) -> Self {
        let size = places.max(1).next_power_of_two();
        Self { size, taken: vec![0; 2 * size], least: vec![(NOTHING, 0); 2 * size] }
    }

    /// There is so much at a place that had nothing.
    pub(super) fn put(&mut self, place: u32, much: i64) {
        let at = self.size + place as usize;
        self.least[at] = (much, place);
        self.mend(at);
    }

    /// Takes away `much` from every place before this one.
    pub(super) fn take(&mut self, place: u32, much: i64) {
        let at = self.size + place as usize;
        self.taken[at] += much;
        self.mend(at);
    }

    /// The least of all, and its place.
    pub(super) fn least(&self) -> (i64, u32) {
        self.least[1]
    }

    /// Makes the parts right that the place `at` is within.
    fn mend(&mut self, mut at: usize) {
        while at > 1 {
            at /= 2;
            let [first, second] = [2 * at, 2 * at + 1];
            self.taken[at] = self.taken[first] + self.taken[second];
            let (much, place) = self.least[first];
            self.least[at] = (much - self.taken[second], place).min(self.least[second]);
        }
    }
}
