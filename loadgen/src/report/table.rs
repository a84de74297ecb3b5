//! Several specimens in a table, a line each.

use check::Verdict;

use super::layout::{Cell, Grid, Screen, Tone, cell, field, lines};
use super::specimen::{Line, should};
use super::verdict::bounds_text;
use super::{Report, Server};

/// What a column says of a run.
struct Column {
    heading: &'static str,
    is_number: bool,
    value: fn(Line<'_>) -> String,
}

const fn column(heading: &'static str, is_number: bool, value: fn(Line<'_>) -> String) -> Column {
    Column { heading, is_number, value }
}

#[rustfmt::skip] // a column is a line
static COLUMNS: [Column; 10] = [
    column("workload",     false, |line| line.specimen.workload.to_owned()),
    column("mode",         false, |line| line.specimen.mode.to_owned()),
    column("requests/s",   true,  |line| line.run.throughput.requests_per_s.map_or_else(none, |rate| format!("{rate:.0}"))),
    column("p50 ms",       true,  |line| line.run.latency_us.as_ref().map_or_else(none, |latency| latency.percentile_ms(latency.p50))),
    column("p99 ms",       true,  |line| line.run.latency_us.as_ref().map_or_else(none, |latency| latency.percentile_ms(latency.p99))),
    column("acknowledged", true,  |line| line.run.correctness.as_ref().map_or(line.run.requests.ok, |c| c.acknowledged).to_string()),
    column("after",        true,  |line| line.run.correctness.as_ref().and_then(|c| c.after).map_or_else(none, |after| after.to_string())),
    column("lost",         true,  |line| line.run.correctness.as_ref().and_then(|c| c.lost).map_or_else(none, bounds_text)),
    column("verdict",      false, |line| verdict(line.run)),
    column("as expected",  false, expected),
];

/// The runs, a line each; where that does not fit, a block each. What goes without saying where they
/// are of one workload is left out.
pub(super) fn table<'r>(
    runs: impl Iterator<Item = Line<'r>> + Clone,
    one_workload: bool,
    screen: Screen,
) -> String {
    let columns = if one_workload { &COLUMNS[1..9] } else { &COLUMNS[..] };
    let numbers = columns.iter().enumerate().filter(|(_, column)| column.is_number);
    let right: Vec<_> = numbers.map(|(number, _)| number).collect();
    let mut rows = vec![columns.iter().map(|column| cell(column.heading)).collect()];
    rows.extend(runs.clone().map(|line| row(columns, line)));
    let grid = Grid { indent: " ", gap: "  ", right: &right };
    if let Some(lines) = grid.lines(&rows, screen) {
        return lines.join("\n") + "\n";
    }
    let block = |line| {
        let fields = columns.iter().zip(row(columns, line));
        let field = |(column, cell): (&Column, Cell)| {
            field(format!("{}:", column.heading), cell.text).toned(cell.tone)
        };
        lines(fields.map(field).collect(), screen).join("\n") + "\n"
    };
    runs.map(block).collect::<Vec<_>>().join("\n")
}

fn row(columns: &[Column], line: Line<'_>) -> Vec<Cell> {
    let tone = |heading| match heading {
        "verdict" => tone(line.run),
        "as expected" if !line.as_expected => Tone::Bad,
        _ => Tone::Plain,
    };
    columns.iter().map(|column| cell((column.value)(line)).toned(tone(column.heading))).collect()
}

fn tone(run: &Report) -> Tone {
    match &run.correctness {
        _ if run.judgement.has_crashed() || run.judgement.has_stalled() => Tone::Bad,
        Some(correctness) if run.partial.is_none() => correctness.verdict.into(),
        _ => Tone::Doubtful,
    }
}

fn none() -> String {
    "-".to_owned()
}

fn expected(line: Line<'_>) -> String {
    if line.as_expected {
        return "yes".to_owned();
    }
    format!("NO: should {}", should(line.specimen.expectation))
}

/// The verdict, and what else there is to say in a word.
fn verdict(run: &Report) -> String {
    let crashed = run.server.iter().filter(|_| run.judgement.has_crashed());
    let findings = crashed.flat_map(Server::counted);
    if let Some(finding) = findings.last() {
        return format!("died: {}", finding.line);
    }
    if run.judgement.has_stalled() {
        return "stalled".to_owned();
    }
    match (&run.partial, run.correctness.as_ref().map(|c| c.verdict)) {
        (Some(_), _) => "partial",
        (None, Some(Verdict::Valid)) if run.serialised.is_some() => "valid, one at a time",
        (None, Some(Verdict::Valid)) => "valid",
        (None, Some(Verdict::Invalid)) => "INVALID",
        (None, Some(Verdict::Unknown) | None) => "unknown",
    }
    .to_owned()
}
