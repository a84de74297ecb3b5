//! Loads at a rate.

use super::*;

fn takes(ms: u64) -> Chances {
    Chances { takes_ms: (ms, ms + 1), ..Chances::NONE }
}

#[test]
fn a_rate_is_kept_whatever_the_target_takes() {
    for (threads, takes_ms) in [("1", 3), ("1", 700), ("4", 700)] {
        let plan = plan(&["--rate", "100/s", "-n", "200", "--threads", threads]);
        let outcomes = run(&plan, takes(takes_ms), 1);
        let record = &outcomes.loaded.record;
        assert_eq!((record.outcomes().ok, record.dropped()), (200, 0));
        // The last is due after 1990 ms.
        let ends_ms = 1990 + u128::from(takes_ms);
        let took_ms = record.last_end.unwrap().as_millis();
        assert!((ends_ms..ends_ms + 5).contains(&took_ms), "{took_ms}");
        let (longest, pace) = (record.latency().total.max_us(), record.pace.as_ref().unwrap());
        assert!(longest.abs_diff(takes_ms * 1000) < 3000, "{longest}");
        assert_eq!((pace.late.count(), pace.service.count()), (200, 200));
        assert!(pace.late.max_us() < 2000, "{}", pace.late.max_us());
    }
}

/// Answers take 10 ms, and one is due every 5 ms: of three that are due, one finds the client free.
#[test]
fn what_is_due_while_every_client_waits_is_dropped_and_counted() {
    let plan = plan(&["--rate", "200/s", "-n", "201", "-c", "1"]);
    let Outcomes { loaded, seen, .. } = run(&plan, takes(11), 1);
    let record = &loaded.record;
    assert_eq!((record.outcomes().ok, record.dropped()), (67, 134));
    assert_eq!(seen.arrived.len(), 67);
    assert_eq!(loaded.stop, None);
    // Those that were sent were not late.
    assert!(record.latency().total.max_us() < 14_000, "{}", record.latency().total.max_us());
}

#[test]
fn no_more_clients_join_than_are_needed_and_no_more_than_may() {
    let clients = |options: &[&str], takes_ms| {
        let Outcomes { loaded, .. } = run(&plan(options), takes(takes_ms), 1);
        let mut record = loaded.record;
        let operations = record.take_operations().remove(0).into_log().unwrap().operations;
        operations.iter().map(|one| one.client).collect::<HashSet<_>>().len()
    };
    let at_100 = ["--rate", "100/s", "-n", "300", "--threads", "1", "-c"];
    let clients = |most: &str, takes_ms| clients(&[&at_100[..], &[most]].concat(), takes_ms);
    // One is under way, or six are, and one waits for what comes next.
    assert_eq!(clients("50", 4), 2);
    assert_eq!(clients("50", 54), 7);
    assert_eq!(clients("3", 54), 3);
}

#[test]
fn a_duration_has_as_many_requests_as_its_rate_and_waits_for_the_last() {
    for arrival in ["constant", "poisson"] {
        let options = ["--rate", "1000/s", "--duration", "3s", "--arrival", arrival];
        let outcomes = run(&plan(&options), takes(40), 1);
        let record = &outcomes.loaded.record;
        let ok = record.outcomes().ok;
        match arrival {
            "constant" => assert_eq!(ok, 3000),
            // Four standard deviations.
            _ => assert!(ok != 3000 && ok.abs_diff(3000) < 220, "{ok}"),
        }
        assert_eq!(record.dropped(), 0);
        let last_end_ms = record.last_end.unwrap().as_millis();
        assert!((3000..3050).contains(&last_end_ms), "{last_end_ms}");
    }
}

#[test]
fn a_load_is_ramped_up_and_goes_through_its_stages() {
    let sent_by = |options: &[&str], by_ms: &[u64]| {
        let Outcomes { loaded, .. } = run(&plan(options), takes(1), 1);
        assert_eq!(loaded.stop, None);
        let mut record = loaded.record;
        let operations = record.take_operations().remove(0).into_log().unwrap().operations;
        let sent = |ms: &u64| operations.iter().filter(|one| one.call_ns < ms * 1_000_000).count();
        by_ms.iter().map(sent).collect::<Vec<_>>()
    };
    let close = |counts: Vec<usize>, expected: &[usize]| {
        let is_close =
            counts.iter().zip(expected).all(|(count, expected)| count.abs_diff(*expected) <= 3);
        assert!(is_close, "{counts:?}, not {expected:?}");
    };
    let ramp = sent_by(
        &["--rate", "100/s", "--ramp-up", "2s", "--duration", "4s"],
        &[1000, 2000, 3000, 4000, 9000],
    );
    close(ramp, &[25, 100, 200, 300, 300]);
    let stages =
        sent_by(&["--stages", "1s:200/s,1s:200/s,2s:0/s"], &[1000, 2000, 3000, 4000, 9000]);
    close(stages, &[100, 300, 450, 500, 500]);
    // A closed loop of up to ten clients, each of which has 500 answers a second and more.
    let closed = sent_by(&["-c", "10", "--ramp-up", "1s", "--duration", "1s"], &[150, 1000]);
    assert!(closed[0] * 20 < closed[1], "{closed:?}");
}

#[test]
fn a_load_that_is_interrupted_drops_nothing() {
    let interrupted = plan(&["--rate", "100/s", "--duration", "60s"]);
    let silent = Chances { hangs_from: Some(50), ..takes(3) };
    let outcomes = run(&interrupted, silent, 1);
    // Nothing is answered any more, and the run ends as it does in a closed loop.
    assert_eq!(outcomes.loaded.stop.as_ref().map(|(reason, _)| reason), Some(&StopReason::Stalled));
    assert_eq!(outcomes.loaded.record.dropped(), 0);
    assert!(outcomes.took < Duration::from_secs(6), "{:?}", outcomes.took);
}

#[test]
fn whoever_waits_for_a_request_that_is_due_much_later_ends_with_the_run() {
    let plan = plan(&["--rate", "1/h", "-n", "9", "--threads", "1"]);
    let Outcomes { loaded, took, .. } =
        run(&plan, Chances { refuses_from: Some(0), ..takes(3) }, 1);
    let unreachable = StopReason::Unreachable("connect: connection refused".to_owned());
    assert_eq!(loaded.stop.map(|(reason, _)| reason), Some(unreachable));
    // A second of refusals. What is in flight would be waited for longer.
    assert!(took < Duration::from_secs(2), "{took:?}");
}

/// As in a closed loop, whatever goes wrong: every request that is due is sent and has one outcome that
/// is true, or is dropped and nobody has seen it.
#[test]
fn every_request_that_was_due_is_accounted_for() {
    const RUNS: u64 = 1000;
    let (mut dropped, mut unknown) = (0, 0);
    for seed in 0..RUNS {
        let mut rng = fastrand::Rng::with_seed(seed);
        let requests = rng.u64(1..150);
        let [n, c, threads, rate] =
            [requests, rng.u64(1..20).min(requests), rng.u64(1..4), rng.u64(5..2000)]
                .map(|number| number.to_string());
        let arrival = ["constant", "poisson"][rng.usize(0..2)];
        let mut options = vec!["--rate", &rate, "-n", &n, "-c", &c, "--threads", &threads];
        options.extend(["-s", "1s", "--arrival", arrival, "--reads", "20%"]);
        options.extend(rng.bool().then_some("-r"));
        options.extend(rng.bool().then_some("--no-keep-alive"));
        let plan = plan(&options);
        let Outcomes { loaded, seen, took } = run(&plan, Chances::drawn(&mut rng), seed);
        let Loaded { mut record, stop, .. } = loaded;
        let sent = record.outcomes().sum();
        let come = sent + record.dropped();
        assert!(
            come <= requests && (stop.is_some() || come == requests),
            "{seed}: {come} {stop:?}"
        );
        assert!(took < Duration::from_mins(5), "{seed}: {took:?}");
        dropped += record.dropped();
        unknown += record.outcomes().unknown;
        let log = record.take_operations().remove(0).into_log().unwrap();
        let history = history_of(&plan, 0, log, None, None);
        let operations = history.objects.first().map_or(&[][..], |object| &object.operations);
        assert_eq!(
            operations.len() as u64,
            sent - record.all_counts_of(1).doubtful.sum(),
            "{seed}"
        );
        assert_outcomes_are_true(seed, operations, &seen);
        assert!(seen.arrived.len() as u64 <= sent, "{seed}");
    }
    assert!(dropped > RUNS && unknown > RUNS, "hardly anything went wrong: {dropped} {unknown}");
}

#[test]
fn a_warm_up_is_sent_and_judged_and_counts_for_nothing_else() {
    for (warm_up, least, most) in [("50", 50, 50), ("500ms", 40, 60)] {
        for load in [&["--rate", "100/s"][..], &["-c", "4"]] {
            let options = [load, &["--warm-up", warm_up, "-n", "100", "--threads", "3"]].concat();
            let plan = plan(&options);
            let Outcomes { loaded, seen, .. } = run(&plan, takes(40), 1);
            let record = &loaded.record;
            assert_eq!(record.counts().outcomes.ok, 100, "{options:?}");
            let warmed_up = record.warmed_up();
            assert!((least..=most).contains(&warmed_up), "{options:?}: {warmed_up}");
            assert_eq!(record.outcomes().ok, 100 + warmed_up);
            assert_eq!(seen.elements.len() as u64, 100 + warmed_up);
            assert_eq!(record.latency().total.count(), 100);
        }
    }
}

#[test]
fn a_load_lasts_for_its_time_though_nothing_is_due_at_its_end() {
    for (options, ends_ms) in [
        (&["--rate", "1/s", "--duration", "2500ms"][..], 2500..2600),
        (&["--stages", "1s:20/s,1s:0/s,1s:0/s"], 3000..3100),
        (&["--stages", "1s:20/s,1s:0/s,1s:0/s", "-n", "99"], 3000..3100),
        // By its number it ends when that is reached, and its connections are watched for a while.
        (&["--rate", "1/s", "--duration", "9s", "-n", "3"], 2200..2300),
    ] {
        let Outcomes { loaded, took, .. } = run(&plan(options), takes(3), 1);
        assert_eq!(loaded.stop, None);
        assert!(ends_ms.contains(&took.as_millis()), "{options:?}: {took:?}");
    }
}

#[test]
fn how_long_a_load_goes_on_is_told_before_where_it_is_known() {
    let second = Duration::from_secs(1);
    for (options, expected) in [
        (&["-n", "100"][..], (Some(100), None)),
        (&["-n", "100", "--warm-up", "50"], (Some(150), None)),
        (&["-n", "100", "--warm-up", "2s"], (None, None)),
        (&["--rate", "9/s", "--warm-up", "2s", "--duration", "1s"], (None, Some(3 * second))),
        (&["--stages", "3s:9/s,1s:0/s"], (None, Some(4 * second))),
    ] {
        assert_eq!(plan(options).extent(), expected, "{options:?}");
    }
}
