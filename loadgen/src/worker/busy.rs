//! How busy a worker's thread is.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

use crate::record::{Thread, Work};
use crate::resources::thread_time;

/// What the processor did for the thread that this was begun on, second by second.
pub(super) struct Busy {
    begun: Reading,
    /// When the current second began.
    since: Cell<Reading>,
    /// `None` until a second was over.
    busiest: Cell<Option<Work>>,
}

/// Two clocks, read at one instant.
#[derive(Clone, Copy)]
struct Reading {
    cpu: Duration,
    wall: Instant,
}

/// A time that is shorter says little of a second: it counts in what follows.
const LEAST: Duration = Duration::from_millis(900);

impl Busy {
    /// Begins on the calling thread.
    pub(super) fn begin() -> Self {
        let begun = Reading::now();
        Self { begun, since: Cell::new(begun), busiest: Cell::default() }
    }

    /// Looks at the end of a second.
    pub(super) fn look(&self) {
        self.look_at(Reading::now());
    }

    /// What came of it. A last second that is not over counts in the whole alone.
    pub(super) fn end(self) -> Thread {
        let whole = self.begun.work_until(Reading::now());
        Thread { whole, busiest: self.busiest.get().unwrap_or(whole) }
    }

    fn look_at(&self, now: Reading) {
        if now.wall < self.since.get().wall + LEAST {
            return;
        }
        let second = self.since.replace(now).work_until(now);
        let busiest = self.busiest.get().map_or(second, |busiest| busiest.busier(second));
        self.busiest.set(Some(busiest));
    }
}

impl Reading {
    fn now() -> Self {
        Self { cpu: thread_time(), wall: Instant::now() }
    }

    fn work_until(self, end: Self) -> Work {
        Work::new(end.cpu.saturating_sub(self.cpu), end.wall - self.wall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is seen when it is looked at after so long, while the processor worked for so long.
    fn seen(looks_ms: &[(u64, u64)]) -> Thread {
        let busy = Busy::begin();
        let Reading { mut cpu, mut wall } = busy.begun;
        for (wall_ms, cpu_ms) in looks_ms {
            wall += Duration::from_millis(*wall_ms);
            cpu += Duration::from_millis(*cpu_ms);
            busy.look_at(Reading { cpu, wall });
        }
        busy.end()
    }

    fn work(cpu_ms: u64, wall_ms: u64) -> Work {
        Work::new(Duration::from_millis(cpu_ms), Duration::from_millis(wall_ms))
    }

    #[test]
    fn the_busiest_second_counts_and_not_the_last() {
        let seen = seen(&[(990, 200), (1100, 770), (1000, 400), (10, 10)]);
        assert_eq!(seen.busiest, work(770, 1100));
        // A look that is late makes the next second short.
        assert_eq!(self::seen(&[(1500, 300), (500, 500), (1000, 700)]).busiest, work(1200, 1500));
        assert_eq!(self::seen(&[(1000, 0)]).busiest, work(0, 1000));
    }

    #[test]
    fn of_a_run_without_a_second_all_of_it_counts() {
        let Thread { whole, busiest } = seen(&[(300, 300)]);
        assert_eq!(busiest, whole);
    }
}
