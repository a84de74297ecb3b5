//! The load generators: how each is called, and what it says of its latencies.
//!
//! Another generator is an entry in [`ALL`].

use std::io;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::figures::{Figures, PERCENTS};

/// A load, as each generator comes nearest to it.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) url: String,
    /// Requests a second.
    pub(crate) rate: u32,
    pub(crate) seconds: u32,
    /// What an answer takes on average.
    pub(crate) delay: Duration,
    /// How many connections those get that need a number.
    pub(crate) connections: u32,
}

/// Where a generator runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// The number of the only processor that it has; `None` leaves it to the system.
    pub(crate) core: Option<usize>,
    /// Whether it comes before all other processes, of which none then keeps it from that processor.
    pub(crate) is_first: bool,
}

impl Place {
    /// Whether this process may let others come first.
    pub(crate) fn may_be_first() -> bool {
        let tried = Command::new("chrt").args(["-f", "1", "true"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    }

    /// The beginning of a command line that runs there.
    fn words(self) -> Vec<String> {
        let mut all = if self.is_first { words("chrt -f 1") } else { Vec::new() };
        all.extend(self.core.into_iter().flat_map(|core| words(&format!("taskset -c {core}"))));
        all
    }
}

/// A way to call a generator.
pub(crate) struct Generator {
    pub(crate) name: &'static str,
    program: &'static str,
    arguments: fn(&Load) -> Vec<String>,
    reads: fn(&str) -> Option<Said>,
    /// What of the beginning of a run is not in its figures.
    pub(crate) leaves_out: fn(&Load) -> Duration,
    pub(crate) kind: Kind,
}

/// What a generator keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A rate; latencies count from when requests were due.
    Corrected,
    /// A rate; latencies count from when requests were sent.
    Uncorrected,
    /// A number of clients.
    Closed,
}

/// What a generator says of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said {
    pub(crate) figures: Figures,
    /// The same from when requests were sent, where it says both.
    pub(crate) uncorrected: Option<Figures>,
    /// Requests that were due and not sent, where it says so.
    pub(crate) dropped: Option<u64>,
}

/// The first is ours.
pub(crate) const ALL: [Generator; 7] = [
    Generator {
        name: "loadgen",
        program: "loadgen",
        arguments: |load| {
            let Load { rate, seconds, .. } = load;
            words(&format!("-q --rate {rate}/s --duration {seconds}s --threads 1 --output -"))
        },
        reads: loadgen,
        leaves_out: nothing,
        kind: Kind::Corrected,
    },
    Generator {
        name: "oha, corrected",
        program: "oha",
        arguments: |load| oha_arguments(load, " --latency-correction"),
        reads: oha,
        leaves_out: nothing,
        kind: Kind::Corrected,
    },
    Generator {
        name: "wrk2",
        program: "wrk2",
        arguments: |load| {
            let Load { rate, seconds, connections, .. } = load;
            words(&format!("-t1 -c{connections} -d{seconds}s -R{rate} -U -s {PERCENTILES}"))
        },
        reads: wrk,
        // It finds out how often it has to sample, for 10 s and 5 ms for each connection.
        leaves_out: |load| Duration::from_millis(10_000 + 5 * u64::from(load.connections)),
        kind: Kind::Corrected,
    },
    Generator {
        name: "oha",
        program: "oha",
        arguments: |load| oha_arguments(load, ""),
        reads: oha,
        leaves_out: nothing,
        kind: Kind::Uncorrected,
    },
    Generator {
        name: "hey",
        program: "hey",
        arguments: |load| {
            let Load { rate, seconds, connections, .. } = load;
            // Its rate is that of each connection.
            let of_each = f64::from(*rate) / f64::from(*connections);
            words(&format!("-n {} -c {connections} -q {of_each}", rate * seconds))
        },
        reads: hey,
        leaves_out: nothing,
        kind: Kind::Uncorrected,
    },
    Generator {
        name: "wrk",
        program: "wrk",
        arguments: |load| {
            let (clients, seconds) = (clients(load), load.seconds);
            words(&format!("-t1 -c{clients} -d{seconds}s -s {PERCENTILES}"))
        },
        reads: wrk,
        leaves_out: nothing,
        kind: Kind::Closed,
    },
    Generator {
        name: "loadgen, closed loop",
        program: "loadgen",
        arguments: |load| {
            let (clients, seconds) = (clients(load), load.seconds);
            words(&format!("-q -c {clients} --duration {seconds}s --threads 1 --output -"))
        },
        reads: loadgen,
        leaves_out: nothing,
        kind: Kind::Closed,
    },
];

/// What makes wrk and wrk2 say all they know.
const PERCENTILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/bin/accuracy/percentiles.lua");

impl Generator {
    /// Whether its program is there; `loadgen` is at a path of its own.
    pub(crate) fn is_there(&self) -> bool {
        let run = Command::new(self.program).stdout(Stdio::null()).stderr(Stdio::null()).status();
        self.is_ours() || run.is_ok()
    }

    pub(crate) fn is_ours(&self) -> bool {
        self.program == "loadgen"
    }

    /// Loads, in the `place` that all generators have; our own program is at `loadgen`.
    pub(crate) fn run(&self, load: &Load, place: Place, loadgen: &str) -> io::Result<Said> {
        let program = if self.is_ours() { loadgen } else { self.program };
        let mut words = place.words();
        words.push(program.to_owned());
        words.extend((self.arguments)(load));
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).arg(&load.url).env("GOMAXPROCS", "1");
        let output = command.stderr(Stdio::null()).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        (self.reads)(&text).ok_or_else(|| {
            io::Error::other(format!(
                "{}: no figures in its output ({}): {text}",
                self.name, output.status
            ))
        })
    }
}

fn nothing(_: &Load) -> Duration {
    Duration::ZERO
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// How many clients of a closed loop come to the rate, without a stop.
fn clients(load: &Load) -> u32 {
    let in_flight = f64::from(load.rate) * load.delay.as_secs_f64();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate of some thousands, and a delay of some milliseconds"
    )]
    let clients = in_flight.round() as u32;
    clients.max(1)
}

fn oha_arguments(load: &Load, correction: &str) -> Vec<String> {
    let Load { rate, seconds, connections, .. } = load;
    let requests = rate * seconds;
    words(&format!(
        "--no-tui --output-format json -n {requests} -q {rate} -c {connections}{correction}"
    ))
}

fn loadgen(text: &str) -> Option<Said> {
    let report: Value = serde_json::from_str(text).ok()?;
    let answered = report["requests"]["ok"].as_u64();
    let figures = |times: &Value| {
        let names = ["p50", "p75", "p90", "p95", "p99", "p99_9"];
        let ms = |name: &str| times[name].as_f64().map(|us| us / 1e3);
        Figures { answered, percentiles_ms: names.map(ms), max_ms: ms("max") }
    };
    let uncorrected = &report["service_us"];
    Some(Said {
        figures: figures(&report["latency_us"]),
        uncorrected: uncorrected.is_object().then(|| figures(uncorrected)),
        dropped: report["schedule"]["dropped"].as_u64(),
    })
}

fn oha(text: &str) -> Option<Said> {
    let report: Value = serde_json::from_str(text).ok()?;
    let ms = |value: &Value| value.as_f64().map(|seconds| seconds * 1e3);
    let percentiles = &report["latencyPercentiles"];
    let names = ["p50", "p75", "p90", "p95", "p99", "p99.9"];
    let figures = Figures {
        answered: report["statusCodeDistribution"]["200"].as_u64(),
        percentiles_ms: names.map(|name| ms(&percentiles[name])),
        max_ms: ms(&report["summary"]["slowest"]),
    };
    Some(Said { figures, uncorrected: None, dropped: None })
}

/// What the script for wrk and wrk2 says, and the detailed percentiles of wrk2's `-U`.
fn wrk(text: &str) -> Option<Said> {
    let of = |name: &str| {
        text.lines().find_map(|line| line.strip_prefix(name)).map(|rest| {
            let numbers = rest.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
            numbers.collect::<Vec<_>>()
        })
    };
    let us = of("latency_us ")?;
    let mut percentiles_ms = [None; PERCENTS.len()];
    percentiles_ms.iter_mut().zip(&us).for_each(|(ms, us)| *ms = Some(us / 1e3));
    let answered = text.lines().find_map(|line| line.strip_prefix("answered "));
    let answered = answered.and_then(|number| number.trim().parse().ok());
    let max_ms = us.get(PERCENTS.len()).map(|us| us / 1e3);
    let uncorrected = text.split_once("Uncorrected Latency").map(|(_, section)| {
        let shares = ["50.000%", "75.000%", "90.000%", "", "99.000%", "99.900%"];
        Figures {
            answered,
            percentiles_ms: shares.map(|share| share_of(section, share)),
            max_ms: None,
        }
    });
    Some(Said { figures: Figures { answered, percentiles_ms, max_ms }, uncorrected, dropped: None })
}

/// The time that stands behind `share` at the beginning of a line, in milliseconds.
fn share_of(section: &str, share: &str) -> Option<f64> {
    let lines = section.lines().filter_map(|line| line.trim().split_once(char::is_whitespace));
    let mut times = lines.filter(|(found, _)| *found == share).map(|(_, time)| time.trim());
    let time = times.next()?;
    for (unit, ms) in [("us", 1e-3), ("ms", 1.0), ("s", 1e3), ("m", 6e4)] {
        if let Some(number) = time.strip_suffix(unit).and_then(|number| number.parse::<f64>().ok())
        {
            return Some(number * ms);
        }
    }
    None
}

fn hey(text: &str) -> Option<Said> {
    let seconds = |line: &str| line.split_whitespace().rev().nth(1)?.parse::<f64>().ok();
    let behind = |name: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(name))?;
        seconds(line).map(|seconds| seconds * 1e3)
    };
    let shares = ["50% in", "75% in", "90% in", "95% in", "99% in", "99.9% in"];
    let responses = text.lines().filter_map(|line| line.trim().strip_suffix(" responses"));
    let counts = responses.filter_map(|line| line.split_whitespace().last()?.parse::<u64>().ok());
    let figures = Figures {
        answered: Some(counts.sum()),
        percentiles_ms: shares.map(behind),
        max_ms: behind("Slowest:"),
    };
    figures.max_ms.map(|_| Said { figures, uncorrected: None, dropped: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hey_says_is_read() {
        let text = "Summary:\n  Slowest:\t0.0521 secs\n\nLatency distribution:\n  50% in 0.0101 secs\n  \
                    99% in 0.0310 secs\n\nStatus code distribution:\n  [200]\t29990 responses\n";
        let Figures { answered, percentiles_ms, max_ms } = hey(text).unwrap().figures;
        assert_eq!((answered, max_ms), (Some(29990), Some(52.1)));
        assert_eq!(percentiles_ms, [Some(10.1), None, None, None, Some(31.0), None]);
        assert!(hey("an error").is_none());
    }

    #[test]
    fn what_wrk2_says_is_read_corrected_and_not() {
        let text = "  Thread Stats\n  Uncorrected Latency (measured without taking delayed starts into account)\n \
                    50.000%  902.00us\n 99.000%    1.95s\n100.000%    2.00s\nlatency_us 10 20 30 40 50 60 70\n\
                    answered 600\n";
        let Said { figures, uncorrected, .. } = wrk(text).unwrap();
        assert_eq!(figures.answered, Some(600));
        assert_eq!((figures.percentiles_ms[5], figures.max_ms), (Some(0.06), Some(0.07)));
        let uncorrected = uncorrected.unwrap().percentiles_ms;
        assert_eq!((uncorrected[0], uncorrected[4]), (Some(0.902), Some(1950.0)));
    }

    #[test]
    fn what_loadgen_and_oha_say_is_read() {
        let of_loadgen = r#"{"requests": {"ok": 7}, "latency_us": {"p50": 1500, "p99": null, "max": 2000},
            "service_us": {"p50": 1000}, "schedule": {"dropped": 2}}"#;
        let said = loadgen(of_loadgen).unwrap();
        assert_eq!((said.figures.percentiles_ms[0], said.figures.max_ms), (Some(1.5), Some(2.0)));
        assert_eq!((said.figures.percentiles_ms[4], said.dropped), (None, Some(2)));
        assert_eq!(said.uncorrected.unwrap().percentiles_ms[0], Some(1.0));
        let of_oha = r#"{"summary": {"slowest": 0.02}, "latencyPercentiles": {"p99.9": 0.015},
            "statusCodeDistribution": {"200": 9}}"#;
        let Figures { answered, percentiles_ms, max_ms } = oha(of_oha).unwrap().figures;
        assert_eq!((answered, percentiles_ms[5], max_ms), (Some(9), Some(15.0), Some(20.0)));
    }
}
