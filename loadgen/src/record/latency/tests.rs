use super::*;

fn of_ns(times_ns: &[u64]) -> Distribution {
    times_ns.iter().copied().map(Duration::from_nanos).collect()
}

fn of(times_us: &[u64]) -> Distribution {
    of_ns(&times_us.iter().map(|us| us * 1000).collect::<Vec<_>>())
}

fn close(number: f64, expected: f64) -> bool {
    (number - expected).abs() <= expected.abs() * 1e-12
}

/// Of the bucket that 4,205,000 lies in, the greatest is 4,206,591.
#[test]
fn the_least_and_the_greatest_are_exact_and_so_are_percentiles_of_one() {
    let one = of(&[4_205_000]);
    assert_eq!((one.min_us(), one.max_us()), (4_205_000, 4_205_000));
    assert!(close(one.mean_us(), 4_205_000.0), "{}", one.mean_us());
    assert!(one.stdev_us() < 1e-9, "{}", one.stdev_us());
    assert_eq!([0.0, 50.0, 99.9, 100.0].map(|p| one.percentile_us(p)), [4_205_000; 4]);
}

#[test]
fn the_mean_and_the_deviation_are_exact() {
    let two = of(&[4_205_001, 4_206_591]);
    assert!(close(two.mean_us(), 4_205_796.0), "{}", two.mean_us());
    assert!(close(two.stdev_us(), 795.0), "{}", two.stdev_us());
    // A second, give or take a nanosecond: the squares differ in their 18th digit.
    let near = of_ns(&[999_999_999, 1_000_000_001]);
    assert!(close(near.stdev_us(), 0.001), "{}", near.stdev_us());
    // Nor does the rest of the mean go missing.
    let small = of_ns(&[1, 2]);
    assert!(close(small.mean_us(), 0.0015) && close(small.stdev_us(), 0.0005));
}

#[test]
fn nothing_is_nothing() {
    let none = Distribution::new();
    assert_eq!((none.min_us(), none.max_us(), none.percentile_us(50.0)), (0, 0, 0));
    assert!(none.mean_us() == 0.0 && none.stdev_us() == 0.0);
}

#[test]
fn zeros_count() {
    let with = of(&[30, 60]).with_zeros(1);
    assert_eq!((with.count(), with.min_us(), with.max_us()), (3, 0, 60));
    assert!(close(with.mean_us(), 30.0));
    assert_eq!(of(&[30]).with_zeros(0), of(&[30]));
}

/// Each is the longest that a histogram covers which has it, until a longer one comes.
#[test]
fn what_is_longer_than_all_before_came_since() {
    for longest_us in [2_047_u64, 4_094, 8_188, 1_048_064] {
        let earlier = of_ns(&[longest_us * 1000]);
        let all = of_ns(&[longest_us * 1000, 5_000_000_000]);
        let since = all.since(&earlier);
        assert_eq!((since.count(), since.max_ns), (1, 5_000_000_000), "{longest_us}");
    }
}

#[test]
fn what_came_since_is_what_came_since() {
    let times_ns = [1_500, 77_000, 4_205_000_300, 900, 4_205_001_000, 12_000_000, 88_123];
    for at in 0..=times_ns.len() {
        let (earlier, all) = (of_ns(&times_ns[..at]), of_ns(&times_ns));
        let (since, alone) = (all.since(&earlier), of_ns(&times_ns[at..]));
        let buckets = |one: &Distribution| {
            let recorded = one.histogram.iter_recorded();
            recorded.map(|at| (at.value_iterated_to(), at.count_at_value())).collect::<Vec<_>>()
        };
        assert_eq!(buckets(&since), buckets(&alone));
        assert_eq!((since.sum_ns, since.squares_ns2), (alone.sum_ns, alone.squares_ns2));
        assert!(since.is_sound(), "{since:?}");
        let close = |one: u64, other: u64| one.abs_diff(other) <= other / 500;
        for of in [Distribution::min_us, Distribution::max_us] {
            assert!(close(of(&since), of(&alone)), "{at}: {} {}", of(&since), of(&alone));
        }
        // The longest came as the fifth.
        if at <= 4 {
            assert_eq!(since.max_ns, 4_205_001_000);
        }
        let unpacked = Distribution::try_from(since.packed()).unwrap();
        let exact = |one: &Distribution| (one.min_ns, one.max_ns, one.sum_ns, one.squares_ns2);
        assert_eq!((buckets(&unpacked), exact(&unpacked)), (buckets(&since), exact(&since)));
    }
}

#[test]
fn the_longest_time_there_can_be_is_taken() {
    let mut long = Distribution::new();
    long.record(Duration::MAX);
    long.record(Duration::MAX);
    assert_eq!(long.max_us(), u64::MAX / 1000);
    assert!(close(long.mean_us(), 18_446_744_073_709_552.0), "{}", long.mean_us());
    assert!(long.stdev_us().is_finite());
}
