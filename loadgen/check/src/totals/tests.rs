//! The bounds against every explanation that there is.

use std::ops::RangeInclusive;

use proptest::prelude::*;

use super::*;

/// What may have happened: how a counter came to grow by as much as it did.
#[derive(Debug, Clone, Copy)]
struct World {
    acknowledged: u64,
    /// Acknowledged updates that were lost.
    lost: u64,
    unknown: u64,
    /// Unknown ones that were applied.
    applied: u64,
    /// Updates that nobody sent.
    phantoms: u64,
}

impl World {
    /// What is seen of it, from a counter that was `before`.
    fn totals(&self, before: i64) -> Totals {
        let added = self.acknowledged - self.lost + self.applied + self.phantoms;
        let after = before.checked_add_unsigned(added).unwrap();
        Totals { before, after, acknowledged: self.acknowledged, unknown: self.unknown }
    }
}

/// The worlds that explain a growth, in which not more went wrong than has to: whoever supposes
/// a phantom for every lost update can explain anything.
fn explanations(acknowledged: u64, unknown: u64, growth: u64) -> Vec<World> {
    let mut found = vec![];
    for lost in 0..=acknowledged {
        for applied in 0..=unknown {
            for phantoms in 0..=growth {
                let world = World { acknowledged, lost, unknown, applied, phantoms };
                let grew = acknowledged - lost + applied + phantoms;
                if grew == growth && (lost == 0 || phantoms == 0) {
                    found.push(world);
                }
            }
        }
    }
    found
}

fn bounds(values: impl Iterator<Item = u64> + Clone) -> Bounds {
    Bounds { min: values.clone().min().unwrap(), max: values.max().unwrap() }
}

#[test]
fn the_bounds_are_the_extremes_of_all_explanations() {
    const SMALL: RangeInclusive<u64> = 0..=7;
    for (acknowledged, unknown) in SMALL.flat_map(|a| SMALL.map(move |u| (a, u))) {
        for growth in 0..=20 {
            let worlds = explanations(acknowledged, unknown, growth);
            let after = growth.try_into().unwrap();
            let totals = Totals { before: 0, after, acknowledged, unknown };
            let judged = judge_totals(&totals);
            assert_eq!(judged.lost, bounds(worlds.iter().map(|w| w.lost)), "{totals:?}");
            assert_eq!(judged.excess, bounds(worlds.iter().map(|w| w.phantoms)), "{totals:?}");
            let innocent = worlds.iter().any(|world| world.lost == 0 && world.phantoms == 0);
            let expected = if innocent { Verdict::Valid } else { Verdict::Invalid };
            assert_eq!(judged.verdict, expected, "{totals:?}");
            let certain = [
                (AnomalyKind::LostUpdate, judged.lost.min),
                (AnomalyKind::Phantom, judged.excess.min),
            ];
            let certain = certain.into_iter().filter(|(_, count)| *count > 0);
            let anomalies: Vec<_> =
                certain.map(|(kind, count)| Anomaly::of_totals(kind, count)).collect();
            assert_eq!(judged.anomalies, anomalies, "{totals:?}");
        }
    }
}

/// A counter that fell has lost more than this run's updates.
#[test]
fn a_counter_that_fell() {
    for (acknowledged, unknown, lost) in [(0, 0, 3), (0, 9, 3), (5, 0, 8), (5, 9, 8)] {
        let judged = judge_totals(&Totals { before: 10, after: 7, acknowledged, unknown });
        assert_eq!(judged.verdict, Verdict::Invalid);
        assert_eq!(judged.lost, Bounds { min: lost, max: lost });
        assert_eq!(judged.excess, Bounds { min: 0, max: 0 });
        assert_eq!(judged.anomalies, [Anomaly::of_totals(AnomalyKind::LostUpdate, lost)]);
    }
}

fn worlds() -> impl Strategy<Value = World> {
    let size = || prop_oneof![0..10_u64, 0..1_000_000_u64];
    (size(), size(), size(), any::<bool>(), any::<bool>())
        .prop_flat_map(|(acknowledged, unknown, phantoms, loses, makes)| {
            let lost = if loses { 0..=acknowledged } else { 0..=0 };
            let phantoms = if makes { phantoms } else { 0 };
            (Just(acknowledged), lost, Just(unknown), 0..=unknown, Just(phantoms))
        })
        .prop_map(|(acknowledged, lost, unknown, applied, phantoms)| World {
            acknowledged,
            lost,
            unknown,
            applied,
            phantoms,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// Whatever happened, nothing is called certain that did not happen.
    #[test]
    fn what_happened_is_within_the_bounds(world in worlds(), before in -1_000_000..1_000_000_i64) {
        let judged = judge_totals(&world.totals(before));
        prop_assert!(judged.lost.min <= world.lost);
        prop_assert!(judged.excess.min <= world.phantoms);
        prop_assert!(judged.lost.max <= world.acknowledged);
        if world.lost == 0 && world.phantoms == 0 {
            prop_assert_eq!(judged.verdict, Verdict::Valid);
        }
        if world.phantoms == 0 {
            prop_assert!(world.lost <= judged.lost.max);
        }
        if world.lost == 0 {
            prop_assert!(world.phantoms <= judged.excess.max);
        }
        if world.unknown == 0 {
            prop_assert_eq!(judged.lost.min, judged.lost.max);
            prop_assert_eq!(judged.excess.min, judged.excess.max);
        }
    }

    /// Only the growth counts, not where it began.
    #[test]
    fn the_start_does_not_matter(world in worlds(), before in -1_000_000..1_000_000_i64) {
        prop_assert_eq!(judge_totals(&world.totals(before)), judge_totals(&world.totals(0)));
    }

    /// However large the numbers are.
    #[test]
    fn any_totals(
        before in whole_range(),
        after in whole_range(),
        acknowledged in whole_range(),
        unknown in whole_range(),
    ) {
        let (acknowledged, unknown) = (acknowledged.cast_unsigned(), unknown.cast_unsigned());
        let judged = judge_totals(&Totals { before, after, acknowledged, unknown });
        let growth = i128::from(after) - i128::from(before);
        let least = i128::from(acknowledged);
        let valid = (least..=least + i128::from(unknown)).contains(&growth);
        prop_assert_eq!(judged.verdict == Verdict::Valid, valid);
        prop_assert!(judged.lost.min <= judged.lost.max);
        prop_assert!(judged.excess.min <= judged.excess.max);
        prop_assert!(judged.lost.min == 0 || judged.excess.max == 0);
        prop_assert!(judged.excess.min == 0 || judged.lost.max == 0);
    }
}

/// Any number, the greatest and the least more often than others.
fn whole_range() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), -2..=2_i64]
}

#[test]
fn the_widest_counter_there_is() {
    let (all, none) = (u64::MAX, 0);
    let exactly = |count| Bounds { min: count, max: count };
    for (before, after, acknowledged, unknown, lost, excess) in [
        (i64::MIN, i64::MAX, all, none, exactly(0), exactly(0)),
        (i64::MIN, i64::MAX, none, none, exactly(0), exactly(all)),
        (i64::MIN, i64::MAX, none, all, exactly(0), Bounds { min: 0, max: all }),
        (i64::MIN, i64::MAX, all, all, Bounds { min: 0, max: all }, exactly(0)),
        (0, 0, all, all, exactly(all), exactly(0)),
        (0, 0, none, all, exactly(0), exactly(0)),
        (i64::MAX, i64::MIN, none, none, exactly(all), exactly(0)),
        // More is missing than can be counted.
        (i64::MAX, i64::MIN, all, all, exactly(all), exactly(0)),
    ] {
        let totals = Totals { before, after, acknowledged, unknown };
        let judged = judge_totals(&totals);
        assert_eq!((judged.lost, judged.excess), (lost, excess), "{totals:?}");
    }
}
