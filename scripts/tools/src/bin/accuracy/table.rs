//! The tables, and which bounds hold.

use std::fmt;

use crate::figures::{Figures, P99};
use crate::generators::Kind;
use crate::log::Spacing;
use crate::runs::{Run, Scenario};

/// What loadgen is held to, and whether it kept to it.
#[derive(Default)]
pub(crate) struct Bounds(Vec<(String, bool)>);

impl Bounds {
    pub(crate) fn hold(&self) -> bool {
        self.0.iter().all(|(_, holds)| *holds)
    }

    fn add(&mut self, run: &Run, bound: String, holds: bool) {
        // A closed loop of ours is only there to be seen.
        if run.generator.is_ours() && run.generator.kind == Kind::Corrected {
            self.0.push((bound, holds));
        }
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "what loadgen is held to")?;
        let longest =
            self.0.iter().map(|(bound, _)| bound.chars().count()).max().unwrap_or_default();
        self.0.iter().try_for_each(|(bound, holds)| {
            writeln!(f, "  {bound:longest$}  {}", if *holds { "holds" } else { "DOES NOT HOLD" })
        })
    }
}

/// Of each generator what it says, what the server did, and the difference.
pub(crate) fn latencies(name: &str, runs: &[Run], bounds: &mut Bounds) {
    println!(
        "{:<22} {:>8} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}   1 % + 0.2 ms, maximum 0.2 ms",
        "milliseconds", "requests", "50%", "75%", "90%", "95%", "99%", "99.9%", "max"
    );
    for run in runs {
        let (said, truth) = (run.said.figures, run.truth());
        let (are_close, has_close_max) = (said.are_close(&truth), said.has_close_max(&truth));
        let yes = |is: bool| if is { "yes" } else { "no" };
        println!("{}", row(run.generator.name, &said));
        println!("{}", row("  the server", &truth));
        let (errors, max) = said.errors_ms(&truth);
        let errors = errors.iter().chain([&max]).map(|error| cell(error.as_ref(), true));
        println!(
            "{:<22} {:>8} {}   {}, {}",
            "  off by",
            "",
            errors.collect::<Vec<_>>().join(" "),
            yes(are_close),
            yes(has_close_max)
        );
        bounds.add(run, format!("{name} delay: 50% to 99.9% within 1 % + 0.2 ms"), are_close);
        bounds.add(run, format!("{name} delay: the maximum within 0.2 ms"), has_close_max);
    }
}

fn row(name: &str, figures: &Figures) -> String {
    let answered = figures.answered.map_or("-".to_owned(), |number| number.to_string());
    let times = figures.percentiles_ms.iter().chain([&figures.max_ms]);
    let times: Vec<_> = times.map(|time| cell(time.as_ref(), false)).collect();
    format!("{name:<22} {answered:>8} {}", times.join(" "))
}

fn cell(ms: Option<&f64>, signed: bool) -> String {
    match ms {
        Some(ms) if signed => format!("{ms:>+9.3}"),
        Some(ms) => format!("{ms:>9.3}"),
        None => format!("{:>9}", "-"),
    }
}

/// How exact the server was itself in each run: where it was not, the machine was not quiet.
pub(crate) fn own_errors(runs: &[Run]) {
    println!("{:<22} {:>9} {:>9} {:>9}", "microseconds", "50%", "99%", "max");
    for run in runs {
        let Figures { percentiles_ms, max_ms, .. } = run.log.own_error();
        let us = |ms: Option<f64>| ms.map_or("-".to_owned(), |ms| format!("{:.0}", ms * 1e3));
        let [median, p99, max] = [percentiles_ms[0], percentiles_ms[P99], max_ms].map(us);
        println!("{:<22} {median:>9} {p99:>9} {max:>9}", run.generator.name);
    }
}

/// How evenly requests arrived.
pub(crate) fn spacings(name: &str, scenario: &Scenario, runs: &[Run], bounds: &mut Bounds) {
    let expected = u64::from(scenario.rate * scenario.seconds);
    println!(
        "{:<22} {:>8} {:>12} {:>14} {:>14}",
        "", "requests", "mean gap µs", "deviation µs", "longest gap µs"
    );
    for run in runs.iter().filter(|run| run.generator.kind != Kind::Closed) {
        let Spacing { arrived, mean_us, deviation_us, longest_us } = run.log.spacing();
        println!(
            "{:<22} {arrived:>8} {mean_us:>12.1} {deviation_us:>14.1} {longest_us:>14.1}",
            run.generator.name
        );
        bounds.add(
            run,
            format!("{name} delay: {expected} ± 1 requests"),
            arrived.abs_diff(expected) <= 1,
        );
        let bound = format!("{name} delay: deviation of the spacing at most 100 µs");
        bounds.add(run, bound, deviation_us <= 100.0);
    }
}

/// The 99th percentile of each generator beside that which arithmetic gives.
pub(crate) fn stops(scenario: &Scenario, runs: &[Run], bounds: &mut Bounds) {
    println!(
        "{:<22} {:>8} {:>12} {:>12} {:>8} {:>14} {:>8}",
        "99% in milliseconds",
        "requests",
        "arithmetic",
        "corrected",
        "off by",
        "uncorrected",
        "dropped"
    );
    for run in runs {
        let (said, kind) = (run.said, run.generator.kind);
        let truth = run.arithmetic().percentiles_ms[P99];
        let p99 = said.figures.percentiles_ms[P99];
        let corrected = p99.filter(|_| kind == Kind::Corrected);
        let off = corrected.zip(truth).map(|(said, truth)| said / truth - 1.0);
        let uncorrected = match kind {
            Kind::Corrected => said.uncorrected.and_then(|figures| figures.percentiles_ms[P99]),
            Kind::Uncorrected | Kind::Closed => p99,
        };
        let ms = |ms: Option<f64>| ms.map_or("-".to_owned(), |ms| format!("{ms:.1}"));
        let number =
            |number: Option<u64>| number.map_or("-".to_owned(), |number| number.to_string());
        println!(
            "{:<22} {:>8} {:>12} {:>12} {:>8} {:>14} {:>8}",
            run.generator.name,
            number(said.figures.answered),
            ms(truth),
            ms(corrected),
            off.map_or("-".to_owned(), |off| format!("{:+.1} %", off * 100.0)),
            ms(uncorrected),
            number(said.dropped)
        );
        let is_close = off.is_some_and(|off| off.abs() <= 0.05);
        bounds.add(run, "stop: corrected 99% within 5 % of arithmetic".to_owned(), is_close);
        bounds.add(run, "stop: nothing dropped".to_owned(), said.dropped == Some(0));
        let expected = u64::from(scenario.rate * scenario.seconds);
        let is_complete = said.figures.answered.is_some_and(|count| count.abs_diff(expected) <= 1);
        bounds.add(run, format!("stop: {expected} ± 1 requests answered"), is_complete);
    }
}
