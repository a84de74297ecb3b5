//! A proxy that spoils answers: whatever it does, a service that is correct is never called invalid,
//! and one that is broken is not cleared.

mod answer;
pub(crate) mod fault;
pub(crate) mod proxy;
mod run;
pub(crate) mod service;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use check::Verdict;
use fastrand::Rng;
use loadgen::report::Correctness;
use store::Expectation;

use fault::{ALL, Fault};
use run::{By, Case, Run, Truth};
use service::{SEATS, SERVICES, Service};

/// How many runs are tried with correct modes; `LOADGEN_FAULT_RUNS` says otherwise. A quarter as many
/// are tried with broken ones.
const RUNS: u64 = 240;

fn runs() -> u64 {
    std::env::var("LOADGEN_FAULT_RUNS").map_or(RUNS, |runs| runs.parse().unwrap())
}

#[test]
fn a_correct_service_is_never_called_invalid() {
    let (figures, accused) = (Mutex::new(Figures::default()), Mutex::new(Vec::new()));
    let ways: Vec<_> = SERVICES.iter().flat_map(ways_to_judge).collect();
    for_each(runs(), |seed| {
        let case = correct_case(&ways, seed);
        let run = case.run();
        let correctness = run.report.correctness.as_ref().unwrap();
        if correctness.verdict == Verdict::Invalid {
            accused.lock().unwrap().push(shown(&case, &run));
        }
        figures.lock().unwrap().add(&case, &run);
    });
    let figures = figures.into_inner().unwrap();
    eprintln!("correct: {figures:#?}");
    let accused = accused.into_inner().unwrap();
    assert!(accused.is_empty(), "{} runs: {}", accused.len(), accused.join("\n"));
    let missing: Vec<_> = ALL.into_iter().filter(|f| !figures.injected.contains_key(f)).collect();
    assert!(missing.is_empty(), "never injected: {missing:?}");
    assert!(figures.unknown > figures.runs, "hardly anything went wrong");
    let valid = figures.verdicts.get("valid").copied().unwrap_or_default();
    assert!(valid * 5 > figures.runs, "hardly anything is valid");
}

#[test]
fn a_broken_service_is_found_behind_it_all_the_same() {
    let (figures, lies) = (Mutex::new(Figures::default()), Mutex::new(Vec::new()));
    let (broken, found) = (AtomicU64::new(0), AtomicU64::new(0));
    for_each(runs().div_ceil(4), |seed| {
        let case = broken_case(seed);
        let run = case.run();
        let correctness = run.report.correctness.as_ref().unwrap();
        if let Some(lie) = lie(case.service, correctness, &run.truth) {
            lies.lock().unwrap().push(format!("{lie}: {}", shown(&case, &run)));
        }
        if is_broken(case.service, &run.truth) {
            broken.fetch_add(1, Ordering::Relaxed);
            let is_found = correctness.verdict == Verdict::Invalid;
            found.fetch_add(u64::from(is_found), Ordering::Relaxed);
            figures.lock().unwrap().add(&case, &run);
        }
    });
    let (broken, found) = (broken.into_inner(), found.into_inner());
    eprintln!("broken: {found} of {broken} are invalid: {:#?}", figures.into_inner().unwrap());
    let lies = lies.into_inner().unwrap();
    assert!(lies.is_empty(), "{} runs: {}", lies.len(), lies.join("\n"));
    assert!(broken > 0 && found * 10 >= broken * 7, "{found} of {broken} were found");
}

/// A run of which something is wrong.
fn shown(case: &Case, run: &Run) -> String {
    let Case { seed, by, is_exclusive, caches, reads, rate, .. } = case;
    format!(
        "seed {seed}: {}, {}, by {by:?}, exclusive: {is_exclusive}, caches: {caches}, reads: {reads:?}, \
         rate: {rate:?}, {:?}, {:?}: {:#?}",
        case.service.name, case.specimen.mode.name, run.injected, run.truth, run.report.correctness
    )
}

/// Does `run` with each seed below `runs`, several at once: most of them wait.
fn for_each(runs: u64, run: impl Fn(u64) + Sync) {
    let next = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= runs {
                        return;
                    }
                    run(seed);
                }
            });
        }
    });
}

/// What the runs of `service` can be judged by.
fn ways_to_judge(service: &'static Service) -> impl Iterator<Item = (&'static Service, By)> {
    // Without a model, the list of a set that is empty at first has no number to begin with.
    let ways = [By::History, By::Totals, By::State];
    let has_number = service.model != "set";
    ways.into_iter().filter(move |by| has_number || *by != By::State).map(move |by| (service, by))
}

fn correct_case(ways: &[(&'static Service, By)], seed: u64) -> Case {
    let mut rng = Rng::with_seed(seed);
    let (service, by) = ways[usize::try_from(seed).unwrap() % ways.len()];
    let is_correct = |mode: Expectation| mode == Expectation::Correct;
    let specimens = service.workload().specimens();
    let correct: Vec<_> = specimens.filter(|one| is_correct(one.mode.expectation)).collect();
    let is_exclusive = rng.bool();
    // Where somebody said that there are no others, it is the service that did it twice.
    let is_possible = |fault: &Fault| !(is_exclusive && *fault == Fault::Repeated);
    Case {
        seed,
        service,
        specimen: correct[rng.usize(0..correct.len())],
        by,
        is_exclusive,
        faults: ALL.into_iter().filter(is_possible).collect(),
        rarity: rng.u32(4..40),
        forgets: 0,
        timeout: Duration::from_millis(60),
        // To a history, a state that is some time old is a stale read.
        caches: by == By::State && rng.bool(),
        reads: [None, Some("10%"), Some("40%")][rng.usize(0..3)],
        // A client that waits for its answer, which may be for 60 ms, leaves some of these dropped.
        rate: [None, None, Some("2000/s")][rng.usize(0..3)],
    }
}

/// Services that are broken: the mode, and how many updates are acknowledged and then forgotten.
const BROKEN: [(&str, &str, u32); 14] = [
    ("counter", "racy", 0),
    ("counter", "load-store", 0),
    ("counter", "mutex", 8),
    ("fetch-and-add", "racy", 0),
    ("fetch-and-add", "load-store", 0),
    ("fetch-and-add", "mutex", 8),
    ("register", "mutex", 2),
    ("bounded", "racy", 0),
    ("bounded, 409 declared", "racy", 0),
    ("bounded, 409 declared", "always-ok", 0),
    ("bounded, with results", "racy", 0),
    ("set", "racy", 0),
    ("set", "mutex", 8),
    ("set, ids of the service", "racy", 0),
];

fn broken_case(seed: u64) -> Case {
    let mut rng = Rng::with_seed(seed);
    let (name, mode, forgets) = BROKEN[usize::try_from(seed).unwrap() % BROKEN.len()];
    let service = Service::named(name);
    let shows = |(_, by): &(_, By)| match by {
        By::History => true,
        By::Totals => service.has_totals,
        By::State => service.is_counted,
    };
    let ways: Vec<_> = ways_to_judge(service).filter(shows).collect();
    // What was written and lost shows in reads alone.
    let reads = if service.model == "register" { Some("40%") } else { None };
    Case {
        seed,
        service,
        specimen: service.workload().specimen(mode).unwrap(),
        by: ways[rng.usize(0..ways.len())].1,
        is_exclusive: rng.bool(),
        // Nor does a client give up before the service has answered.
        faults: ALL.into_iter().filter(|one| !one.hides_losses() && *one != Fault::Stall).collect(),
        rarity: rng.u32(15..60),
        forgets,
        timeout: Duration::from_secs(2),
        caches: false,
        reads: reads.or([None, Some("10%")][rng.usize(0..2)]),
        rate: None,
    }
}

/// Updates that were acknowledged by the service and are not in its state.
fn lost(service: &Service, truth: &Truth) -> i64 {
    let count = match service.workload {
        "jobs" => i64::try_from(truth.state.len()).unwrap(),
        _ => truth.state[0],
    };
    truth.applied.cast_signed() - count
}

fn is_broken(service: &Service, truth: &Truth) -> bool {
    let distinct: BTreeSet<_> = truth.state.iter().collect();
    match service.model {
        "register" => truth.forgotten > 0,
        "bounded:20" => truth.applied.cast_signed() > SEATS,
        "set" => lost(service, truth) > 0 || distinct.len() < truth.state.len(),
        _ => lost(service, truth) > 0,
    }
}

/// What the report says that the truth contradicts.
fn lie(service: &Service, correctness: &Correctness, truth: &Truth) -> Option<String> {
    let is_cleared = correctness.verdict == Verdict::Valid;
    if service.model == "bounded:20" {
        let is_oversold = correctness.acknowledged.cast_signed() > SEATS
            || correctness.after.is_some_and(|left| left.value.floor() < 0);
        return (is_cleared && is_oversold).then(|| "oversold, and valid".to_owned());
    }
    // Only what is over can be compared; what was written over is in no total.
    if !truth.is_final || service.model == "register" {
        return None;
    }
    let lost = lost(service, truth).cast_unsigned();
    let bounds = correctness.lost.filter(|_| correctness.after.is_some())?;
    // Of those that were lost, at most all that were acknowledged are meant.
    let least = lost.min(correctness.acknowledged);
    let is_contained = bounds.min <= lost && least <= bounds.max;
    (!is_contained).then(|| format!("{lost} were lost"))
}

/// What many runs came to.
#[derive(Debug, Default)]
struct Figures {
    runs: u64,
    /// Requests whose outcome is unknown.
    unknown: u64,
    injected: BTreeMap<Fault, u64>,
    verdicts: BTreeMap<String, u64>,
    /// Of each service and way to judge it.
    by_service: BTreeMap<String, BTreeMap<String, u64>>,
    /// Why there was no verdict.
    reasons: BTreeMap<String, u64>,
}

impl Figures {
    fn add(&mut self, case: &Case, run: &Run) {
        let correctness = run.report.correctness.as_ref().unwrap();
        self.runs += 1;
        self.unknown += run.report.requests.unknown;
        for (fault, count) in &run.injected {
            *self.injected.entry(*fault).or_default() += count;
        }
        let verdict = format!("{:?}", correctness.verdict).to_lowercase();
        let service = format!("{} by {:?}", case.service.name, case.by);
        *self.by_service.entry(service).or_default().entry(verdict.clone()).or_default() += 1;
        *self.verdicts.entry(verdict).or_default() += 1;
        if let (Verdict::Unknown, Some(reason)) = (correctness.verdict, &correctness.reason) {
            let kind = reason.replace(|c: char| c.is_ascii_digit(), "");
            *self.reasons.entry(kind).or_default() += 1;
        }
    }
}
