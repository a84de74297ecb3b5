//! The seconds of a load.

use super::*;

/// What is seen in each second, and how far the record is behind each: the series of that, and the record.
fn series_of(seconds: &[Vec<Seen>], drops: &[u64]) -> (Series, Record) {
    let started = Instant::now();
    let mut all = Vec::new();
    let mut series = Series::default();
    let mut last = Snapshot::default();
    let mut dropped: BTreeMap<u64, u64> = BTreeMap::new();
    for second in drops {
        *dropped.entry(*second).or_default() += 1;
    }
    for seen in seconds {
        all.extend_from_slice(seen);
        let end = record(&all, None, started).snapshot(&[0], all.len() as u64);
        series.push(&last, &end, &mut dropped);
        last = end;
    }
    (series, record(&all, None, started))
}

/// What a step came to in all seconds.
fn sum_of(series: &Series, step: usize) -> (Outcomes, Distribution) {
    let steps = series.seconds().iter().map(|second| second.of_step(step));
    steps.fold((Outcomes::default(), Distribution::new()), |(mut outcomes, mut latency), one| {
        outcomes += one.outcomes;
        latency.merge(&one.latency());
        (outcomes, latency)
    })
}

fn seconds() -> impl Strategy<Value = Vec<Vec<Seen>>> {
    prop::collection::vec(all_seen(), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_seconds_come_to_the_whole(seconds in seconds()) {
        let (series, record) = series_of(&seconds, &[]);
        prop_assert_eq!(series.seconds().len(), seconds.len());
        let mut sum = (Outcomes::default(), 0, 0, Distribution::new());
        for (second, seen) in series.seconds().iter().zip(&seconds) {
            prop_assert!(second.is_sound(STEPS));
            prop_assert_eq!(second.outcomes.sum() + second.warm_up, seen.len() as u64);
            sum.0 += second.outcomes;
            sum.1 += second.warm_up;
            sum.2 += second.bytes_read;
            sum.3.merge(&second.latency());
        }
        let counts = record.counts();
        let whole = (counts.outcomes, record.warmed_up(), counts.traffic.bytes_read);
        prop_assert_eq!((sum.0, sum.1, sum.2), whole);
        let total = record.latency().total;
        prop_assert_eq!(sum.3.count(), total.count());
        for percentile in [0.0, 10.0, 50.0, 90.0, 99.0, 100.0] {
            let close = |one: u64, other: u64| one.abs_diff(other) <= other / 500;
            let both = [&sum.3, &total].map(|times| times.percentile_us(percentile));
            prop_assert!(close(both[0], both[1]), "{:?}", both);
        }
        prop_assert_eq!(sum.3.max_us(), total.max_us());
        prop_assert!((sum.3.mean_us() - total.mean_us()).abs() < 1e-6);
        for step in 0..STEPS {
            let (counts, latency) = record.of_step(step);
            let (outcomes, sum) = sum_of(&series, step);
            prop_assert_eq!((outcomes, sum.count()), (counts.outcomes, latency.total.count()));
            prop_assert_eq!(sum.max_us(), latency.total.max_us());
        }
    }

    #[test]
    fn seconds_of_several_generators_merge_without_loss(one in seconds(), two in seconds()) {
        let with = |series: Series| {
            let mut record = Record::new(STEPS, None, Instant::now());
            record.series = series;
            record
        };
        let (a, b) = (series_of(&one, &[0, 2]).0, series_of(&two, &[]).0);
        let together = merged(with(a.clone()), with(b.clone())).series;
        prop_assert_eq!(together.seconds().len(), one.len().max(two.len()));
        for (index, second) in together.seconds().iter().enumerate() {
            let parts = [&a, &b].map(|part| part.seconds().get(index));
            let sum = |of: fn(&Second) -> u64| parts.iter().flatten().copied().map(of).sum::<u64>();
            prop_assert_eq!(second.outcomes.sum(), sum(|one| one.outcomes.sum()));
            prop_assert_eq!(second.dropped, sum(|one| one.dropped));
            prop_assert_eq!(second.in_flight, sum(|one| one.in_flight));
            prop_assert_eq!(second.latency().count(), sum(|one| one.latency().count()));
        }
        for step in 0..STEPS {
            let [a, b, sum] = [&a, &b, &together].map(|series| sum_of(series, step));
            let [a, b, sum] = [a, b, sum].map(|(outcomes, latency)| (outcomes.sum(), latency.count()));
            prop_assert_eq!(sum, (a.0 + b.0, a.1 + b.1));
        }
        let from_files = merged(through_a_file(&with(a)), through_a_file(&with(b)));
        prop_assert_eq!(from_files.series, together);
    }
}

#[test]
fn what_was_dropped_counts_where_it_was_due() {
    let mut dropped = BTreeMap::from([(0, 2), (2, 1)]);
    let nothing = Snapshot::default();
    let mut series = Series::default();
    for _ in 0..2 {
        series.push(&nothing, &nothing, &mut dropped);
    }
    // Noticed later, when a client was free again.
    dropped.insert(1, 7);
    for _ in 0..2 {
        series.push(&nothing, &nothing, &mut dropped);
    }
    let counts: Vec<_> = series.seconds().iter().map(|second| second.dropped).collect();
    assert_eq!((counts, dropped.len()), (vec![2, 7, 1, 0], 0));
    assert_eq!(series.trimmed().seconds().len(), 3);
}

#[test]
fn a_series_that_contradicts_itself_is_no_record() {
    let answer = End::Answer { status: 200, body_bytes: 2, within: true };
    let seen = Seen {
        step: 0,
        is_warm_up: false,
        due_ms: 1,
        late_ms: None,
        connects: false,
        took_ns: 1500,
        end: answer,
    };
    let mut record = Record::new(STEPS, None, Instant::now());
    record.series = series_of(&[vec![seen]], &[]).0;
    let mut file = Vec::new();
    record.write(&mut file).unwrap();
    let text = String::from_utf8(file).unwrap();
    let (counts, series) = text.split_once("\"series\"").unwrap();
    let [whole, step] = ["\"ok\":1", "\"ok\":2"].map(str::to_owned);
    let (before, behind) = series.split_once("\"steps\"").unwrap();
    for broken in [
        [&before.replacen(&whole, &step, 1), "\"steps\"", behind].concat(),
        [before, "\"steps\"", &behind.replacen(&whole, &step, 1)].concat(),
        // More than the whole.
        [before, "\"steps\"", &behind.replacen("\"fail\":0", "\"fail\":1", 1)].concat(),
    ] {
        let broken = format!("{counts}\"series\"{broken}");
        assert!(error(&broken).contains("the counts contradict each other"), "{broken}");
    }
}

/// A plain URL has one step: nothing is kept twice, and a file has not a byte more.
#[test]
fn one_step_has_no_parts() {
    let started = Instant::now();
    let mut record = Record::new(1, None, started);
    let begin = Begin::at(started, 0, Sizes::default());
    record.failed(&begin, started, &Failure::Timeout, b"");
    let snapshot = record.snapshot(&[0], 0);
    assert_eq!(snapshot.steps, []);
    let sum = Snapshot::sum([&snapshot, &Snapshot::default(), &snapshot]);
    assert_eq!((sum.counts.outcomes.unknown, sum.steps.len()), (2, 0));
    record.series.push(&Snapshot::default(), &snapshot, &mut BTreeMap::new());
    let mut file = Vec::new();
    record.write(&mut file).unwrap();
    let (_, series) = std::str::from_utf8(&file).unwrap().split_once("\"series\"").unwrap();
    assert!(!series.contains("\"steps\""), "{series}");
    assert_eq!(through_a_file(&record).series, record.series);
}

#[test]
fn the_steps_of_several_workers_are_added_up() {
    let started = Instant::now();
    let of = |steps: [usize; 3]| {
        let mut record = Record::new(STEPS, None, started);
        for step in steps {
            let begin = Begin::at(started, step, Sizes::default());
            record.failed(&begin, started, &Failure::Timeout, b"");
        }
        record.snapshot(&[0], 0)
    };
    // One of them has told nothing yet.
    let sum = Snapshot::sum([&Snapshot::default(), &of([0, 0, 1]), &of([1, 1, 1])]);
    let unknown = [0, 1].map(|step| sum.of_step(step).0.outcomes.unknown);
    assert_eq!((unknown, sum.counts.outcomes.unknown), ([2, 4], 6));
}
