//! What the load cost this side, and whether this side limited it.

use schemars::JsonSchema;
use serde::Serialize;

use super::layout::{Field, Tone, field};
use crate::plan::Load;
use crate::record::Thread;
use crate::resources::Usage;

/// What the load cost this side.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Generator {
    /// Processor time in user mode.
    pub cpu_user_s: f64,
    /// Processor time in the kernel.
    pub cpu_system_s: f64,
    /// The most memory the process had.
    pub max_rss_bytes: u64,
    /// Threads that sent requests.
    pub threads: usize,
    /// How many threads this machine can have at work at once.
    pub cores: usize,
    /// The share of the run in which these threads were at work, from 0 to 1, on average.
    pub threads_busy: f64,
    /// The share of its busiest second in which the busiest thread was at work; of a shorter run, that
    /// of all of it.
    pub busiest_thread: f64,
    /// That a thread of loadgen's rather than the target may have limited the load; `None` where none
    /// did.
    pub warning: Option<String>,
    /// What the text shows of that.
    #[serde(skip)]
    shown: Shown,
}

/// A thread that is busier than this may be what limits the load.
const BUSY: f64 = 0.9;

/// What becomes of a warning in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// It does not concern whoever reads it: a closed loop sends as fast as it can, and nothing is left
    /// that could make it faster.
    Nothing,
    /// There is something to be had.
    Hint,
    /// The figures are not what was asked for.
    Warning,
}

impl Generator {
    /// What `load` cost, by what its `threads` did.
    pub(super) fn new(load: &Load, usage: Usage, threads: &[Thread]) -> Self {
        let busiest = threads.iter().map(|thread| thread.busiest.share()).fold(0.0, f64::max);
        let limit = Limit::new(load, usage.cores, busiest);
        Self {
            cpu_user_s: usage.user.as_secs_f64(),
            cpu_system_s: usage.system.as_secs_f64(),
            max_rss_bytes: usage.max_rss_bytes,
            threads: load.threads,
            cores: usage.cores,
            threads_busy: mean(threads.iter().map(|thread| thread.whole.share())),
            busiest_thread: busiest,
            shown: limit.as_ref().map_or(Shown::Nothing, Limit::shown),
            warning: limit.map(|limit| limit.text()),
        }
    }

    /// The warning, where whoever reads the report is to see it.
    pub(super) fn shown_warning(&self) -> Option<&str> {
        self.warning.as_deref().filter(|_| self.shown != Shown::Nothing)
    }

    /// In the text report.
    pub(super) fn field(&self) -> Option<Field> {
        let text = self.shown_warning()?;
        Some(match self.shown {
            Shown::Warning => field("Warning:", text).toned(Tone::Bad),
            _ => field("Generator busy:", text),
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "threads are few")]
fn mean(shares: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = shares.len().max(1) as f64;
    shares.sum::<f64>() / count
}

/// A thread had no time left.
struct Limit {
    is_open: bool,
    /// How busy it was.
    busiest: f64,
    /// How many threads could be at work at once, where there are more than were.
    more_threads: Option<usize>,
}

impl Limit {
    fn new(load: &Load, cores: usize, busiest: f64) -> Option<Self> {
        // Each thread has a connection of its own at least.
        let most = cores.min(load.concurrency);
        let more_threads = (most > load.threads).then_some(most);
        let is_open = load.shape.is_open();
        (busiest > BUSY).then_some(Self { is_open, busiest, more_threads })
    }

    fn shown(&self) -> Shown {
        match (self.is_open, self.more_threads) {
            (true, _) => Shown::Warning,
            (false, Some(_)) => Shown::Hint,
            (false, None) => Shown::Nothing,
        }
    }

    fn text(&self) -> String {
        let percent = 100.0 * self.busiest;
        let consequence = match (self.is_open, self.more_threads) {
            (true, Some(threads)) => {
                format!(
                    "latencies and the rate may be its own, not the target's (--threads {threads} may help)"
                )
            }
            (true, None) => {
                "latencies and the rate may be this machine's, not the target's".to_owned()
            }
            (false, Some(threads)) => {
                format!("more threads may send more (--threads {threads})")
            }
            (false, None) => {
                "the target may be able to do more than this machine asks for".to_owned()
            }
        };
        format!("one of loadgen's own threads was {percent:.0}% busy: {consequence}")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::plan::{Arrival, Profile, Shape};
    use crate::record::Work;
    use crate::resources::Meter;

    fn generator(is_open: bool, concurrency: usize, threads: usize, busy_ms: &[u64]) -> Generator {
        let closed = Shape::Closed { ramp_up: Duration::ZERO };
        let open = Shape::Open { profile: Profile::constant(1.0), arrival: Arrival::Constant };
        let shape = if is_open { open } else { closed };
        let load = Load { shape, concurrency, threads, ..crate::judge::tests::plan(None).load };
        let usage = Usage { cores: 4, ..Meter::start().read() };
        let second = |ms| Work::new(Duration::from_millis(ms), Duration::from_secs(1));
        let threads: Vec<_> = busy_ms
            .iter()
            .map(|ms| Thread { whole: second(ms / 2), busiest: second(*ms) })
            .collect();
        Generator::new(&load, usage, &threads)
    }

    #[test]
    fn the_busiest_thread_counts_in_its_busiest_second() {
        let Generator { busiest_thread, threads_busy, warning, .. } =
            generator(true, 100, 2, &[400, 900]);
        assert!((busiest_thread - 0.9).abs() < 1e-9, "{busiest_thread}");
        assert!((threads_busy - 0.325).abs() < 1e-9, "{threads_busy}");
        assert_eq!(warning, None);
    }

    #[test]
    fn a_thread_without_time_is_told_as_what_it_means_for_the_load() {
        let of = |is_open, concurrency, threads| {
            let generator = generator(is_open, concurrency, threads, &[300, 970]);
            (generator.shown, generator.warning.unwrap())
        };
        for (is_open, concurrency, threads, shown, expected) in [
            (
                true,
                100,
                2,
                Shown::Warning,
                "97% busy: latencies and the rate may be its own, not the target's (--threads 4 may help)",
            ),
            (
                true,
                100,
                4,
                Shown::Warning,
                "97% busy: latencies and the rate may be this machine's",
            ),
            (false, 100, 2, Shown::Hint, "97% busy: more threads may send more (--threads 4)"),
            (false, 3, 2, Shown::Hint, "(--threads 3)"),
            // As fast as this machine can, which is what was asked for.
            (false, 100, 4, Shown::Nothing, "the target may be able to do more"),
            (false, 1, 1, Shown::Nothing, "the target may be able to do more"),
        ] {
            let (found, text) = of(is_open, concurrency, threads);
            assert_eq!(found, shown, "{text}");
            assert!(text.contains(expected), "{text}");
        }
    }
}
