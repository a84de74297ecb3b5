//! The matrix as text, as Markdown and as tab-separated values.

use store::{Detection, Detector, Specimen};

use crate::cell::{Cell, Measured, Row, Summary};

/// For a terminal: every cell, and below what the numbers are and what was not expected.
pub(crate) fn text(detectors: &[Detector], rows: &[Row]) -> String {
    let line = |name: &str, cells: Vec<String>| {
        let cells: Vec<_> = cells.iter().map(|cell| format!("{cell:>14}")).collect();
        format!("{name:<29}{}", cells.concat())
    };
    let mut lines = vec![line("", detectors.iter().map(Detector::to_string).collect())];
    for row in rows {
        let is_correct = row.specimen.mode.bug.is_none();
        let words =
            |cell: &Option<Cell>| cell.as_ref().map_or(String::new(), |c| words(c, is_correct));
        let cells = row.cells.iter().map(words);
        lines.push(line(&row.specimen.to_string(), cells.collect()));
    }
    lines.push(String::new());
    lines.extend(units(detectors));
    lines.extend(reasons(detectors, rows));
    let unexpected = cells(detectors, rows).filter(|(_, _, cell)| cell.is_unexpected());
    let unexpected = unexpected.map(|(row, detector, cell)| {
        format!(
            "NOT AS EXPECTED: {} by {detector}: should be {}",
            row.specimen,
            word(cell.expected)
        )
    });
    let unexpected: Vec<_> = unexpected.collect();
    if unexpected.is_empty() {
        lines.push("every cell that was measured is as expected".to_owned());
    }
    lines.extend(unexpected);
    lines.join("\n") + "\n"
}

/// For a reader: the broken specimens, and what the signs mean.
pub(crate) fn markdown(detectors: &[Detector], rows: &[Row]) -> String {
    let names: Vec<_> = detectors.iter().map(Detector::to_string).collect();
    let mut lines = vec![
        format!("| specimen | bug | {} |", names.join(" | ")),
        format!("|---|---|{}", "---|".repeat(names.len())),
    ];
    for row in rows {
        if let Some(bug) = row.specimen.mode.bug {
            let cells = row.cells.iter().map(|cell| cell.as_ref().map_or(String::new(), signs));
            let cells: Vec<_> = cells.collect();
            lines.push(format!("| {} | {bug} | {} |", row.specimen, cells.join(" | ")));
        }
    }
    lines.push(String::new());
    lines.push(
        "✔ caught, ✘ missed, – cannot apply; ! not as expected. The number is the median:".into(),
    );
    lines.extend(units(detectors));
    lines.extend(reasons(detectors, rows));
    lines.join("\n") + "\n"
}

/// For whoever computes with it: a line for every cell.
pub(crate) fn tsv(detectors: &[Detector], rows: &[Row]) -> String {
    let head = "workload mode bug detector expected measured trials caught tries unit seconds";
    let mut lines = vec![head.replace(' ', "\t")];
    for (row, detector, cell) in cells(detectors, rows) {
        let Specimen { workload, mode } = row.specimen;
        let (measured, numbers) = match &cell.measured {
            _ if cell.cannot_apply() => ("cannot apply", None),
            Measured::Nothing => ("not run", None),
            Measured::Caught(summary) => ("caught", Some(summary)),
            Measured::Missed(summary) => ("missed", Some(summary)),
        };
        let numbers = numbers.map_or("\t\t\t\t".to_owned(), |summary| {
            let Summary { trials, caught, tries, seconds } = summary;
            format!("{trials}\t{caught}\t{tries}\t{}\t{seconds:.3}", unit(detector))
        });
        let bug = mode.bug.map_or("-".to_owned(), |bug| bug.to_string());
        let cell =
            [workload.name, mode.name, &bug, &detector.to_string(), word(cell.expected), measured];
        lines.push(format!("{}\t{numbers}", cell.join("\t")));
    }
    lines.join("\n") + "\n"
}

fn cells<'a>(
    detectors: &'a [Detector],
    rows: &'a [Row],
) -> impl Iterator<Item = (&'a Row, Detector, &'a Cell)> {
    rows.iter().flat_map(move |row| {
        let cells = detectors.iter().zip(&row.cells);
        cells.filter_map(move |(detector, cell)| Some((row, *detector, cell.as_ref()?)))
    })
}

fn word(expected: Detection) -> &'static str {
    match expected {
        Detection::Caught => "caught",
        Detection::Missed => "missed",
        Detection::CannotApply(_) => "cannot apply",
    }
}

fn words(cell: &Cell, is_correct: bool) -> String {
    let alarm = if cell.is_unexpected() { "!" } else { "" };
    match &cell.measured {
        _ if cell.cannot_apply() => "-".to_owned(),
        Measured::Nothing => "not run".to_owned(),
        Measured::Caught(Summary { tries: 0, .. }) => format!("{alarm}caught"),
        Measured::Caught(Summary { tries, .. }) => format!("{alarm}caught {tries}"),
        Measured::Missed(_) if is_correct => "quiet".to_owned(),
        Measured::Missed(_) => format!("{alarm}missed"),
    }
}

fn signs(cell: &Cell) -> String {
    let alarm = if cell.is_unexpected() { " !" } else { "" };
    match &cell.measured {
        _ if cell.cannot_apply() => "–".to_owned(),
        Measured::Nothing => "not run".to_owned(),
        Measured::Caught(Summary { tries: 0, .. }) => format!("✔{alarm}"),
        Measured::Caught(Summary { tries, .. }) => format!("✔ {tries}{alarm}"),
        Measured::Missed(_) => format!("✘{alarm}"),
    }
}

/// What is counted until a bug is caught; of the compiler nothing.
fn unit(detector: Detector) -> &'static str {
    match detector {
        Detector::Rustc => "-",
        Detector::Loom => "interleavings",
        Detector::Shuttle => "schedules",
        Detector::Miri => "seeds",
        Detector::ThreadSanitizer | Detector::GoRace => "runs",
        Detector::Totals | Detector::History | Detector::Stall | Detector::Throughput => "requests",
    }
}

fn units(detectors: &[Detector]) -> impl Iterator<Item = String> {
    let counted = detectors.iter().filter(|detector| **detector != Detector::Rustc);
    counted.map(|detector| format!("{detector}: {} until caught", unit(*detector)))
}

/// Why some bugs cannot be put before some detectors.
fn reasons(detectors: &[Detector], rows: &[Row]) -> Vec<String> {
    let mut reasons = Vec::new();
    for (row, detector, cell) in cells(detectors, rows) {
        if let (Detection::CannotApply(reason), Some(bug)) = (cell.expected, row.specimen.mode.bug)
        {
            let line = format!("{detector} cannot apply to {bug}: {reason}");
            if !reasons.contains(&line) {
                reasons.push(line);
            }
        }
    }
    reasons
}
