//! Runs against a driver that makes everything up, on paused time: thousands of them in seconds.

mod addresses;
mod fake;
mod open;
mod seconds;
mod threads;

use std::collections::HashSet;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use check::history::{Op, Outcome};
use check::{Model, Operation, Verdict};
use tokio::task::{JoinSet, LocalSet};

use super::control::Loaded;
use super::load::{Company, Workers, load, shares};
use super::probe::Probe;
use crate::cli::{self, Command, Runs};
use crate::judge::{After, Judged, LastRead, history_of};
use crate::plan::{Plan, Subject};
use crate::signal::Signal;
use crate::state::{Before, Elements, Reader, State};
use crate::timers::{Timer, Timers};
use crate::watch::StopReason;
use crate::wire::{Address, Endpoint, Shortage};
use crate::worker::{self, Job, Pulse};
use fake::{Chances, Fake, Seen};

/// What came of a run on paused time.
struct Outcomes {
    loaded: Loaded,
    seen: Seen,
    /// How long it took by the clock that was paused.
    took: Duration,
}

/// The plan of a command line, whose URL is the fake service's.
fn plan(options: &[&str]) -> Plan {
    let fixed = ["loadgen", "--model", "set", "--read", "/list", "http://fake/add?v={value}"];
    let arguments = [&fixed[..1], options, &fixed[1..]].concat();
    match cli::parse(arguments.iter().map(OsString::from)) {
        Ok(Command::Load(session)) => match session.runs {
            Runs::Url(plan) => plan,
            Runs::Repeated(..) | Runs::Specimens(_) => panic!("it has a URL"),
        },
        other => panic!("{arguments:?}: {other:?}"),
    }
}

/// Runs `plan` against a service that fails as `chances` say.
fn run(plan: &Plan, chances: Chances, seed: u64) -> Outcomes {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    LocalSet::new().block_on(&runtime, async {
        let Subject::Running(url) = &plan.subject else { panic!("it has a URL") };
        let fake = Fake::new(plan.load.keep_alive, chances, seed);
        let service = fake.service();
        let job = Arc::new(Job::new(plan, url, fake, Endpoint::new(Vec::<Address>::new())));
        let mut workers = Workers { working: JoinSet::new(), pulses: Vec::new() };
        for share in shares(plan) {
            let pulse = Arc::new(Pulse::new(share.clients, job.schedule.joining()));
            workers.pulses.push(Arc::clone(&pulse));
            let (job, timer) = (Arc::clone(&job), Timer::Runtime(Timers::current()));
            let work = async move { Ok(worker::work_here(job, share, pulse, None, timer).await) };
            workers.working.spawn_local(work);
        }
        let company =
            Company { interrupt: &Signal::new(), server: None, observe: &mut |_| {}, proved: None };
        let read = plan.reads[0].on(url);
        let reader = Reader::new(
            &job.driver,
            plan,
            Endpoint::new(Vec::<Address>::new()),
            read.clone(),
            super::begin::read_with(plan, &[]),
        );
        let probe = Probe::new(plan, &job, Some(&reader), plan.load.stall);
        let loaded = load(plan, &job, workers, probe.as_ref(), company).await.unwrap();
        let took = job.started.elapsed();
        let service = service.lock().unwrap();
        Outcomes { loaded, seen: service.seen(), took }
    })
}

/// What the updates of a run were, and what became of them.
fn updates(operations: &[Operation]) -> impl Iterator<Item = (i64, Outcome)> {
    operations.iter().filter(|one| one.op == Op::Add).map(|one| (one.arg, one.outcome))
}

/// Nothing was sent twice, what is ok was applied, and what failed did not even arrive.
fn assert_outcomes_are_true(seed: u64, operations: &[Operation], by_service: &Seen) {
    assert!(by_service.twice.is_empty(), "{seed}: sent twice: {:?}", by_service.twice);
    let arrived: HashSet<_> = by_service.arrived.iter().copied().collect();
    let elements: HashSet<_> = by_service.elements.iter().copied().collect();
    for (value, outcome) in updates(operations) {
        match outcome {
            Outcome::Ok => assert!(elements.contains(&value), "{seed}: {value} is not there"),
            Outcome::Fail => assert!(!arrived.contains(&value), "{seed}: {value} arrived"),
            Outcome::Unknown => {}
        }
    }
}

#[test]
fn whatever_goes_wrong_each_request_has_one_outcome_that_is_true() {
    const RUNS: u64 = 2000;
    let mut kinds = HashSet::new();
    let (mut unknown, mut invalid, mut unasked) = (0, 0, 0);
    for seed in 0..RUNS {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (requests, clients) = (rng.u64(1..120), rng.u64(1..20));
        let [n, c, threads] =
            [requests, clients.min(requests), rng.u64(1..4)].map(|number| number.to_string());
        let mut options = vec!["-n", &n, "-c", &c, "--threads", &threads, "-s", "1s"];
        options.extend(["--reads", ["1%", "20%", "50%"][rng.usize(0..3)]]);
        options.extend(rng.bool().then_some("-r"));
        options.extend(rng.bool().then_some("--no-keep-alive"));
        let plan = plan(&options);
        let Outcomes { loaded, seen, took } = run(&plan, Chances::drawn(&mut rng), seed);
        let Loaded { mut record, stop, .. } = loaded;
        let sent = record.outcomes().sum();
        assert!(
            sent <= requests && (stop.is_some() || sent == requests),
            "{seed}: {sent} {stop:?}"
        );
        assert!(took < Duration::from_mins(5), "{seed}: {took:?}");
        let failures: Vec<_> = record.failures().keys().cloned().collect();
        kinds.extend(failures);
        unknown += record.outcomes().unknown;

        let after = After::once(LastRead {
            called: took,
            returned: took + Duration::from_millis(1),
            state: Ok(State::Elements(seen.elements.clone().into())),
        });
        let empty = State::Elements(Elements::default());
        let before = Before { first: empty.clone(), state: empty };
        let log = record.take_operations().remove(0).into_log().unwrap();
        let history = history_of(&plan, 0, log, Some(&before), Some(&after));
        // Reads that may have got another's answer are left out, with those on their connection.
        let kept = history.objects[0].operations.len() as u64;
        let doubtful_reads = record.all_counts_of(1).doubtful.sum();
        assert_eq!(kept, sent + 1 - doubtful_reads, "{seed}");
        unasked += record.unasked;
        assert_outcomes_are_true(seed, &history.objects[0].operations, &seen);
        let effort = plan.judging.as_ref().unwrap().effort;
        let judged = Judged::new(history, Model::Set, effort, &|| Duration::ZERO);
        invalid += u64::from(judged.verdict() == Verdict::Invalid);
    }
    assert_eq!(invalid, 0, "a correct service was called invalid");
    assert!(unasked > RUNS / 10, "hardly an answer came twice: {unasked}");
    assert!(unknown > RUNS, "hardly anything went wrong: {unknown}");
    for kind in [
        "connect: connection refused",
        "connect: timeout",
        "connect: timeout (--connect-timeout)",
        "no free local port",
        "receive: connection reset",
        "closed before the answer",
        "closed within the answer",
        "timeout",
        "unanswered when the run ended",
        "illegal answer: bytes before the request",
    ] {
        assert!(kinds.iter().any(|found| found.starts_with(kind)), "{kind} never came: {kinds:?}");
    }
}

#[test]
fn what_a_run_is_to_end_for_ends_it_in_its_time() {
    let seconds = Duration::from_secs;
    for (options, chances, expected, within) in [
        (
            &["-n", "1000", "-c", "4"][..],
            Chances { refuses_from: Some(0), ..Chances::NONE },
            "Unreachable(\"connect: connection refused\")",
            seconds(1),
        ),
        (
            &["-n", "100000", "-c", "4", "--no-keep-alive"],
            Chances { refuses_from: Some(50), ..Chances::NONE },
            "Dead(\"connect: connection refused\")",
            seconds(3),
        ),
        (
            &["-n", "100000", "-c", "4", "--no-keep-alive"],
            Chances { ports: Some(50), ..Chances::NONE },
            "Short(Ports)",
            seconds(3),
        ),
        (
            &["-n", "100000", "-c", "4"],
            Chances { hangs_from: Some(50), ..Chances::NONE },
            "Stalled",
            seconds(5),
        ),
    ] {
        for threads in ["1", "2", "3"] {
            let plan = plan(&[options, &["--threads", threads, "-s", "20s"]].concat());
            let Outcomes { loaded, took, .. } = run(&plan, chances, 1);
            assert_eq!(format!("{:?}", loaded.stop.unwrap().0), expected, "{threads} threads");
            assert!(took < within, "{expected}: {took:?}");
        }
    }
}

/// Whether it lives is no matter of how its connections are divided over threads.
#[test]
fn a_target_that_keeps_its_connections_and_refuses_others_lives_on() {
    for threads in ["1", "2", "4"] {
        let plan = plan(&["-n", "4000", "-c", "4", "--threads", threads, "-s", "5s", "-r"]);
        // The first connections hold, but for one that is lost now and then.
        let chances = Chances { connections: Some(4), resets_of_1000: 1, ..Chances::NONE };
        let Outcomes { loaded, .. } = run(&plan, chances, 7);
        let refused = loaded.record.failures().get("connect: connection refused").copied();
        assert!(refused.is_some(), "{threads} threads: {:?}", loaded.record.failures());
        let is_dead = matches!(loaded.stop, Some((StopReason::Dead(_), _)));
        // As long as one connection is left, it answers.
        let outcomes = loaded.record.outcomes();
        assert!(
            !is_dead || outcomes.ok > 1000,
            "{threads} threads: {outcomes:?} {:?}",
            loaded.stop
        );
    }
}

/// The first attempts to connect may fail, and others come through before the run has ended.
#[test]
fn a_run_of_which_anything_was_sent_has_a_report() {
    let url: url::Url = "http://fake/".parse().unwrap();
    let plan = plan(&["-n", "40", "-c", "4"]);
    let unreachable = StopReason::Unreachable("connect: connection refused".to_owned());
    for stop in [unreachable, StopReason::Short(Shortage::Ports)] {
        let Outcomes { loaded, .. } = run(&plan, Chances::NONE, 1);
        assert!(super::reached(&stop, &loaded.record, &plan, &url).is_ok());
        // Also where not one of them was answered.
        let silent = Chances { hangs_from: Some(0), ..Chances::NONE };
        let Outcomes { loaded, .. } = run(&plan, silent, 1);
        assert_eq!(loaded.record.outcomes().unknown, 4);
        assert!(super::reached(&stop, &loaded.record, &plan, &url).is_ok());
        let refusing = Chances { refuses_from: Some(0), ..Chances::NONE };
        let Outcomes { loaded, .. } = run(&plan, refusing, 1);
        assert!(super::reached(&stop, &loaded.record, &plan, &url).is_err());
    }
}

#[test]
fn a_shortage_that_passes_ends_nothing() {
    let plan = plan(&["-n", "400", "-c", "4", "--no-keep-alive"]);
    let chances = Chances { shortage_of_1000: 30, ..Chances::NONE };
    let Outcomes { loaded, seen, .. } = run(&plan, chances, 3);
    assert_eq!(loaded.stop, None);
    let failures = loaded.record.failures();
    assert_eq!(
        failures.keys().map(String::as_str).collect::<Vec<_>>(),
        [Shortage::Ports.to_string()]
    );
    let failed: u64 = failures.values().sum();
    assert_eq!(loaded.record.outcomes().fail, failed);
    assert!(seen.arrived.len() as u64 + failed <= 400);
}

/// Where answers are slow, connections are watched for as long behind their last one.
const LINGERS: Duration = Duration::from_secs(1);

#[test]
fn a_duration_ends_in_its_time_and_waits_for_what_is_in_flight() {
    let plan = plan(&["--duration", "1s", "-c", "5", "-s", "30s"]);
    let slow = Chances { takes_ms: (300, 700), ..Chances::NONE };
    let Outcomes { loaded, seen, took } = run(&plan, slow, 1);
    assert_eq!(loaded.stop, None);
    assert_eq!(loaded.record.outcomes().ok, seen.elements.len() as u64);
    let loaded = LINGERS + Duration::from_secs(1)..LINGERS + Duration::from_millis(1800);
    assert!(loaded.contains(&took), "{took:?}");
}
