//! The times of requests one by one, where they are asked for.

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::Begin;
use super::chunks::Chunks;
use crate::wire::Answer;

/// The times of one worker's requests, or of those of several that were merged.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Timings {
    /// None are kept.
    #[default]
    Off,
    /// All are kept.
    On(Kept),
    /// There was no room for all: none are kept any more.
    Overflowed,
}

/// Times that are kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Kept {
    times: Chunks<Timing>,
    /// How many.
    count: u64,
    /// How many may be kept.
    room: u64,
}

/// The times of a request that was answered, in microseconds. Those of an hour and more than eleven
/// minutes are that long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the last part of each is its unit")]
#[serde(from = "(u64, u32, u32, u32)", into = "(u64, u32, u32, u32)")]
pub(crate) struct Timing {
    /// When it was due, since the start of the run.
    pub(crate) due_us: u64,
    /// Making its connection; 0 where there was one.
    pub(crate) connect_us: u32,
    /// From the connection, or the call where there was one, to the first byte.
    pub(crate) wait_us: u32,
    /// From when it was due to the last byte.
    pub(crate) total_us: u32,
}

impl Timings {
    /// Keeps so many; none where no `room` is given.
    pub(crate) fn new(room: Option<u64>) -> Self {
        room.map_or(Self::Off, |room| Self::On(Kept { room, ..Kept::default() }))
    }

    /// A request of a run that began at `started` was answered.
    pub(super) fn answered(&mut self, begin: &Begin, answer: &Answer, started: Instant) {
        if let Self::Off = self {
            return;
        }
        if !begin.kind.is_warm_up {
            self.keep(Timing::new(begin, answer, started));
        }
    }

    pub(super) fn keep(&mut self, timing: Timing) {
        let Self::On(kept) = self else { return };
        if kept.count >= kept.room {
            *self = Self::Overflowed;
            return;
        }
        kept.count += 1;
        kept.times.push(timing);
    }

    /// Adds what another worker kept. All are kept only where both kept all.
    pub(super) fn merge(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::On(kept), Self::On(Kept { times, count, room })) => {
                kept.times.append(times);
                kept.count += count;
                kept.room = kept.room.saturating_add(room);
            }
            (Self::Off, Self::Off) => {}
            (this, _) => *this = Self::Overflowed,
        }
    }

    /// All that were kept, the shortest request first; `None` where not all were.
    pub(crate) fn into_sorted(self) -> Option<Vec<Timing>> {
        let Self::On(Kept { times, .. }) = self else { return None };
        let mut all = times.into_one();
        all.sort_unstable_by_key(|timing| (timing.total_us, timing.due_us));
        Some(all)
    }
}

impl Kept {
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn room(&self) -> u64 {
        self.room
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Timing> {
        self.times.iter()
    }
}

impl Timing {
    fn new(begin: &Begin, answer: &Answer, started: Instant) -> Self {
        let us = |from: Instant, to: Instant| {
            u32::try_from(to.saturating_duration_since(from).as_micros()).unwrap_or(u32::MAX)
        };
        let due = begin.due.saturating_duration_since(started);
        Self {
            due_us: u64::try_from(due.as_micros()).expect("no run lasts 584,000 years"),
            connect_us: begin.connected.map_or(0, |connected| us(begin.call, connected)),
            wait_us: us(begin.connected.unwrap_or(begin.call), answer.first_byte),
            total_us: us(begin.due, answer.finished),
        }
    }
}

impl From<(u64, u32, u32, u32)> for Timing {
    fn from((due_us, connect_us, wait_us, total_us): (u64, u32, u32, u32)) -> Self {
        Self { due_us, connect_us, wait_us, total_us }
    }
}

impl From<Timing> for (u64, u32, u32, u32) {
    fn from(Timing { due_us, connect_us, wait_us, total_us }: Timing) -> Self {
        (due_us, connect_us, wait_us, total_us)
    }
}
