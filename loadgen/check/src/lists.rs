//! The lists that reads of a set returned, in little memory.
//!
//! A set that grows is read again and again, and each list holds about what the one before held: kept
//! as they came, they need memory in proportion to the square of the run. Here each distinct element
//! is kept once, and has a number: how many others were seen before it. A list is kept as the ranges
//! of numbers that it has, in a few bytes each. A list of all that was seen so far is one range, and
//! each gap in it makes one more. At worst, an element takes 6 bytes, where it took 8.
//!
//! A set has no order, so that of a list's elements is not kept. How often a list has each is kept.

mod numbers;

use std::fmt;
use std::iter::repeat_n;
use std::ops::Range;

pub(crate) use numbers::Numbers;

/// Lists of elements, one behind the other.
#[derive(Clone, Default)]
pub struct Lists {
    numbers: Numbers,
    /// Of each list: how many elements are in it more than once, which, and how many times more; then
    /// the ranges of all that are in it.
    bytes: Vec<u8>,
    /// Where each list ends.
    ends: Vec<usize>,
}

/// One of several lists.
#[derive(Clone, Copy)]
pub struct List<'l> {
    elements: &'l [i64],
    /// Of how many it says in `repeated` how many times more they are there.
    repeated_count: u32,
    repeated: &'l [u8],
    ranges: &'l [u8],
}

impl Lists {
    /// Adds a list. Returns its index, which is the result of a read that returned it.
    ///
    /// # Panics
    /// When there are 2³² different elements.
    pub fn push(&mut self, list: &[i64]) -> i64 {
        let mut next = 0;
        let numbers = list.iter().map(|element| {
            // Most often they come in the order in which they first came.
            let is_next = self.numbers.values().get(next as usize) == Some(element);
            let number = if is_next { next } else { self.numbers.of(*element) };
            next = number + 1;
            number
        });
        let numbers = numbers.collect();
        self.keep(numbers)
    }

    /// Adds the lists of `others` behind these, with each element as `translate` has it.
    ///
    /// # Panics
    /// When there are 2³² different elements.
    pub fn append(&mut self, others: &Self, translate: impl Fn(i64) -> i64) {
        let here = |element: &i64| self.numbers.of(translate(*element));
        let new: Vec<_> = others.distinct().iter().map(here).collect();
        for list in others.all() {
            let repeated = list.repeated().flat_map(|(number, times)| repeat_n(number, times));
            let numbers = list.numbers().chain(repeated);
            self.keep(numbers.map(|number| new[number as usize]).collect());
        }
    }

    /// Adds the list of the elements with these numbers.
    fn keep(&mut self, mut numbers: Vec<u32>) -> i64 {
        #[expect(clippy::stable_sort_primitive, reason = "most of it is sorted already")]
        numbers.sort();
        let repeated = || numbers.chunk_by(|one, next| one == next).filter(|same| same.len() > 1);
        encode(count(repeated().count()), &mut self.bytes);
        let mut before = 0;
        for same in repeated() {
            encode(same[0] - before, &mut self.bytes);
            encode(count(same.len() - 1), &mut self.bytes);
            before = same[0];
        }
        numbers.dedup();
        let mut before = 0;
        for range in numbers.chunk_by(|number, next| number + 1 == *next) {
            let length = count(range.len());
            encode(range[0] - before, &mut self.bytes);
            encode(length, &mut self.bytes);
            before = range[0] + length;
        }
        self.ends.push(self.bytes.len());
        i64::try_from(self.ends.len() - 1).expect("a count of lists fits")
    }

    /// The list with this index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<List<'_>> {
        let end = *self.ends.get(index)?;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        let mut bytes = &self.bytes[start..end];
        let repeated_count = decode(&mut bytes);
        let repeated = bytes;
        for _ in 0..2 * u64::from(repeated_count) {
            decode(&mut bytes);
        }
        Some(List { elements: self.distinct(), repeated_count, repeated, ranges: bytes })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The lists, one after the other.
    pub fn all(&self) -> impl Iterator<Item = List<'_>> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// How much memory they hold, in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.numbers.heap_bytes()
            + self.bytes.capacity()
            + self.ends.capacity() * size_of::<usize>()
    }

    /// The elements of all lists, each once, in the order in which they first came.
    #[must_use]
    pub fn distinct(&self) -> &[i64] {
        self.numbers.values()
    }
}

impl<'l> List<'l> {
    /// How many elements it has. One that is in it twice counts twice.
    #[must_use]
    pub fn len(self) -> usize {
        let distinct: usize = self.ranges().map(|range| range.len()).sum();
        let again: usize = self.repeated().map(|(_, times)| times).sum();
        distinct + again
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.ranges.is_empty()
    }

    /// Its elements, in the order in which any list had them first; behind them those that are in it
    /// again, each as often as it is.
    pub fn elements(self) -> impl Iterator<Item = i64> + Clone + use<'l> {
        let elements = self.elements;
        let of = |range: Range<u32>| &elements[range.start as usize..range.end as usize];
        let distinct = self.ranges().flat_map(of).copied();
        let again = |(number, times)| repeat_n(elements[number as usize], times);
        distinct.chain(self.repeated().flat_map(again))
    }

    /// Whether `element` is in it.
    #[must_use]
    pub fn contains(self, element: i64) -> bool {
        self.elements().any(|one| one == element)
    }

    /// The numbers of its elements, each once, ascending.
    pub(crate) fn numbers(self) -> impl Iterator<Item = u32> + use<'l> {
        self.ranges().flatten()
    }

    /// The numbers of those that are in it more than once, ascending, each with how many times more.
    pub(crate) fn repeated(self) -> impl Iterator<Item = (u32, usize)> + Clone + use<'l> {
        Repeated { bytes: self.repeated, left: self.repeated_count, before: 0 }
    }

    fn ranges(self) -> Ranges<'l> {
        Ranges { bytes: self.ranges, before: 0 }
    }
}

/// Ranges of numbers, ascending: each as the distance to the end of the one before, and its length.
#[derive(Clone)]
struct Ranges<'l> {
    bytes: &'l [u8],
    before: u32,
}

impl Iterator for Ranges<'_> {
    type Item = Range<u32>;

    fn next(&mut self) -> Option<Range<u32>> {
        if self.bytes.is_empty() {
            return None;
        }
        let start = self.before + decode(&mut self.bytes);
        self.before = start + decode(&mut self.bytes);
        Some(start..self.before)
    }
}

/// Numbers, ascending: each as the distance to the one before, and how many times more it is there.
#[derive(Clone)]
struct Repeated<'l> {
    bytes: &'l [u8],
    left: u32,
    before: u32,
}

impl Iterator for Repeated<'_> {
    type Item = (u32, usize);

    fn next(&mut self) -> Option<(u32, usize)> {
        self.left = self.left.checked_sub(1)?;
        self.before += decode(&mut self.bytes);
        Some((self.before, decode(&mut self.bytes) as usize))
    }
}

fn count(count: usize) -> u32 {
    u32::try_from(count).expect("a list is in memory, and has fewer elements")
}

/// Seven bits a byte, the lowest first; all but the last byte have the eighth set.
fn encode(mut number: u32, bytes: &mut Vec<u8>) {
    loop {
        let low = (number & 0x7F).to_le_bytes()[0];
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

/// Takes a number off the front of `bytes`.
fn decode(bytes: &mut &[u8]) -> u32 {
    let (mut number, mut shift) = (0, 0);
    while let Some((byte, rest)) = bytes.split_first() {
        *bytes = rest;
        number |= u32::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            break;
        }
        shift += 7;
    }
    number
}

/// The same lists, whose elements first came in the same order.
impl PartialEq for Lists {
    fn eq(&self, other: &Self) -> bool {
        let are_equal = self.bytes == other.bytes && self.ends == other.ends;
        are_equal && self.distinct() == other.distinct()
    }
}

impl Eq for Lists {}

impl fmt::Debug for Lists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all()).finish()
    }
}

impl fmt::Debug for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.elements()).finish()
    }
}

impl<L: AsRef<[i64]>> FromIterator<L> for Lists {
    fn from_iter<I: IntoIterator<Item = L>>(lists: I) -> Self {
        let mut all = Self::default();
        for list in lists {
            all.push(list.as_ref());
        }
        all
    }
}

#[cfg(test)]
mod tests;
