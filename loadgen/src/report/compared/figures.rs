//! The figures of reports side by side.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::layout::{Cell, Field, Grid, Screen, Tone, cell, field, lines};
use crate::compare::{Better, Change, Changes, Direction, Tested, Unit, Values};

/// A figure on both sides.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FigureSummary {
    name: &'static str,
    better: Better,
    /// Whether a difference can be a regression.
    counts: bool,
    a: ValuesSummary,
    b: ValuesSummary,
    /// By how many percent B's median is above that of A; null where that is without bound.
    change_percent: Option<f64>,
    /// Whether the difference is more than noise; null where it was not tested.
    test: Option<Tested>,
}

/// What a figure was in the runs that measured it; null for a time that is longer than any, as it lies
/// among requests that were dropped.
#[derive(Debug, Serialize, JsonSchema)]
struct ValuesSummary {
    median: Option<f64>,
    values: Vec<Option<f64>>,
}

impl FigureSummary {
    pub(super) fn new(change: &Change) -> Self {
        let percent = change.percent();
        Self {
            name: change.figure.name,
            better: change.figure.better,
            counts: change.figure.is_tested,
            a: ValuesSummary::new(&change.baseline),
            b: ValuesSummary::new(&change.candidate),
            change_percent: percent.is_finite().then_some(percent),
            test: change.tested,
        }
    }
}

impl ValuesSummary {
    fn new(values: &Values) -> Self {
        let finite = |value: f64| value.is_finite().then_some(value);
        Self {
            median: finite(values.median),
            values: values.each.iter().copied().map(finite).collect(),
        }
    }
}

/// A figure and how it changed, in a few words.
pub(super) fn change_text(change: &Change) -> String {
    let p = change.tested.map(|tested| format!(" (p {})", p_text(tested.p_adjusted)));
    let label = lower_case_first(change.figure.label);
    format!("{label} {}{}", percent_text(change.percent()), p.unwrap_or_default())
}

/// The figures, a line each; where that does not fit, a block each.
pub(super) fn table(changes: &Changes, screen: Screen) -> Vec<String> {
    let is_tested = changes.tested().next().is_some();
    let several = [&changes.baseline, &changes.candidate].iter().any(|side| side.reports.len() > 1);
    let median = if several { " (median)" } else { "" };
    let mut heading =
        vec![cell(""), cell(format!("A{median}")), cell(format!("B{median}")), cell("change")];
    if is_tested {
        heading.extend([cell("p"), cell("")]);
    }
    let row = |change: &Change| {
        let [a, b, percent, p, word] = cells(changes, change);
        let label = cell(label(change));
        if is_tested { vec![label, a, b, percent, p, word] } else { vec![label, a, b, percent] }
    };
    let mut rows = vec![heading];
    rows.extend(changes.figures.iter().map(row));
    let grid = Grid { indent: "", gap: "   ", right: &[1, 2, 3, 4] };
    match grid.lines(&rows, screen) {
        Some(lines) => lines,
        None => {
            lines(changes.figures.iter().map(|change| narrow(changes, change)).collect(), screen)
        }
    }
}

/// A figure on a screen that has no room for a table.
fn narrow(changes: &Changes, change: &Change) -> Field {
    let [a, b, percent, p, word] = cells(changes, change);
    let tone = word.tone;
    let tested = match p.text.as_str() {
        "" => String::new(),
        p => format!(", p {p}, {}", word.text),
    };
    let value = format!("{} -> {} ({}{tested})", a.text, b.text, percent.text);
    field(format!("{}:", label(change)), value).toned(tone)
}

fn label(change: &Change) -> String {
    let unit = match change.figure.unit {
        Unit::Microseconds => " [ms]",
        Unit::Percent => " [%]",
        Unit::PerSecond | Unit::Count => "",
    };
    format!("{}{unit}", change.figure.label)
}

/// Both values, the change, p, and what that means.
fn cells(changes: &Changes, change: &Change) -> [Cell; 5] {
    let (p, word) = match change.tested {
        None => (String::new(), cell("")),
        Some(Tested { p_adjusted, direction, .. }) => (
            p_text(p_adjusted),
            match direction {
                Direction::Better => cell("better").toned(Tone::Good),
                Direction::Worse => cell("worse").toned(Tone::Bad),
                Direction::Same => cell("noise"),
            },
        ),
    };
    let value = |of: fn(&Change) -> &Values| value_text(changes, change, of);
    let [a, b] = [value(|change| &change.baseline), value(|change| &change.candidate)];
    [cell(a), cell(b), cell(percent_text(change.percent())), cell(p), word]
}

/// A time that is longer than any is more than the longest.
fn value_text(changes: &Changes, change: &Change, side: fn(&Change) -> &Values) -> String {
    let value = side(change).median;
    if value.is_infinite() {
        let longest = changes.figures.iter().find(|other| other.figure.name == "latency_max_us");
        let longest = longest.map(|longest| side(longest).median / 1000.0);
        return longest.map_or_else(|| "dropped".to_owned(), |ms| format!("> {ms:.3}"));
    }
    match change.figure.unit {
        Unit::PerSecond | Unit::Percent => format!("{value:.2}"),
        Unit::Microseconds => format!("{:.3}", value / 1000.0),
        Unit::Count => format!("{value}"),
    }
}

fn percent_text(percent: f64) -> String {
    if percent.is_infinite() {
        return "more".to_owned();
    }
    // What is rounded to nothing has no sign.
    let rounded = (10.0 * percent).round() / 10.0;
    if rounded == 0.0 { "0.0%".to_owned() } else { format!("{rounded:+.1}%") }
}

fn p_text(p: f64) -> String {
    if p < 0.0001 { "<0.0001".to_owned() } else { format!("{p:.4}") }
}

fn lower_case_first(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
