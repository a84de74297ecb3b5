//! How far a run is, on standard error: a bar on a terminal or all of it, ab's lines elsewhere.

use std::fmt;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::live::Live;
use crate::plan::Plan;
use crate::run::Observed;
use crate::tell::tell;

/// Shows how many requests have ended.
pub struct Progress<'l>(Display<'l>);

enum Display<'l> {
    Silent,
    /// All of the terminal.
    Live(&'l Live),
    Bar(ProgressBar),
    /// A request count at every `step`.
    Lines {
        step: u64,
        next: u64,
    },
    /// A run of a given duration: the seconds are what fills the bar.
    Clock {
        bar: ProgressBar,
        started: Instant,
    },
}

impl<'l> Progress<'l> {
    /// Nothing is shown.
    #[must_use]
    pub fn silent() -> Self {
        Self(Display::Silent)
    }

    /// The run of `plan`, which has a `name` where it is one of several, on the whole terminal.
    #[must_use]
    pub fn live(live: &'l Live, plan: &Plan, name: &str) -> Self {
        live.watch(plan, name);
        Self(Display::Live(live))
    }

    /// A run of `requests`, or, without a number, for `duration`, where either is known; `name` is shown
    /// before a bar.
    ///
    /// # Panics
    /// Never: the templates are well formed.
    #[must_use]
    pub fn new(name: &str, requests: Option<u64>, duration: Option<Duration>) -> Self {
        // As often as ab; where the number is open, often enough to see that something happens.
        const OPEN_STEP: u64 = 10_000;
        // No terminal, or one that cannot move its cursor.
        if ProgressDrawTarget::stderr().is_hidden() {
            let step = requests.map_or(OPEN_STEP, |requests| (requests / 10).max(100));
            return Self(Display::Lines { step, next: step });
        }
        let bar = |length: u64, template: &str| {
            let prefix = if name.is_empty() { "" } else { "{prefix:.bold} " };
            let style = ProgressStyle::with_template(&format!("{prefix}{template}"))
                .expect("the template is well formed");
            ProgressBar::new(length).with_style(style).with_prefix(name.to_owned())
        };
        Self(match (requests, duration) {
            (None, Some(duration)) => Display::Clock {
                bar: bar(
                    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
                    // The bar's own idea of the whole is what it has seen so far.
                    &format!("{{wide_bar}} {{msg}} {{elapsed}}/{:#}", HumanDuration(duration)),
                ),
                started: Instant::now(),
            },
            (None, None) => Display::Bar(bar(0, "{human_pos} {per_sec:0}")),
            (Some(requests), _) => Display::Bar(bar(
                requests,
                // The width of a rate is its number of decimals.
                "{wide_bar} {human_pos}/{human_len} {per_sec:0} {eta} left",
            )),
        })
    }

    /// Shows what was observed of a run.
    pub fn show(&mut self, observed: Observed<'_>) {
        if let Display::Live(live) = &self.0 {
            live.show(observed);
        }
        match observed {
            Observed::Ended(completed) => self.update(completed),
            Observed::Second(_) | Observed::Said(_) | Observed::Over => {}
            Observed::Stalled { silent_for, in_flight, others_answered } => {
                let plural = if in_flight == 1 { "" } else { "s" };
                let silent_s = silent_for.as_secs_f64();
                if others_answered {
                    let have = if in_flight == 1 { "has" } else { "have" };
                    return self.warn(format_args!(
                        "loadgen: {in_flight} request{plural} {have} waited for {silent_s:.1} s \
                         while others were answered"
                    ));
                }
                self.warn(format_args!(
                    "loadgen: the target has stalled: no answer for {silent_s:.1} s, with \
                     {in_flight} request{plural} in flight"
                ));
            }
            Observed::Recovered { silent_for } => {
                let silent_s = silent_for.as_secs_f64();
                self.warn(format_args!("loadgen: the target answers again after {silent_s:.1} s"));
            }
        }
    }

    /// Writes a line without breaking a bar.
    fn warn(&self, line: impl fmt::Display) {
        match &self.0 {
            // The view keeps it back, and shows it.
            Display::Silent | Display::Live(_) | Display::Lines { .. } => tell(line),
            Display::Bar(bar) | Display::Clock { bar, .. } => bar.suspend(|| tell(line)),
        }
    }

    /// `completed` requests have ended.
    fn update(&mut self, completed: u64) {
        match &mut self.0 {
            Display::Silent | Display::Live(_) => {}
            Display::Bar(bar) => bar.set_position(completed),
            Display::Clock { bar, started } => {
                bar.set_message(format!("{completed} requests"));
                bar.set_position(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
            }
            Display::Lines { step, next } => {
                while *next <= completed {
                    tell(format_args!("Completed {next} requests"));
                    *next += *step;
                }
            }
        }
    }

    /// The run is over; a bar gives its place to the report.
    pub fn finish(self, completed: u64) {
        match self.0 {
            Display::Silent | Display::Live(_) => {}
            Display::Bar(bar) | Display::Clock { bar, .. } => bar.finish_and_clear(),
            Display::Lines { .. } => tell(format_args!("Finished {completed} requests")),
        }
    }
}
