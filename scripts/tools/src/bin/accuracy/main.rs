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
use generators::{ALL, Generator, Place};
use options::{Options, USAGE};
use runs::Scenario;
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
    let comes_first = Place::may_be_first();
    if !comes_first {
        println!(
            "other processes may keep the generators from their processor (chrt -f is not allowed)"
        );
    }
    let scenario = |delays, stops, rate, connections| {
        let seconds = options.seconds;
        Scenario { delays, stops, rate, seconds, comes_first, connections }
    };

    let fixed = scenario(Delays::Fixed(mean), None, 1000, 200);
    let exponential = scenario(Delays::Exponential { mean, seed: options.seed }, None, 1000, 200);
    for (name, scenario) in [("fixed", fixed), ("exponential", exponential)] {
        println!("\n{name} delay, mean 10 ms; 1000 requests/s for {} s\n", options.seconds);
        let runs = scenario.runs(&there, &options.loadgen)?;
        table::latencies(name, &runs, &mut bounds);
        println!("\narrivals, as the server saw them (of generators that keep a rate)\n");
        table::spacings(name, &scenario, &runs, &mut bounds);
        println!("\nhow much later than it meant to the server answered\n");
        table::own_errors(&runs);
    }

    let [every, begins, lasts] = [5, 1, 2].map(Duration::from_secs);
    let stops = Stops { every, begins, lasts };
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
