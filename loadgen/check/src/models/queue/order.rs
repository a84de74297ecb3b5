//! The order that certifies that a history of a queue is valid.
//!
//! The answers that nothing was left each have a time, and cut the history into parts: each element is
//! put in and taken within one of them. Within a part, an element comes behind another if its addition
//! began when that of the other was over, or its take when that of the other was over. Where nothing is
//! out of turn, there is always one behind none of the rest, and it is the next.

use super::stays::{FOREVER, Span, Stay, Time};

/// An answer that nothing was left, and the time that it has.
pub(super) type Nothing = (Time, u32);

/// The order of the operations of `stays`, with nothing left in between.
pub(super) fn of(stays: &[Stay], mut nothing: Vec<Nothing>) -> Vec<u32> {
    nothing.sort_unstable();
    let mut times: Vec<_> = nothing.iter().map(|(time, _)| *time).collect();
    times.dedup();
    let mut parts: Vec<Vec<Stay>> = vec![Vec::new(); times.len() + 1];
    for stay in stays {
        // It is taken when it is in.
        let from = stay.leaves.from.max(stay.enters.from);
        let leaves = Span { from, ..stay.leaves };
        parts[times.partition_point(|time| *time <= middle(stay))].push(Stay { leaves, ..*stay });
    }
    let mut order = Vec::new();
    let mut nothing = nothing.into_iter().peekable();
    for (part, stays) in parts.iter().enumerate() {
        operations(stays, &mut order);
        let end = times.get(part).copied();
        while let Some((_, answer)) = nothing.next_if(|(time, _)| Some(*time) == end) {
            order.push(answer);
        }
    }
    order
}

/// A time within the part of an element: nothing is left at none between its addition and its take.
fn middle(stay: &Stay) -> Time {
    if stay.is_certain() { stay.enters.to } else { stay.enters.from.max(stay.leaves.from) }
}

/// Adds the operations of one part to `order`.
fn operations(stays: &[Stay], order: &mut Vec<u32>) {
    let (mut entered, mut left) = (Time::MIN, Time::MIN);
    let mut timed = Vec::with_capacity(2 * stays.len());
    for (place, index) in line(stays).into_iter().enumerate() {
        let stay = &stays[index];
        entered = entered.max(stay.enters.from);
        timed.extend(stay.added.map(|added| (entered, false, place, added)));
        // Behind one that stays for good come nameless takes alone, which may have taken that one.
        if let Some(taken) = stay.taken {
            left = left.max(stay.leaves.from);
            timed.push((left, true, place, taken));
        }
    }
    timed.sort_unstable();
    order.extend(timed.into_iter().map(|(_, _, _, operation)| operation));
}

/// The order in which elements come in and go out: indices of `stays`.
fn line(stays: &[Stay]) -> Vec<usize> {
    let mut enters = Order::new(stays, |stay| stay.enters);
    let mut leaves = Order::new(stays, |stay| stay.leaves);
    let mut is_placed = vec![false; stays.len()];
    let mut is_free = vec![false; stays.len()];
    let mut ready = Vec::new();
    let mut line = Vec::with_capacity(stays.len());
    while line.len() < stays.len() {
        for order in [&mut enters, &mut leaves] {
            order.release(&is_placed, |index| {
                if std::mem::replace(&mut is_free[index], true) {
                    ready.push(index);
                }
            });
        }
        let next = ready.pop().expect("nothing is out of turn");
        is_placed[next] = true;
        line.push(next);
    }
    line
}

/// Spans, and which of them begin when none that is to be placed is over.
struct Order {
    /// The ends with their indices, ascending, and how many of them are placed.
    ends: (Vec<(Time, usize)>, usize),
    /// The beginnings, and how many of them are released.
    begins: (Vec<(Time, usize)>, usize),
}

impl Order {
    fn new(stays: &[Stay], span: impl Fn(&Stay) -> Span) -> Self {
        let sorted = |time: &dyn Fn(Span) -> Time| {
            let times = stays.iter().enumerate();
            let mut times: Vec<_> = times.map(|(index, stay)| (time(span(stay)), index)).collect();
            times.sort_unstable();
            (times, 0)
        };
        Self { ends: sorted(&|span| span.to), begins: sorted(&|span| span.from) }
    }

    /// Calls `then` for each that has become free.
    fn release(&mut self, is_placed: &[bool], mut then: impl FnMut(usize)) {
        let (ends, over) = &mut self.ends;
        while ends.get(*over).is_some_and(|(_, index)| is_placed[*index]) {
            *over += 1;
        }
        let first_end = ends.get(*over).map_or(FOREVER, |(end, _)| *end);
        let (begins, released) = &mut self.begins;
        while let Some((_, index)) = begins.get(*released).filter(|(begin, _)| *begin <= first_end)
        {
            *released += 1;
            then(*index);
        }
    }
}
