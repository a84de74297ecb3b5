use super::*;
use crate::record::{Outcomes, StepSnapshot};

/// A run of ten seconds, of which 90 requests are ok after 1 to 90 ms, six failed, and four are unknown.
fn counts() -> (Counts, Distribution) {
    let outcomes = Outcomes { ok: 90, fail: 6, unknown: 4 };
    let mut counts = Counts { outcomes, ..Counts::default() };
    counts.within.ok = 80;
    counts.traffic.bytes_read = 12_345;
    (counts, (1..=90).map(Duration::from_millis).collect())
}

fn threshold(metric: Metric, comparison: Comparison, limit: f64) -> Threshold {
    Threshold { metric, step: None, comparison, limit, text: "it".to_owned() }
}

/// Whether a limit holds for a figure, and what the figure is.
fn check(
    (metric, comparison, limit): (Metric, Comparison, f64),
    dropped: u64,
    lost: Option<(u64, u64)>,
) -> (bool, Option<f64>) {
    let (counts, latency) = counts();
    let (counts, latency) = (&counts, &latency);
    let lost = lost.map(|(min, max)| Bounds { min, max });
    let figures = Figures { counts, latency, dropped, elapsed: Duration::from_secs(10), lost };
    let checked = threshold(metric, comparison, limit).check(figures, &|_| None);
    (checked.holds, checked.value)
}

#[test]
fn each_figure_is_held_against_its_limit() {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    for (metric, value, close) in [
        (Metric::Percentile(50.0), 45_000.0, 50.0),
        (Metric::Percentile(100.0), 90_000.0, 0.1),
        (Metric::Mean, 45_500.0, 0.1),
        (Metric::Min, 1_000.0, 0.1),
        (Metric::Max, 90_000.0, 0.1),
        (Metric::Throughput, 8.0, 1e-9),
        (Metric::ErrorRate, 0.1, 1e-9),
        (Metric::FailRate, 0.06, 1e-9),
        (Metric::UnknownRate, 0.04, 1e-9),
        (Metric::Bytes, 12_345.0, 1e-9),
    ] {
        let found = check((metric, Less, 0.0), 0, None).1.unwrap();
        assert!((found - value).abs() <= close, "{metric:?}: {found}");
        for (comparison, below, at, above) in [
            (Less, false, false, true),
            (LessOrEqual, false, true, true),
            (Greater, true, false, false),
            (GreaterOrEqual, true, true, false),
            (Equal, false, true, false),
        ] {
            let holds = |limit| check((metric, comparison, limit), 0, None).0;
            let limits = [found * 0.9, found, found * 1.1].map(holds);
            assert_eq!(limits, [below, at, above], "{metric:?} {comparison:?}");
        }
    }
}

#[test]
fn a_redirect_that_was_followed_is_in_no_share() {
    let (mut counts, latency) = counts();
    counts.followed = 50;
    let (elapsed, dropped, lost) = (Duration::from_secs(10), 0, None);
    let figures = Figures { counts: &counts, latency: &latency, dropped, elapsed, lost };
    let checked = threshold(Metric::ErrorRate, Comparison::Less, 0.1).check(figures, &|_| None);
    assert_eq!((checked.holds, checked.value), (false, Some(0.2)));
}

#[test]
fn what_was_dropped_is_longer_than_any() {
    use Comparison::{Greater, Less};
    let hour = 3.6e9;
    // Of a hundred ten have no time.
    assert!(check((Metric::Percentile(89.0), Less, hour), 10, None).0);
    for metric in [Metric::Percentile(91.0), Metric::Mean, Metric::Max] {
        assert_eq!(check((metric, Less, hour), 10, None), (false, Some(f64::INFINITY)));
        assert!(check((metric, Greater, hour), 10, None).0);
        assert!(check((metric, Less, hour), 0, None).0, "{metric:?}");
    }
    assert_eq!(check((Metric::Dropped, Less, 10.0), 10, None), (false, Some(10.0)));
}

#[test]
fn of_bounds_the_worse_counts() {
    use Comparison::{Equal, Greater, Less, LessOrEqual};
    let lost = |comparison, limit, bounds| check((Metric::Lost, comparison, limit), 0, bounds).0;
    assert!(!lost(LessOrEqual, 3.0, Some((0, 5))) && lost(LessOrEqual, 5.0, Some((0, 5))));
    assert!(!lost(Greater, 3.0, Some((2, 5))) && lost(Greater, 1.0, Some((2, 5))));
    assert!(!lost(Equal, 0.0, Some((0, 5))) && lost(Equal, 0.0, Some((0, 0))));
    assert!(!lost(Less, 9.0, None));
}

#[test]
fn a_figure_that_there_is_not_keeps_to_no_limit() {
    let (counts, latency) = (Counts::default(), Distribution::new());
    let elapsed = Duration::ZERO;
    let figures = Figures { counts: &counts, latency: &latency, dropped: 0, elapsed, lost: None };
    for metric in [Metric::Percentile(99.0), Metric::Mean, Metric::Throughput, Metric::FailRate] {
        for comparison in [Comparison::Less, Comparison::GreaterOrEqual] {
            let checked = threshold(metric, comparison, 0.0).check(figures, &|_| None);
            assert_eq!((checked.holds, checked.value), (false, None));
        }
    }
}

#[test]
fn only_a_run_that_is_to_end_for_it_ends_and_only_for_what_is_certain() {
    use Comparison::{Equal, Greater, Less};
    let (counts, latency) = counts();
    let snapshot = Snapshot { counts, latency, dropped: 3, ..Snapshot::default() };
    let crossed = |metric, comparison, abort| {
        let all = vec![threshold(metric, comparison, 1.0)];
        let thresholds = Thresholds { all, abort };
        let figures = Figures::so_far(&snapshot, Duration::from_secs(10));
        thresholds.crossed(figures, &|_| None).is_some()
    };
    assert!(crossed(Metric::Mean, Less, true) && !crossed(Metric::Mean, Less, false));
    assert!(crossed(Metric::Dropped, Less, true) && crossed(Metric::Bytes, Less, true));
    assert!(!crossed(Metric::Dropped, Equal, true) && !crossed(Metric::Lost, Less, true));
    assert!(!crossed(Metric::Bytes, Greater, true));
    // There is no figure yet.
    let nothing = Snapshot::default();
    let figures = Figures::so_far(&nothing, Duration::from_secs(1));
    let all = vec![threshold(Metric::Mean, Less, 1.0)];
    assert_eq!(Thresholds { all, abort: true }.crossed(figures, &|_| None), None);
}

#[test]
fn a_run_ends_for_a_threshold_of_a_step_as_soon_as_the_step_has_figures() {
    use Comparison::{Greater, Less};
    let (counts, latency) = counts();
    let slow = StepSnapshot { counts, latency };
    let steps = vec![StepSnapshot::default(), slow.clone()];
    let several = Snapshot {
        counts: slow.counts,
        latency: slow.latency,
        dropped: 3,
        steps,
        ..Snapshot::default()
    };
    let elapsed = Duration::from_secs(10);
    let crossed = |snapshot: &Snapshot, index, metric, comparison| {
        let of_step =
            Threshold { step: Some("it".to_owned()), ..threshold(metric, comparison, 100.0) };
        let thresholds = Thresholds { all: vec![of_step], abort: true };
        let find = |_: &str| Figures::of_step_so_far(snapshot, index, elapsed);
        thresholds.crossed(Figures::so_far(snapshot, elapsed), &find).is_some()
    };
    for (metric, comparison) in [(Metric::Mean, Less), (Metric::Throughput, Greater)] {
        assert!(!crossed(&several, 0, metric, comparison), "none of it has ended: {metric:?}");
        assert!(crossed(&several, 1, metric, comparison), "{metric:?}");
    }
    // Nobody knows of which step a request would have been that was dropped.
    let figures = Figures::of_step_so_far(&several, 1, elapsed).unwrap();
    assert_eq!(figures.dropped, 0);
    // The only step is the whole.
    let only = Snapshot { steps: Vec::new(), ..several };
    assert!(crossed(&only, 0, Metric::Mean, Less));
    assert!(!crossed(&Snapshot::default(), 0, Metric::Throughput, Greater));
}
