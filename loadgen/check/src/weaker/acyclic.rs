//! Whether values can be put into an order of which some pairs are given.
//!
//! What has nothing left before it comes next, until all are there or nothing is left that can come
//! next. Source: A. B. Kahn, Topological sorting of large networks, Communications of the ACM 5(11),
//! 1962. Where time counts as well, a value can come next if its write began before every value that
//! is left was there: the first of them to be there says so for all. Sorting makes that O(n log n).

/// When each value's write began, and when the value was there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times<'t> {
    pub(super) calls_ns: &'t [u64],
    pub(super) there_ns: &'t [u64],
}

impl Times<'_> {
    /// Whether one value was there before the write of another began.
    pub(super) fn is_before(&self, one: u32, other: u32) -> bool {
        self.there_ns[one as usize] < self.calls_ns[other as usize]
    }
}

/// Looks for an order of the values below `values` in which the first of each of `pairs` comes
/// before the second, and one that was there before another was written too, if `times` are given.
///
/// # Errors
/// When there is none: the index of a pair that contradicts others, or time.
pub(super) fn order(
    values: usize,
    pairs: &[(u32, u32)],
    times: Option<Times<'_>>,
) -> Result<(), usize> {
    if let Some(times) = times {
        let is_contradicted = |&(one, other): &(u32, u32)| times.is_before(other, one);
        if let Some(pair) = pairs.iter().position(is_contradicted) {
            return Err(pair);
        }
        // Most often the order of the calls will do.
        let key = |value: u32| (times.calls_ns[value as usize], value);
        if pairs.iter().all(|(one, other)| key(*one) < key(*other)) {
            return Ok(());
        }
    }
    let mut sorting = Sorting::new(values, pairs, times);
    if sorting.place_all() { Ok(()) } else { Err(sorting.contradiction()) }
}

struct Sorting<'p> {
    pairs: &'p [(u32, u32)],
    /// Of each value, the indices of the pairs that it is first in: one value after the other.
    of: Vec<u32>,
    starts: Vec<u32>,
    /// How many values each waits for.
    waits: Vec<u32>,
    is_placed: Vec<bool>,
    queue: Queue<'p>,
}

/// The values in the order in which time lets them come next.
struct Queue<'p> {
    times: Option<Times<'p>>,
    by_call: Vec<u32>,
    by_there: Vec<u32>,
    /// How many of `by_call` may come next as far as time says.
    called: usize,
    /// How many of `by_there`, from the first on, are placed.
    placed: usize,
}

impl<'p> Sorting<'p> {
    fn new(values: usize, pairs: &'p [(u32, u32)], times: Option<Times<'p>>) -> Self {
        let mut starts = vec![0_u32; values + 1];
        let mut waits = vec![0_u32; values];
        for (one, other) in pairs {
            starts[*one as usize + 1] += 1;
            waits[*other as usize] += 1;
        }
        for value in 0..values {
            starts[value + 1] += starts[value];
        }
        let mut ends = starts.clone();
        let mut of = vec![0; pairs.len()];
        for (pair, (one, _)) in (0..).zip(pairs) {
            let end = &mut ends[*one as usize];
            of[*end as usize] = pair;
            *end += 1;
        }
        let is_placed = vec![false; values];
        Self { pairs, of, starts, waits, is_placed, queue: Queue::new(values, times) }
    }

    /// Places values until none can come next; whether that is all of them.
    fn place_all(&mut self) -> bool {
        let values = self.is_placed.len();
        let mut is_timely = vec![false; values];
        let mut next = Vec::new();
        let mut count = 0;
        loop {
            while let Some(value) = self.queue.next_in_time(&self.is_placed) {
                is_timely[value as usize] = true;
                if self.waits[value as usize] == 0 {
                    next.push(value);
                }
            }
            let Some(value) = next.pop() else { return count == values };
            self.is_placed[value as usize] = true;
            count += 1;
            let [start, end] = [value as usize, value as usize + 1].map(|at| self.starts[at]);
            for pair in &self.of[start as usize..end as usize] {
                let (_, other) = self.pairs[*pair as usize];
                let waits = &mut self.waits[other as usize];
                *waits -= 1;
                if *waits == 0 && is_timely[other as usize] {
                    next.push(other);
                }
            }
        }
    }

    /// A pair in a circle of values that all wait for each other. Time alone makes no circle.
    fn contradiction(&self) -> usize {
        let is_left = |value: u32| !self.is_placed[value as usize];
        let mut before = vec![None; self.is_placed.len()];
        for (index, (one, other)) in self.pairs.iter().enumerate() {
            if is_left(*one) && is_left(*other) {
                before[*other as usize] = Some(index);
            }
        }
        // Whoever waits for none of the others waits for the one that was there first.
        let first = self.queue.first_left();
        let mut is_seen = vec![false; self.is_placed.len()];
        let left = (0_u32..)
            .zip(&self.is_placed)
            .find_map(|(value, is_placed)| (!is_placed).then_some(value));
        let mut value = left.expect("not all of them are placed");
        loop {
            let pair = before[value as usize];
            if let Some(pair) = pair.filter(|_| is_seen[value as usize]) {
                return pair;
            }
            is_seen[value as usize] = true;
            value = pair.map_or(first, |pair| self.pairs[pair].0);
        }
    }
}

impl<'p> Queue<'p> {
    fn new(values: usize, times: Option<Times<'p>>) -> Self {
        let values = u32::try_from(values).expect("there are no more values than operations");
        let sorted = |key_ns: &[u64]| {
            let mut sorted: Vec<_> = (0..values).collect();
            sorted.sort_unstable_by_key(|value| key_ns[*value as usize]);
            sorted
        };
        let (by_call, by_there) = match times {
            Some(Times { calls_ns, there_ns }) => (sorted(calls_ns), sorted(there_ns)),
            None => ((0..values).collect(), Vec::new()),
        };
        Self { times, by_call, by_there, called: 0, placed: 0 }
    }

    /// The next value that may come as far as time says, if it does not have to wait.
    fn next_in_time(&mut self, is_placed: &[bool]) -> Option<u32> {
        let value = *self.by_call.get(self.called)?;
        if let Some(times) = self.times {
            while let Some(first) = self.by_there.get(self.placed)
                && is_placed[*first as usize]
            {
                self.placed += 1;
            }
            let first = self.by_there.get(self.placed);
            if first.is_some_and(|first| times.is_before(*first, value)) {
                return None;
            }
        }
        self.called += 1;
        Some(value)
    }

    /// Of the values that are not placed, the one that was there first.
    fn first_left(&self) -> u32 {
        self.by_there.get(self.placed).copied().unwrap_or_default()
    }
}
