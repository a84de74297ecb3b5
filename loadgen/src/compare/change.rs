//! What became of each figure, and whether that is more than noise.

use schemars::JsonSchema;
use serde::Serialize;

use super::figure::{Better, FIGURES, Figure};
use super::rank::{Method, Ranked, least_p, mann_whitney};
use super::run::Run;
use super::{ALPHA, Direction};

/// What a figure was on either side. Both sides have values.
#[derive(Debug)]
pub struct Change {
    /// Which figure.
    pub figure: &'static Figure,
    /// What it was before.
    pub baseline: Values,
    /// What it is.
    pub candidate: Values,
    /// Whether the difference is more than noise; `None` where that is not asked of the figure, or there
    /// are too few runs to answer.
    pub tested: Option<Tested>,
}

/// What a figure was in the runs that measured it.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    /// Of each run. A time that is longer than any is infinite.
    pub each: Vec<f64>,
    /// As many are below it as above.
    pub median: f64,
}

/// Whether a difference is more than noise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Tested {
    /// How likely runs of the same differ as much.
    pub p: f64,
    /// The same, given that so many figures were tested: of runs of the same, one comparison in twenty
    /// has any figure where it is below 0.05.
    pub p_adjusted: f64,
    /// How the former was found.
    pub method: Method,
    /// Which way the figure went; `Same` where the difference is not significant.
    pub direction: Direction,
}

impl Change {
    /// By how many percent the median grew: infinite where it was nothing before, or is now longer
    /// than any time.
    #[must_use]
    #[expect(clippy::float_cmp, reason = "what is the same has not changed")]
    pub fn percent(&self) -> f64 {
        let [before, after] = [self.baseline.median, self.candidate.median];
        if before == after {
            0.0
        } else if before.is_infinite() {
            -100.0
        } else {
            100.0 * (after / before - 1.0)
        }
    }

    /// By how many percent it is worse; negative where it is better.
    #[must_use]
    pub fn worse_percent(&self) -> f64 {
        match self.figure.better {
            Better::Lower => self.percent(),
            Better::Higher => -self.percent(),
        }
    }
}

impl Values {
    fn new(each: Vec<f64>) -> Option<Self> {
        let mut sorted = each.clone();
        sorted.sort_by(f64::total_cmp);
        let upper = *sorted.get(sorted.len() / 2)?;
        let lower = sorted[(sorted.len() - 1) / 2];
        let median = if lower < upper { f64::midpoint(lower, upper) } else { upper };
        Some(Self { each, median })
    }
}

/// What became of each figure that was measured on both sides.
pub(super) fn changes(baseline: &[Run], candidate: &[Run]) -> Vec<Change> {
    let change = |figure: &'static Figure| {
        let [baseline, candidate] = [baseline, candidate].map(|runs| figure.values(runs));
        let (baseline, candidate) = (Values::new(baseline)?, Values::new(candidate)?);
        Some(Change { figure, baseline, candidate, tested: None })
    };
    let mut changes: Vec<_> = FIGURES.iter().filter_map(change).collect();
    test(&mut changes);
    changes
}

/// Whether so many runs on either side can show that any of so many figures differs.
pub(super) fn is_enough(runs: [usize; 2], figures: usize) -> bool {
    let figures = u32::try_from(figures).map_or(f64::INFINITY, f64::from);
    least_p(runs) * figures < ALPHA
}

/// Tests the figures that are to be tested, all at once.
#[expect(clippy::float_cmp, reason = "values that are the same have no order")]
fn test(changes: &mut [Change]) {
    let figures = Figure::tested().count();
    let mut ranked: Vec<(&mut Option<Tested>, Better, Ranked)> = Vec::new();
    for change in changes.iter_mut().filter(|change| change.figure.is_tested) {
        let [before, after] = [&change.baseline.each, &change.candidate.each];
        if !is_enough([before.len(), after.len()], figures) {
            continue;
        }
        let found = mann_whitney(before, after);
        if before.iter().chain(after).all(|value| *value == before[0]) {
            // There is nothing to find, and nothing to adjust the others for.
            change.tested = Some(Tested::new(found, found.p, change.figure.better));
        } else {
            ranked.push((&mut change.tested, change.figure.better, found));
        }
    }
    let adjusted = holm(&ranked.iter().map(|(_, _, found)| found.p).collect::<Vec<_>>());
    for ((tested, better, found), p_adjusted) in ranked.into_iter().zip(adjusted) {
        *tested = Some(Tested::new(found, p_adjusted, better));
    }
}

impl Tested {
    fn new(Ranked { p, shift, method }: Ranked, p_adjusted: f64, better: Better) -> Self {
        let direction = match better {
            _ if p_adjusted >= ALPHA => Direction::Same,
            Better::Higher if shift > 0.0 => Direction::Better,
            Better::Lower if shift < 0.0 => Direction::Better,
            Better::Higher | Better::Lower => Direction::Worse,
        };
        Self { p, p_adjusted, method, direction }
    }
}

/// p-values, adjusted so that the smallest of them is below a bound no more often than a single one
/// would be. S. Holm: "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal
/// of Statistics 6 (1979). It asks nothing of how the figures depend on each other.
fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<_> = (0..p.len()).collect();
    order.sort_by(|one, other| p[*one].total_cmp(&p[*other]));
    let mut adjusted = vec![0.0; p.len()];
    let mut least = 0.0_f64;
    for (left, place) in (1..=p.len()).rev().zip(order) {
        let left = u32::try_from(left).map_or(f64::INFINITY, f64::from);
        least = least.max(left * p[place]).min(1.0);
        adjusted[place] = least;
    }
    adjusted
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is worked out in the same way is the same")]
mod tests {
    use super::*;

    #[test]
    fn a_median_has_as_many_below_as_above() {
        let median = |each: &[f64]| Values::new(each.to_vec()).map(|values| values.median);
        let longer = f64::INFINITY;
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[9.0, 1.0, 4.0, 2.0]), Some(3.0));
        assert_eq!(median(&[longer, 1.0, 4.0]), Some(4.0));
        assert_eq!(median(&[longer, 1.0, longer, 4.0]), Some(longer));
        assert_eq!(median(&[longer, longer]), Some(longer));
    }

    #[test]
    fn a_change_is_of_what_was_before() {
        let longer = f64::INFINITY;
        for (before, after, percent) in [
            (200.0, 210.0, 5.0),
            (200.0, 100.0, -50.0),
            (0.0, 0.0, 0.0),
            (0.0, 1.0, longer),
            (5.0, 0.0, -100.0),
            (5.0, longer, longer),
            (longer, 5.0, -100.0),
            (longer, longer, 0.0),
        ] {
            let [baseline, candidate] =
                [before, after].map(|value| Values::new(vec![value]).unwrap());
            let latency = &FIGURES[2];
            let change = Change { figure: latency, baseline, candidate, tested: None };
            let near = (change.percent() - percent).abs() < 1e-9;
            assert!(near || change.percent() == percent, "{before} {after}: {}", change.percent());
            assert_eq!(change.worse_percent(), change.percent());
            let rate = Change { figure: &FIGURES[0], ..change };
            assert_eq!(rate.worse_percent(), -rate.percent());
        }
    }

    #[test]
    fn values_are_adjusted_for_how_many_there_are() {
        // Worked by hand: 4 × 0.01, 3 × 0.02, 2 × 0.03 (no less than the one before), 1 × 0.04.
        let near = |p: &[f64], expected: &[f64]| {
            let adjusted = holm(p);
            let mut pairs = adjusted.iter().zip(expected);
            assert!(pairs.all(|(one, other)| (one - other).abs() < 1e-12), "{p:?}: {adjusted:?}");
            assert_eq!(adjusted.len(), expected.len());
        };
        near(&[0.04, 0.01, 0.03, 0.02], &[0.06, 0.04, 0.06, 0.06]);
        near(&[0.5, 0.6], &[1.0, 1.0]);
        near(&[0.03], &[0.03]);
        near(&[], &[]);
    }

    #[test]
    fn five_runs_a_side_are_enough() {
        let figures = Figure::tested().count();
        assert!(is_enough([5, 5], figures) && is_enough([4, 6], figures));
        assert!(!is_enough([4, 5], figures) && !is_enough([1, 50], figures));
        assert!(!is_enough([1, 1], 1) && !is_enough([0, 9], 1));
    }
}
