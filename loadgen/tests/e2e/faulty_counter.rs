//! Counters whose answers get lost: the truth lies within the bounds that are reported.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::byte_server::{ByteServer, Reaction, answer};
use crate::report::{Report, report};

/// What becomes of an increment: how often it is applied, and what its client is told.
type Fate = (u64, Told);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Told {
    Acknowledged,
    Error,
    Reset,
    Nothing,
}

use Told::{Acknowledged, Error, Nothing, Reset};

/// Each costs its time limit.
const WITH_FEW_TIMEOUTS: [Fate; 20] = {
    let mut fates = [(1, Acknowledged); 20];
    fates[5] = (0, Nothing);
    fates[15] = (1, Nothing);
    fates
};

/// What really happened.
#[derive(Default)]
struct Truth {
    /// Acknowledged and not applied.
    lost: AtomicU64,
    /// Applied once more than it was sent.
    excess: AtomicU64,
}

/// A counter that deals out `fates` in turn.
fn counter(fates: &'static [Fate]) -> (ByteServer, Arc<Truth>) {
    let truth = Arc::new(Truth::default());
    let recorded = Arc::clone(&truth);
    let (value, turn) = (AtomicI64::new(1000), AtomicU64::new(0));
    let server = ByteServer::start(move |_, request| {
        if request.starts_with(b"GET /get") {
            return Reaction::Answer(answer(200, &format!("i: {}", value.load(Ordering::SeqCst))));
        }
        let turn = usize::try_from(turn.fetch_add(1, Ordering::SeqCst)).unwrap();
        let (applied, told) = fates[turn % fates.len()];
        value.fetch_add(applied.try_into().unwrap(), Ordering::SeqCst);
        let lost = u64::from(applied == 0 && told == Acknowledged);
        recorded.lost.fetch_add(lost, Ordering::SeqCst);
        recorded.excess.fetch_add(applied.saturating_sub(1), Ordering::SeqCst);
        match told {
            Acknowledged => Reaction::Answer(answer(200, "ok")),
            Error => Reaction::Answer(answer(500, "sorry")),
            Reset => Reaction::Reset,
            Nothing => Reaction::Stall,
        }
    });
    (server, truth)
}

/// The report on 60 increments, once its bounds were found to contain the truth.
#[track_caller]
fn judged(code: i32, fates: &'static [Fate]) -> Report {
    judged_as(code, fates, &[])
}

/// The same with these options as well.
#[track_caller]
fn judged_as(code: i32, fates: &'static [Fate], options: &[&str]) -> Report {
    let (server, truth) = counter(fates);
    let url = server.url("/inc");
    let load = ["-n", "60", "-c", "4", "-s", "1", "-r", "--read", "/get", &url];
    let report = report(code, &[&load, options].concat());
    for (bounds, truth) in
        [("/correctness/lost", &truth.lost), ("/correctness/excess", &truth.excess)]
    {
        let truth = truth.load(Ordering::SeqCst);
        let [min, max] = ["min", "max"].map(|end| report.count(&format!("{bounds}/{end}")));
        assert!((min..=max).contains(&truth), "{fates:?}: {bounds} is {truth}, not {min}..={max}");
    }
    for (key, outcome) in [("acknowledged", "ok"), ("unknown", "unknown")] {
        let count = report.count(&format!("/requests/{outcome}"));
        assert_eq!(report.count(&format!("/correctness/{key}")), count, "{key}");
    }
    report
}

#[test]
fn a_correct_counter_is_valid_whatever_becomes_of_its_answers() {
    for fates in [
        [(1, Acknowledged)].as_slice(),
        &[(1, Acknowledged), (1, Reset)],
        &[(1, Acknowledged), (0, Reset)],
        &[(1, Acknowledged), (1, Error), (1, Acknowledged), (0, Error)],
        &WITH_FEW_TIMEOUTS,
        &[(1, Reset), (0, Error), (1, Acknowledged), (0, Reset), (1, Error)],
    ] {
        let report = judged(0, fates);
        assert_eq!(report.at("/correctness/verdict"), "valid", "{fates:?}");
        assert_eq!(report.count("/correctness/lost/min"), 0);
        assert_eq!(report.count("/correctness/excess/min"), 0);
    }
}

#[test]
fn losses_that_unknown_outcomes_cannot_explain_are_proven() {
    // 20 of 40 acknowledged are missing, and the 20 that failed were not applied either.
    let report = judged(1, &[(0, Acknowledged), (0, Error), (1, Acknowledged)]);
    assert_eq!(report.at("/correctness/verdict"), "invalid");
    assert_eq!(report.count("/correctness/lost/min"), 20);
    assert_eq!(report.count("/correctness/lost/max"), 40);
    let lost = serde_json::json!([{ "kind": "lost-update", "count": 20, "witness": [] }]);
    assert_eq!(*report.at("/correctness/anomalies"), lost);

    // Without unknown outcomes the number is exact.
    let report = judged(1, &[(0, Acknowledged), (1, Acknowledged), (1, Acknowledged)]);
    for bound in ["min", "max"] {
        assert_eq!(report.count(&format!("/correctness/lost/{bound}")), 20);
    }
}

#[test]
fn losses_that_unknown_outcomes_hide_are_not_claimed() {
    // As many were lost as were applied without being acknowledged.
    let report = judged(0, &[(0, Acknowledged), (1, Reset), (1, Acknowledged)]);
    assert_eq!(report.count("/correctness/lost/min"), 0);
    assert_eq!(report.count("/correctness/lost/max"), 20);
}

#[test]
fn an_increment_that_is_applied_twice_is_an_excess() {
    const TWICE: [Fate; 3] = [(2, Acknowledged), (1, Acknowledged), (1, Acknowledged)];
    let exclusive = ["--model", "counter", "--exclusive", "--history-limit", "0"];
    let report = judged_as(1, &TWICE, &exclusive);
    assert_eq!(report.at("/correctness/verdict"), "invalid");
    let phantoms = serde_json::json!([{ "kind": "phantom", "count": 20, "witness": [] }]);
    assert_eq!(*report.at("/correctness/anomalies"), phantoms);
    // Others may write as well, and nobody said how much an update adds.
    for (options, reason) in [
        (&["--model", "counter", "--history-limit", "0"][..], "others may write as well"),
        (&["--model", "counter"], "others may write as well"),
        (&["--exclusive"], "--model counter says that each adds one"),
    ] {
        let report = judged_as(1, &TWICE, options);
        assert_eq!(report.at("/correctness/verdict"), "unknown");
        let told = report.at("/correctness/reason").as_str().unwrap_or_default().to_owned();
        assert!(told.contains(reason), "{told}");
    }
}
