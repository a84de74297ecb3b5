//! What a journal's lines and times say together about which operation was over before another.
//!
//! A journal has two orders: that of its lines and that of its times. Where they differ one of them
//! is wrong, and nobody knows which. So that no order is held against a service that was not there,
//! an operation counts as over before another begins only where both say so:
//!
//! - Its end stands on an earlier line than the other's beginning, and has a smaller time.
//! - Equal times say nothing, except of the operations of one process, which does one thing at a
//!   time: there the lines decide. Where two processes both end an operation and begin the next
//!   within one tick of the clock, no intervals have the order of both and nothing between them;
//!   among these events, and no others, the lines decide as well.
//! - A process whose own times go back did what it did in the order of its lines: its later events
//!   are taken to be no earlier than those before.
//!
//! Everything else overlaps. An order of intervals cannot have every set of such pairs: where lines
//! and times contradict each other over several operations of several processes, some pairs are
//! left out, at worst those of a process with itself. A pair left out can make a history valid that
//! is not, and never the other way round: whatever order explains the answers under more pairs does
//! so under fewer.

use std::collections::HashMap;

#[cfg(test)]
mod tests;

/// Where an event stands among all, and when it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) place: u64,
    pub(super) time_ns: u64,
}

/// From when to when an operation took, and whose it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) process: i64,
    pub(super) called: Moment,
    pub(super) returned: Option<Moment>,
}

/// One end of a span.
#[derive(Debug, Clone, Copy)]
struct Event {
    span: usize,
    process: i64,
    is_return: bool,
    time_ns: u64,
    /// Where it stands among all; once that is settled, with [`key`].
    key: u64,
}

/// Changes the times of `spans` to times that say by themselves which was over before which. Spans
/// become longer and not shorter, but for ties within a process, which take a nanosecond.
pub(super) fn reconcile(spans: &mut [Span]) {
    let mut events = in_lines(spans);
    let zones = zones(&events);
    let mut by_time: Vec<usize> = (0..events.len()).collect();
    by_time.sort_by_key(|at| (events[*at].time_ns, zones[*at]));
    for (rank, at) in (0_u64..).zip(by_time) {
        events[at].key = key(rank);
    }
    delay_returns(&mut events);
    advance_calls(&mut events);
    events.sort_by_key(|event| (event.key, event.is_return));
    let (mut last_call_ns, mut last_return_ns) = (0, None::<u64>);
    for Event { span, is_return, time_ns, .. } in events {
        let Span { called, returned, .. } = &mut spans[span];
        if is_return {
            let return_ns = time_ns.max(last_call_ns);
            last_return_ns = Some(last_return_ns.map_or(return_ns, |last| last.max(return_ns)));
            if let Some(returned) = returned {
                returned.time_ns = return_ns;
            }
        } else {
            called.time_ns = last_return_ns.map_or(time_ns, |last| time_ns.max(last + 1));
            last_call_ns = last_call_ns.max(called.time_ns);
        }
    }
}

/// The place between the events of all ranks that the event of this one has. One of another can be
/// put right before or after it.
fn key(rank: u64) -> u64 {
    4 * rank + 1
}

/// The events in the order of their lines; the times of a process do not go back.
fn in_lines(spans: &[Span]) -> Vec<Event> {
    let mut placed: Vec<(u64, Event)> = Vec::with_capacity(2 * spans.len());
    for (span, &Span { process, called, returned }) in spans.iter().enumerate() {
        for (is_return, moment) in [(false, Some(called)), (true, returned)] {
            let event = |time_ns| Event { span, process, is_return, time_ns, key: 0 };
            placed.extend(moment.map(|Moment { place, time_ns }| (place, event(time_ns))));
        }
    }
    placed.sort_unstable_by_key(|(place, _)| *place);
    let mut latest_ns = HashMap::new();
    let in_order = placed.into_iter().map(|(_, event)| {
        let latest_ns = latest_ns.entry(event.process).or_insert(0);
        *latest_ns = event.time_ns.max(*latest_ns);
        Event { time_ns: *latest_ns, ..event }
    });
    in_order.collect()
}

/// Where each event stands among those of its time: the beginnings first and the ends last, but for
/// processes that end an operation and begin the next, which do so in the middle.
fn zones(events: &[Event]) -> Vec<u8> {
    let mut zones: Vec<u8> = events.iter().map(|event| 2 * u8::from(event.is_return)).collect();
    let mut last: HashMap<i64, usize> = HashMap::new();
    for (at, event) in events.iter().enumerate() {
        let before = last.insert(event.process, at).map(|before| (before, events[before]));
        if let Some((before, end)) = before
            && end.is_return
            && end.time_ns == event.time_ns
        {
            (zones[before], zones[at]) = (1, 1);
        }
    }
    zones
}

/// Puts ends behind the beginnings that stand on earlier lines, but not behind the next beginning
/// of their own process.
fn delay_returns(events: &mut [Event]) {
    let mut next_call: HashMap<i64, u64> = HashMap::new();
    let mut caps = vec![u64::MAX; events.len()];
    for (at, event) in events.iter().enumerate().rev() {
        if event.is_return {
            caps[at] = next_call.get(&event.process).copied().unwrap_or(u64::MAX);
        } else {
            next_call.insert(event.process, event.key);
        }
    }
    let mut latest_call = 0;
    for (event, cap) in events.iter_mut().zip(caps) {
        if !event.is_return {
            latest_call = latest_call.max(event.key);
        } else if latest_call > event.key {
            event.key = if latest_call < cap { latest_call + 1 } else { cap - 1 };
        }
    }
}

/// Puts beginnings before the ends that stand on later lines, wherever these still come first.
fn advance_calls(events: &mut [Event]) {
    let mut first_return = (u64::MAX, u64::MAX);
    for event in events.iter_mut().rev() {
        if event.is_return {
            first_return = first_return.min((event.key, event.time_ns));
        } else if first_return.0 < event.key {
            event.key = first_return.0;
            event.time_ns = event.time_ns.min(first_return.1);
        }
    }
}
