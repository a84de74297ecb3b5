//! Values numbered from 0 on, in the order in which they came.

/// The number that no value has.
const NONE: u32 = u32::MAX;

/// An odd number whose multiples are spread evenly: 2⁶⁴ by the golden ratio.
const SCATTER: u64 = 0x9E37_79B9_7F4A_7C15;

/// Distinct values, and where each is found: a table with open addressing, half full at most.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers {
    values: Vec<i64>,
    /// Numbers of values, each in the first free slot from that of its value on. Their count is a
    /// power of two, or 0.
    slots: Vec<u32>,
}

impl Numbers {
    pub(crate) fn values(&self) -> &[i64] {
        &self.values
    }

    /// The number of `value`: a new one where it has none.
    pub(crate) fn of(&mut self, value: i64) -> u32 {
        if 2 * self.values.len() >= self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut slot = slot(value, self.slots.len());
        loop {
            let number = self.slots[slot];
            if number == NONE {
                let number = u32::try_from(self.values.len()).expect("values fill memory first");
                self.slots[slot] = number;
                self.values.push(value);
                return number;
            }
            if self.values[number as usize] == value {
                return number;
            }
            slot = (slot + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let count = (2 * self.slots.len()).max(16);
        self.slots.clear();
        self.slots.resize(count, NONE);
        for (number, value) in (0..).zip(&self.values) {
            let mut slot = slot(*value, count);
            while self.slots[slot] != NONE {
                slot = (slot + 1) & (count - 1);
            }
            self.slots[slot] = number;
        }
    }

    /// How much memory they hold.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.values.capacity() * size_of::<i64>() + self.slots.len() * size_of::<u32>()
    }
}

/// The first slot, of so many, that may hold the number of `value`.
fn slot(value: i64, count: usize) -> usize {
    let scattered = value.cast_unsigned().wrapping_mul(SCATTER);
    // The upper bits depend on all of the value's.
    usize::try_from(scattered >> (u64::BITS - count.ilog2())).expect("below a count of slots")
}
