//! The seconds of runs, put together from what their workers tell.

use super::*;
use crate::record::Second;

fn takes(ms: u64) -> Chances {
    Chances { takes_ms: (ms, ms + 1), ..Chances::NONE }
}

fn of<T>(outcomes: &Outcomes, what: impl Fn(&Second) -> T) -> Vec<T> {
    outcomes.loaded.record.series.seconds().iter().map(what).collect()
}

#[test]
fn a_rate_shows_in_each_second() {
    for threads in ["1", "3"] {
        let plan = plan(&["--rate", "100/s", "--duration", "3s", "--threads", threads]);
        let outcomes = run(&plan, takes(40), 1);
        let ok = of(&outcomes, |second| second.outcomes.ok);
        // What is due in the last 40 ms of a second ends in the next.
        assert_eq!((ok.len(), ok.iter().sum::<u64>()), (4, 300), "{ok:?}");
        let close = |count: u64, expected: u64| count.abs_diff(expected) <= 2;
        assert!(close(ok[0], 96) && close(ok[1], 100) && close(ok[2], 100), "{ok:?}");
        let in_flight = of(&outcomes, |second| second.in_flight);
        assert!(in_flight[..3].iter().all(|count| (3..=6).contains(count)), "{in_flight:?}");
        assert_eq!(in_flight[3], 0);
        let longest = of(&outcomes, |second| second.latency().max_us() / 10_000);
        assert_eq!(longest, [4; 4]);
    }
}

#[test]
fn a_worker_that_ended_early_keeps_nobody_waiting_and_loses_nothing() {
    // The one client of the first worker has all of its requests behind it in the first second.
    let plan = plan(&["-n", "3", "-c", "3", "--threads", "3"]);
    let slow = Chances { takes_ms: (300, 4000), ..Chances::NONE };
    for seed in 0..20 {
        let outcomes = run(&plan, slow, seed);
        let ok: u64 = of(&outcomes, |second| second.outcomes.ok).iter().sum();
        assert_eq!(ok, outcomes.loaded.record.counts().outcomes.ok);
        let last_end = outcomes.loaded.record.last_end.unwrap();
        // Behind the load a connection is watched for a while.
        let seconds = of(&outcomes, |_| ()).len() as u64;
        assert!(
            (1..=2).contains(&(seconds - last_end.as_secs())),
            "{seed}: {seconds} {last_end:?}"
        );
    }
}

#[test]
fn what_is_dropped_shows_in_the_second_in_which_it_was_due() {
    let plan = plan(&["--rate", "10/s", "--duration", "4s", "-c", "1", "--threads", "1"]);
    let outcomes = run(&plan, takes(2500), 1);
    let dropped = of(&outcomes, |second| second.dropped);
    assert_eq!(dropped.iter().sum::<u64>(), outcomes.loaded.record.dropped());
    // Of 40 the first is sent, and the one at 2.6 s: the others are noticed after 2.5 and 5.1 s.
    assert_eq!(dropped, [9, 10, 9, 10, 0, 0]);
}

#[test]
fn whatever_goes_wrong_the_seconds_come_to_the_whole() {
    for seed in 0..200 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let n = rng.u64(1..300).to_string();
        let mut options = vec!["-n", &n, "--threads", ["1", "2", "3"][rng.usize(0..3)], "-s", "1s"];
        options
            .extend([&["--rate", "40/s"][..], &["-c", "1"], &["--warm-up", "7"]][rng.usize(0..3)]);
        let outcomes = run(&plan(&options), Chances::drawn(&mut rng), seed);
        let record = &outcomes.loaded.record;
        let mut sum = crate::record::Outcomes::default();
        for one in of(&outcomes, |second| second.outcomes) {
            sum += one;
        }
        assert_eq!(sum, record.counts().outcomes, "{seed}");
        let sum = |what: fn(&Second) -> u64| of(&outcomes, what).iter().sum::<u64>();
        assert_eq!(sum(|second| second.dropped), record.dropped(), "{seed}");
        assert_eq!(sum(|second| second.warm_up), record.warmed_up(), "{seed}");
        assert_eq!(sum(|second| second.latency().count()), record.latency().total.count());
        assert_eq!(of(&outcomes, |second| second.in_flight).last(), Some(&0), "{seed}");
    }
}

#[test]
fn a_threshold_that_is_crossed_ends_a_run_that_is_to_end_for_it() {
    let slow = |options: &[&str]| {
        let common = ["--rate", "20/s", "--duration", "60s", "--threshold", "med<50ms"];
        run(&plan(&[&common, options].concat()), takes(60), 1)
    };
    let ended = slow(&["--abort-on-threshold"]);
    let (reason, after) = ended.loaded.stop.unwrap();
    assert!(matches!(reason, StopReason::Crossed(_)), "{reason:?}");
    assert!((1000..1200).contains(&after.as_millis()), "{after:?}");
    // It is only checked at the end.
    assert_eq!(slow(&[]).loaded.stop, None);
    // The figures of the warm-up count for nothing.
    let warm = slow(&["--abort-on-threshold", "--warm-up", "2s"]);
    let (_, after) = warm.loaded.stop.unwrap();
    assert!((3000..3200).contains(&after.as_millis()), "{after:?}");
    // What still grows is not too little.
    let options = ["--rate", "20/s", "--duration", "3s", "--abort-on-threshold"];
    let fast = |limit| run(&plan(&[&options[..], &["--threshold", limit]].concat()), takes(3), 1);
    assert_eq!(fast("bytes>1000000").loaded.stop, None);
    assert!(fast("bytes<1").loaded.stop.is_some());
}
