//! Reports side by side.

mod figures;
#[cfg(test)]
mod tests;

use std::time::SystemTime;

use check::Verdict;
use schemars::JsonSchema;
use serde::Serialize;

use super::layout::{Field, Screen, Tone, field, lines};
use super::making::Making;
use super::text::text_of;
use crate::compare::{ALPHA, Changes, Difference, Direction, Method, Regression, Side, Verdicts};
use crate::exit::{Conclusion, Exit};
use figures::{FigureSummary, change_text};

/// Reports side by side, in the shape of their JSON form.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ComparedReports {
    #[schemars(extend("const" = "loadgen/compared/1"))]
    schema: &'static str,
    /// How the comparison was made.
    #[serde(flatten)]
    pub making: Making,
    a: Side,
    b: Side,
    /// What they were not asked for alike, where they are compared all the same.
    differences: Vec<Difference>,
    /// How differences were tested; `None` where there are too few runs.
    test: Option<TestSummary>,
    figures: Vec<FigureSummary>,
    /// What became of the verdict; `None` where either side has none.
    correctness: Option<Direction>,
    /// What is worse by too much; `None` where that was not asked.
    regression: Option<RegressionSummary>,
    #[serde(skip)]
    changes: Changes,
}

/// How differences were tested.
#[derive(Debug, Serialize, JsonSchema)]
struct TestSummary {
    name: &'static str,
    alternative: &'static str,
    /// How p-values were adjusted for their number.
    adjustment: &'static str,
    /// A difference is significant where the adjusted p-value is below this.
    alpha: f64,
}

/// What is worse by too much.
#[derive(Debug, Serialize, JsonSchema)]
struct RegressionSummary {
    /// By how many percent a figure may be worse.
    threshold_percent: f64,
    /// What is: names of figures, `correctness` or `partial`.
    found: Vec<&'static str>,
}

impl ComparedReports {
    /// Shows `changes`, and what of them is worse by more than `threshold_percent`, where there is one.
    #[must_use]
    pub fn new(changes: Changes, threshold_percent: Option<f64>) -> Self {
        let test = TestSummary {
            name: "mann-whitney-u",
            alternative: "two-sided",
            adjustment: "holm",
            alpha: ALPHA,
        };
        let regression = threshold_percent.map(|threshold_percent| {
            let found = changes.regressions(threshold_percent);
            let found = found.iter().map(Regression::name).collect();
            RegressionSummary { threshold_percent, found }
        });
        Self {
            schema: "loadgen/compared/1",
            making: Making::begun(SystemTime::now()),
            a: changes.baseline.clone(),
            b: changes.candidate.clone(),
            differences: changes.differences.clone(),
            test: changes.has_enough_runs().then_some(test),
            figures: changes.figures.iter().map(FigureSummary::new).collect(),
            correctness: changes.correctness,
            regression,
            changes,
        }
    }

    /// The exit code that follows, and why.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        match &self.regression {
            Some(RegressionSummary { threshold_percent, found }) if !found.is_empty() => {
                let reason = format!("regression {}", self.regression_text(*threshold_percent));
                Conclusion { exit: Exit::Crossed, reason }
            }
            _ => Conclusion::success(),
        }
    }

    /// What is compared, the figures, how they were tested, and what came of it at last.
    #[must_use]
    pub fn text(&self, screen: Screen) -> String {
        text_of(vec![
            lines(self.side_fields(), screen),
            figures::table(&self.changes, screen),
            lines(self.making.fields(), screen),
            lines(self.result_fields(), screen),
        ])
    }

    fn sides(&self) -> [(&'static str, &Side); 2] {
        [("A", &self.changes.baseline), ("B", &self.changes.candidate)]
    }

    fn side_fields(&self) -> Vec<Field> {
        let [a, b] = self.sides().map(|(_, side)| title(side));
        let mut fields = vec![field("A (baseline):", a), field("B:", b)];
        let [a, b] = self.sides().map(|(_, side)| side.versions.join(", "));
        if a != b {
            let value = format!("{a} made A, {b} made B");
            fields.push(field("Loadgen versions:", value).toned(Tone::Doubtful));
        }
        let differences = self.differences.iter().map(ToString::to_string);
        fields.extend(differences.map(|text| field("Asked for:", text).toned(Tone::Doubtful)));
        fields
    }

    fn result_fields(&self) -> Vec<Field> {
        let mut fields = vec![field("Test:", self.test_text())];
        for (name, side) in self.sides() {
            if side.partial > 0 {
                let value = format!("{} of {}", side.partial, runs(side.reports.len()));
                fields.push(field(format!("Ended early {name}:"), value).toned(Tone::Doubtful));
            }
        }
        for (name, side) in self.sides() {
            if let Some(worst) = side.verdicts.worst() {
                let text = verdicts_text(side.verdicts, side.reports.len());
                fields.push(field(format!("Correctness {name}:"), text).toned(worst));
            }
        }
        let (tone, text) = self.result();
        fields.push(field("Result:", text).toned(tone));
        fields
    }

    fn test_text(&self) -> String {
        let [a, b] = self.sides().map(|(_, side)| side.reports.len());
        if !self.changes.has_enough_runs() {
            return format!("none: {}", too_few(a, b));
        }
        let exact = self.changes.tested().all(|(_, tested)| tested.method == Method::Exact);
        let how = if exact { "exact" } else { "normal approximation" };
        format!(
            "Mann-Whitney U over {a} and {b} runs, two-sided, {how}; p is adjusted for the number \
             of figures (Holm), and a difference is significant if p is below {ALPHA}"
        )
    }

    /// What came of it, in a line.
    fn result(&self) -> (Tone, String) {
        let summary = self.summary();
        match &self.regression {
            Some(RegressionSummary { threshold_percent, found }) if !found.is_empty() => {
                (Tone::Bad, format!("REGRESSION {}", self.regression_text(*threshold_percent)))
            }
            Some(RegressionSummary { threshold_percent, .. }) => {
                (summary.0, format!("no regression beyond {threshold_percent}%; {}", summary.1))
            }
            None => summary,
        }
    }

    /// What is significantly worse or better.
    fn summary(&self) -> (Tone, String) {
        let went = |direction| {
            let verdict = (self.correctness == Some(direction)).then(|| self.verdict_text());
            let tested = self.changes.tested();
            let figures = tested.filter(move |(_, tested)| tested.direction == direction);
            verdict.into_iter().chain(figures.map(|(change, _)| change_text(change)))
        };
        let [worse, better] = [Direction::Worse, Direction::Better].map(|direction| {
            let all: Vec<_> = went(direction).collect();
            (!all.is_empty()).then(|| all.join(", "))
        });
        let tone = match (&worse, &better) {
            (Some(_), _) => Tone::Bad,
            (None, Some(_)) => Tone::Good,
            (None, None) => Tone::Plain,
        };
        let worse = worse.map(|all| format!("worse: {all}"));
        let better = better.map(|all| format!("better: {all}"));
        let [a, b] = self.sides().map(|(_, side)| side.reports.len());
        let untested = (!self.changes.has_enough_runs()).then(|| too_few(a, b));
        let tone = if untested.is_some() && tone == Tone::Plain { Tone::Doubtful } else { tone };
        let parts: Vec<_> = worse.into_iter().chain(better).chain(untested).collect();
        match parts.as_slice() {
            [] => (tone, "no difference that is more than noise".to_owned()),
            parts => (tone, parts.join("; ")),
        }
    }

    fn regression_text(&self, threshold_percent: f64) -> String {
        let name = |regression: &Regression<'_>| match regression {
            Regression::Correctness => self.verdict_text(),
            Regression::Partial => {
                let Side { partial, reports, .. } = &self.changes.candidate;
                format!("{partial} of {} ended early", runs(reports.len()))
            }
            Regression::Figure(change) => change_text(change),
        };
        let found = self.changes.regressions(threshold_percent);
        let found: Vec<_> = found.iter().map(name).collect();
        let [a, b] = self.sides().map(|(_, side)| side.reports.len());
        let untested = (!self.changes.has_enough_runs()).then(|| format!(" ({})", too_few(a, b)));
        let untested = untested.unwrap_or_default();
        format!("beyond {threshold_percent}%: {}{untested}", found.join(", "))
    }

    fn verdict_text(&self) -> String {
        let [a, b] = self.sides().map(|(_, side)| side.verdicts.worst().map_or("none", word));
        format!("verdict {b}, was {a}")
    }
}

/// Where the reports of a side were read.
fn title(side: &Side) -> String {
    let modes = match side.modes.as_slice() {
        [] => String::new(),
        modes => format!(" (mode {})", modes.join(", ")),
    };
    match side.reports.as_slice() {
        [only] => format!("{only}{modes}"),
        [first, .., last] => format!("{}: {first} … {last}{modes}", runs(side.reports.len())),
        [] => "nothing".to_owned(),
    }
}

fn runs(count: usize) -> String {
    if count == 1 { "1 run".to_owned() } else { format!("{count} runs") }
}

/// What is said where no test can find anything.
fn too_few(a: usize, b: usize) -> String {
    match (a, b) {
        (1, 1) => {
            "one run a side is too few to tell a difference from noise, 5 are enough".to_owned()
        }
        _ => format!(
            "{a} and {} are too few to tell a difference from noise, 5 a side are enough",
            runs(b)
        ),
    }
}

fn verdicts_text(verdicts: Verdicts, runs: usize) -> String {
    let Verdicts { valid, unknown, invalid } = verdicts;
    let counts =
        [(Verdict::Invalid, invalid), (Verdict::Unknown, unknown), (Verdict::Valid, valid)];
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    let parts: Vec<_> = counts
        .map(|(verdict, count)| match runs {
            1 => word(verdict).to_owned(),
            _ => format!("{} in {count} of {runs} runs", word(verdict)),
        })
        .collect();
    parts.join(", ")
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Valid => "VALID",
        Verdict::Invalid => "INVALID",
        Verdict::Unknown => "UNKNOWN",
    }
}
