//! What load generators say of a server's delays, beside what the delays were.
//!
//! Each generator loads a server of its own, which takes down when each request arrived and when it was
//! answered. Exit status: 0 if every bound holds for loadgen, 1 if not, 2 if it was called wrongly, 3 if a
//! generator said nothing.

#![forbid(unsafe_code)]

mod delays;
mod figures;
mod generators;
mod log;
mod options;
mod runs;
mod server;
mod table;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use delays::{Delays, Stops};
use generators::{ALL, Generator};
use options::{Options, USAGE};
use runs::{Run, Scenario};
use table::Bounds;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("accuracy: {error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match compare(&options) {
        Ok(bounds) => {
            print!("\n{bounds}");
            ExitCode::from(u8::from(!bounds.hold()))
        }
        Err(error) => {
            eprintln!("accuracy: {error}");
            ExitCode::from(3)
        }
    }
}

fn compare(options: &Options) -> io::Result<Bounds> {
    let mut bounds = Bounds::default();
    let there: Vec<_> = ALL.iter().filter(|generator| is_there(generator)).collect();
    let mean = Duration::from_millis(10);
    let scenario = |delays, stops, rate, connections| {
        let seconds = options.seconds;
        Scenario { delays, stops, rate, seconds, connections }
    };

    let fixed = scenario(Delays::Fixed(mean), None, 1000, 200);
    let exponential = scenario(Delays::Exponential { mean, seed: options.seed }, None, 1000, 200);
    for (name, scenario) in [("fixed", fixed), ("exponential", exponential)] {
        println!("\n{name} delay, mean 10 ms; 1000 requests/s for {} s\n", options.seconds);
        let runs = scenario.runs(&there, &options.loadgen)?;
        table::latencies(name, &runs, &mut bounds);
        println!("\narrivals, as the server saw them (of generators that keep a rate)\n");
        table::spacings(name, &scenario, &runs, &mut bounds);
        own_error(&runs);
    }

    let stops = Stops { every: Duration::from_secs(5), lasts: Duration::from_secs(2) };
    let stopping = scenario(Delays::Fixed(Duration::from_millis(1)), Some(stops), 200, 50);
    println!(
        "\na full stop of 2 s every 5 s; 200 requests/s for {} s, answered in 1 ms\n",
        options.seconds
    );
    let runs = stopping.runs(&there, &options.loadgen)?;
    table::stops(&stopping, &runs, &mut bounds);
    Ok(bounds)
}

fn is_there(generator: &Generator) -> bool {
    let is_there = generator.is_there();
    if !is_there {
        eprintln!("{} is not installed and is left out", generator.name);
    }
    is_there
}

/// How exact the server was itself.
fn own_error(runs: &[Run]) {
    let errors = runs.iter().map(|run| run.log.own_error());
    let (mut p99_ms, mut max_ms) = (0.0_f64, 0.0_f64);
    for error in errors {
        p99_ms = p99_ms.max(error.percentiles_ms[figures::P99].unwrap_or_default());
        max_ms = max_ms.max(error.max_ms.unwrap_or_default());
    }
    let [p99_us, max_us] = [p99_ms, max_ms].map(|ms| ms * 1e3);
    println!(
        "\nthe server answered later than it meant to by {p99_us:.0} µs (99 %), {max_us:.0} µs (longest), \
         in the worst of these runs"
    );
}
